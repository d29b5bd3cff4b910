import { describe, expect, test } from '@jest/globals';
import type { Live } from '../../src/core/live.js';
import { account, desired, id, leftover, live, policy, URL_2 } from '../support/core/builders.js';
import { briefs, guardCodes, planOf, setOf } from '../support/core/planning.js';

const urlOf = (n: number): string => `https://relay.example.com/${n}`;
const some = (count: number): Live[] =>
  Array.from({ length: count }, (_, i) => live(i + 1, `W${i + 1}`, urlOf(i + 1)));

/** Returns the plan that deletes the first `deletes` of `of` webhooks. */
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

describe('more than min(10, max(3, 25%)) deletions', () => {
  test.each([
    // [live webhooks, deletions that are allowed]
    [5, 3],
    [7, 3],
    [12, 3],
    [15, 3],
    [16, 4],
    [39, 9],
    [40, 10],
    [44, 10],
    [400, 10],
  ])('of %i live webhooks, %i can be deleted, but not one more', (of, most) => {
    expect(guardCodes(deleting(most, of))).toEqual([]);
    const over = deleting(most + 1, of);
    expect(guardCodes(over)).toEqual(['too-many-deletes']);
    expect(over.summary.delete).toBe(most + 1);
  });

  test('the message says how many of how many, and how to allow each', () => {
    const [guard] = deleting(4, 8).guards;
    expect(guard?.names).toEqual(['W1', 'W2', 'W3', 'W4']);
    expect(guard?.message).toContain('4 of 8');
    expect(guard?.message).toContain(
      '--allow-delete "W1" --allow-delete "W2" --allow-delete "W3" --allow-delete "W4"',
    );
    expect(guard?.message).toContain('"absent"');
  });

  test('pass if all are allowed; otherwise the message names the others', () => {
    expect(guardCodes(deleting(4, 8, 'W1', 'W2', 'W3', 'W4'))).toEqual([]);
    expect(guardCodes(deleting(4, 8, `id:${id(1)}`, 'W2', 'W3', 'W4'))).toEqual([]);
    expect(deleting(4, 8, 'W1', 'W3', 'W4').guards).toMatchObject([
      { code: 'too-many-deletes', names: ['W2'] },
    ]);
  });

  test('absent allows them as well, together with --allow-delete', () => {
    const file = some(8)
      .slice(4)
      .map(({ name, url }) => desired(name, url));
    const plan = (absent: string[], ...allowed: string[]) =>
      planOf(account(file, { absent }), some(8), { allowDelete: new Set(allowed) });
    expect(guardCodes(plan(['W1', 'W2', 'W3', 'W4']))).toEqual([]);
    expect(guardCodes(plan(['W1', 'W2'], 'W3', 'W4'))).toEqual([]);
    expect(plan(['W1', 'W2'], 'W4').guards).toMatchObject([{ names: ['W3'] }]);
  });

  test('replacements and renames do not count', () => {
    const replaced = account(some(8).map(({ name }) => desired(name, `${URL_2}/${name}`)));
    expect(guardCodes(planOf(replaced, some(8)))).toEqual([]);
    const renamed = account(
      some(8).map(({ name, url }) => desired(`New ${name}`, url, { previously: [name] })),
    );
    expect(guardCodes(planOf(renamed, some(8)))).toEqual([]);
  });

  test('--target limits what counts as deleted', () => {
    const plan = planOf(account([desired('W8', urlOf(8))]), some(8), { targets: ['W1', 'W2', 'W3'] });
    expect(guardCodes(plan)).toEqual([]);
    expect(plan.summary.delete).toBe(3);
  });

  test('ignored webhooks count neither as deleted nor as live', () => {
    // 15 others and 4 ignored ones. For 19, the limit would be 4.
    const found = [...some(15), ...[50, 51, 52, 53].map((n) => live(n, `dash-${n}`))];
    const file = some(15)
      .slice(4)
      .map(({ name, url }) => desired(name, url));
    const plan = planOf(account(file, { ignore: ['dash-*'] }), found);
    expect(plan.summary).toMatchObject({ delete: 4, ignored: 4 });
    expect(plan.guards).toMatchObject([{ code: 'too-many-deletes', names: ['W1', 'W2', 'W3', 'W4'] }]);
    expect(plan.guards[0]?.message).toContain('4 of 15');
  });

  test('the flags to pass include those that were passed, and name equal webhooks once', () => {
    const found = [...some(5), live(6, 'W5', urlOf(6))];
    const { guards } = planOf(account([]), found, { allowDelete: new Set(['W1']) });
    expect(guards).toMatchObject([{ code: 'too-many-deletes', names: ['W2', 'W3', 'W4', 'W5'] }]);
    const flags = ['W1', 'W2', 'W3', 'W4', 'W5'].map((name) => `--allow-delete "${name}"`).join(' ');
    expect(guards[0]?.message).toContain(`or pass ${flags}.`);
  });

  test('leftovers count neither as deleted nor as live', () => {
    const strays = [50, 51, 52, 53].map((n) => leftover(n, 'Gone', n + 100, urlOf(n)));
    const of15 = some(15)
      .slice(3)
      .map(({ name, url }) => desired(name, url));
    const three = planOf(account(of15), [...some(15), ...strays]);
    expect(three.summary.delete).toBe(7);
    expect(guardCodes(three)).toEqual([]);
    // For 19, the limit would be 4.
    const four = planOf(account(of15.slice(1)), [...some(15), ...strays]);
    expect(four.guards).toMatchObject([{ code: 'too-many-deletes', names: ['W1', 'W2', 'W3', 'W4'] }]);
    expect(four.guards[0]?.message).toContain('4 of 15');
  });

  test('leftovers of interrupted replacements do not make the next run fail', () => {
    const file = some(4).map(({ name, url }) => desired(name, `${url}/moved`));
    const left = some(4).map(({ name, url }, i) => leftover(50 + i, name, i + 1, `${url}/moved`));
    const plan = planOf(account(file), [...some(4), ...left]);
    expect(plan.summary).toMatchObject({ replace: 4, delete: 0 });
    expect(guardCodes(plan)).toEqual([]);
  });
});

describe('emptying an account', () => {
  test('is refused, even if it has only one webhook', () => {
    const [guard] = deleting(1, 1).guards;
    expect(guard).toMatchObject({ code: 'too-many-deletes', names: ['W1'] });
    expect(guard?.message).toContain('delete every webhook in the account');
  });

  test('is allowed if each webhook is named', () => {
    expect(guardCodes(deleting(1, 1, 'W1'))).toEqual([]);
    expect(guardCodes(planOf(account([], { absent: ['W1'] }), some(1)))).toEqual([]);
    expect(guardCodes(planOf(account([], { absent: ['W1'] }), some(2)))).toEqual(['too-many-deletes']);
  });

  test('does not apply if a webhook is created or stays', () => {
    expect(guardCodes(planOf(account([desired('New', URL_2)]), some(1)))).toEqual([]);
    expect(guardCodes(deleting(1, 2))).toEqual([]);
  });

  test('does not apply if a leftover stays as the webhook of an entry', () => {
    const plan = planOf(account([desired('Ops', URL_2)]), [...some(1), leftover(9, 'Ops', 99, URL_2)]);
    expect(briefs(plan.actions)).toEqual(['update #9 Ops: finish-replace', 'delete #1 W1: unlisted']);
    expect(guardCodes(plan)).toEqual([]);
    const several = [...some(1), leftover(8, 'Ops', 98, URL_2), leftover(9, 'Ops', 99, URL_2)];
    expect(guardCodes(planOf(account([desired('Ops', URL_2)]), several))).toEqual([]);
  });

  test('does not apply if the account is already empty', () => {
    expect(guardCodes(planOf(account([]), []))).toEqual([]);
  });
});

test('of several accounts, the suggested import adds the webhooks of this one only', () => {
  const file = account([], { unlisted: undefined, file: 'a.yaml' });
  const message = (flagPrefix: string): unknown =>
    planOf(file, some(1), { flagPrefix }).guards.map((guard) => guard.message)[0];
  expect(message('')).toMatch(/ run: hookwright import -f a.yaml$/);
  expect(message(`${file.accountId}:`)).toContain(`import -f a.yaml --account ${file.accountId}`);
});

test('reports several guards at once, in a fixed order', () => {
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
