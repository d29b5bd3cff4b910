import { describe, expect, test } from '@jest/globals';
import { Progress } from '../../src/apply/progress.js';
import { createMarked, retireAndRename, tryInPlace } from '../../src/apply/replace.js';
import type { DesiredAccount } from '../../src/core/desired.js';
import type { ErrorCode } from '../../src/core/errors.js';
import type { Live } from '../../src/core/live.js';
import { markedName, shortMarkedName } from '../../src/core/marker.js';
import type { Replace } from '../../src/core/plan.js';
import type { WriteAnswer, WriteOptions } from '../../src/core/ports.js';
import { Secret } from '../../src/core/secret.js';
import { inTurn, refused, scripted, UNKNOWN, type Scripted } from '../support/apply/scripted.js';
import { error, World } from '../support/apply/world.js';
import { account, ACCOUNT, desired, envSecret, id, live, URL_1, URL_2 } from '../support/core/builders.js';
import { planOf } from '../support/core/planning.js';

const [LONG, SHORT] = [markedName('Ops'), shortMarkedName('Ops')];
const old = live(1, 'Ops');

function replaceOf(
  more: Partial<DesiredAccount> = {},
  found: readonly Live[] = [old],
  entry = desired('Ops', URL_2),
  previous?: DesiredAccount,
): Replace {
  const { actions } = planOf(account([entry], more), found, previous ? { previous } : {});
  const [action] = actions;
  if (action?.kind !== 'replace') throw new Error('no replace');
  return action;
}
const AUTO: Partial<DesiredAccount> = { strategy: { url: 'auto', secret: 'replace' } };

function on(world: World, more: Partial<Scripted['session']> = {}) {
  const scene = scripted({}, { reader: world, writer: world, settleMs: 0, ...more });
  return { ...scene, progress: new Progress(ACCOUNT, scene.session.tell) };
}

describe('the new webhook', () => {
  test('is created under the marked name', async () => {
    const world = new World([old]);
    expect(await createMarked(on(world).session, replaceOf())).toEqual({
      ok: true,
      value: { id: id(11), name: LONG },
    });
    expect(world.webhooks.at(-1)).toMatchObject({ name: LONG, url: URL_2 });
  });

  test('is created under the short one where the API refuses the long one', async () => {
    const world = new World([old]);
    world.on = (call) => (call === `POST ${LONG}` ? refused('api-refused') : undefined);
    expect(await createMarked(on(world).session, replaceOf())).toEqual({
      ok: true,
      value: { id: id(11), name: SHORT },
    });
    world.on = () => refused('api-refused');
    expect(await createMarked(on(world).session, replaceOf())).toMatchObject({
      ok: false,
      error: { code: 'api-refused' },
    });
  });

  test.each<readonly [ErrorCode, boolean]>([
    ['access-denied', false],
    ['api-refused', true],
  ])('is not tried under the short one: %s, stopped %s', async (code, stopped) => {
    const world = new World([old]);
    world.on = () => refused(code);
    const { session, stop } = on(world);
    if (stopped) stop.abort();
    expect(await createMarked(session, replaceOf())).toMatchObject({ ok: false, error: { code } });
    expect(world.calls).toEqual([`POST ${LONG}`]);
  });

  test.each<readonly ['replace' | 'auto', boolean]>([
    ['replace', true],
    ['auto', false],
  ])('by method %s: its POST may be abandoned %s', async (method, abandons) => {
    const createWebhook = inTurn<WriteAnswer<never>>(refused('access-denied'));
    const { session } = scripted({ createWebhook });
    await createMarked(session, replaceOf(method === 'auto' ? AUTO : {}));
    const options = createWebhook.asked[0]?.at(-1) as WriteOptions;
    expect(options.abandon).toBe(abandons ? session.stop : undefined);
  });
});

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
    await tryInPlace(session, new Progress(ACCOUNT, session.tell), replaceOf(AUTO));
    expect(updateWebhook.asked[0]?.at(-1)).toEqual({ abandon: session.stop });
  });
});

describe('the end of a replace', () => {
  const fresh = live(11, LONG, URL_2);

  async function ended(
    action: Replace,
    survivor: Live,
    found: readonly Live[],
    prepare: (world: World) => void = () => undefined,
  ) {
    const world = new World(found);
    prepare(world);
    const secret = new Secret('hunter2');
    const { session, progress, events } = on(world, {
      credentialsOf: ({ url, secret: declared }) => ({
        url: url.kind === 'literal' ? url.url : '',
        ...(declared && { secret }),
      }),
    });
    await retireAndRename(session, progress, { action, survivor });
    const { status, id: now, note, wrote, error: why } = progress.of(action) ?? {};
    const steps = events.flatMap((event) => (event.type === 'action-step' ? [event.step] : []));
    return { status, now, note, wrote, why: why?.code, calls: world.calls, names: world.names, steps };
  }

  test('the old one goes, the new one gets its name', async () => {
    expect(await ended(replaceOf(), fresh, [old, fresh])).toEqual({
      status: 'applied',
      now: id(11),
      wrote: true,
      calls: ['DELETE #1', 'PUT #11 Ops'],
      names: ['#11 Ops'],
      steps: ['deleted the old one'],
    });
  });

  test('an old one that cannot be deleted ends it: the new one keeps its marked name', async () => {
    const result = await ended(replaceOf(), fresh, [old, fresh], (world) => {
      world.on = (call) => (call.startsWith('DELETE') ? refused('api-refused') : undefined);
    });
    expect(result).toMatchObject({
      status: 'failed',
      now: id(11),
      wrote: false,
      calls: ['DELETE #1'],
      steps: [],
    });
  });

  test('a name that is not given is a failure after a write', async () => {
    const result = await ended(replaceOf(), fresh, [old, fresh], (world) => {
      world.on = (call) => (call.startsWith('PUT') ? refused('api-refused') : undefined);
    });
    expect(result).toMatchObject({ status: 'failed', now: id(11), wrote: true, why: 'api-refused' });
  });

  test('a survivor that has name and url already is not written to', async () => {
    const finish = replaceOf({}, [old, fresh], desired('Ops', URL_1));
    expect(await ended(finish, old, [old, fresh])).toMatchObject({
      status: 'applied',
      calls: ['DELETE #11'],
    });
  });

  test('a survivor that lacks the url gets it in place', async () => {
    const strategy = { url: 'in-place', secret: 'replace' } as const;
    const finish = replaceOf({ strategy }, [old, live(11, LONG, `${URL_1}/3`)]);
    const result = await ended(finish, old, [old, live(11, LONG, `${URL_1}/3`)]);
    expect(result).toMatchObject({ status: 'applied', calls: ['DELETE #11', 'PUT #1 Ops'] });
    expect(result.note).toBeUndefined();
  });

  test('a survivor that lacks the secret gets it in place, which cannot be seen', async () => {
    const rotated = (version: number) => desired('Ops', URL_1, { secret: envSecret(version) });
    const strategy = { url: 'replace', secret: 'in-place' } as const;
    const finish = replaceOf({ strategy }, [old, fresh], rotated(2), account([rotated(1)]));
    expect(finish.because).toEqual(['finish-replace', 'secret-rotated']);
    const result = await ended(finish, old, [old, fresh]);
    expect(result.calls).toEqual(['DELETE #11', 'PUT #1 Ops with hunter2']);
    expect(result.note).toContain('cannot be verified');
  });

  test('one that was created for a rotation has the secret: only the name is missing', async () => {
    const rotated = (version: number) => desired('Ops', URL_1, { secret: envSecret(version) });
    const action = replaceOf({}, [old], rotated(2), account([rotated(1)]));
    const result = await ended(action, live(11, LONG), [old, live(11, LONG)]);
    expect(result.calls).toEqual(['DELETE #1', 'PUT #11 Ops with hunter2']);
    expect(result.note).toBeUndefined();
  });
});
