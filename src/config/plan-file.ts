import { checksumOf, digestOf, type Sha256 } from '../core/digest.js';
import { HookwrightError } from '../core/errors.js';
import { FORMAT_VERSION, type PlanDocument } from '../core/plan-document.js';
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
  const fail = (why: string): never => {
    throw new HookwrightError(
      'invalid-plan-file',
      `${name} cannot be used: ${why} Make a new one with: hookwright plan --out FILE`,
    );
  };
  if (!bytes) return fail('there is no such file.');
  const yaml = /\.ya?ml$/.test(name) ? ' A file of desired state is named with -f.' : '';
  const value = parse(bytes) ?? fail(`it is not whole JSON.${yaml}`);
  const version = typeof value === 'object' && 'format_version' in value ? value.format_version : undefined;
  if (version === undefined) return fail('it is no plan: it has no format_version.');
  if (version !== FORMAT_VERSION)
    return fail(
      `it has format_version ${JSON.stringify(version)}, and this hookwright reads ${FORMAT_VERSION}.`,
    );
  if (!validatePlan(value)) {
    const error = validatePlan.errors?.[0];
    return fail(`it is no saved plan (${error?.instancePath ?? ''} ${error?.message ?? ''}).`);
  }
  // The schema says so: this is where the file enters.
  const document = value as unknown as PlanDocument;
  const { digest } = document;
  if (
    digest === undefined ||
    digestOf(document, sha256) !== digest ||
    checksumOf(document, sha256) !== document.checksum
  ) {
    return fail('its content does not fit its digest, so it was changed after it was made.');
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
