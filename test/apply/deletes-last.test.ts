import pLimit from 'p-limit';
import { describe, expect, test } from '@jest/globals';
import { runDeletes } from '../../src/apply/apply.js';
import { Progress } from '../../src/apply/progress.js';
import type { Session } from '../../src/apply/session.js';
import type { DiffOptions } from '../../src/core/diff.js';
import type { Policy } from '../../src/core/live.js';
import type { WriteOptions } from '../../src/core/ports.js';
import { refused, scripted, type Scripted } from '../support/apply/scripted.js';
import { error, using, World } from '../support/apply/world.js';
import { account, ACCOUNT, dashedId, desired, id, live, policy, URL_2 } from '../support/core/builders.js';
import { planOf, setOf } from '../support/core/planning.js';

/** Deletes "One" (#1) and "Two" (#2) of a plan that also has a create. */
async function deleting(
  world: World,
  {
    clear = true,
    options = {},
    more = {},
    policies = [],
  }: {
    readonly clear?: boolean;
    readonly options?: Partial<DiffOptions>;
    readonly more?: Partial<Session>;
    readonly policies?: readonly Policy[];
  } = {},
  prepare: (scene: Scripted) => void = () => undefined,
) {
  const plan = planOf(
    account([desired('New', URL_2)], { unlisted: 'keep', absent: ['One', 'Two'] }),
    world.webhooks,
    options,
    policies,
  );
  const scene = scripted({}, { reader: world, writer: world, ...more });
  prepare(scene);
  const progress = new Progress(ACCOUNT, scene.session.emit);
  await runDeletes(scene.session, progress, plan, { clear });
  const outcomes = progress.outcomes(plan.actions);
  return {
    ended: outcomes.map(({ name, status, error: why, wrote }) =>
      [name, status, why?.code, wrote ? 'wrote' : ''].filter(Boolean).join(' '),
    ),
    messages: outcomes.map(({ error: why }) => why?.message),
    started: scene.events.filter(({ type }) => type === 'action-started').length,
    calls: world.calls,
  };
}
const both = (...policies: readonly Policy[]): World => new World([live(1, 'One'), live(2, 'Two')], policies);

test('deletes webhooks that no policy uses', async () => {
  expect(await deleting(both(using(1, 9)))).toMatchObject({
    ended: ['One applied wrote', 'Two applied wrote'],
    started: 2,
    calls: ['LIST policies', 'DELETE #1', 'DELETE #2'],
  });
});

test('sends nothing if there is nothing to delete', async () => {
  expect(await deleting(new World([]))).toMatchObject({ ended: [], calls: [] });
});

test('keeps a webhook that a policy has started to use, whatever the form of its ID', async () => {
  const dashed = policy(1, [], { webhookIds: [id(9), dashedId(1)] });
  expect(await deleting(both(dashed))).toMatchObject({
    ended: ['One failed in-use', 'Two applied wrote'],
    messages: ['Policy "Policy 1" now uses it; deleting it would stop those alerts.', undefined],
    calls: ['LIST policies', 'DELETE #2'],
  });
});

test('--allow-detach deletes it anyway; --allow-delete does not', async () => {
  const policies = [using(1, 1)];
  const given = (options: Partial<DiffOptions>) => deleting(both(...policies), { options, policies });
  expect((await given({ allowDetach: setOf('One') })).ended).toEqual([
    'One applied wrote',
    'Two applied wrote',
  ]);
  expect((await given({ allowDetach: setOf(`id:${id(1)}`) })).ended[0]).toBe('One applied wrote');
  expect((await given({ allowDelete: setOf('One') })).ended[0]).toBe('One failed in-use');
  expect((await given({ allowDetach: setOf('Two') })).ended[0]).toBe('One failed in-use');
});

test('--allow-detach for one webhook does not allow another with the same name', async () => {
  const world = new World([live(1, 'One'), live(2, 'One')], [using(1, 1)]);
  const plan = planOf(
    account([], { unlisted: 'keep', absent: ['One'] }),
    world.webhooks,
    { allowDetach: setOf(`id:${id(1)}`) },
    world.policies,
  );
  world.policies = [using(1, 1), using(2, 2)];
  const { session } = scripted({}, { reader: world, writer: world });
  const progress = new Progress(ACCOUNT, session.emit);
  await runDeletes(session, progress, plan, { clear: true });
  expect(progress.outcomes(plan.actions).map(({ status, error: why }) => why?.code ?? status)).toEqual([
    'applied',
    'in-use',
  ]);
});

test('deletes nothing and sends nothing if another action did not succeed', async () => {
  const message = 'Not deleted, because another change in this account did not succeed.';
  expect(await deleting(both(), { clear: false })).toEqual({
    ended: ['One skipped skipped', 'Two skipped skipped'],
    messages: [message, message],
    started: 0,
    calls: [],
  });
});

test('deletes nothing if the policies cannot be read', async () => {
  const world = both();
  world.on = () => error('network');
  expect(await deleting(world)).toMatchObject({
    ended: ['One failed network', 'Two failed network'],
    calls: ['LIST policies'],
  });
});

test('a refused deletion does not stop the others', async () => {
  const world = both();
  world.on = (call) => (call === 'DELETE #1' ? refused('api-refused') : undefined);
  expect((await deleting(world)).ended).toEqual(['One failed api-refused', 'Two applied wrote']);
});

describe('after a signal', () => {
  test('starts and sends nothing', async () => {
    const interrupted = 'Interrupted before it started.';
    for (const clear of [true, false]) {
      expect(await deleting(both(), { clear }, ({ stop }) => stop.abort())).toEqual({
        ended: ['One skipped interrupted', 'Two skipped interrupted'],
        messages: [interrupted, interrupted],
        started: 0,
        calls: [],
      });
    }
  });

  test('during the first deletion, does not start the second', async () => {
    const world = both();
    const limit = pLimit(1);
    const more: Partial<Session> = { limit: (task) => limit(task) };
    const result = await deleting(world, { more }, ({ stop }) => {
      world.on = (call) => {
        if (call === 'DELETE #1') stop.abort();
        return undefined;
      };
    });
    expect(result).toMatchObject({
      ended: ['One applied wrote', 'Two skipped interrupted'],
      started: 1,
      calls: ['LIST policies', 'DELETE #1'],
    });
  });

  test('a DELETE that waits to be sent can be abandoned', async () => {
    const world = both();
    const given: unknown[] = [];
    world.deleteWebhook = (_account, _id, how?: WriteOptions) => {
      given.push(how);
      return Promise.resolve(refused('interrupted'));
    };
    let stop: AbortSignal | undefined;
    const { ended } = await deleting(world, {}, ({ session }) => (stop = session.stop));
    expect(ended).toEqual(['One skipped interrupted', 'Two skipped interrupted']);
    expect(given).toEqual([{ abandon: stop }, { abandon: stop }]);
  });
});
