import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredWebhook } from '../../src/core/desired.js';
import type { Live } from '../../src/core/live.js';
import { replacementName } from '../../src/core/leftovers.js';
import { isNamedBy, targeting } from '../../src/core/selection.js';
import {
  account,
  dashedId,
  desired,
  id,
  leftover,
  live,
  shortLeftover,
  URL_2,
} from '../support/core/builders.js';
import { briefs, planOf, setOf } from '../support/core/planning.js';

type Case = {
  readonly rule: string;
  readonly file?: readonly DesiredWebhook[];
  readonly more: Partial<DesiredAccount>;
  readonly live: readonly Live[];
  readonly plan: readonly string[];
  readonly ignored: number;
};

const cases: readonly Case[] = [
  {
    rule: 'a pattern must match the whole name',
    more: { ignore: ['dash-*'] },
    live: [live(1, 'dash-1'), live(2, 'my-dash-2')],
    plan: ['delete #2 my-dash-2: unlisted'],
    ignored: 1,
  },
  {
    rule: 'case-sensitive',
    more: { ignore: ['Dash-?'] },
    live: [live(1, 'dash-1')],
    plan: ['delete #1 dash-1: unlisted'],
    ignored: 0,
  },
  {
    rule: 'an exact name',
    more: { ignore: ['Mine'] },
    live: [live(1, 'Mine'), live(2, 'Mine too')],
    plan: ['delete #2 Mine too: unlisted'],
    ignored: 1,
  },
  {
    rule: 'everything but * and ? is literal',
    more: { ignore: ['[ab].+*'] },
    live: [live(1, '[ab].+x'), live(2, 'abx')],
    plan: ['delete #2 abx: unlisted'],
    ignored: 1,
  },
  {
    rule: 'an ID, with or without dashes, even with a declared name',
    file: [desired('Ops')],
    more: { ignore: [`id:${dashedId(171)}`] },
    live: [live(171, 'Ops')],
    plan: ['create Ops'],
    ignored: 1,
  },
  {
    rule: 'a declared name wins over a pattern',
    file: [desired('dash-ops')],
    more: { ignore: ['dash-*'] },
    live: [live(1, 'dash-ops', URL_2), live(2, 'dash-x')],
    plan: ['replace #1 dash-ops: url-changed'],
    ignored: 1,
  },
  {
    rule: 'a declared name that is identical to the pattern wins as well',
    file: [desired('dash-*')],
    more: { ignore: ['dash-*'] },
    live: [live(1, 'dash-*', URL_2), live(2, 'dash-x')],
    plan: ['replace #1 dash-*: url-changed'],
    ignored: 1,
  },
  {
    rule: 'a previous name wins over a pattern',
    file: [desired('Ops', URL_2, { previously: ['dash-ops'] })],
    more: { ignore: ['dash-*'] },
    live: [live(1, 'dash-ops', URL_2)],
    plan: ['update #1 Ops: renamed'],
    ignored: 0,
  },
  {
    rule: 'an absent name wins over a pattern',
    more: { ignore: ['*'], absent: ['Old pager'] },
    live: [live(1, 'Old pager'), live(2, 'x')],
    plan: ['delete #1 Old pager: absent'],
    ignored: 1,
  },
  {
    rule: 'a pinned ID wins over a pattern',
    file: [desired('Ops', URL_2, { id: id(1) })],
    more: { ignore: ['dash-*'] },
    live: [live(1, 'dash-ops', URL_2), live(2, 'dash-x')],
    plan: ['update #1 Ops: renamed'],
    ignored: 1,
  },
  {
    rule: 'an absent ID wins over a pattern',
    more: { ignore: ['*'], absent: [`id:${dashedId(1)}`] },
    live: [live(1, 'Old pager'), live(2, 'x')],
    plan: ['delete #1 Old pager: absent'],
    ignored: 1,
  },
  {
    rule: 'the leftover of an entry wins over a pattern, like the entry itself',
    file: [desired('dash-ops', URL_2), desired('dash-pager', URL_2)],
    more: { ignore: ['dash-*'] },
    live: [
      live(1, 'dash-ops'),
      leftover(2, 'dash-ops', 1, URL_2),
      live(3, 'dash-pager'),
      shortLeftover(4, 'dash-pager', 3, URL_2),
    ],
    plan: [
      'replace #1 dash-ops: finish-replace; keeps #2',
      'replace #3 dash-pager: finish-replace; keeps #4',
    ],
    ignored: 0,
  },
  {
    rule: 'the leftover of another webhook does not',
    file: [desired('Ops')],
    more: { ignore: ['dash-*'] },
    live: [live(1, 'Ops'), leftover(2, 'dash-ops', 1)],
    plan: [],
    ignored: 1,
  },
  {
    rule: 'an exact ignore of the leftover always applies',
    file: [desired('Ops')],
    more: { ignore: [replacementName('Ops', id(1))] },
    live: [live(1, 'Ops'), leftover(2, 'Ops', 1)],
    plan: [],
    ignored: 1,
  },
  {
    rule: 'an exact ignore applies to leftovers of the name, long and short',
    more: { ignore: ['Mine', 'Mine is a longer name'] },
    live: [
      live(1, 'Mine'),
      leftover(2, 'Mine', 1),
      leftover(3, 'Mine', 99),
      shortLeftover(4, 'Mine is a longer name', 98),
      leftover(5, 'Mine too', 97),
    ],
    plan: [`delete #5 ${replacementName('Mine too', id(97))}: unlisted`],
    ignored: 4,
  },
  {
    rule: 'absent applies to leftovers of the name, and an ID only to itself',
    more: { unlisted: 'keep', absent: ['Old', `id:${dashedId(4)}`] },
    live: [live(1, 'Old'), leftover(2, 'Old', 1), leftover(3, 'Other', 1), leftover(4, 'Other', 2)],
    plan: [
      'delete #1 Old: absent',
      `delete #2 ${replacementName('Old', id(1))}: absent`,
      `delete #4 ${replacementName('Other', id(2))}: absent`,
    ],
    ignored: 0,
  },
  {
    rule: 'a leftover of an entry is not absent because of another name',
    file: [desired('Operations Slack', URL_2)],
    more: { absent: ['O'] },
    live: [shortLeftover(2, 'Operations Slack', 99, URL_2)],
    plan: ['update #2 Operations Slack: finish-replace'],
    ignored: 0,
  },
  {
    rule: 'absent deletes each webhook with the name, under keep',
    more: { unlisted: 'keep', absent: ['Old'] },
    live: [live(1, 'Old'), live(2, 'Old'), live(3, 'Other')],
    plan: ['delete #1 Old: absent', 'delete #2 Old: absent'],
    ignored: 0,
  },
  { rule: 'absent that is not there is fine', more: { absent: ['Old'] }, live: [], plan: [], ignored: 0 },
];

test.each(cases)('$rule', ({ file = [], more, live: found, plan, ignored }) => {
  const planned = planOf(account(file, more), found);
  expect(briefs(planned.actions)).toEqual(plan);
  expect(planned.summary.ignored).toBe(ignored);
});

test('ignored webhooks do not count toward emptying the account', () => {
  const many = Array.from({ length: 40 }, (_, n) => live(n + 10, `dash-${n}`));
  const { guards } = planOf(account([], { ignore: ['dash-*'] }), [...many, live(1, 'A'), live(2, 'B')]);
  expect(guards).toMatchObject([{ code: 'too-many-deletes', names: ['A', 'B'] }]);
});

describe('unlisted', () => {
  const found = [live(1, 'Ops'), live(2, 'B'), live(3, 'A')];
  const planned = (unlisted: 'delete' | 'keep' | undefined) => {
    return planOf(account([desired('Ops')], { unlisted }), found);
  };

  test('delete', () => {
    expect(briefs(planned('delete').actions)).toEqual(['delete #3 A: unlisted', 'delete #2 B: unlisted']);
    expect(planned('delete').summary).toMatchObject({ delete: 2, kept: 0, unchanged: 1 });
  });

  test('keep', () => {
    expect(planned('keep').actions).toEqual([]);
    expect(planned('keep').guards).toEqual([]);
    expect(planned('keep').summary).toMatchObject({ delete: 0, kept: 2, unchanged: 1 });
  });

  test('not set: deletes nothing, and a guard names the webhooks and says how to proceed', () => {
    const { actions, guards, summary } = planned(undefined);
    expect(actions).toEqual([]);
    expect(summary.kept).toBe(2);
    expect(guards).toMatchObject([{ code: 'unlisted-undecided', names: ['A', 'B'] }]);
    for (const word of ['import', 'ignore', 'keep', 'delete', '"A", "B"']) {
      expect(guards[0]?.message).toContain(word);
    }
  });

  test('not set, and no unlisted webhooks', () => {
    const undecided = account([desired('Ops')], { unlisted: undefined });
    expect(planOf(undecided, [live(1, 'Ops')]).guards).toEqual([]);
  });
});

test('targeting: an exact name selects only that webhook, a pattern all that match', () => {
  const names = setOf('Ops', 'Ops *', 'Ops a');
  const chosen = (...targets: string[]): string[] => [...names].filter(targeting(targets, names));
  expect(chosen()).toEqual(['Ops', 'Ops *', 'Ops a']);
  expect(chosen('Ops')).toEqual(['Ops']);
  expect(chosen('Ops *')).toEqual(['Ops *']);
  expect(chosen('Ops ?')).toEqual(['Ops *', 'Ops a']);
  expect(chosen('Ops', '*a')).toEqual(['Ops', 'Ops a']);
  expect(chosen('no one')).toEqual([]);
});

test('a flag names a webhook by name or by ID', () => {
  expect(isNamedBy(setOf(), live(1, 'Ops'))).toBe(false);
  expect(isNamedBy(setOf('Ops'), live(1, 'Ops'))).toBe(true);
  expect(isNamedBy(setOf('ops'), live(1, 'Ops'))).toBe(false);
  expect(isNamedBy(setOf(`id:${id(171)}`), live(1, 'Ops', URL_2, { id: dashedId(171) }))).toBe(true);
});
