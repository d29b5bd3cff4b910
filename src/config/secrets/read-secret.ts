import { isUtf8 } from 'node:buffer';
import { resolve } from 'node:path';
import type { DesiredSecret } from '../../core/desired.js';
import { failed, type Result, success } from '../../core/errors.js';
import type { Environment } from '../../core/ports.js';
import { Secret } from '../../core/secret.js';
import { urlProblem } from '../../core/urls.js';
import { looksRandom } from '../../text/looks-random.js';
import { templateIn } from '../../text/templates.js';
import { cannotRead, type Files, isAllowedFile } from '../disk.js';

/** A secret, or why it cannot be used: `the environment variable OPS_TOKEN is not set`. */
export type SecretReading = Result<
  Secret,
  {
    readonly message: string;
    /** Whether there is no value at all. A plan does not need one. */
    readonly isMissing: boolean;
  }
>;

/** Reads a file. Returns `undefined` if it does not exist. Can throw if it cannot be read. */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/** A part of a webhook whose value can be elsewhere. */
export type Field = 'url' | 'secret';

/** A reference, or a literal secret, which is checked like one. */
export type Readable = Exclude<DesiredSecret, { readonly kind: 'none' }>;

/** Reads the value that a reference names. Drops one trailing newline of a file. Never throws. */
export async function readValue(
  field: Field,
  reference: Readable,
  env: Environment,
  readFile: ReadFile,
): Promise<SecretReading> {
  if (reference.kind === 'literal')
    return checkedValue(field, reference.value.reveal(), 'the literal secret');
  if (reference.kind === 'env') {
    const { env: name } = reference;
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    // Do not repeat a token that was pasted in place of the name.
    const what = `the environment variable ${looksRandom(name) ? '…' : name}`;
    return value === undefined ? missing(`${what} is not set`) : checkedValue(field, value, what);
  }
  const what = `the file ${reference.file}`;
  try {
    const bytes = await readFile(reference.path);
    if (!bytes) return missing(`${what} does not exist`);
    if (!isUtf8(bytes)) return unusable(`${what} is not UTF-8 text`);
    // A byte order mark would be a part of the value, so the check must see it.
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    return checkedValue(field, text.replace(/\r?\n$/, ''), what);
  } catch (error) {
    return missing(cannotRead(what, error));
  }
}

function missing(message: string): SecretReading {
  return failed({ message, isMissing: true });
}

/** Returns the result for a value that exists but must not be used. */
export function unusable(message: string): SecretReading {
  return failed({ message, isMissing: false });
}

function checkedValue(field: Field, value: string, what: string): SecretReading {
  const reason = field === 'url' ? checkUrlValue(value) : checkSecretValue(value);
  return reason === undefined
    ? success(new Secret(value))
    : failed({ message: `${what} ${reason}`, isMissing: value.trim() === '' });
}

/** Reports whether a reference can name a file, for the directories that are a checkout. */
export type AllowsSecretFile = (path: string, checkouts: readonly string[]) => Promise<boolean>;

/**
 * Allows secret files in a checkout, where containers mount them, and in `--secret-dir`. Looks at the disk once
 * for each file.
 */
export function secretFileRule(files: Files, secretDirs: readonly string[]): AllowsSecretFile {
  const trusted = ['/run/secrets', ...secretDirs].map((folder) => resolve(files.cwd, folder));
  const known = new Map<string, Promise<boolean>>();
  return async (path, checkouts) => {
    const key = JSON.stringify([path, ...checkouts]);
    const isAllowed = known.get(key) ?? isAllowedFile(path, { checkouts, trusted }, files);
    known.set(key, isAllowed);
    return isAllowed;
  };
}

/** Placeholders that are left where a secret belongs. */
const PLACEHOLDER =
  /^(?:change[-_ ]?me!?|your[-_ ].*[-_ ]here|null|nil|undefined|none|todo|redacted|x{3,}|\*+|<[^]*>|\[[^]*\]|\([^]*\))$/i;

/** References that a secret manager's tool resolves, and how to resolve them. */
const REFERENCES: readonly (readonly [form: RegExp, manager: string, how: string])[] = [
  [/^op:\/\//, '1Password', 'run hookwright with "op run"'],
  [/^vault:/, 'Vault', 'have it resolved before hookwright runs'],
  [/^ref\+/, 'vals', 'run hookwright with "vals exec"'],
  [/^arn:aws[\w-]*:(?:secretsmanager|ssm):/, 'AWS', 'have it resolved before hookwright runs'],
  [/^projects\/[^/]+\/secrets\//, 'Google Secret Manager', 'have it resolved before hookwright runs'],
  [/^file:\/\//, 'a file', 'write { file: PATH } in the desired-state file'],
  [/^ENC\[/, 'SOPS', 'run hookwright with "sops exec-env"'],
  [/^@Microsoft\.KeyVault\(/, 'Azure Key Vault', 'have it resolved before hookwright runs'],
];

/** Returns why a value cannot be a secret (`is empty`), or `undefined`. Never quotes the value. */
export function checkSecretValue(value: string): string | undefined {
  if (value.trim() === '') return 'is empty';
  if (/[\r\n]/.test(value)) return 'contains a newline';
  if (value.includes('\0')) return 'contains a NUL character';
  if (value.startsWith('\uFEFF')) return 'starts with a byte order mark';
  if (value !== value.trim()) return 'starts or ends with a space';
  if (/^(["'`]).*\1$/.test(value)) return 'is in quotes';
  const reference = REFERENCES.find(([form]) => form.test(value));
  if (reference) return `is an unresolved reference of ${reference[1]} (${reference[2]})`;
  return PLACEHOLDER.test(value) || isTemplate(value) ? 'is a placeholder, not a secret' : undefined;
}

/** Reports whether the whole text is one template. A secret may contain something that looks like one. */
function isTemplate(text: string): boolean {
  return (
    templateIn(text) !== undefined &&
    /^(?:\$\{.*\}|\{\{.*\}\}|\$\(.*\)|##.*##|@@.*@@|\$[A-Z0-9_]+)$/.test(text)
  );
}

/** Returns why a value cannot be used as a URL, or `undefined`. */
function checkUrlValue(value: string): string | undefined {
  const reason = checkSecretValue(value);
  if (reason !== undefined) return reason;
  if (templateIn(value) || /<[^>]*>/.test(value)) return 'contains a placeholder';
  return urlProblem(value);
}
