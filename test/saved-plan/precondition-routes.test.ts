import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount } from '../../src/core/desired.js';
import { replacementName } from '../../src/core/leftovers.js';
import {
  account,
  dashedId,
  desired,
  envSecret,
  id,
  leftover,
  live,
  policy,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';
import { checkSaved, old, recheck, type PreconditionCase } from '../support/core/preconditions.js';

const pager = live(2, 'Pager', URL_2);
const other = live(50, 'Other', URL_3);
const FILE = [desired('Ops', URL_1), desired('Pager', URL_2)];
const routed = (...webhooks: readonly string[]): Partial<DesiredAccount> => ({
  unlisted: 'keep',
  routes: [{ name: 'Policy 1', webhooks }],
});
const uses = (...webhooks: readonly number[]) => [policy(1, webhooks)];

/** Most cases share one plan and differ in the live state. */
type Now = Omit<PreconditionCase, 'file' | 'then' | 'now'> & Partial<Pick<PreconditionCase, 'now'>>;
const of = (
  plan: Pick<PreconditionCase, 'file' | 'then' | 'now'> & Partial<PreconditionCase>,
  cases: readonly Now[],
) => cases.map((each) => ({ ...plan, ...each }));

const SWAP = 'policy Policy 1: Ops#1 → Pager#2';
const plain = of(
  { file: FILE, more: routed('Pager'), then: [old, pager], now: [old, pager], policies: uses(1) },
  [
    { what: 'as planned', decisions: [`ready: ${SWAP}`] },
    {
      what: 'as planned, with IDs in another form',
      policiesNow: [policy(1, [], { webhookIds: [dashedId(1)] })],
      decisions: [`ready: ${SWAP}`],
    },
    { what: 'done', policiesNow: uses(2), decisions: [`done: ${SWAP}`] },
    { what: 'done, with the webhook listed twice', policiesNow: uses(2, 2), decisions: [`done: ${SWAP}`] },
    {
      what: 'another webhook was added by hand',
      now: [old, pager, other],
      policiesNow: uses(1, 50),
      decisions: ['stale: update Policy 1: webhooks Ops → Ops, Other'],
    },
    {
      what: 'done, but another webhook was added by hand',
      now: [old, pager, other],
      policiesNow: uses(2, 50),
      decisions: ['stale: update Policy 1: webhooks Ops → Pager, Other'],
    },
    {
      what: 'the webhook that it adds is gone',
      now: [old],
      decisions: ['stale: update Policy 1: webhooks Pager → (Pager no longer exists)'],
    },
    {
      what: 'the webhook that it adds was recreated by hand',
      now: [old, live(3, 'Pager', URL_2)],
      decisions: ['stale: update Policy 1: webhooks Pager → (Pager no longer exists)'],
    },
    {
      what: 'the webhook that it adds was renamed by hand, so the name means another one or none',
      now: [old, live(2, 'Ops', URL_2)],
      decisions: ['stale: update Policy 1: webhooks Pager → Ops'],
    },
    {
      what: 'done, but the webhook was renamed by hand',
      now: [old, live(2, 'Renamed', URL_2)],
      policiesNow: uses(2),
      decisions: ['stale: update Policy 1: webhooks Pager → Renamed'],
    },
    {
      what: 'done, but the webhook is gone',
      now: [old],
      policiesNow: uses(2),
      decisions: ['stale: update Policy 1: webhooks Pager → (Pager no longer exists)'],
    },
    { what: 'emptied by hand', policiesNow: uses(), decisions: ['stale: update Policy 1: webhooks Ops → '] },
    {
      what: 'the policy is gone',
      policiesNow: [],
      decisions: [`stale: update Policy 1: id ${policy(1, []).id} → gone`],
    },
    {
      what: 'its name and recipients do not count',
      policiesNow: [policy(1, [1], { name: 'New', otherMechanisms: 5 })],
      decisions: [`ready: ${SWAP}`],
    },
  ],
);

const dead = of(
  { file: FILE, more: routed('Pager'), then: [old, pager], now: [old, pager], policies: uses(2, 9) },
  [
    {
      what: 'an ID that is not live is removed',
      decisions: ['ready: policy Policy 1: #9 Pager#2 → Pager#2'],
    },
    {
      what: 'it is removed',
      policiesNow: uses(2),
      decisions: ['done: policy Policy 1: #9 Pager#2 → Pager#2'],
    },
    {
      what: 'its ID is different now',
      policiesNow: uses(2, 8),
      decisions: [`stale: update Policy 1: webhooks ${id(9)}, Pager → Pager, ${id(8)}`],
    },
  ],
);

const CREATED = 'policy Policy 1: Ops#1 → New';
const created = of(
  {
    file: [...FILE, desired('New', URL_3)],
    more: routed('New'),
    then: [old, pager],
    now: [old, pager],
    policies: uses(1),
  },
  [
    { what: 'a webhook that is created: as planned', decisions: ['ready: create New', `ready: ${CREATED}`] },
    {
      what: 'it is created, the policy is not routed yet',
      now: [old, pager, live(5, 'New', URL_3)],
      decisions: [`ready: ${CREATED}#5`, 'done: create New'],
    },
    {
      what: 'it is created and the policy is routed',
      now: [old, pager, live(5, 'New', URL_3)],
      policiesNow: uses(5),
      decisions: ['done: create New', `done: ${CREATED}`],
    },
    {
      what: 'the policy uses a webhook with another name',
      now: [old, pager, live(5, 'New', URL_3), live(6, 'Newer', URL_3)],
      policiesNow: uses(6),
      decisions: ['done: create New', 'stale: update Policy 1: webhooks Ops → Newer'],
    },
  ],
);

const handedOver = of(
  {
    file: [desired('Old ops', URL_1, { previously: ['Ops'], id: id(1) }), desired('Ops', URL_3)],
    more: routed('Ops'),
    then: [old, pager],
    now: [old, pager],
    policies: uses(1),
  },
  [
    {
      what: 'a webhook that gives its name to a new one does not stand for that',
      decisions: [
        'ready: create Ops',
        'ready: update #1 Old ops: renamed',
        'ready: policy Policy 1: Ops#1 → Ops',
      ],
    },
  ],
);

const REPLACE = 'replace #1 Ops: url-changed';
const JOINED = 'policy Policy 1: Pager#2 → Ops#1 Pager#2';
const fresh = leftover(5, 'Ops', 1, URL_3);
const replaced = of(
  {
    file: [desired('Ops', URL_3), desired('Pager', URL_2)],
    more: routed('Ops', 'Pager'),
    then: [old, pager],
    now: [old, pager],
    policies: uses(2),
  },
  [
    { what: 'a webhook that is replaced: as planned', decisions: [`ready: ${REPLACE}`, `ready: ${JOINED}`] },
    {
      what: 'the new one is created',
      now: [old, pager, fresh],
      decisions: [`ready: ${REPLACE}; keeps #5`, `ready: ${JOINED}`],
    },
    {
      what: 'the policy is routed to the new one, the old one is still live',
      now: [old, pager, fresh],
      policiesNow: uses(2, 5),
      decisions: [`ready: ${REPLACE}; keeps #5`, `done: ${JOINED}`],
    },
    {
      what: 'the old one is deleted',
      now: [pager, fresh],
      policiesNow: uses(2, 5),
      decisions: ['ready: update #5 Ops: finish-replace', `done: ${JOINED}`],
    },
    {
      what: 'the old one is deleted, and the policy is not routed',
      now: [pager, fresh],
      decisions: ['ready: update #5 Ops: finish-replace', 'ready: policy Policy 1: Pager#2 → Ops#5 Pager#2'],
    },
    {
      what: 'everything is done',
      now: [pager, live(5, 'Ops', URL_3)],
      policiesNow: uses(2, 5),
      decisions: [`done: ${REPLACE}`, `done: ${JOINED}`],
    },
    {
      what: 'the policy uses a leftover that does not replace it',
      now: [old, pager, fresh, leftover(6, 'Ops', 50, URL_3)],
      policiesNow: uses(2, 6),
      decisions: [
        `ready: ${REPLACE}; keeps #5`,
        `stale: update Policy 1: webhooks Pager → Pager, ${fresh.name.replace(/[0-9a-f]{8}/, '00000032')}`,
      ],
    },
  ],
);

const ROUTED_AWAY = 'policy Policy 1: Ops#1 → Pager#2';
const away = of(
  {
    file: [desired('Ops', URL_3), desired('Pager', URL_2)],
    more: routed('Pager'),
    then: [old, pager],
    now: [old, pager],
    policies: uses(1),
  },
  [
    {
      what: 'removed from a webhook that is replaced: as planned',
      decisions: [`ready: ${REPLACE}`, `ready: ${ROUTED_AWAY}`],
    },
    {
      what: 'the policy is routed away before the old one is deleted',
      now: [old, pager, fresh],
      policiesNow: uses(2),
      decisions: [`ready: ${REPLACE}; keeps #5`, `done: ${ROUTED_AWAY}`],
    },
    {
      what: 'the policy is switched to the new one, and not yet routed away from it',
      now: [old, pager, fresh],
      policiesNow: uses(5),
      decisions: [`ready: ${REPLACE}; keeps #5`, 'ready: policy Policy 1: Ops#5 → Pager#2'],
    },
    {
      what: 'the replacement is done, and the policy not yet routed away from it',
      now: [pager, live(5, 'Ops', URL_3)],
      policiesNow: uses(5),
      decisions: ['ready: policy Policy 1: Ops#5 → Pager#2', `done: ${REPLACE}`],
    },
  ],
);

const finishing = of(
  {
    file: [desired('Ops', URL_3), desired('Pager', URL_2)],
    more: routed('Ops', 'Pager'),
    then: [old, pager, fresh],
    now: [old, pager, fresh],
    policies: uses(5),
  },
  [
    {
      what: "a leftover that becomes its entry's webhook: as planned",
      decisions: [
        'ready: replace #1 Ops: finish-replace; keeps #5',
        `ready: policy Policy 1: ${fresh.name}#5 → Ops#5 Pager#2`,
      ],
    },
    {
      what: 'routed and renamed',
      now: [pager, live(5, 'Ops', URL_3)],
      policiesNow: uses(2, 5),
      decisions: [
        'done: replace #1 Ops: finish-replace; keeps #5',
        `done: policy Policy 1: ${fresh.name}#5 → Ops#5 Pager#2`,
      ],
    },
  ],
);

const takenBack = of(
  {
    file: FILE,
    more: routed('Ops', 'Pager'),
    then: [old, pager, fresh],
    now: [old, pager, fresh],
    policies: uses(5),
  },
  [
    {
      what: 'a leftover that is taken back: done',
      now: [old, pager],
      policiesNow: uses(1, 2),
      decisions: [
        'done: replace #5 Ops: taken-back; keeps #1',
        `done: policy Policy 1: ${fresh.name}#5 → Ops#5 Pager#2`,
      ],
    },
  ],
);

const both = of(
  {
    file: FILE,
    more: routed('Ops', 'Pager'),
    then: [old, pager, fresh],
    now: [old, pager, fresh],
    policies: uses(1, 5),
  },
  [
    {
      what: 'a webhook and its leftover, listed in another order',
      policiesNow: uses(5, 1),
      decisions: [
        'ready: replace #5 Ops: taken-back; keeps #1',
        `ready: policy Policy 1: Ops#1 ${fresh.name}#5 → Ops#1 Ops#5 Pager#2`,
      ],
    },
    {
      what: 'the leftover is taken back, and one webhook stands for both: done',
      now: [old, pager],
      policiesNow: uses(1, 2),
      decisions: [
        'done: replace #5 Ops: taken-back; keeps #1',
        `done: policy Policy 1: Ops#1 ${fresh.name}#5 → Ops#1 Ops#5 Pager#2`,
      ],
    },
  ],
);

checkSaved('route', [
  ...plain,
  ...dead,
  ...created,
  ...handedOver,
  ...replaced,
  ...away,
  ...finishing,
  ...takenBack,
  ...both,
]);

test('an ignored webhook is still recognized by its ID', () => {
  const file = account([desired('Ops', URL_1)], {
    ignore: ['Other', `id:${id(3)}`],
    routes: [{ name: 'Policy 1', webhooks: ['Ops', `id:${id(50)}`] }],
  });
  const duplicate = live(3, 'Ops', URL_2);
  const left = live(4, replacementName('Other', id(3)), URL_2);
  const plan = planOf(file, [old, other, duplicate], {}, [policy(1, [3])]);
  const brief = 'policy Policy 1: Ops#3 → Ops#1 Ops#3(ignored) Other#50';
  expect(recheck(plan, [old, other, duplicate], [policy(1, [3])])).toEqual([`ready: ${brief}`]);
  expect(recheck(plan, [old, other, duplicate], [policy(1, [50, 3, 1])])).toEqual([`done: ${brief}`]);
  // A leftover with its name does not replace it while it is live.
  expect(recheck(plan, [old, other, duplicate, left], [policy(1, [4, 3, 1])])).toEqual([
    `stale: update Policy 1: webhooks Ops → ${left.name}, Ops, Ops`,
  ]);
});

test.each([
  ['a rename', desired('Pager', URL_2, { previously: ['Chat'] }), [live(2, 'Chat', URL_2)]],
  ['a replacement', desired('Pager', URL_3), [pager, leftover(3, 'Pager', 2, URL_3)]],
])(
  'a route of a plan without %s of its webhook, because of --target, is not stale',
  (_what, entry, found) => {
    const policies = uses(1, 3);
    const plan = planOf(
      account([entry], { ...routed('Pager'), unlisted: 'delete' }),
      [old, ...found],
      { targets: ['policy:*'] },
      policies,
    );
    expect(plan.actions).toHaveLength(1);
    expect(recheck(plan, [old, ...found], policies)).toEqual([
      expect.stringMatching(/^ready: policy Policy 1/),
    ]);
  },
);

describe('a route whose policy an interrupted apply of the plan has switched already', () => {
  const secret = { secret: envSecret() };
  const left = leftover(3, 'Pager', 2, URL_2);
  const fresh = leftover(9, 'Pager', 2, URL_2);
  test.each([
    ['from a leftover', desired('Pager', URL_2, secret), [pager, left], [1, 3], [pager, left, fresh], 9],
    [
      'from a leftover that is gone',
      desired('Pager', URL_2, secret),
      [pager, left],
      [1, 3],
      [pager, fresh],
      9,
    ],
    [
      'from a webhook with a previous name',
      desired('Pager', URL_3, { previously: ['Chat'] }),
      [live(2, 'Chat', URL_2)],
      [1, 2],
      [live(9, 'Pager', URL_3)],
      9,
    ],
    [
      'to the webhook that stays',
      desired('Pager', URL_2),
      [pager, leftover(3, 'Pager', 2, URL_3)],
      [1, 3],
      [pager],
      2,
    ],
  ])('%s is still to be done', (_what, entry, found, used, now, user) => {
    const file = account([desired('Ops', URL_1), entry], { ...routed('Pager'), unlisted: 'delete' });
    const plan = planOf(file, [old, ...found], {}, uses(...used));
    expect(plan.actions.map(({ kind }) => kind)).toEqual(['replace', 'update']);
    const checked = recheck(plan, [old, ...now], uses(1, user));
    expect(checked.filter((text) => text.includes('Policy 1'))).toEqual([
      expect.stringMatching(/^ready: policy Policy 1: /),
    ]);
  });
});

test('a route does not lead to another webhook with the name of one that an interrupted apply has replaced', () => {
  const entry = desired('Pager', URL_2, { secret: envSecret() });
  const stranger = live(4, 'Pager', URL_3);
  const policies = [policy(1, [1]), policy(2, [2])];
  const file = account([desired('Ops', URL_1), entry], routed('Pager'));
  const plan = planOf(file, [old, pager, leftover(3, 'Pager', 2, URL_2), stranger], {}, policies);
  const fresh = live(9, 'Pager', URL_2);
  for (const now of [
    [old, stranger, fresh],
    [fresh, stranger, old],
  ])
    expect(recheck(plan, now, [policy(1, [1]), policy(2, [9])])).toContain(
      'ready: policy Policy 1: Ops#1 → Pager#9',
    );
});
