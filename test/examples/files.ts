import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** Lists every file below examples/, by its path in the project. */
export function exampleFiles(): readonly string[] {
  return readdirSync(path.join(ROOT, 'examples'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

export function textOf(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

/** Reports whether it is a desired-state file, not a file of another tool. */
export function isDesiredState(file: string): boolean {
  return /\.ya?ml$/.test(file) && /^webhooks:/m.test(textOf(file));
}
