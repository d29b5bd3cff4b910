import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredRoute, DesiredWebhook } from '../../src/core/desired.js';
import type { DiffOptions } from '../../src/core/diff.js';
import type { PolicyId } from '../../src/core/ids.js';
import type { Live, Policy } from '../../src/core/live.js';
import { routeChanges } from '../../src/core/routes.js';
import {
  account,
  dashedId,
  desired,
  envSecret,
  id,
  leftover,
  live,
  policy,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { briefs, guardCodes, planOf, setOf } from '../support/core/planning.js';

const OPS = desired('Ops', URL_1);
const PAGER = desired('Pager', URL_2);
const BOTH = [live(1, 'Ops', URL_1), live(2, 'Pager', URL_2)];
const KEEP: Partial<DesiredAccount> = { unlisted: 'keep' };
const route = (...webhooks: readonly string[]): DesiredRoute => ({ name: 'Policy 1', webhooks });
const policyId = (n: number): string => policy(n, []).id;

type Case = {
  readonly rule: string;
  readonly file?: readonly DesiredWebhook[];
  readonly more?: Partial<DesiredAccount>;
  readonly routes: readonly DesiredRoute[];
  readonly live?: readonly Live[];
  readonly policies?: readonly Policy[];
  readonly options?: Partial<DiffOptions>;
  readonly plan: readonly string[];
  readonly guards?: readonly string[];
};

const complete: readonly Case[] = [
  { rule: 'as wanted', routes: [route('Ops')], policies: [policy(1, [1])], plan: [] },
  {
    rule: 'order does not count',
    routes: [route('Pager', 'Ops')],
    policies: [policy(1, [1, 2])],
    plan: [],
  },
  {
    rule: 'dashes and case of IDs do not count, nor does a duplicate ID',
    file: [desired('Ops', URL_1)],
    routes: [route('Ops')],
    live: [live(171, 'Ops', URL_1)],
    policies: [policy(1, [], { webhookIds: [dashedId(171), id(171)] })],
    plan: [],
  },
  {
    rule: 'a webhook is added',
    routes: [route('Ops', 'Pager')],
    policies: [policy(1, [1])],
    plan: ['policy Policy 1: Ops#1 → Ops#1 Pager#2'],
  },
  {
    rule: 'a webhook is removed',
    routes: [route('Ops')],
    policies: [policy(1, [1, 2])],
    plan: ['policy Policy 1: Ops#1 Pager#2 → Ops#1'],
  },
  {
    rule: 'one webhook instead of another',
    routes: [route('Pager')],
    policies: [policy(1, [1])],
    plan: ['policy Policy 1: Ops#1 → Pager#2'],
  },
  {
    rule: 'no webhook at all: an email address is left',
    routes: [route()],
    policies: [policy(1, [1])],
    plan: ['policy Policy 1: Ops#1 → '],
  },
  {
    rule: 'a webhook that this plan creates',
    routes: [route('Ops', 'Pager')],
    live: [live(1, 'Ops', URL_1)],
    policies: [policy(1, [1])],
    plan: ['create Pager', 'policy Policy 1: Ops#1 → Ops#1 Pager'],
  },
  {
    rule: 'a webhook that this plan renames is identified by its ID',
    file: [desired('Ops', URL_1, { previously: ['Chat'] })],
    routes: [route('Ops')],
    live: [live(1, 'Chat', URL_1)],
    policies: [policy(1, [1])],
    plan: ['update #1 Ops: renamed'],
  },
  {
    rule: 'a webhook that this plan replaces keeps its place',
    file: [desired('Ops', URL_3)],
    routes: [route('Ops')],
    live: [live(1, 'Ops', URL_1)],
    policies: [policy(1, [1])],
    plan: ['replace #1 Ops: url-changed'],
  },
  {
    rule: 'a webhook by name and by ID counts once',
    routes: [route('Ops', `id:${dashedId(1)}`)],
    policies: [policy(1, [2])],
    plan: ['policy Policy 1: Pager#2 → Ops#1'],
  },
  {
    rule: 'IDs that are not live are removed',
    routes: [route('Ops')],
    policies: [policy(1, [1, 9])],
    plan: ['policy Policy 1: #9 Ops#1 → Ops#1'],
  },
  {
    rule: 'a policy is found by its ID, whatever its name is',
    routes: [{ name: 'Any', id: policyId(2), webhooks: ['Ops'] }],
    policies: [policy(1, [2]), policy(2, [2], { name: 'Mine' })],
    plan: ['policy Mine: Pager#2 → Ops#1'],
  },
  {
    rule: 'an ID picks one of several policies with one name, with or without dashes',
    routes: [{ name: 'Policy', id: policyId(2).toUpperCase(), webhooks: ['Ops'] }],
    policies: [policy(1, [2], { name: 'Policy' }), policy(2, [2], { name: 'Policy' })],
    plan: ['policy Policy: Pager#2 → Ops#1'],
  },
  {
    rule: 'policies that the file does not name are not changed',
    routes: [route('Ops')],
    policies: [policy(1, [1]), policy(2, [2]), policy(3, [9])],
    plan: [],
  },
  {
    rule: 'several policies with one name, each with its ID',
    routes: [2, 1].map((n) => ({ name: 'Policy', id: policyId(n), webhooks: [n === 1 ? 'Ops' : 'Pager'] })),
    policies: [policy(1, [2], { name: 'Policy' }), policy(2, [1], { name: 'Policy' })],
    plan: ['policy Policy: Pager#2 → Ops#1', 'policy Policy: Ops#1 → Pager#2'],
  },
  { rule: 'without routes no policy is changed', routes: [], policies: [policy(1, [1, 2])], plan: [] },
];

const strangers: readonly Case[] = [
  {
    rule: 'a name of no entry, which the check of the file refuses, is not live',
    routes: [route('No one')],
    policies: [policy(1, [1])],
    plan: ['policy Policy 1: Ops#1 → No one'],
  },
  {
    rule: 'under delete an unlisted webhook is removed, and deleted',
    file: [OPS],
    routes: [route('Ops')],
    policies: [policy(1, [1, 2])],
    plan: ['delete #2 Pager: unlisted', 'policy Policy 1: Ops#1 Pager#2 → Ops#1'],
  },
  {
    rule: 'under keep an unlisted webhook stays: nothing to change',
    file: [OPS],
    more: KEEP,
    routes: [route('Ops')],
    policies: [policy(1, [1, 2])],
    plan: [],
  },
  {
    rule: 'under keep it stays and is shown if something else changes',
    file: [OPS],
    more: KEEP,
    routes: [route('Ops')],
    policies: [policy(1, [2])],
    plan: ['policy Policy 1: Pager#2 → Ops#1 Pager#2(unlisted)'],
  },
  {
    rule: 'if unlisted is not set, it stays as well',
    file: [OPS],
    more: { unlisted: undefined },
    routes: [route('Ops')],
    policies: [policy(1, [2])],
    plan: ['policy Policy 1: Pager#2 → Ops#1 Pager#2(unlisted)'],
    guards: ['unlisted-undecided'],
  },
  {
    rule: 'an ignored webhook stays under delete',
    file: [OPS],
    more: { ignore: ['Pager'] },
    routes: [route('Ops')],
    policies: [policy(1, [2])],
    plan: ['policy Policy 1: Pager#2 → Ops#1 Pager#2(ignored)'],
  },
  {
    rule: 'an ignored webhook has the name of one that this plan creates',
    file: [OPS, PAGER],
    more: { ignore: [`id:${id(2)}`] },
    routes: [route('Pager')],
    policies: [policy(1, [2])],
    plan: ['create Pager', 'policy Policy 1: Pager#2 → Pager#2(ignored) Pager'],
  },
  {
    rule: 'an ignored webhook that the route lists is listed',
    file: [OPS],
    more: { ignore: ['Pager'] },
    routes: [route('Ops', `id:${id(2)}`)],
    policies: [policy(1, [1])],
    plan: ['policy Policy 1: Ops#1 → Ops#1 Pager#2'],
  },
  {
    rule: 'an absent webhook is removed, even under keep',
    file: [OPS],
    more: { ...KEEP, absent: ['Pager'] },
    routes: [route('Ops')],
    policies: [policy(1, [1, 2])],
    plan: ['delete #2 Pager: absent', 'policy Policy 1: Ops#1 Pager#2 → Ops#1'],
  },
  {
    rule: 'a webhook that was removed from the file is removed, even under keep',
    file: [OPS],
    more: KEEP,
    routes: [route('Ops')],
    policies: [policy(1, [1, 2])],
    options: { previous: account([OPS, PAGER]) },
    plan: ['delete #2 Pager: removed', 'policy Policy 1: Ops#1 Pager#2 → Ops#1'],
  },
  {
    rule: 'an unmanaged webhook is listed by its ID',
    file: [OPS],
    more: KEEP,
    routes: [route('Ops', `id:${id(2)}`)],
    policies: [policy(1, [1])],
    plan: ['policy Policy 1: Ops#1 → Ops#1 Pager#2'],
  },
  {
    rule: 'a duplicate that was not found for the entry stays under keep',
    file: [OPS, PAGER],
    more: KEEP,
    routes: [route('Pager')],
    live: [...BOTH, live(3, 'Ops', URL_1)],
    policies: [policy(1, [3]), policy(2, [1])],
    plan: ['policy Policy 1: Ops#3 → Ops#3(unlisted) Pager#2'],
  },
  {
    rule: 'the duplicate that policies use is removed, if no other one would become the entry’s webhook',
    more: KEEP,
    routes: [route('Pager')],
    live: [...BOTH, live(3, 'Ops', URL_1)],
    policies: [policy(1, [3])],
    plan: ['policy Policy 1: Ops#3 → Pager#2'],
  },
  {
    rule: 'an ID replaces one duplicate with the other',
    more: KEEP,
    routes: [route(`id:${id(3)}`)],
    live: [...BOTH, live(3, 'Ops', URL_1)],
    policies: [policy(1, [1, 3])],
    plan: ['policy Policy 1: Ops#1 Ops#3 → Ops#3'],
  },
];

const unfinished: readonly Case[] = [
  {
    rule: 'a leftover in the policy does not stand for another webhook with the name, given by its ID',
    file: [OPS],
    more: { ...KEEP, ignore: [`id:${id(3)}`] },
    routes: [route('Ops', `id:${id(3)}`)],
    live: [live(1, 'Ops', URL_1), leftover(2, 'Ops', 1, URL_3), live(3, 'Ops', URL_1)],
    policies: [policy(1, [1, 2])],
    plan: [
      'replace #2 Ops: taken-back; keeps #1',
      'policy Policy 1: Ops#1 Ops [hookwright: replaces 00000001]#2 → Ops#1 Ops#2 Ops#3',
    ],
  },
  {
    rule: 'a policy that was already switched sends to the leftover, which counts as the entry',
    file: [desired('Ops', URL_3)],
    routes: [route('Ops')],
    live: [live(1, 'Ops', URL_1), leftover(2, 'Ops', 1, URL_3)],
    policies: [policy(1, [2])],
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    rule: 'the same if it is taken back',
    routes: [route('Ops')],
    file: [OPS],
    live: [live(1, 'Ops', URL_1), leftover(2, 'Ops', 1, URL_3)],
    policies: [policy(1, [2])],
    plan: ['replace #2 Ops: taken-back; keeps #1'],
  },
  {
    rule: 'the same if only leftovers are live',
    file: [desired('Ops', URL_3)],
    routes: [route('Ops')],
    live: [leftover(2, 'Ops', 98, URL_3), leftover(3, 'Ops', 99, URL_3)],
    policies: [policy(1, [3])],
    plan: ['replace #2 Ops: finish-replace; retires #2 #3'],
  },
  {
    rule: 'a policy that uses both stays unchanged: the replacement switches it',
    file: [desired('Ops', URL_3)],
    routes: [route('Ops')],
    live: [live(1, 'Ops', URL_1), leftover(2, 'Ops', 1, URL_3)],
    policies: [policy(1, [1, 2])],
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    rule: 'another webhook is added in addition to the leftover',
    file: [desired('Ops', URL_3), desired('New', 'https://relay.example.com/new')],
    routes: [route('Ops', 'New')],
    live: [live(1, 'Ops', URL_1), leftover(2, 'Ops', 1, URL_3)],
    policies: [policy(1, [2])],
    plan: [
      'create New',
      'replace #1 Ops: finish-replace; keeps #2',
      `policy Policy 1: ${leftover(2, 'Ops', 1).name}#2 → New Ops#2`,
    ],
  },
  {
    rule: 'a leftover of an entry that the route does not list is removed',
    file: [desired('Ops', URL_3), PAGER],
    routes: [route('Pager')],
    live: [live(1, 'Ops', URL_1), leftover(3, 'Ops', 1, URL_3), live(2, 'Pager', URL_2)],
    policies: [policy(1, [3])],
    plan: [
      'replace #1 Ops: finish-replace; keeps #3',
      `policy Policy 1: ${leftover(3, 'Ops', 1).name}#3 → Pager#2`,
    ],
  },
];

const refused: readonly Case[] = [
  {
    rule: 'no policy has the name',
    routes: [{ name: 'Nightly', webhooks: ['Ops'] }],
    policies: [policy(1, [])],
    plan: [],
    guards: ['no-such-policy'],
  },
  {
    rule: 'no policy has the ID, although one has the name',
    routes: [{ name: 'Policy 1', id: policyId(7), webhooks: ['Ops'] }],
    policies: [policy(1, [])],
    plan: [],
    guards: ['no-such-policy'],
  },
  {
    rule: 'several policies have the name',
    routes: [{ name: 'Policy', webhooks: ['Ops'] }],
    policies: [policy(1, [2], { name: 'Policy' }), policy(2, [2], { name: 'Policy' })],
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    rule: 'several policies have the name, and one entry has an ID',
    routes: [
      { name: 'Policy', id: policyId(2), webhooks: ['Ops'] },
      { name: 'Policy', webhooks: ['Ops'] },
    ],
    policies: [policy(1, [2], { name: 'Policy' }), policy(2, [2], { name: 'Policy' })],
    plan: ['policy Policy: Pager#2 → Ops#1'],
    guards: ['ambiguous-name'],
  },
  {
    rule: 'two entries match one policy',
    routes: [route('Ops'), { name: 'Other', id: policyId(1), webhooks: ['Pager'] }],
    policies: [policy(1, [])],
    plan: [],
    guards: ['ambiguous-name', 'ambiguous-name'],
  },
  {
    rule: 'two entries match one policy, which is as one of them wants it',
    routes: [route('Ops'), { name: 'Policy 1', id: policyId(1), webhooks: ['Pager'] }],
    policies: [policy(1, [1])],
    plan: [],
    guards: ['ambiguous-name', 'ambiguous-name'],
  },
  {
    rule: 'the ID of no webhook',
    routes: [route('Ops', `id:${id(9)}`)],
    policies: [policy(1, [])],
    plan: [],
    guards: ['pinned'],
  },
  {
    rule: 'an entry with duplicates',
    routes: [route('Ops')],
    more: KEEP,
    live: [...BOTH, live(3, 'Ops', URL_1)],
    policies: [policy(1, [1])],
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    rule: 'an entry with duplicates is removed: policies would no longer show which one it is',
    routes: [route('Pager')],
    more: KEEP,
    live: [...BOTH, live(3, 'Ops', URL_1)],
    policies: [policy(1, [1, 3])],
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    rule: 'an ambiguous entry',
    routes: [route('Ops')],
    more: KEEP,
    live: [live(1, 'Ops', URL_3), live(2, 'Pager', URL_2), live(3, 'Ops', URL_2)],
    policies: [policy(1, [1])],
    plan: [],
    guards: ['ambiguous-name', 'ambiguous-name'],
  },
  {
    rule: 'a name that several entries have',
    file: [desired('Ops', URL_1, { id: id(1) }), desired('Ops', URL_2, { id: id(2) })],
    routes: [route('Ops')],
    live: [live(1, 'Ops', URL_1), live(2, 'Ops', URL_2)],
    policies: [policy(1, [1])],
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    rule: 'a policy without any other recipient would be silenced',
    routes: [route()],
    policies: [policy(1, [1], { otherMechanisms: 0 })],
    plan: [],
    guards: ['policy-silenced'],
  },
  {
    rule: 'also if its webhooks are not live',
    routes: [route()],
    policies: [policy(1, [9], { otherMechanisms: 0 })],
    plan: [],
    guards: ['policy-silenced'],
  },
  {
    rule: 'not while an ignored webhook stays in it',
    file: [PAGER],
    more: { ignore: ['Ops'] },
    routes: [route()],
    policies: [policy(1, [1, 2], { otherMechanisms: 0 })],
    plan: ['policy Policy 1: Ops#1 Pager#2 → Ops#1(ignored)'],
  },
  {
    rule: 'a policy that stays as it is, is not silenced by this plan',
    routes: [route('Ops')],
    policies: [policy(1, [1], { otherMechanisms: 0 })],
    plan: [],
  },
];

describe.each([
  ['the list is complete for webhooks that the file manages', complete],
  ['webhooks that the file does not manage', strangers],
  ['interrupted replacements', unfinished],
  ['refusals', refused],
])('routes: %s', (_, cases) => {
  test.each(cases)(
    '$rule',
    ({ file = [OPS, PAGER], more, routes, live: found = BOTH, policies, options, plan, guards = [] }) => {
      const wanted = account(file, { ...more, routes });
      for (const list of [found, found.toReversed()]) {
        const planned = planOf(wanted, list, options, policies);
        expect(briefs(planned.actions)).toEqual(plan);
        expect(guardCodes(planned)).toEqual(guards);
      }
    },
  );
});

describe('the guards say how to proceed', () => {
  const guardOf = (routes: readonly DesiredRoute[], policies: readonly Policy[]) =>
    planOf(account([OPS, PAGER], { routes }), BOTH, {}, policies).guards[0];

  test('no-such-policy lists each existing name once', () => {
    const policies = [policy(2, []), policy(1, []), policy(3, [], { name: 'Policy 1' })];
    const guard = guardOf([{ name: 'Nightly', webhooks: [] }], policies);
    expect(guard?.names).toEqual(['Nightly']);
    expect(guard?.message).toContain('no policy named "Nightly". Its policies are: "Policy 1", "Policy 2".');
    const byId = guardOf([{ name: 'Nightly', id: id(7), webhooks: [] }], []);
    expect(byId?.message).toContain(`no policy with ID ${id(7)} ("Nightly"). The account has no policies.`);
  });

  test('ambiguous-name shows the IDs', () => {
    const policies = [1, 2].map((n) => policy(n, [], { name: 'Policy' }));
    const guard = guardOf([{ name: 'Policy', webhooks: [] }], policies);
    for (const part of [policyId(1), policyId(2), '"id"']) expect(guard?.message).toContain(part);
    const twice = guardOf([route(), { name: 'Other', id: policyId(1), webhooks: ['Ops'] }], [policy(1, [2])]);
    expect(twice?.message).toContain(policyId(1));
    expect([guard?.names, twice?.names]).toEqual([['Policy'], ['Other']]);
    expect(guard?.message).toContain(`ID ${policyId(1)}, ID ${policyId(2)}.`);
  });

  test('in the order of the names and IDs of policies, not of the file', () => {
    const missing = ['B', 'A', 'C'].map((name) => ({ name, webhooks: [] }));
    const pinned = [id(8), id(7)].map((each) => ({ name: 'A', id: each, webhooks: [] }));
    for (const routes of [[...missing, ...pinned], [...pinned, ...missing].reverse()]) {
      const { guards } = planOf(account([OPS, PAGER], { routes }), BOTH, {}, []);
      expect(guards.map(({ message }) => /named "(.)"|ID (\d{8})/.exec(message)?.slice(1).join(''))).toEqual([
        'A',
        '00000007',
        '00000008',
        'B',
        'C',
      ]);
    }
  });

  test('of several webhooks that a policy lists, the first by name is reported', () => {
    const routes = [route(`id:${id(9)}`, `id:${id(8)}`)];
    const guard = guardOf(routes, [policy(1, [1])]);
    expect(guard).toMatchObject({ code: 'pinned', names: ['Policy 1'] });
    expect(guard?.message).toBe(
      `Policy "Policy 1" lists id:${id(8)}, but the account has no such webhook. Correct the ID, or remove it.`,
    );
  });

  test('a route of an entry with duplicates names them, and "id:" decides', () => {
    const found = [...BOTH, live(3, 'Ops', URL_1)];
    const file = (...webhooks: readonly string[]) =>
      account([OPS, PAGER], { ...KEEP, routes: [route(...webhooks)] });
    const [guard] = planOf(file('Ops'), found, {}, [policy(1, [2])]).guards;
    expect(guard?.names).toEqual(['Ops']);
    for (const part of ['"Policy 1"', id(1), id(3), '"id:ID"']) expect(guard?.message).toContain(part);
    const planned = planOf(file(`id:${id(3)}`), found, {}, [policy(1, [2])]);
    expect(briefs(planned.actions)).toEqual(['policy Policy 1: Pager#2 → Ops#3']);
    expect(guardCodes(planned)).toEqual([]);
  });

  test('a route that removes an entry with duplicates names them, and "ignore" decides', () => {
    const found = [...BOTH, live(3, 'Ops', URL_1)];
    const file = (...ignore: readonly string[]) =>
      account([OPS, PAGER], { ...KEEP, ignore, routes: [route('Pager')] });
    const policies = [policy(1, [1, 3])];
    const [guard] = planOf(file(), found, {}, policies).guards;
    expect(guard?.names).toEqual(['Ops']);
    for (const part of ['"Policy 1" would no longer send to "Ops"', id(1), id(3), 'List the others by ID'])
      expect(guard?.message).toContain(part);
    const planned = planOf(file(`id:${id(3)}`), found, {}, policies);
    expect(briefs(planned.actions)).toEqual(['policy Policy 1: Ops#1 Ops#3 → Ops#3(ignored) Pager#2']);
    expect(guardCodes(planned)).toEqual([]);
  });

  test('policy-silenced has no override', () => {
    const guard = guardOf([route()], [policy(1, [1], { otherMechanisms: 0 })]);
    expect(guard).toMatchObject({ code: 'policy-silenced', names: ['Policy 1'] });
    expect(guard?.message).toContain('17102');
    expect(guard?.message).toContain('add another recipient');
    expect(guard?.message).not.toContain('--');
  });
});

describe('deletions and routes', () => {
  const file = (routes: readonly DesiredRoute[], webhooks = [OPS]): DesiredAccount =>
    account(webhooks, { routes });

  test('satisfy in-use if every policy is routed away', () => {
    const policies = [policy(1, [1, 2])];
    const planned = planOf(file([route('Ops')]), BOTH, {}, policies);
    expect(guardCodes(planned)).toEqual([]);
    expect(planned.actions).toMatchObject([{ kind: 'delete', policies: [] }, { resource: 'policy' }]);
  });

  test('do not if another policy uses the webhook', () => {
    const planned = planOf(file([route('Ops')]), BOTH, {}, [policy(1, [2]), policy(2, [2])]);
    expect(planned.guards).toMatchObject([{ code: 'in-use', names: ['Pager'] }]);
    expect(planned.guards[0]?.message).toContain('"Policy 2"');
    expect(planned.guards[0]?.message).not.toContain('"Policy 1"');
  });

  test('do not if the route itself uses the deleted webhook, whatever is allowed', () => {
    const allowDetach = setOf('Pager');
    const planned = planOf(file([route('Ops', `id:${id(2)}`)]), BOTH, { allowDetach }, [policy(1, [1])]);
    expect(planned.guards).toMatchObject([{ code: 'in-use', names: ['Pager'] }]);
    expect(planned.guards[0]?.message).toContain('"Policy 1" lists');
    expect(briefs(planned.actions)).toEqual(['delete #2 Pager: unlisted']);
  });

  test('a route cannot use the ID of a replaced webhook, only its name', () => {
    const moved = [desired('Ops', URL_3), PAGER];
    const planned = planOf(file([route(`id:${id(1)}`)], moved), BOTH, {}, [policy(1, [1])]);
    expect(planned.guards).toMatchObject([{ code: 'pinned', names: ['Policy 1'] }]);
    expect(planned.guards[0]?.message).toContain('the name of its entry');
    expect(guardCodes(planOf(file([route('Ops')], moved), BOTH, {}, [policy(1, [1])]))).toEqual([]);
  });

  test('a policy is orphaned only if no route adds another webhook to it', () => {
    const alone = (n: number) => policy(n, [2], { otherMechanisms: 0 });
    const routes = [{ name: 'Policy 1', webhooks: ['Ops'] }];
    const planned = planOf(file(routes), BOTH, {}, [alone(1), alone(2)]);
    expect(planned.actions).toMatchObject([
      { kind: 'delete', policies: [{ name: 'Policy 2', orphaned: true }] },
      { name: 'Policy 1' },
    ]);
  });

  test('a policy is not switched if its route removes the replaced webhook', () => {
    const moved = desired('Ops', URL_3);
    const policies = [policy(1, [1]), policy(2, [1]), policy(3, [2])];
    const routes = [route('Pager'), { name: 'Policy 3', webhooks: ['Ops'] }];
    const planned = planOf(file(routes, [moved, PAGER]), BOTH, {}, policies);
    expect(briefs(planned.actions)).toEqual([
      'replace #1 Ops: url-changed',
      'policy Policy 1: Ops#1 → Pager#2',
      'policy Policy 3: Pager#2 → Ops#1',
    ]);
    expect(planned.actions).toMatchObject([{ policies: [{ name: 'Policy 2' }] }, {}, {}]);
  });
});

describe('--target policy:PATTERN', () => {
  const file = account([desired('Ops', URL_3), PAGER], {
    routes: [
      route('Pager'),
      { name: 'Policy *', webhooks: ['Ops'] },
      { name: 'Any', id: policyId(3), webhooks: ['Pager'] },
      { name: 'Nightly', webhooks: [] },
    ],
  });
  const policies = [policy(1, [1]), policy(2, [2], { name: 'Policy *' }), policy(3, [1], { name: 'Third' })];
  const first = 'policy Policy 1: Ops#1 → Pager#2';
  const star = 'policy Policy *: Pager#2 → Ops#1';
  const third = 'policy Third: Ops#1 → Pager#2';
  const replace = 'replace #1 Ops: url-changed';

  test.each([
    ['a name', ['policy:Policy 1'], [first], []],
    ['an exact name is not a pattern', ['policy:Policy *'], [star], []],
    ['a pattern', ['policy:P*'], [star, first], []],
    ['the name in the file', ['policy:Any'], [third], []],
    ['the name in Cloudflare', ['policy:Third'], [third], []],
    ['its guards are included', ['policy:Nightly'], [], ['no-such-policy']],
    ['none', ['policy:None'], [], []],
    ['webhooks only', ['Ops'], [replace], []],
    ['a pattern for webhooks selects no policy', ['*'], [replace], []],
    ['both', ['Ops', 'policy:Policy 1'], [replace, first], []],
    ['a policy is not selected by the name of a webhook', ['policy:Ops'], [], []],
    ['without targets, all', [], [replace, star, first, third], ['no-such-policy']],
  ])('%s', (_, targets, plan, guards) => {
    const planned = planOf(file, BOTH, { targets }, policies);
    expect(briefs(planned.actions)).toEqual(plan);
    expect(guardCodes(planned)).toEqual(guards);
  });

  test('keeps a guard of a selected policy, whatever it names', () => {
    const sameName = [...BOTH, live(3, 'Pager', URL_2)];
    const planned = planOf({ ...file, ...KEEP }, sameName, { targets: ['policy:Policy 1'] }, policies);
    expect(planned.guards).toMatchObject([{ code: 'ambiguous-name', names: ['Pager'] }]);
  });

  test('selects no webhook, not even one without a name', () => {
    const planned = planOf(account([]), [live(1, '')], { targets: ['policy:Policy 1'] }, [policy(1, [])]);
    expect(planned.actions).toEqual([]);
  });
});

test('an entry that was removed from the file changes no policy', () => {
  const previous = account([OPS, PAGER], { routes: [route('Ops')] });
  const planned = planOf(account([OPS, PAGER], { routes: [] }), BOTH, { previous }, [policy(1, [2])]);
  expect(planned.actions).toEqual([]);
});

test('sorts actions on policies after those on webhooks, and counts them as updates', () => {
  const file = account([desired('A', URL_3), OPS, { ...PAGER, secret: envSecret(1) }], {
    routes: [{ name: 'Policy 2', webhooks: ['A'] }, route('A')],
  });
  const planned = planOf(file, [...BOTH, live(3, 'Z', URL_3)], { rotate: setOf('Pager') }, [
    policy(1, [1]),
    policy(2, [1]),
  ]);
  expect(planned.actions.map(({ kind, resource, name }) => `${kind} ${resource} ${name}`)).toEqual([
    'update webhook A',
    'replace webhook Pager',
    'update policy Policy 1',
    'update policy Policy 2',
  ]);
  expect(planned.summary).toMatchObject({ create: 0, update: 3, replace: 1, delete: 0, unchanged: 1 });
});

test('the action shows the policy before and after, sorted by name and ID', () => {
  const file = account([OPS, PAGER], { ...KEEP, routes: [route('Pager', 'Ops')] });
  const found = [...BOTH, live(3, 'Mine', URL_3)];
  const [action] = planOf(file, found, {}, [policy(1, [3, 9])]).actions;
  expect(action).toEqual({
    kind: 'update',
    resource: 'policy',
    name: 'Policy 1',
    id: policyId(1) as PolicyId,
    because: 'routes',
    before: [
      { name: '', id: id(9) },
      { name: 'Mine', id: id(3) },
    ],
    after: [
      { name: 'Mine', id: id(3), kept: 'unlisted' },
      { name: 'Ops', id: id(1) },
      { name: 'Pager', id: id(2) },
    ],
  });
});

test('returns what a route adds and removes: IDs without dashes, created webhooks by name', () => {
  const kept = { name: 'Kept', id: dashedId(171) };
  expect(
    routeChanges({
      before: [kept, { name: 'Out', id: id(2) }],
      after: [{ name: 'Kept', id: id(171) }, { name: 'New' }, { name: 'In', id: id(3) }],
    }),
  ).toEqual({ added: [{ name: 'New' }, { name: 'In', id: id(3) }], removed: [{ name: 'Out', id: id(2) }] });
});
