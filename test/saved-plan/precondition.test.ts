import { expect, test } from '@jest/globals';
import type { DesiredAccount } from '../../src/core/desired.js';
import type { Live } from '../../src/core/live.js';
import { markedName } from '../../src/core/leftovers.js';
import { checkPreconditions } from '../../src/saved-plan/precondition.js';
import {
  account,
  dashedId,
  desired,
  envSecret,
  envUrl,
  id,
  live,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { planOf, told } from '../support/core/planning.js';
import {
  checkSaved,
  crowd,
  old,
  previous,
  rotated,
  type PreconditionCase,
} from '../support/core/preconditions.js';

const IN_PLACE: Partial<DesiredAccount> = { strategy: { url: 'in-place', secret: 'in-place' } };
const renaming = desired('Ops', URL_1, { previously: ['Chat'] });

const creates: readonly PreconditionCase[] = [
  { what: 'still not there', file: [desired('Ops')], then: [], now: [crowd], told: ['ready: create Ops'] },
  { what: 'there as wanted', file: [desired('Ops')], then: [], now: [old], told: ['done: create Ops'] },
  {
    what: 'there as wanted, beside another',
    file: [desired('Ops')],
    then: [],
    now: [live(2, 'Ops', URL_2), live(3, 'Ops')],
    told: ['done: create Ops'],
  },
  {
    what: 'the name is taken by another url',
    file: [desired('Ops')],
    then: [],
    now: [live(3, 'Ops', URL_3), live(2, 'Ops', URL_2)],
    told: [`stale: create Ops: name (no webhook with this name) → ID ${id(2)}`],
  },
  {
    what: 'there, with a url that is not known here',
    file: [desired('Ops', envUrl())],
    then: [],
    now: [live(2, 'Ops', URL_2)],
    told: ['done: create Ops'],
  },
  {
    what: 'a whole chat url is there without its credential',
    file: [desired('Ops', envUrl('https://hooks.slack.com/services/T/B/token'))],
    then: [],
    now: [live(2, 'Ops', 'https://hooks.slack.com/services/T/B')],
    told: ['done: create Ops'],
  },
  {
    what: 'the name is borne by one that the plan itself renames',
    file: [desired('Ops', URL_2), desired('Pager', URL_1, { id: id(1) })],
    then: [old],
    now: [old],
    told: ['ready: create Ops', 'ready: update #1 Pager: renamed'],
  },
  {
    what: 'the name is borne by one that the plan keeps under another',
    file: [desired('Ops', URL_1, { id: id(1) }), desired('Pager', URL_3)],
    then: [live(1, 'Pager'), live(2, markedName('Ops'), URL_2)],
    now: [live(1, 'Pager'), live(2, markedName('Ops'), URL_2)],
    told: ['ready: create Pager', 'ready: replace #2 Ops: finish-replace; keeps #1'],
  },
];

const updates: readonly PreconditionCase[] = [
  {
    what: 'as planned',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [live(1, 'Chat')],
    told: ['ready: update #1 Ops: renamed'],
  },
  {
    what: 'the id in another form',
    file: [renaming],
    then: [live(171, 'Chat')],
    now: [live(171, 'Chat', URL_1, { id: dashedId(171) })],
    told: ['ready: update #171 Ops: renamed'],
  },
  {
    what: 'what does not count moved',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [live(1, 'Chat', URL_1, { type: 'x', lastFailure: '2025-01-01T00:00:00Z', createdAt: null })],
    told: ['ready: update #1 Ops: renamed'],
  },
  {
    what: 'done',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [live(1, 'Ops')],
    told: ['done: update #1 Ops: renamed'],
  },
  {
    what: 'gone',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [live(2, 'Chat')],
    told: [`stale: update Ops: id ${id(1)} → gone`],
  },
  {
    what: 'renamed by hand',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [live(1, 'Mine')],
    told: ['stale: update Ops: name Chat → Mine'],
  },
  {
    what: 'moved by hand',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [live(1, 'Chat', URL_2)],
    told: [`stale: update Ops: url ${URL_1} → ${URL_2}`],
  },
  {
    what: 'moved by hand, while the wanted url is not known here',
    file: [desired('Ops', envUrl(), { previously: ['Chat'] })],
    then: [live(1, 'Chat')],
    now: [live(1, 'Chat', URL_2)],
    told: [`stale: update Ops: url ${URL_1} → ${URL_2}`],
  },
  {
    what: 'renamed, but with another url',
    file: [renaming],
    then: [live(1, 'Chat')],
    now: [live(1, 'Ops', URL_2)],
    told: [`stale: update Ops: url ${URL_1} → ${URL_2}`],
  },
  {
    what: 'in place, the name went through and the url did not: tried again',
    file: [desired('Ops', URL_2, { previously: ['Chat'] })],
    more: IN_PLACE,
    then: [live(1, 'Chat')],
    now: [live(1, 'Ops')],
    told: ['ready: update #1 Ops: renamed, url-in-place'],
  },
  {
    what: 'a secret in place is set again, as it cannot be seen',
    file: [rotated],
    more: IN_PLACE,
    options: { previous },
    then: [old],
    now: [old],
    told: ['ready: update #1 Ops: secret-rotated'],
  },
  {
    what: 'a secret in place along with a rename and a move that are done',
    file: [desired('Ops', URL_2, { secret: envSecret(2), previously: ['Chat'] })],
    more: IN_PLACE,
    options: { previous },
    then: [live(1, 'Chat')],
    now: [live(1, 'Ops', URL_2)],
    told: ['ready: update #1 Ops: renamed, url-in-place, secret-rotated'],
  },
];

checkSaved('create', creates);
checkSaved('update', updates);

test('a webhook that the file ignores takes nobody’s name', () => {
  const { actions } = planOf(account([desired('Ops', URL_2)]), []);
  const isIgnored = ({ id: found }: Live): boolean => found === id(1);
  expect(told(checkPreconditions(actions, [old], isIgnored))).toEqual(['ready: create Ops']);
  expect(told(checkPreconditions(actions, [old, live(2, 'Ops', URL_3)], isIgnored))).toEqual([
    `stale: create Ops: name (no webhook with this name) → ID ${id(2)}`,
  ]);
});

test('everything that moved is named', () => {
  const { actions } = planOf(account([renaming, desired('Pager', URL_2)]), [
    live(1, 'Chat'),
    live(2, 'Pager', URL_3),
  ]);
  const now = [live(1, 'Mine', URL_2), live(2, 'Mine too', URL_1)];
  expect(told(checkPreconditions(actions, now))).toEqual([
    'stale: update Ops: name Chat → Mine',
    `stale: update Ops: url ${URL_1} → ${URL_2}`,
    'stale: replace Pager: name Pager → Mine too',
    `stale: replace Pager: url ${URL_3} → ${URL_1}`,
  ]);
});
