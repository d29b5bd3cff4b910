import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasWildcard, matchesPattern } from '../../src/core/selection.js';

test.each([
  ['Ops', 'Ops', true],
  ['Ops', 'ops', false],
  ['Ops', 'Ops ', false],
  ['Op', 'Ops', false],
  ['dash-*', 'dash-', true],
  ['dash-*', 'dash-1', true],
  ['dash-*', 'my-dash-1', false],
  ['*-dash', 'my-dash', true],
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['?', '', false],
  ['?', 'a', true],
  ['?', '🚨', true],
  ['a?c', 'abc', true],
  ['a*b*c', 'aXbXbXc', true],
  ['a*b*c', 'aXbXb', false],
  ['a**', 'a', true],
  ['*a', 'aab', false],
  ['[ab]', 'a', false],
  ['[ab]', '[ab]', true],
  ['a.c', 'abc', false],
  ['a\\*', 'a\\x', true],
  ['a+$^(|)', 'a+$^(|)', true],
])('%j matches %j: %s', (pattern, text, fits) => {
  expect(matchesPattern(pattern, text)).toBe(fits);
});

test('agrees with a regular expression', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.', '🚨', '\n'), maxLength: 8 });
  const oracle = (pattern: string): RegExp => {
    const parts = Array.from(pattern).map((c) =>
      c === '*' ? '.*' : c === '?' ? '.' : c.replace(/[.\\]/, '\\$&'),
    );
    return new RegExp(`^${parts.join('')}$`, 'su');
  };
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      expect(matchesPattern(pattern, text)).toBe(oracle(pattern).test(text));
    }),
    { numRuns: 2000 },
  );
});

test('every text matches itself and a star', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(matchesPattern(text, text)).toBe(true);
      expect(matchesPattern('*', text)).toBe(true);
      expect(matchesPattern(`${text}*`, text)).toBe(true);
    }),
  );
});

test('a hostile pattern is fast', () => {
  expect(matchesPattern('*a'.repeat(500) + 'b', 'a'.repeat(5000))).toBe(false);
});

test('wildcards', () => {
  expect(['a*', '?', 'a', '', '[a]'].map(hasWildcard)).toEqual([true, true, false, false, false]);
});
