import { expect, test } from '@jest/globals';
import { account, ACCOUNT, desired } from '../support/core/builders.js';
import { run } from '../support/faults/run.js';
import { onScene } from '../support/faults/scene.js';

const CREATES = 500;
const LIMIT = 60;
const WINDOW_MS = 3000;
/** Includes the 2 lists. There is no need to wait for the last window. */
const IDEAL_MS = (Math.ceil((CREATES + 2) / LIMIT) - 1) * WINDOW_MS;

/** 1,200 requests in 300 s, scaled down. */
test.each([
  ['that opens when its window is over', 'rest'],
  ['that blocks for a whole window', 'full'],
] as const)(
  '500 creates against a limit %s',
  (_what, block) =>
    onScene(
      { quirks: { rate: { limit: LIMIT, windowMs: WINDOW_MS, block } } },
      async ({ emulator, clock, how }) => {
        const names = Array.from({ length: CREATES }, (_, index) => `Hook ${index}`);
        const wanted = {
          desired: account(names.map((name) => desired(name, `https://${name.slice(5)}.example/`))),
        };
        const began = clock.now();
        const { exit } = await run(emulator, wanted, how);
        const refused = emulator.requests.filter(({ status }) => status === 429).length;
        const elapsed = clock.now() - began;
        expect({ exit, webhooks: emulator.account(ACCOUNT).webhooks.length }).toEqual({
          exit: 0,
          webhooks: CREATES,
        });
        expect(elapsed / IDEAL_MS).toBeLessThanOrEqual(1.3);
        expect(refused).toBeLessThanOrEqual(5);
      },
    ),
  60_000,
);

test('without rate limit headers, a 429 stops all requests until it is over', () =>
  onScene(
    { quirks: { rate: { limit: LIMIT, windowMs: WINDOW_MS, headers: false } } },
    async ({ emulator, clock, how }) => {
      const names = Array.from({ length: 200 }, (_, index) => `Hook ${index}`);
      const wanted = {
        desired: account(names.map((name) => desired(name, `https://${name.slice(5)}.example/`))),
      };
      const began = clock.now();
      expect((await run(emulator, wanted, how)).exit).toBe(0);
      // No window lets more than its limit through, and each window refuses only requests that were in
      // flight.
      expect(emulator.requests.filter(({ status }) => status === 429).length).toBeLessThanOrEqual(4 * 10);
      expect(clock.now() - began).toBeLessThanOrEqual(4 * WINDOW_MS * 1.5);
    },
  ));
