import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, type Site, withAccount } from '../support/site.js';

const SECOND = 'abcdef00112233445566778899aabbcc';
const THIRD = 'abcdef00112233445566778899aabbdd';
const TWO = `\
account_id: ${ACCOUNT}
unlisted: keep
webhooks: []
---
# the second one
account_id: ${SECOND}
unlisted: keep
webhooks:
  - name: There
    url: https://there.example/
`;

describe('import into a file of several accounts', () => {
  test('the account decides which document is extended', () =>
    withAccount({ files: TWO }, async ({ run, emulator, read }) => {
      emulator.seed(SECOND, [
        { name: 'There', url: 'https://there.example/' },
        { name: 'New', url: 'https://new.example/' },
      ]);
      const { code } = await run(['import', '-f', 'hookwright.yaml', '--account', SECOND]);
      expect(code).toBe(0);
      expect(await read('hookwright.yaml')).toBe(`${TWO}  - name: New\n    url: https://new.example/\n`);
    }));

  test('an account that is not in the file gets its own document', () =>
    withAccount({ files: TWO }, async ({ run, emulator, read }) => {
      emulator.seed(THIRD, [{ name: 'New', url: 'https://new.example/' }]);
      expect((await run(['import', '-f', 'hookwright.yaml', '--account', THIRD])).code).toBe(0);
      const text = await read('hookwright.yaml');
      expect(text.startsWith(`${TWO}---\naccount_id: ${THIRD}\n`)).toBe(true);
      expect((await run(['plan', '--account', THIRD, '--detailed-exitcode'])).code).toBe(0);
    }));

  test.each([
    ['keeps its line ends', TWO.replaceAll('\n', '\r\n'), '---\r\n'],
    ['fills an empty document at the end', `${TWO}---\n# soon\n`, ''],
  ])('a new document %s', (_what, files, separator) =>
    withAccount({ files }, async ({ run, emulator, read }) => {
      emulator.seed(THIRD, [{ name: 'New', url: 'https://new.example/' }]);
      const { code } = await run(['import', '-f', 'hookwright.yaml', '--account', THIRD]);
      expect(code).toBe(0);
      const text = await read('hookwright.yaml');
      expect(text.startsWith(`${files}${separator}account_id: ${THIRD}`)).toBe(true);
      expect(text.match(/\r\n/g)?.length ?? 0).toBe(separator === '' ? 0 : text.split('\n').length - 1);
      expect((await run(['plan', '--account', THIRD, '--detailed-exitcode'])).code).toBe(0);
    }),
  );

  test('without --account, extends all of them; each secret has its own variable', () =>
    withAccount({ files: TWO }, async ({ run, emulator, read }) => {
      const slack = { name: 'Ops', url: 'https://hooks.slack.com/services/T0/B0/tokentoken' };
      emulator.seed(ACCOUNT, [slack]);
      emulator.seed(SECOND, [{ name: 'There', url: 'https://there.example/' }, slack]);
      const { code, stderr } = await run(['import', '-f', 'hookwright.yaml']);
      expect(code).toBe(0);
      expect(await read('hookwright.yaml')).toBe(
        TWO.replace(
          'webhooks: []\n',
          'webhooks:\n  - name: Ops\n    url: https://hooks.slack.com/services/T0/B0\n    secret: { env: OPS_SECRET }\n',
        ).concat(
          '  - name: Ops\n    url: https://hooks.slack.com/services/T0/B0\n    secret: { env: OPS_SECRET_2 }\n',
        ),
      );
      expect(stderr).toContain(`account ${ACCOUNT} to`);
      expect(stderr).toContain(`account ${SECOND} to`);
      expect((await run(['plan', '--detailed-exitcode'])).code).toBe(0);
      const again = await run(['import', '-f', 'hookwright.yaml']);
      expect(again.stderr.replaceAll(/\s+/g, ' ')).toBe(
        `Nothing to add: "hookwright.yaml" already covers every webhook of accounts ${ACCOUNT}, ${SECOND}. `,
      );
    }));

  describe('one document for several accounts', () => {
    const LIST = `account_id: [${ACCOUNT}, ${SECOND}]\nunlisted: delete\nwebhooks: []\n`;
    const seed = (account: string, site: Site, digit: string): unknown =>
      site.emulator.seed(
        account,
        [
          { id: digit.repeat(32), name: 'Relay', url: 'https://relay.example/' },
          { id: `${digit}1`.repeat(16), name: 'Own', url: `https://own.example/${digit}` },
          { id: `${digit}2`.repeat(16), name: 'Twin', url: 'https://twin.example/' },
          ...(digit === 'a' ? [{ id: 'a3'.repeat(16), name: 'Twin', url: 'https://twin.example/' }] : []),
        ],
        [
          { name: 'Same', uses: ['Relay'] },
          { name: 'Differs', uses: digit === 'a' ? ['Relay'] : ['Relay', 'Own'] },
          { name: 'Only here', uses: digit === 'a' ? ['Relay'] : [] },
        ],
      );

    test('gets what is the same in all accounts, and ignores the rest by ID', () =>
      withAccount({ files: LIST }, async (site) => {
        const { run, read } = site;
        seed(ACCOUNT, site, 'a');
        seed(SECOND, site, 'b');
        const { code, stderr } = await run(['import', '-f', 'hookwright.yaml', '--policies']);
        expect({ code, stderr }).toMatchObject({ code: 0 });
        const reason = 'not every account of this document has it';
        expect(await read('hookwright.yaml')).toBe(`\
account_id: [${ACCOUNT}, ${SECOND}]
unlisted: delete
webhooks:
  - name: Relay
    url: https://relay.example/
ignore:
  - "id:${'a1'.repeat(16)}" # ${reason}: "Own"
  - "id:${'b1'.repeat(16)}" # ${reason}: "Own"
  - "id:${'a2'.repeat(16)}" # ${reason}: "Twin"
  - "id:${'a3'.repeat(16)}" # ${reason}: "Twin"
  - "id:${'b2'.repeat(16)}" # ${reason}: "Twin"
policies:
  - name: Differs
    webhooks: [Relay]
  - name: Same
    webhooks: [Relay]
`);
        expect(stderr).toContain('policy "Only here": it is not the same in every account of this document.');
        expect((await run(['plan', '--detailed-exitcode'])).code).toBe(0);
      }));

    test('ignores by the ID of each account what cannot be an entry', () =>
      withAccount(
        {
          files: LIST.replace(
            '[]',
            '\n  - { name: There, url: https://there.example/, previously: [Before] }',
          ),
        },
        async (site) => {
          const names = ['There', 'Before', '${X}', 'Ops [hookwright: replaces 0a1b2c3d]'];
          for (const [account, digit] of [
            [ACCOUNT, 'a'],
            [SECOND, 'b'],
          ] as const)
            site.emulator.seed(
              account,
              names.map((name, i) => ({
                id: `${digit}${i}`.repeat(16),
                name,
                url: `https://${i === 0 ? 'there' : 'other'}.example/`,
              })),
            );
          await site.run(['import', '-f', 'hookwright.yaml']);
          const text = await site.read('hookwright.yaml');
          expect(text.match(/[ab]\d(?=" #)/g)?.sort()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
          const plan = await site.run(['plan', '--detailed-exitcode']);
          expect(plan).toMatchObject({ code: 0 });
        },
      ));

    test('with --account, ignores only webhooks of that account, but compares all', () =>
      withAccount({ files: LIST }, async (site) => {
        const { run, read, emulator } = site;
        seed(ACCOUNT, site, 'a');
        seed(SECOND, site, 'b');
        await run(['import', '-f', 'hookwright.yaml', '--account', SECOND]);
        const text = await read('hookwright.yaml');
        expect(text).toContain('  - name: Relay\n');
        expect(text).toContain(`id:${'b1'.repeat(16)}`);
        expect(text).not.toContain('id:a');
        expect(emulator.writes()).toEqual([]);
        expect((await run(['plan', '--account', SECOND, '--detailed-exitcode'])).code).toBe(0);
      }));

    test('updates an entry only if the change is the same in all accounts', () =>
      withAccount(
        {
          files: LIST.replace(
            ' []',
            '\n  - { name: Relay, url: "https://old.example/" }\n  - { name: Own, url: "https://own.example/a" }',
          ),
        },
        async (site) => {
          const { run, read } = site;
          seed(ACCOUNT, site, 'a');
          seed(SECOND, site, 'b');
          const { stderr } = await run(['import', '-f', 'hookwright.yaml', '--update']);
          const text = await read('hookwright.yaml');
          expect(text).toContain('name: Relay, url: https://relay.example/ }');
          expect(text).toContain('name: Own, url: "https://own.example/a"');
          expect(stderr).toContain('Not updated:');
          expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
            'Not the same in each of its accounts: "Own" has another live url: https://own.example/b.',
          );
        },
      ));
  });

  test.each([
    ['two files', TWO, ['-f', 'hookwright.yaml', '-f', 'b.yaml'], 'one file'],
    ['stdin', TWO, ['-f', '-'], 'one file'],
    ['a directory', TWO, ['-f', '.'], 'is a directory'],
    [
      'a file with errors',
      'webhooks: 3\n',
      ['-f', 'hookwright.yaml', '--account', ACCOUNT],
      'hookwright.yaml:1',
    ],
    [
      'an aliased list',
      `account_id: ${ACCOUNT}\nunlisted: keep\nignore: &x []\nwebhooks: *x\n`,
      ['-f', 'hookwright.yaml'],
      'entries cannot be added',
    ],
  ])('refused: %s', (_what, files, args, words) =>
    withAccount({ files, webhooks: [{ name: 'A', url: 'https://a.example/' }] }, async ({ run, read }) => {
      const { code, stderr } = await run(['import', ...args]);
      expect(stderr).toContain(words);
      expect(code).toBe(3);
      expect(await read('hookwright.yaml')).toBe(files);
    }),
  );
});
