import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredWebhook } from '../../src/core/desired.js';
import type { DiffOptions } from '../../src/core/diff.js';
import type { Live } from '../../src/core/live.js';
import { markedName, shortMarkedName } from '../../src/core/leftovers.js';
import {
  account,
  desired,
  envSecret,
  envUrl,
  id,
  live,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { briefs, guardCodes, planOf, setOf } from '../support/core/planning.js';

const MARKED = markedName('Ops');
const old = live(1, 'Ops', URL_1);
const fresh = live(2, MARKED, URL_2);

type Case = {
  readonly state: string;
  readonly entry: DesiredWebhook;
  readonly live: readonly Live[];
  readonly more?: Partial<DesiredAccount>;
  readonly options?: Partial<DiffOptions>;
  readonly plan: readonly string[];
};

const finishing: readonly Case[] = [
  {
    state: 'new created',
    entry: desired('Ops', URL_2),
    live: [old, fresh],
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    state: 'old deleted',
    entry: desired('Ops', URL_2),
    live: [fresh],
    plan: ['update #2 Ops: finish-replace'],
  },
  {
    state: 'renamed: nothing is left to do',
    entry: desired('Ops', URL_2),
    live: [live(2, 'Ops', URL_2)],
    plan: [],
  },
  {
    state: 'the short marker',
    entry: desired('Ops', URL_2),
    live: [old, live(2, shortMarkedName('Ops'), URL_2)],
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    state: 'twins of marked ones: the oldest stays, the others go',
    entry: desired('Ops', URL_2),
    live: [live(4, MARKED, URL_2), old, live(3, MARKED, URL_2), fresh],
    plan: ['replace #1 Ops: finish-replace; retires #1 #3 #4; keeps #2'],
  },
  {
    state: 'twins of marked ones, the old one gone',
    entry: desired('Ops', URL_2),
    live: [live(3, MARKED, URL_2), fresh],
    plan: ['replace #3 Ops: finish-replace; keeps #2'],
  },
  {
    state: 'a secret rotation: old and marked have the same url, the marked one is the rotated',
    entry: desired('Ops', URL_1, { secret: envSecret(2) }),
    live: [old, live(2, MARKED, URL_1)],
    options: { previous: account([desired('Ops', URL_1, { secret: envSecret(1) })]) },
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    state: 'a secret rotation, also where nothing says that one was under way',
    entry: desired('Ops', URL_1, { secret: envSecret(2) }),
    live: [old, live(2, MARKED, URL_1)],
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    state: 'a secret rotation, the old one gone: not rotated a second time',
    entry: desired('Ops', URL_1, { secret: envSecret(2) }),
    live: [live(2, MARKED, URL_1)],
    options: { previous: account([desired('Ops', URL_1, { secret: envSecret(1) })]) },
    plan: ['update #2 Ops: finish-replace'],
  },
  {
    state: 'a url rotation, the old one gone: not rotated a second time',
    entry: desired('Ops', envUrl(URL_2, 2)),
    live: [fresh],
    options: { previous: account([desired('Ops', envUrl(URL_2, 1))]) },
    plan: ['update #2 Ops: finish-replace'],
  },
  {
    state: '--replace: the one under way is the one asked for',
    entry: desired('Ops', URL_2),
    live: [old, fresh],
    options: { replace: setOf('Ops') },
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    state: 'a url that is not known here',
    entry: desired('Ops', envUrl()),
    live: [old, fresh],
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    state: 'the old one is found under its previous name',
    entry: desired('Ops', URL_2, { previously: ['Chat'] }),
    live: [live(1, 'Chat', URL_1), fresh],
    plan: ['replace #1 Ops: finish-replace; keeps #2'],
  },
  {
    state: 'a marked one is never a rename by url of another entry',
    entry: desired('Ops', URL_2),
    live: [old, fresh],
    more: { webhooks: [desired('Ops', URL_2), desired('New', URL_2)] },
    plan: ['create New', 'replace #1 Ops: finish-replace; keeps #2'],
  },
];

const moved: readonly Case[] = [
  {
    state: 'to a third url: one new, all others go',
    entry: desired('Ops', URL_3),
    live: [old, fresh],
    plan: ['replace #1 Ops: url-changed, finish-replace; retires #1 #2'],
  },
  {
    state: 'to a third url, the old one gone',
    entry: desired('Ops', URL_3),
    live: [fresh],
    plan: ['replace #2 Ops: url-changed, finish-replace'],
  },
  {
    state: 'to a third url, and that was interrupted as well',
    entry: desired('Ops', URL_3),
    live: [old, fresh, live(3, MARKED, URL_3)],
    plan: ['replace #1 Ops: finish-replace; retires #1 #2; keeps #3'],
  },
  {
    state: 'back to the first url: the old one stays',
    entry: desired('Ops', URL_1),
    live: [old, fresh],
    plan: ['replace #2 Ops: finish-replace; keeps #1'],
  },
  {
    state: 'back to the first url, the old one gone',
    entry: desired('Ops', URL_1),
    live: [fresh],
    plan: ['replace #2 Ops: url-changed, finish-replace'],
  },
  {
    state: 'back to the first url with another secret: neither fits',
    entry: desired('Ops', URL_1, { secret: envSecret(2) }),
    live: [old, fresh],
    options: { previous: account([desired('Ops', URL_1, { secret: envSecret(1) })]) },
    plan: ['replace #1 Ops: secret-rotated, finish-replace; retires #1 #2'],
  },
  {
    state: 'to in-place: what is left is moved in place',
    entry: desired('Ops', URL_3),
    live: [fresh],
    more: { strategy: { url: 'in-place', secret: 'replace' } },
    plan: ['update #2 Ops: finish-replace, url-in-place'],
  },
  {
    state: 'to in-place with the old one there: it is moved in place, the marked one goes',
    entry: desired('Ops', URL_3),
    live: [old, fresh],
    more: { strategy: { url: 'in-place', secret: 'replace' } },
    plan: ['replace #2 Ops: finish-replace, url-changed; keeps #1'],
  },
  {
    state: 'to in-place with another secret: that takes a new one',
    entry: desired('Ops', URL_3, { secret: envSecret(2) }),
    live: [old, fresh],
    more: { strategy: { url: 'in-place', secret: 'replace' } },
    options: { previous: account([desired('Ops', URL_1, { secret: envSecret(1) })]) },
    plan: ['replace #1 Ops: secret-rotated, finish-replace; retires #1 #2'],
  },
  {
    state: 'back to the first url with another secret in place: the survivor gets it',
    entry: desired('Ops', URL_1, { secret: envSecret(2) }),
    live: [old, fresh],
    more: { strategy: { url: 'replace', secret: 'in-place' } },
    options: { previous: account([desired('Ops', URL_1, { secret: envSecret(1) })]) },
    plan: ['replace #2 Ops: finish-replace, secret-rotated; keeps #1'],
  },
  {
    state: 'to another name: what the replace left under the previous one belongs to the entry',
    entry: desired('New', URL_2, { previously: ['Ops'] }),
    live: [old, fresh],
    plan: ['replace #1 New: finish-replace; keeps #2'],
  },
  {
    state: 'to another name, the old one gone, under keep',
    entry: desired('New', URL_2, { previously: ['Ops'] }),
    live: [fresh],
    more: { unlisted: 'keep' },
    plan: ['update #2 New: finish-replace'],
  },
];

describe.each([
  ['an interrupted replace', finishing],
  ['the file changed meanwhile', moved],
])('%s', (_, cases) => {
  test.each(cases)('$state', ({ entry, live: found, more, options, plan }) => {
    for (const list of [found, found.toReversed()]) {
      const planned = planOf(account([entry], more), list, options);
      expect(briefs(planned.actions)).toEqual(plan);
      expect(guardCodes(planned)).toEqual([]);
      expect(planned.actions.every((each) => !('method' in each) || each.method === 'replace')).toBe(true);
      expect(planned.summary.unchanged).toBe(planned.actions.length === 0 ? 1 : 0);
      expect(planned.summary.kept).toBe(0);
    }
  });
});

describe('marked ones without an entry are ordinary', () => {
  const strangers = [live(1, 'Known', URL_3), fresh];

  test('unlisted: deleted under delete, left alone under keep', () => {
    const file = [desired('Known', URL_3)];
    expect(briefs(planOf(account(file), strangers).actions)).toEqual([`delete #2 ${MARKED}: unlisted`]);
    expect(planOf(account(file, { unlisted: 'keep' }), strangers).actions).toEqual([]);
  });

  test('where several pinned entries bear the name it cannot be told whose it is', () => {
    const file = [desired('Ops', URL_1, { id: id(1) }), desired('Ops', URL_2, { id: id(3) })];
    const planned = planOf(account(file), [old, fresh, live(3, 'Ops', URL_2)]);
    expect(briefs(planned.actions)).toEqual([`delete #2 ${MARKED}: unlisted`]);
  });

  test('an entry that bears a marked name itself, or pins one, means that webhook', () => {
    const named = [desired('Ops', URL_1), desired(MARKED, URL_2)];
    expect(planOf(account(named), [old, fresh]).actions).toEqual([]);
    const pinned = [desired('Ops', URL_2, { id: id(2) })];
    expect(briefs(planOf(account(pinned), [fresh]).actions)).toEqual(['update #2 Ops: renamed']);
  });

  test('a marked one that --previous knows leaves with its entry', () => {
    const previous = account([desired('Ops'), desired('Known', URL_3)]);
    const planned = planOf(account([desired('Known', URL_3)], { unlisted: 'keep' }), strangers, { previous });
    expect(briefs(planned.actions)).toEqual([`delete #2 ${MARKED}: removed`]);
  });
});
