import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, OTHER_ACCOUNT, withAccount } from '../support/site.js';

const ENV = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT };
const LIVE = [
  { name: 'Ops', url: 'https://ops.example/' },
  { name: 'Ops EU', url: 'https://eu.example/' },
  { name: 'dash-*', url: 'https://star.example/' },
  { name: 'dash-1', url: 'https://one.example/' },
  { name: 'Twin', id: 'a'.repeat(32), url: 'https://twin.example/a' },
  { name: 'Twin', id: 'b'.repeat(32), url: 'https://twin.example/b' },
];

describe('import NAME…', () => {
  test.each([
    [['Ops'], ['Ops']],
    [
      ['Ops', 'dash-?'],
      ['Ops', 'dash-*', 'dash-1'],
    ],
    [['Ops*'], ['Ops', 'Ops EU']],
    // An exact name wins over the same text as a pattern.
    [['dash-*'], ['dash-*']],
    [[`id:${'b'.repeat(32)}`], ['Twin']],
    [[`id:${'B'.repeat(8)}-BBBB-BBBB-BBBB-${'B'.repeat(12)}`], ['Twin']],
    [['Twin'], ['Twin', 'Twin']],
    [[`${ACCOUNT}:Ops`], ['Ops']],
  ])('%j imports %j, and the plan is empty', (names, taken) =>
    withAccount({ webhooks: LIVE }, async ({ run, read }) => {
      const { code, stderr } = await run(['import', ...names, '-f', 'hookwright.yaml'], { env: ENV });
      expect({ code, stderr }).toMatchObject({ code: 0 });
      const text = await read('hookwright.yaml');
      expect([...text.matchAll(/- name: "?([^"\n]+)/g)].map(([, name]) => name)).toEqual(taken);
      expect((await run(['plan', '--detailed-exitcode'])).code).toBe(0);
    }),
  );

  test('one of several with a name keeps its ID, so that the next plan finds it', () => {
    const several = ['a', 'b'].map((digit) => ({
      name: 'Twin',
      id: digit.repeat(32),
      url: `https://twin.example/?token=${digit.repeat(3)}`,
    }));
    return withAccount({ webhooks: several }, async ({ run, read }) => {
      await run(['import', `id:${'b'.repeat(32)}`, '-f', 'hookwright.yaml'], { env: ENV });
      expect(await read('hookwright.yaml')).toContain(`  - name: Twin\n    id: ${'b'.repeat(32)}\n`);
      expect((await run(['plan', '--detailed-exitcode'])).code).toBe(0);
    });
  });

  test('adds only those to a file, and says so if the file has them', () =>
    withAccount({ webhooks: LIVE }, async ({ run, read }) => {
      await run(['import', 'Ops', '-f', 'hookwright.yaml'], { env: ENV });
      const before = await read('hookwright.yaml');
      const again = await run(['import', 'Ops', '-f', 'hookwright.yaml']);
      expect(again.stderr.replaceAll(/\s+/g, ' ')).toContain('already covers every selected webhook of');
      expect(await read('hookwright.yaml')).toBe(before);
      await run(['import', 'dash-1', '-f', 'hookwright.yaml']);
      expect(await read('hookwright.yaml')).toBe(
        `${before}  - name: dash-1\n    url: https://one.example/\n`,
      );
    }));

  test('--update changes only those', () =>
    withAccount(
      {
        webhooks: LIVE,
        files: `account_id: ${ACCOUNT}\nunlisted: keep\nwebhooks:\n  - name: Ops\n    url: https://old.example/\n  - name: Ops EU\n    url: https://old.example/\n`,
      },
      async ({ run, read }) => {
        const { stderr } = await run(['import', 'Ops', '-f', 'hookwright.yaml', '--update']);
        expect(await read('hookwright.yaml')).toBe(
          `account_id: ${ACCOUNT}\nunlisted: keep\nwebhooks:\n  - name: Ops\n    url: https://ops.example/\n  - name: Ops EU\n    url: https://old.example/\n`,
        );
        expect(stderr).not.toContain('Ops EU');
      },
    ));

  test('a leftover counts under its final name', () =>
    withAccount(
      {
        webhooks: [
          ...LIVE,
          { id: 'c'.repeat(32), name: 'Ops [hookwright: replaces 0a1b2c3d]', url: 'https://o.example/' },
        ],
      },
      async ({ run, write }) => {
        const { stdout } = await run(['import', 'Ops'], { env: ENV });
        expect(stdout).toContain(`  - "id:${'c'.repeat(32)}" # its name ends with the marker`);
        await write({ 'hookwright.yaml': stdout });
        expect((await run(['plan', '--detailed-exitcode'])).code).toBe(0);
      },
    ));

  test.each([
    [['Opss'], 'No webhook matches "Opss". Did you mean "Ops"?'],
    [['Ops', 'nothing-*'], 'No webhook matches "nothing-*". There are: "Ops", "Ops EU",'],
    [[`id:${'c'.repeat(32)}`], `No webhook matches "id:${'c'.repeat(32)}".`],
    [[`${ACCOUNT}:Opss`], `Did you mean "${ACCOUNT}:Ops"?`],
    [['hookwright.yaml'], 'To write to a file, pass it with -f.'],
    [['ops'], 'Did you mean "Ops"?'],
  ])('%j is refused with a suggestion', (names, words) =>
    withAccount({ webhooks: LIVE }, async ({ run }) => {
      const { code, stdout, stderr } = await run(['import', ...names], { env: ENV });
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(words);
    }),
  );

  test('in several accounts: all that have it, or the given one', () => {
    const files = `account_id: ${ACCOUNT}\nunlisted: keep\nwebhooks: []\n---\naccount_id: ${OTHER_ACCOUNT}\nlabel: Staging\nunlisted: keep\nwebhooks: []\n`;
    return withAccount({ webhooks: LIVE, files }, async ({ run, read, emulator }) => {
      emulator.seed(OTHER_ACCOUNT, [LIVE[0] ?? { name: '', url: '' }]);
      await run(['import', 'Staging:Ops', '-f', 'hookwright.yaml']);
      expect((await read('hookwright.yaml')).match(/name: Ops/g)).toHaveLength(1);
      expect((await read('hookwright.yaml')).endsWith('  - name: Ops\n    url: https://ops.example/\n')).toBe(
        true,
      );
      await run(['import', 'Ops', '-f', 'hookwright.yaml']);
      expect((await read('hookwright.yaml')).match(/name: Ops/g)).toHaveLength(2);
      const missed = await run(['import', 'Staging:dash-1', '-f', 'hookwright.yaml']);
      expect(missed).toMatchObject({ code: 3 });
    });
  });
});
