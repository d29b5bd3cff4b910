import { describe, expect, test } from '@jest/globals';
import { Progress } from '../../src/apply/progress.js';
import { tryInPlace } from '../../src/apply/replace.js';
import type { ErrorCode } from '../../src/core/errors.js';
import type { WriteAnswer } from '../../src/core/ports.js';
import { AUTO, old, on, replaceOf } from '../support/apply/replacing.js';
import { inTurn, refused, scripted, UNKNOWN, type Scripted } from '../support/apply/scripted.js';
import { error, World } from '../support/apply/world.js';
import { ACCOUNT } from '../support/core/builders.js';

describe('the PUT that is tried first', () => {
  async function tried(prepare: (world: World, scene: Scripted) => void = () => undefined) {
    const world = new World([old]);
    const scene = on(world);
    prepare(world, scene);
    const action = replaceOf(AUTO);
    const step = await tryInPlace(scene.session, scene.progress, action);
    return { step, wrote: scene.progress.wrote(action), calls: world.calls };
  }

  test('is enough where it moved the url', async () => {
    expect(await tried()).toEqual({
      step: { ok: true, value: undefined },
      wrote: true,
      calls: ['PUT #1 Ops', 'GET #1'],
    });
  });

  test('is not where it was answered with success and moved nothing', async () => {
    const stubborn = await tried((world) => {
      world.on = (call) =>
        call.startsWith('PUT') ? { status: 'done', value: undefined as never } : undefined;
    });
    expect(stubborn).toMatchObject({ step: undefined, wrote: true });
  });

  test('is not where the webhook is gone after it', async () => {
    const gone = await tried((world) => {
      world.on = (call) => {
        if (call.startsWith('GET')) world.webhooks = [];
        return undefined;
      };
    });
    expect(gone.step).toBeUndefined();
  });

  test.each<readonly [ErrorCode, boolean]>([
    ['api-refused', false],
    ['destination-refused', false],
    ['access-denied', true],
    ['not-found', true],
    ['wrong-address', true],
    ['interrupted', true],
  ])('that is refused with %s is the end: %s', async (code, ends) => {
    const { step, wrote } = await tried((world) => {
      world.on = () => refused(code);
    });
    if (ends) expect(step).toMatchObject({ ok: false, error: { code } });
    else expect(step).toBeUndefined();
    expect(wrote).toBe(false);
  });

  test('that was without an answer before it was refused for a signal is the end too', async () => {
    let sent = 0;
    const { step } = await tried((world) => {
      world.on = (call) =>
        call.startsWith('PUT') ? ((sent += 1) === 1 ? UNKNOWN : refused('interrupted')) : undefined;
    });
    expect(step).toMatchObject({ ok: false, status: 'failed', wrote: true, error: { code: 'interrupted' } });
  });

  test('whose result cannot be known is unknown, and nothing is replaced', async () => {
    const unread = await tried((world) => {
      world.on = (call) => (call.startsWith('GET') ? error('network') : undefined);
    });
    expect(unread).toMatchObject({ step: { ok: false, status: 'unknown', wrote: true }, wrote: true });
    const cut = await tried((world, { kill }) => {
      world.on = () => UNKNOWN;
      kill.abort();
    });
    expect(cut).toMatchObject({ step: { ok: false, status: 'unknown' }, wrote: true });
  });

  test('may be abandoned while it waits to be sent', async () => {
    const updateWebhook = inTurn<WriteAnswer<void>>(refused('interrupted'));
    const { session } = scripted({ updateWebhook });
    await tryInPlace(session, new Progress(ACCOUNT, session.emit), replaceOf(AUTO));
    expect(updateWebhook.asked[0]?.at(-1)).toEqual({ abandon: session.stop });
  });
});
