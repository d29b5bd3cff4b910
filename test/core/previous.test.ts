import { describe, expect, test } from '@jest/globals';
import { protectedBefore, removedSince } from '../../src/core/match.js';
import type { Live } from '../../src/core/live.js';
import { account, desired, id, leftover, live, URL_1, URL_2 } from '../support/core/builders.js';
import { briefs, guardCodes, planOf } from '../support/core/planning.js';

const EMPTY = account([], { unlisted: 'keep' });
const OPS = desired('Ops', URL_1, { protect: true });

const unlisted = (...found: readonly Live[]) => ({
  unlisted: found,
  matches: [],
  ignored: [],
  absent: [],
  wantsPolicies: false,
});

describe('a webhook that was removed from the file since the last deployment', () => {
  test('is found as its entry was: by name, previous name, pin, or as a leftover', () => {
    const found = [live(1, 'Ops'), live(2, 'Old chat'), live(3, 'Anything'), leftover(4, 'Ops', 1)];
    const previous = account([
      desired('Ops'),
      desired('Chat', URL_2, { previously: ['Old chat'] }),
      desired('Pinned', URL_2, { id: id(3) }),
    ]);
    expect(
      [...removedSince(previous, EMPTY, unlisted(...found)).live].map(({ name }) => name).sort(),
    ).toEqual(found.map(({ name }) => name).sort());
  });

  test.each([
    ['the entry still exists', [desired('Ops')], desired('Ops')],
    ['it has a different name now', [desired('Chat', URL_1, { previously: ['Ops'] })], desired('Ops')],
    ['its pin still exists', [desired('Other', URL_1, { id: id(9) })], desired('Ops', URL_1, { id: id(9) })],
  ])('is not one with the same name if %s', (_, webhooks, before) => {
    const file = account(webhooks, { unlisted: 'keep' });
    expect(removedSince(account([before]), file, unlisted(live(9, 'Ops', URL_2))).live.size).toBe(0);
    expect(removedSince(account([before]), EMPTY, unlisted(live(9, 'Ops', URL_2))).live.size).toBe(1);
  });

  test('is not a duplicate of one that was pinned and renamed, also once that was applied', () => {
    const file = account([desired('New', URL_1, { id: id(1) })], { unlisted: 'keep' });
    const previous = account([desired('Ops', URL_1)]);
    const planned = (name: string): string[] =>
      briefs(planOf(file, [live(1, name), live(2, 'Ops')], { previous }).actions);
    expect(planned('Ops')).toEqual(['update #1 New: renamed']);
    expect(planned('New')).toEqual([]);
    expect(briefs(planOf(file, [live(1, 'New', URL_2), live(2, 'Ops')], { previous }).actions)).toContain(
      'delete #2 Ops: removed',
    );
  });

  test.each([
    ['was pinned before', desired('Old', URL_1, { id: id(1) }), 'New'],
    ['had its name before', desired('New', URL_1), 'New'],
  ])('can have the URL of a pinned webhook that %s', (_, before, name) => {
    const file = account([desired('New', URL_1, { id: id(1) })], { unlisted: 'keep' });
    const previous = account([before, desired('Gone', URL_1)]);
    const { actions } = planOf(file, [live(1, name), live(2, 'Gone')], { previous });
    expect(briefs(actions)).toEqual(['delete #2 Gone: removed']);
  });

  test('is not an unlisted one with the same URL', () => {
    const previous = account([desired('Ops', URL_1)], { unlisted: 'delete' });
    expect(removedSince(previous, EMPTY, unlisted(live(1, 'Stranger', URL_1))).live.size).toBe(0);
  });

  test('is not what only looks like it beside what the file still has', () => {
    const previous = account([desired('Ops', URL_1, { previously: ['Chat'] })]);
    const file = account([desired('Chat', URL_1)], { unlisted: 'keep' });
    const planned = (...found: readonly Live[]) => briefs(planOf(file, found, { previous }).actions);
    const before = account([desired('Ops', URL_1)]);
    // The file still has one of two with the previous name. It is not known that the other one was deployed.
    expect(planned(live(1, 'Chat'), live(2, 'Chat'))).toEqual([]);
    expect(planned(live(1, 'Chat'), live(2, 'Ops'))).toEqual(['delete #2 Ops: removed']);
    // A replacement of another entry's webhook is not a leftover of the removed entry.
    const left = [live(1, 'Chat'), leftover(2, 'Ops', 1)];
    expect(briefs(planOf(file, left, { previous: before }).actions)).toEqual([]);
  });

  test('is not one under a previous name that another entry has now', () => {
    const previous = account([desired('Pager', URL_2, { previously: ['Ops'] }), desired('Chat', URL_1)]);
    const file = account([desired('Chat', URL_1, { previously: ['Ops'] })], { unlisted: 'keep' });
    const planned = (...found: readonly Live[]) => briefs(planOf(file, found, { previous }).actions);
    expect(planned(live(1, 'Chat'), live(2, 'Ops', URL_2), leftover(3, 'Ops', 2, URL_2))).toEqual([]);
    expect(planned(live(1, 'Chat'), live(2, 'Pager', URL_2))).toEqual(['delete #2 Pager: removed']);
  });

  test('is one that was pinned, also if the file still has its name', () => {
    const [first, second] = [1, 2].map((n) => desired('Ops', URL_1, { id: id(n) }));
    if (!first || !second) throw new Error('two entries');
    const found = [live(1, 'Ops'), live(2, 'Ops')];
    const file = account([first], { unlisted: 'keep' });
    expect(briefs(planOf(file, found, { previous: account([first, second]) }).actions)).toEqual([
      'delete #2 Ops: removed',
    ]);
  });

  describe('is not known if several webhooks could be it', () => {
    const previous = account([desired('Ops', URL_1), desired('One', URL_2)]);
    const file = account([desired('One', URL_2)], { unlisted: 'keep' });
    const one = live(9, 'One', URL_2);
    const several = [
      ['duplicates', [live(2, 'Ops'), live(1, 'Ops')]],
      ['two URLs', [live(2, 'Ops', 'https://relay.example.com/x'), live(1, 'Ops', URL_2)]],
    ] as const;

    test.each(several)('%s: the guard lists them, and nothing is deleted', (_, found) => {
      const planned = planOf(file, [...found, one], { previous });
      expect(planned.actions).toEqual([]);
      expect(planned.summary).toMatchObject({ kept: 2, unchanged: 1 });
      expect(planned.guards).toMatchObject([{ code: 'ambiguous-name', names: ['Ops'] }]);
      expect(planned.guards[0]?.message).toMatch(
        new RegExp(`^"Ops" was removed from the file, and 2 live .*${id(1)} .*${id(2)} .*"absent".*"ignore"`),
      );
    });

    test.each(several)('%s: following the advice works', (_, found) => {
      const reviewed = { ...file, absent: [`id:${id(1)}`], ignore: [`id:${id(2)}`] };
      const planned = planOf(reviewed, [...found, one], { previous });
      expect(briefs(planned.actions)).toEqual(['delete #1 Ops: absent']);
      expect(planned.guards).toEqual([]);
      expect(planOf(reviewed, [...found.slice(0, 1), one], { previous }).actions).toEqual([]);
    });

    test('--target that does not select them: no guard', () => {
      const found = [live(1, 'Ops'), live(2, 'Ops'), one];
      expect(planOf(file, found, { previous, targets: ['One'] }).guards).toEqual([]);
      expect(guardCodes(planOf(file, found, { previous, targets: ['O*'] }))).toEqual(['ambiguous-name']);
    });

    test('a leftover of one of them stays with it', () => {
      const found = [live(1, 'Ops'), live(2, 'Ops'), leftover(3, 'Ops', 1), one];
      expect(planOf(file, found, { previous }).actions).toEqual([]);
    });
  });

  test.each([
    ['has a name of the file', {}, 'Ops', []],
    ['is ignored', { ignore: [`id:${id(3)}`] }, 'Ops', []],
    ['is deleted by its name', { absent: ['Gone'] }, 'Gone', ['delete #3 Gone: absent']],
  ])('takes no leftover of another webhook that is live and %s', (_, more, name, also) => {
    const previous = account([desired('Ops', URL_1), desired('Relay', URL_2)]);
    const file = account([desired('Ops', URL_1)], { unlisted: 'keep', ...more });
    const found = [live(1, 'Ops'), live(2, 'Relay', URL_2), live(3, name, URL_2), leftover(4, 'Relay', 3)];
    const planned = planOf(file, found, { previous });
    expect([briefs(planned.actions), planned.guards]).toEqual([[...also, 'delete #2 Relay: removed'], []]);
  });

  test('takes the leftover of a webhook whose ID is under "absent", as that is as good as gone', () => {
    const previous = account([desired('Ops', URL_1), desired('Relay', URL_2)]);
    const file = account([desired('Ops', URL_1)], { unlisted: 'keep', absent: [`id:${id(3)}`] });
    const found = [live(1, 'Ops'), live(3, 'Other', URL_2), leftover(4, 'Relay', 3)];
    expect(briefs(planOf(file, found, { previous }).actions)).toEqual([
      'delete #3 Other: absent',
      'delete #4 Relay [hookwright: replaces 00000003]: removed',
    ]);
  });

  test('does not exist without a previous state', () => {
    expect(removedSince(undefined, EMPTY, unlisted(live(1, 'Ops'))).live.size).toBe(0);
    expect(protectedBefore(undefined, EMPTY, unlisted(live(1, 'Ops')))).toEqual({
      wasProtected: new Set(),
      protectedLive: new Set(),
    });
  });
});

describe('a protected webhook stays protected, whatever its live name is', () => {
  const cases = [
    ['pinned, and renamed manually', { ...OPS, id: id(1) }, live(1, 'By hand')],
    ['with a previous name', { ...OPS, previously: ['Before'] }, live(1, 'Before')],
    ['with its own name', OPS, live(1, 'Ops')],
  ] as const;

  test.each(cases)('%s', (_, entry, webhook) => {
    const previous = account([entry]);
    const others = [live(7, 'A', URL_2), live(8, 'B', URL_2)];
    for (const unlisted of ['keep', 'delete'] as const) {
      const file = account([desired('A', URL_2), desired('B', URL_2)], { unlisted });
      expect([unlisted, guardCodes(planOf(file, [webhook, ...others], { previous }))]).toEqual([
        unlisted,
        ['protected'],
      ]);
      const reviewed = { ...file, absent: ['Ops'] };
      expect(guardCodes(planOf(reviewed, [webhook, ...others], { previous }))).toEqual([]);
    }
  });

  test('also among webhooks with the same name, if it is not known which one it was', () => {
    const previous = account([desired('Ops', 'https://relay.example.com/third', { protect: true })]);
    const duplicates = [live(1, 'Ops', URL_1), live(2, 'Ops', URL_2), live(3, 'C'), live(4, 'D')];
    const { wasProtected, protectedLive } = protectedBefore(previous, EMPTY, unlisted(...duplicates));
    expect([[...wasProtected], [...protectedLive]]).toEqual([['Ops'], duplicates.slice(0, 2)]);
  });

  test.each([
    ['with its name', desired('Ops', URL_1, { protect: true })],
    ['without the protection', desired('Ops', URL_1)],
    ['with another name', desired('New', URL_1, { previously: ['Ops'] })],
  ])('an entry that is still in the file %s was not removed, so its duplicate can be deleted', (_, entry) => {
    const previous = account([OPS]);
    const duplicates = [live(1, entry.name, URL_1), live(2, 'Ops', URL_2)];
    const planned = planOf(account([entry]), duplicates, { previous });
    expect(planned.actions).toMatchObject([{ kind: 'delete', id: id(2) }]);
    expect(guardCodes(planned)).toEqual([]);
  });

  test.each([
    ['is pinned to another webhook', { id: id(2) }],
    ['is no longer pinned, and finds another webhook', {}],
  ])('a pinned webhook whose entry %s was removed; its ID under absent allows to delete it', (_, pin) => {
    const previous = account([{ ...OPS, id: id(1) }]);
    const found = [live(1, 'Ops'), live(2, 'Ops', URL_2)];
    for (const unlisted of ['keep', 'delete'] as const) {
      const file = account([desired('Ops', URL_2, { protect: true, ...pin })], { unlisted });
      expect([unlisted, guardCodes(planOf(file, found, { previous }))]).toEqual([unlisted, ['protected']]);
      const reviewed = { ...file, absent: [`id:${id(1)}`] };
      expect(guardCodes(planOf(reviewed, found, { previous }))).toEqual([]);
    }
    const dropped = planOf(account([desired('Ops', URL_2, pin)]), found, { previous });
    expect(guardCodes(dropped)).toEqual(['protected']);
  });

  test('a webhook that was not protected can be deleted', () => {
    const previous = account([desired('Ops', URL_1, { id: id(1) })]);
    expect(guardCodes(planOf(EMPTY, [live(1, 'By hand'), live(2, 'B')], { previous }))).toEqual([]);
  });
});
