import { expect, test } from '@jest/globals';
import { EMPTY_SUMMARY, totalSummary, unreachable } from '../../src/core/plan.js';

test('the total of summaries', () => {
  expect(totalSummary([])).toEqual(EMPTY_SUMMARY);
  const one = { ...EMPTY_SUMMARY, create: 1, kept: 2 };
  const two = { ...EMPTY_SUMMARY, create: 3, unchanged: 4 };
  expect(totalSummary([{ summary: one }, { summary: two }])).toEqual({
    ...EMPTY_SUMMARY,
    create: 4,
    kept: 2,
    unchanged: 4,
  });
  expect(EMPTY_SUMMARY.create).toBe(0);
});

test('what cannot be says what it was', () => {
  expect(() => unreachable({ kind: 'odd' } as never)).toThrow('unreachable: {"kind":"odd"}');
});
