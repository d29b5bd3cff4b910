import type { ErrorObject } from 'ajv';
import type { DesiredAccount } from '../core/desired.js';
import type { Diagnostic } from '../core/diagnostic.js';
import { buildAccount, buildWebhooks } from './build.js';
import { accountsOf, type AccountRules, type Described } from './checks/check-accounts.js';
import { checkNames } from './checks/check-names.js';
import { checkSecrets, type SecretRules } from './checks/check-secrets.js';
import { checkUrls } from './checks/check-urls.js';
import { validateDesired } from './schema/compile-schema.js';
import { readDraft } from './draft.js';
import { fault, atSpan, type Fault } from './problem.js';
import type { Files } from './files.js';
import type { Environment } from './secrets/read-secret.js';
import type { ReadDocument } from './yaml/read-yaml.js';
import type { Source } from './yaml/source.js';

export type DocumentRules = AccountRules & SecretRules & { readonly env: Environment };

export type LoadedDocument = {
  readonly accounts: readonly DesiredAccount[];
  readonly diagnostics: readonly Diagnostic[];
  /** How many webhooks the document declares. */
  readonly webhooks: number;
};

/** One YAML document as desired accounts, and all that is wrong with it. `line`: where it starts. */
export async function loadDocument(
  document: ReadDocument,
  source: Source,
  line: number,
  rules: DocumentRules,
  context: { readonly files: Files; readonly described: Described },
): Promise<LoadedDocument> {
  const { value } = document;
  if (document.isEmpty) {
    const faults = document.syntax.length > 0 ? [] : [emptyDocument(document.start)];
    return { accounts: [], diagnostics: await placed(source, document, faults), webhooks: 0 };
  }
  const draft = readDraft(value);
  const form = validateDesired(value) ? [] : await explained(value, validateDesired.errors ?? []);
  const place = `${source.file}:${line}`;
  const accounts = accountsOf(draft, place, rules, context.described);
  const built = buildWebhooks(draft, rules.roots.base, rules.env);
  const meaning = [
    ...form,
    ...accounts.faults,
    ...checkNames(draft),
    ...(await checkUrls(draft, rules)),
    ...(await checkSecrets(draft, rules, context.files)),
    ...built.faults,
  ];
  return {
    accounts: accounts.ids.map((id) => buildAccount(id, draft, built.webhooks, place)),
    diagnostics: await placed(source, document, [...document.unread, ...meaning]),
    webhooks: draft.webhooks.length,
  };
}

/** What words the faults is loaded only where there are any. */
async function explained(value: unknown, errors: readonly ErrorObject[]): Promise<readonly Fault[]> {
  const { explainSchema } = await import('./schema/explain-schema.js');
  return explainSchema(value, errors);
}

/** What tells where something stands is loaded, and the file read for it, only now. */
async function placed(
  source: Source,
  document: ReadDocument,
  faults: readonly Fault[],
): Promise<readonly Diagnostic[]> {
  if (faults.length === 0 && document.syntax.length === 0) return [];
  const { diagnose } = await import('./schema/diagnose.js');
  return diagnose(source, await document.nodes(), faults);
}

function emptyDocument(start: number): Fault {
  const hint = 'Add "webhooks:", or remove the "---" before it.';
  return fault(atSpan(start, start), 'empty-document', 'this document is empty', hint);
}
