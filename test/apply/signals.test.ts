import { describe, expect, test } from '@jest/globals';
import type { OnEvent } from '../../src/core/outcome.js';
import { account, ACCOUNT, desired } from '../support/core/builders.js';
import { FastClock } from '../support/faults/fast-clock.js';
import { lies } from '../support/faults/laws.js';
import { MIXED, mixedAccount } from '../support/faults/mixed.js';
import { requestsOfCleanApply } from '../support/faults/ordeal.js';
import { run, type Ran, type Wanted } from '../support/faults/run.js';
import { onScene } from '../support/faults/scene.js';

type Interrupted = {
  readonly ran: Ran;
  readonly marked: string[];
  readonly begunLater: string[];
  readonly wrong: string[];
};

/** Applies the mixed account, with one signal or two at the n-th request. */
async function interrupt(n: number, parallelism: number, twice: boolean): Promise<Interrupted> {
  const clock = new FastClock();
  const [stop, kill] = [new AbortController(), new AbortController()];
  const { emulator, invariants } = await mixedAccount(clock);
  const begunLater: string[] = [];
  emulator.onRequest = (request, view) => {
    invariants.hook(request, view);
    if (request.n !== n) return;
    stop.abort();
    if (twice) kill.abort();
  };
  try {
    const onEvent: OnEvent = (event) => {
      if (event.type === 'action-started' && stop.signal.aborted) begunLater.push(event.name);
    };
    const signals = { stop: stop.signal, kill: kill.signal };
    const ran = await run(emulator, MIXED, { clock, parallelism, retries: 1, onEvent, ...signals });
    const names = emulator.account(ACCOUNT).webhooks.map(({ name }) => name);
    return {
      ran,
      marked: names.filter((name) => name.includes('[h')),
      begunLater,
      wrong: [...lies(emulator, MIXED, ran, emulator.requests), ...invariants.violations],
    };
  } finally {
    await emulator.stop();
  }
}

describe.each([1, 4])('a signal at any request, %i at a time', (parallelism) => {
  test('the first: starts nothing new, and finishes what was started, including deletions in replacements', async () => {
    const requests = await requestsOfCleanApply(parallelism);
    for (let n = 3; n <= requests; n += 1) {
      const { ran, marked, begunLater, wrong } = await interrupt(n, parallelism, false);
      const statuses = new Set(ran.result.outcomes.map(({ status }) => status));
      statuses.delete('applied');
      statuses.delete('skipped');
      expect({ n, marked, begunLater, wrong, others: [...statuses], exit: ran.exit }).toEqual({
        n,
        marked: [],
        begunLater: [],
        wrong: [],
        others: [],
        exit: 130,
      });
    }
  });

  test('the second: every action has an outcome, and nothing that is skipped was written to', async () => {
    const requests = await requestsOfCleanApply(parallelism);
    for (let n = 3; n <= requests; n += 1) {
      const { ran, wrong, begunLater } = await interrupt(n, parallelism, true);
      const written = ran.result.outcomes.filter(({ status, wrote }) => status === 'skipped' && wrote);
      expect({ n, wrong, begunLater, written, exit: ran.exit }).toEqual({
        n,
        wrong: [],
        begunLater: [],
        written: [],
        exit: 130,
      });
      expect(ran.result.outcomes).toHaveLength(ran.actions.length);
    }
  });
});

describe('a signal while all requests wait for the rate limit', () => {
  const creates: Wanted = {
    desired: account(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => desired(name, `https://${name}.example/`))),
  };
  const limit = (requests: number) => ({ quirks: { rate: { limit: requests, windowMs: 60_000 } } });

  /** Sends the stop signal when the first wait starts. */
  function stopping(): { stop: AbortSignal; onWait: () => void } {
    const stop = new AbortController();
    return { stop: stop.signal, onWait: () => queueMicrotask(() => stop.abort()) };
  }

  test('sends nothing more, and nothing waits', () =>
    onScene(limit(1), async ({ emulator, clock, how }) => {
      const began = clock.now();
      const { exit, result } = await run(emulator, creates, { ...how, parallelism: 3, ...stopping() });
      expect(exit).toBe(130);
      expect(result.outcomes.map(({ status, error }) => `${status} ${error?.code}`)).toEqual(
        Array.from({ length: 6 }, () => 'skipped interrupted'),
      );
      expect(emulator.writes()).toEqual([]);
      expect(clock.now() - began).toBeLessThan(60_000);
    }));

  test('verifies what was sent', () =>
    onScene(limit(3), async ({ emulator, how }) => {
      const { result } = await run(emulator, creates, { ...how, parallelism: 1, ...stopping() });
      const statuses = result.outcomes.map(({ status }) => status);
      expect(statuses).toEqual(['applied', 'applied', 'skipped', 'skipped', 'skipped', 'skipped']);
      expect(result.discrepancies).toEqual([]);
    }));

  test('finishes a started replacement', () => {
    const webhooks = [{ name: 'a', url: 'https://old.example/' }];
    const policies = [{ name: 'A', uses: ['a'] }];
    // The plan takes 2 requests, the POST 1, the list 1.
    return onScene({ ...limit(4), webhooks, policies }, async ({ emulator, how, only, invariants }) => {
      const wanted = { desired: account(creates.desired.webhooks.slice(0, 1)) };
      const { exit, result } = await run(emulator, wanted, { ...how, ...stopping() });
      expect(exit).toBe(130);
      expect(result.outcomes.map(({ status }) => status)).toEqual(['applied']);
      expect(only('a').url).toBe('https://a.example/');
      expect(invariants.finish()).toEqual([]);
    });
  });
});
