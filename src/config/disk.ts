import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Dirent } from 'node:fs';
import type { Files, FolderEntry } from './files.js';

const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP']);

/** The files on disk, and the stream that `-` stands for. */
export function diskFiles(cwd: string, stdin: AsyncIterable<Uint8Array | string>): Files {
  return {
    cwd,
    readFile: (path) => orNothing(readFile(resolve(cwd, path))),
    readFolder: async (path) => {
      const folder = resolve(cwd, path);
      const entries = await orNothing(readdir(folder, { withFileTypes: true }));
      return entries && Promise.all(entries.map((entry) => folderEntry(folder, entry)));
    },
    realPath: (path) => orNothing(realpath(resolve(cwd, path))),
    readStdin: async () => {
      const parts: Uint8Array[] = [];
      for await (const part of stdin) parts.push(typeof part === 'string' ? Buffer.from(part) : part);
      return Buffer.concat(parts);
    },
  };
}

/** A mounted ConfigMap is a folder of links to files, so those are followed; links to folders can go in circles. */
async function folderEntry(folder: string, entry: Dirent): Promise<FolderEntry> {
  if (entry.isDirectory()) return { name: entry.name, kind: 'folder' };
  const isFile =
    entry.isFile() ||
    (entry.isSymbolicLink() && (await orNothing(stat(join(folder, entry.name))))?.isFile() === true);
  return { name: entry.name, kind: isFile ? 'file' : 'other' };
}

async function orNothing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (NOT_THERE.has(errorCode(error))) return undefined;
    throw error;
  }
}

/** The `code` of a Node.js system error, for example `EACCES`; empty if it has none. */
export function errorCode(error: unknown): string {
  const known = typeof error === 'object' && error !== null && 'code' in error;
  return known && typeof error.code === 'string' ? error.code : '';
}
