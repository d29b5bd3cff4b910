import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { gitFiles } from '../../src/config/git-files.js';
import { emptyFolder } from '../support/cli.js';

const NOBODY = ['-c', 'user.name=nobody', '-c', 'user.email=nobody@example.com'];
let top = '';
const git = (...args: string[]): Promise<unknown> =>
  promisify(execFile)('git', ['-C', top, ...NOBODY, ...args]);
const text = async (read: Promise<Uint8Array | undefined>): Promise<string | undefined> =>
  (await read)?.toString();

beforeAll(async () => {
  top = await emptyFolder();
  await git('init', '-q');
  await mkdir(path.join(top, 'state/deep'), { recursive: true });
  await writeFile(path.join(top, 'state/a.yaml'), 'old');
  await writeFile(path.join(top, 'state/deep/b.yaml'), 'b');
  await symlink('a.yaml', path.join(top, 'state/link.yaml'));
  await git('add', '.');
  await git('commit', '-q', '-m', 'first');
  await writeFile(path.join(top, 'state/a.yaml'), 'new');
  await writeFile(path.join(top, 'state/later.yaml'), 'later');
});

test('files are as they were in the revision, by their paths in the work tree', async () => {
  const files = await gitFiles(path.join(top, 'state'), 'HEAD');
  expect(await text(files.readFile('a.yaml'))).toBe('old');
  expect(await text(files.readFile(path.join(top, 'state/deep/b.yaml')))).toBe('b');
  expect(await text(files.readFile('later.yaml'))).toBeUndefined();
  expect(await files.realPath('deep/../a.yaml')).toBe(path.join(top, 'state/a.yaml'));
});

test('folders have files, folders, and links that are not followed', async () => {
  const files = await gitFiles(top, 'HEAD');
  expect(await files.readFolder('.')).toEqual([{ name: 'state', kind: 'folder' }]);
  expect(await files.readFolder('state')).toEqual([
    { name: 'a.yaml', kind: 'file' },
    { name: 'deep', kind: 'folder' },
    { name: 'link.yaml', kind: 'other' },
  ]);
  expect(await files.readFolder('missing')).toBeUndefined();
});

test('nothing outside of the repository is read, and there is no stdin', async () => {
  const files = await gitFiles(top, 'HEAD');
  expect(await files.readFile('../other.yaml')).toBeUndefined();
  expect(await files.readFolder('..')).toBeUndefined();
  expect(await files.readStdin()).toHaveLength(0);
});

test.each(['nope', '', '--help', 'HEAD:state'])('%j is no revision', async (revision) => {
  await expect(gitFiles(top, revision)).rejects.toMatchObject({ code: 'usage' });
});

test('outside of a repository there is nothing to read', async () => {
  await expect(gitFiles(await emptyFolder(), 'HEAD')).rejects.toThrow('needs a Git repository');
});
