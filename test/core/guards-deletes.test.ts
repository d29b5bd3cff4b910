import { describe, expect, test } from '@jest/globals';
import type { Live } from '../../src/core/live.js';
import { account, desired, id, live, policy, URL_2 } from '../support/core/builders.js';
import { guardCodes, planOf, setOf } from '../support/core/planning.js';

const urlOf = (n: number): string => `https://relay.example.com/${n}`;
const some = (count: number): Live[] =>
  Array.from({ length: count }, (_, i) => live(i + 1, `W${i + 1}`, urlOf(i + 1)));

/** The plan that deletes the first so many of so many. */
const deleting = (deletes: number, of: number, ...allowed: string[]) =>
  planOf(
    account(
      some(of)
        .slice(deletes)
        .map(({ name, url }) => desired(name, url)),
    ),
    some(of),
    {
      allowDelete: new Set(allowed),
    },
  );

describe('more than min(10, max(1, 25 %)) deletes', () => {
  test.each([
    // [live, the most that pass]
    [2, 1],
    [3, 1],
    [4, 1],
    [7, 1],
    [8, 2],
    [11, 2],
    [12, 3],
    [39, 9],
    [40, 10],
    [44, 10],
    [400, 10],
  ])('of %i live, %i pass and one more does not', (of, most) => {
    expect(guardCodes(deleting(most, of))).toEqual([]);
    const over = deleting(most + 1, of);
    expect(guardCodes(over)).toEqual(['too-many-deletes']);
    expect(over.summary.delete).toBe(most + 1);
  });

  test('the message says how many of how many, and how to allow each', () => {
    const [guard] = deleting(3, 8).guards;
    expect(guard?.names).toEqual(['W1', 'W2', 'W3']);
    expect(guard?.message).toContain('3 of 8');
    expect(guard?.message).toContain('--allow-delete "W1" --allow-delete "W2" --allow-delete "W3"');
    expect(guard?.message).toContain('"absent"');
  });

  test('each named: passes; one not named: only that one is named', () => {
    expect(guardCodes(deleting(3, 8, 'W1', 'W2', 'W3'))).toEqual([]);
    expect(guardCodes(deleting(3, 8, `id:${id(1)}`, 'W2', 'W3'))).toEqual([]);
    expect(deleting(3, 8, 'W1', 'W3').guards).toMatchObject([{ code: 'too-many-deletes', names: ['W2'] }]);
  });

  test('absent names them as well, mixed with --allow-delete', () => {
    const file = some(8)
      .slice(3)
      .map(({ name, url }) => desired(name, url));
    const plan = (absent: string[], ...allowed: string[]) =>
      planOf(account(file, { absent }), some(8), { allowDelete: new Set(allowed) });
    expect(guardCodes(plan(['W1', 'W2', 'W3']))).toEqual([]);
    expect(guardCodes(plan(['W1', 'W2'], 'W3'))).toEqual([]);
    expect(plan(['W1', 'W2']).guards).toMatchObject([{ names: ['W3'] }]);
  });

  test('replaces and renames do not count', () => {
    const replaced = account(some(8).map(({ name }) => desired(name, `${URL_2}/${name}`)));
    expect(guardCodes(planOf(replaced, some(8)))).toEqual([]);
    const renamed = account(
      some(8).map(({ name, url }) => desired(`New ${name}`, url, { previously: [name] })),
    );
    expect(guardCodes(planOf(renamed, some(8)))).toEqual([]);
  });

  test('--target narrows what counts as deleted', () => {
    const plan = planOf(account([desired('W8', urlOf(8))]), some(8), { targets: ['W1', 'W2'] });
    expect(guardCodes(plan)).toEqual([]);
    expect(plan.summary.delete).toBe(2);
  });
});

describe('emptying an account', () => {
  test('even if it is the last one', () => {
    const [guard] = deleting(1, 1).guards;
    expect(guard).toMatchObject({ code: 'too-many-deletes', names: ['W1'] });
    expect(guard?.message).toContain('delete every webhook in the account');
  });

  test('unless each is named', () => {
    expect(guardCodes(deleting(1, 1, 'W1'))).toEqual([]);
    expect(guardCodes(planOf(account([], { absent: ['W1'] }), some(1)))).toEqual([]);
    expect(guardCodes(planOf(account([], { absent: ['W1'] }), some(2)))).toEqual(['too-many-deletes']);
  });

  test('not if something new comes, or something stays', () => {
    expect(guardCodes(planOf(account([desired('New', URL_2)]), some(1)))).toEqual([]);
    expect(guardCodes(deleting(1, 2))).toEqual([]);
  });

  test('an empty account stays empty in peace', () => {
    expect(guardCodes(planOf(account([]), []))).toEqual([]);
  });
});

test('several guards at once, in a fixed order', () => {
  const undecided = account([desired('Pin', URL_2, { id: id(99) })], {
    unlisted: undefined,
    absent: ['W1', 'W2'],
  });
  const plan = planOf(undecided, some(3), {}, [policy(1, [1])]);
  expect(guardCodes(plan)).toEqual(['unlisted-undecided', 'pinned', 'in-use']);
  expect(plan.summary.delete).toBe(2);
  expect(guardCodes(planOf(account([]), some(3), { allowDetach: setOf('W1') }, [policy(1, [1])]))).toEqual([
    'too-many-deletes',
  ]);
});
