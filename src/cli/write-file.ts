import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { open, readFile, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, pathWithin } from '../config/disk.js';
import { HookwrightError, usageError } from '../core/errors.js';
import { whyLost } from './io.js';

/**
 * Writes a file completely or not at all. Creates missing directories, keeps the mode of an existing file,
 * and follows links. Throws `io` with the path as it was passed.
 */
export async function writeWhole(cwd: string, file: string, text: string): Promise<void> {
  try {
    const target = await destination(path.resolve(cwd, file));
    const found = await stat(target).catch(nothingThere);
    // A pipe or device, such as /dev/stdout, is written to: it must not be replaced by a file.
    if (found && !found.isFile()) await writeFile(target, text);
    else await replaceFile(target, text, found && found.mode & 0o777);
  } catch (cause) {
    throw new HookwrightError('io', `Cannot write ${file}: ${whyLost(cause)}.`, { cause });
  }
}

/** Follows links to the end, even if nothing exists there yet. */
async function destination(file: string): Promise<string> {
  // `stat` comes first because a link to a pipe leads to something without a path.
  if (await stat(file).catch(nothingThere)) return (await realpath(file).catch(nothingThere)) ?? file;
  const folder = path.dirname(file);
  const parent = folder === file ? file : await destination(folder);
  const link = await readlink(file).catch(() => undefined);
  return link === undefined
    ? path.join(parent, path.basename(file))
    : destination(path.resolve(parent, link));
}

/** A file that a run will write, and the flag that names it. */
export type OutputFile = { readonly flag: string; readonly file: string };

/** A file that a run reads, and what it is to the user: `the saved plan`. */
export type InputFile = { readonly file: string; readonly role: string };

/**
 * Refuses output files before anything else is done: files that the run reads, other desired-state files, one
 * file for two outputs, and links in the working directory (which can be a checkout by someone else) that lead
 * outside of it or into a hidden directory in it. Throws `usage`.
 */
export async function refuseOutputs(
  cwd: string,
  outputs: readonly OutputFile[],
  inputs: readonly InputFile[],
): Promise<void> {
  const here = await realpath(cwd);
  const targetOf = async (file: string): Promise<string> => {
    const given = path.resolve(cwd, file);
    // A link that cannot be followed cannot be written either; the write reports it.
    return destination(given).catch(() => given);
  };
  const taken = new Map<string, string>();
  for (const { file, role } of inputs) taken.set(await targetOf(file), `overwrite ${role}`);
  for (const { flag, file } of outputs) {
    const target = await targetOf(file);
    const isFile = (await stat(target).catch(() => undefined))?.isFile();
    const isState = isFile === true && (await isDesiredState(target));
    const loss = taken.get(target) ?? (isState ? 'overwrite a desired-state file' : undefined);
    if (loss) throw usageError(`${flag} ${file} would ${loss}. Pass another path.`);
    // Pipes and devices, such as /dev/stderr, are written to, not replaced.
    if (isFile !== false) {
      taken.set(target, `be written to the same file as ${flag === '--report' ? 'another report' : flag}`);
    }
    const given = path.resolve(cwd, file);
    const inside = pathWithin(cwd, given);
    if (inside !== undefined && target !== given && leadsAway(pathWithin(here, target), inside)) {
      throw usageError(
        `${flag} ${file} is not written, because a link leads it to ${target}. Pass a path without links, or that path itself.`,
      );
    }
  }
}

/** An included file can have any name. */
async function isDesiredState(file: string): Promise<boolean> {
  if (/\.ya?ml$/i.test(file)) return true;
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^(?:webhooks|policies)[ \t]*:/m.test(text);
}

function leadsAway(target: string | undefined, given: string): boolean {
  const isHidden = (way: string): boolean => way.split(path.sep).some((part) => part.startsWith('.'));
  return target === undefined || (isHidden(target) && !isHidden(given));
}

async function replaceFile(target: string, text: string, mode: number | undefined): Promise<void> {
  makeFolder(path.dirname(target));
  const draft = `${target}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    const handle = await open(draft, 'wx', mode ?? 0o644);
    try {
      // The umask has reduced the mode that was passed to `open`.
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

/**
 * Creates one directory at a time: Node's recursive mkdir never ends where an existing parent is reported as
 * missing, as in /proc.
 */
export function makeFolder(folder: string): void {
  const { root } = path.parse(folder);
  let made = root;
  for (const part of path.relative(root, folder).split(path.sep)) {
    made = path.join(made, part);
    if (!existsSync(made)) mkdirSync(made);
  }
}

function nothingThere(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
}
