import { expect, test } from '@jest/globals';
import {
  account,
  desired,
  id,
  leftover,
  live,
  policy,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { briefs, guardCodes, planOf } from '../support/core/planning.js';

const file = account(
  [
    desired('Ops', URL_2),
    desired('Ops *', URL_2),
    desired('New', URL_3),
    desired('Renamed', URL_3, { previously: ['Chat'] }),
    desired('Same', URL_3),
    desired('By url', 'https://relay.example.com/moved'),
    desired('By id', 'https://relay.example.com/pinned', { id: id(11) }),
  ],
  { absent: ['Old'] },
);
const found = [
  live(1, 'Ops'),
  live(2, 'Ops *'),
  live(3, 'Chat', URL_3),
  live(4, 'Same', URL_3),
  live(5, 'Old'),
  live(6, 'Extra'),
  live(7, 'Extra 2'),
  live(10, 'Moved', 'https://relay.example.com/moved'),
  live(11, 'Found', 'https://relay.example.com/pinned'),
];

test.each([
  ['an exact name', ['Ops'], ['replace #1 Ops: url-changed']],
  ['an exact name is not a pattern', ['Ops *'], ['replace #2 Ops *: url-changed']],
  ['a pattern', ['Ops*'], ['replace #1 Ops: url-changed', 'replace #2 Ops *: url-changed']],
  ['several', ['New', 'Ops'], ['create New', 'replace #1 Ops: url-changed']],
  ['also deletions', ['Extra', 'Old'], ['delete #6 Extra: unlisted', 'delete #5 Old: absent']],
  ['a webhook by its current name', ['Chat'], ['update #3 Renamed: renamed']],
  ['a webhook by its new name', ['Renamed'], ['update #3 Renamed: renamed']],
  ['a webhook that already matches', ['Same'], []],
  ['no webhook', ['no one'], []],
  ['a webhook that is found by its URL, by its current name', ['Moved'], ['update #10 By url: renamed']],
  ['a webhook that is found by its ID, by its current name', ['Found'], ['update #11 By id: renamed']],
])('--target %s', (_, targets, plan) => {
  expect(briefs(planOf(file, found, { targets }).actions)).toEqual(plan);
});

test('an exact name is not a pattern, whether it is the name of an entry or of a live webhook', () => {
  const targets = ['Ops *'];
  const two = account([desired('Ops *', URL_2), desired('Ops x', URL_3)]);
  expect(briefs(planOf(two, [], { targets }).actions)).toEqual(['create Ops *']);
  const leaving = planOf(account([]), [live(1, 'Ops *'), live(2, 'Ops x', URL_2)], { targets });
  expect(briefs(leaving.actions)).toEqual(['delete #1 Ops *: unlisted']);
});

test('only targets are counted and guarded', () => {
  const plan = planOf({ ...file, unlisted: undefined }, found, { targets: ['Extra', 'Same'] });
  expect(plan.summary).toMatchObject({ unchanged: 1, kept: 1, delete: 0 });
  expect(plan.guards).toMatchObject([{ code: 'unlisted-undecided', names: ['Extra'] }]);
  const sameName = [live(1, 'Ops', URL_1), live(9, 'Ops', URL_3)];
  expect(guardCodes(planOf(account([desired('Ops', URL_2)]), sameName, { targets: ['Other'] }))).toEqual([]);
});

test('matching considers the whole file, whatever the targets are', () => {
  // Two new entries have the same URL, so it is not a rename, although only one of them is a target.
  const two = account([desired('A'), desired('B')]);
  expect(briefs(planOf(two, [live(1, 'X')], { targets: ['A'] }).actions)).toEqual(['create A']);
});

test('selects a leftover together with its entry', () => {
  const left = [...found, leftover(8, 'Ops', 1, URL_2)];
  const plan = planOf(file, left, { targets: ['Ops'] });
  expect(briefs(plan.actions)).toEqual(['replace #1 Ops: finish-replace; keeps #8']);
});

test('selects a leftover without an entry by its final name, and by its own name', () => {
  const gone = [leftover(8, 'Gone', 99, URL_2), leftover(9, 'Old', 98, URL_2)];
  const [first, second] = gone.map(({ name }) => name);
  const planned = (target: string) =>
    briefs(planOf(file, [...found, ...gone], { targets: [target] }).actions);
  expect(planned('Gone')).toEqual([`delete #8 ${first}: unlisted`]);
  expect(planned(first ?? '')).toEqual([`delete #8 ${first}: unlisted`]);
  expect(planned('G* [hookwright: *]')).toEqual([`delete #8 ${first}: unlisted`]);
  expect(planned('Old')).toEqual(['delete #5 Old: absent', `delete #9 ${second}: absent`]);
});

test('sorts actions by kind, name and ID', () => {
  const plan = planOf(file, found.toReversed(), {}, [policy(1, [6])]);
  expect(briefs(plan.actions)).toEqual([
    'create New',
    'update #11 By id: renamed',
    'update #10 By url: renamed',
    'update #3 Renamed: renamed',
    'replace #1 Ops: url-changed',
    'replace #2 Ops *: url-changed',
    'delete #6 Extra: unlisted',
    'delete #7 Extra 2: unlisted',
    'delete #5 Old: absent',
  ]);
  expect(plan.summary).toEqual({
    create: 1,
    update: 3,
    replace: 2,
    delete: 3,
    unchanged: 1,
    ignored: 0,
    kept: 0,
  });
});

test('loses no entry even if two have the same name, which the checks of the file refuse', () => {
  const twice = account([desired('A', URL_1), desired('A', URL_2)]);
  expect(briefs(planOf(twice, []).actions)).toEqual(['create A', 'create A']);
});

test('selects, with a policy, the webhooks that it needs and that are not live', () => {
  const routes = [
    { name: 'Policy 1', webhooks: ['Ops', 'New'] },
    { name: 'Policy 2', webhooks: ['Renamed'] },
  ];
  const policies = [policy(1, [3]), policy(2, [1])];
  const planned = (targets: readonly string[]) => planOf({ ...file, routes }, found, { targets }, policies);
  expect(briefs(planned(['policy:Policy 1']).actions)).toEqual([
    'create New',
    'policy Policy 1: Chat#3 → New Ops#1',
  ]);
  expect(briefs(planned(['policy:*2']).actions)).toEqual(['policy Policy 2: Ops#1 → Chat#3']);
  expect(briefs(planned(['policy:Policy 1', 'Same']).actions)).toContain('create New');
  const pinned = account([desired('Pinned', URL_1, { id: '9'.repeat(32) })]);
  const refused = planOf(
    { ...pinned, routes: [{ name: 'Policy 1', webhooks: ['Pinned'] }] },
    [],
    { targets: ['policy:Policy 1'] },
    policies,
  );
  expect(guardCodes(refused)).toEqual(['pinned']);
});

test('a webhook in a route has a policy, even if only the webhook is targeted', () => {
  const routes = [{ name: 'Policy 1', webhooks: ['New'] }];
  const plan = planOf({ ...file, routes }, found, { targets: ['New', 'Same'] }, [policy(1, [1])]);
  expect(plan.notes).toMatchObject([{ code: 'no-policy', names: ['Same'] }]);
});
