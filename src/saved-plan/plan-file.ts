import { checksumOf, digestOf, type Sha256 } from './digest.js';
import { HookwrightError } from '../core/errors.js';
import { FORMAT_VERSION, type PlanDocument } from './plan-document.js';
import { validatePlan } from './compile-plan-schema.js';

/**
 * Reads a saved plan. Throws `invalid-plan-file` for what is no plan, is of another version, or does not fit its
 * own digest: cut, edited or put together by hand.
 */
export function parsePlanFile(
  name: string,
  bytes: Uint8Array | undefined,
  sha256: Sha256,
): PlanDocument & { readonly digest: string } {
  const fail = (why: string, next = 'To create a new plan, run: hookwright plan --out FILE'): never => {
    throw new HookwrightError('invalid-plan-file', `${name} cannot be used: ${why} ${next}`);
  };
  if (!bytes) return fail('the file does not exist.');
  const next = /\.ya?ml$/.test(name)
    ? 'To apply a desired-state file, run: hookwright apply -f FILE'
    : undefined;
  const value = parse(bytes) ?? fail('it is not valid JSON; it may be truncated.', next);
  const version = typeof value === 'object' && 'format_version' in value ? value.format_version : undefined;
  if (version === undefined) return fail('it is not a plan: it has no "format_version".');
  if (version !== FORMAT_VERSION)
    return fail(
      `its "format_version" is ${JSON.stringify(version)}, but this version of hookwright reads ${FORMAT_VERSION}.`,
    );
  if (!validatePlan(value)) {
    const error = validatePlan.errors?.[0];
    return fail(`it is not a saved plan (${error?.instancePath ?? ''} ${error?.message ?? ''}).`);
  }
  // The schema says so: this is where the file enters.
  const document = value as unknown as PlanDocument;
  const { digest } = document;
  if (
    digest === undefined ||
    digestOf(document, sha256) !== digest ||
    checksumOf(document, sha256) !== document.checksum
  ) {
    return fail(
      'its digest or checksum does not match: the file was modified, or was not written by "hookwright plan --out".',
    );
  }
  return { ...document, digest };
}

function parse(bytes: Uint8Array): object | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
