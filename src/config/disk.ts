import { closeSync, type Dirent, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';

/* eslint-disable @typescript-eslint/require-await -- errors must become rejections */

const NOT_FOUND_CODES: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP']);
/** Without permission to follow a path, its real path is unknown, but then the file cannot be read either. */
const INACCESSIBLE_CODES: ReadonlySet<string> = new Set([
  ...NOT_FOUND_CODES,
  'EACCES',
  'EPERM',
  'ENAMETOOLONG',
]);

type DiskIo = { readonly cwd: string; readonly stdin: AsyncIterable<Uint8Array | string> };

/**
 * Returns the files on disk, and stdin for `-`. Reads synchronously: there is nothing else to do meanwhile,
 * and loading Node's asynchronous API takes 2 ms. The interface is asynchronous for files from elsewhere.
 */
export function diskFiles(io: DiskIo): Files {
  const { cwd } = io;
  return {
    cwd,
    readFile: async (path) => orNothing(() => readWhole(resolve(cwd, path))),
    readFolder: async (path) =>
      orNothing(() => {
        const folder = resolve(cwd, path);
        return readdirSync(folder, { withFileTypes: true }).map((entry) => folderEntry(folder, entry));
      }),
    realPath: async (path) => orNothing(() => realpathSync(resolve(cwd, path)), INACCESSIBLE_CODES),
    readStdin: async () => {
      const parts: Uint8Array[] = [];
      for await (const part of io.stdin) parts.push(typeof part === 'string' ? Buffer.from(part) : part);
      return Buffer.concat(parts);
    },
  };
}

/** Far more than any file that is read here. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** Where a shell provides piped input: `-f <(generate)`. */
const OFFERED = /^\/(?:dev|proc\/self)\/(?:stdin|fd\/\d+)$/;

/** A device can be endless, and a pipe without a writer would block forever. */
function readWhole(path: string): Uint8Array {
  const stat = statSync(path);
  if (stat.isDirectory()) throw systemError('EISDIR');
  if (!stat.isFile() && !(OFFERED.test(path) && stat.isFIFO())) throw systemError('ENOTREG');
  const fd = openSync(path, 'r');
  try {
    const parts: Uint8Array[] = [];
    for (let size = 0; size <= MAX_FILE_BYTES;) {
      const part = Buffer.allocUnsafe(Math.max(64 * 1024, Math.min(stat.size, MAX_FILE_BYTES) + 1));
      const length = readSync(fd, part);
      if (length === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, length));
      size += length;
    }
    throw systemError('EFBIG');
  } finally {
    closeSync(fd);
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Returns why a file cannot be read or written, if known. */
export function systemReason(error: unknown): string | undefined {
  return REASONS[errorCode(error)];
}

/** Returns, for example, `secrets/ops cannot be read: permission denied`. */
export function cannotRead(what: string, error: unknown): string {
  const why = systemReason(error);
  return `${what} cannot be read${why === undefined ? '' : `: ${why}`}`;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ENOTREG: 'it is not a regular file',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  ENOSPC: 'no space is left on the device',
  EROFS: 'the file system is read-only',
  EFBIG: 'it is larger than 64 MB',
};

/** Follows links to files, which a mounted ConfigMap consists of. Links to directories can form loops. */
function folderEntry(folder: string, entry: Dirent): FolderEntry {
  if (entry.isDirectory()) return { name: entry.name, kind: 'folder' };
  const isFile =
    entry.isFile() ||
    (entry.isSymbolicLink() &&
      statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isFile() === true);
  return { name: entry.name, kind: isFile ? 'file' : 'other' };
}

function orNothing<T>(read: () => T, codes = NOT_FOUND_CODES): T | undefined {
  try {
    return read();
  } catch (error) {
    if (codes.has(errorCode(error))) return undefined;
    throw error;
  }
}

/** Returns the `code` of a Node.js system error, for example `EACCES`, or an empty string. */
export function errorCode(error: unknown): string {
  const known = typeof error === 'object' && error !== null && 'code' in error;
  return known && typeof error.code === 'string' ? error.code : '';
}

/** One entry of a directory. Symbolic links to files count as files, all other links as `other`. */
export type FolderEntry = { readonly name: string; readonly kind: 'file' | 'folder' | 'other' };

/**
 * Where desired-state files come from: the disk, or a Git revision. Paths are absolute or relative to `cwd`.
 * Methods return `undefined` for a path that does not exist, and throw for one that cannot be read.
 */
export interface Files {
  readonly cwd: string;
  /** Returns `undefined` for a directory too. */
  readFile(path: string): Promise<Uint8Array | undefined>;
  /** Returns `undefined` if there is no such directory. */
  readFolder(path: string): Promise<readonly FolderEntry[] | undefined>;
  /** Returns the path with all symbolic links resolved, or `undefined` if it does not exist. */
  realPath(path: string): Promise<string | undefined>;
  readStdin(): Promise<Uint8Array>;
}

/** The directories that files can be in, absolute. */
export type Roots = {
  /** In these, no part of the path can start with a dot: `.git`, `.env` and similar files hold other secrets. */
  readonly checkouts: readonly string[];
  readonly trusted: readonly string[];
};

/**
 * Reports whether the file is below one of the directories, as written and after resolving links. Of a file
 * that does not exist (a plan needs no secrets), only the path as written is checked.
 */
export async function isAllowedFile(path: string, roots: Roots, files: Files): Promise<boolean> {
  if (path.includes('\0') || !isBelowAny(roots, path)) return false;
  const real = await files.realPath(path);
  if (real === undefined || real === path) return true;
  const realPaths = async (folders: readonly string[]): Promise<readonly string[]> =>
    (await Promise.all(folders.map((folder) => files.realPath(folder)))).filter((each) => each !== undefined);
  const [checkouts, trusted] = [await realPaths(roots.checkouts), await realPaths(roots.trusted)];
  return isBelowAny({ checkouts, trusted }, real);
}

/** Kubernetes mounts files as links to `..data/NAME`, and that to `..2026_03_12_17_31_52.880752931/NAME`. */
const MOUNT = /^\.\.(?:data|\d{4}_\d\d_\d\d_[\d_.]+)$/;

function isBelowAny({ checkouts, trusted }: Roots, file: string): boolean {
  const isHidden = (part: string): boolean => part.startsWith('.') && !MOUNT.test(part);
  return (
    trusted.some((root) => pathWithin(root, file)) ||
    checkouts.some((root) => {
      const inside = pathWithin(root, file);
      return inside && !inside.split(sep).some(isHidden);
    })
  );
}

/** Returns the path from a directory to a file in it; `''` is the directory, `undefined` any path outside. */
export function pathWithin(root: string, path: string): string | undefined {
  const inside = relative(root, path);
  return inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) ? undefined : inside;
}
