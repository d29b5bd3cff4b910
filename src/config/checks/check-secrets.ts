import { resolve } from 'node:path';
import { matchesPattern } from '../../core/pattern.js';
import { looksRandom } from '../../core/urls.js';
import { CREDENTIAL_NAMES } from './credential-names.js';
import type { Draft, DraftSecret, DraftUrl } from '../draft.js';
import { atValue, fault, warning, type Fault, type Path } from '../problem.js';
import type { Files } from '../files.js';
import { isAllowedFile, type SecretRoots } from '../secrets/secret-file.js';
import { showableEnv } from '../yaml/show.js';

/** What a reference to a secret may name. */
export type SecretRules = {
  readonly allowLiteralSecrets: boolean;
  /** Patterns; if there are any, only matching variables may be named. */
  readonly envAllow: readonly string[];
  readonly roots: SecretRoots;
};

/** The references to secrets: do they stand for what a webhook may be given? No value is read. */
export async function checkSecrets(
  draft: Draft,
  rules: SecretRules,
  files: Files,
): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const byFile = new Map<string, Path[]>();
  for (const { index, url, secret } of draft.webhooks) {
    const at = ['webhooks', index];
    if (url?.kind === 'env') checkReference(url, [...at, 'url'], rules, faults);
    if (secret?.kind === 'env') checkReference(secret, [...at, 'secret'], rules, faults);
    if (secret?.kind === 'literal') faults.push(literalFault(secret.value, [...at, 'secret'], rules));
    if (secret?.kind !== 'file') continue;
    checkVersion(secret, [...at, 'secret'], faults);
    const places = byFile.get(secret.file);
    if (places) places.push([...at, 'secret', 'file']);
    else byFile.set(secret.file, [[...at, 'secret', 'file']]);
  }
  for (const [file, places] of byFile) {
    if (file.includes('\0') || !(await isAllowedFile(resolve(rules.roots.base, file), rules.roots, files))) {
      faults.push(...places.map(fileFault));
    }
  }
  return faults;
}

type Reference = Extract<DraftSecret | DraftUrl, { kind: 'env' }>;

function checkReference(reference: Reference, path: Path, rules: SecretRules, faults: Fault[]): void {
  const { env } = reference;
  const place = atValue(...path, 'env');
  if (CREDENTIAL_NAMES.has(env)) {
    const message = `env: ${env} is a credential of hookwright or of a CI system`;
    const hint = 'Its value would be sent to the webhook. Use a separate variable for each webhook secret.';
    faults.push(fault(place, 'credential-env', message, hint));
  } else if (rules.envAllow.length > 0 && !rules.envAllow.some((pattern) => matchesPattern(pattern, env))) {
    const shown = showableEnv(env) ? `${env} ` : 'the name ';
    const hint = `Allowed are: ${rules.envAllow.join(', ')}.`;
    faults.push(fault(place, 'env-not-allowed', `env: ${shown}is not allowed by --env-allow`, hint));
  }
  if (looksRandom(env)) {
    const hint =
      'Write the name of the variable, never its value. If a token was committed, revoke it and create a new one.';
    faults.push(warning(place, 'env-random', 'env: this looks like a token, not a variable name', hint));
  }
  checkVersion(reference, path, faults);
}

/** Two long numbers can become one by rounding: a change of version would be lost. */
function checkVersion({ version }: { readonly version?: unknown }, path: Path, faults: Fault[]): void {
  if (typeof version !== 'number' || !Number.isInteger(version) || Number.isSafeInteger(version)) return;
  const place = atValue(...path, 'version');
  faults.push(fault(place, 'bad-value', 'version: this number is too large to be exact', 'Quote it.'));
}

function literalFault(value: unknown, path: Path, rules: SecretRules): Fault {
  const place = atValue(...path);
  if (value === '') {
    const hint = 'Write secret: { env: NAME }, or secret: none if there is no secret.';
    return fault(place, 'empty', 'secret: must not be empty', hint);
  }
  if (rules.allowLiteralSecrets && typeof value !== 'string') {
    return fault(place, 'wrong-type', 'secret: must be a string, not a number or boolean', 'Quote it.');
  }
  const make = rules.allowLiteralSecrets ? warning : fault;
  const hint =
    'Use secret: { env: NAME } or { file: PATH }. Anyone who can read this file can use the secret; if it was committed, replace it.';
  return make(place, 'literal-secret', 'secret: a literal secret', hint);
}

function fileFault(path: Path): Fault {
  const hint =
    'A secret file must be in the directory of this YAML file, in /run/secrets or in a --secret-dir directory. Links must not lead outside.';
  return fault(atValue(...path), 'secret-file-outside', 'file: outside the allowed directories', hint);
}
