import { describe, expect, test } from '@jest/globals';
import { withAccount, type Site } from '../support/site.js';

const IDS = Array.from({ length: 40 }, (_, i) => (i * 7919 + 13).toString(16).padStart(32, 'c'));
const listOf = (ids: readonly string[]): string =>
  `account_id:\n${ids.map((id) => `  - "${id}"\n`).join('')}webhooks:\n  - name: Relay\n    url: https://relay.example.com/cf\n`;

type PlanJson = { readonly accounts: readonly { readonly account_id: string }[] };

async function accountsOf(
  run: Site['run'],
  shard: string,
  env: Record<string, string> = {},
): Promise<string[]> {
  const { code, stdout } = await run(['plan', '--format', 'json', '--shard', shard], { env });
  expect(code).toBe(0);
  return (JSON.parse(stdout) as PlanJson).accounts.map(({ account_id }) => account_id);
}

describe('--shard', () => {
  test('each account is in exactly one shard, and no shard is empty', () =>
    withAccount({ files: listOf(IDS) }, async ({ run }) => {
      const shares = await Promise.all(['1/4', '2/4', '3/4', '4/4'].map((shard) => accountsOf(run, shard)));
      expect(shares.flat().sort()).toEqual([...IDS].sort());
      expect(shares.every((share) => share.length > 0)).toBe(true);
    }));

  test('an account stays in its shard when others come and go', () =>
    withAccount({ files: listOf(IDS) }, async ({ run, write }) => {
      const before = await accountsOf(run, '2/3');
      const left = IDS.filter((_, i) => i % 2 === 0);
      await write({ 'hookwright.yaml': listOf([...left, 'd'.repeat(32)]) });
      const after = await accountsOf(run, '2/3');
      expect(after.filter((id) => IDS.includes(id))).toEqual(before.filter((id) => left.includes(id)));
    }));

  test('only the accounts of the shard are read', () =>
    withAccount({ files: listOf(IDS) }, async ({ run, emulator }) => {
      const mine = await accountsOf(run, '1/5');
      expect(emulator.requests.map(({ accountId }) => accountId).sort()).toEqual([...mine].sort());
    }));

  test.each([
    ['--shard 999/1000', 'Shard 999/1000 has none of the 40 accounts; nothing was compared.'],
    [
      `--shard 1/1000 --account ${IDS[0] ?? ''}`,
      'Shard 1/1000 does not contain the account; nothing was compared.',
    ],
  ])('%s is empty: it says so, and does not say that nothing has changed', (flags, why) =>
    withAccount({ files: listOf(IDS) }, async ({ run, methods }) => {
      for (const command of ['plan', 'plan --format markdown', 'apply']) {
        const { code, stdout, stderr } = await run(`${command} ${flags}`.split(' '));
        expect([code, stdout, stderr]).toEqual([
          0,
          expect.stringContaining('No account was compared.'),
          `${why}\n`,
        ]);
        expect(stdout).not.toContain('No changes.');
      }
      expect(methods()).toEqual([]);
    }),
  );

  test.each([
    ['GitLab', 'auto', { CI_NODE_INDEX: '2', CI_NODE_TOTAL: '3' }],
    [
      'a Kubernetes Indexed Job, which counts from 0',
      'auto',
      { JOB_COMPLETION_INDEX: '1', JOB_COMPLETIONS: '3' },
    ],
    ['a Kubernetes Indexed Job, with the total in the flag', 'auto/3', { JOB_COMPLETION_INDEX: '1' }],
    ['HOOKWRIGHT_SHARD', '2/3', { HOOKWRIGHT_SHARD: '1/3' }],
  ] as const)('the shard from %s', (_who, shard, env) =>
    withAccount({ files: listOf(IDS) }, async ({ run }) => {
      expect(await accountsOf(run, shard, { ...env })).toEqual(await accountsOf(run, '2/3'));
    }),
  );

  test.each([
    ['0/3', {}],
    ['4/3', {}],
    ['1', {}],
    ['a/b', {}],
    ['1.5/3', {}],
    ['1/3/5', {}],
    ['1/3/', {}],
    ['auto/3/5', { JOB_COMPLETION_INDEX: '1' }],
    ['auto/x', { CI_NODE_INDEX: '1' }],
    ['automatic', { CI_NODE_INDEX: '1' }],
    ['auto', {}, '--shard auto: CI_NODE_INDEX and CI_NODE_TOTAL are not set.'],
    ['auto', { CI_NODE_INDEX: '1' }, '--shard auto: CI_NODE_TOTAL is not set.'],
    ['auto/3', {}, '--shard auto/3: CI_NODE_INDEX is not set.'],
    ['auto', { JOB_COMPLETION_INDEX: '1' }, '--shard auto: JOB_COMPLETIONS is not set.'],
    [
      'auto',
      { JOB_COMPLETION_INDEX: '3', JOB_COMPLETIONS: '3' },
      '--shard auto: the shard must be I/N with 1 ≤ I ≤ N, but the variables of the CI job give "4/3".',
    ],
  ])('%s with %j is not a shard: exit 3, and nothing is requested', (shard, env, why = '--shard') =>
    withAccount({ files: listOf(IDS) }, async ({ run, methods }) => {
      const { code, stderr } = await run(['plan', '--shard', shard], { env });
      expect(code).toBe(3);
      expect(stderr).toMatch(/^Error: --shard/);
      expect(stderr).toContain(why);
      expect(methods()).toEqual([]);
    }),
  );
});
