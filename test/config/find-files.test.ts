import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { diskFiles, type Files } from '../../src/config/disk.js';
import { findFiles } from '../../src/config/find-files.js';
import { loadDesired } from '../../src/config/load.js';
import { HookwrightError } from '../../src/core/errors.js';
import { memoryFiles, OPTIONS, webhook } from './memory-files.js';

const account = (n: number): string =>
  `account_id: ${String(n).padStart(32, '0').replace(/^0/, 'a')}\nwebhooks: []\n`;

describe('paths', () => {
  const files = memoryFiles({
    'conf/b.yaml': account(1),
    'conf/a.yml': account(2),
    'conf/sub/c.yaml': account(3),
    'conf/.git/d.yaml': 'no',
    'conf/node_modules/e.yaml': 'no',
    'conf/readme.md': 'no',
    'docs/readme.md': 'no',
    '-': account(4),
  });

  test.each([
    [
      'a directory: all files below, sorted',
      ['conf'],
      ['conf/a.yml:1', 'conf/b.yaml:1', 'conf/sub/c.yaml:1'],
    ],
    ['stdin', ['-'], ['<stdin>:1']],
    [
      'in the given order, each one once',
      ['conf/b.yaml', 'conf', './conf/b.yaml', '-', '-'],
      ['conf/b.yaml:1', 'conf/a.yml:1', 'conf/sub/c.yaml:1', '<stdin>:1'],
    ],
  ])('%s', async (_what, paths, sources) => {
    const { accounts, diagnostics } = await loadDesired({ ...OPTIONS, paths }, files);
    expect(diagnostics).toEqual([]);
    expect(accounts.map(({ source }) => source)).toEqual(sources);
  });

  test.each([
    [[], 'hookwright.yaml', 'no such file or directory', 'hookwright import'],
    [['nope.yaml'], 'nope.yaml', 'no such file or directory', '-f'],
    [['docs'], 'docs', 'no *.yaml or *.yml files in this directory', '-f'],
  ])('that do not exist: %j', async (paths, file, message, hint) => {
    const { diagnostics } = await loadDesired({ ...OPTIONS, paths }, files);
    expect(diagnostics).toMatchObject([{ severity: 'error', code: 'no-file', file, line: 1, message }]);
    expect(diagnostics[0]?.hint).toContain(hint);
  });

  test.each([
    [[], 'hookwright.yml', 'pass: -f hookwright.yml'],
    [['conf/x.yml'], 'conf/x.yaml', 'pass: -f conf/x.yaml'],
  ])('that exist with the other extension: %j', async (paths, near, hint) => {
    const beside = memoryFiles({ [near]: 'webhooks: []' });
    const { diagnostics } = await loadDesired({ ...OPTIONS, paths }, beside);
    expect(diagnostics).toMatchObject([{ code: 'no-file', hint: expect.stringContaining(hint) }]);
  });

  test('that do not exist are empty in an earlier revision', async () => {
    const loaded = await loadDesired({ ...OPTIONS, paths: ['nope.yaml', 'docs'], missing: 'empty' }, files);
    expect(loaded).toMatchObject({ accounts: [], diagnostics: [] });
  });

  test('that cannot be read', async () => {
    const denied = Object.assign(new Error('no'), { code: 'EACCES' });
    const readFile = (): Promise<never> => Promise.reject(denied);
    const { diagnostics } = await loadDesired({ ...OPTIONS, paths: ['a.yaml'] }, { ...files, readFile });
    expect(diagnostics).toMatchObject([{ code: 'unreadable', message: 'cannot be read: permission denied' }]);
  });
});

describe('on disk', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hookwright-'));
    await mkdir(join(folder, 'conf', '..data'), { recursive: true });
    await writeFile(join(folder, 'conf', '..data', 'mounted.yaml'), account(1));
    await symlink('..data/mounted.yaml', join(folder, 'conf', 'mounted.yaml'));
    await symlink('.', join(folder, 'conf', 'circle'));
    await symlink('nowhere', join(folder, 'conf', 'dangling.yaml'));
    await mkdir(join(folder, 'repo'));
    await writeFile(join(folder, 'outside'), 'x');
    await writeFile(join(folder, 'repo', 'inside'), 'x');
    await symlink('../outside', join(folder, 'repo', 'leads-out'));
    await symlink('inside', join(folder, 'repo', 'stays'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const load = (path: string, options: Partial<typeof OPTIONS> = {}): ReturnType<typeof loadDesired> =>
    loadDesired(
      { ...OPTIONS, ...options, paths: [path] },
      diskFiles({ cwd: folder, stdin: Readable.from([]) }),
    );

  test('reads a mounted ConfigMap, but does not follow loops', async () => {
    const { accounts, diagnostics } = await load('conf');
    expect(diagnostics).toEqual([]);
    expect(accounts.map(({ source }) => source)).toEqual(['conf/mounted.yaml:1']);
  });

  test.each([
    ['inside', 0],
    ['stays', 0],
    ['not-there-yet', 0],
    ['leads-out', 1],
    ['../outside', 1],
    ['..', 1],
  ])('the secret file %s', async (file, faults) => {
    await writeFile(join(folder, 'repo', 'hookwright.yaml'), webhook(`    secret: { file: ${file} }`));
    const { diagnostics } = await load('repo/hookwright.yaml');
    expect(diagnostics.map(({ code }) => code)).toEqual(Array(faults).fill('secret-file-outside'));
  });

  test('--secret-dir allows another directory', async () => {
    await writeFile(join(folder, 'repo', 'hookwright.yaml'), webhook('    secret: { file: ../outside }'));
    const { diagnostics } = await load('repo/hookwright.yaml', { secretDirs: ['.'] });
    expect(diagnostics).toEqual([]);
  });

  test('stdin', async () => {
    const files = diskFiles({ cwd: folder, stdin: Readable.from([Buffer.from('webhooks: '), '[]']) });
    const { accounts } = await loadDesired({ ...OPTIONS, paths: ['-'] }, files);
    expect(accounts).toHaveLength(1);
  });
});

describe('unreadable files', () => {
  const broken = (error: Error): Files => ({
    cwd: '/repo',
    readFile: () => Promise.reject(error),
    readFolder: () => Promise.reject(error),
    realPath: () => Promise.reject(error),
    readStdin: () => Promise.reject(error),
  });
  const found = async (error: Error): Promise<unknown[]> => {
    const all: unknown[] = [];
    for await (const each of findFiles(['a.yaml', '-'], broken(error))) all.push(each);
    return all;
  };

  test.each([
    ['EACCES', 'permission denied'],
    ['EIO', 'it cannot be read'],
  ])('reports %s, and continues with the next file', async (code, reason) => {
    const message = `cannot be read: ${reason}`;
    expect(await found(Object.assign(new Error(code), { code }))).toMatchObject([
      { code: 'unreadable', file: 'a.yaml', message },
      { code: 'unreadable', file: '<stdin>', message },
    ]);
  });

  test('an error that explains itself ends the search', async () => {
    await expect(found(new HookwrightError('usage', 'Git says no.'))).rejects.toThrow('Git says no.');
  });
});
