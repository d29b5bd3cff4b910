import { expect, test } from '@jest/globals';
import type { DesiredAccount } from '../../src/core/desired.js';
import { markedName } from '../../src/core/leftovers.js';
import { checkPreconditions } from '../../src/saved-plan/precondition.js';
import { account, desired, envUrl, id, live, URL_1, URL_2, URL_3 } from '../support/core/builders.js';
import { planOf, told } from '../support/core/planning.js';
import {
  checkSaved,
  crowd,
  old,
  previous,
  rotated,
  type PreconditionCase,
} from '../support/core/preconditions.js';

const AUTO: Partial<DesiredAccount> = { strategy: { url: 'auto', secret: 'replace' } };

const deletes: readonly PreconditionCase[] = [
  { what: 'as planned', file: [], then: [old], now: [crowd, old], told: ['ready: delete #1 Ops: unlisted'] },
  { what: 'gone', file: [], then: [old], now: [crowd], told: ['done: delete #1 Ops: unlisted'] },
  {
    what: 'gone, and another of its name there',
    file: [],
    then: [old],
    now: [live(2, 'Ops')],
    told: ['done: delete #1 Ops: unlisted'],
  },
  {
    what: 'renamed',
    file: [],
    then: [old],
    now: [live(1, 'Ops 2')],
    told: ['stale: delete Ops: name Ops → Ops 2'],
  },
  {
    what: 'moved',
    file: [],
    then: [old],
    now: [live(1, 'Ops', URL_2)],
    told: [`stale: delete Ops: url ${URL_1} → ${URL_2}`],
  },
];

const replaces: readonly PreconditionCase[] = [
  {
    what: 'as planned',
    file: [desired('Ops', URL_2)],
    then: [old],
    now: [crowd, old],
    told: ['ready: replace #1 Ops: url-changed'],
  },
  {
    what: 'done',
    file: [desired('Ops', URL_2)],
    then: [old],
    now: [live(2, 'Ops', URL_2)],
    told: ['done: replace #1 Ops: url-changed'],
  },
  {
    what: 'gone',
    file: [desired('Ops', URL_2)],
    then: [old],
    now: [crowd],
    told: [`stale: replace Ops: id ${id(1)} → gone`],
  },
  {
    what: 'renamed',
    file: [desired('Ops', URL_2)],
    then: [old],
    now: [live(1, 'Mine')],
    told: ['stale: replace Ops: name Ops → Mine'],
  },
  {
    what: 'renamed by hand to what it shall be called: not what was reviewed',
    file: [desired('Ops', URL_2, { previously: ['Chat'] })],
    then: [live(1, 'Chat')],
    now: [live(1, 'Ops')],
    told: ['stale: replace Ops: name Chat → Ops'],
  },
  {
    what: 'moved to a third url',
    file: [desired('Ops', URL_2)],
    then: [old],
    now: [live(1, 'Ops', URL_3)],
    told: [`stale: replace Ops: url ${URL_1} → ${URL_3}`],
  },
  {
    what: 'auto: the PUT was enough',
    file: [desired('Ops', URL_2)],
    more: AUTO,
    then: [old],
    now: [live(1, 'Ops', URL_2)],
    told: ['done: replace #1 Ops: url-changed; auto'],
  },
  {
    what: 'auto: the PUT renamed it and left the url',
    file: [desired('Ops', URL_2, { previously: ['Chat'] })],
    more: AUTO,
    then: [live(1, 'Chat')],
    now: [live(1, 'Ops')],
    told: ['ready: replace #1 Ops: url-changed; auto'],
  },
  {
    what: 'a url credential in place, when all left-overs are gone: set again, as it cannot be seen',
    file: [desired('Ops', envUrl(URL_1, 2))],
    more: { strategy: { url: 'replace', secret: 'in-place' } },
    options: { previous: account([desired('Ops', envUrl(URL_1, 1))]) },
    then: [old, live(2, markedName('Ops'), URL_2)],
    now: [old],
    told: ['ready: update #1 Ops: finish-replace, url-rotated'],
  },
  {
    what: 'a rotation with a twin that is nobody’s: the twin is not taken for the new one',
    file: [rotated],
    more: { unlisted: 'keep' },
    options: { previous },
    then: [old, live(2, 'Ops', URL_1)],
    now: [live(2, 'Ops', URL_1), old],
    told: ['ready: replace #1 Ops: secret-rotated'],
  },
  {
    what: 'a rotation with a twin that the plan deletes',
    file: [rotated],
    options: { previous },
    then: [old, live(2, 'Ops', URL_1)],
    now: [live(2, 'Ops', URL_1)],
    told: ['ready: delete #2 Ops: unlisted', `stale: replace Ops: id ${id(1)} → gone`],
  },
];

checkSaved('delete', deletes);
checkSaved('replace', replaces);

test('a marked one that was made for another entry means nothing', () => {
  const { actions } = planOf(account([desired('Ops', URL_2)]), [old]);
  const now = [old, live(2, markedName('Pager'), URL_2)];
  expect(told(checkPreconditions(actions, now))).toEqual(['ready: replace #1 Ops: url-changed']);
});

test('a kind of action that was forgotten is a bug that says so', () => {
  expect(() => checkPreconditions([{ kind: 'odd', before: old } as never], [])).toThrow('unreachable');
});
