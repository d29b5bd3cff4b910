import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredUrl, DesiredWebhook } from '../../src/core/desired.js';
import { markedName } from '../../src/core/leftovers.js';
import type { AccountPlan } from '../../src/core/plan.js';
import { secretForPut } from '../../src/core/urls.js';
import { account, desired, envSecret, envUrl, live, URL_1, URL_2 } from '../support/core/builders.js';
import { planOf, setOf } from '../support/core/planning.js';

const SLACK = 'https://hooks.slack.com/services/T000/B000';
const NONE = { kind: 'none' } as const;
const IN_PLACE: Partial<DesiredAccount> = { strategy: { url: 'in-place', secret: 'in-place' } };

const noted = ({ notes }: AccountPlan): Record<string, readonly string[]> =>
  Object.fromEntries(notes.map(({ code, names }) => [code, names]));

describe('a PUT may clear a secret', () => {
  const renaming = (more: Partial<DesiredWebhook>, url: DesiredUrl | string = URL_1) =>
    noted(
      planOf(
        account([desired('Ops', url, { previously: ['Chat'], ...more })]),
        [live(1, 'Chat', SLACK), live(2, 'X')].slice(0, 1),
      ),
    );

  test('where none is declared', () => {
    const planned = planOf(account([desired('Ops', URL_1, { previously: ['Chat'] })]), [live(1, 'Chat')]);
    expect(planned.notes).toMatchObject([{ code: 'secret-may-clear', names: ['Ops'] }]);
    expect(planned.notes[0]?.message).toContain('secret: none');
  });

  test('not where one is declared, none is wanted, or it is in the url', () => {
    const plain = (more: Partial<DesiredWebhook>) =>
      noted(planOf(account([desired('Ops', URL_1, { previously: ['Chat'], ...more })]), [live(1, 'Chat')]));
    expect(plain({ secret: envSecret() })).toEqual({});
    expect(plain({ secret: NONE })).toEqual({});
    expect(renaming({}, envUrl(`${SLACK}/token`))).toEqual({});
    expect(renaming({}, SLACK)).toEqual({ 'secret-may-clear': ['Ops'] });
  });

  test('also the PUT that ends an interrupted replace', () => {
    const marked = live(2, markedName('Ops'), URL_2);
    const file = account([desired('Ops', URL_2)]);
    expect(noted(planOf(file, [marked]))).toEqual({ 'secret-may-clear': ['Ops'] });
    expect(noted(planOf(file, [live(1, 'Ops'), marked]))).toEqual({ 'secret-may-clear': ['Ops'] });
    // The old one stays as it is: no PUT.
    expect(noted(planOf(account([desired('Ops', URL_1)]), [live(1, 'Ops'), marked]))).toEqual({});
  });
});

describe('a replace does not carry a secret that cannot be read', () => {
  const replacing = (url: DesiredUrl | string, more: Partial<DesiredWebhook> = {}) =>
    noted(planOf(account([desired('Ops', url, more)]), [live(1, 'Ops')], { replace: setOf('Ops') }));

  test.each([
    ['none declared', replacing(URL_2), { 'secret-not-carried': ['Ops'] }],
    ['declared', replacing(URL_2, { secret: envSecret() }), {}],
    ['none wanted', replacing(URL_2, { secret: NONE }), {}],
    ['in the url', replacing(envUrl(`${SLACK}/token`)), {}],
    ['a url not known here', replacing(envUrl()), { 'not-compared': ['Ops'] }],
  ])('%s', (_, notes, expected) => {
    expect(notes).toEqual(expected);
  });
});

test('an in-place rotation cannot be verified', () => {
  const previous = account([
    desired('A', URL_1, { secret: envSecret(1) }),
    desired('B', envUrl(URL_2, 1), { secret: NONE }),
  ]);
  const file = account(
    [desired('A', URL_1, { secret: envSecret(2) }), desired('B', envUrl(URL_2, 2), { secret: NONE })],
    IN_PLACE,
  );
  const found = [live(1, 'A'), live(2, 'B', URL_2)];
  expect(noted(planOf(file, found, { previous }))).toEqual({ 'secret-unverifiable': ['A', 'B'] });
  const marked = live(3, markedName('A'), 'https://relay.example.com/given-up');
  expect(noted(planOf(file, [...found, marked], { previous }))).toEqual({
    'secret-unverifiable': ['A', 'B'],
  });
});

test('a version without --previous is not compared; what is not live has nothing to compare', () => {
  const file = account([
    desired('B', envUrl(URL_2, 1)),
    desired('A', URL_1, { secret: envSecret(1) }),
    desired('C', URL_1),
    desired('New', 'https://relay.example.com/new', { secret: envSecret(1) }),
  ]);
  const found = [live(1, 'A'), live(2, 'B', URL_2), live(3, 'C')];
  expect(noted(planOf(file, found))).toEqual({ 'version-not-compared': ['A', 'B'] });
  expect(noted(planOf(file, found, { previous: account([]) }))).toEqual({});
});

test('names are quoted, so that none can be taken for the sentence', () => {
  const [note] = planOf(account([desired('a", "b', envUrl())]), [live(1, 'a", "b')]).notes;
  expect(note?.message).toContain(JSON.stringify('a", "b'));
});

test.each([
  ['declared', desired('A', URL_1, { secret: envSecret() }), 'declared'],
  ['literal none', desired('A', URL_1, { secret: NONE }), 'none'],
  ['generic', desired('A'), 'unknown'],
  ['no url', desired('A', 'no url'), 'unknown'],
  ['split Slack', desired('A', SLACK), 'unknown'],
  ['whole Slack', desired('A', envUrl(`${SLACK}/token`)), 'in-url'],
  ['whole Discord', desired('A', envUrl('https://discord.com/api/webhooks/1/abc')), 'in-url'],
  ['whole Feishu', desired('A', envUrl('https://open.feishu.cn/open-apis/bot/v2/hook/abc')), 'in-url'],
  [
    'whole Google Chat: what is kept as secret is not published',
    desired('A', envUrl('https://chat.googleapis.com/v1/spaces/A/messages?key=a&token=b')),
    'unknown',
  ],
  ['a Slack workflow has none', desired('A', envUrl('https://hooks.slack.com/triggers/T/1/abc')), 'unknown'],
  ['not set', desired('A', envUrl()), 'unknown'],
] as const)('what a PUT sends as secret: %s', (_, spec, what) => {
  expect(secretForPut(spec)).toBe(what);
});
