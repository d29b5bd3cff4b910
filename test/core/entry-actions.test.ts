import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredWebhook, SecretStrategy, UrlStrategy } from '../../src/core/desired.js';
import { account, desired, envSecret, envUrl, live, URL_1, URL_2 } from '../support/core/builders.js';
import { briefs, planOf, setOf } from '../support/core/planning.js';

const strategy = (url: UrlStrategy, secret: SecretStrategy): Partial<DesiredAccount> => ({
  strategy: { url, secret },
});

/** URL strategy × secret strategy, with the action if the URL, the secret or both change. */
const table: readonly (readonly [UrlStrategy, SecretStrategy, url: string, secret: string, both: string])[] =
  [
    [
      'replace',
      'replace',
      'replace #1 Ops: url-changed',
      'replace #1 Ops: secret-rotated',
      'replace #1 Ops: url-changed, secret-rotated',
    ],
    [
      'replace',
      'in-place',
      'replace #1 Ops: url-changed',
      'update #1 Ops: secret-rotated',
      'replace #1 Ops: url-changed',
    ],
    [
      'in-place',
      'replace',
      'update #1 Ops: url-in-place',
      'replace #1 Ops: secret-rotated',
      'replace #1 Ops: secret-rotated',
    ],
    [
      'in-place',
      'in-place',
      'update #1 Ops: url-in-place',
      'update #1 Ops: secret-rotated',
      'update #1 Ops: url-in-place, secret-rotated',
    ],
  ];

describe.each(table)('URL: %s, secret: %s', (url, secret, onUrl, onSecret, onBoth) => {
  const plan = (wanted: string, version: number): string[] => {
    const file = [desired('Ops', wanted, { secret: envSecret(version) })];
    const previous = account([desired('Ops', URL_1, { secret: envSecret(1) })]);
    return briefs(planOf(account(file, strategy(url, secret)), [live(1, 'Ops')], { previous }).actions);
  };

  test('a changed URL', () => {
    expect(plan(URL_2, 1)).toEqual([onUrl]);
  });
  test('a rotated secret', () => {
    expect(plan(URL_1, 2)).toEqual([onSecret]);
  });
  test('both: one action', () => {
    expect(plan(URL_2, 2)).toEqual([onBoth]);
  });
  test('neither: no action', () => {
    expect(plan(URL_1, 1)).toEqual([]);
  });
});

test.each([
  ['replace', ['replace #1 Ops: url-rotated']],
  ['in-place', ['update #1 Ops: url-rotated']],
] as const)('strategy.secret also applies to a rotated URL: %s', (secret, plan) => {
  const file = account([desired('Ops', envUrl(URL_1, 2))], strategy('in-place', secret));
  const previous = account([desired('Ops', envUrl(URL_1, 1))]);
  expect(briefs(planOf(file, [live(1, 'Ops')], { previous }).actions)).toEqual(plan);
});

test.each([
  ['in-place', 'url-in-place, url-rotated'],
  ['replace', 'url-rotated'],
] as const)(
  'a URL whose version changed and whose value is not known, with strategy.url: %s',
  (url, because) => {
    const file = account([desired('Ops', envUrl(undefined, 2))], strategy(url, 'in-place'));
    const previous = account([desired('Ops', envUrl(undefined, 1))]);
    const { actions } = planOf(file, [live(1, 'Ops')], { previous });
    expect(briefs(actions)).toEqual([`update #1 Ops: ${because}`]);
  },
);

test.each([
  ['a URL reference', envUrl(URL_1), undefined, 'url-rotated'],
  ['a URL reference and no secret', envUrl(URL_1), { kind: 'none' }, 'url-rotated'],
  ['a URL reference and a secret', envUrl(URL_1), envSecret(1), 'secret-rotated'],
  ['no secret', URL_1, { kind: 'none' }, 'secret-rotated'],
] as const)('--rotate of an entry with %s', (_what, url, secret, because) => {
  const file = account([desired('Ops', url, { ...(secret && { secret }) })]);
  const planned = planOf(file, [live(1, 'Ops')], { rotate: setOf('Ops') });
  expect(briefs(planned.actions)).toEqual([`replace #1 Ops: ${because}`]);
});

test('a rename keeps the ID under every strategy, and is part of another PUT', () => {
  const entry = (url: string): DesiredWebhook => desired('Ops', url, { previously: ['Chat'] });
  for (const url of ['replace', 'in-place'] as const) {
    const planned = planOf(account([entry(URL_1)], strategy(url, 'replace')), [live(1, 'Chat')]);
    expect(briefs(planned.actions)).toEqual(['update #1 Ops: renamed']);
  }
  const moved = planOf(account([entry(URL_2)], strategy('in-place', 'replace')), [live(1, 'Chat')]);
  expect(briefs(moved.actions)).toEqual(['update #1 Ops: renamed, url-in-place']);
});

test('--replace replaces a webhook that already matches; has no effect on a new one', () => {
  const replace = setOf('Ops', 'New');
  const planned = planOf(account([desired('Ops'), desired('New', URL_2)]), [live(1, 'Ops')], { replace });
  expect(briefs(planned.actions)).toEqual(['create New', 'replace #1 Ops: requested']);
});

test('--replace and a changed URL: one replacement with both reasons, never in place', () => {
  for (const url of ['replace', 'in-place'] as const) {
    const file = account([desired('Ops', URL_2)], strategy(url, 'replace'));
    const planned = planOf(file, [live(1, 'Ops')], { replace: setOf('Ops') });
    expect(briefs(planned.actions)).toEqual([
      `replace #1 Ops: ${url === 'replace' ? 'url-changed, ' : ''}requested`,
    ]);
  }
});

test("a replacement deletes the entry's live webhook, and nothing else", () => {
  const found = live(1, 'Ops');
  const { actions } = planOf(account([desired('Ops', URL_2)]), [found]);
  expect(actions).toMatchObject([{ kind: 'replace', id: found.id, before: found, retire: [found] }]);
  expect(actions[0]).not.toHaveProperty('survivor');
});

test('an action contains only what is sent: no ID, no previous names', () => {
  const entry = desired('Ops', URL_2, { previously: ['Chat'], protect: true, secret: envSecret(1) });
  const [action] = planOf(account([entry]), []).actions;
  expect(action).toEqual({
    kind: 'create',
    resource: 'webhook',
    name: 'Ops',
    because: 'new',
    after: { name: 'Ops', url: { kind: 'literal', url: URL_2 }, secret: envSecret(1) },
  });
});
