import { expect, test } from '@jest/globals';
import { bareId, bareIds, idsIn, namesById, parseAccountId } from '../../src/core/ids.js';
import { ACCOUNT, dashedId, id } from '../support/core/builders.js';

test('an ID is the same with or without dashes, in upper or lower case', () => {
  expect(bareId(dashedId(171))).toBe(id(171));
  expect(bareId(id(171).toUpperCase())).toBe(id(171));
  expect(bareIds([{ id: id(171) }, { id: dashedId(171) }, { id: id(2) }])).toEqual(new Set([id(171), id(2)]));
});

test('a list of names and id:ID has these IDs; live webhooks have these names by ID', () => {
  expect(idsIn(['Ops', `id:${dashedId(171)}`, 'x'])).toStrictEqual(new Set([id(171)]));
  expect(namesById([{ id: dashedId(171), name: 'Ops' }])).toEqual(new Map([[id(171), 'Ops']]));
});

test.each<[string, string | undefined]>([
  [ACCOUNT, ACCOUNT],
  [ACCOUNT.toUpperCase(), ACCOUNT],
  ['023e105f-4ece-f8ad-9ca3-1a8372d0c353', ACCOUNT],
  [ACCOUNT.slice(1), undefined],
  [`${ACCOUNT}0`, undefined],
  ['g'.repeat(32), undefined],
  ['../../user', undefined],
  ['', undefined],
])('parses %j as an account ID', (text, account) => {
  expect(parseAccountId(text)).toBe(account);
});
