import { describe, expect, test } from '@jest/globals';
import { account, desired, id, live, URL_1, URL_2, URL_3 } from '../support/core/builders.js';
import { briefs, planOf } from '../support/core/planning.js';

/** Several webhooks with one name and different IDs. */
const first = desired('Ops', URL_1, { id: id(1) });
const second = desired('Ops', URL_2, { id: id(2) });
const third = desired('Ops', URL_3, { id: id(3) });
const LIVE = [live(1, 'Ops', URL_1), live(2, 'Ops', URL_2), live(3, 'Ops', URL_3)];

describe('of several pinned entries with one name', () => {
  test('the one that left the file is deleted, also under keep; the others are not', () => {
    const previous = account([first, second, third], { unlisted: 'keep' });
    const { actions } = planOf(account([first, third], { unlisted: 'keep' }), LIVE, { previous });
    expect(briefs(actions)).toEqual(['delete #2 Ops: removed']);
  });

  test('one that lost its pin is not deleted while it is there by its name', () => {
    const previous = account([first], { unlisted: 'keep' });
    const { actions } = planOf(account([desired('Ops')], { unlisted: 'keep' }), [live(1, 'Ops', URL_1)], {
      previous,
    });
    expect(briefs(actions)).toEqual([]);
  });

  test('the plan is in the order of their ids, whatever the order of file and list', () => {
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

  test('deletes of one name too', () => {
    const { actions } = planOf(account([], { unlisted: 'delete' }), [...LIVE].reverse());
    expect(briefs(actions).map((text) => text.split(':')[0])).toEqual([
      'delete #1 Ops',
      'delete #2 Ops',
      'delete #3 Ops',
    ]);
  });
});
