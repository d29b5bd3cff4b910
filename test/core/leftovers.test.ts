import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  baseNameIndex,
  idDigits,
  isReplacementOf,
  isReservedName,
  parseLeftover,
  replacementName,
  shortReplacementName,
} from '../../src/core/leftovers.js';
import { dashedId, id } from '../support/core/builders.js';

const OLD = '1dbdd679dc554259b0d1928b787d0dab';
const bytes = (text: string): number => new TextEncoder().encode(text).length;

describe('the long form', () => {
  test('identifies a leftover, and the webhook that it replaces', () => {
    expect(replacementName('Ops Slack', OLD)).toBe('Ops Slack [hookwright: replaces 1dbdd679]');
  });

  test('is the same for each form of an ID', () => {
    expect(idDigits(dashedId(0xabcdef12))).toBe('abcdef12');
    expect(replacementName('Ops', dashedId(171))).toBe(replacementName('Ops', id(171)));
    expect(shortReplacementName('Ops', dashedId(171))).toBe(shortReplacementName('Ops', id(171)));
  });
});

describe('the short form', () => {
  test.each([
    ['a long name is truncated', 'Operations Slack channel', 'Operations [hw:1dbdd679]'],
    ['a name of 15 bytes', '123456789012345', '1 [hw:1dbdd679]'],
    ['a shorter name becomes longer', 'Ops', 'O [hw:1dbdd679]'],
    ['an emoji is never split', '🚨🚨🚨🚨🚨', '🚨 [hw:1dbdd679]'],
    ['an emoji that does not fit', '🚨12345678901', '~ [hw:1dbdd679]'],
    ['an empty name', '', '~ [hw:1dbdd679]'],
  ])('%s', (_, name, short) => {
    expect(shortReplacementName(name, OLD)).toBe(short);
  });

  test('is never longer than a name of 15 bytes or more, and never splits a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (name) => {
        const short = shortReplacementName(name, OLD);
        expect(bytes(short)).toBeLessThanOrEqual(Math.max(bytes(name), 18));
        if (bytes(name) >= 15) expect(bytes(short)).toBeLessThanOrEqual(bytes(name));
        if (!/\p{Cs}/u.test(name)) expect(short).not.toMatch(/\p{Cs}/u);
      }),
    );
  });
});

test.each([
  ['Ops [hookwright: replaces 1dbdd679]', { name: 'Ops', replaces: '1dbdd679' }],
  ['O [hw:1dbdd679]', { name: 'O', replaces: '1dbdd679' }],
  [
    'Ops [hookwright: replaces 00000001] [hookwright: replaces 1dbdd679]',
    { name: 'Ops [hookwright: replaces 00000001]', replaces: '1dbdd679' },
  ],
  ['Ops', undefined],
  ['Ops [prod]', undefined],
  ['Ops [hookwright: new]', undefined],
  ['Ops [hookwright: replaces 1dbdd67]', undefined],
  ['Ops [hookwright: replaces 1dbdd679f]', undefined],
  ['Ops [hookwright: replaces 1dbdd67g]', undefined],
  ['Ops [hookwright: replaces 1DBDD679]', undefined],
  ['Ops [Hookwright: Replaces 1dbdd679]', undefined],
  ['Ops [hookwright: replaces 1dbdd679] 2', undefined],
  ['Ops [hw:1dbdd679] [2]', undefined],
  ['Ops [hookwright: replaces 1dbdd679] ', undefined],
  ['[hookwright: replaces 1dbdd679]', undefined],
  ['Ops [hw:1dbdd67]', undefined],
  ['Ops [hw:1dbdd67g]', undefined],
  ['Ops[hw:1dbdd679]', undefined],
  ['Ops [hw:1dbdd679] ', undefined],
])('parses the name %j as %j', (name, leftover) => {
  expect(parseLeftover(name)).toEqual(leftover);
  expect(isReservedName(name)).toBe(leftover !== undefined);
});

test.each([
  ['Ops', 'Ops [hookwright: replaces 1dbdd679]', true],
  ['Ops', 'O [hw:1dbdd679]', true],
  ['Office', 'O [hw:1dbdd679]', true],
  ['Ops', 'Ops', false],
  ['Ops', 'Pager [hookwright: replaces 1dbdd679]', false],
  ['Ops', 'P [hw:1dbdd679]', false],
  ['Ops', 'Ops [hw:1dbdd679]', true],
  ['O', 'Ops [hookwright: replaces 1dbdd679]', false],
])('for the name %j, %j is a replacement: %j', (name, found, expected) => {
  expect(isReplacementOf(name, found)).toBe(expected);
});

describe('the final name of a live webhook', () => {
  const LONG_NAME = 'Operations Slack channel';
  test.each([
    ['an ordinary name', ['Ops'], 'Pager', 'Pager'],
    ['a leftover of a known name', ['Ops'], replacementName('Ops', OLD), 'Ops'],
    ['a leftover of an unknown name', ['Ops'], replacementName('Pager', OLD), 'Pager'],
    ['a short leftover of a known name', ['Ops', LONG_NAME], shortReplacementName(LONG_NAME, OLD), LONG_NAME],
    [
      'a short leftover of an unknown name: the rest of the name',
      ['Ops'],
      shortReplacementName(LONG_NAME, OLD),
      'Operations',
    ],
    [
      'a name that is truncated to it wins over the rest of the name',
      ['Operations', LONG_NAME],
      shortReplacementName(LONG_NAME, OLD),
      LONG_NAME,
    ],
    [
      'a short leftover of several known names: it is not known which one',
      [`${LONG_NAME} A`, `${LONG_NAME} B`],
      shortReplacementName(`${LONG_NAME} A`, OLD),
      `${LONG_NAME} A`.slice(0, -` [hw:${idDigits(OLD)}]`.length),
    ],
    [
      'a leftover name that is known itself',
      ['Ops', replacementName('Ops', OLD)],
      replacementName('Ops', OLD),
      replacementName('Ops', OLD),
    ],
    ['no known names', [], replacementName('Ops', OLD), 'Ops'],
  ])('%s', (_, known, liveName, expected) => {
    expect(baseNameIndex(known)(liveName)).toBe(expected);
  });
});

test('both forms identify the name and the webhook, whatever the name is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat(), (name, n) => {
      for (const leftover of [replacementName(name, id(n)), shortReplacementName(name, id(n))]) {
        expect(isReplacementOf(name, leftover)).toBe(true);
        expect(parseLeftover(leftover)?.replaces).toBe(idDigits(id(n)));
      }
      expect(baseNameIndex([name])(replacementName(name, id(n)))).toBe(name);
      expect(baseNameIndex([])(replacementName(name, id(n)))).toBe(name);
    }),
  );
});
