import { describe, expect, test } from '@jest/globals';
import type { Live } from '../../src/core/live.js';
import { replacementName, shortReplacementName } from '../../src/core/leftovers.js';
import type { Action } from '../../src/core/plan.js';
import { given, run } from '../support/apply/changing.js';
import { inTurn, refused } from '../support/apply/scripted.js';
import { error } from '../support/apply/world.js';
import { account, desired, id, live, URL_2, URL_3 } from '../support/core/builders.js';

const MARKED = replacementName('Ops', id(1));
const OPS = desired('Ops', URL_2);

test('starts nothing after a signal', async () => {
  const scene = given(account([OPS, desired('New', URL_3)]), [live(1, 'Ops')]);
  scene.stop.abort();
  await run(scene);
  expect(scene.world.calls).toEqual([]);
  expect(scene.progress.outcomes(scene.actions)).toMatchObject([
    { status: 'skipped', error: { code: 'interrupted', message: 'Interrupted before it started.' } },
    { status: 'skipped', error: { code: 'interrupted' } },
  ]);
  expect(scene.events.map(({ type }) => type)).toEqual(['action-ended', 'action-ended']);
});

describe('resolving duplicates', () => {
  test('sends nothing if nothing was created, or after the second signal', async () => {
    const nothing = given(account([OPS]), [live(1, 'Ops'), live(5, MARKED, URL_2)]);
    await run(nothing);
    expect(await nothing.changes.resolve({ isFirst: true, isLast: false })).toBeUndefined();
    expect(nothing.world.calls).toEqual([]);
    const killed = await run(given(account([OPS]), []));
    killed.kill.abort();
    expect(await killed.changes.resolve({ isFirst: true, isLast: false })).toBeUndefined();
    expect(killed.world.calls).toEqual(['POST Ops']);
  });

  test.each([
    ['Ops', [] as Live[]],
    [MARKED, []],
    [shortReplacementName('Ops', id(1)), [live(1, 'Ops')]],
    [MARKED, [live(1, 'Ops')]],
    [replacementName('Earlier name', id(1)), [live(1, 'Ops')]],
  ])('finds a duplicate named %s', async (name, found) => {
    const scene = await run(given(account([OPS]), found));
    scene.world.webhooks = [...scene.world.webhooks, live(9, name, URL_2)];
    const settled = await scene.changes.resolve({ isFirst: true, isLast: false });
    expect(settled?.kept.get(id(11))?.id).toBe(id(9));
    expect(scene.world.names).not.toContain('#11 Ops');
    if (found.length === 0) expect(scene.progress.of(scene.actions[0] as Action)?.id).toBe(id(9));
    else expect(scene.changes.started(settled)).toMatchObject([{ survivor: { id: id(9) } }]);
  });

  test('is done again at the last look, without what has failed', async () => {
    const scene = await run(given(account([OPS, desired('New', URL_3)]), []));
    scene.world.on = (call) => (call === 'DELETE #12' ? refused('api-refused') : undefined);
    scene.world.webhooks = [...scene.world.webhooks, live(9, 'Ops', URL_2), live(19, 'New', URL_3)];
    await scene.changes.resolve({ isFirst: true, isLast: false });
    expect(scene.ended()).toEqual(['New applied', 'Ops failed api-refused']);
    expect([scene.changes.idOf('Ops'), scene.changes.idOf('New')]).toEqual([undefined, id(11)]);
    const before = scene.world.calls.length;
    await scene.changes.resolve({ isFirst: false, isLast: true });
    expect(scene.world.calls.slice(before)).toEqual(['LIST']);
    expect(scene.ended()).toEqual(['New failed concurrent-apply', 'Ops failed api-refused']);
    expect(scene.changes.idOf('New')).toBeUndefined();
  });

  test("another run's webhook is the entry's from then on", async () => {
    const scene = await run(given(account([OPS]), []));
    scene.world.webhooks = [...scene.world.webhooks, live(9, 'Ops', URL_2)];
    await scene.changes.resolve({ isFirst: true, isLast: false });
    expect(scene.changes.idOf('Ops')).toBe(id(9));
    expect(scene.progress.of(scene.actions[0] as Action)).toMatchObject({ id: id(9), already: true });
  });

  test('a duplicate that cannot be deleted fails the action', async () => {
    const scene = await run(given(account([OPS]), []));
    scene.world.webhooks = [...scene.world.webhooks, live(9, 'Ops', URL_2)];
    scene.world.on = (call) => (call.startsWith('DELETE') ? refused('api-refused') : undefined);
    await scene.changes.resolve({ isFirst: true, isLast: false });
    expect(scene.ended()).toEqual(['Ops failed api-refused']);
  });

  test('without the list no replacement continues; creates are left for the verification', async () => {
    const scene = given(account([OPS, desired('New', URL_3)]), [live(1, 'Ops')]);
    scene.world.on = (call) => (call === 'LIST' ? error('network') : undefined);
    await run(scene);
    expect(await scene.changes.resolve({ isFirst: true, isLast: false })).toBeUndefined();
    expect(scene.ended()).toEqual(['New applied', 'Ops failed network']);
    expect(scene.changes.started(undefined)).toEqual([]);
    expect(scene.progress.of(scene.actions[1] as Action)).toMatchObject({ id: id(12), wrote: true });
  });
});

test('without the list, a replacement whose new webhook existed before continues', async () => {
  const file = account([OPS, desired('Pager', URL_2)]);
  const scene = given(file, [live(1, 'Ops'), live(5, MARKED, URL_2), live(2, 'Pager', URL_3)]);
  scene.world.on = (call) => (call === 'LIST' ? error('network') : undefined);
  await run(scene);
  const standing = scene.changes.started(await scene.changes.resolve({ isFirst: true, isLast: false }));
  expect(standing).toMatchObject([{ action: { name: 'Ops' }, survivor: { id: id(5) } }]);
  expect(scene.ended()).toEqual(['Pager failed network']);
});

describe('replacements that continue', () => {
  test('one whose new webhook is in the list', async () => {
    const scene = await run(given(account([OPS]), [live(1, 'Ops')]));
    const settled = await scene.changes.resolve({ isFirst: true, isLast: false });
    expect(scene.changes.started(settled)).toEqual([
      { action: scene.actions[0], survivor: scene.world.webhooks[1], created: true },
    ]);
  });

  test('not one whose new webhook is not in the list: the old webhook stays', async () => {
    const listWebhooks = inTurn<readonly Live[]>([]);
    const scene = await run(given(account([OPS]), [live(1, 'Ops')]));
    scene.session.reader.listWebhooks = listWebhooks;
    expect(scene.changes.started(await scene.changes.resolve({ isFirst: true, isLast: false }))).toEqual([]);
    expect(scene.progress.of(scene.actions[0] as Action)).toMatchObject({
      status: 'failed',
      id: id(11),
      wrote: true,
      error: {
        code: 'not-verified',
        message:
          'The new webhook was created but is not in the list; the old webhook was not changed. Run apply again to continue.',
      },
    });
  });

  test('not one that the second signal interrupted', async () => {
    const scene = await run(given(account([OPS]), [live(1, 'Ops')]));
    scene.kill.abort();
    expect(scene.changes.started(await scene.changes.resolve({ isFirst: true, isLast: false }))).toEqual([]);
    expect(scene.progress.of(scene.actions[0] as Action)?.error).toEqual({
      code: 'interrupted',
      message:
        'Interrupted after the new webhook was created; the old webhook was not changed. Run apply again to continue.',
    });
  });

  test('one that created a webhook, even after the first signal; not one that has written nothing yet', async () => {
    const made = await run(given(account([OPS]), [live(1, 'Ops')]));
    made.stop.abort();
    expect(made.changes.started(await made.changes.resolve({ isFirst: true, isLast: false }))).toHaveLength(
      1,
    );
    const found = await run(given(account([OPS]), [live(1, 'Ops'), live(5, MARKED, URL_2)]));
    found.stop.abort();
    expect(found.changes.started(undefined)).toEqual([]);
    expect(found.ended()).toEqual(['Ops skipped interrupted']);
  });
});
