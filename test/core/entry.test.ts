import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredWebhook, SecretStrategy, UrlStrategy } from '../../src/core/desired.js';
import type { Live } from '../../src/core/live.js';
import { Secret } from '../../src/core/secret.js';
import { account, desired, envSecret, envUrl, live, URL_1, URL_2 } from '../support/core/builders.js';
import { briefs, planOf, setOf } from '../support/core/planning.js';

const strategy = (url: UrlStrategy, secret: SecretStrategy): Partial<DesiredAccount> => ({
  strategy: { url, secret },
});

/** url × secret strategy, for what is done when url, secret or both change. */
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
    [
      'auto',
      'replace',
      'replace #1 Ops: url-changed',
      'replace #1 Ops: secret-rotated',
      'replace #1 Ops: url-changed, secret-rotated',
    ],
    [
      'auto',
      'in-place',
      'replace #1 Ops: url-changed',
      'update #1 Ops: secret-rotated',
      'replace #1 Ops: url-changed',
    ],
  ];

describe.each(table)('url: %s, secret: %s', (url, secret, onUrl, onSecret, onBoth) => {
  const plan = (wanted: string, version: number): string[] => {
    const file = [desired('Ops', wanted, { secret: envSecret(version) })];
    const previous = account([desired('Ops', URL_1, { secret: envSecret(1) })]);
    return briefs(planOf(account(file, strategy(url, secret)), [live(1, 'Ops')], { previous }).actions);
  };

  test('a changed url', () => {
    expect(plan(URL_2, 1)).toEqual([onUrl]);
  });
  test('a rotated secret', () => {
    expect(plan(URL_1, 2)).toEqual([onSecret]);
  });
  test('both: one action', () => {
    expect(plan(URL_2, 2)).toEqual([onBoth]);
  });
  test('neither', () => {
    expect(plan(URL_1, 1)).toEqual([]);
  });
});

test.each([
  ['replace', ['replace #1 Ops: url-rotated']],
  ['in-place', ['update #1 Ops: url-rotated']],
] as const)('a rotated url goes by strategy.secret: %s', (secret, plan) => {
  const file = account([desired('Ops', envUrl(URL_1, 2))], strategy('in-place', secret));
  const previous = account([desired('Ops', envUrl(URL_1, 1))]);
  expect(briefs(planOf(file, [live(1, 'Ops')], { previous }).actions)).toEqual(plan);
});

test('a rename alone keeps the id under every strategy, and goes along with a PUT', () => {
  const entry = (url: string): DesiredWebhook => desired('Ops', url, { previously: ['Chat'] });
  for (const url of ['replace', 'in-place', 'auto'] as const) {
    const planned = planOf(account([entry(URL_1)], strategy(url, 'replace')), [live(1, 'Chat')]);
    expect(briefs(planned.actions)).toEqual(['update #1 Ops: renamed']);
  }
  const moved = planOf(account([entry(URL_2)], strategy('in-place', 'replace')), [live(1, 'Chat')]);
  expect(briefs(moved.actions)).toEqual(['update #1 Ops: renamed, url-in-place']);
});

test('--replace replaces what is as it shall be; on a new one it asks for nothing', () => {
  const replace = setOf('Ops', 'New');
  const planned = planOf(account([desired('Ops'), desired('New', URL_2)]), [live(1, 'Ops')], { replace });
  expect(briefs(planned.actions)).toEqual(['create New', 'replace #1 Ops: requested']);
});

test('--replace and a changed url: one replace with both reasons, never tried in place', () => {
  const options = { replace: setOf('Ops') };
  const planned = planOf(
    account([desired('Ops', URL_2)], strategy('auto', 'replace')),
    [live(1, 'Ops')],
    options,
  );
  expect(briefs(planned.actions)).toEqual(['replace #1 Ops: url-changed, requested']);
});

test('--replace alone under auto is a replace: there is no url for a PUT to move', () => {
  const planned = planOf(account([desired('Ops')], strategy('auto', 'replace')), [live(1, 'Ops')], {
    replace: setOf('Ops'),
  });
  expect(planned.actions).toMatchObject([{ kind: 'replace', because: ['requested'], method: 'replace' }]);
});

test('a replace retires the live one; only auto asks for a PUT first', () => {
  const found = live(1, 'Ops');
  const { actions } = planOf(account([desired('Ops', URL_2)]), [found]);
  expect(actions).toMatchObject([{ kind: 'replace', method: 'replace', retire: [found] }]);
});

describe('auto tries a PUT only where no secret is involved on either side', () => {
  const SLACK = 'https://hooks.slack.com/services/T/B';
  const cases: readonly (readonly [string, DesiredWebhook, Live, boolean])[] = [
    ['none known', desired('Ops', URL_2), live(1, 'Ops'), true],
    ['secret: none', desired('Ops', URL_2, { secret: { kind: 'none' } }), live(1, 'Ops'), true],
    ['env secret', desired('Ops', URL_2, { secret: envSecret() }), live(1, 'Ops'), false],
    [
      'file secret',
      desired('Ops', URL_2, { secret: { kind: 'file', file: 's', path: '/s' } }),
      live(1, 'Ops'),
      false,
    ],
    [
      'literal secret',
      desired('Ops', URL_2, { secret: { kind: 'literal', value: new Secret('x') } }),
      live(1, 'Ops'),
      false,
    ],
    ['url in a variable', desired('Ops', envUrl(URL_2)), live(1, 'Ops'), false],
    ['a chat service wanted', desired('Ops', SLACK), live(1, 'Ops'), false],
    ['a chat service live', desired('Ops', URL_2), live(1, 'Ops', SLACK), false],
    ['a type that takes secrets', desired('Ops', URL_2), live(1, 'Ops', URL_1, { type: 'splunk' }), false],
    ['a type not known', desired('Ops', URL_2), live(1, 'Ops', URL_1, { type: 'new' }), false],
    [
      'a service that needs a secret',
      desired('Ops', 'https://api.datadoghq.com/api/v1/events'),
      live(1, 'Ops'),
      false,
    ],
    ['a token in the wanted url', desired('Ops', `${URL_2}?key=abc`), live(1, 'Ops'), false],
    [
      'a token in the live url',
      desired('Ops', URL_2),
      live(1, 'Ops', 'https://u:p@relay.example.com/'),
      false,
    ],
  ];

  test.each(cases)('%s', (_, entry, found, auto) => {
    const planned = planOf(account([entry], strategy('auto', 'replace')), [found]);
    expect(planned.actions).toMatchObject([{ kind: 'replace', method: auto ? 'auto' : 'replace' }]);
    expect(planned.summary.replace).toBe(1);
  });

  test.each([
    ['had one', envSecret(), 'replace'],
    ['had none', { kind: 'none' as const }, 'auto'],
    ['did not say', undefined, 'auto'],
  ])('when last deployed it %s', (_, secret, method) => {
    const previous = account([desired('Ops', URL_1, { ...(secret && { secret }) })]);
    const planned = planOf(account([desired('Ops', URL_2)], strategy('auto', 'replace')), [live(1, 'Ops')], {
      previous,
    });
    expect(planned.actions).toMatchObject([{ kind: 'replace', method }]);
  });

  test('what had one under its earlier name had one', () => {
    const previous = account([desired('Chat', URL_1, { secret: envSecret() })]);
    const file = account([desired('Ops', URL_2, { previously: ['Chat'] })], strategy('auto', 'replace'));
    expect(planOf(file, [live(1, 'Chat')], { previous }).actions).toMatchObject([{ method: 'replace' }]);
  });
});

test('the spec of an action is what is sent: no id, no memory', () => {
  const entry = desired('Ops', URL_2, { previously: ['Chat'], protect: true, secret: envSecret(1) });
  const [action] = planOf(account([entry]), []).actions;
  expect(action).toEqual({
    kind: 'create',
    name: 'Ops',
    because: 'new',
    after: { name: 'Ops', url: { kind: 'literal', url: URL_2 }, secret: envSecret(1) },
  });
});
