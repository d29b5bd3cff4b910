import { describe, expect, test } from '@jest/globals';
import { createReplacement, retireAndRename } from '../../src/apply/replace.js';
import type { ErrorCode } from '../../src/core/errors.js';
import type { Live } from '../../src/core/live.js';
import { replacementName, shortReplacementName } from '../../src/core/leftovers.js';
import type { Replace } from '../../src/core/plan.js';
import type { WriteAnswer, WriteOptions } from '../../src/core/ports.js';
import { Secret } from '../../src/core/secret.js';
import { old, on, replaceOf } from '../support/apply/replacing.js';
import { inTurn, refused, scripted } from '../support/apply/scripted.js';
import { World } from '../support/apply/world.js';
import { account, desired, envSecret, id, live, URL_1, URL_2 } from '../support/core/builders.js';

const [LONG, SHORT] = [replacementName('Ops', id(1)), shortReplacementName('Ops', id(1))];

describe('the new webhook', () => {
  test('is created with the replacement name', async () => {
    const world = new World([old]);
    expect(await createReplacement(on(world).session, replaceOf())).toEqual({
      ok: true,
      value: { id: id(11), isOwn: true, name: LONG },
    });
    expect(world.webhooks.at(-1)).toMatchObject({ name: LONG, url: URL_2 });
  });

  test('is created with the short name if the API refuses the long one', async () => {
    const world = new World([old]);
    world.on = (call) => (call === `POST ${LONG}` ? refused('api-refused') : undefined);
    expect(await createReplacement(on(world).session, replaceOf())).toEqual({
      ok: true,
      value: { id: id(11), isOwn: true, name: SHORT },
    });
    world.on = () => refused('api-refused');
    expect(await createReplacement(on(world).session, replaceOf())).toMatchObject({
      ok: false,
      error: { code: 'api-refused' },
    });
  });

  test.each<readonly [ErrorCode, boolean]>([
    ['access-denied', false],
    ['api-refused', true],
  ])('is not tried with the short name: %s, stopped %s', async (code, stopped) => {
    const world = new World([old]);
    world.on = () => refused(code);
    const { session, stop } = on(world);
    if (stopped) stop.abort();
    expect(await createReplacement(session, replaceOf())).toMatchObject({ ok: false, error: { code } });
    expect(world.calls).toEqual([`POST ${LONG}`]);
  });

  test('its POST can be abandoned while it waits to be sent', async () => {
    const createWebhook = inTurn<WriteAnswer<never>>(refused('access-denied'));
    const { session } = scripted({ createWebhook });
    await createReplacement(session, replaceOf());
    const options = createWebhook.asked[0]?.at(-1) as WriteOptions;
    expect(options.abandon).toBe(session.stop);
  });
});

describe('the end of a replacement', () => {
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
    return {
      status,
      now,
      note,
      wrote,
      why: why?.code,
      calls: world.calls,
      names: world.names,
      steps,
      url: world.webhooks[0]?.url,
    };
  }

  test('deletes the old webhook, and renames the new one', async () => {
    expect(await ended(replaceOf(), fresh, [old, fresh])).toEqual({
      status: 'applied',
      now: id(11),
      wrote: true,
      calls: ['DELETE #1', 'PUT #11 Ops'],
      names: ['#11 Ops'],
      steps: ['deleted the old webhook'],
      url: URL_2,
    });
  });

  test('a PUT only for the name keeps the URL as Cloudflare has it', async () => {
    const action = replaceOf({}, [old], desired('Ops', 'https://RELAY.example.com:443/two'));
    expect(await ended(action, fresh, [old, fresh])).toMatchObject({ names: ['#11 Ops'], url: URL_2 });
  });

  test('stops if an old webhook cannot be deleted: the new one keeps the replacement name', async () => {
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

  test('a failed rename is a failure after a write', async () => {
    const result = await ended(replaceOf(), fresh, [old, fresh], (world) => {
      world.on = (call) => (call.startsWith('PUT') ? refused('api-refused') : undefined);
    });
    expect(result).toMatchObject({ status: 'failed', now: id(11), wrote: true, why: 'api-refused' });
  });

  test('does not write to a survivor that has the name and URL already', async () => {
    const finish = replaceOf({}, [old, fresh], desired('Ops', URL_1));
    expect(await ended(finish, old, [old, fresh])).toMatchObject({
      status: 'applied',
      calls: ['DELETE #11'],
    });
  });

  test('a survivor without the URL gets it in place', async () => {
    const strategy = { url: 'in-place', secret: 'replace' } as const;
    const finish = replaceOf({ strategy }, [old, live(11, LONG, `${URL_1}/3`)]);
    const result = await ended(finish, old, [old, live(11, LONG, `${URL_1}/3`)]);
    expect(result).toMatchObject({ status: 'applied', calls: ['DELETE #11', 'PUT #1 Ops'], url: URL_2 });
    expect(result.note).toBeUndefined();
  });

  test('a survivor without the secret gets it in place, which cannot be verified', async () => {
    const rotated = (version: number) => desired('Ops', URL_1, { secret: envSecret(version) });
    const strategy = { url: 'replace', secret: 'in-place' } as const;
    const finish = replaceOf({ strategy }, [old, fresh], rotated(2), account([rotated(1)]));
    expect(finish.because).toEqual(['taken-back', 'secret-rotated']);
    const result = await ended(finish, old, [old, fresh]);
    expect(result.calls).toEqual(['DELETE #11', 'PUT #1 Ops with hunter2']);
    expect(result.note).toContain('cannot be verified');
  });

  test('a webhook that was created for a rotation has the secret and only needs the name', async () => {
    const rotated = (version: number) => desired('Ops', URL_1, { secret: envSecret(version) });
    const action = replaceOf({}, [old], rotated(2), account([rotated(1)]));
    const result = await ended(action, live(11, LONG), [old, live(11, LONG)]);
    expect(result.calls).toEqual(['DELETE #1', 'PUT #11 Ops with hunter2']);
    expect(result.note).toBeUndefined();
  });
});
