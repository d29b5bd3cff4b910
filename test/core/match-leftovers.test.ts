import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredWebhook } from '../../src/core/desired.js';
import type { DiffOptions } from '../../src/core/diff.js';
import { replacementName } from '../../src/core/leftovers.js';
import type { Live } from '../../src/core/live.js';
import {
  account,
  dashedId,
  desired,
  envSecret,
  envUrl,
  id,
  leftover,
  live,
  shortLeftover,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { briefs, guardCodes, planOf, setOf } from '../support/core/planning.js';

const old = live(1, 'Ops', URL_1);
/** The leftover of an interrupted replacement of `old`. */
const fresh = leftover(2, 'Ops', 1, URL_2);
/** The same after `old` was deleted; 99 is not live. */
const abandoned = leftover(2, 'Ops', 99, URL_2);

type Case = {
  readonly state: string;
  readonly entry: DesiredWebhook;
  readonly live: readonly Live[];
  readonly more?: Partial<DesiredAccount>;
  readonly options?: Partial<DiffOptions>;
  readonly plan: readonly string[];
  readonly guards?: readonly string[];
};

const IN_PLACE: Partial<DesiredAccount> = { strategy: { url: 'in-place', secret: 'replace' } };
const SECRET_IN_PLACE: Partial<DesiredAccount> = { strategy: { url: 'replace', secret: 'in-place' } };
const KEEP: Partial<DesiredAccount> = { unlisted: 'keep' };
const before = (url = URL_1): Partial<DiffOptions> => ({
  previous: account([desired('Ops', url, { secret: envSecret(1) })]),
});
const rotated = (url = URL_1): DesiredWebhook => desired('Ops', url, { secret: envSecret(2) });

const replacedIsLive: readonly Case[] = [
  {
    state: 'the leftover matches: it replaces the old webhook',
    entry: desired('Ops', URL_2),
    live: [old, fresh],
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    state: 'the same with the short name',
    entry: desired('Ops', URL_2),
    live: [old, shortLeftover(2, 'Ops', 1, URL_2)],
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    state: 'the IDs have dashes',
    entry: desired('Ops', URL_2),
    live: [live(171, 'Ops', URL_1, { id: dashedId(171) }), leftover(2, 'Ops', 171, URL_2)],
    plan: ['replace #171 Ops: finish-replace; keeps #2'],
  },
  {
    state: 'both match, and everything about them can be read: the leftover stays',
    entry: desired('Ops', URL_1),
    live: [old, leftover(2, 'Ops', 1, URL_1)],
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    state: '--replace: continues the started replacement, as requested',
    entry: desired('Ops', URL_2),
    live: [old, fresh],
    options: { replace: setOf('Ops') },
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    state: 'the old webhook is found by a previous name',
    entry: desired('Ops', URL_2, { previously: ['Chat'] }),
    live: [live(1, 'Chat', URL_1), fresh],
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    state: 'the leftover has a previous name of the entry',
    entry: desired('New', URL_2, { previously: ['Ops'] }),
    live: [old, fresh],
    plan: ['replace #1 New: finish-replace; keeps #2'],
  },
  {
    state: 'the old webhook matches and the leftover does not: the replacement is taken back',
    entry: desired('Ops', URL_1),
    live: [old, fresh],
    plan: ['replace #2 Ops: taken-back; keeps #1'],
  },
  {
    state: 'taken back, whether or not the entry has a secret',
    entry: desired('Ops', URL_1, { secret: envSecret(1) }),
    live: [old, fresh],
    options: before(),
    plan: ['replace #2 Ops: taken-back; keeps #1'],
  },
  {
    state: 'several leftovers are taken back, the oldest first',
    entry: desired('Ops', URL_1),
    live: [leftover(4, 'Ops', 1, URL_3), old, leftover(3, 'Ops', 1, URL_2)],
    plan: ['replace #3 Ops: taken-back; retires #3 #4; keeps #1'],
  },
  {
    state: 'taken back with a previous name: the same PUT renames it',
    entry: desired('Ops', URL_1, { previously: ['Chat'] }),
    live: [live(1, 'Chat', URL_1), fresh],
    plan: ['replace #2 Ops: taken-back; keeps #1'],
  },
  {
    state: 'neither matches: one new webhook, both are deleted',
    entry: desired('Ops', URL_3),
    live: [old, fresh],
    plan: ['replace #1 Ops: url-changed, finish-replace; retires #1 #2'],
  },
  {
    state: 'one of several leftovers matches: it is not known which one policies use, so all are deleted',
    entry: desired('Ops', URL_2),
    live: [leftover(3, 'Ops', 1, URL_3), old, fresh],
    plan: ['replace #1 Ops: url-changed, finish-replace; retires #1 #2 #3'],
  },
  {
    state: 'a secret cannot be read: a new webhook with the value of this run',
    entry: rotated(),
    live: [old, leftover(2, 'Ops', 1, URL_1)],
    options: before(),
    plan: ['replace #1 Ops: secret-rotated, finish-replace; retires #1 #2'],
  },
  {
    state: 'a secret cannot be read: a new webhook, even without a rotation',
    entry: rotated(),
    live: [old, leftover(2, 'Ops', 1, URL_1)],
    plan: ['replace #1 Ops: finish-replace; retires #1 #2'],
  },
  {
    state: 'a URL from a variable is a credential: a new webhook',
    entry: desired('Ops', envUrl(URL_2)),
    live: [old, fresh],
    plan: ['replace #1 Ops: url-changed, finish-replace; retires #1 #2'],
  },
  {
    state: 'a URL that is not known here is not compared: a new webhook',
    entry: desired('Ops', envUrl()),
    live: [old, fresh],
    plan: ['replace #1 Ops: finish-replace; retires #1 #2'],
  },
  {
    state: 'a literal URL with a credential is also a credential',
    entry: desired('Ops', 'https://hooks.slack.com/services/T/B/token'),
    live: [old, leftover(2, 'Ops', 1, 'https://hooks.slack.com/services/T/B', { type: 'slack' })],
    plan: ['replace #1 Ops: url-changed, finish-replace; retires #1 #2'],
  },
  {
    state: 'the old webhook matches, the leftover does not, and there is a rotation',
    entry: rotated(),
    live: [old, fresh],
    options: before(),
    plan: ['replace #1 Ops: secret-rotated, finish-replace; retires #1 #2'],
  },
  {
    state: 'url in-place: the old webhook is updated, the leftover is deleted',
    entry: desired('Ops', URL_3),
    live: [old, fresh],
    more: IN_PLACE,
    plan: ['replace #2 Ops: taken-back, url-changed; keeps #1'],
  },
  {
    state: 'url in-place with a different secret: a new webhook',
    entry: rotated(URL_3),
    live: [old, fresh],
    more: IN_PLACE,
    options: before(),
    plan: ['replace #1 Ops: secret-rotated, finish-replace; retires #1 #2'],
  },
  {
    state: 'secret in-place: the old webhook gets it, the leftover is deleted',
    entry: rotated(),
    live: [old, fresh],
    more: SECRET_IN_PLACE,
    options: before(),
    plan: ['replace #2 Ops: taken-back, secret-rotated; keeps #1'],
  },
  {
    state: 'URL credential in-place: the old webhook gets it, the leftover is deleted',
    entry: desired('Ops', envUrl(URL_1, 2)),
    live: [old, fresh],
    more: SECRET_IN_PLACE,
    options: { previous: account([desired('Ops', envUrl(URL_1, 1))]) },
    plan: ['replace #2 Ops: taken-back, url-rotated; keeps #1'],
  },
  {
    state: 'a leftover of the leftover: the whole chain belongs to the entry',
    entry: desired('Ops', URL_3),
    live: [leftover(3, 'Ops', 2, URL_3), old, fresh],
    plan: ['replace #1 Ops: url-changed, finish-replace; retires #1 #2 #3'],
  },
];

const replacedIsGone: readonly Case[] = [
  {
    state: 'only the rename is missing',
    entry: desired('Ops', URL_2),
    live: [abandoned],
    plan: ['update #2 Ops: finish-replace'],
  },
  {
    state: 'only the rename is missing, with the short name',
    entry: desired('Ops', URL_2),
    live: [shortLeftover(2, 'Ops', 99, URL_2)],
    plan: ['update #2 Ops: finish-replace'],
  },
  {
    state: 'renamed: there is nothing left to do',
    entry: desired('Ops', URL_2),
    live: [live(2, 'Ops', URL_2)],
    plan: [],
  },
  {
    state: 'with a previous name, even if unlisted webhooks are kept',
    entry: desired('New', URL_2, { previously: ['Ops'] }),
    live: [abandoned],
    more: KEEP,
    plan: ['update #2 New: finish-replace'],
  },
  {
    state: 'the URL is not known here',
    entry: desired('Ops', envUrl()),
    live: [abandoned],
    plan: ['update #2 Ops: finish-replace'],
  },
  {
    state: 'compared like any other: the file has a third URL',
    entry: desired('Ops', URL_3),
    live: [abandoned],
    plan: ['replace #2 Ops: url-changed'],
  },
  {
    state: 'compared like any other: a third URL in-place',
    entry: desired('Ops', URL_3),
    live: [abandoned],
    more: IN_PLACE,
    plan: ['update #2 Ops: finish-replace, url-in-place'],
  },
  {
    state: 'compared like any other: a rotation repeats until an apply succeeds',
    entry: rotated(URL_2),
    live: [abandoned],
    options: before(URL_2),
    plan: ['replace #2 Ops: secret-rotated'],
  },
  {
    state: 'it is not known which of several policies use: a new webhook, all are deleted',
    entry: desired('Ops', URL_2),
    live: [leftover(3, 'Ops', 98, URL_2), abandoned],
    plan: ['replace #2 Ops: finish-replace; retires #2 #3'],
  },
  {
    state: 'none of several matches',
    entry: desired('Ops', URL_3),
    live: [leftover(3, 'Ops', 98, URL_1), abandoned],
    plan: ['replace #2 Ops: finish-replace; retires #2 #3'],
  },
  {
    state: 'a leftover of the leftover replaces it',
    entry: desired('Ops', URL_3),
    live: [leftover(3, 'Ops', 2, URL_3), abandoned],
    plan: ['replace #2 Ops: finish-replace; keeps #3'],
  },
  {
    state: 'a leftover of the leftover is taken back',
    entry: desired('Ops', URL_2),
    live: [leftover(3, 'Ops', 2, URL_3), abandoned],
    plan: ['replace #3 Ops: taken-back; keeps #2'],
  },
  {
    state: 'an unlisted webhook has the name: the leftover has the URL of the entry',
    entry: desired('Ops', URL_2),
    live: [live(3, 'Ops', URL_3), abandoned],
    more: KEEP,
    plan: ['update #2 Ops: finish-replace'],
  },
  {
    state: 'an unlisted webhook has the name, and a rotation was interrupted: the webhook is not changed',
    entry: rotated(URL_2),
    live: [live(3, 'Ops', URL_3), abandoned],
    more: KEEP,
    options: { rotate: setOf('Ops') },
    plan: ['replace #2 Ops: secret-rotated'],
  },
  {
    state: 'an unlisted webhook has a previous name',
    entry: desired('Ops', URL_2, { previously: ['Chat'] }),
    live: [live(3, 'Chat', URL_3), abandoned],
    more: KEEP,
    plan: ['update #2 Ops: finish-replace'],
  },
  {
    state: 'several unlisted webhooks have the name',
    entry: desired('Ops', URL_2),
    live: [live(3, 'Ops', URL_3), abandoned, live(4, 'Ops', URL_1)],
    more: KEEP,
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    state: 'an unlisted webhook has the name, and several leftovers have the URL',
    entry: desired('Ops', URL_2),
    live: [live(3, 'Ops', URL_3), leftover(4, 'Ops', 98, URL_2), abandoned],
    more: KEEP,
    plan: ['replace #2 Ops: finish-replace; retires #2 #4'],
  },
  {
    state: 'an unlisted webhook has the name, and only one of several leftovers has the URL',
    entry: desired('Ops', URL_2),
    live: [live(3, 'Ops', URL_3), leftover(4, 'Ops', 98, URL_1), abandoned],
    more: KEEP,
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    state:
      'a webhook has the name, and a leftover replaces it: it is not known which one belongs to the entry',
    entry: desired('Ops', URL_2),
    live: [live(3, 'Ops', URL_3), leftover(4, 'Ops', 3, URL_2), abandoned],
    more: KEEP,
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    state: 'an unlisted webhook has the name, and a leftover of the leftover is live',
    entry: desired('Ops', URL_2),
    live: [live(3, 'Ops', URL_3), leftover(4, 'Ops', 2, URL_1), abandoned],
    more: KEEP,
    plan: ['replace #4 Ops: taken-back; keeps #2'],
  },
  {
    state: 'a webhook has the name and the URL: it is not known which one works',
    entry: desired('Ops', URL_2),
    live: [live(3, 'Ops', URL_2), abandoned],
    more: KEEP,
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    state: 'the same with a previous name',
    entry: desired('Ops', URL_2, { previously: ['Chat'] }),
    live: [live(3, 'Chat', URL_2), abandoned],
    more: KEEP,
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    state: 'the same if the URL is not known here',
    entry: desired('Ops', envUrl()),
    live: [live(3, 'Ops', URL_1), abandoned],
    more: KEEP,
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    state: 'neither has the URL of the entry: it is not known which one belongs to the entry',
    entry: desired('Ops', URL_1),
    live: [live(3, 'Ops', URL_3), abandoned],
    more: KEEP,
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    state: 'the same under delete',
    entry: desired('Ops', URL_1),
    live: [live(3, 'Ops', URL_3), abandoned],
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    state: 'one replaces the webhook that was found and one is orphaned: neither is changed',
    entry: desired('Ops', URL_1),
    live: [old, fresh, leftover(3, 'Ops', 99, URL_1)],
    plan: [],
    guards: ['ambiguous-name'],
  },
  {
    state: 'the guard passes once the other one is under "absent"',
    entry: desired('Ops', URL_2),
    live: [live(3, 'Ops', URL_2), abandoned],
    more: { ...KEEP, absent: [`id:${id(3)}`] },
    plan: ['update #2 Ops: finish-replace', 'delete #3 Ops: absent'],
  },
  {
    state: 'the webhook that it replaces is under "absent", which is as good as gone',
    entry: desired('Ops', URL_2),
    live: [old, fresh],
    more: { ...KEEP, absent: [`id:${id(1)}`] },
    plan: ['update #2 Ops: finish-replace', 'delete #1 Ops: absent'],
  },
  {
    state: 'the same the other way round',
    entry: desired('Ops', URL_2),
    live: [live(3, 'Ops', URL_2), abandoned],
    more: { ...KEEP, absent: [`id:${id(2)}`] },
    plan: [`delete #2 ${abandoned.name}: absent`],
  },
];

const notOurs: readonly Case[] = [
  {
    state: 'it replaces another live webhook, which only has the same name',
    entry: desired('Ops', URL_1, { id: id(1) }),
    live: [old, live(3, 'Ops', URL_3), leftover(4, 'Ops', 3, URL_2)],
    more: KEEP,
    plan: [],
  },
  {
    state: 'it replaces a live webhook with another name',
    entry: desired('Ops', URL_1),
    live: [old, live(3, 'Team', URL_3), leftover(4, 'Ops', 3, URL_1)],
    more: KEEP,
    plan: [],
  },
  {
    state: 'it replaces a webhook that the file ignores',
    entry: desired('Ops', URL_1),
    live: [old, live(3, 'Team', URL_3), leftover(4, 'Ops', 3, URL_1)],
    more: { ...KEEP, ignore: ['Team'] },
    plan: [],
  },
  {
    state: 'it replaces a duplicate that was not found for the entry',
    entry: desired('Ops', URL_1),
    live: [old, live(3, 'Ops', URL_1), leftover(4, 'Ops', 3, URL_1)],
    more: KEEP,
    plan: [],
  },
  {
    state: 'its name belongs to no entry',
    entry: desired('Known', URL_1),
    live: [live(1, 'Known', URL_1), abandoned],
    plan: [`delete #2 ${abandoned.name}: unlisted`],
  },
  {
    state: 'the same under keep',
    entry: desired('Known', URL_1),
    live: [live(1, 'Known', URL_1), abandoned],
    more: KEEP,
    plan: [],
  },
  {
    state: 'the entry is pinned, and the webhook that it replaces no longer exists',
    entry: desired('Ops', URL_1, { id: id(1) }),
    live: [old, leftover(3, 'Ops', 99, URL_1)],
    more: KEEP,
    plan: [],
  },
  {
    state: 'the entry is pinned to the leftover itself',
    entry: desired('Ops', URL_2, { id: id(2) }),
    live: [abandoned],
    plan: ['update #2 Ops: finish-replace'],
  },
];

const guarded: readonly Case[] = [
  {
    state: 'pinned: the pinned webhook stays, the leftover is deleted',
    entry: desired('Ops', URL_1, { id: id(1) }),
    live: [old, fresh],
    plan: ['replace #2 Ops: taken-back; keeps #1'],
  },
  {
    state: 'pinned, both match: the pinned webhook stays anyway',
    entry: desired('Ops', URL_1, { id: id(1) }),
    live: [old, leftover(2, 'Ops', 1, URL_1)],
    plan: ['replace #2 Ops: taken-back; keeps #1'],
  },
  {
    state: 'pinned and protected with another name: not replaced',
    entry: desired('Ops', URL_1, { id: id(1), protect: true }),
    live: [live(1, 'Chat', URL_1), fresh],
    plan: ['replace #2 Ops: taken-back; keeps #1'],
  },
  {
    state: 'pinned with another URL: refused',
    entry: desired('Ops', URL_3, { id: id(1) }),
    live: [old, fresh],
    plan: ['replace #1 Ops: url-changed, finish-replace; retires #1 #2'],
    guards: ['pinned'],
  },
  {
    state: 'pinned, and the leftover has the URL of the entry: not used instead',
    entry: desired('Ops', URL_2, { id: id(1) }),
    live: [old, fresh],
    plan: ['replace #1 Ops: url-changed, finish-replace; retires #1 #2'],
    guards: ['pinned'],
  },
  {
    state: 'pinned with another URL, in-place: updated',
    entry: desired('Ops', URL_3, { id: id(1) }),
    live: [old, fresh],
    more: IN_PLACE,
    plan: ['replace #2 Ops: taken-back, url-changed; keeps #1'],
  },
  {
    state: 'a pinned ID that is not live: the leftover is not changed',
    entry: desired('Ops', URL_2, { id: id(9) }),
    live: [abandoned],
    plan: [],
    guards: ['pinned'],
  },
  {
    state: 'protected: the old webhook is not replaced by a leftover',
    entry: desired('Ops', URL_2, { protect: true }),
    live: [old, fresh],
    plan: ['replace #1 Ops: url-changed, finish-replace; retires #1 #2'],
    guards: ['protected'],
  },
  {
    state: 'protected: leftovers are deleted and it stays, even with its previous name',
    entry: desired('Ops', URL_1, { protect: true, previously: ['Chat'] }),
    live: [live(1, 'Chat', URL_1), fresh],
    plan: ['replace #2 Ops: taken-back; keeps #1'],
  },
  {
    state: 'protected: its last leftover gets its name',
    entry: desired('Ops', URL_2, { protect: true }),
    live: [abandoned],
    plan: ['update #2 Ops: finish-replace'],
  },
  {
    state: 'protected: its last leftover is not replaced',
    entry: desired('Ops', URL_3, { protect: true }),
    live: [abandoned],
    plan: ['replace #2 Ops: url-changed'],
    guards: ['protected'],
  },
  {
    state: 'ambiguous: leftovers are not changed',
    entry: desired('Ops', URL_3),
    live: [old, live(3, 'Ops', URL_2), fresh],
    plan: [],
    guards: ['ambiguous-name'],
  },
];

describe.each([
  ['the webhook that a leftover replaces is live', replacedIsLive],
  ['the webhook that a leftover replaces no longer exists', replacedIsGone],
  ['a leftover of something else', notOurs],
  ['leftovers and guards', guarded],
])('%s', (_, cases) => {
  test.each(cases)('$state', ({ entry, live: found, more, options, plan, guards = [] }) => {
    for (const list of [found, found.toReversed()]) {
      const planned = planOf(account([entry], more), list, options);
      expect(briefs(planned.actions)).toEqual(plan);
      expect(guardCodes(planned)).toEqual(guards);
    }
  });
});

test('a leftover is not a rename by URL of another entry', () => {
  const file = account([desired('Ops', URL_2), desired('New', URL_2)]);
  expect(briefs(planOf(file, [old, fresh]).actions)).toEqual([
    'create New',
    'replace #1 Ops: finish-replace; keeps #2',
  ]);
});

test('an entry with an abandoned leftover was not renamed manually, so its URL matches no other webhook', () => {
  const planned = planOf(account([desired('Ops', URL_2)]), [abandoned, live(3, 'By hand', URL_2)]);
  expect(briefs(planned.actions)).toEqual(['update #2 Ops: finish-replace', 'delete #3 By hand: unlisted']);
});

test("if two entries have the same short name, only the ID identifies the leftover's entry", () => {
  const file = account([desired('Old A', URL_1), desired('Old B', URL_2)], KEEP);
  const found = [live(1, 'Old A', URL_1), live(3, 'Old B', URL_2)];
  const named = planOf(file, [...found, shortLeftover(2, 'Old B', 3, URL_2)]);
  expect(briefs(named.actions)).toEqual(['replace #3 Old B: finish-replace; keeps #2']);
  // Without it, the leftover can belong to either entry, so it belongs to neither, in any order of the file.
  for (const webhooks of [file.webhooks, file.webhooks.toReversed()]) {
    const planned = planOf({ ...file, webhooks }, [shortLeftover(2, 'Old B', 99, URL_2)]);
    expect(briefs(planned.actions)).toEqual(['create Old A', 'create Old B']);
    expect(planned.summary.kept).toBe(1);
  }
});

test('a name under "absent" takes no leftover whose short name an entry has as well', () => {
  const found = [live(1, 'Old A', URL_1), live(3, 'Old A', URL_1), shortLeftover(2, 'Old A', 3, URL_1)];
  const ignoring = { ...KEEP, ignore: [`id:${id(3)}`] };
  const planned = planOf(account([desired('Old A', URL_1)], { ...ignoring, absent: ['Old B'] }), found);
  expect(briefs(planned.actions)).toEqual([]);
});

test('the whole name of a leftover under "absent" takes that one only', () => {
  const found = [live(1, 'Ops', URL_1), leftover(2, 'Ops', 1, URL_2), shortLeftover(3, 'Pager', 9, URL_2)];
  for (const at of [1, 2]) {
    const name = found[at]?.name ?? '';
    const planned = planOf(account([], { ...KEEP, absent: [name] }), found);
    expect(briefs(planned.actions)).toEqual([`delete #${at + 1} ${name}: absent`]);
  }
});

test('a name under "absent" takes a leftover with a short name only if it replaces a webhook with that name', () => {
  const file = (...absent: readonly string[]) =>
    account([], { ...KEEP, ignore: [`id:${id(1)}`, `id:${id(3)}`], absent });
  const found = [live(1, 'Unrelated', URL_1), live(3, 'Old A', URL_1), shortLeftover(2, 'Old A', 3, URL_1)];
  expect(briefs(planOf(file('Old A'), found).actions)).toEqual(['delete #2 O [hw:00000003]: absent']);
  expect(briefs(planOf(file('Old B'), found).actions)).toEqual([]);
  // If the replaced webhook no longer exists, it is not known whose leftover it is.
  expect(briefs(planOf(file('Old A'), [shortLeftover(2, 'Old A', 9, URL_1)]).actions)).toEqual([]);
});

test("if several pinned entries have the same name, the ID identifies the leftover's entry", () => {
  const file = [desired('Ops', URL_1, { id: id(1) }), desired('Ops', URL_2, { id: id(3) })];
  const found = [old, live(3, 'Ops', URL_2), leftover(2, 'Ops', 3, URL_3)];
  expect(briefs(planOf(account(file), found).actions)).toEqual(['replace #2 Ops: taken-back; keeps #3']);
});

test('an abandoned leftover that another entry is pinned to is not the leftover of the entry that it is named after', () => {
  const file = account([desired('Ops', URL_2), desired('Other', URL_2, { id: id(2) })]);
  expect(briefs(planOf(file, [abandoned]).actions)).toEqual([
    'create Ops',
    'update #2 Other: finish-replace',
  ]);
  // Such an entry can have been renamed manually.
  expect(briefs(planOf(file, [abandoned, live(3, 'By hand', URL_2)]).actions)).toEqual([
    'update #3 Ops: renamed',
    'update #2 Other: finish-replace',
  ]);
});

test('a webhook with the name of an entry is unlisted if the leftover, not this webhook, has its URL', () => {
  const other = live(3, 'Ops', URL_1);
  const planned = planOf(account([desired('Ops', URL_2)]), [other, abandoned]);
  expect(briefs(planned.actions)).toEqual(['update #2 Ops: finish-replace', 'delete #3 Ops: unlisted']);
});

test('an entry that is named like a leftover does not take leftovers of others', () => {
  const name = replacementName('Ops', id(1));
  const file = account([desired('Ops', URL_1), desired(name, URL_2, { id: id(2) })]);
  expect(planOf(file, [old, fresh]).actions).toEqual([]);
});

test('a leftover in --previous is deleted together with its entry', () => {
  const previous = account([desired('Ops'), desired('Known', URL_3)]);
  const planned = planOf(account([desired('Known', URL_3)], KEEP), [live(1, 'Known', URL_3), abandoned], {
    previous,
  });
  expect(briefs(planned.actions)).toEqual([`delete #2 ${abandoned.name}: removed`]);
});

describe("a webhook and an abandoned leftover that both have the entry's URL", () => {
  const found = [live(3, 'Ops', URL_2), abandoned, leftover(4, 'Ops', 3, URL_1)];

  test('changes neither of them nor their leftovers, and the guard names both', () => {
    const planned = planOf(account([desired('Ops', URL_2)]), found);
    expect(planned.actions).toEqual([]);
    expect(planned.summary).toMatchObject({ unchanged: 0, kept: 0 });
    expect(planned.guards).toMatchObject([{ code: 'ambiguous-name', names: ['Ops'] }]);
    const message = planned.guards[0]?.message ?? '';
    for (const part of [id(2), id(3), URL_2, JSON.stringify(abandoned.name), '"absent"']) {
      expect(message).toContain(part);
    }
  });

  test('shows a URL that is a reference only as its host', () => {
    const [guard] = planOf(account([desired('Ops', envUrl(URL_2))]), found).guards;
    expect(guard?.message).toContain('https://relay.example.com,');
    expect(guard?.message).not.toContain(URL_2);
  });
});
