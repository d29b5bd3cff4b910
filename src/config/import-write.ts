import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { HookwrightError } from '../core/errors.js';
import { errorCode } from './disk.js';

/**
 * Writes the file whole or not at all, with the mode that it had; where it is a link, what it leads to.
 * Throws `io`.
 */
export async function writeWhole(file: string, text: string): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const draft = `${target}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    const mode = await stat(target).then(
      (found) => found.mode & 0o777,
      () => 0o644,
    );
    const handle = await open(draft, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, target);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw new HookwrightError('io', `Cannot write ${file} (${errorCode(cause) || 'unknown reason'}).`, {
      cause,
    });
  }
}
