import { expect, test } from '@jest/globals';
import { didYouMean } from '../../src/text/suggestions.js';

const FIELDS = ['name', 'url', 'secret', 'previously', 'protect', 'account_id'];

test.each<[string, string | undefined, string]>([
  ['secert', 'secret', 'two adjacent letters swapped'],
  ['secrt', 'secret', 'one left out'],
  ['seccret', 'secret', 'one too many'],
  ['sekret', 'secret', 'one for another'],
  ['Secret', 'secret', 'only the case'],
  ['uri', 'url', 'one of three'],
  ['acountid', 'account_id', 'two of ten'],
  ['xyz', undefined, 'nothing is near'],
  ['previously', undefined, 'the word itself is not a mistake'],
  ['urlurlurl', undefined, 'too long for any'],
  ['s'.repeat(65), undefined, 'no slip is that long'],
])('%s: %s (%s)', (word, meant) => {
  expect(didYouMean(word, FIELDS)).toBe(meant);
});

test('the most similar wins; of two that are equally similar, the first', () => {
  expect(didYouMean('nams', ['naive', 'name'])).toBe('name');
  expect(didYouMean('nam', ['name', 'nama'])).toBe('name');
});
