import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredWebhook } from '../../src/core/desired.js';
import type { Live } from '../../src/core/live.js';
import { match } from '../../src/core/match.js';
import {
  account,
  dashedId,
  desired,
  envUrl,
  id,
  live,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { briefs, guardCodes, planOf } from '../support/core/planning.js';

type Case = {
  readonly rule: string;
  readonly file: readonly DesiredWebhook[];
  readonly more?: Partial<DesiredAccount>;
  readonly live: readonly Live[];
  readonly plan: readonly string[];
  readonly guards?: readonly string[];
};

const pins: readonly Case[] = [
  {
    rule: 'a pinned id wins over the name',
    file: [desired('Ops', URL_1, { id: id(2) })],
    live: [live(1, 'Ops'), live(2, 'Other'), live(3, 'Third'), live(4, 'Fourth')],
    more: { ignore: ['Third', 'Fourth'] },
    plan: ['update #2 Ops: renamed', 'delete #1 Ops: unlisted'],
  },
  {
    rule: 'a pinned id is found whatever its dashes and case, on either side',
    file: [desired('Ops', URL_1, { id: dashedId(171) })],
    live: [live(171, 'Ops'), live(2, 'Two')],
    plan: ['delete #2 Two: unlisted'],
  },
  {
    rule: 'the API may answer the dashed form',
    file: [desired('Ops', URL_1, { id: id(171) })],
    live: [live(1, 'Ops', URL_1, { id: dashedId(171) })],
    plan: [],
  },
  {
    rule: 'a pinned id that is not live is an error, not a create, and nothing else is taken for it',
    file: [desired('Ops', URL_1, { id: id(9), previously: ['Old'] })],
    live: [live(1, 'Ops'), live(2, 'Old')],
    more: { unlisted: 'keep' },
    plan: [],
    guards: ['pinned'],
  },
  {
    rule: 'a pin comes before a name that stands earlier in the file',
    file: [desired('Ops', URL_2), desired('Pager', URL_1, { id: id(1) })],
    live: [live(1, 'Ops')],
    plan: ['create Ops', 'update #1 Pager: renamed'],
  },
  {
    rule: 'several entries of one name, each pinned',
    file: [desired('Ops', URL_1, { id: id(2) }), desired('Ops', URL_2, { id: id(1) })],
    live: [live(1, 'Ops', URL_2), live(2, 'Ops', URL_1)],
    plan: [],
  },
];

const names: readonly Case[] = [
  { rule: 'same name', file: [desired('Ops')], live: [live(1, 'Ops')], plan: [] },
  {
    rule: 'case counts in names',
    file: [desired('Ops', URL_2)],
    live: [live(1, 'ops')],
    plan: ['create Ops', 'delete #1 ops: unlisted'],
  },
  { rule: 'nothing found', file: [desired('Ops')], live: [], plan: ['create Ops'] },
  {
    rule: 'previously renames in place',
    file: [desired('Ops', URL_1, { previously: ['Chat'] })],
    live: [live(1, 'Chat')],
    plan: ['update #1 Ops: renamed'],
  },
  {
    rule: 'the first previous name that is live counts',
    file: [desired('Ops', URL_1, { previously: ['Recent', 'Chat', 'Older'] })],
    live: [live(1, 'Older', URL_2), live(2, 'Chat', URL_1)],
    more: { unlisted: 'keep' },
    plan: ['update #2 Ops: renamed'],
  },
  {
    rule: 'with both live the name wins and the previous one is unlisted',
    file: [desired('Ops', URL_1, { previously: ['Chat'] })],
    live: [live(1, 'Chat'), live(2, 'Ops')],
    plan: ['delete #1 Chat: unlisted'],
  },
  {
    rule: 'a previous name with another url: renamed and moved by one replace',
    file: [desired('Ops', URL_2, { previously: ['Chat'] })],
    live: [live(1, 'Chat')],
    plan: ['replace #1 Ops: url-changed'],
  },
  {
    rule: 'a previous name that an entry bears belongs to that entry',
    file: [desired('Ops', URL_1, { previously: ['Chat'] }), desired('Chat', URL_2)],
    live: [live(1, 'Chat', URL_2)],
    plan: ['create Ops'],
  },
];

const urls: readonly Case[] = [
  {
    rule: 'under delete, the one left on both sides with the same url is a rename',
    file: [desired('Ops')],
    live: [live(1, 'Renamed by hand')],
    plan: ['update #1 Ops: renamed'],
  },
  {
    rule: 'the url is compared after normalisation',
    file: [desired('Ops', 'HTTPS://Relay.Example.com:443/a/../one')],
    live: [live(1, 'Renamed by hand')],
    plan: ['update #1 Ops: renamed'],
  },
  {
    rule: 'not under keep',
    file: [desired('Ops')],
    live: [live(1, 'Mine')],
    more: { unlisted: 'keep' },
    plan: ['create Ops'],
  },
  {
    rule: 'not with two live ones',
    file: [desired('Ops')],
    live: [live(1, 'A'), live(2, 'B'), ...[3, 4, 5, 6, 7, 8].map((n) => live(n, 'x'))],
    more: { ignore: ['x'] },
    plan: ['create Ops', 'delete #1 A: unlisted', 'delete #2 B: unlisted'],
    guards: ['too-many-deletes'],
  },
  {
    rule: 'not with two new entries',
    file: [desired('Ops'), desired('Pager')],
    live: [live(1, 'A')],
    plan: ['create Ops', 'create Pager', 'delete #1 A: unlisted'],
  },
  {
    rule: 'not with two of each: which became which is not known',
    file: [desired('Ops'), desired('Pager')],
    live: [live(1, 'A'), live(2, 'B'), live(3, 'x'), live(4, 'x')],
    more: { ignore: ['x'] },
    plan: ['create Ops', 'create Pager', 'delete #1 A: unlisted', 'delete #2 B: unlisted'],
    guards: ['too-many-deletes'],
  },
  {
    rule: 'matched ones do not count on either side',
    file: [desired('Ops'), desired('Known')],
    live: [live(1, 'Known'), live(2, 'Renamed by hand')],
    plan: ['update #2 Ops: renamed'],
  },
  {
    rule: 'not one that is wanted gone',
    file: [desired('Ops')],
    live: [live(1, 'Old pager')],
    more: { absent: ['Old pager'] },
    plan: ['create Ops', 'delete #1 Old pager: absent'],
  },
  {
    rule: 'not one that is ignored',
    file: [desired('Ops')],
    live: [live(1, 'dash-1')],
    more: { ignore: ['dash-*'] },
    plan: ['create Ops'],
  },
  {
    rule: 'by the value of a variable',
    file: [desired('Ops', envUrl(URL_2))],
    live: [live(1, 'A', URL_1), live(2, 'B', URL_2)],
    plan: ['update #2 Ops: renamed', 'delete #1 A: unlisted'],
  },
  {
    rule: 'not where the variable is not set',
    file: [desired('Ops', envUrl())],
    live: [live(1, 'A')],
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'not where only the url without its credential is the same',
    file: [desired('Ops', envUrl('https://hooks.slack.com/services/T000/B000/tokentokentoken'))],
    live: [live(1, 'A', 'https://hooks.slack.com/services/T000/B000', { type: 'slack' })],
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
  {
    rule: 'another url is another webhook',
    file: [desired('Ops', URL_2)],
    live: [live(1, 'A', URL_3)],
    plan: ['create Ops', 'delete #1 A: unlisted'],
  },
];

describe.each([
  ['pinned id', pins],
  ['names', names],
  ['rename by url', urls],
])('matching: %s', (_, cases) => {
  test.each(cases)('$rule', ({ file, more, live: found, plan, guards = [] }) => {
    const planned = planOf(account(file, more), found);
    expect(briefs(planned.actions)).toEqual(plan);
    expect(guardCodes(planned)).toEqual(guards);
  });
});

test('an unknown type is carried, not refused', () => {
  const odd = live(1, 'Ops', URL_2, { type: 'carrier-pigeon' });
  const planned = planOf(account([desired('Ops', URL_1)]), [odd]);
  expect(planned.actions).toMatchObject([{ kind: 'replace', before: { type: 'carrier-pigeon' } }]);
});

test('the order of the file is kept, and each entry tells what was found', () => {
  const { matches, unlisted, absent } = match(account([desired('B'), desired('A')], { absent: ['Old'] }), [
    live(1, 'A'),
    live(2, 'Old', URL_2),
    live(3, 'Other', URL_2),
  ]);
  expect(matches.map(({ desired: { name }, live: found }) => [name, found?.id])).toEqual([
    ['B', undefined],
    ['A', id(1)],
  ]);
  expect(absent.map(({ name }) => name)).toEqual(['Old']);
  expect(unlisted.map(({ name }) => name)).toEqual(['Other']);
});

test('a url that does not tell one bot from another is no sign of a rename', () => {
  const url = 'https://open.feishu.cn/open-apis/bot/v2/hook';
  const { actions } = planOf(account([desired('Mine', url)], { unlisted: 'delete' }), [
    live(1, 'Theirs', url),
  ]);
  expect(briefs(actions)).not.toContain('update');
  expect(actions.map(({ kind }) => kind)).toEqual(['create', 'delete']);
});
