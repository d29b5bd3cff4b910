import { expect, test } from '@jest/globals';
import { replacementName } from '../../src/core/leftovers.js';
import type { Emulator } from '../../src/emulator/emulator.js';
import { account, ACCOUNT, desired, id } from '../support/core/builders.js';
import { run, type Wanted } from '../support/faults/run.js';
import { onScene, stateOf, type SceneOptions } from '../support/faults/scene.js';

const URL_1 = 'https://ops.example/v1';
const URL_2 = 'https://ops.example/v2';
const WANTED: Wanted = { desired: account([desired('Ops', URL_2)], { unlisted: 'keep' }) };
const LIVE: SceneOptions = {
  webhooks: [{ name: 'Ops', url: URL_1 }],
  policies: [{ name: 'A', uses: ['Ops'] }],
};

/** Earlier than anything that the test's own apply creates. */
const EARLIER = '2026-01-05T07:59:59.5Z';

/** Adds a webhook as another apply would create it. */
function addDuplicate(emulator: Emulator, name: string): void {
  emulator.seed(ACCOUNT, [{ name, url: URL_2, created_at: EARLIER }]);
}

/** Calls `act` after the first request with this method has taken effect. */
function after(emulator: Emulator, method: string, act: () => void): void {
  const hook = emulator.onRequest;
  let acted = false;
  emulator.onRequest = (request, view) => {
    hook?.(request, view);
    if (acted || request.method !== method) return;
    acted = true;
    act();
  };
}

test('deletes the later duplicate, and counts its create as applied', () =>
  onScene({}, async ({ emulator, how, only }) => {
    const { exit, result, events } = await run(emulator, WANTED, {
      ...how,
      planned: () => addDuplicate(emulator, 'Ops'),
    });
    expect({ exit, id: result.outcomes[0]?.id }).toEqual({ exit: 0, id: only('Ops').id });
    expect(events.filter(({ type }) => type === 'twin-withdrawn')).toHaveLength(1);
  }));

test('accepts that the other apply deletes a webhook after duplicates were resolved', () => {
  const webhooks = [{ name: 'Gone', url: 'https://gone.example/' }];
  const wanted = { desired: { ...WANTED.desired, absent: ['Gone'] } };
  return onScene({ webhooks }, async ({ emulator, how, only }) => {
    after(emulator, 'DELETE', () => {
      const mine = only('Ops');
      stateOf(emulator).stores(ACCOUNT).webhooks.delete(mine.id);
      addDuplicate(emulator, 'Ops');
    });
    const { exit, result } = await run(emulator, wanted, how);
    expect({ exit, id: result.outcomes[0]?.id }).toEqual({ exit: 0, id: only('Ops').id });
  });
});

test('the unfinished replacement of the other apply counts as the create', () =>
  onScene({}, async ({ emulator, how, only }) => {
    const planned = (): void => addDuplicate(emulator, replacementName('Ops', id(1)));
    after(emulator, 'DELETE', () => {
      const { webhooks } = stateOf(emulator).stores(ACCOUNT);
      const marked = only(replacementName('Ops', id(1)));
      webhooks.set({ ...marked, name: 'Ops' });
    });
    const { exit, events } = await run(emulator, WANTED, { ...how, planned });
    expect({ exit, created: only('Ops').created_at }).toEqual({ exit: 0, created: EARLIER });
    expect(events.filter(({ type }) => type === 'twin-withdrawn')).toHaveLength(1);
  }));

test('two replacements of webhooks whose IDs start with the same digits do not compete', () => {
  const shared = (last: string): string => `${'a'.repeat(31)}${last}`;
  const webhooks = [
    { id: shared('1'), name: 'Ops', url: URL_1 },
    { id: shared('2'), name: 'Relay', url: 'https://relay.example/v1' },
  ];
  const policies = [{ name: 'A', uses: ['Ops', 'Relay'] }];
  const desiredBoth = account([desired('Ops', URL_2), desired('Relay', 'https://relay.example/v2')], {
    unlisted: 'keep',
  });
  return onScene({ webhooks, policies }, async ({ emulator, how, usedBy }) => {
    const { exit } = await run(emulator, { desired: desiredBoth }, how);
    expect({ exit, used: usedBy('A') }).toEqual({ exit: 0, used: ['Ops', 'Relay'] });
  });
});

test('if two webhooks replace the same one, the earlier one gets the policies', () =>
  onScene(LIVE, async ({ emulator, how, only, usedBy, invariants }) => {
    const other = (): void => addDuplicate(emulator, replacementName('Ops', id(1)));
    const { exit } = await run(emulator, WANTED, { ...how, planned: other });
    expect({ exit, url: only('Ops').url, created: only('Ops').created_at }).toEqual({
      exit: 0,
      url: URL_2,
      created: EARLIER,
    });
    expect(usedBy('A')).toEqual(['Ops']);
    expect(invariants.finish()).toEqual([]);
  }));
