import { createHash } from 'node:crypto';
import path from 'node:path';
import { checksumOf, digestOf } from './digest.js';
import type { PlanDocument } from './plan-document.js';
import { HookwrightError } from '../core/errors.js';
import type { Plan } from '../core/plan.js';
import type { Redactor } from '../core/redactor.js';
import { jsonText } from '../text/untrusted.js';
import { toPlanDocument } from './encode.js';

/** Lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The plan as a document that bears its digest. */
export function documentOf(plan: Plan): PlanDocument & { readonly digest: string } {
  const document = toPlanDocument(plan, { sha256 });
  return { ...document, digest: digestOf(document, sha256) };
}

/**
 * The plan as it is saved. Throws `invalid-plan-file` if a secret would be in what is carried out: masked it could not
 * be applied.
 */
export function savedText(plan: Plan, cwd: string, redactor: Redactor): string {
  const text = jsonText(savedDocument(plan, cwd, redactor));
  if (redactor.redact(text) === text) return `${text}\n`;
  throw new HookwrightError(
    'invalid-plan-file',
    'The plan cannot be saved: a name, URL or path contains the value of a secret (a variable that the file references, or the API token). ' +
      'Change the secret, or the text that contains it.',
  );
}

/** With where its secret files are, seen from `cwd`, messages redacted, and a checksum over all of it. */
export function savedDocument(plan: Plan, cwd: string, redactor: Redactor): PlanDocument {
  const document = toPlanDocument(plan, {
    sha256,
    relative: (file) => path.relative(cwd, file).split(path.sep).join('/'),
  });
  const told = <T extends { readonly message: string }>(each: T): T => ({
    ...each,
    message: redactor.redact(each.message),
  });
  const whole = {
    ...document,
    digest: digestOf(document, sha256),
    accounts: document.accounts.map((account) => ({
      ...account,
      guards: account.guards.map(told),
      notes: account.notes.map(told),
    })),
    failures: document.failures.map((failure) => ({ ...failure, error: told(failure.error) })),
    ...(document.error && { error: told(document.error) }),
  };
  return { ...whole, checksum: checksumOf(whole, sha256) };
}
