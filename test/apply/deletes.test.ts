import { describe, expect, test } from '@jest/globals';
import { account, ACCOUNT, desired } from '../support/core/builders.js';
import { run, type Wanted } from '../support/faults/run.js';
import { onScene, type SceneOptions } from '../support/faults/scene.js';

const NOTHING: Wanted = { desired: account([], { absent: ['One', 'Two'] }) };
const LIVE: SceneOptions = {
  webhooks: [
    { name: 'One', url: 'https://one.example/' },
    { name: 'Two', url: 'https://two.example/' },
  ],
};

test('does not delete a webhook that a policy has started to use since the plan', () =>
  onScene(LIVE, async ({ emulator, how, usedBy }) => {
    const planned = (): void => void emulator.seed(ACCOUNT, [], [{ name: 'A', uses: ['One'] }]);
    const { exit, result } = await run(emulator, NOTHING, { ...how, planned });
    expect(result.outcomes).toMatchObject([
      { name: 'One', status: 'failed', wrote: false, error: { code: 'in-use' } },
      { name: 'Two', status: 'applied' },
    ]);
    expect(exit).toBe(4);
    expect(usedBy('A')).toEqual(['One']);
  }));

test('deletes a webhook that may be detached', () =>
  onScene(
    { ...LIVE, policies: [{ name: 'A', uses: ['One'] }], invariants: { mayLose: ['A'] } },
    async ({ emulator, how }) => {
      const { exit } = await run(emulator, NOTHING, { ...how, options: { allowDetach: ['One'] } });
      expect(exit).toBe(0);
      expect(emulator.account(ACCOUNT).webhooks).toEqual([]);
    },
  ));

test('deletes nothing when another change did not succeed', () =>
  onScene({ ...LIVE, destinationStatus: () => 404 }, async ({ emulator, how }) => {
    const wanted = { desired: { ...NOTHING.desired, webhooks: [desired('New', 'https://new.example/')] } };
    const { exit, result } = await run(emulator, wanted, { ...how, retries: 0 });
    expect(result.outcomes.map(({ status }) => status)).toEqual(['failed', 'skipped', 'skipped']);
    expect(exit).toBe(1);
    expect(emulator.account(ACCOUNT).webhooks).toHaveLength(2);
  }));

test('deletes nothing when the policies cannot be read', () =>
  onScene({ ...LIVE, fault: ({ n }) => (n > 2 ? '403' : undefined) }, async ({ emulator, how }) => {
    const { exit, result } = await run(emulator, NOTHING, how);
    expect(result.outcomes).toMatchObject([
      { status: 'failed', wrote: false },
      { status: 'failed', wrote: false },
    ]);
    expect(exit).toBe(7);
  }));

describe('a webhook that someone else has deleted meanwhile', () => {
  test.each(['15000', '404'] as const)('counts as deleted, whatever DELETE returns (%s)', (answer) =>
    onScene({ ...LIVE, quirks: { 'delete-unknown': answer } }, async ({ emulator, how }) => {
      // The first DELETE takes effect twice, as if a proxy repeated it.
      let gone = false;
      emulator.fault = ({ method }) => {
        if (method !== 'DELETE' || gone) return undefined;
        gone = true;
        return 'reset-after';
      };
      const { exit } = await run(emulator, NOTHING, { ...how, parallelism: 1 });
      expect(exit).toBe(0);
      expect(emulator.writes()).toHaveLength(2);
    }),
  );
});
