import type { DesiredAccount } from '../core/desired.js';
import type { Diagnostic } from '../core/diagnostic.js';
import { buildAccount, buildWebhooks } from './build.js';
import { accountsOf, type AccountRules, type Described } from './check-accounts.js';
import { checkNames } from './check-names.js';
import { checkSecrets, type SecretRules } from './check-secrets.js';
import { checkUrls } from './check-urls.js';
import { validateDesired } from './compile-schema.js';
import { diagnose, type Source } from './diagnose.js';
import { readDraft } from './draft.js';
import { explainSchema } from './explain-schema.js';
import { fault, atSpan, type Fault } from './fault.js';
import type { Files } from './files.js';
import type { YamlDocument } from './parse-yaml.js';
import type { Environment } from './read-secret.js';
import { sureFaults } from './sure-faults.js';
import { toValue } from './to-value.js';

export type DocumentRules = AccountRules & SecretRules & { readonly env: Environment };

export type LoadedDocument = {
  readonly accounts: readonly DesiredAccount[];
  readonly diagnostics: readonly Diagnostic[];
  /** How many webhooks the document declares. */
  readonly webhooks: number;
};

/** One YAML document as desired accounts, and all that is wrong with it. `line`: where it starts. */
export async function loadDocument(
  document: YamlDocument,
  source: Source,
  line: number,
  rules: DocumentRules,
  context: { readonly files: Files; readonly described: Described },
): Promise<LoadedDocument> {
  if (document.root === null) {
    const faults = document.syntax.length > 0 ? document.syntax : [emptyDocument(document.start)];
    return { accounts: [], diagnostics: diagnose(source, document, faults), webhooks: 0 };
  }
  const { value, faults: unread } = toValue(document.root);
  const draft = readDraft(value);
  const form = validateDesired(value) ? [] : explainSchema(value, validateDesired.errors ?? []);
  const place = `${source.file}:${line}`;
  const accounts = accountsOf(draft, place, rules, context.described);
  const built = buildWebhooks(draft, rules.roots.base, rules.env);
  const meaning = [
    ...form,
    ...accounts.faults,
    ...checkNames(draft),
    ...checkUrls(draft, rules),
    ...(await checkSecrets(draft, rules, context.files)),
    ...built.faults,
  ];
  const faults = [...document.syntax, ...sureFaults([...unread, ...meaning], document, source.text)];
  return {
    accounts: accounts.ids.map((id) => buildAccount(id, draft, built.webhooks, place)),
    diagnostics: diagnose(source, document, faults),
    webhooks: draft.webhooks.length,
  };
}

function emptyDocument(start: number): Fault {
  const hint = 'Write its "webhooks:", or remove the "---" before it.';
  return fault(atSpan(start, start), 'empty-document', 'there is nothing in this document', hint);
}
