import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
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
  await symlink('deep', path.join(top, 'state/dir.yaml'));
  await symlink('gone.yaml', path.join(top, 'state/lost.yaml'));
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

test('folders have files, folders, and links to files, which are followed', async () => {
  const files = await gitFiles(top, 'HEAD');
  expect(await files.readFolder('.')).toEqual([{ name: 'state', kind: 'folder' }]);
  expect(await files.readFolder('state')).toEqual([
    { name: 'a.yaml', kind: 'file' },
    { name: 'deep', kind: 'folder' },
    { name: 'dir.yaml', kind: 'other' },
    { name: 'link.yaml', kind: 'file' },
    { name: 'lost.yaml', kind: 'other' },
  ]);
  expect(await files.readFolder('missing')).toBeUndefined();
  expect(await files.readFolder('state/a.yaml')).toBeUndefined();
  expect(await text(files.readFile('state/link.yaml'))).toBe('old');
  expect(await text(files.readFile('state/lost.yaml'))).toBeUndefined();
  expect(await text(files.readFile('state'))).toBeUndefined();
});

test('a folder that is reached by a link is the one that it leads to', async () => {
  const elsewhere = path.join(await emptyFolder(), 'link');
  await symlink(path.join(top, 'state'), elsewhere);
  const files = await gitFiles(top, 'HEAD');
  expect(await text(files.readFile(path.join(elsewhere, 'a.yaml')))).toBe('old');
});

test('what is outside of the repository is refused, and there is no stdin', async () => {
  const files = await gitFiles(top, 'HEAD');
  await expect(files.readFile('../other.yaml')).rejects.toThrow('is outside the Git repository');
  await expect(files.readFolder('..')).rejects.toThrow('is outside the Git repository');
  await expect(files.readFolder('/')).rejects.toThrow('is outside the Git repository');
  expect(await files.readStdin()).toHaveLength(0);
});

test('a link that leads outside the repository, or round in circles, is refused', async () => {
  await git('checkout', '-q', '--orphan', 'links');
  for (const [name, target] of [
    ['out.yaml', '../out.yaml'],
    ['absolute.yaml', '/etc/passwd'],
    ['circle.yaml', 'circle.yaml'],
  ] as const) {
    await symlink(target, path.join(top, name));
    await git('add', name);
  }
  await git('commit', '-q', '-m', 'links');
  const files = await gitFiles(top, 'links');
  for (const name of ['out.yaml', 'absolute.yaml', 'circle.yaml'])
    await expect(files.readFile(name)).rejects.toThrow('leads outside the repository');
  expect((await files.readFolder('.'))?.map(({ kind }) => kind)).toEqual(['file', 'file', 'file', 'folder']);
});

test('what is neither file nor folder is neither, and a link to the top is a folder', async () => {
  const odd = await emptyFolder();
  const inOdd = (...args: string[]): Promise<unknown> =>
    promisify(execFile)('git', ['-C', odd, ...NOBODY, ...args]);
  await inOdd('init', '-q');
  await symlink('.', path.join(odd, 'top.yaml'));
  await inOdd('add', 'top.yaml');
  await inOdd('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},submodule`);
  await inOdd('commit', '-q', '-m', 'odd');
  const files = await gitFiles(odd, 'HEAD');
  expect(await files.readFolder('.')).toEqual([
    { name: 'submodule', kind: 'other' },
    { name: 'top.yaml', kind: 'other' },
  ]);
  expect(await files.readFile('top.yaml')).toBeUndefined();
});

test('links below a folder that is a link start from where that leads', async () => {
  const linked = await emptyFolder();
  const inLinked = (...args: string[]): Promise<unknown> =>
    promisify(execFile)('git', ['-C', linked, ...NOBODY, ...args]);
  await inLinked('init', '-q');
  await mkdir(path.join(linked, 'a/deep'), { recursive: true });
  await writeFile(path.join(linked, 'a/real.yaml'), 'real');
  await symlink('../real.yaml', path.join(linked, 'a/deep/link.yaml'));
  await symlink('a/deep', path.join(linked, 'short'));
  await inLinked('add', '.');
  await inLinked('commit', '-q', '-m', 'linked');
  const files = await gitFiles(linked, 'HEAD');
  expect(await files.readFolder('short')).toEqual([{ name: 'link.yaml', kind: 'file' }]);
  expect(await text(files.readFile('short/link.yaml'))).toBe('real');
});

test('what Git cannot read is no file that is not there', async () => {
  const broken = await emptyFolder();
  await promisify(execFile)('git', ['clone', '-q', '--no-local', top, broken]);
  const files = await gitFiles(broken, 'HEAD~0');
  await rm(path.join(broken, '.git/objects'), { recursive: true });
  await mkdir(path.join(broken, '.git/objects'));
  await expect(files.readFile('state/a.yaml')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(/^git ls-tree failed: /),
  });
});

test.each(['nope', '', '--help', 'HEAD:state'])('%j is no revision', async (revision) => {
  await expect(gitFiles(top, revision)).rejects.toMatchObject({ code: 'usage' });
});

test('outside of a repository there is nothing to read', async () => {
  await expect(gitFiles(await emptyFolder(), 'HEAD')).rejects.toThrow('needs a Git repository');
});
