import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  isReservedName,
  markedEntryIndex,
  markedName,
  markerIndex,
  shortMarkedName,
} from '../../src/core/leftovers.js';

const bytes = (text: string): number => new TextEncoder().encode(text).length;

describe('the long form', () => {
  test('says by itself what it is', () => {
    expect(markedName('Ops Slack')).toBe('Ops Slack [hookwright: new]');
  });
});

describe('the short form', () => {
  test.each([
    ['a long name is cut', 'Operations Slack channel', 'Operations S [hw:xxxxxx]'],
    ['a name of 13 bytes', '1234567890123', '1 [hw:xxxxxx]'],
    ['a shorter one grows', 'Ops', 'O [hw:xxxxxx]'],
    ['an emoji is never cut in two', '🚨🚨🚨🚨', '🚨 [hw:xxxxxx]'],
    ['an emoji that has no room', '🚨123456789', '~ [hw:xxxxxx]'],
    ['no name at all', '', '~ [hw:xxxxxx]'],
  ])('%s', (_, name, short) => {
    expect(shortMarkedName(name).replace(/[0-9a-f]{6}\]$/, 'xxxxxx]')).toBe(short);
  });

  test('names that begin alike are told apart', () => {
    const names = Array.from({ length: 200 }, (_, n) => `Operations Slack channel ${n}`);
    expect(new Set(names.map(shortMarkedName)).size).toBe(200);
  });

  test('is never longer than a name of 13 bytes or more, and whole text stays whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (name) => {
        const short = shortMarkedName(name);
        expect(bytes(short)).toBeLessThanOrEqual(Math.max(bytes(name), 16));
        if (bytes(name) >= 13) expect(bytes(short)).toBeLessThanOrEqual(bytes(name));
        if (!/\p{Cs}/u.test(name)) expect(short).not.toMatch(/\p{Cs}/u);
      }),
    );
  });
});

test('both forms lead back to the name, whatever else is known', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1 }), (names) => {
      const baseOf = markerIndex(names);
      for (const name of names) {
        expect(baseOf(markedName(name))).toBe(name);
        const found = baseOf(shortMarkedName(name));
        expect(shortMarkedName(found ?? '')).toBe(shortMarkedName(name));
        expect(isReservedName(markedName(name))).toBe(true);
        expect(isReservedName(shortMarkedName(name))).toBe(true);
      }
    }),
  );
});

test.each([
  ['an ordinary name', 'Ops'],
  ['a name not known', markedName('Pager')],
  ['a short one not known', shortMarkedName('Pager')],
  ['a short one with another hash', 'Ops [hw:000000]'],
  ['the marker alone', '[hookwright: new]'],
  ['something behind the marker', `${markedName('Ops')} 2`],
  ['another case', 'Ops [Hookwright: New]'],
])('not marked: %s', (_, name) => {
  expect(markerIndex(['Ops'])(name)).toBeUndefined();
});

test.each([
  'Ops',
  'Ops [hw:00000]',
  'Ops [hw:00000g]',
  'Ops[hw:000000]',
  '[hookwright: new]',
  'Ops [hw:000000] ',
])('not reserved: %j', (name) => {
  expect(isReservedName(name)).toBe(false);
});

describe('the entry that a marked one belongs to', () => {
  const entry = (name: string, ...previously: string[]) => ({ name, previously });
  const owner = (liveName: string, ...entries: ReturnType<typeof entry>[]) =>
    markedEntryIndex(entries)(liveName);

  test.each([
    ['by name', owner(markedName('A'), entry('B'), entry('A')), 'A'],
    ['by an earlier name', owner(shortMarkedName('Older'), entry('A', 'Old', 'Older')), 'A'],
    [
      'the name of one counts before the earlier name of another',
      owner(markedName('B'), entry('A', 'B'), entry('B')),
      'B',
    ],
    ['two entries of the name', owner(markedName('A'), entry('A'), entry('A')), undefined],
    ['three entries of the name', owner(markedName('A'), entry('A'), entry('A'), entry('A')), undefined],
    ['an earlier name of two', owner(markedName('Old'), entry('A', 'Old'), entry('B', 'Old')), undefined],
    [
      'an earlier name of one whose own name is not clear',
      owner(markedName('Old'), entry('A', 'Old'), entry('A')),
      undefined,
    ],
    ['no entry', owner(markedName('A')), undefined],
    ['not marked', owner('A', entry('A'), entry('')), undefined],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});
