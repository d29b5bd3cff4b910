import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { HookwrightError } from '../core/errors.js';
import type { Files, FolderEntry } from './files.js';

const run = promisify(execFile);
const LARGEST = 64 * 1024 * 1024;

/**
 * The files of a Git revision, by the paths they have in the work tree.
 * Throws `usage` if there is no repository, or the revision cannot be resolved.
 */
export async function gitFiles(cwd: string, revision: string): Promise<Files> {
  const top = await topLevel(cwd);
  const commit = await resolve(cwd, revision);
  const inTree = (file: string): string =>
    path.relative(top, path.resolve(cwd, file)).split(path.sep).join('/');
  const entries = async (folder: string): Promise<readonly FolderEntry[] | undefined> => {
    const inside = inTree(folder);
    if (inside.startsWith('..')) return undefined;
    const listed = await git(cwd, ['ls-tree', '-z', inside === '' ? commit : `${commit}:${inside}`]);
    return listed?.toString('utf8').split('\0').filter(Boolean).map(entryOf);
  };
  const file = async (name: string): Promise<Uint8Array | undefined> => {
    const inside = inTree(name);
    return inside.startsWith('..') ? undefined : git(cwd, ['cat-file', 'blob', `${commit}:${inside}`]);
  };
  return {
    cwd,
    readFile: file,
    readFolder: entries,
    // A tree has no links that matter here: what a path says is where it is.
    realPath: (name) => Promise.resolve(path.resolve(cwd, name)),
    readStdin: () => Promise.resolve(new Uint8Array()),
  };
}

async function topLevel(cwd: string): Promise<string> {
  const top = await git(cwd, ['rev-parse', '--show-toplevel']);
  if (!top)
    throw new HookwrightError(
      'usage',
      '--previous git:REV needs a Git repository, and there is none here (or no git command).',
    );
  return top.toString('utf8').trim();
}

async function resolve(cwd: string, revision: string): Promise<string> {
  const safe = revision !== '' && !revision.startsWith('-');
  const commit = safe
    ? await git(cwd, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`])
    : undefined;
  if (commit) return commit.toString('utf8').trim();
  throw new HookwrightError(
    'usage',
    `--previous git:${revision}: Git knows no such revision here. A shallow clone has only the newest commits and no tags: ` +
      `fetch more (fetch-depth: 0 in actions/checkout, GIT_DEPTH: 0 in GitLab).`,
  );
}

/** What Git prints, or `undefined` if it fails: the path is not in the tree. */
async function git(cwd: string, args: readonly string[]): Promise<Buffer | undefined> {
  try {
    const { stdout } = await run('git', [...args], { cwd, encoding: 'buffer', maxBuffer: LARGEST });
    return stdout;
  } catch {
    return undefined;
  }
}

function entryOf(line: string): FolderEntry {
  const tab = line.indexOf('\t');
  const [mode, type] = line.slice(0, tab).split(' ');
  const kind = type === 'tree' ? 'folder' : mode === '120000' || type !== 'blob' ? 'other' : 'file';
  return { name: line.slice(tab + 1), kind };
}
