import { resolve } from 'node:path';
import type { DesiredAccount } from '../core/desired.js';
import type { Diagnostic } from '../core/diagnostic.js';
import type { Environment } from '../core/ports.js';
import { buildAccount, buildWebhooks, decode } from './build.js';
import { type AccountRules, accountsOf, type DeclaredAccounts } from './checks/check-accounts.js';
import { checkNames } from './checks/check-names.js';
import { checkRoutes } from './checks/check-routes.js';
import { checkSecrets, type SecretRules } from './checks/check-secrets.js';
import { checkUrls } from './checks/check-urls.js';
import type { Files } from './disk.js';
import { readDraft } from './draft.js';
import { findFiles, type FoundFile } from './find-files.js';
import { atSpan, error, type Problem } from './problem.js';
import { validateDesired } from './schema/compile-schema.js';
import type { ReadFile } from './secrets/read-secret.js';
import { explainSchema } from './schema/explain-schema.js';
import { diagnose } from './yaml/diagnose.js';
import { readYaml, type YamlDocument } from './yaml/read-yaml.js';
import { type Source, sourceOf } from './yaml/source.js';

export const DEFAULT_FILE = 'hookwright.yaml';

export type LoadOptions = {
  /** Files, folders and `-`; none: `hookwright.yaml`. */
  readonly paths: readonly string[];
  /** For documents that name no account; from CLOUDFLARE_ACCOUNT_ID. */
  readonly accountId?: string;
  /** Is a document without an account a fault? If not, it gives no account. */
  readonly needAccountId: boolean;
  readonly allowLiteralSecrets: boolean;
  /** Patterns of `--env-allow`; none: any variable that is no well-known credential. */
  readonly envAllow: readonly string[];
  /** From `--secret-dir`, absolute or relative to the working directory. */
  readonly secretDirs: readonly string[];
  /** Where `url: { env: … }` is looked up. No secret is read. */
  readonly env: Environment;
  /** Where `url: { file: … }` is read. Absent: nowhere. */
  readonly readFile?: ReadFile;
  /** What a path that is not there means; `empty` for an earlier revision. Default `error`. */
  readonly missing?: 'error' | 'empty';
};

export type Loaded = {
  /** What could be understood. Not to be used if any diagnostic is an error. */
  readonly accounts: readonly DesiredAccount[];
  /** By file, then line. */
  readonly diagnostics: readonly Diagnostic[];
  /** How much was read, for `validate`, which needs no account. */
  readonly counts: { readonly files: number; readonly documents: number; readonly webhooks: number };
};

/** Reads desired state: all accounts of all files, and every fault of every file. Never throws for what is in a file. */
export async function loadDesired(options: LoadOptions, files: Files): Promise<Loaded> {
  const accounts: DesiredAccount[] = [];
  const diagnostics: Diagnostic[] = [];
  const counts = { files: 0, documents: 0, webhooks: 0 };
  const described: DeclaredAccounts = new Map();
  const paths = options.paths.length > 0 ? options.paths : [DEFAULT_FILE];
  for await (const found of findFiles(paths, files)) {
    if (found.kind !== 'read') {
      if (options.missing !== 'empty' || found.kind === 'unreadable')
        diagnostics.push(notRead(found, options));
      continue;
    }
    counts.files += 1;
    const decoded = decode(found.bytes);
    if (!('text' in decoded)) {
      diagnostics.push({ severity: 'error', file: found.file, ...decoded });
      continue;
    }
    const source = sourceOf(found.file, decoded.text);
    const documents = readYaml(decoded.text);
    if (documents.length === 0) diagnostics.push(emptyFile(found.file));
    const rules = rulesFor(options, found.folder, files);
    let line = 1;
    let counted = 0;
    for (const document of documents) {
      line += lineFeeds(decoded.text, counted, document.start);
      counted = document.start;
      const loaded = await loadDocument(document, source, line, rules, { files, described });
      accounts.push(...loaded.accounts);
      diagnostics.push(...loaded.diagnostics);
      counts.documents += 1;
      counts.webhooks += loaded.webhooks;
    }
  }
  return { accounts, diagnostics, counts };
}

function rulesFor(options: LoadOptions, base: string, { cwd }: Files): DocumentRules {
  const allowed = options.secretDirs.map((folder) => resolve(cwd, folder));
  return { ...options, roots: { base, allowed } };
}

function lineFeeds(text: string, from: number, to: number): number {
  let count = 0;
  for (let i = text.indexOf('\n', from); i >= 0 && i < to; i = text.indexOf('\n', i + 1)) count += 1;
  return count;
}

function emptyFile(file: string): Diagnostic {
  const hint =
    'It needs at least "webhooks: []". To write a file from the live webhooks, run: hookwright import -f FILE';
  const message = 'this file is empty';
  return { severity: 'error', code: 'empty-file', file, line: 1, column: 1, message, hint };
}

function notRead(found: Exclude<FoundFile, { kind: 'read' }>, options: LoadOptions): Diagnostic {
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
    return { ...at, code: 'no-file', message: 'no such file or directory', hint };
  }
  return { ...at, code: 'no-file', message: 'no *.yaml or *.yml files in this directory', hint };
}

export type DocumentRules = AccountRules & SecretRules & Pick<LoadOptions, 'env' | 'readFile'>;

export type LoadedDocument = {
  readonly accounts: readonly DesiredAccount[];
  readonly diagnostics: readonly Diagnostic[];
  /** How many webhooks the document declares. */
  readonly webhooks: number;
};

/** One YAML document as desired accounts, and all that is wrong with it. `line`: where it starts. */
async function loadDocument(
  document: YamlDocument,
  source: Source,
  line: number,
  rules: DocumentRules,
  context: { readonly files: Files; readonly described: DeclaredAccounts },
): Promise<LoadedDocument> {
  const { value } = document;
  if (document.root === null) {
    const problems = document.syntax.length > 0 ? [] : [emptyDocument(document.start)];
    return { accounts: [], diagnostics: diagnose(source, document, problems), webhooks: 0 };
  }
  const draft = readDraft(value);
  const form = validateDesired(value) ? [] : explainSchema(value, validateDesired.errors ?? []);
  const place = `${source.file}:${line}`;
  const accounts = accountsOf(draft, place, rules, context.described);
  const built = await buildWebhooks(draft, { ...rules, files: context.files });
  const meaning = [
    ...form,
    ...accounts.problems,
    ...checkNames(draft),
    ...checkRoutes(draft),
    ...(await checkUrls(draft, rules)),
    ...(await checkSecrets(draft, rules, context.files)),
    ...built.problems,
  ];
  return {
    accounts: accounts.ids.map((id) => buildAccount(id, draft, built.webhooks, place)),
    diagnostics: diagnose(source, document, [...document.unread, ...meaning]),
    webhooks: draft.webhooks.length,
  };
}

function emptyDocument(start: number): Problem {
  const hint = 'Add "webhooks:", or remove the "---" before it.';
  return error(atSpan(start, start), 'empty-document', 'this document is empty', hint);
}
