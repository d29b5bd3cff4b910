import { execFile } from 'node:child_process';
import {
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { refuseOutputs, writeWhole } from '../../src/cli/write-file.js';
import { emptyFolder } from '../support/cli.js';

let cwd = '';
beforeEach(async () => {
  cwd = await emptyFolder();
});
const at = (...parts: string[]): string => path.join(cwd, ...parts);
const text = (file: string): Promise<string> => readFile(at(file), 'utf8');
const modeOf = async (file: string): Promise<number> => (await stat(at(file))).mode & 0o777;

test('a new file, with the missing directories', async () => {
  await writeWhole(cwd, 'a/b/c.txt', 'new');
  expect(await text('a/b/c.txt')).toBe('new');
  expect(await readdir(at('a/b'))).toEqual(['c.txt']);
});

test.each([0o600, 0o640, 0o666, 0o755])('an existing file keeps its mode %o', async (mode) => {
  await writeFile(at('plan.json'), 'old');
  await chmod(at('plan.json'), mode);
  await writeWhole(cwd, 'plan.json', 'new');
  expect([await text('plan.json'), await modeOf('plan.json')]).toEqual(['new', mode]);
});

describe('a link stays, and its target is written', () => {
  test.each([
    ['to a file', 'deep/real.txt'],
    ['to a file that does not exist yet', 'deep/missing.txt'],
    ['to a directory that does not exist yet', 'other/missing.txt'],
    ['through another link', 'chain.txt'],
  ])('%s', async (_, target) => {
    await mkdir(at('deep'));
    await writeFile(at('deep/real.txt'), 'old');
    await symlink('deep/unborn.txt', at('chain.txt'));
    await symlink(target, at('link.txt'));
    await writeWhole(cwd, 'link.txt', 'new');
    expect((await lstat(at('link.txt'))).isSymbolicLink()).toBe(true);
    expect([await text('link.txt'), await readlink(at('link.txt'))]).toEqual(['new', target]);
  });

  test('relative to the real directory of the link', async () => {
    await mkdir(at('real/folder'), { recursive: true });
    await symlink('real/folder', at('way'));
    await symlink('../beside.txt', at('real/folder/link.txt'));
    await writeWhole(cwd, 'way/link.txt', 'new');
    expect(await text('real/beside.txt')).toBe('new');
  });
});

test('a pipe is written to, not replaced by a file', async () => {
  await promisify(execFile)('mkfifo', [at('pipe')]);
  const [read] = await Promise.all([text('pipe'), writeWhole(cwd, 'pipe', 'through')]);
  expect(read).toBe('through');
  expect((await stat(at('pipe'))).isFIFO()).toBe(true);
});

describe('the error for a file that cannot be written has the path as passed, and nothing is left', () => {
  test.each([
    ['a directory', 'folder', 'it is a directory'],
    ['below a file', 'file/x.txt', 'a part of the path is not a directory'],
    ['a link to itself', 'circle', 'ELOOP'],
    // Node's own recursive mkdir never returns for this path.
    ['below /proc', '/proc/hookwright/a/b.txt', 'ENOENT'],
    ['a name that is too long', 'x'.repeat(255), 'the name is too long'],
  ])('%s', async (_, file, code) => {
    await mkdir(at('folder'));
    await writeFile(at('file'), '');
    await symlink('circle', at('circle'));
    await expect(writeWhole(cwd, file, 'new')).rejects.toMatchObject({
      code: 'io',
      message: `Cannot write ${file}: ${code}.`,
    });
    expect(await readdir(cwd)).toEqual(['circle', 'file', 'folder']);
  });
});

describe('files that must not be written', () => {
  const refusal = (file: string, desired: readonly string[] = []): Promise<void> =>
    refuseOutputs(
      cwd,
      [{ flag: '--out', file }],
      desired.map((each) => ({ file: each, role: 'a desired-state file' })),
    );

  beforeEach(async () => {
    await mkdir(at('deep'));
    await mkdir(at('.git/hooks'), { recursive: true });
    await writeFile(at('hookwright.yaml'), 'webhooks: []');
    await writeFile(at('deep/state'), 'webhooks: []');
  });

  test.each([
    ['a YAML file', 'hookwright.yaml'],
    ['by another path', 'deep/../hookwright.yaml'],
    ['through a link', 'link'],
    ['a file passed with -f', 'deep/state'],
    ['an included file with another ending', 'team.txt'],
    ['a hard link', 'hard'],
  ])('a desired-state file: %s', async (_, file) => {
    await symlink('hookwright.yaml', at('link'));
    await writeFile(at('team.txt'), '# Team\nwebhooks:\n  - name: A\n');
    await link(at('team.txt'), at('hard'));
    await expect(refusal(file, ['deep/state'])).rejects.toThrow(
      `--out ${file} would overwrite a desired-state file`,
    );
  });

  test.each([
    ['a link', 'out', 'out'],
    ['a link to a link', 'twice', 'twice'],
    ['a directory that is a link', 'folder', 'folder/plan.json'],
    ['a new directory there', 'folder', 'folder/new/plan.json'],
    ['a link into a hidden directory', 'hook', 'hook'],
  ])('outside the working directory: %s', async (_, name, file) => {
    const outside = await emptyFolder();
    const targets = {
      out: path.join(outside, 'x'),
      twice: 'out',
      folder: outside,
      hook: '.git/hooks/post-merge',
    };
    await symlink(targets.out, at('out'));
    if (name !== 'out') await symlink(targets[name as keyof typeof targets], at(name));
    await expect(refusal(file)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(`--out ${file} is not written, because a link leads it to`),
    });
  });

  test('outside on purpose, through a link that stays inside, or not a file at all', async () => {
    const outside = await emptyFolder();
    await symlink(path.join(outside, 'real'), path.join(outside, 'link'));
    await symlink('deep', at('way'));
    await symlink('circle', at('circle'));
    for (const file of [
      path.join(outside, 'link'),
      'way/plan.json',
      '.cache/plan.json',
      'new.yaml',
      'circle',
      '/dev/stdout',
    ])
      await expect(refusal(file)).resolves.toBeUndefined();
  });

  test('the working directory can be reached through a link', async () => {
    const link = path.join(await emptyFolder(), 'link');
    await symlink(cwd, link);
    await expect(refuseOutputs(link, [{ flag: '--out', file: 'plan.json' }], [])).resolves.toBeUndefined();
  });
});
