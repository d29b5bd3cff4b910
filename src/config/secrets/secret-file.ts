import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Files } from '../files.js';

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
 * Does the file lie in one of the folders, links resolved? A file that is not there (a plan needs none) is
 * judged by its path alone.
 */
export async function isAllowedFile(path: string, roots: SecretRoots, files: Files): Promise<boolean> {
  const allowed = [roots.base, MOUNTED, ...roots.allowed];
  if (!allowed.some((root) => isWithin(root, path))) return false;
  const real = await files.realPath(path);
  if (real === undefined || real === path) return true;
  const realRoots = await Promise.all(allowed.map((root) => files.realPath(root)));
  return realRoots.some((root) => root !== undefined && isWithin(root, real));
}

function isWithin(root: string, path: string): boolean {
  const way = relative(resolve(root), path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
