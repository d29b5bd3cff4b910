import { describe, expect, test } from '@jest/globals';
import type { ErrorCode } from '../../src/core/errors.js';
import { EXIT, exitOfApply, exitOfError, worstExit, type PartialExit } from '../../src/core/exit-codes.js';
import type { ApplyResult, Outcome } from '../../src/core/outcome.js';
import { ACCOUNT } from '../support/core/builders.js';

test.each([
  ['usage', 3],
  ['invalid-file', 3],
  ['invalid-plan-file', 3],
  ['access-denied', 7],
  ['stale-plan', 5],
  ['digest-mismatch', 5],
  ['refused-by-guard', 6],
  ['api-refused', 1],
  ['bad-answer', 1],
  ['rate-limited', 1],
  ['interrupted', 1],
] as const)('%s ends with %i', (code, exit) => {
  expect(exitOfError(code)).toBe(exit);
});

test('of several codes, the first one in this order wins, whatever order they occurred in', () => {
  const order: readonly PartialExit[] = [3, 7, 5, 6, 1, 2, 0];
  for (let first = 0; first < order.length; first += 1) {
    expect(worstExit(order.slice(first))).toBe(order[first]);
    expect(worstExit(order.slice(first).toReversed())).toBe(order[first]);
  }
  expect(worstExit([])).toBe(0);
});

describe('an apply', () => {
  const applied: Outcome = {
    accountId: ACCOUNT,
    kind: 'create',
    resource: 'webhook',
    name: 'A',
    status: 'applied',
    wrote: true,
  };
  const open = (status: Outcome['status'], code?: ErrorCode, wrote = false): Outcome => ({
    ...applied,
    status,
    wrote,
    ...(code && { error: { code, message: '' } }),
  });
  const exit = (outcomes: readonly Outcome[], more: Partial<ApplyResult> = {}, others: PartialExit[] = []) =>
    exitOfApply({ outcomes, discrepancies: [], ...more }, others);
  const discrepancies = [{ accountId: ACCOUNT, message: 'not proven' }];

  test('ends with 0 if everything was done, or there was nothing to do', () => {
    expect(exit([])).toBe(0);
    expect(exit([applied, applied], {}, [0])).toBe(0);
    expect(exitOfApply({ outcomes: [applied], discrepancies: [] })).toBe(0);
  });

  test('ends with the worst of its errors if nothing was written', () => {
    expect(exit([open('failed', 'api-refused'), open('skipped', 'skipped')])).toBe(1);
    expect(exit([open('failed', 'api-refused'), open('failed', 'access-denied')])).toBe(7);
    expect(exit([open('failed')])).toBe(1);
    expect(exit([], { discrepancies })).toBe(1);
  });

  test('ends with 4 if something was written, whatever prevented the rest', () => {
    expect(exit([applied, open('failed', 'access-denied')])).toBe(4);
    expect(exit([open('unknown', 'bad-answer', true)])).toBe(4);
    expect(exit([applied], { discrepancies })).toBe(4);
    expect(exit([applied], {}, [EXIT.refused])).toBe(4);
    expect(exit([applied], {}, [EXIT.done, EXIT.refused])).toBe(4);
  });

  test('ends with the code of accounts that were not started', () => {
    expect(exit([], {}, [EXIT.done, EXIT.refused])).toBe(6);
    expect(exit([open('failed', 'api-refused')], {}, [EXIT.accessDenied])).toBe(7);
  });

  test('ends with the code of a signal, whatever was done', () => {
    expect(exit([applied], { interrupted: 'SIGINT' })).toBe(130);
    expect(exit([open('failed', 'access-denied')], { interrupted: 'SIGTERM' })).toBe(143);
  });
});

test('the code depends only on the outcomes if no account was left out', () => {
  const nothing = { outcomes: [], discrepancies: [] };
  expect(exitOfApply(nothing)).toBe(0);
  expect(exitOfApply({ ...nothing, interrupted: 'SIGTERM' })).toBe(143);
});
