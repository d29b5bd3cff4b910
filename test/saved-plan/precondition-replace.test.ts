import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredWebhook } from '../../src/core/desired.js';
import type { Live } from '../../src/core/live.js';
import {
  account,
  desired,
  envSecret,
  envUrl,
  id,
  leftover,
  live,
  policy,
  shortLeftover,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { planOf, setOf } from '../support/core/planning.js';
import {
  checkSaved,
  crowd,
  old,
  previous,
  recheck,
  rotated,
  type PreconditionCase,
} from '../support/core/preconditions.js';

const SLACK = 'https://hooks.slack.com/services/T/B';
const fresh = leftover(5, 'Ops', 1, URL_2);
const uses = (...webhooks: readonly number[]) => [policy(1, webhooks)];
const REPLACE = 'replace #1 Ops: url-changed';
const ROTATE = 'replace #1 Ops: secret-rotated';

/** Most cases share one plan and differ in the live state. */
type Now = Omit<PreconditionCase, 'file' | 'then'> & Partial<Pick<PreconditionCase, 'then'>>;
const of = (
  plan: Pick<PreconditionCase, 'file' | 'then'> & Partial<PreconditionCase>,
  cases: readonly Now[],
) => cases.map((each) => ({ ...plan, ...each }));

const moved = of({ file: [desired('Ops', URL_2)], then: [old] }, [
  { what: 'as planned', now: [crowd, old], decisions: [`ready: ${REPLACE}`] },
  {
    what: 'the new webhook was created: it is used',
    now: [old, fresh],
    decisions: [`ready: ${REPLACE}; keeps #5`],
  },
  {
    what: 'it was created with the short name',
    now: [old, shortLeftover(5, 'Ops', 1, URL_2)],
    decisions: [`ready: ${REPLACE}; keeps #5`],
  },
  {
    what: 'two were created: a new one is created, all are deleted',
    now: [leftover(6, 'Ops', 1, URL_2), old, fresh],
    decisions: [`ready: ${REPLACE}; retires #1 #5 #6`],
  },
  {
    what: 'one was created from another file: a new one is created, both are deleted',
    now: [old, leftover(5, 'Ops', 1, URL_3)],
    decisions: [`ready: ${REPLACE}; retires #1 #5`],
  },
  {
    what: 'a leftover that replaces another webhook does not belong to this plan',
    now: [old, leftover(5, 'Ops', 50, URL_2), leftover(6, 'Pager', 1, URL_2)],
    decisions: [`ready: ${REPLACE}`],
  },
  { what: 'the old webhook was deleted', now: [fresh], decisions: ['ready: update #5 Ops: finish-replace'] },
  { what: 'done', now: [crowd, live(5, 'Ops', URL_2)], decisions: [`done: ${REPLACE}`] },
  {
    what: 'gone, without a replacement',
    now: [crowd],
    decisions: [`stale: replace Ops: id ${id(1)} → gone`],
  },
  {
    what: 'gone, and created by hand with another URL',
    now: [live(5, 'Ops', URL_3)],
    decisions: [`stale: replace Ops: id ${id(1)} → gone`],
  },
  {
    what: 'gone, with only a leftover from another file',
    now: [leftover(5, 'Ops', 1, URL_3)],
    decisions: [`stale: replace Ops: id ${id(1)} → gone`],
  },
  {
    what: 'gone, with two replacements',
    now: [live(5, 'Ops', URL_2), leftover(6, 'Ops', 1, URL_2)],
    decisions: [`stale: replace Ops: id ${id(1)} → gone`],
  },
  { what: 'renamed', now: [live(1, 'Mine')], decisions: ['stale: replace Ops: name Ops → Mine'] },
  {
    what: 'changed to a third URL',
    now: [live(1, 'Ops', URL_3)],
    decisions: [`stale: replace Ops: url ${URL_1} → ${URL_3}`],
  },
  {
    what: 'changed by hand to the desired URL: not as reviewed',
    now: [live(1, 'Ops', URL_2)],
    decisions: [`stale: replace Ops: url ${URL_1} → ${URL_2}`],
  },
]);

const renamed = of({ file: [desired('Ops', URL_2, { previously: ['Chat'] })], then: [live(1, 'Chat')] }, [
  {
    what: 'renamed by hand to the desired name: not as reviewed',
    now: [live(1, 'Ops')],
    decisions: ['stale: replace Ops: name Chat → Ops'],
  },
  {
    what: 'a webhook that existed when the plan was made is not a replacement',
    then: [live(1, 'Chat'), live(7, 'Mine', URL_2)],
    more: { unlisted: 'keep' },
    now: [live(7, 'Ops', URL_2)],
    decisions: [`stale: replace Ops: id ${id(1)} → gone`],
  },
]);

const used = of({ file: [desired('Ops', URL_2)], then: [old], policies: uses(1) }, [
  { what: 'used: as planned', now: [old], decisions: [`ready: ${REPLACE}`] },
  {
    what: 'used: nothing was done, but a policy no longer uses it',
    now: [old],
    policies: [policy(1, [1]), policy(2, [1])],
    policiesNow: [policy(1, [1]), policy(2, [50])],
    decisions: ['stale: replace Ops: policies "Policy 2" used the webhook → it does not'],
  },
  {
    what: 'used: nothing was done, but the policy is gone',
    now: [old],
    policiesNow: [],
    decisions: ['stale: replace Ops: policies "Policy 1" used the webhook → gone'],
  },
  {
    what: 'used: created, not switched yet',
    now: [old, fresh],
    decisions: [`ready: ${REPLACE}; keeps #5`],
  },
  {
    what: 'used: created and switched',
    now: [old, fresh],
    policiesNow: uses(5),
    decisions: [`ready: ${REPLACE}; keeps #5`],
  },
  {
    what: 'used: one policy is switched, one is not',
    now: [old, fresh],
    policies: [policy(1, [1]), policy(2, [1])],
    policiesNow: [policy(1, [5]), policy(2, [1])],
    decisions: [`ready: ${REPLACE}; keeps #5`],
  },
  {
    what: 'used: switched, the old one deleted',
    now: [fresh],
    policiesNow: uses(5),
    decisions: ['ready: update #5 Ops: finish-replace'],
  },
  {
    what: 'used: done',
    now: [live(5, 'Ops', URL_2)],
    policiesNow: uses(50, 5),
    decisions: [`done: ${REPLACE}`],
  },
  {
    what: 'used: created, but removed from the policy by hand',
    now: [old, fresh],
    policiesNow: uses(50),
    decisions: ['stale: replace Ops: policies "Policy 1" used the webhook → it does not'],
  },
  {
    what: 'used: deleted and created again by hand, so the policy has no webhook',
    now: [live(5, 'Ops', URL_2)],
    policiesNow: uses(),
    decisions: ['stale: replace Ops: policies "Policy 1" used the webhook → it does not'],
  },
  {
    what: 'used: one of two policies does not use the replacement',
    now: [live(5, 'Ops', URL_2)],
    policies: [policy(1, [1]), policy(2, [1])],
    policiesNow: [policy(1, [5]), policy(2, [50])],
    decisions: ['stale: replace Ops: policies "Policy 2" used the webhook → it does not'],
  },
  {
    what: 'used: the policy is gone',
    now: [fresh],
    policiesNow: [],
    decisions: ['stale: replace Ops: policies "Policy 1" used the webhook → gone'],
  },
]);

const rotations = of({ file: [rotated], then: [old], options: { previous }, policies: uses(1) }, [
  { what: 'rotation: as planned', now: [old], decisions: [`ready: ${ROTATE}`] },
  {
    what: 'rotation: created, but its secret cannot be read: a new one is created, both are deleted',
    now: [old, leftover(5, 'Ops', 1, URL_1)],
    decisions: [`ready: ${ROTATE}; retires #1 #5`],
  },
  {
    what: 'rotation: switched, the old one deleted',
    now: [leftover(5, 'Ops', 1, URL_1)],
    policiesNow: uses(5),
    decisions: ['ready: update #5 Ops: finish-replace'],
  },
  {
    what: 'rotation: done, as the policies show',
    now: [live(5, 'Ops', URL_1)],
    policiesNow: uses(5),
    decisions: [`done: ${ROTATE} (secret not checked)`],
  },
  {
    what: 'rotation: deleted and created again by hand, so the policy has no webhook',
    now: [live(5, 'Ops', URL_1)],
    policiesNow: uses(),
    decisions: ['stale: replace Ops: policies "Policy 1" used the webhook → it does not'],
  },
  {
    what: 'rotation: no policy shows whether this plan did it',
    now: [live(5, 'Ops', URL_1)],
    policies: [],
    decisions: [`stale: replace Ops: id ${id(1)} → gone`],
  },
  {
    what: 'rotation: only the rename is missing, and the name shows what it replaces',
    now: [leftover(5, 'Ops', 1, URL_1)],
    policies: [],
    decisions: ['ready: update #5 Ops: finish-replace'],
  },
]);

const credentials = of({ file: [desired('Ops', envUrl(undefined, 2))], then: [old] }, [
  {
    what: 'URL credential: done, because the live URL is the value of the variable',
    options: { previous: account([desired('Ops', envUrl(undefined, 1))]) },
    policies: uses(1),
    policiesNow: uses(5),
    now: [live(5, 'Ops', URL_2)],
    value: URL_2,
    decisions: ['done: replace #1 Ops: url-rotated (secret not checked)'],
  },
  {
    what: 'URL credential: the replacement has another URL',
    options: { previous: account([desired('Ops', envUrl(undefined, 1))]) },
    policies: uses(1),
    policiesNow: uses(5),
    now: [live(5, 'Ops', URL_2)],
    value: URL_3,
    decisions: [`stale: replace Ops: id ${id(1)} → gone`],
  },
  {
    what: 'URL credential: a leftover with another URL is not the replacement',
    options: { previous: account([desired('Ops', envUrl(undefined, 1))]) },
    policies: uses(1),
    policiesNow: uses(5),
    now: [fresh],
    value: URL_3,
    decisions: [`stale: replace Ops: id ${id(1)} → gone`],
  },
  {
    what: 'URL credential: a leftover with any URL is not used while the old webhook is live',
    options: { previous: account([desired('Ops', envUrl(undefined, 1))]) },
    now: [old, fresh],
    value: URL_2,
    decisions: ['ready: replace #1 Ops: url-rotated; retires #1 #5'],
  },
  {
    what: 'URL credential: the stored part of a chat URL',
    options: { replace: setOf('Ops') },
    policies: uses(1),
    policiesNow: uses(5),
    now: [live(5, 'Ops', SLACK, { type: 'slack' })],
    value: `${SLACK}/token`,
    decisions: ['done: replace #1 Ops: requested (secret not checked)'],
  },
]);

checkSaved('replace', [...moved, ...renamed, ...used, ...rotations, ...credentials]);

type Resumed = {
  readonly state: string;
  readonly now: readonly Live[];
  readonly value?: string;
  readonly decisions: readonly string[];
};

function check(
  cases: readonly Resumed[],
  file: DesiredWebhook,
  then: readonly Live[],
  more: Partial<DesiredAccount> = {},
  options = {},
): void {
  test.each(cases)('$state', ({ now, value, decisions: expected }) => {
    const plan = planOf(account([file], more), then, options);
    for (const list of [now, now.toReversed()]) expect(recheck(plan, list, [], value)).toEqual(expected);
  });
}

describe('the planned end of an interrupted replacement', () => {
  const left = leftover(5, 'Ops', 1, URL_2);
  const planned = 'replace #1 Ops: finish-replace; keeps #5';
  check(
    [
      { state: 'as planned', now: [old, left], decisions: [`ready: ${planned}`] },
      { state: 'the old one is gone', now: [left], decisions: ['ready: update #5 Ops: finish-replace'] },
      { state: 'done', now: [live(5, 'Ops', URL_2)], decisions: [`done: ${planned}`] },
      {
        state: 'it got its name while the old one is live',
        now: [old, live(5, 'Ops', URL_2)],
        decisions: [`ready: ${planned}`],
      },
      { state: 'the survivor is gone', now: [old], decisions: [`stale: replace Ops: id ${id(5)} → gone`] },
      { state: 'all are gone', now: [], decisions: [`stale: replace Ops: id ${id(5)} → gone`] },
      {
        state: 'the survivor was renamed by hand',
        now: [old, live(5, 'Mine', URL_2)],
        decisions: [`stale: replace Ops: name ${left.name} → Mine`],
      },
      {
        state: 'the URL of the survivor was changed by hand',
        now: [old, leftover(5, 'Ops', 1, URL_3)],
        decisions: [`stale: replace Ops: url ${URL_2} → ${URL_3}`],
      },
      {
        state: 'the URL of the old one was changed by hand',
        now: [live(1, 'Ops', URL_3), left],
        decisions: [`stale: replace Ops: url ${URL_1} → ${URL_3}`],
      },
    ],
    desired('Ops', URL_2),
    [old, left],
  );

  test('a policy that uses neither webhook is stale, even while the old one is live', () => {
    const plan = planOf(account([desired('Ops', URL_2)]), [old, left], {}, [policy(1, [1])]);
    expect(recheck(plan, [old, left], [policy(1, [5])])).toEqual([`ready: ${planned}`]);
    expect(recheck(plan, [left], [policy(1, [5])])).toEqual(['ready: update #5 Ops: finish-replace']);
    for (const now of [[left], [old, left]])
      expect(recheck(plan, now, [policy(1, [50])])).toEqual([
        'stale: replace Ops: policies "Policy 1" used the webhook → it does not',
      ]);
  });
});

describe('a replacement that is taken back', () => {
  const duplicate = leftover(6, 'Ops', 1, URL_3);
  check(
    [
      {
        state: 'as planned',
        now: [old, fresh, duplicate],
        decisions: ['ready: replace #5 Ops: taken-back; retires #5 #6; keeps #1'],
      },
      {
        state: 'one leftover is gone',
        now: [old, duplicate],
        decisions: ['ready: replace #6 Ops: taken-back; keeps #1'],
      },
      {
        state: 'all leftovers are gone',
        now: [old],
        decisions: ['done: replace #5 Ops: taken-back; retires #5 #6; keeps #1'],
      },
      {
        state: 'the old one is gone',
        now: [fresh, duplicate],
        decisions: [`stale: replace Ops: id ${id(1)} → gone`],
      },
      {
        state: 'the URL of a leftover was changed by hand',
        now: [old, fresh, leftover(6, 'Ops', 1, URL_1)],
        decisions: [`stale: replace Ops: url ${URL_3} → ${URL_1}`],
      },
    ],
    desired('Ops', URL_1),
    [old, fresh, duplicate],
  );
});

describe('a replacement that is taken back, and a new secret for the old webhook in place', () => {
  check(
    [
      {
        state: 'as planned',
        now: [old, fresh],
        decisions: ['ready: replace #5 Ops: taken-back, secret-rotated; keeps #1'],
      },
      {
        state: 'the leftover is gone: the secret cannot be read',
        now: [old],
        decisions: ['ready: update #1 Ops: finish-replace, secret-rotated'],
      },
    ],
    desired('Ops', URL_1, { secret: envSecret(2) }),
    [old, fresh],
    { strategy: { url: 'replace', secret: 'in-place' } },
    { previous },
  );
});

describe('a replacement that is taken back, and a new URL credential for the old webhook in place', () => {
  check(
    [
      {
        state: 'the leftover is gone: the credential cannot be read',
        now: [old],
        value: URL_1,
        decisions: ['ready: update #1 Ops: finish-replace, url-rotated'],
      },
      {
        state: 'the variable has another URL by now',
        now: [old, fresh],
        value: URL_3,
        decisions: ['stale: replace Ops: value the environment variable RELAY_URL → gone'],
      },
    ],
    desired('Ops', envUrl(URL_1, 2)),
    [old, fresh],
    { strategy: { url: 'replace', secret: 'in-place' } },
    { previous: account([desired('Ops', envUrl(URL_1, 1))]) },
  );
});

describe('a replacement that is taken back, and a new URL for the old webhook in place', () => {
  check(
    [
      {
        state: 'as planned',
        now: [old, fresh],
        decisions: ['ready: replace #5 Ops: taken-back, url-changed; keeps #1'],
      },
      {
        state: 'the leftover is gone: the new URL is still missing',
        now: [old],
        decisions: ['ready: update #1 Ops: finish-replace, url-in-place'],
      },
      {
        state: 'URL changed',
        now: [live(1, 'Ops', URL_3)],
        decisions: ['done: replace #5 Ops: taken-back, url-changed; keeps #1'],
      },
    ],
    desired('Ops', URL_3),
    [old, fresh],
    { strategy: { url: 'in-place', secret: 'replace' } },
  );
});

describe('a replacement that is taken back, and a rename of the old webhook', () => {
  check(
    [
      {
        state: 'the leftover is gone: the rename is still missing',
        now: [live(1, 'Chat', URL_1)],
        decisions: ['ready: update #1 Ops: finish-replace'],
      },
      { state: 'done', now: [old], decisions: ['done: replace #5 Ops: taken-back; keeps #1'] },
    ],
    desired('Ops', URL_1, { previously: ['Chat'] }),
    [live(1, 'Chat', URL_1), fresh],
  );
});

describe('a replacement of several webhooks, none of which matches', () => {
  const left = leftover(2, 'Ops', 1, URL_3);
  const planned = 'replace #1 Ops: url-changed, finish-replace; retires #1 #2';
  check(
    [
      { state: 'as planned', now: [old, left], decisions: [`ready: ${planned}`] },
      { state: 'after the create', now: [old, left, fresh], decisions: [`ready: ${planned}; keeps #5`] },
      {
        state: 'after the first delete',
        now: [left, fresh],
        decisions: ['ready: replace #2 Ops: url-changed, finish-replace; keeps #5'],
      },
      {
        state: 'after the first delete, if two were created',
        now: [left, fresh, leftover(6, 'Ops', 2, URL_2)],
        decisions: ['ready: replace #2 Ops: url-changed, finish-replace; retires #2 #5 #6'],
      },
      {
        state: 'after an apply that failed and deleted both leftovers',
        now: [old],
        decisions: ['ready: replace #1 Ops: url-changed, finish-replace'],
      },
      { state: 'after both deletes', now: [fresh], decisions: ['ready: update #5 Ops: finish-replace'] },
      { state: 'done', now: [live(5, 'Ops', URL_2)], decisions: [`done: ${planned}`] },
      {
        state: 'the old one was deleted by hand, and nothing was started',
        now: [left],
        decisions: [`stale: replace Ops: id ${id(1)} → gone`],
      },
    ],
    desired('Ops', URL_2),
    [old, left],
  );
});
