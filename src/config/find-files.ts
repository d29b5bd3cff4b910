import { join, resolve } from 'node:path';
import { HookwrightError } from '../core/errors.js';
import { compareText } from '../core/order.js';
import { type Files, systemReason } from './disk.js';

/** A desired-state file that was read, or why there is none. */
export type FoundFile =
  | { readonly kind: 'read'; readonly file: string; readonly folder: string; readonly bytes: Uint8Array }
  /** The path does not exist; `file` as given. */
  | { readonly kind: 'missing'; readonly file: string }
  /** A directory without YAML files. */
  | { readonly kind: 'no-yaml'; readonly file: string }
  | { readonly kind: 'unreadable'; readonly file: string; readonly reason: string };

export const STDIN = '<stdin>';

/**
 * Reads the files at the given paths, in order, each file once. A directory stands for all `*.yaml` and
 * `*.yml` files in it and below, sorted, without dot directories and node_modules; `-` is stdin. `folder` is
 * absolute.
 */
export async function* findFiles(paths: readonly string[], files: Files): AsyncGenerator<FoundFile> {
  const seen = new Set<string>();
  for (const path of paths) yield* findPath(path, files, seen);
}

async function* findPath(path: string, files: Files, seen: Set<string>): AsyncGenerator<FoundFile> {
  const id = path === '-' ? path : resolve(files.cwd, path);
  if (seen.has(id)) return;
  try {
    if (path === '-') {
      seen.add(id);
      yield { kind: 'read', file: STDIN, folder: files.cwd, bytes: await files.readStdin() };
      return;
    }
    const bytes = await files.readFile(path);
    if (bytes) {
      seen.add(id);
      yield { kind: 'read', file: path, folder: resolve(id, '..'), bytes };
      return;
    }
    const below = await yamlBelow(path, files);
    if (!below) yield { kind: 'missing', file: path };
    else if (below.length === 0) yield { kind: 'no-yaml', file: path };
    else for (const file of below) yield* findPath(file, files, seen);
  } catch (error) {
    yield { kind: 'unreadable', file: path === '-' ? STDIN : path, reason: readableReason(error) };
  }
}

/** Returns why reading a file failed. Rethrows a HookwrightError, which already explains itself. */
export function readableReason(error: unknown): string {
  if (error instanceof HookwrightError) throw error;
  return systemReason(error) ?? 'it cannot be read';
}

async function yamlBelow(folder: string, files: Files): Promise<readonly string[] | undefined> {
  const entries = await files.readFolder(folder);
  if (!entries) return undefined;
  const found: string[] = [];
  // By code unit: the same order on every machine.
  for (const { name, kind } of [...entries].sort((a, b) => compareText(a.name, b.name))) {
    if (name.startsWith('.') || name === 'node_modules') continue;
    const path = join(folder, name).replaceAll('\\', '/');
    if (kind === 'folder') found.push(...((await yamlBelow(path, files)) ?? []));
    else if (kind === 'file' && /\.ya?ml$/.test(name)) found.push(path);
  }
  return found;
}
