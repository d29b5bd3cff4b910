import { describe, expect, test } from '@jest/globals';
import type { DesiredSecret } from '../../src/core/desired.js';
import { Secret } from '../../src/core/secret.js';
import { fieldChanges, unseenDifference, secretText, valueText } from '../../src/core/field-changes.js';
import { clip, columns, wrap } from '../../src/text/layout.js';
import { toPlanDocument } from '../../src/saved-plan/encode.js';
import { account, create, id, live, plan, replace, route, spec, update } from '../render/fixtures.js';

test.each<[DesiredSecret, string, unknown]>([
  [{ kind: 'env', env: 'A' }, '(env A)', { env: 'A' }],
  [{ kind: 'env', env: 'A', version: '0' }, '(env A, version 0)', { env: 'A', version: '0' }],
  [
    { kind: 'file', file: 's/a', path: '/x/s/a', version: 'false' },
    '(file s/a, version false)',
    { file: 's/a', version: 'false' },
  ],
  [{ kind: 'literal', value: new Secret('canary') }, '(literal, not shown)', { literal: true }],
  [{ kind: 'none' }, 'none', 'none'],
])('a secret %# by its reference, as text and as data', (secret, words, document) => {
  expect(secretText(secret)).toBe(words);
  const made = plan(account([create('A', undefined, secret)]));
  expect(toPlanDocument(made).accounts[0]?.actions).toMatchObject([{ after: { secret: document } }]);
  expect(valueText({ kind: 'secret', secret })).toBe(words);
});

describe('changed fields', () => {
  test('do not include a URL that differs only in spelling', () => {
    const action = update(live(1, 'A', 'https://Example.com'), spec('B', 'https://example.com/'));
    expect(fieldChanges(action).map(({ field }) => field)).toEqual(['name']);
  });

  test('do not include an env URL without a rotation', () => {
    const after = { name: 'B', url: { kind: 'env', env: 'U' } } as const;
    expect(fieldChanges(update(live(1, 'A'), after)).map(({ field }) => field)).toEqual(['name']);
  });

  test('are empty for a requested replacement', () => {
    expect(fieldChanges(replace(live(1, 'A'), spec('A'), { because: ['requested'] }))).toEqual([]);
  });

  test('a rotated secret that the file no longer declares has no new value to show', () => {
    expect(fieldChanges(update(live(1, 'A'), spec('A'), ['secret-rotated']))).toEqual([]);
  });

  test('only the credential differs', () => {
    const [url] = fieldChanges(
      replace(live(1, 'A', 'https://a.example/?key=1'), spec('A', 'https://a.example/?key=2')),
    );
    expect(url && unseenDifference(url)).toBe('credential differs');
    const [other] = fieldChanges(
      replace(live(1, 'A', 'https://a.example/'), spec('A', 'https://b.example/')),
    );
    expect(other && unseenDifference(other)).toBeUndefined();
  });
});

test('a URL that is not in a saved plan is shown by its host', () => {
  const url = { kind: 'hidden', host: 'relay.example.com', sha256: 'f'.repeat(64) } as const;
  const [change] = fieldChanges({ ...create('A'), after: { name: 'A', url } }).slice(1);
  expect(change?.after && valueText(change.after)).toBe('"relay.example.com/…"');
});

describe('a route', () => {
  const before = [
    { name: '', id: id(9) },
    { name: 'Ops', id: id(1) },
  ];
  const after = [{ name: 'Mine', id: id(2), kept: 'unlisted' as const }, { name: 'New' }];

  test('changes webhooks without a replacement', () => {
    expect(fieldChanges(route(1, 'P', before, after))).toEqual([
      {
        field: 'webhooks',
        before: { kind: 'webhooks', targets: before },
        after: { kind: 'webhooks', targets: after },
      },
    ]);
  });

  test('shows names, IDs that are not live, and why other webhooks stay', () => {
    const words = (targets: typeof before | typeof after) => valueText({ kind: 'webhooks', targets });
    expect(words(before)).toBe(`[${id(9)} (does not exist), "Ops"]`);
    expect(words(after)).toBe('["Mine" (unlisted), "New"]');
    expect(words([])).toBe('[]');
  });
});

test('a forgotten case reports itself as a bug', () => {
  const odd = { kind: 'odd' } as never;
  for (const show of [fieldChanges, valueText, secretText]) expect(() => show(odd)).toThrow('unreachable');
});

describe('layout', () => {
  test.each([
    ['abc', 3],
    ['名前', 4],
    ['🚀', 2],
    ['e\u0301', 1],
  ])('aligns columns of %j', (text, expected) => {
    expect(columns(text)).toBe(expected);
  });

  test('wraps at spaces only, and indents', () => {
    expect(wrap('aa bb cccccccccc dd', 8, '  ')).toBe('  aa bb\n  cccccccccc\n  dd');
  });

  test.each([
    ['short', 'short'],
    ['x'.repeat(10), 'x'.repeat(10)],
    ['x'.repeat(11), `${'x'.repeat(9)}…`],
    ['x'.repeat(1000), `${'x'.repeat(9)}…`],
    ['🚀'.repeat(11), `${'🚀'.repeat(9)}…`],
  ])('clip %#', (text, expected) => {
    expect(clip(text, 10)).toBe(expected);
  });
});
