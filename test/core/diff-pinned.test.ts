import { describe, expect, test } from '@jest/globals';
import { account, desired, id, live, URL_1, URL_2, URL_3 } from '../support/core/builders.js';
import { briefs, planOf } from '../support/core/planning.js';

/** Several webhooks with one name and different IDs. */
const first = desired('Ops', URL_1, { id: id(1) });
const second = desired('Ops', URL_2, { id: id(2) });
const third = desired('Ops', URL_3, { id: id(3) });
const LIVE = [live(1, 'Ops', URL_1), live(2, 'Ops', URL_2), live(3, 'Ops', URL_3)];

describe('several pinned entries with one name', () => {
  test('deletes the webhook of a removed entry, even under keep, and no other', () => {
    const previous = account([first, second, third], { unlisted: 'keep' });
    const { actions } = planOf(account([first, third], { unlisted: 'keep' }), LIVE, { previous });
    expect(briefs(actions)).toEqual(['delete #2 Ops: removed']);
  });

  test('does not delete a webhook whose pin was removed, as long as an entry has its name', () => {
    const previous = account([first], { unlisted: 'keep' });
    const { actions } = planOf(account([desired('Ops')], { unlisted: 'keep' }), [live(1, 'Ops', URL_1)], {
      previous,
    });
    expect(briefs(actions)).toEqual([]);
  });

  test('sorts the plan by ID, whatever the order of the file and the list', () => {
    const old = [live(3, 'Chat', URL_3), live(1, 'Chat', URL_1), live(2, 'Chat', URL_2)];
    for (const entries of [
      [first, second, third],
      [third, second, first],
      [second, third, first],
    ]) {
      for (const list of [old, [...old].reverse()]) {
        expect(briefs(planOf(account(entries), list).actions)).toEqual([
          'update #1 Ops: renamed',
          'update #2 Ops: renamed',
          'update #3 Ops: renamed',
        ]);
      }
    }
  });

  test('also sorts deletions with one name', () => {
    const { actions } = planOf(account([], { unlisted: 'delete' }), [...LIVE].reverse());
    expect(briefs(actions).map((text) => text.split(':')[0])).toEqual([
      'delete #1 Ops',
      'delete #2 Ops',
      'delete #3 Ops',
    ]);
  });
});
