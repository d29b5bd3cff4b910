import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../config/disk.js';
import { HookwrightError } from '../core/errors.js';

/**
 * Writes a file whole or not at all: a new one with the folders that it needs, one that is there with the mode that it had,
 * and where it is a link, what the link leads to. Throws `io`, which names the file as it was given.
 */
export async function writeWhole(cwd: string, file: string, text: string): Promise<void> {
  try {
    const target = await destination(path.resolve(cwd, file));
    const found = await stat(target).catch(nothingThere);
    // A pipe or a device, such as /dev/stdout, is written to; a file in its place would be another thing.
    if (found && !found.isFile()) await writeFile(target, text);
    else await replaceFile(target, text, found && found.mode & 0o777);
  } catch (cause) {
    throw new HookwrightError('io', `Cannot write ${file} (${errorCode(cause) || 'unknown reason'}).`, {
      cause,
    });
  }
}

/** Follows links to the end, be there something yet or not. */
async function destination(file: string): Promise<string> {
  // Asked of the file itself: links to pipes lead to what is no path.
  if (await stat(file).catch(nothingThere)) return (await realpath(file).catch(nothingThere)) ?? file;
  const link = await readlink(file).catch(() => undefined);
  return link === undefined ? file : destination(path.resolve(await realpath(path.dirname(file)), link));
}

async function replaceFile(target: string, text: string, mode: number | undefined): Promise<void> {
  await makeFolder(path.dirname(target));
  const draft = `${target}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    const handle = await open(draft, 'wx', mode ?? 0o644);
    try {
      // The mode that `open` was given has passed the umask.
      if (mode !== undefined) await handle.chmod(mode);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** One after the other: Node's own way does not end where the system says that the parent is missing and it is not, as in /proc. */
async function makeFolder(folder: string): Promise<void> {
  const { root } = path.parse(folder);
  let made = root;
  for (const part of path.relative(root, folder).split(path.sep)) {
    made = path.join(made, part);
    if (!existsSync(made)) await mkdir(made);
  }
}

function nothingThere(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
}
