import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { DesiredSecret, Reference } from '../../core/desired.js';
import { failed, type Result, success } from '../../core/errors.js';
import type { Environment } from '../../core/ports.js';
import { Secret } from '../../core/secret.js';
import { looksRandom } from '../../text/looks-random.js';
import { cannotRead, type Files } from '../disk.js';
import { checkSecretValue, checkUrlValue } from './unusable-values.js';

/** A secret's value, or why there is none: `the environment variable OPS_TOKEN is not set`. */
export type SecretReading = Result<
  Secret,
  {
    readonly message: string;
    /** There is no value at all, which a plan does not need. */
    readonly isMissing: boolean;
  }
>;

/** `undefined`: there is no such file. May throw if it cannot be read. */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/** The secret that a file of desired state refers to. One trailing newline of a file is dropped. Never throws. */
export async function readSecret(
  reference: Exclude<DesiredSecret, { readonly kind: 'none' }>,
  env: Environment,
  readFile: ReadFile,
): Promise<SecretReading> {
  return reference.kind === 'literal'
    ? checkedValue(reference.value.reveal(), 'the literal secret', checkSecretValue)
    : readReference(reference, env, readFile, checkSecretValue);
}

/** The URL that a desired-state file refers to. One trailing newline of a file is dropped. Never throws. */
export async function readUrl(
  reference: Reference,
  env: Environment,
  readFile: ReadFile,
): Promise<SecretReading> {
  return readReference(reference, env, readFile, checkUrlValue);
}

type Check = (value: string) => string | undefined;

async function readReference(
  reference: Reference,
  env: Environment,
  readFile: ReadFile,
  check: Check,
): Promise<SecretReading> {
  if (reference.kind === 'env') return readVariable(reference.env, env, check);
  return readSecretFile(reference.file, reference.path, readFile, check);
}

function readVariable(name: string, env: Environment, check: Check): SecretReading {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  // A token that was pasted where the name belongs is not repeated.
  const what = `the environment variable ${looksRandom(name) ? '…' : name}`;
  return value === undefined ? missing(`${what} is not set`) : checkedValue(value, what, check);
}

async function readSecretFile(
  file: string,
  path: string,
  readFile: ReadFile,
  check: Check,
): Promise<SecretReading> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return missing(cannotRead(`the file ${file}`, error));
  }
  if (!bytes) return missing(`the file ${file} does not exist`);
  const text = utf8(bytes);
  if (text === undefined) return unusable(`the file ${file} is not UTF-8 text`);
  return checkedValue(text.replace(/\r?\n$/, ''), `the file ${file}`, check);
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function missing(message: string): SecretReading {
  return failed({ message, isMissing: true });
}

/** There is a value, and it must not be used. */
export function unusable(message: string): SecretReading {
  return failed({ message, isMissing: false });
}

function checkedValue(value: string, what: string, check: Check): SecretReading {
  const reason = check(value);
  return reason === undefined
    ? success(new Secret(value))
    : failed({ message: `${what} ${reason}`, isMissing: value.trim() === '' });
}

/** Where secrets are mounted in containers. */
const MOUNTED = '/run/secrets';

/** The folders in which a secret's file may lie. */
export type SecretRoots = {
  /** The folder of the YAML file, absolute. */
  readonly base: string;
  /** From `--secret-dir`, absolute. */
  readonly allowed: readonly string[];
};

/**
 * Does the file lie in one of the folders, links resolved? In the folder of the YAML file, which is a checkout, no part
 * of its path may start with a dot: `.git`, `.env` and the like hold what is not a webhook's. A file that is not there
 * (a plan needs none) is judged by its path alone.
 */
export async function isAllowedFile(path: string, roots: SecretRoots, files: Files): Promise<boolean> {
  const trusted = [MOUNTED, ...roots.allowed];
  const isAllowed = (file: string, base: string, others: readonly (string | undefined)[]): boolean =>
    (isWithin(base, file) && !hasDotPart(base, file)) ||
    others.some((root) => root !== undefined && isWithin(root, file));
  if (!isAllowed(path, roots.base, trusted)) return false;
  const real = await files.realPath(path);
  if (real === undefined || real === path) return true;
  const realBase = (await files.realPath(roots.base)) ?? roots.base;
  return isAllowed(real, realBase, await Promise.all(trusted.map((root) => files.realPath(root))));
}

function isWithin(root: string, path: string): boolean {
  const way = relative(resolve(root), path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Kubernetes mounts files as links to `..data/NAME`, which leads to `..2026_03_12_17_31_52.880752931/NAME`. */
const MOUNT = /^\.\.(?:data|\d{4}_\d\d_\d\d_[\d_.]+)$/;

function hasDotPart(root: string, path: string): boolean {
  const parts = relative(resolve(root), path).split(sep);
  return parts.some((part) => part.startsWith('.') && !MOUNT.test(part));
}
