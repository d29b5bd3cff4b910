import { describe, expect, test } from '@jest/globals';
import { switchPolicy } from '../../src/apply/switch-policies.js';
import { bareId, type PolicyId } from '../../src/core/ids.js';
import type { Policy } from '../../src/core/live.js';
import type { WriteAnswer } from '../../src/core/ports.js';
import { CUT, DONE, inTurn, refused, scripted, UNKNOWN, type Scripted } from '../support/apply/scripted.js';
import { id, policy } from '../support/core/builders.js';

const [OLD, NEW] = [id(1), id(2)];
const POLICY = id(1001) as string as PolicyId;

/** Returns the policy with these webhooks. */
function using(...webhooks: readonly number[]): Policy {
  const raw = { id: POLICY, name: 'Edge', mechanisms: { webhooks: webhooks.map((n) => ({ id: id(n) })) } };
  return policy(1, webhooks, { name: 'Edge', raw });
}
const BEFORE = using(1);
const AFTER = using(2);
/** One read, then 4 more until the settle time has passed. */
const FIRST_ROUND = Array<Policy>(5).fill(BEFORE);

/** Returns the result, and how often the policy was written and read. */
async function play(
  answers: readonly WriteAnswer<void>[],
  reads: readonly (Policy | undefined | Error)[],
  prepare: (scene: Scripted) => void = () => undefined,
) {
  const updatePolicy = inTurn(...answers);
  const getPolicy = inTurn<Policy | undefined>(...reads);
  const scene = scripted({ updatePolicy, getPolicy });
  prepare(scene);
  const step = await switchPolicy(scene.session, POLICY, {
    swaps: new Map([[bareId(OLD), NEW]]),
    remove: new Set(),
    add: [],
  });
  const result = step.ok ? { ok: true, value: { moved: step.value.wrote } } : step;
  return { step: result, sent: updatePolicy.asked.length, read: getPolicy.asked.length };
}

const killOnSleep = ({ clock, kill }: Scripted): void => {
  const sleep = clock.sleep.bind(clock);
  clock.sleep = (milliseconds, signal) => {
    kill.abort();
    return sleep(milliseconds, signal);
  };
};
const moved = (by: boolean) => ({ ok: true, value: { moved: by } });

describe('a policy that does not have to be switched', () => {
  test.each([
    ['no longer exists', undefined],
    ['was already switched', AFTER],
  ])('that %s is not written', async (_, found) => {
    expect(await play([DONE], [found])).toEqual({ step: moved(false), sent: 0, read: 1 });
  });

  test('that cannot be read has failed, and nothing was written', async () => {
    const { step, sent } = await play([DONE], [CUT]);
    expect(step).toMatchObject({ ok: false, status: 'failed', error: { code: 'network' }, wrote: false });
    expect(sent).toBe(0);
  });
});

describe('after success', () => {
  test('reads it back until the change is visible, and does not send again', async () => {
    const { step, sent, read } = await play([DONE], [BEFORE, BEFORE, BEFORE, AFTER]);
    expect({ step, sent, read }).toEqual({ step: moved(true), sent: 1, read: 4 });
  });

  test('counts a policy that no longer exists as switched', async () => {
    expect(await play([DONE], [BEFORE, undefined])).toEqual({ step: moved(true), sent: 1, read: 2 });
  });

  test('fails if nothing was switched: the old webhook is still used', async () => {
    const { step, sent } = await play([DONE], [BEFORE]);
    expect(step).toEqual({
      ok: false,
      status: 'failed',
      error: {
        code: 'not-moved',
        message: 'Cloudflare reported success, but policy "Edge" still uses the old webhook.',
      },
      wrote: true,
    });
    expect(sent).toBe(1);
  });

  test('fails if more was changed, and says what', async () => {
    const odd = { ...AFTER, raw: { ...AFTER.raw, enabled: false, alert_type: 'x' } };
    const { step } = await play([DONE], [BEFORE, odd]);
    expect(step).toEqual({
      ok: false,
      status: 'failed',
      error: {
        code: 'policy-changed',
        message: 'Policy "Edge" differs from what was sent (alert_type, enabled). Check it in the dashboard.',
      },
      wrote: true,
    });
  });

  test('is unknown if it cannot be read back', async () => {
    const { step } = await play([DONE], [BEFORE, CUT]);
    expect(step).toMatchObject({ ok: false, status: 'unknown', error: { code: 'network' }, wrote: true });
  });
});

describe('without a response', () => {
  test('is done if it was switched', async () => {
    expect(await play([UNKNOWN], [BEFORE, AFTER])).toEqual({ step: moved(true), sent: 1, read: 2 });
  });

  test('is sent once more if it was not switched', async () => {
    const reads = [...FIRST_ROUND, BEFORE, BEFORE, AFTER];
    expect(await play([UNKNOWN, DONE], reads)).toEqual({ step: moved(true), sent: 2, read: 8 });
  });

  test('fails if it was not switched twice', async () => {
    const { step, sent } = await play([UNKNOWN], [BEFORE]);
    expect(step).toMatchObject({ ok: false, status: 'failed', error: { code: 'network' }, wrote: true });
    expect(sent).toBe(2);
  });

  test('counts as written by this run if the next read shows the switch', async () => {
    const reads = [...FIRST_ROUND, AFTER];
    expect(await play([UNKNOWN], reads)).toEqual({ step: moved(true), sent: 1, read: 6 });
  });

  test('may have been written if it is then refused', async () => {
    const { step, sent } = await play([UNKNOWN, refused('api-refused')], [BEFORE]);
    expect(step).toMatchObject({ ok: false, status: 'failed', error: { code: 'api-refused' }, wrote: true });
    expect(sent).toBe(2);
  });

  test('fails and may have been written if it then cannot be read', async () => {
    const { step, sent } = await play([UNKNOWN], [...FIRST_ROUND, CUT]);
    expect(step).toMatchObject({ ok: false, status: 'failed', error: { code: 'network' }, wrote: true });
    expect(sent).toBe(1);
  });
});

describe('after a refusal', () => {
  test('fails, and nothing was written', async () => {
    const { step, read } = await play([refused('api-refused')], [BEFORE, undefined]);
    expect(step).toMatchObject({ ok: false, status: 'failed', error: { code: 'api-refused' }, wrote: false });
    expect(read).toBe(1);
  });

  test('with not-found, a policy that no longer exists does not have to be switched', async () => {
    expect((await play([refused('not-found')], [BEFORE, undefined])).step).toEqual(moved(false));
  });

  test('with not-found, a policy that still exists is a refusal', async () => {
    const { step } = await play([refused('not-found')], [BEFORE, BEFORE]);
    expect(step).toMatchObject({ ok: false, status: 'failed', error: { code: 'not-found' }, wrote: false });
  });
});

describe('at the second signal', () => {
  test('during the request, is unknown and not read back', async () => {
    const { step, read } = await play([UNKNOWN], [BEFORE, AFTER], ({ kill }) => kill.abort());
    expect(step).toMatchObject({ ok: false, status: 'unknown', error: { code: 'network' }, wrote: true });
    expect(read).toBe(1);
  });

  test('after success, is also unknown: the result was not seen', async () => {
    const { step } = await play([DONE], [BEFORE, AFTER], ({ kill }) => kill.abort());
    expect(step).toEqual({
      ok: false,
      status: 'unknown',
      error: { code: 'interrupted', message: 'Interrupted before the policy could be read back.' },
      wrote: true,
    });
  });

  test('during the search, is unknown and not sent again', async () => {
    const { step, sent } = await play([UNKNOWN], [BEFORE], killOnSleep);
    expect(step).toMatchObject({ ok: false, status: 'unknown', error: { code: 'interrupted' }, wrote: true });
    expect(sent).toBe(1);
  });
});

test('throws a bug', async () => {
  await expect(play([DONE], [new TypeError('a bug')])).rejects.toThrow('a bug');
});
