import { isRecord } from '../../core/order.js';
import type { DocumentPart } from '../draft.js';
import { atKey, atValue, error, type Problem } from '../problem.js';
import { validateDesired } from '../schema/compile-schema.js';
import { explainSchema, foreignDocument } from '../schema/explain-schema.js';

/** Returns the problems that the schema finds in a document. */
export function checkForm(value: unknown): readonly Problem[] {
  return validateDesired(value) ? [] : explainSchema(value, validateDesired.errors ?? []);
}

/** Fields that are allowed in a document that describes an account, but not in an included file. */
const OF_THE_ACCOUNT = ['account_id', 'label', 'include', 'unlisted', 'strategy'];

/**
 * Returns the problems that the schema finds in a document that `source` includes. Such a document can have
 * fewer fields and requires none.
 */
export function checkIncludedForm(value: unknown, source: string): readonly Problem[] {
  if (!isRecord(value)) return checkForm(value);
  const other = foreignDocument(value);
  if (other) return [other];
  const foreign = OF_THE_ACCOUNT.filter((field) => Object.hasOwn(value, field));
  const own = Object.fromEntries(Object.entries(value).filter(([key]) => !OF_THE_ACCOUNT.includes(key)));
  const hint = `It belongs in the document that includes this file, at ${source}.`;
  return [
    ...checkForm({ webhooks: [], ...own }),
    ...foreign.map((field) =>
      error(atKey(field), 'unknown-field', `"${field}" is not allowed in an included file`, hint),
    ),
  ];
}

/** Reports a document that SOPS has encrypted. Nothing else in it would be worth reporting. */
export function encryptedDocument({ value, source }: DocumentPart): Problem | undefined {
  if (!source.text.includes(ENCRYPTED) || !isRecord(value) || !hasEncryptedValue(value)) return undefined;
  const hint =
    'Decrypt it first, for example: sops decrypt FILE | hookwright plan -f -\nBetter: encrypt only the secrets, and refer to them with { env: NAME }.';
  const place = isRecord(value['sops']) ? atKey('sops') : atValue();
  return error(place, 'encrypted-file', 'this file is encrypted with SOPS', hint);
}

/** What SOPS writes for a value (https://github.com/getsops/sops#encryption-protocol). */
const ENCRYPTED = 'ENC[AES256_GCM,';

function hasEncryptedValue(value: unknown): boolean {
  if (typeof value === 'string') return value.startsWith(ENCRYPTED);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasEncryptedValue);
}
