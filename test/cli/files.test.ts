import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, fileOf, OTHER_ACCOUNT, withAccount } from '../support/site.js';

const wanted = (name: string): string =>
  `  - { name: ${name}, url: "https://${name.toLowerCase()}.example/" }\n`;
const MINE = fileOf(wanted('Mine'));
const OTHERS = fileOf(wanted('Others')).replace(ACCOUNT, OTHER_ACCOUNT);

describe('desired state comes from', () => {
  test('several files', () =>
    withAccount({ files: { 'a.yaml': MINE, 'b.yml': OTHERS } }, async ({ run, names }) => {
      expect((await run(['apply', '--auto-approve', '-f', 'a.yaml', '--file', 'b.yml'])).code).toBe(0);
      expect([names(), names(OTHER_ACCOUNT)]).toEqual([['Mine'], ['Others']]);
    }));

  test('a directory, with everything below it', () =>
    withAccount(
      {
        files: {
          'state/a.yaml': MINE,
          'state/deep/b.yml': OTHERS,
          'state/.hidden.yaml': 'x',
          'state/c.txt': 'x',
        },
      },
      async ({ run, names }) => {
        expect((await run(['apply', '--auto-approve', '-f', 'state/'])).code).toBe(0);
        expect([names(), names(OTHER_ACCOUNT)]).toEqual([['Mine'], ['Others']]);
      },
    ));

  test('a directory only with -f: as a saved plan it is refused', () =>
    withAccount({ files: { 'state/a.yaml': MINE } }, async ({ run }) => {
      for (const args of [
        ['apply', 'state'],
        ['show', 'state'],
      ]) {
        const { code, stderr } = await run(args);
        expect(code).toBe(3);
        expect(stderr).toContain(
          'state cannot be used: it is a directory. To apply the desired-state files in it, run: hookwright apply -f state',
        );
      }
    }));

  test('standard input, with several documents', () =>
    withAccount({}, async ({ run, names }) => {
      const stdin = `${MINE}---\n${OTHERS}`;
      expect((await run(['apply', '--auto-approve', '-f', '-'], { stdin })).code).toBe(0);
      expect([names(), names(OTHER_ACCOUNT)]).toEqual([['Mine'], ['Others']]);
    }));

  test('one document with a list of accounts', () =>
    withAccount(
      { files: MINE.replace(ACCOUNT, `[${ACCOUNT}, ${OTHER_ACCOUNT}]`) },
      async ({ run, names }) => {
        expect((await run(['apply', '--auto-approve'])).code).toBe(0);
        expect([names(), names(OTHER_ACCOUNT)]).toEqual([['Mine'], ['Mine']]);
      },
    ));

  test.each([
    [OTHER_ACCOUNT, [], true],
    [ACCOUNT, [], false],
    [OTHER_ACCOUNT, ['--account', ACCOUNT], false],
  ])('CLOUDFLARE_ACCOUNT_ID %s that no document uses is warned of: %j', (id, args, warned) =>
    withAccount({ files: MINE }, async ({ run }) => {
      const { code, stderr } = await run(['plan', ...args], { env: { CLOUDFLARE_ACCOUNT_ID: id } });
      const warning = `Warning: CLOUDFLARE_ACCOUNT_ID (${id}) is not used, because the files name account ${ACCOUNT}.\n`;
      expect({ code, stderr }).toEqual({ code: 0, stderr: warned ? warning : '' });
    }),
  );

  test.each([
    [['plan', '--previous', 'deployed.yaml']],
    [['status']],
    [['doctor']],
    [['import', '-f', 'hookwright.yaml']],
  ])('a CLOUDFLARE_ACCOUNT_ID that no document uses is warned of at most once: %j', (args) =>
    withAccount({ files: { 'hookwright.yaml': MINE, 'deployed.yaml': MINE } }, async ({ run }) => {
      const { code, stderr } = await run(args, { env: { CLOUDFLARE_ACCOUNT_ID: OTHER_ACCOUNT } });
      const expected = args[0] === 'import' ? 0 : 1;
      expect({ code, warnings: stderr.split('is not used').length - 1 }).toEqual({
        code: 0,
        warnings: expected,
      });
    }),
  );

  test('a document without an account, which uses CLOUDFLARE_ACCOUNT_ID', () =>
    withAccount({ files: MINE.replace(/^account_id.*\n/, '') }, async ({ run, names }) => {
      const env = { CLOUDFLARE_ACCOUNT_ID: OTHER_ACCOUNT };
      expect((await run(['plan'])).code).toBe(3);
      expect((await run(['apply', '--auto-approve'], { env })).code).toBe(0);
      expect(names(OTHER_ACCOUNT)).toEqual(['Mine']);
    }));

  test('one place only: for an account declared twice, the error names both', () =>
    withAccount({ files: { 'a.yaml': MINE, 'b.yaml': MINE } }, async ({ run, methods }) => {
      const { code, stderr } = await run(['plan', '-f', 'a.yaml', '-f', 'b.yaml']);
      expect(code).toBe(3);
      expect(stderr).toMatch(/b\.yaml:1:\d+: error: /);
      expect(stderr).toContain('a.yaml:1');
      expect(methods()).toEqual([]);
    }));
});

describe('--account', () => {
  const files = { 'hookwright.yaml': `${MINE}---\n${OTHERS}` };

  test('selects one account', () =>
    withAccount({ files }, async ({ run, names, emulator }) => {
      expect((await run(['apply', '--auto-approve', '--account', OTHER_ACCOUNT])).code).toBe(0);
      expect([names(), names(OTHER_ACCOUNT)]).toEqual([[], ['Others']]);
      expect(emulator.requests.filter(({ accountId }) => accountId === ACCOUNT)).toEqual([]);
    }));

  test('refuses files that describe only other accounts', () =>
    withAccount({ files: MINE }, async ({ run, methods }) => {
      const { code, stderr } = await run(['plan', '--account', OTHER_ACCOUNT]);
      expect(code).toBe(3);
      expect(stderr).toContain(OTHER_ACCOUNT);
      expect(stderr).toContain(ACCOUNT);
      expect(methods()).toEqual([]);
    }));

  test('refuses a value that is not an ID', () =>
    withAccount({ files: MINE }, async ({ run }) => {
      expect(await run(['plan', '--account', '../../user'])).toMatchObject({ code: 3 });
    }));
});

describe('names in flags', () => {
  const both = { 'hookwright.yaml': `${MINE}---\n${MINE.replace(ACCOUNT, OTHER_ACCOUNT)}` };

  test('--target plans only the targets, including deletions', () =>
    withAccount(
      {
        files: fileOf(wanted('A') + wanted('B')),
        webhooks: [
          { name: 'Old A', url: 'https://x.example/' },
          { name: 'Old B', url: 'https://y.example/' },
        ],
      },
      async ({ run, names }) => {
        expect((await run(['apply', '--auto-approve', '--target', '*A'])).code).toBe(0);
        expect(names()).toEqual(['A', 'Old B']);
        expect((await run(['apply', '--auto-approve', '--target', 'B', '--target', 'Old B'])).code).toBe(0);
        expect(names()).toEqual(['A', 'B']);
      },
    ));

  test('a name in two accounts is refused, and the message says how to specify one', () =>
    withAccount({ files: both }, async ({ run, emulator }) => {
      for (const flag of ['--target', '--replace', '--rotate']) {
        const { code, stderr } = await run(['apply', '--auto-approve', flag, 'Mine']);
        expect(code).toBe(3);
        expect(stderr).toContain(`${ACCOUNT}:Mine`);
        expect(stderr).toContain(`${OTHER_ACCOUNT}:Mine`);
      }
      expect(emulator.writes()).toEqual([]);
    }));

  test('ACCOUNT_ID:NAME specifies one', () =>
    withAccount({ files: both }, async ({ run, names }) => {
      expect((await run(['apply', '--auto-approve', '--target', `${OTHER_ACCOUNT}:Mine`])).code).toBe(0);
      expect([names(), names(OTHER_ACCOUNT)]).toEqual([[], ['Mine']]);
    }));

  test('a name that would be deleted in two accounts is refused after the lists, before any write', () =>
    withAccount(
      { files: `${fileOf('')}---\n${fileOf('').replace(ACCOUNT, OTHER_ACCOUNT)}` },
      async ({ run, emulator, names }) => {
        for (const account of [ACCOUNT, OTHER_ACCOUNT])
          emulator.seed(account, [{ name: 'Last', url: 'https://last.example/' }]);
        const refused = await run(['apply', '--auto-approve', '--allow-delete', 'Last']);
        expect(refused.code).toBe(3);
        expect(refused.stderr).toContain(`${ACCOUNT}:Last`);
        expect(emulator.writes()).toEqual([]);
        const one = await run(['apply', '--auto-approve', '--allow-delete', `${ACCOUNT}:Last`]);
        expect(one.code).toBe(4);
        expect([names(), names(OTHER_ACCOUNT)]).toEqual([[], ['Last']]);
      },
    ));

  test('a secret file with an impossible path counts as missing', () =>
    withAccount(
      { files: fileOf(`  - { name: A, url: "https://a.example/", secret: { file: ${'x'.repeat(300)} } }\n`) },
      async ({ run }) => {
        expect((await run(['validate'])).code).toBe(0);
        const { code, stdout, stderr } = await run(['apply', '--auto-approve']);
        expect([code, stderr]).toEqual([6, expect.not.stringContaining('bug in hookwright')]);
        expect(stdout).toContain('secret-missing');
      },
    ));
});
