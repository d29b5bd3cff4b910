import { describe, expect, test } from '@jest/globals';
import { Progress } from '../../src/apply/progress.js';
import { failure, type Session } from '../../src/apply/session.js';
import { verify } from '../../src/apply/verify.js';
import { namesById } from '../../src/core/ids.js';
import type { Live } from '../../src/core/live.js';
import type { Action } from '../../src/core/plan.js';
import { CUT, inTurn, scripted, type Scripted } from '../support/apply/scripted.js';
import {
  account,
  ACCOUNT,
  dashedId,
  desired,
  id,
  live,
  URL_1,
  URL_2,
  URL_3,
} from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

const FILE = account(
  [desired('New', URL_3), desired('Renamed', URL_3, { previously: ['Before'] }), desired('Ops', URL_2)],
  { absent: ['Gone'] },
);
const LIVE = [live(1, 'Ops'), live(2, 'Before', URL_3), live(3, 'Gone')];
const { actions } = planOf(FILE, LIVE);
const [create, update, replace, remove] = actions as [Action, Action, Action, Action];

/** The list after all actions: #11 is new, and #12 has replaced #1. */
const AFTER = [live(2, 'Renamed', URL_3), live(11, 'New', URL_3), live(12, 'Ops', URL_2)];
const without = (n: number): Live[] => AFTER.filter((webhook) => webhook.id !== id(n));
const instead = (...webhooks: readonly Live[]): Live[] => [
  ...AFTER.filter(({ id: old }) => !webhooks.some((webhook) => webhook.id === old)),
  ...webhooks,
];

/** Verifies 4 applied actions against these lists. `early`: the first list to return. */
async function verified(
  lists: readonly (readonly Live[] | Error)[],
  early?: readonly Live[],
  prepare: (scene: Scripted, progress: Progress) => void = () => undefined,
  more: Partial<Session> = {},
) {
  const listWebhooks = inTurn<readonly Live[]>(...lists);
  const scene = scripted(
    { listWebhooks },
    { baseline: namesById([1, 2, 3].map((n) => live(n, 'Ops'))), ...more },
  );
  const progress = new Progress(ACCOUNT, scene.session.emit);
  progress.applied(create, { id: id(11) });
  progress.applied(update, { id: id(2) });
  progress.applied(replace, { id: id(12) });
  progress.applied(remove);
  prepare(scene, progress);
  const open = await verify(scene.session, progress, actions, early);
  const wrong = actions.flatMap((action) => {
    const { status, error } = progress.of(action) ?? {};
    return status === 'applied' ? [] : [`${action.name}: ${status} ${error?.code}: ${error?.message}`];
  });
  return { open, wrong, listed: listWebhooks.asked.length, progress };
}

test('one list verifies everything, or the one that was read last', async () => {
  expect(await verified([AFTER])).toMatchObject({ open: [], wrong: [], listed: 1 });
  expect(await verified([], AFTER)).toMatchObject({ open: [], wrong: [], listed: 0 });
});

test('compares IDs without dashes', async () => {
  const list = instead(live(12, 'Ops', URL_2, { id: dashedId(12) })).filter(({ id: old }) => old !== id(12));
  expect((await verified([list])).wrong).toEqual([]);
  const back = [...AFTER, live(3, 'Gone', URL_1, { id: dashedId(3) })];
  expect((await verified([back])).wrong).toHaveLength(1);
});

test('reads a list again that does not show a change, as long as it may lag', async () => {
  expect(await verified([without(11), AFTER])).toMatchObject({ wrong: [], listed: 2 });
  expect(await verified([AFTER], without(11))).toMatchObject({ wrong: [], listed: 1 });
});

test.each<readonly [string, readonly Live[], string]>([
  [
    'a new webhook is missing',
    without(11),
    'New: failed not-verified: The webhook is not in the list after the apply.',
  ],
  [
    'a webhook has its old name',
    instead(live(2, 'Before', URL_3)),
    'Renamed: failed not-moved: Cloudflare reported success, but the name is still "Before".',
  ],
  [
    'a webhook has another URL, which may be a credential',
    instead(live(12, 'Ops', `${URL_1}?key=hunter2`)),
    `Ops: failed not-moved: Cloudflare reported success, but the URL is still ${URL_1}?key=…. ` +
      'To replace the webhook, set "strategy: { url: replace }".',
  ],
  [
    'the old webhook is still live',
    [...AFTER, live(1, 'Ops')],
    `Ops: failed not-verified: The old webhook (ID ${id(1)}) is still in the list.`,
  ],
  [
    'a deleted webhook is still live',
    [...AFTER, live(3, 'Gone')],
    'Gone: failed not-verified: The webhook is still in the list after its deletion.',
  ],
])('a reported success without the change fails: %s', async (_, list, wrong) => {
  const result = await verified([list]);
  expect(result.wrong).toEqual([wrong]);
  expect(result.open).toEqual([]);
});

describe('reports what is not verified', () => {
  test('if the list cannot be read', async () => {
    expect(await verified([CUT])).toMatchObject({
      open: ['The result could not be read back, so it is not verified: cut'],
      wrong: [],
    });
  });

  test('after the second signal', async () => {
    const result = await verified([AFTER], undefined, ({ kill }) => kill.abort());
    expect(result).toMatchObject({
      open: ['Interrupted before the result could be read back, so it is not verified.'],
      wrong: [],
      listed: 0,
    });
  });
});

test('if nothing was written, there is nothing to verify', async () => {
  const listWebhooks = inTurn<readonly Live[]>([]);
  const { session } = scripted({ listWebhooks });
  const progress = new Progress(ACCOUNT, session.emit);
  progress.failed(create, failure('failed', CUT));
  expect(await verify(session, progress, actions, undefined)).toEqual([]);
  expect(listWebhooks.asked).toHaveLength(0);
});

test('verifies what was written, even if other actions wrote nothing', async () => {
  const { session } = scripted({ listWebhooks: inTurn<readonly Live[]>(without(12)) });
  const progress = new Progress(ACCOUNT, session.emit);
  progress.failed(create, failure('failed', CUT));
  progress.applied(replace, { id: id(12) });
  await verify(session, progress, actions, undefined);
  expect(progress.of(replace)).toMatchObject({ status: 'failed', error: { code: 'not-verified' } });
});

test('does not verify a failed action again', async () => {
  const result = await verified([without(11)], undefined, (_, progress) =>
    progress.failed(create, failure('unknown', CUT, { wrote: true })),
  );
  expect(result.wrong).toEqual(['New: unknown network: cut']);
});
