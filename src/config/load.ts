import { resolve } from 'node:path';
import type { DesiredAccount } from '../core/desired.js';
import type { Diagnostic } from '../core/diagnostic.js';
import type { Environment } from '../core/ports.js';
import { buildAccount, buildWebhooks } from './build.js';
import { accountsOf, type DeclaredAccounts } from './checks/check-accounts.js';
import { foreignDocument } from './schema/explain-schema.js';
import { checkForm, checkIncludedForm, encryptedDocument } from './checks/check-form.js';
import { checkNames } from './checks/check-names.js';
import { checkRoutes } from './checks/check-routes.js';
import { checkSecrets } from './checks/check-secrets.js';
import { checkUrls } from './checks/check-urls.js';
import type { Files } from './disk.js';
import { type DocumentPart, readDraft, withIncluded } from './draft.js';
import { findFiles, type FoundFile } from './find-files.js';
import {
  type Included,
  Includes,
  includesFiles,
  NOTHING_INCLUDED,
  type ParsedFile,
  parseFile,
} from './includes.js';
import { atSpan, error, type Problem } from './problem.js';
import { VariableRules } from './secrets/credential-variables.js';
import type { ReadFile } from './secrets/read-secret.js';
import { diagnose, Places } from './yaml/diagnose.js';

export const DEFAULT_FILE = 'hookwright.yaml';

export type LoadOptions = {
  /** Files, directories and `-`; if empty, `hookwright.yaml`. */
  readonly paths: readonly string[];
  /** From CLOUDFLARE_ACCOUNT_ID, for documents that do not name an account. */
  readonly accountId?: string;
  /** Whether a document without an account is an error. If not, it results in no account. */
  readonly needAccountId: boolean;
  readonly allowLiteralSecrets: boolean;
  /** Patterns of `--env-allow`. Absent: any variable that does not hold another tool's credential. */
  readonly envAllow?: readonly string[];
  /** Whether this is the previous state: then its variables and secret files are not checked again. */
  readonly deployed?: boolean;
  /** From `--secret-dir`, absolute or relative to the working directory. */
  readonly secretDirs: readonly string[];
  /** Variables for `url: { env: … }`. No secret is read. */
  readonly env: Environment;
  /** Reads files for `url: { file: … }`. Absent: no files are read. */
  readonly readFile?: ReadFile;
  /** How to treat a path that does not exist; `empty` for an earlier revision. Default `error`. */
  readonly missing?: 'error' | 'empty';
};

export type Loaded = {
  /** Everything that could be read. Do not use it if any diagnostic is an error. */
  readonly accounts: readonly DesiredAccount[];
  /** Ordered by file, then by line. */
  readonly diagnostics: readonly Diagnostic[];
  /** How much was read, for `validate`, which does not need an account. */
  readonly counts: { readonly files: number; readonly documents: number; readonly webhooks: number };
};

/** Loads all accounts and reports every problem in every file. Never throws because of a file's content. */
export async function loadDesired(options: LoadOptions, files: Files): Promise<Loaded> {
  const paths = options.paths.length > 0 ? options.paths : [DEFAULT_FILE];
  const diagnostics: Diagnostic[] = [];
  const found: OpenedFile[] = [];
  const includes = new Includes(files);
  const included = new Map<DocumentPart, Included>();
  for await (const each of findFiles(paths, files)) {
    if (each.kind !== 'read') {
      if (options.missing === 'empty' && each.kind !== 'unreadable') continue;
      const near = each.kind === 'missing' ? await otherEnding(each.file, files) : undefined;
      diagnostics.push(notRead(each, options, near));
      continue;
    }
    const opened = await open(each, files);
    found.push(opened);
    if (!('parts' in opened)) continue;
    for (const part of opened.parts.filter(includesFiles))
      included.set(part, await includes.of(part, opened.path));
  }
  const variables = options.deployed ? undefined : new VariableRules(options.env, options.envAllow);
  const state = {
    files,
    described: { accounts: new Map(), labels: new Map() },
    ...(variables && { variables }),
  };
  const accounts: DesiredAccount[] = [];
  const counts = { files: 0, documents: 0, webhooks: 0 };
  for (const opened of found) {
    if (includes.paths.has(opened.path)) continue;
    counts.files += 1;
    const { parts, diagnostic } = 'parts' in opened ? opened : parseFile(opened.bytes, opened);
    if (diagnostic) diagnostics.push(diagnostic);
    for (const part of parts) {
      const loaded = await loadDocument(part, included.get(part) ?? NOTHING_INCLUDED, options, state);
      accounts.push(...loaded.accounts);
      diagnostics.push(...loaded.diagnostics);
      counts.documents += 1;
      counts.webhooks += loaded.webhooks;
    }
  }
  counts.files += includes.paths.size;
  return { accounts, diagnostics: includes.paths.size === 0 ? diagnostics : distinct(diagnostics), counts };
}

/** A file that may not be parsed yet: parsing all files at once would use too much memory. */
type OpenedFile =
  | ParsedFile
  | { readonly file: string; readonly path: string; readonly folder: string; readonly bytes: Uint8Array };

/** Parses the file if its documents might include others. */
async function open(
  { file, folder, bytes }: Extract<FoundFile, { kind: 'read' }>,
  files: Files,
): Promise<OpenedFile> {
  const absolute = resolve(files.cwd, file);
  const opened = { file, folder, path: (await files.realPath(absolute)) ?? absolute };
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('include')
    ? parseFile(bytes, opened)
    : { ...opened, bytes };
}

/** Reports the problems of a file only once, even if two documents include it. */
function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ file, line, column, code, message }) => {
    const key = JSON.stringify([file, line, column, code, message]);
    return !seen.has(key) && seen.add(key);
  });
}

type NotRead = Exclude<FoundFile, { kind: 'read' }>;

function notRead(found: NotRead, options: LoadOptions, near?: string): Diagnostic {
  const { file } = found;
  const at = { severity: 'error', file, line: 1, column: 1 } as const;
  if (found.kind === 'unreadable') {
    return { ...at, code: 'unreadable', message: `cannot be read: ${found.reason}` };
  }
  const hint =
    options.paths.length > 0
      ? 'Check the path passed with -f.'
      : 'Pass another file with -f, or write one from the live webhooks:\nhookwright import -f hookwright.yaml';
  if (found.kind === 'missing') {
    const instead = near === undefined ? hint : `There is ${near}. To use it, pass: -f ${near}`;
    return { ...at, code: 'no-file', message: 'no such file or directory', hint: instead };
  }
  return { ...at, code: 'no-file', message: 'no *.yaml or *.yml files in this directory', hint };
}

/** Returns `hookwright.yml` for a missing `hookwright.yaml`, and the reverse, if that file exists. */
export async function otherEnding(file: string, files: Pick<Files, 'readFile'>): Promise<string | undefined> {
  const other = file.endsWith('.yaml') ? file.replace(/yaml$/, 'yml') : file.replace(/yml$/, 'yaml');
  const bytes = other === file ? undefined : await files.readFile(other).catch(() => undefined);
  return bytes && other;
}

type LoadState = {
  readonly files: Files;
  readonly described: DeclaredAccounts;
  /** Absent for the previous state. */
  readonly variables?: VariableRules;
};

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
  options: LoadOptions,
  { files, described, variables }: LoadState,
): Promise<LoadedDocument> {
  const places = new Places();
  const refused =
    part.root === null ? emptyDocument(part) : (encryptedDocument(part.value) ?? foreignDocument(part.value));
  if (refused) {
    const problems = part.syntax.length > 0 ? [] : [refused];
    return { accounts: [], diagnostics: diagnose(part, problems, places), webhooks: 0 };
  }
  const source = `${part.source.file}:${part.source.lines().at(part.start).line}`;
  const draft = withIncluded(readDraft(part), included.parts);
  const allowed = options.secretDirs.map((folder) => resolve(files.cwd, folder));
  const sources = { ...options, allowed, files, ...(variables && { variables }) };
  const accounts = accountsOf(draft, source, options, described);
  const built = await buildWebhooks(draft, sources);
  const problems = [
    ...checkForm(part.value),
    ...included.problems,
    ...accounts.problems,
    ...checkNames(draft),
    ...checkRoutes(draft),
    ...(await checkUrls(draft, options)),
    ...(await checkSecrets(draft, sources)),
    ...built.problems,
  ];
  return {
    accounts: accounts.ids.map((id) => buildAccount(id, draft, built.webhooks, source)),
    diagnostics: [
      ...diagnose(part, [...part.unread, ...problems.filter(isIn(part, true))], places),
      ...included.diagnostics,
      ...included.parts.flatMap((each) => {
        const own = [...each.unread, ...checkIncludedForm(each.value, source)];
        return diagnose(each, [...own, ...problems.filter(isIn(each))], places);
      }),
    ],
    webhooks: draft.webhooks.length,
  };
}

/** Returns a filter for the problems in this part, or (`orNowhere`) in no part. */
function isIn(part: DocumentPart, orNowhere = false): (problem: Problem) => boolean {
  return ({ place }) => place.part === part || (orNowhere && place.part === undefined);
}

function emptyDocument({ start }: DocumentPart): Problem {
  const hint = 'Add "webhooks:", or remove the "---" before it.';
  return error(atSpan(start, start), 'empty-document', 'this document is empty', hint);
}
