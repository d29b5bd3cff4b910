import { describe, expect, test } from '@jest/globals';
import { account, desired } from '../support/core/builders.js';
import { run, type Wanted } from '../support/faults/run.js';
import { onScene, type SceneOptions } from '../support/faults/scene.js';

const URL_1 = 'https://ops.example/';
const WANTED: Wanted = {
  desired: account(
    [desired('New', 'https://new.example/'), desired('Ops', URL_1, { previously: ['Before'] })],
    {
      unlisted: 'keep',
      absent: ['Gone'],
    },
  ),
};
const LIVE: SceneOptions = {
  webhooks: [
    { name: 'Before', url: URL_1 },
    { name: 'Gone', url: 'https://gone.example/' },
  ],
};
const LATE = 60_000;

describe('a change that was reported as successful and is not in the list', () => {
  test.each([
    ['a create', 'New', { 'list-lag': LATE }, 'not-verified', 'not in the list'],
    ['a rename', 'Ops', { 'put-lag': LATE }, 'not-moved', 'name is still "Before"'],
  ] as const)('%s is a failure', (_what, name, quirks, code, words) =>
    onScene({ ...LIVE, quirks }, async ({ emulator, how }) => {
      const { exit, result } = await run(emulator, WANTED, { ...how, settleMs: 5000 });
      const outcome = result.outcomes.find((each) => each.name === name);
      expect(outcome).toMatchObject({ status: 'failed', wrote: true, error: { code } });
      expect(outcome?.error?.message).toContain(words);
      expect(exit).toBe(4);
    }),
  );

  test('a delete is a failure', () => {
    const quirks = { 'list-lag': LATE };
    return onScene({ ...LIVE, quirks }, async ({ emulator, how }) => {
      const wanted = { desired: { ...WANTED.desired, webhooks: [] } };
      const { exit, result } = await run(emulator, wanted, { ...how, settleMs: 5000 });
      expect(result.outcomes).toMatchObject([{ status: 'failed', error: { code: 'not-verified' } }]);
      expect(exit).toBe(4);
    });
  });

  test('a change that appears a little later is done', () =>
    onScene({ ...LIVE, quirks: { 'list-lag': 4000, 'put-lag': 4000 } }, async ({ emulator, how }) => {
      expect((await run(emulator, WANTED, how)).exit).toBe(0);
    }));
});

test('without the last list nothing is verified, and the exit code says so', () =>
  onScene(LIVE, async ({ emulator, how }) => {
    let deleted = false;
    emulator.fault = ({ method }) => {
      const after = deleted;
      deleted ||= method === 'DELETE';
      return after ? '403' : undefined;
    };
    const { exit, result } = await run(emulator, WANTED, how);
    expect(result.outcomes.map(({ status }) => status)).toEqual(['applied', 'applied', 'applied']);
    expect(result.discrepancies).toMatchObject([{ message: expect.stringContaining('not verified') }]);
    expect(exit).toBe(4);
  }));
