import { resolve } from 'node:path';
import type { DesiredAccount } from '../core/desired.js';
import { shellWord } from '../text/layout.js';
import type { Diagnostic } from '../core/diagnostic.js';
import { buildAccount, buildWebhooks } from './build.js';
import { declaredAccounts } from './checks/check-accounts.js';
import { foreignDocument } from './schema/explain-schema.js';
import { checkForm, checkIncludedForm, encryptedDocument } from './checks/check-form.js';
import { checkNames } from './checks/check-names.js';
import { checkRoutes } from './checks/check-routes.js';
import { checkSecrets } from './checks/check-secrets.js';
import { checkUrls } from './checks/check-urls.js';
import type { Files } from './disk.js';
import { type DocumentId, type DocumentPart, readDraft } from './draft.js';
import { findFiles } from './find-files.js';
import {
  type Included,
  Includes,
  includesFiles,
  NOTHING_INCLUDED,
  type ParsedFile,
  parseFile,
} from './includes.js';
import type { LoadContext, LoadOptions } from './load-options.js';
import { atSpan, error, type Problem } from './problem.js';
import { VariableRules } from './secrets/credential-variables.js';
import { secretFileRule } from './secrets/read-secret.js';
import { diagnose } from './yaml/diagnose.js';

export const DEFAULT_FILE = 'hookwright.yaml';

export type Loaded = {
  /** Everything that could be read. Do not use it if any diagnostic is an error. */
  readonly accounts: readonly DesiredAccount[];
  /** The document that describes an account, then those that it includes. */
  readonly documents: ReadonlyMap<DesiredAccount, readonly DocumentId[]>;
  /** Ordered by file, then by line. */
  readonly diagnostics: readonly Diagnostic[];
  /** How much was read, for `validate`, which does not need an account. */
  readonly counts: { readonly files: number; readonly documents: number; readonly webhooks: number };
};

/** Loads all accounts and reports every problem in every file. Never throws because of a file's content. */
export async function loadDesired(options: LoadOptions, files: Files): Promise<Loaded> {
  const paths = options.paths.length > 0 ? options.paths : [DEFAULT_FILE];
  const diagnostics: Diagnostic[] = [];
  const found: { readonly path: string; readonly parse: () => ParsedFile }[] = [];
  const includes = new Includes(files);
  const included = new Map<DocumentPart, Included>();
  for await (const each of findFiles(paths, files)) {
    if ('severity' in each) {
      if (each.code === 'unreadable') diagnostics.push(each);
      else if (options.missing !== 'empty')
        diagnostics.push({ ...each, hint: await otherFile(each.file, options, files) });
      continue;
    }
    const absolute = resolve(files.cwd, each.file);
    const path = (await files.realPath(absolute)) ?? absolute;
    // Parses only files that might include others now: all files at once would use too much memory.
    const parsed = Buffer.from(each.bytes.buffer, each.bytes.byteOffset, each.bytes.length).includes(
      'include',
    )
      ? parseFile(each)
      : undefined;
    found.push({ path, parse: () => parsed ?? parseFile(each) });
    for (const part of parsed?.parts.filter(includesFiles) ?? [])
      included.set(part, await includes.of(part, path));
  }
  const context: LoadContext = {
    ...options,
    allowsSecretFile: secretFileRule(files, options.secretDirs),
    variables: new VariableRules(options.env, options.envAllow),
    declared: { accounts: new Map(), labels: new Map() },
  };
  const documents = new Map<DesiredAccount, readonly DocumentId[]>();
  const counts = { files: 0, documents: 0, webhooks: 0 };
  for (const { path, parse } of found) {
    if (includes.paths.has(path)) continue;
    counts.files += 1;
    const { parts, diagnostic } = parse();
    if (diagnostic) diagnostics.push(diagnostic);
    for (const part of parts) {
      const inside = included.get(part) ?? NOTHING_INCLUDED;
      const loaded = await loadDocument(part, inside, context);
      const ids = [part, ...inside.parts].map(({ id }) => id);
      for (const account of loaded.accounts) documents.set(account, ids);
      diagnostics.push(...loaded.diagnostics);
      counts.documents += 1;
      counts.webhooks += loaded.webhooks;
    }
  }
  counts.files += includes.paths.size;
  return {
    accounts: [...documents.keys()],
    documents,
    diagnostics: includes.paths.size === 0 ? diagnostics : distinct(diagnostics),
    counts,
  };
}

/** Reports the problems of a file only once, even if two documents include it. */
function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ file, line, column, code, message }) => {
    const key = JSON.stringify([file, line, column, code, message]);
    return !seen.has(key) && seen.add(key);
  });
}

/** Returns which file to pass instead of one that does not exist. */
async function otherFile(file: string, { paths }: LoadOptions, files: Files): Promise<string> {
  const near = await otherEnding(file, files);
  if (near !== undefined) return `The directory has ${near}. To use it, pass: -f ${shellWord(near)}`;
  return paths.length > 0
    ? 'Check the path passed with -f.'
    : 'Pass another file with -f, or write one from the live webhooks:\nhookwright import -f hookwright.yaml';
}

/** Returns `hookwright.yml` for a missing `hookwright.yaml`, and the reverse, if that file exists. */
export async function otherEnding(file: string, files: Pick<Files, 'readFile'>): Promise<string | undefined> {
  const other = file.endsWith('.yaml') ? file.replace(/yaml$/, 'yml') : file.replace(/yml$/, 'yaml');
  const bytes = other === file ? undefined : await files.readFile(other).catch(() => undefined);
  return bytes && other;
}

type LoadedDocument = {
  readonly accounts: readonly DesiredAccount[];
  readonly diagnostics: readonly Diagnostic[];
  /** How many webhooks the document declares. */
  readonly webhooks: number;
};

/** Returns the desired accounts of one document, and all problems in it and in the files it includes. */
async function loadDocument(
  part: DocumentPart,
  included: Included,
  context: LoadContext,
): Promise<LoadedDocument> {
  const refused =
    part.root === null ? emptyDocument(part) : (encryptedDocument(part) ?? foreignDocument(part.value));
  if (refused) {
    const problems = part.syntax.length > 0 ? [] : [refused];
    return { accounts: [], diagnostics: diagnose(part, problems), webhooks: 0 };
  }
  const source = `${part.source.file}:${part.source.lines.linePos(part.start).line}`;
  const draft = readDraft(part, included.parts);
  const accounts = declaredAccounts(draft, source, context);
  const built = await buildWebhooks(draft, context);
  const problems = [
    ...checkForm(part.value),
    ...included.problems,
    ...accounts.problems,
    ...checkNames(draft),
    ...checkRoutes(draft),
    ...checkUrls(draft, context),
    ...(await checkSecrets(draft, context)),
    ...built.problems,
  ];
  return {
    accounts: accounts.ids.map((id) =>
      buildAccount(id, draft, built.webhooks, { file: part.source.file, source }),
    ),
    diagnostics: [
      // A problem without a part is one of the document itself.
      ...diagnose(part, [...part.unread, ...problems.filter(({ place }) => (place.part ?? part) === part)]),
      ...included.diagnostics,
      ...included.parts.flatMap((each) => {
        const own = [...each.unread, ...checkIncludedForm(each.value, source)];
        return diagnose(each, [...own, ...problems.filter(({ place }) => place.part === each)]);
      }),
    ],
    webhooks: draft.webhooks.length,
  };
}

function emptyDocument({ start }: DocumentPart): Problem {
  const hint = 'Add "webhooks:", or remove the "---" before it.';
  return error(atSpan(start, start), 'empty-document', 'this document is empty', hint);
}
