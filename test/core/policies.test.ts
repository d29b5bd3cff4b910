import { expect, test } from '@jest/globals';
import type { Policy } from '../../src/core/live.js';
import {
  account,
  dashedId,
  desired,
  leftover,
  live,
  policy,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

const refs = (policies: readonly Policy[], found = [live(1, 'A'), live(2, 'B', URL_2)], file = account([])) =>
  planOf(file, found, {}, policies).actions.map((action) =>
    'policies' in action ? action.policies.map(({ name, orphaned }) => (orphaned ? `${name}!` : name)) : [],
  );

test('each deletion names the policies that use the webhook, sorted by name, then ID', () => {
  const policies = [
    policy(2, [1, 2], { name: 'Same' }),
    policy(3, [1]),
    policy(1, [1], { name: 'Same' }),
    policy(4, [9]),
  ];
  const [a, b] = refs(policies);
  expect(a).toEqual(['Policy 3', 'Same', 'Same']);
  expect(b).toEqual(['Same']);
  const { actions } = planOf(account([]), [live(1, 'A'), live(2, 'B', URL_2)], {}, policies);
  expect(actions).toMatchObject([{ policies: [3, 1, 2].map((n) => ({ id: policy(n, []).id })) }, {}]);
});

test('a create and an update name none, because they take no webhook from a policy', () => {
  const file = account([desired('New', URL_2), desired('B', URL_3, { previously: ['A'] })]);
  const { actions } = planOf(file, [live(1, 'A', URL_3)], {}, [policy(1, [1])]);
  expect(actions.map(({ kind }) => kind)).toEqual(['create', 'update']);
  for (const action of actions) expect(action).not.toHaveProperty('policies');
});

test('compares IDs without dashes, and counts a duplicate ID once', () => {
  const found = [live(171, 'A'), live(2, 'B', URL_2)];
  const [a] = refs([policy(1, [], { webhookIds: [dashedId(171), live(171, 'A').id] })], found);
  expect(a).toEqual(['Policy 1']);
});

test('a policy is orphaned if all its recipients are deleted', () => {
  const alone = { otherMechanisms: 0 };
  expect(refs([policy(1, [1], alone)])).toEqual([['Policy 1!'], []]);
  expect(refs([policy(1, [1, 2], alone)])).toEqual([['Policy 1!'], ['Policy 1!']]);
  expect(refs([policy(1, [1, 3], alone)])).toEqual([['Policy 1'], []]);
  expect(refs([policy(1, [1])])).toEqual([['Policy 1'], []]);
  // A replacement in the same plan adds a new webhook to it.
  const file = account([desired('B', URL_3)]);
  expect(refs([policy(1, [1, 2], alone)], undefined, file)).toEqual([['Policy 1'], ['Policy 1']]);
});

test('a replacement names each policy of the deleted webhooks once, and orphans none', () => {
  const found = [live(1, 'A'), leftover(2, 'A', 1, URL_2)];
  const policies = [policy(1, [1, 2], { otherMechanisms: 0 }), policy(2, [2]), policy(3, [1])];
  // #2 survives, and the policies that already use it keep it.
  expect(refs(policies, found, account([desired('A', URL_2)]))).toEqual([['Policy 1', 'Policy 3']]);
  expect(refs(policies, found, account([desired('A', URL_3)]))).toEqual([
    ['Policy 1', 'Policy 2', 'Policy 3'],
  ]);
});
