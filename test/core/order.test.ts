import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareAge, compareText, isRecord, oldest } from '../../src/core/order.js';
import { dashedId, id } from '../support/core/builders.js';

const at = (createdAt: string | null | undefined, n = 1) => ({
  id: id(n),
  ...(createdAt !== undefined && { createdAt }),
});

describe('created_at is compared as time', () => {
  test.each([
    ['fewer digits, later', '2025-03-12T17:31:52.721101Z', '2025-03-12T17:31:52.88075Z'],
    ['one digit more', '2025-03-12T17:31:52.8Z', '2025-03-12T17:31:52.80001Z'],
    ['no fraction', '2025-03-12T17:31:52Z', '2025-03-12T17:31:52.1Z'],
    ['no fraction, next second', '2025-03-12T17:31:52.999999Z', '2025-03-12T17:31:53Z'],
    ['below a millisecond', '2025-03-12T17:31:52.000001Z', '2025-03-12T17:31:52.000002Z'],
    ['nanoseconds', '2025-03-12T17:31:52.000000001Z', '2025-03-12T17:31:52.000000002Z'],
    ['another zone', '2025-03-12T18:00:00+02:00', '2025-03-12T17:00:00Z'],
    ['another zone, with a fraction', '2025-03-12T18:00:00.9+02:00', '2025-03-12T16:00:00.95Z'],
    ['another zone without a colon', '2025-03-12T18:00:00+0200', '2025-03-12T16:00:00.1Z'],
    ['lowercase z', '2025-03-12T17:31:52z', '2025-03-12T17:31:52.5Z'],
    ['no zone is UTC', '2025-03-12T17:31:52', '2025-03-12T17:31:53Z'],
    ['a year', '2024-12-31T23:59:59.9Z', '2025-01-01T00:00:00Z'],
    ['unknown is last', '2999-01-01T00:00:00Z', null],
    ['absent is last', '2999-01-01T00:00:00Z', undefined],
    ['nonsense is last', '2999-01-01T00:00:00Z', 'yesterday'],
    ['nonsense with newlines is last', '2999-01-01T00:00:00Z', '2025-01-01\nT00:00:00Z'],
    ['a time after nonsense is last', '2999-01-01T00:00:00Z', '?\n2025-01-01T00:00:00Z'],
  ])('%s', (_, earlier, later) => {
    // The IDs have the opposite order, so that only the time can decide.
    expect(compareAge(at(earlier, 2), at(later, 1))).toBeLessThan(0);
    expect(compareAge(at(later, 1), at(earlier, 2))).toBeGreaterThan(0);
  });

  test.each([
    ['2025-03-12T17:31:52.5Z', '2025-03-12T17:31:52.500000Z'],
    ['2025-03-12T17:31:52Z', '2025-03-12T17:31:52.0Z'],
    ['2025-03-12T17:31:52Z', '2025-03-12T18:31:52+01:00'],
    [null, undefined],
    [null, 'yesterday'],
  ])('%s is the same time as %s: the ID decides', (a, b) => {
    expect(compareAge(at(a, 1), at(b, 2))).toBeLessThan(0);
    expect(compareAge(at(a, 2), at(b, 1))).toBeGreaterThan(0);
    expect(compareAge(at(a), at(b))).toBe(0);
  });

  test('compares IDs without dashes and case', () => {
    expect(compareAge({ id: dashedId(171) }, { id: id(172) })).toBeLessThan(0);
    expect(compareAge({ id: dashedId(171) }, { id: id(171) })).toBe(0);
  });
});

const aged = fc
  .record({ seconds: fc.integer({ min: 0, max: 3 }), digits: fc.stringMatching(/^\d{0,6}$/), n: fc.nat(9) })
  .map(({ seconds, digits, n }) => at(`2025-03-12T17:31:5${seconds}${digits && `.${digits}`}Z`, n));

test('agrees with arithmetic, and the oldest does not depend on the order', () => {
  const value = ({ createdAt }: ReturnType<typeof at>): number =>
    Number(/:(5\d(\.\d+)?)Z$/.exec(createdAt ?? '')?.[1]);
  fc.assert(
    fc.property(aged, aged, (a, b) => {
      const byTime = Math.sign(value(a) - value(b));
      expect(Math.sign(compareAge(a, b))).toBe(byTime || Math.sign(compareText(a.id, b.id)));
    }),
  );
  fc.assert(
    fc.property(aged, fc.array(aged), (first, rest) => {
      const all = [first, ...rest];
      const found = oldest([first, ...rest]);
      expect(all.every((each) => compareAge(found, each) <= 0)).toBe(true);
    }),
  );
});

test('of two that are equal, the first is the oldest', () => {
  const [first, second] = [at('2025-03-12T17:31:52Z'), at('2025-03-12T17:31:52Z')];
  expect(oldest([first, second])).toBe(first);
});

test.each([
  [{}, true],
  [{ a: 1 }, true],
  [[], false],
  [null, false],
  [undefined, false],
  ['text', false],
  [() => 1, false],
])('%j is a record: %s', (value, expected) => {
  expect(isRecord(value)).toBe(expected);
});

test('compares text by code units, not by locale', () => {
  expect(['b', 'a', 'Z', 'ä', 'a'].sort(compareText)).toEqual(['Z', 'a', 'a', 'b', 'ä']);
});
