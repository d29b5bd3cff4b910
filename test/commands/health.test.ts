import { describe, expect, test } from '@jest/globals';
import { accountStatus, healthOf, isFailingInUse } from '../../src/commands/status/health.js';
import { account, desired, leftover, live, numberOf, policy, URL_1 } from '../support/core/builders.js';

describe('health', () => {
  test.each([
    [null, null, 'never-used'],
    [undefined, undefined, 'never-used'],
    ['2026-01-01T00:00:00Z', null, 'healthy'],
    [null, '2026-01-01T00:00:00Z', 'failing'],
    ['2026-01-01T00:00:00.52Z', '2026-01-01T00:00:00.519999Z', 'healthy'],
    ['2026-01-01T00:00:00.5Z', '2026-01-01T00:00:00.52Z', 'failing'],
    ['2026-01-01T00:00:00.1Z', '2026-01-01T00:00:00.10Z', 'healthy'],
    ['2026-01-01T01:00:00+01:00', '2026-01-01T00:30:00Z', 'failing'],
  ])('success %s, failure %s: %s', (lastSuccess, lastFailure, health) => {
    expect(healthOf({ lastSuccess, lastFailure })).toBe(health);
  });
});

describe('how each webhook relates to the file', () => {
  const file = account([desired('Ops'), desired('Gone'), desired('Twin', 'https://other.example/')], {
    ignore: ['dash-*'],
    absent: ['Old'],
  });
  const all = [
    live(1, 'Ops'),
    leftover(2, 'Ops', 1),
    live(3, 'dash-1'),
    live(4, 'Old'),
    live(5, 'Stray', 'https://stray.example/'),
    live(6, 'Twin', URL_1),
    live(7, 'Twin', 'https://third.example/'),
  ];
  const status = () => accountStatus(file.accountId, all, [policy(1, [1, 5]), policy(2, [99])], file);

  test('managed, unfinished, ignored, absent, unlisted, ambiguous; and which are missing', () => {
    const { webhooks, missing } = status();
    expect(
      Object.fromEntries(webhooks.map(({ live: { id }, relation }) => [numberOf(id), relation])),
    ).toEqual({
      1: 'managed',
      2: 'unfinished',
      3: 'ignored',
      4: 'absent',
      5: 'unlisted',
      6: 'ambiguous',
      7: 'ambiguous',
    });
    expect(missing).toEqual(['Gone']);
  });

  test('lists a policy with a missing webhook', () => {
    expect(status().dangling.map(({ name }) => name)).toEqual(['Policy 2']);
  });

  test('sorts policies by name, then ID, in whatever order they were listed', () => {
    const policies = [
      policy(3, [1], { name: 'B' }),
      policy(2, [1], { name: 'A' }),
      policy(1, [1], { name: 'A' }),
    ];
    for (const listed of [policies, policies.toReversed()]) {
      const [only] = accountStatus(file.accountId, [live(1, 'A')], listed).webhooks;
      expect(only?.policies).toEqual(policies.toReversed());
    }
  });

  test('lists failing webhooks that policies use first', () => {
    const failing = { lastFailure: '2026-01-01T00:00:00Z' };
    const webhooks = [live(1, 'A'), live(2, 'B', URL_1, failing), live(3, 'C', URL_1, failing)];
    const found = accountStatus(file.accountId, webhooks, [policy(1, [1, 3])]);
    expect(found.webhooks.map((each) => [each.live.name, isFailingInUse(each)])).toEqual([
      ['C', true],
      ['B', false],
      ['A', false],
    ]);
    expect(found.missing).toBeUndefined();
  });
});
