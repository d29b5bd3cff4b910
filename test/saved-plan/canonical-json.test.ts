import { expect, test } from '@jest/globals';
import { canonicalJson } from '../../src/saved-plan/digest.js';

test.each<[string, unknown, string]>([
  [
    'keys by UTF-16 code units, at every depth',
    { b: 1, a: { d: [], c: null } },
    '{"a":{"c":null,"d":[]},"b":1}',
  ],
  // Code point order would be the opposite.
  ['a surrogate pair before a later letter', { '\ufb33': 1, '\u{1f600}': 2 }, '{"\u{1f600}":2,"\ufb33":1}'],
  ['lists keep their order', [3, 1, 2], '[3,1,2]'],
  ['a member that is undefined is left out', { a: undefined, b: 1 }, '{"b":1}'],
  ['an item that is undefined becomes null, as in JSON', [undefined, null, 1], '[null,null,1]'],
  ['nothing at all', undefined, 'null'],
  ['numbers as ECMAScript writes them', [1e21, 0.000001, -0], '[1e+21,0.000001,0]'],
  ['only required escapes are used', 'a"\\\n\u20ac', '"a\\"\\\\\\n\u20ac"'],
])('%s', (_, value, json) => {
  expect(canonicalJson(value)).toBe(json);
});

test('the insertion order of keys does not matter', () => {
  expect(canonicalJson({ x: 1, y: { b: 2, a: 3 } })).toBe(canonicalJson({ y: { a: 3, b: 2 }, x: 1 }));
});
