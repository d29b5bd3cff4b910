import { join, resolve } from 'node:path';
import type { Diagnostic, DiagnosticCode } from '../core/diagnostic.js';
import { HookwrightError } from '../core/errors.js';
import { compareText } from '../core/order.js';
import { STDIN } from '../core/desired.js';
import { type Files, systemReason } from './disk.js';

/** A desired-state file that was read. Paths in it are relative to `folder`, which is absolute. */
export type FoundFile = { readonly file: string; readonly folder: string; readonly bytes: Uint8Array };

/**
 * Reads the files at the given paths, in order, each file once. A directory stands for all `*.yaml` and
 * `*.yml` files in it and below, sorted, without dot directories and node_modules; `-` is stdin. For a path
 * without files, yields why: `no-file` or `unreadable`.
 */
export async function* findFiles(
  paths: readonly string[],
  files: Files,
): AsyncGenerator<FoundFile | Diagnostic> {
  const seen = new Set<string>();
  for (const path of paths) yield* findPath(path, files, seen);
}

async function* findPath(
  path: string,
  files: Files,
  seen: Set<string>,
): AsyncGenerator<FoundFile | Diagnostic> {
  const id = path === '-' ? path : resolve(files.cwd, path);
  if (seen.has(id)) return;
  try {
    if (path === '-') {
      seen.add(id);
      yield { file: STDIN, folder: files.cwd, bytes: await files.readStdin() };
      return;
    }
    const bytes = await files.readFile(path);
    if (bytes) {
      seen.add(id);
      yield { file: path, folder: resolve(id, '..'), bytes };
      return;
    }
    const below = await yamlBelow(path, files);
    if (!below) yield notRead(path, 'no-file', 'no such file or directory');
    else if (below.length === 0) yield notRead(path, 'no-file', 'no *.yaml or *.yml files in this directory');
    else for (const file of below) yield* findPath(file, files, seen);
  } catch (error) {
    yield notRead(path === '-' ? STDIN : path, 'unreadable', `cannot be read: ${readableReason(error)}`);
  }
}

/** Returns the error of a file that has no documents. */
export function notRead(file: string, code: DiagnosticCode, message: string): Diagnostic {
  return { severity: 'error', code, file, line: 1, column: 1, message };
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
