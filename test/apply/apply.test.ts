import { expect, test } from '@jest/globals';
import { apply, applyNothing, type ApplySettings } from '../../src/apply/apply.js';
import type { DesiredAccount } from '../../src/core/desired.js';
import type { AccountId } from '../../src/core/ids.js';
import type { Outcome } from '../../src/core/outcome.js';
import { refused, scripted, UNKNOWN } from '../support/apply/scripted.js';
import { error, World } from '../support/apply/world.js';
import { account, ACCOUNT, desired, live, URL_1 } from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

const SECOND = 'f'.repeat(32) as AccountId;
const OPTIONS: ApplySettings = { parallelism: 1, settleMs: 0, retryDelayMs: 1, retries: 1 };

const file = (accountId: AccountId, ...names: readonly string[]): DesiredAccount =>
  account(
    names.map((name) => desired(name, `https://${accountId.slice(0, 1)}.example/${name}`)),
    { accountId, unlisted: 'keep', absent: ['Gone'] },
  );

/** Applies these files to one server. */
async function applied(world: World, files: readonly DesiredAccount[], options: Partial<ApplySettings> = {}) {
  const { session, events } = scripted({});
  const { clock, credentialsOf, emit, stop, kill } = session;
  const accounts = files.map((each) => ({
    plan: planOf(each, world.webhooks),
    baseline: new Map<string, string>(),
  }));
  const deps = { reader: world, writer: world, clock, credentialsOf, emit, stop, kill };
  return { ...(await apply(accounts, { ...OPTIONS, ...options }, deps)), events };
}

test('reports how many actions there are, and at the end the number of each outcome', async () => {
  const world = new World([live(3, 'Gone', URL_1)]);
  world.on = (call) =>
    call === 'POST Refused' ? refused('api-refused') : call === 'POST Cut' ? UNKNOWN : undefined;
  const { events, outcomes } = await applied(world, [file(ACCOUNT, 'A', 'B', 'Refused'), file(SECOND, 'C')]);
  expect(events.at(0)).toEqual({ type: 'apply-started', total: 6 });
  expect(events.at(-1)).toEqual({
    type: 'apply-ended',
    applied: 4,
    failed: 1,
    skipped: 1,
    unknown: 0,
    discrepancies: 0,
  });
  expect(outcomes.map(({ accountId, name, status }) => [accountId, name, status])).toEqual([
    [ACCOUNT, 'A', 'applied'],
    [ACCOUNT, 'B', 'applied'],
    [ACCOUNT, 'Refused', 'failed'],
    [ACCOUNT, 'Gone', 'skipped'],
    [SECOND, 'C', 'applied'],
    [SECOND, 'Gone', 'applied'],
  ]);
});

test('reports what is not verified with its account', async () => {
  const world = new World([]);
  world.on = (call) => (call === 'LIST' ? error('network', 'cut') : undefined);
  const { discrepancies } = await applied(world, [file(ACCOUNT, 'A'), file(SECOND, 'A')]);
  const message = 'The result could not be read back, so it is not verified: cut';
  expect(discrepancies).toEqual([
    { accountId: ACCOUNT, message },
    { accountId: SECOND, message },
  ]);
});

test.each([
  [0, 1],
  [1, 2],
  [9, 10],
])('retries a destination that refuses as often as any request: %i', async (retries, sent) => {
  const world = new World([]);
  world.on = () => refused('destination-refused');
  await applied(world, [file(ACCOUNT, 'A')], { retries });
  expect(world.calls.filter((call) => call.startsWith('POST'))).toHaveLength(sent);
});

test.each([1, 2, 5])('over all accounts, %i at a time', async (parallelism) => {
  const world = new World([]);
  let [now, most] = [0, 0];
  const create = world.createWebhook.bind(world);
  world.createWebhook = async (...args) => {
    now += 1;
    most = Math.max(most, now);
    await new Promise(setImmediate);
    now -= 1;
    return create(...args);
  };
  await applied(world, [file(ACCOUNT, 'A', 'B', 'C'), file(SECOND, 'A', 'B', 'C')], { parallelism });
  expect(most).toBe(parallelism);
});

test('reports and counts what was already live', async () => {
  const already: Outcome = {
    accountId: ACCOUNT,
    kind: 'create',
    resource: 'webhook',
    name: 'Live',
    status: 'applied',
    wrote: false,
  };
  const { events, outcomes } = await applied(new World([]), [file(ACCOUNT, 'A')], { ended: [already] });
  expect(outcomes.map(({ name }) => name)).toEqual(['Live', 'A']);
  expect(events.slice(0, 2)).toEqual([
    { type: 'apply-started', total: 2 },
    { type: 'action-ended', outcome: already },
  ]);
  expect(events.at(-1)).toMatchObject({ type: 'apply-ended', applied: 2 });
});

test('an apply that starts nothing has the same events, also without outcomes', () => {
  const { session, events } = scripted({});
  expect(applyNothing([], session.emit)).toStrictEqual({ outcomes: [], discrepancies: [] });
  const ended = { applied: 0, failed: 0, skipped: 0, unknown: 0, discrepancies: 0 };
  expect(events).toEqual([
    { type: 'apply-started', total: 0 },
    { type: 'apply-ended', ...ended },
  ]);
});
