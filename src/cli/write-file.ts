import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HookwrightError } from '../core/errors.js';

/** Writes a file whole or not at all. Throws `io` with the reason. */
export async function writeWhole(cwd: string, file: string, text: string): Promise<void> {
  const target = path.resolve(cwd, file);
  const draft = `${target}.${process.pid}.tmp`;
  try {
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(draft, text, { mode: 0o644 });
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    const code =
      typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown reason';
    throw new HookwrightError('io', `Cannot write ${file} (${code}).`);
  }
}
