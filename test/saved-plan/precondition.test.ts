import { expect, test } from '@jest/globals';
import type { DesiredAccount } from '../../src/core/desired.js';
import { checkPreconditions, needsPolicies } from '../../src/saved-plan/precondition.js';
import {
  account,
  dashedId,
  desired,
  envSecret,
  envUrl,
  id,
  leftover,
  live,
  policy,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';
import {
  checkSaved,
  crowd,
  old,
  previous,
  recheck,
  rotated,
  type PreconditionCase,
} from '../support/core/preconditions.js';

const IN_PLACE: Partial<DesiredAccount> = { strategy: { url: 'in-place', secret: 'in-place' } };
const renaming = desired('Ops', URL_1, { previously: ['Chat'] });
const TOKEN_URL = 'https://relay.example.com/hook?token=Zq81xLmP0sWvT7bN4kRy';
const SLACK = 'https://hooks.slack.com/services/T/B';

const creates: readonly PreconditionCase[] = [
  { what: 'still missing', file: [desired('Ops')], then: [], now: [crowd], decisions: ['ready: create Ops'] },
  {
    what: 'created as planned',
    file: [desired('Ops')],
    then: [],
    now: [old],
    decisions: ['done: create Ops'],
  },
  {
    what: 'created as planned; its secret cannot be read',
    file: [desired('Ops', URL_1, { secret: envSecret() })],
    then: [],
    now: [old],
    decisions: ['done: create Ops (secret not checked)'],
  },
  {
    what: 'created as planned, and renamed by hand',
    file: [desired('Ops')],
    then: [],
    now: [live(2, 'Renamed', URL_1)],
    decisions: [`stale: create Ops: url (no webhook with this URL) → "Renamed" (ID ${id(2)})`],
  },
  {
    what: 'a webhook with its URL was live already',
    file: [desired('Ops')],
    more: { unlisted: 'keep' },
    then: [live(2, 'Other', URL_1)],
    now: [live(2, 'Renamed', URL_1)],
    decisions: ['ready: create Ops'],
  },
  {
    what: 'another create of the plan has the same URL',
    file: [desired('Ops'), desired('Pager')],
    then: [],
    now: [live(2, 'Pager', URL_1)],
    decisions: ['ready: create Ops', 'done: create Pager'],
  },
  {
    what: 'a webhook with a URL that several can share is new',
    file: [desired('Ops', 'https://api.datadoghq.com/api/v1/events', { secret: envSecret() })],
    then: [],
    now: [live(2, 'Other', 'https://api.datadoghq.com/api/v1/events', { type: 'datadog' })],
    decisions: ['ready: create Ops'],
  },
  {
    what: 'a webhook with another URL has the name',
    file: [desired('Ops')],
    then: [],
    now: [live(2, 'Ops', URL_2)],
    decisions: [`stale: create Ops: name (no webhook with this name) → ID ${id(2)}`],
  },
  {
    what: 'created as planned, and another webhook with the name',
    file: [desired('Ops')],
    then: [],
    now: [live(2, 'Ops', URL_1), live(3, 'Ops', URL_2)],
    decisions: [`stale: create Ops: name (no webhook with this name) → ID ${id(2)}`],
  },
  {
    what: 'two webhooks with the name: it is not known which one this plan created',
    file: [desired('Ops')],
    then: [],
    now: [live(2, 'Ops'), live(3, 'Ops')],
    decisions: [`stale: create Ops: name (no webhook with this name) → ID ${id(2)}`],
  },
  {
    what: 'an existing webhook got the name by hand',
    file: [desired('Ops')],
    more: { unlisted: 'keep' },
    then: [live(2, 'Mine')],
    now: [live(2, 'Ops')],
    decisions: [`stale: create Ops: name (no webhook with this name) → ID ${id(2)}`],
  },
  {
    what: 'the value of the variable is live',
    file: [desired('Ops', envUrl())],
    then: [],
    now: [old],
    value: URL_1,
    decisions: ['done: create Ops (secret not checked)'],
  },
  {
    what: 'the value of the variable is not live',
    file: [desired('Ops', envUrl())],
    then: [],
    now: [live(2, 'Ops', URL_2)],
    value: URL_1,
    decisions: [`stale: create Ops: name (no webhook with this name) → ID ${id(2)}`],
  },
  {
    what: 'a whole chat URL is live without its credential',
    file: [desired('Ops', envUrl())],
    then: [],
    now: [live(2, 'Ops', SLACK, { type: 'slack' })],
    value: `${SLACK}/token`,
    decisions: ['done: create Ops (secret not checked)'],
  },
  {
    what: 'another channel of the chat is live',
    file: [desired('Ops', envUrl())],
    then: [],
    now: [live(2, 'Ops', SLACK, { type: 'slack' })],
    value: 'https://hooks.slack.com/services/T/C/token',
    decisions: [`stale: create Ops: name (no webhook with this name) → ID ${id(2)}`],
  },
  {
    what: 'a webhook that --target leaves to a later plan has the name',
    file: [desired('Ops', URL_2)],
    more: { absent: [`id:${id(1)}`], routes: [{ name: 'Policy 1', webhooks: ['Ops'] }] },
    options: { targets: ['policy:*'] },
    policies: [policy(1, [])],
    then: [old],
    now: [old],
    decisions: ['ready: create Ops', 'ready: policy Policy 1:  → Ops'],
  },
  {
    what: 'the same, and it was created',
    file: [desired('Ops', URL_2)],
    more: { absent: [`id:${id(1)}`], routes: [{ name: 'Policy 1', webhooks: ['Ops'] }] },
    options: { targets: ['policy:*'] },
    policies: [policy(1, [])],
    then: [old],
    now: [old, live(2, 'Ops', URL_2)],
    decisions: ['ready: policy Policy 1:  → Ops#2', 'done: create Ops'],
  },
  {
    what: 'a webhook that the plan renames still has the name',
    file: [desired('Ops', URL_2), desired('Pager', URL_1, { id: id(1) })],
    then: [old],
    now: [old],
    decisions: ['ready: create Ops', 'ready: update #1 Pager: renamed'],
  },
  {
    what: 'a webhook that the plan deletes still has the name',
    file: [desired('Ops', URL_2)],
    more: { absent: [`id:${id(1)}`] },
    then: [old],
    now: [old],
    decisions: ['ready: create Ops', 'ready: delete #1 Ops: absent'],
  },
  {
    what: 'the same after the create',
    file: [desired('Ops', URL_2)],
    more: { absent: [`id:${id(1)}`] },
    then: [old],
    now: [old, live(2, 'Ops', URL_2)],
    decisions: ['ready: delete #1 Ops: absent', 'done: create Ops'],
  },
  {
    what: 'a webhook that the plan keeps under another name still has the name',
    file: [desired('Ops', URL_1, { id: id(1) }), desired('Pager', URL_3)],
    then: [live(1, 'Pager'), leftover(2, 'Ops', 1, URL_2)],
    now: [live(1, 'Pager'), leftover(2, 'Ops', 1, URL_2)],
    decisions: ['ready: create Pager', 'ready: replace #2 Ops: taken-back; keeps #1'],
  },
];

const updates: readonly PreconditionCase[] = [
  {
    what: 'as planned',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [crowd, live(1, 'Chat')],
    decisions: ['ready: update #1 Ops: renamed'],
  },
  {
    what: 'the ID in another form',
    file: [renaming],
    then: [live(171, 'Chat')],
    now: [live(171, 'Chat', URL_1, { id: dashedId(171) })],
    decisions: ['ready: update #171 Ops: renamed'],
  },
  {
    what: 'irrelevant fields changed',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [live(1, 'Chat', URL_1, { type: 'x', lastFailure: '2025-01-01T00:00:00Z', createdAt: null })],
    decisions: ['ready: update #1 Ops: renamed'],
  },
  {
    what: 'done',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [live(1, 'Ops')],
    decisions: ['done: update #1 Ops: renamed'],
  },
  {
    what: 'done; the secret cannot be read',
    file: [{ ...renaming, secret: envSecret() }],
    then: [live(1, 'Chat')],
    now: [live(1, 'Ops')],
    decisions: ['done: update #1 Ops: renamed (secret not checked)'],
  },
  {
    what: 'gone',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [live(2, 'Chat')],
    decisions: [`stale: update Ops: id ${id(1)} → gone`],
  },
  {
    what: 'renamed by hand',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [live(1, 'Mine')],
    decisions: ['stale: update Ops: name Chat → Mine'],
  },
  {
    what: 'URL changed by hand',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [live(1, 'Chat', URL_2)],
    decisions: [`stale: update Ops: url ${URL_1} → ${URL_2}`],
  },
  {
    what: 'renamed as planned, but with another URL',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [live(1, 'Ops', URL_2)],
    decisions: [`stale: update Ops: url ${URL_1} → ${URL_2}`],
  },
  {
    what: 'a rename does not accept another URL, which it does not send',
    file: [desired('Ops', envUrl(), { previously: ['Chat'] })],
    then: [live(1, 'Chat')],
    now: [live(1, 'Chat', URL_2)],
    value: URL_2,
    // The URL belongs to a reference, so only scheme and host are shown.
    decisions: ['stale: update Ops: url relay.example.com/… → https://relay.example.com (another URL)'],
  },
  {
    what: 'in place: as planned',
    file: [desired('Ops', URL_2)],
    more: IN_PLACE,
    then: [old],
    now: [old],
    decisions: ['ready: update #1 Ops: url-in-place'],
  },
  {
    what: 'in place: done',
    file: [desired('Ops', URL_2)],
    more: IN_PLACE,
    then: [old],
    now: [live(1, 'Ops', URL_2)],
    decisions: ['done: update #1 Ops: url-in-place'],
  },
  {
    what: 'in place: changed to a third URL',
    file: [desired('Ops', URL_2)],
    more: IN_PLACE,
    then: [old],
    now: [live(1, 'Ops', URL_3)],
    decisions: [`stale: update Ops: url ${URL_1} → ${URL_3}`],
  },
  {
    what: 'in place, the name was changed and the URL was not: tried again',
    file: [desired('Ops', URL_2, { previously: ['Chat'] })],
    more: IN_PLACE,
    then: [live(1, 'Chat')],
    now: [live(1, 'Ops')],
    decisions: ['ready: update #1 Ops: renamed, url-in-place'],
  },
  {
    what: 'in place to the value of a variable, which is not live: it is sent',
    file: [desired('Ops', envUrl(URL_2))],
    more: IN_PLACE,
    then: [old],
    now: [old],
    value: URL_2,
    decisions: ['ready: update #1 Ops: url-in-place'],
  },
  {
    what: 'in place to the value of a variable, which is live',
    file: [desired('Ops', envUrl(URL_2))],
    more: IN_PLACE,
    then: [old],
    now: [live(1, 'Ops', URL_2)],
    value: URL_2,
    decisions: ['done: update #1 Ops: url-in-place (secret not checked)'],
  },
  {
    what: 'a secret in place is set again, because it cannot be read',
    file: [rotated],
    more: IN_PLACE,
    options: { previous },
    then: [old],
    now: [old],
    decisions: ['ready: update #1 Ops: secret-rotated'],
  },
  {
    what: 'a secret in place, with a rename that is done',
    file: [{ ...rotated, previously: ['Chat'] }],
    more: IN_PLACE,
    options: { previous },
    then: [live(1, 'Chat')],
    now: [old],
    decisions: ['ready: update #1 Ops: renamed, secret-rotated'],
  },
  {
    what: 'a secret in place, with a rename and a new URL that are done',
    file: [desired('Ops', URL_2, { secret: envSecret(2), previously: ['Chat'] })],
    more: IN_PLACE,
    options: { previous },
    then: [live(1, 'Chat')],
    now: [live(1, 'Ops', URL_2)],
    decisions: ['ready: update #1 Ops: renamed, url-in-place, secret-rotated'],
  },
  {
    what: 'a leftover gets its name: as planned',
    file: [desired('Ops', URL_2)],
    then: [leftover(2, 'Ops', 99, URL_2)],
    now: [leftover(2, 'Ops', 99, URL_2)],
    decisions: ['ready: update #2 Ops: finish-replace'],
  },
  {
    what: 'a leftover gets its name: done',
    file: [desired('Ops', URL_2)],
    then: [leftover(2, 'Ops', 99, URL_2)],
    now: [live(2, 'Ops', URL_2)],
    decisions: ['done: update #2 Ops: finish-replace'],
  },
];

const deletes: readonly PreconditionCase[] = [
  {
    what: 'as planned',
    file: [],
    then: [old],
    now: [crowd, old],
    decisions: ['ready: delete #1 Ops: unlisted'],
  },
  { what: 'gone', file: [], then: [old], now: [crowd], decisions: ['done: delete #1 Ops: unlisted'] },
  {
    what: 'gone, and another webhook with the name',
    file: [],
    then: [old],
    now: [live(2, 'Ops')],
    decisions: ['done: delete #1 Ops: unlisted'],
  },
  {
    what: 'renamed',
    file: [],
    then: [old],
    now: [live(1, 'Ops 2')],
    decisions: ['stale: delete Ops: name Ops → Ops 2'],
  },
  {
    what: 'URL changed',
    file: [],
    then: [old],
    now: [live(1, 'Ops', URL_2)],
    decisions: [`stale: delete Ops: url ${URL_1} → ${URL_2}`],
  },
];

const hidden: readonly PreconditionCase[] = [
  {
    what: 'a live URL with a credential is compared by its hash',
    file: [],
    then: [live(1, 'Ops', TOKEN_URL)],
    now: [live(1, 'Ops', TOKEN_URL)],
    decisions: ['ready: delete #1 Ops: unlisted'],
  },
  {
    what: 'another spelling is the same URL',
    file: [],
    then: [live(1, 'Ops', TOKEN_URL)],
    now: [live(1, 'Ops', TOKEN_URL.replace('https://relay', 'HTTPS://RELAY'))],
    decisions: ['ready: delete #1 Ops: unlisted'],
  },
  {
    what: 'a different credential is a change, and neither is shown',
    file: [],
    then: [live(1, 'Ops', TOKEN_URL)],
    now: [live(1, 'Ops', `${TOKEN_URL}2`)],
    decisions: ['stale: delete Ops: url relay.example.com/… → https://relay.example.com (another URL)'],
  },
  {
    what: 'a literal URL with a credential is found in the file: created',
    file: [desired('Ops', TOKEN_URL)],
    then: [],
    now: [live(2, 'Ops', TOKEN_URL)],
    decisions: ['done: create Ops'],
  },
  {
    what: 'a literal URL with a credential is found in the file: another one is live',
    file: [desired('Ops', TOKEN_URL)],
    then: [],
    now: [live(2, 'Ops', `${TOKEN_URL}2`)],
    decisions: [`stale: create Ops: name (no webhook with this name) → ID ${id(2)}`],
  },
  {
    what: 'a literal URL with a credential is found in the file: only the rename is missing',
    file: [desired('Ops', TOKEN_URL)],
    then: [old],
    now: [leftover(2, 'Ops', 1, TOKEN_URL)],
    decisions: ['ready: update #2 Ops: finish-replace'],
  },
];

checkSaved('plan with hidden urls', hidden);
checkSaved('create', creates);
checkSaved('update', updates);
checkSaved('delete', deletes);

test('an ignored webhook does not take a name', () => {
  const plan = planOf(account([desired('Ops', URL_2)], { ignore: [`id:${id(1)}`] }), [old]);
  expect(plan.ignoredIds).toEqual([id(1)]);
  expect(recheck(plan, [old])).toEqual(['ready: create Ops']);
  expect(recheck(plan, [old, live(2, 'Ops', URL_3)])).toEqual([
    `stale: create Ops: name (no webhook with this name) → ID ${id(2)}`,
  ]);
});

test('every change is reported', () => {
  const plan = planOf(account([renaming, desired('Pager', URL_2)]), [
    live(1, 'Chat'),
    live(2, 'Pager', URL_3),
  ]);
  expect(recheck(plan, [live(1, 'Mine', URL_2), live(2, 'Mine too', URL_1)])).toEqual([
    'stale: update Ops: name Chat → Mine',
    `stale: update Ops: url ${URL_1} → ${URL_2}`,
    'stale: replace Pager: name Pager → Mine too',
    `stale: replace Pager: url ${URL_3} → ${URL_1}`,
  ]);
});

test('a plan that is applied again does nothing', () => {
  const file = account([renaming, desired('New', URL_2), desired('Moved', URL_3)]);
  const then = [
    live(1, 'Chat'),
    live(2, 'Moved', 'https://relay.example.com/before'),
    live(3, 'Gone', 'https://relay.example.com/gone'),
  ];
  const now = [live(1, 'Ops'), live(4, 'Moved', URL_3), live(5, 'New', URL_2)];
  const plan = planOf(file, then);
  expect(plan.actions.map(({ kind }) => kind)).toEqual(['create', 'update', 'replace', 'delete']);
  expect(recheck(plan, now).map((line) => line.split(' ', 2).join(' '))).toEqual([
    'done: create',
    'done: update',
    'done: replace',
    'done: delete',
  ]);
});

test('policies are needed if webhooks are replaced or policies are routed', () => {
  const needs = (file: DesiredAccount, found = [old]) =>
    needsPolicies(planOf(file, found, {}, [policy(1, [])]).actions);
  expect(needs(account([renaming]), [live(1, 'Chat')])).toBe(false);
  expect(needs(account([]))).toBe(false);
  expect(needs(account([desired('Ops', URL_2)]))).toBe(true);
  expect(needs(account([desired('Ops')], { routes: [{ name: 'Policy 1', webhooks: ['Ops'] }] }))).toBe(true);
});

test('a forgotten kind of action is reported as a bug', () => {
  const odd = [{ kind: 'odd', resource: 'webhook', before: old } as never];
  const input = {
    live: [],
    wasLive: new Set<string>(),
    isIgnored: () => false,
    unlisted: new Set<string>(),
    urlOf: () => '',
  };
  expect(() => checkPreconditions({ ...input, actions: odd })).toThrow('unreachable');
});
