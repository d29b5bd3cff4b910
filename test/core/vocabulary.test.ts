import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { HookwrightError } from '../../src/core/errors.js';
import { bareId, parseAccountId, sameId } from '../../src/core/ids.js';
import { EMPTY_SUMMARY, totalSummary, unreachable } from '../../src/core/plan.js';
import { Secret } from '../../src/core/secret.js';
import { ACCOUNT, dashedId, id } from '../support/core/builders.js';

describe('ids', () => {
  test('are the same with and without dashes, in either case', () => {
    expect(bareId(dashedId(171))).toBe(id(171));
    expect(sameId(dashedId(171), id(171))).toBe(true);
    expect(sameId(id(1), id(1))).toBe(true);
    expect(sameId(id(1), id(2))).toBe(false);
  });

  test.each([
    [ACCOUNT, ACCOUNT],
    [ACCOUNT.toUpperCase(), ACCOUNT],
    ['023e105f-4ece-f8ad-9ca3-1a8372d0c353', ACCOUNT],
    ['023e105f4ecef8ad9ca31a8372d0c35', undefined],
    ['023e105f4ecef8ad9ca31a8372d0c35g', undefined],
    [`${ACCOUNT}0`, undefined],
    ['', undefined],
  ])('account id %j', (text, parsed) => {
    expect(parseAccountId(text)).toBe(parsed);
  });
});

test('no way of turning a secret into text shows it; only reveal() does', () => {
  const secret = new Secret('hunter2');
  const texts = [
    String(secret),
    ['', secret].join(''),
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ deep: [secret] }, { depth: 9, showHidden: true }),
    Object.values(secret).join(),
    JSON.stringify(Object.getOwnPropertyDescriptors(secret)),
  ];
  for (const text of texts) expect(text).not.toContain('hunter2');
  expect(texts[0]).toBe('(sensitive)');
  expect(inspect(secret)).toBe('(sensitive)');
  expect(JSON.stringify({ secret })).toBe('{"secret":"(sensitive)"}');
  expect(secret.reveal()).toBe('hunter2');
});

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

test('an error has a code, a message and a cause', () => {
  const cause = new Error('reset');
  const error = new HookwrightError('network', 'No connection.', { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: 'HookwrightError', code: 'network', message: 'No connection.', cause });
});

test('what cannot be says what it was', () => {
  expect(() => unreachable({ kind: 'odd' } as never)).toThrow('unreachable: {"kind":"odd"}');
});
