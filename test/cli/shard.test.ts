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
    ['auto', {}],
    ['auto', { CI_NODE_INDEX: '1' }],
    ['auto', { JOB_COMPLETION_INDEX: '3', JOB_COMPLETIONS: '3' }],
  ])('%s with %j is not a shard: exit 3, and nothing is requested', (shard, env) =>
    withAccount({ files: listOf(IDS) }, async ({ run, methods }) => {
      const { code, stderr } = await run(['plan', '--shard', shard], { env });
      expect(code).toBe(3);
      expect(stderr).toContain('--shard must be I/N');
      expect(methods()).toEqual([]);
    }),
  );
});
