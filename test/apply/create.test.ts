import { describe, expect, test } from '@jest/globals';
import { account, ACCOUNT, desired } from '../support/core/builders.js';
import { run, type Wanted } from '../support/faults/run.js';
import { onScene } from '../support/faults/scene.js';

function creates(count: number): Wanted {
  const names = Array.from({ length: count }, (_, index) => `Hook ${index}`);
  return { desired: account(names.map((name, index) => desired(name, `https://relay.example/${index}`))) };
}

test.each([1, 7, 40])('%i creates need only two more requests', (count) =>
  onScene({ latency: 2 }, async ({ emulator, how }) => {
    expect((await run(emulator, creates(count), { ...how, parallelism: 4 })).exit).toBe(0);
    expect(emulator.requests).toHaveLength(count + 2);
    expect(emulator.maxInFlight).toBeLessThanOrEqual(4);
    if (count === 40) expect(emulator.maxInFlight).toBeGreaterThan(1);
  }),
);

/** Later than anything that the test's own apply creates. */
const LATER = '2100-01-01T00:00:00Z';

describe('a POST without a response', () => {
  test('does not adopt an existing webhook with the same name and URL', () => {
    const duplicate = { name: 'Hook 0', url: 'https://relay.example/0' };
    // It has a different name when the plan is made, so only its ID shows that it is old.
    return onScene({ webhooks: [{ ...duplicate, name: 'Old' }] }, async ({ emulator, clock, how }) => {
      const wanted = { desired: { ...creates(1).desired, unlisted: 'keep' as const } };
      emulator.fault = ({ method, n }) => (method === 'POST' && n < 4 ? '500-before' : undefined);
      const planned = (): void => {
        const [old] = emulator.account(ACCOUNT).webhooks;
        if (old) old.name = 'Hook 0';
      };
      const { exit } = await run(emulator, wanted, { ...how, clock, planned });
      expect(exit).toBe(0);
      expect(emulator.requests.filter(({ effect }) => effect)).toHaveLength(1);
    });
  });

  test('waits for a list that lags, and does not send again', () =>
    onScene({ quirks: { 'list-lag': 5000 } }, async ({ emulator, how }) => {
      emulator.fault = ({ method }) => (method === 'POST' ? 'reset-after' : undefined);
      const { exit } = await run(emulator, creates(1), how);
      expect(exit).toBe(0);
      expect(emulator.writes()).toHaveLength(1);
    }));

  test('that takes effect only after the POST was repeated leaves one webhook', () =>
    onScene({}, async ({ emulator, how, only }) => {
      emulator.fault = ({ method, n }) => (method === 'POST' && n < 4 ? '500-before' : undefined);
      let reads = 0;
      emulator.onRequest = ({ method }) => {
        if (emulator.writes().length < 2 || method !== 'GET') return;
        reads += 1;
        if (reads !== 2) return;
        emulator.seed(ACCOUNT, [{ name: 'Hook 0', url: 'https://relay.example/0', created_at: LATER }]);
      };
      const { exit, result, events } = await run(emulator, creates(1), how);
      expect({ exit, id: only('Hook 0').id }).toEqual({ exit: 0, id: result.outcomes[0]?.id });
      expect(events.filter(({ type }) => type === 'twin-withdrawn')).toHaveLength(1);
    }));
});

describe('a destination that refuses the test message', () => {
  test.each([
    [4, 5, 30_000],
    [1, 2, 2000],
    [0, 1, 0],
    [6, 7, 90_000],
  ])(
    'with --retries %i: it is sent %i times within %i ms, then reported with its status',
    (retries, sent, waited) =>
      onScene({ destinationStatus: () => 404 }, async ({ emulator, clock, how }) => {
        const began = clock.now();
        const { exit, result } = await run(emulator, creates(1), { ...how, retries });
        expect({ sent: emulator.writes().length, waited: clock.now() - began }).toEqual({ sent, waited });
        expect(result.outcomes).toMatchObject([
          { status: 'failed', wrote: false, error: { code: 'destination-refused' } },
        ]);
        expect(result.outcomes[0]?.error?.message).toContain('404');
        expect(exit).toBe(1);
      }),
  );

  test.each(['400', '422'] as const)(
    'reported with status %s is retried, because a new endpoint may become reachable',
    (form) => {
      let left = 3;
      const scene = {
        quirks: { 'test-refusal': form },
        destinationStatus: (): number => ((left -= 1) >= 0 ? 404 : 200),
      };
      return onScene(scene, async ({ emulator, how }) => {
        expect(await run(emulator, creates(1), how)).toMatchObject({ exit: 0 });
        expect(emulator.writes()).toHaveLength(4);
      });
    },
  );

  test('also refuses a PUT, which is retried and then reported', () => {
    let left = 2;
    const scene = {
      webhooks: [{ name: 'Before', url: 'https://hook-0.example/' }],
      destinationStatus: (): number => ((left -= 1) >= 0 ? 404 : 200),
    };
    const wanted = {
      desired: account([{ ...desired('After', 'https://hook-0.example/'), previously: ['Before'] }]),
    };
    return onScene(scene, async ({ emulator, how, only }) => {
      expect(await run(emulator, wanted, how)).toMatchObject({ exit: 0 });
      expect(emulator.writes().map(({ method }) => method)).toEqual(['PUT', 'PUT', 'PUT']);
      expect(only('After').url).toBe('https://hook-0.example/');
      left = Infinity;
      const other = {
        desired: account([{ ...desired('Third', 'https://hook-0.example/'), previously: ['After'] }]),
      };
      const { exit, result } = await run(emulator, other, how);
      expect({ exit, outcome: result.outcomes[0] }).toMatchObject({
        exit: 1,
        outcome: { status: 'failed', wrote: false, error: { code: 'destination-refused' } },
      });
      expect(only('After').name).toBe('After');
    });
  });

  test('is not retried after a signal', () => {
    const stop = new AbortController();
    return onScene({ destinationStatus: () => 404 }, async ({ emulator, clock, how }) => {
      const sleep = clock.sleep.bind(clock);
      clock.sleep = (milliseconds, signal) => {
        stop.abort();
        return sleep(milliseconds, signal);
      };
      const { result } = await run(emulator, creates(1), { ...how, stop: stop.signal });
      expect(emulator.writes()).toHaveLength(1);
      expect(result.outcomes).toMatchObject([{ status: 'failed', error: { code: 'destination-refused' } }]);
    });
  });
});

test('does not stop the other actions', () => {
  const refusing = (_url: string, name: string): number => (name === 'Hook 3' ? 500 : 200);
  return onScene({ destinationStatus: refusing }, async ({ emulator, how }) => {
    const { exit, result } = await run(emulator, creates(6), { ...how, retries: 0 });
    expect(exit).toBe(4);
    const open = result.outcomes.filter(({ status }) => status !== 'applied').map(({ name }) => name);
    expect(open).toEqual(['Hook 3']);
    expect(emulator.account(ACCOUNT).webhooks).toHaveLength(5);
  });
});
