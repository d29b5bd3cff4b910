import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { gitFiles } from '../../src/config/git-files.js';
import { emptyFolder } from '../support/cli.js';

const NOBODY = ['-c', 'user.name=no one', '-c', 'user.email=no one@example.com'];
let top = '';
const git = (...args: string[]): Promise<unknown> =>
  promisify(execFile)('git', ['-C', top, ...NOBODY, ...args]);
/** Runs Git in a directory, with the whole environment of this process. */
const at = (cwd: string) => ({
  cwd,
  env: process.env,
  redact: (said: string) => said.replace('secret', '…'),
});
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

test('files are as in the revision, by their paths in the work tree', async () => {
  const files = await gitFiles(at(path.join(top, 'state')), 'HEAD');
  expect(await text(files.readFile('a.yaml'))).toBe('old');
  expect(await text(files.readFile(path.join(top, 'state/deep/b.yaml')))).toBe('b');
  expect(await text(files.readFile('later.yaml'))).toBeUndefined();
  expect(await files.realPath('deep/../a.yaml')).toBe(path.join(top, 'state/a.yaml'));
});

test('directories contain files, directories, and links to files, which are followed', async () => {
  const files = await gitFiles(at(top), 'HEAD');
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

test('a directory that is reached through a link is the directory itself', async () => {
  const elsewhere = path.join(await emptyFolder(), 'link');
  await symlink(path.join(top, 'state'), elsewhere);
  const files = await gitFiles(at(top), 'HEAD');
  expect(await text(files.readFile(path.join(elsewhere, 'a.yaml')))).toBe('old');
});

test('refuses paths outside the repository, and has no stdin', async () => {
  const files = await gitFiles(at(top), 'HEAD');
  await expect(files.readFile('../other.yaml')).rejects.toThrow('is outside the Git repository');
  await expect(files.readFolder('..')).rejects.toThrow('is outside the Git repository');
  await expect(files.readFolder('/')).rejects.toThrow('is outside the Git repository');
  expect(await files.readStdin()).toHaveLength(0);
});

test('refuses a link that leads outside the repository or forms a loop', async () => {
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
  const files = await gitFiles(at(top), 'links');
  for (const name of ['out.yaml', 'absolute.yaml', 'circle.yaml'])
    await expect(files.readFile(name)).rejects.toThrow('leads outside the repository');
  expect((await files.readFolder('.'))?.map(({ kind }) => kind)).toEqual(['file', 'file', 'file', 'folder']);
});

test('an entry that is neither a file nor a directory is `other`, and a link to the top is a directory', async () => {
  const odd = await emptyFolder();
  const inOdd = (...args: string[]): Promise<unknown> =>
    promisify(execFile)('git', ['-C', odd, ...NOBODY, ...args]);
  await inOdd('init', '-q');
  await symlink('.', path.join(odd, 'top.yaml'));
  await inOdd('add', 'top.yaml');
  await inOdd('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},submodule`);
  await inOdd('commit', '-q', '-m', 'odd');
  const files = await gitFiles(at(odd), 'HEAD');
  expect(await files.readFolder('.')).toEqual([
    { name: 'submodule', kind: 'other' },
    { name: 'top.yaml', kind: 'other' },
  ]);
  expect(await files.readFile('top.yaml')).toBeUndefined();
});

test("a link in a linked directory is resolved from that directory's real path", async () => {
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
  const files = await gitFiles(at(linked), 'HEAD');
  expect(await files.readFolder('short')).toEqual([{ name: 'link.yaml', kind: 'file' }]);
  expect(await text(files.readFile('short/link.yaml'))).toBe('real');
});

test('an object that Git cannot read is not a missing file', async () => {
  const broken = await emptyFolder();
  await promisify(execFile)('git', ['clone', '-q', '--no-local', top, broken]);
  const files = await gitFiles(at(broken), 'HEAD~0');
  await rm(path.join(broken, '.git/objects'), { recursive: true });
  await mkdir(path.join(broken, '.git/objects'));
  await expect(files.readFile('state/a.yaml')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(/^git ls-tree failed: /),
  });
});

test.each(['nope', '', '--help', 'HEAD:state'])('%j is not a revision', async (revision) => {
  await expect(gitFiles(at(top), revision)).rejects.toMatchObject({ code: 'usage' });
});

test('fails outside a repository', async () => {
  await expect(gitFiles(at(await emptyFolder()), 'HEAD')).rejects.toThrow('needs a Git repository');
});

describe('files of a pull request cannot make Git run a command', () => {
  /** Creates a directory that Git recognizes as a repository, although no one created one there. */
  async function embedded(config: string): Promise<{ cwd: string; ran: string }> {
    const repository = await emptyFolder();
    await promisify(execFile)('git', ['-C', repository, 'init', '-q']);
    const cwd = path.join(repository, 'webhooks');
    const ran = path.join(await emptyFolder(), 'ran');
    await mkdir(path.join(cwd, 'objects'), { recursive: true });
    await mkdir(path.join(cwd, 'refs/heads'), { recursive: true });
    await writeFile(path.join(cwd, 'HEAD'), 'ref: refs/heads/main\n');
    await writeFile(path.join(cwd, 'refs/heads/main'), `${'1'.repeat(40)}\n`);
    await writeFile(path.join(cwd, 'config'), config.replaceAll('COMMAND', `env > ${ran}`));
    return { cwd, ran };
  }
  const promisor = `[core]
    repositoryformatversion = 1
    bare = false
    worktree = .
    fsmonitor = "COMMAND;"
[extensions]
    partialClone = origin
[remote "origin"]
    promisor = true
    url = .
    uploadpack = "COMMAND;"
[protocol]
    allow = always
`;

  test('the trap works with plain Git', async () => {
    const { cwd, ran } = await embedded(promisor);
    const env = { ...process.env, CLOUDFLARE_API_TOKEN: 'token' };
    const args = ['rev-parse', '--verify', 'main^{commit}'];
    await promisify(execFile)('git', args, { cwd, env }).catch(() => undefined);
    expect(await readFile(ran, 'utf8')).toContain('CLOUDFLARE_API_TOKEN=token');
  });

  test('does not use an embedded bare repository', async () => {
    const { cwd, ran } = await embedded(promisor);
    await expect(gitFiles(at(cwd), 'main')).rejects.toThrow('bare repository');
    await expect(readFile(ran)).rejects.toThrow('ENOENT');
  });

  test('does not fetch missing objects, even if the repository is configured to', async () => {
    const { cwd, ran } = await embedded(promisor);
    const repository = path.dirname(cwd);
    await cp(path.join(cwd, 'config'), path.join(repository, '.git/config'));
    await cp(path.join(cwd, 'refs/heads/main'), path.join(repository, '.git/refs/heads/main'));
    await expect(gitFiles(at(repository), 'main')).rejects.toThrow('--previous git:main');
    await expect(readFile(ran)).rejects.toThrow('ENOENT');
  });

  test('Git has no secrets in its environment, and its messages are redacted', async () => {
    const tools = await emptyFolder();
    await writeFile(path.join(tools, 'git'), '#!/bin/sh\necho "a secret of $(env)" >&2\nexit 1\n', {
      mode: 0o755,
    });
    const env = {
      PATH: `${tools}:${process.env['PATH'] ?? ''}`,
      CLOUDFLARE_API_TOKEN: 'token',
      OPS_TOKEN: 'token',
    };
    const failing = gitFiles({ ...at(tools), env }, 'main');
    await expect(failing).rejects.toThrow('git rev-parse failed: a … of ');
    await expect(failing).rejects.not.toThrow(/token/);
  });
});
