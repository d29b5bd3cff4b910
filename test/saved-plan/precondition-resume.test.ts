import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredWebhook } from '../../src/core/desired.js';
import type { DiffOptions } from '../../src/core/diff.js';
import type { Live } from '../../src/core/live.js';
import { markedName, shortMarkedName } from '../../src/core/leftovers.js';
import { checkPreconditions } from '../../src/saved-plan/precondition.js';
import { account, desired, envSecret, id, live, URL_1, URL_2, URL_3 } from '../support/core/builders.js';
import { briefs, planOf } from '../support/core/planning.js';

const MARKED = markedName('Ops');
const old = live(1, 'Ops', URL_1);
const fresh = live(5, MARKED, URL_2);

type Case = {
  readonly state: string;
  readonly now: readonly Live[];
  readonly ready?: readonly string[];
  readonly done?: number;
  readonly stale?: readonly string[];
};

function check(
  cases: readonly Case[],
  file: DesiredWebhook,
  then: readonly Live[],
  more: Partial<DesiredAccount> = {},
  options: Partial<DiffOptions> = {},
): void {
  test.each(cases)('$state', ({ now, ready = [], done = 0, stale = [] }) => {
    const { actions } = planOf(account([file], more), then, options);
    for (const list of [now, now.toReversed()]) {
      const checked = checkPreconditions(actions, list);
      expect(briefs(checked.ready)).toEqual(ready);
      expect(checked.done).toHaveLength(done);
      expect(
        checked.stale.map(({ field, expected, found }) => `${field} ${expected} → ${found ?? 'gone'}`),
      ).toEqual(stale);
    }
  });
}

describe('a plain replace that broke off', () => {
  check(
    [
      { state: 'before the create', now: [old], ready: ['replace #1 Ops: url-changed'] },
      { state: 'after the create', now: [old, fresh], ready: ['replace #1 Ops: url-changed; keeps #5'] },
      {
        state: 'under the short marker',
        now: [old, live(5, shortMarkedName('Ops'), URL_2)],
        ready: ['replace #1 Ops: url-changed; keeps #5'],
      },
      {
        state: 'with twins: the oldest goes on',
        now: [live(6, MARKED, URL_2), old, fresh],
        ready: ['replace #1 Ops: url-changed; keeps #5'],
      },
      { state: 'after the delete', now: [fresh], ready: ['update #5 Ops: finish-replace'] },
      { state: 'after the rename', now: [live(5, 'Ops', URL_2)], done: 1 },
      {
        state: 'after the rename, with a twin left over: done',
        now: [live(5, 'Ops', URL_2), live(6, MARKED, URL_2)],
        done: 1,
      },
      {
        state: 'what another file made is not taken up',
        now: [old, live(5, MARKED, URL_3)],
        ready: ['replace #1 Ops: url-changed'],
      },
      {
        state: 'gone, and only what another file made is there',
        now: [live(5, MARKED, URL_3)],
        stale: [`id ${id(1)} → gone`],
      },
    ],
    desired('Ops', URL_2),
    [old],
  );
});

describe('a rotation that broke off', () => {
  const rotated = live(5, MARKED, URL_1);
  check(
    [
      { state: 'after the create', now: [old, rotated], ready: ['replace #1 Ops: secret-rotated; keeps #5'] },
      { state: 'after the delete', now: [rotated], ready: ['update #5 Ops: finish-replace'] },
      { state: 'after the rename', now: [live(5, 'Ops', URL_1)], done: 1 },
    ],
    desired('Ops', URL_1, { secret: envSecret(2) }),
    [old],
    {},
    { previous: account([desired('Ops', URL_1, { secret: envSecret(1) })]) },
  );
});

describe('a planned finish of an interrupted replace', () => {
  const twin = live(6, MARKED, URL_2);
  const planned = 'replace #1 Ops: finish-replace; retires #1 #6; keeps #5';
  check(
    [
      { state: 'as planned', now: [old, fresh, twin], ready: [planned] },
      {
        state: 'the old one is gone already',
        now: [fresh, twin],
        ready: ['replace #6 Ops: finish-replace; keeps #5'],
      },
      {
        state: 'the twin is gone already',
        now: [old, fresh],
        ready: ['replace #1 Ops: finish-replace; keeps #5'],
      },
      { state: 'only the rename is missing', now: [fresh], ready: ['update #5 Ops: finish-replace'] },
      { state: 'done', now: [live(5, 'Ops', URL_2)], done: 1 },
      {
        state: 'renamed before all others were gone',
        now: [live(5, 'Ops', URL_2), twin],
        ready: ['replace #6 Ops: finish-replace; keeps #5'],
      },
      { state: 'the survivor is gone', now: [old, twin], stale: [`id ${id(5)} → gone`] },
      { state: 'all are gone', now: [], stale: [`id ${id(5)} → gone`] },
      {
        state: 'the survivor was renamed by hand',
        now: [old, live(5, 'Mine', URL_2), twin],
        stale: [`name ${MARKED} → Mine`],
      },
      {
        state: 'the survivor was moved by hand',
        now: [old, live(5, MARKED, URL_3), twin],
        stale: [`url ${URL_2} → ${URL_3}`],
      },
      {
        state: 'a twin was moved by hand',
        now: [old, fresh, live(6, MARKED, URL_3)],
        stale: [`url ${URL_2} → ${URL_3}`],
      },
    ],
    desired('Ops', URL_2),
    [old, fresh, twin],
  );
});

describe('a planned finish in which the old one survives', () => {
  check(
    [
      { state: 'as planned', now: [old, fresh], ready: ['replace #5 Ops: finish-replace; keeps #1'] },
      { state: 'the left-over is gone', now: [old], done: 1 },
    ],
    desired('Ops', URL_1),
    [old, fresh],
  );
});

describe('a planned finish in which the old one survives and gets another secret in place', () => {
  check(
    [
      {
        state: 'as planned',
        now: [old, fresh],
        ready: ['replace #5 Ops: finish-replace, secret-rotated; keeps #1'],
      },
      {
        state: 'the left-over is gone: whether the secret was set cannot be seen',
        now: [old],
        ready: ['update #1 Ops: finish-replace, secret-rotated'],
      },
    ],
    desired('Ops', URL_1, { secret: envSecret(2) }),
    [old, fresh],
    { strategy: { url: 'replace', secret: 'in-place' } },
    { previous: account([desired('Ops', URL_1, { secret: envSecret(1) })]) },
  );
});

describe('a planned finish in which the old one survives and is moved in place', () => {
  const more: Partial<DesiredAccount> = { strategy: { url: 'in-place', secret: 'replace' } };
  check(
    [
      {
        state: 'as planned',
        now: [old, fresh],
        ready: ['replace #5 Ops: finish-replace, url-changed; keeps #1'],
      },
      {
        state: 'the left-over is gone: the move is still missing',
        now: [old],
        ready: ['update #1 Ops: finish-replace, url-in-place'],
      },
      { state: 'moved', now: [live(1, 'Ops', URL_3)], done: 1 },
    ],
    desired('Ops', URL_3),
    [old, fresh],
    more,
  );
});

describe('a replace of several, none of which fits', () => {
  const left = live(2, MARKED, URL_3);
  check(
    [
      {
        state: 'as planned',
        now: [old, left],
        ready: ['replace #1 Ops: url-changed, finish-replace; retires #1 #2'],
      },
      {
        state: 'after the create',
        now: [old, left, fresh],
        ready: ['replace #1 Ops: url-changed, finish-replace; retires #1 #2; keeps #5'],
      },
      {
        state: 'after the first delete',
        now: [left, fresh],
        ready: ['replace #2 Ops: url-changed, finish-replace; keeps #5'],
      },
      {
        state: 'renamed, one left over',
        now: [left, live(5, 'Ops', URL_2)],
        ready: ['replace #2 Ops: url-changed, finish-replace; keeps #5'],
      },
      {
        state: 'the old one was deleted by hand, nothing was begun',
        now: [left],
        stale: [`id ${id(1)} → gone`],
      },
    ],
    desired('Ops', URL_2),
    [old, left],
  );
});
