import { describe, expect, test } from '@jest/globals';
import { type Loaded, loadDesired } from '../../src/config/load.js';
import type { LoadOptions } from '../../src/config/load-options.js';
import { ACCOUNT, memoryFiles, OPTIONS, OTHER_ACCOUNT } from './memory-files.js';

const entry = (name: string, more = ''): string =>
  `  - { name: ${name}, url: "https://relay.example.com/${name}"${more} }\n`;
const document = (include: string, webhooks = entry('Own'), account = ACCOUNT): string =>
  `account_id: ${account}\ninclude: [${include}]\nwebhooks:\n${webhooks}`;

const load = (
  contents: Readonly<Record<string, string>>,
  options: Partial<LoadOptions> = {},
  links: Readonly<Record<string, string>> = {},
): Promise<Loaded> => loadDesired({ ...OPTIONS, ...options }, memoryFiles(contents, links));

const problemsOf = ({ diagnostics }: Loaded): readonly string[] =>
  diagnostics.map(({ file, line, column, code, message }) => `${file}:${line}:${column} ${code}: ${message}`);

const names = ({ accounts }: Loaded): readonly (readonly string[])[] =>
  accounts.map(({ webhooks }) => webhooks.map(({ name }) => name));

describe('an account in several files', () => {
  test('has the lists of all files', async () => {
    const loaded = await load(
      {
        'hookwright/production.yaml': document('teams/edge.yaml, ../billing/relay.yaml'),
        'hookwright/teams/edge.yaml':
          'ignore: [dash-*]\nabsent: [Old]\npolicies: [{ name: Origin, webhooks: [Own, Edge] }]\nx-note: &a {}\nwebhooks:\n' +
          entry('Edge', ', secret: { file: secrets/edge }'),
        'billing/relay.yaml': `ignore: [cron-*]\nwebhooks:\n${entry('Billing')}`,
      },
      { paths: ['hookwright/production.yaml'] },
    );
    expect(problemsOf(loaded)).toEqual([]);
    expect(loaded.counts).toEqual({ files: 3, documents: 1, webhooks: 3 });
    expect(names(loaded)).toEqual([['Own', 'Edge', 'Billing']]);
    expect(loaded.accounts).toMatchObject([
      {
        ignore: ['dash-*', 'cron-*'],
        absent: ['Old'],
        routes: [{ name: 'Origin', webhooks: ['Own', 'Edge'] }],
        source: 'hookwright/production.yaml:1',
      },
    ]);
    expect(loaded.accounts[0]?.webhooks[1]?.secret).toMatchObject({
      path: '/repo/hookwright/teams/secrets/edge',
    });
  });

  test('an included file needs no list, and is never a document of its own even if -f names its directory', async () => {
    const loaded = await load(
      { 'a/edge.yaml': 'absent: [Old]\n', 'b/main.yaml': document('../a/edge.yaml') },
      { paths: ['.'] },
    );
    expect(problemsOf(loaded)).toEqual([]);
    expect(names(loaded)).toEqual([['Own']]);
    expect(
      (await load({ 'a/edge.yaml': `webhooks:\n${entry('A')}` }, { paths: ['a'] })).accounts,
    ).toHaveLength(1);
  });

  test('two documents can include the same file, and its problems are reported once', async () => {
    const main = `${document('edge.yaml')}---\n${document('edge.yaml', entry('Own'), OTHER_ACCOUNT)}`;
    const loaded = await load({
      'hookwright.yaml': main,
      'edge.yaml': `webhooks:\n${entry('Edge', ', foo: 1')}`,
    });
    expect(problemsOf(loaded)).toEqual(['edge.yaml:2:58 unknown-field: unknown field "foo"']);
    expect(names(loaded)).toEqual([
      ['Own', 'Edge'],
      ['Own', 'Edge'],
    ]);
  });

  test('a secret file that only one of two files can refer to is an error in the other', async () => {
    const files = {
      'main.yaml': document('teams/edge.yaml', entry('Own', ', secret: { file: secrets/ops }')),
      'teams/edge.yaml': `webhooks:\n${entry('Edge', ', secret: { file: ../secrets/ops }')}`,
    };
    expect(problemsOf(await load(files, { paths: ['main.yaml'] }))).toEqual([
      'teams/edge.yaml:2:74 secret-file-outside: file: outside the allowed directories',
    ]);
  });

  test('with stdin, paths are relative to the working directory', async () => {
    const files = { '-': document('teams/edge.yaml'), 'teams/edge.yaml': `webhooks:\n${entry('Edge')}` };
    const loaded = await load(files, { paths: ['-'] });
    expect(problemsOf(loaded)).toEqual([]);
    expect(names(loaded)).toEqual([['Own', 'Edge']]);
  });

  test('errors across files name both places', async () => {
    const loaded = await load({
      'hookwright.yaml': document('a.yaml, b.yaml'),
      'a.yaml': `absent: [Own]\nwebhooks:\n${entry('Edge')}`,
      'b.yaml': `\nwebhooks:\n${entry('Edge', ', previously: [Own]')}`,
    });
    expect(problemsOf(loaded)).toEqual([
      'a.yaml:1:10 declared-and-absent: "Own" is listed under both "absent" and "webhooks"',
      'b.yaml:3:13 duplicate-name: duplicate name "Edge"',
      'b.yaml:3:71 duplicate-name: the previous name "Own" is still used by another entry',
    ]);
    expect(loaded.diagnostics.map(({ hint }) => hint?.split('. ')[0])).toEqual([
      'The webhook is at hookwright.yaml:4:13',
      'The first webhook with this name is at a.yaml:3:13',
      'That webhook is at hookwright.yaml:4:13',
    ]);
    expect(loaded.diagnostics[1]?.excerpt?.text).toContain('name: Edge');
  });

  test('an ID in a file of several accounts names where the accounts are', async () => {
    const { diagnostics } = await load({
      'hookwright.yaml': document('a.yaml', entry('Own'), `[${ACCOUNT}, ${OTHER_ACCOUNT}]`),
      'a.yaml': `webhooks:\n${entry('Edge', `, id: ${'a'.repeat(32)}`)}`,
    });
    expect(diagnostics).toMatchObject([
      {
        file: 'a.yaml',
        code: 'bad-id',
        hint: expect.stringMatching(/^They are at hookwright\.yaml:1:13\. /),
      },
    ]);
  });

  test('a link identifies the included file by its own path', async () => {
    const loaded = await load(
      { 'main.yaml': document('link.yaml'), 'edge.yaml': 'absent: [Old]\n', 'link.yaml': 'absent: [Old]\n' },
      { paths: ['main.yaml', 'edge.yaml'] },
      { '/repo/link.yaml': '/repo/edge.yaml' },
    );
    expect(problemsOf(loaded)).toEqual([]);
    expect(loaded.accounts).toHaveLength(1);
  });
});

describe('files that cannot be included', () => {
  const outside = 'bad-include: include: outside the allowed directories';
  test.each<
    [what: string, include: string, files: Readonly<Record<string, string>>, problems: readonly string[]]
  >([
    [
      'a file outside',
      '../other/edge.yaml',
      { '../other/edge.yaml': 'absent: [canary]' },
      [`main.yaml:2:11 ${outside}`],
    ],
    ['an absolute path outside', '/etc/passwd', {}, [`main.yaml:2:11 ${outside}`]],
    ['a hidden file', '.git/config', { '.git/config': 'canary' }, [`main.yaml:2:11 ${outside}`]],
    [
      'a file in a hidden directory',
      'a/.b/c.yaml',
      { 'a/.b/c.yaml': 'canary' },
      [`main.yaml:2:11 ${outside}`],
    ],
    ['a link that leads outside', 'link.yaml', { 'link.yaml': 'canary' }, [`main.yaml:2:11 ${outside}`]],
    ['a link to a hidden file', 'hidden.yaml', { 'hidden.yaml': 'canary' }, [`main.yaml:2:11 ${outside}`]],
    ['NUL', '"a\\0"', {}, [`main.yaml:2:11 ${outside}`]],
    ['an empty path', '""', {}, ['main.yaml:2:11 empty: include: must not be empty']],
    ['a number', '5', {}, ['main.yaml:2:11 wrong-type: include: must be a string, not a number']],
    ['the directory itself', '"."', {}, [`main.yaml:2:11 ${outside}`]],
    [
      'a directory',
      'teams',
      { 'teams/edge.yaml': 'absent: [Old]' },
      ['main.yaml:2:11 no-file: include: this is a directory'],
    ],
    ['a missing file', 'edge.yaml', {}, ['main.yaml:2:11 no-file: include: no such file']],
    ['itself', 'main.yaml', {}, ['main.yaml:2:11 bad-include: include: a file cannot include itself']],
    [
      'a file twice',
      'a.yaml, ./a.yaml',
      { 'a.yaml': 'absent: [Old]' },
      ['main.yaml:2:19 bad-include: include: this file is listed twice'],
    ],
    [
      'several documents',
      'a.yaml',
      { 'a.yaml': 'absent: [Old]\n---\nabsent: [Older]' },
      ['main.yaml:2:11 bad-include: include: this file has several documents'],
    ],
    [
      'a file that includes others',
      'a.yaml',
      { 'a.yaml': 'include: [main.yaml]\nwebhooks: []' },
      ['main.yaml:2:11 bad-include: include: this file includes files itself'],
    ],
    ['an empty file', 'a.yaml', { 'a.yaml': '# nothing\n' }, ['a.yaml:1:1 empty-file: this file is empty']],
    [
      'a list',
      'a.yaml',
      { 'a.yaml': '- a' },
      ['a.yaml:1:1 wrong-type: a document must be a mapping, not a list'],
    ],
    [
      'broken YAML',
      'a.yaml',
      { 'a.yaml': 'absent: [Old' },
      ['a.yaml:1:9 open-bracket: a [ has no closing ]'],
    ],
    [
      'the fields of an account',
      'a.yaml',
      { 'a.yaml': `account_id: ${OTHER_ACCOUNT}\nunlisted: delete\nabsent: [Old]` },
      [
        'a.yaml:1:1 unknown-field: "account_id" is not allowed in an included file',
        'a.yaml:2:1 unknown-field: "unlisted" is not allowed in an included file',
      ],
    ],
    [
      'a list without a value',
      'a.yaml',
      { 'a.yaml': 'webhooks:\n' },
      ['a.yaml:1:1 missing-webhooks: webhooks: the list is missing'],
    ],
  ])('%s', async (_what, include, files, problems) => {
    const links = { '/repo/link.yaml': '/etc/canary', '/repo/hidden.yaml': '/repo/.git/config' };
    const loaded = await load({ 'main.yaml': document(include), ...files }, { paths: ['main.yaml'] }, links);
    expect(problemsOf(loaded)).toEqual(problems);
    expect(JSON.stringify(loaded.diagnostics)).not.toContain('canary');
  });

  test('two files that include each other are both documents, and both are reported', async () => {
    const loaded = await load(
      { 'a.yaml': document('b.yaml'), 'b.yaml': document('a.yaml', entry('B'), OTHER_ACCOUNT) },
      { paths: ['.'] },
    );
    expect(problemsOf(loaded).map((line) => line.slice(0, 24))).toEqual([
      'a.yaml:2:11 bad-include:',
      'b.yaml:2:11 bad-include:',
    ]);
    expect(loaded.accounts).toHaveLength(2);
  });

  test('a file that cannot be read says why', async () => {
    const files = memoryFiles({ 'hookwright.yaml': document('a.yaml') });
    const readFile = (path: string): Promise<Uint8Array | undefined> =>
      path.endsWith('a.yaml')
        ? Promise.reject(Object.assign(new Error(), { code: 'EACCES' }))
        : files.readFile(path);
    const { diagnostics } = await loadDesired(OPTIONS, { ...files, readFile });
    expect(diagnostics).toMatchObject([
      { code: 'unreadable', message: 'include: cannot be read: permission denied' },
    ]);
  });

  test('allows Kubernetes mounts through names that start with two dots', async () => {
    const loaded = await load(
      { 'main.yaml': document('a.yaml'), 'a.yaml': 'absent: [Old]' },
      { paths: ['main.yaml'] },
      { '/repo/a.yaml': '/repo/..2026_11_26_09_30_00.123456789/a.yaml' },
    );
    expect(problemsOf(loaded)).toEqual([]);
  });
});

describe('labels', () => {
  const labelled = (label: string, account = ACCOUNT): string =>
    `account_id: ${account}\nlabel: ${label}\nwebhooks: []\n`;

  test('belong to their account', async () => {
    const { accounts } = await load({ 'hookwright.yaml': labelled('Production EU') });
    expect(accounts).toMatchObject([{ label: 'Production EU' }]);
  });

  test.each([
    [
      'twice',
      `${labelled('A')}---\n${labelled('A', OTHER_ACCOUNT)}`,
      '6:8 bad-label: label: used by another account',
    ],
    ['with a colon', labelled('"a:b"'), '2:8 bad-label: label: not a valid label'],
    ['with a space at its end', labelled('"a "'), '2:8 bad-label: label: not a valid label'],
    ['empty', labelled('""'), '2:8 bad-label: label: not a valid label'],
    ['with a newline', labelled('"a\\nb"'), '2:8 bad-label: label: not a valid label'],
    ['an account ID', labelled(OTHER_ACCOUNT), '2:8 bad-label: label: this is an account ID'],
    ['a number', labelled('12'), '2:8 wrong-type: label: must be a string, not a number'],
    [
      'of several accounts',
      labelled('A', `[${ACCOUNT}, ${OTHER_ACCOUNT}]`),
      '2:8 bad-label: label: not allowed in a document that describes several accounts',
    ],
  ])('%s', async (_what, text, problem) => {
    expect(problemsOf(await load({ 'hookwright.yaml': text }))).toEqual([`hookwright.yaml:${problem}`]);
  });
});

describe('keys that start with x-', () => {
  test('are ignored, but their anchors are not', async () => {
    const text = `x-secret: &s { env: OPS }\nx-anything: [1, { a: b }]\nwebhooks:\n${entry('A', ', secret: *s')}`;
    const loaded = await load({ 'hookwright.yaml': text });
    expect(problemsOf(loaded)).toEqual([]);
    expect(loaded.accounts[0]?.webhooks[0]?.secret).toEqual({ kind: 'env', env: 'OPS' });
  });

  test('are allowed only in the document', async () => {
    expect(problemsOf(await load({ 'hookwright.yaml': `webhooks:\n${entry('A', ', x-note: 1')}` }))).toEqual([
      'hookwright.yaml:2:52 unknown-field: unknown field "x-note"',
    ]);
  });
});

describe('a file that SOPS encrypted', () => {
  const value = 'ENC[AES256_GCM,data:aaaa,iv:bbbb,tag:cccc,type:str]';
  test.each([
    [
      `account_id: ${value}\nwebhooks:\n  - name: ${value}\n    url: ${value}\nsops:\n  version: 3.8.1\n`,
      '5:1',
    ],
    [`account_id: ${ACCOUNT}\nwebhooks:\n  - name: A\n    url: ${value}\n`, '1:1'],
  ])('is a single error', async (text, at) => {
    const loaded = await load({ 'hookwright.yaml': text });
    expect(problemsOf(loaded)).toEqual([
      `hookwright.yaml:${at} encrypted-file: this file is encrypted with SOPS`,
    ]);
    expect(loaded.diagnostics[0]?.hint).toContain('sops decrypt FILE | hookwright plan -f -');
    expect(loaded.accounts).toEqual([]);
  });
});
