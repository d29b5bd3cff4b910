import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import type { RateLimiter, Turn } from '../../src/cloudflare/limiter.js';
import { SimulatedClock } from './clocks.js';
import { answer, limiterWith, turnOf } from './turns.js';

const OK = { limited: false, headers: {} };
const LIMITED = { limited: true, headers: {} };
const limited = (seconds: number) => ({ limited: true, headers: { 'retry-after': String(seconds) } });

/** Runs the test on its own clock. */
function play<T>(
  act: (scene: {
    readonly clock: SimulatedClock;
    readonly limiter: RateLimiter;
    readonly waits: readonly (number | 'on')[];
  }) => Promise<T>,
): Promise<T> {
  const clock = new SimulatedClock();
  return clock.run(act({ clock, ...limiterWith(clock) }));
}

/** Returns when `count` simultaneous requests get their turns, with a response after `latency` ms each. */
async function grants(
  clock: SimulatedClock,
  limiter: RateLimiter,
  count: number,
  latency: number,
  reply: Parameters<Turn['end']>[0] = OK,
): Promise<number[]> {
  const at: number[] = [];
  const one = async (): Promise<void> => {
    const turn = await turnOf(limiter);
    at.push(clock.now());
    await clock.sleep(latency);
    turn.end(reply);
  };
  await Promise.all(Array.from({ length: count }, one));
  return at;
}

describe('after a pause one request goes first, and the others wait for its response', () => {
  test('after a 429', () =>
    play(async ({ clock, limiter }) => {
      (await turnOf(limiter)).end(limited(2));
      expect(await grants(clock, limiter, 3, 100)).toEqual([2000, 2100, 2100]);
      expect(await grants(clock, limiter, 3, 100)).toEqual([2200, 2200, 2200]);
    }));

  test('after a used-up window', () =>
    play(async ({ clock, limiter }) => {
      (await turnOf(limiter)).end(answer(0, 1));
      expect(await grants(clock, limiter, 3, 100, answer(50, 60))).toEqual([1020, 1120, 1120]);
    }));

  test('a 429 for the first request stops the others again', () =>
    play(async ({ clock, limiter }) => {
      (await turnOf(limiter)).end(limited(1));
      const ahead = turnOf(limiter);
      const second = turnOf(limiter);
      (await ahead).end(limited(5));
      (await second).end(OK);
      expect(clock.now()).toBe(6000);
    }));

  test('the response to an earlier request does not count as its response', () =>
    play(async ({ clock, limiter }) => {
      const [slow, refused] = [await turnOf(limiter), await turnOf(limiter)];
      refused.end(limited(1));
      const ahead = turnOf(limiter);
      const second = turnOf(limiter).then(() => clock.now());
      const scout = await ahead;
      slow.end(OK);
      await clock.sleep(300);
      scout.end(OK);
      expect(await second).toBe(1300);
    }));

  test('the response to an earlier request does not release all requests at once after the pause', () =>
    play(async ({ clock, limiter }) => {
      const [slow, refused] = [await turnOf(limiter), await turnOf(limiter)];
      refused.end(limited(1));
      slow.end(OK);
      expect(await grants(clock, limiter, 2, 100)).toEqual([1000, 1100]);
    }));
});

describe('the backoff without a retry-after', () => {
  test('doubles with each round, up to a minute, and restarts after a success', () =>
    play(async ({ clock, limiter }) => {
      const pauses: number[] = [];
      for (const reply of [...Array<typeof OK>(9).fill(LIMITED), OK, LIMITED, OK]) {
        const before = clock.now();
        (await turnOf(limiter)).end(reply);
        pauses.push(clock.now() - before);
      }
      expect(pauses).toEqual([0, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 0, 500]);
    }));

  test('is the same for requests that were refused together, however late their responses are', () =>
    play(async ({ clock, limiter }) => {
      const turns = await Promise.all([turnOf(limiter), turnOf(limiter), turnOf(limiter)]);
      turns[0].end(LIMITED);
      await clock.sleep(100);
      turns[1].end(LIMITED);
      await clock.sleep(100);
      turns[2].end(LIMITED);
      const again = await turnOf(limiter);
      expect(clock.now()).toBe(500);
      again.end(LIMITED);
      await turnOf(limiter);
      expect(clock.now()).toBe(1500);
    }));

  test('continues although an earlier request succeeded', () =>
    play(async ({ clock, limiter }) => {
      const [slow, refused] = [await turnOf(limiter), await turnOf(limiter)];
      refused.end(LIMITED);
      slow.end(OK);
      const again = await turnOf(limiter);
      expect(clock.now()).toBe(500);
      again.end(LIMITED);
      await turnOf(limiter);
      expect(clock.now()).toBe(1500);
    }));

  test('a shorter retry-after in a late response does not shorten the wait', () =>
    play(async ({ clock, limiter }) => {
      const turns = [await turnOf(limiter), await turnOf(limiter)];
      turns[0]?.end(limited(10));
      turns[1]?.end(limited(3));
      await turnOf(limiter);
      expect(clock.now()).toBe(10_000);
    }));

  test('no 429 stops requests for more than 10 minutes', () =>
    play(async ({ clock, limiter }) => {
      (await turnOf(limiter)).end(limited(86_400));
      await turnOf(limiter);
      expect(clock.now()).toBe(600_000);
    }));
});

describe('10 minutes in which every response was "wait"', () => {
  test('are the limit: all waiting requests give up at once, and so do new ones', () =>
    play(async ({ clock, limiter, waits }) => {
      (await turnOf(limiter)).end(limited(300));
      (await turnOf(limiter)).end(limited(300));
      const scout = await turnOf(limiter);
      expect(clock.now()).toBe(600_000);
      const waiting = [limiter.acquire('a'), limiter.acquire('b')];
      scout.end(limited(300));
      expect(await Promise.all([...waiting, limiter.acquire('a')])).toEqual(Array(3).fill('given-up'));
      expect(clock.now()).toBe(600_000);
      expect(waits.at(-1)).toBe('on');
    }));

  test('are counted from the last other response', () =>
    play(async ({ clock, limiter }) => {
      (await turnOf(limiter)).end(limited(550));
      (await turnOf(limiter)).end(OK);
      (await turnOf(limiter)).end(limited(550));
      (await turnOf(limiter)).end(limited(300));
      await turnOf(limiter);
      expect(clock.now()).toBe(550_000 + 600_000);
    }));

  test('do not block the API permanently: once it accepts requests, it is used again', () =>
    play(async ({ clock, limiter }) => {
      (await turnOf(limiter)).end(limited(86_400));
      (await turnOf(limiter)).end(limited(30));
      expect(await limiter.acquire('a')).toBe('given-up');
      await clock.sleep(30_000);
      (await turnOf(limiter)).end(OK);
      await turnOf(limiter);
      expect(clock.now()).toBe(630_000);
    }));
});

describe('an impatient request', () => {
  test('leaves the queue on the signal, and does not enter it afterwards', () =>
    play(async ({ clock, limiter }) => {
      const stop = new AbortController();
      (await turnOf(limiter)).end(limited(30));
      const waiting = limiter.acquire('a', { impatient: stop.signal });
      await clock.sleep(1000);
      stop.abort();
      expect(await waiting).toBe('aborted');
      expect(await limiter.acquire('a', { impatient: stop.signal })).toBe('aborted');
      expect(clock.now()).toBe(1000);
    }));

  test('is still let through if it does not have to wait', () =>
    play(async ({ limiter }) => {
      const turn = await limiter.acquire('a', { impatient: AbortSignal.abort() });
      expect(turn).toMatchObject({ end: expect.any(Function) });
    }));
});

test('a reset beyond any documented window does not stop requests', () =>
  play(async ({ clock, limiter }) => {
    (await turnOf(limiter)).end({ limited: false, headers: { ratelimit: '"default";r=0;t=999999999' } });
    await turnOf(limiter);
    expect(clock.now()).toBe(0);
  }));

describe('onWait', () => {
  test('reports a wait of 1 s or more', () =>
    play(async ({ limiter, waits }) => {
      (await turnOf(limiter)).end(limited(0.999));
      (await turnOf(limiter)).end(OK);
      expect(waits).toEqual([]);
      (await turnOf(limiter)).end(limited(1));
      (await turnOf(limiter)).end(OK);
      expect(waits).toEqual([1000, 'on']);
    }));

  test('reports a wait again if it gets 1 s longer', () =>
    play(async ({ clock, limiter, waits }) => {
      const turns = await Promise.all([1, 2, 3, 4].map(() => turnOf(limiter)));
      turns[0]?.end(limited(10));
      const next = turnOf(limiter);
      await clock.sleep(1000);
      turns[1]?.end(limited(9.999));
      turns[2]?.end(limited(10));
      turns[3]?.end(limited(10));
      await next;
      expect(clock.now()).toBe(11_000);
      expect(waits).toEqual([10_000, 10_000, 'on']);
    }));
});

describe('turns', () => {
  test('a turn that is ended twice counts once', () =>
    play(async ({ clock, limiter }) => {
      (await turnOf(limiter)).end(answer(2, 30));
      const turn = await turnOf(limiter);
      turn.end();
      turn.end();
      // One is left: the second `end` changed nothing.
      await turnOf(limiter);
      await turnOf(limiter);
      expect(clock.now()).toBe(30_020);
    }));

  test('a policy with room that a response does not mention is remembered', () =>
    play(async ({ clock, limiter }) => {
      const both = '"short";r=0;t=1, "long";r=3;t=60';
      (await turnOf(limiter)).end({ limited: false, headers: { ratelimit: both } });
      const ahead = await turnOf(limiter);
      expect(clock.now()).toBe(1020);
      ahead.end({ limited: false, headers: { ratelimit: '"short";r=50;t=60' } });
      for (let n = 0; n < 3; n += 1) await turnOf(limiter);
      expect(clock.now()).toBe(1020);
      await turnOf(limiter);
      expect(clock.now()).toBe(60_020);
    }));

  test('no listener is left on a signal', () =>
    play(async ({ clock, limiter }) => {
      const [stop, kill] = [new AbortController(), new AbortController()];
      await limiter.acquire('a', { signals: [undefined, kill.signal], impatient: stop.signal });
      (await turnOf(limiter)).end(limited(5));
      const waiting = limiter.acquire('a', { signals: [kill.signal], impatient: stop.signal });
      expect(getEventListeners(kill.signal, 'abort')).toHaveLength(1);
      stop.abort();
      expect(await waiting).toBe('aborted');
      expect([stop, kill].flatMap(({ signal }) => getEventListeners(signal, 'abort'))).toEqual([]);
      expect(clock.now()).toBe(0);
    }));

  test('a request that leaves the queue does not delay the ones after it', () =>
    play(async ({ clock, limiter, waits }) => {
      const stop = new AbortController();
      (await turnOf(limiter)).end(limited(5));
      const leaving = limiter.acquire('a', { signals: [stop.signal] });
      const staying = turnOf(limiter);
      await clock.sleep(1000);
      stop.abort();
      expect(await leaving).toBe('aborted');
      await staying;
      expect(clock.now()).toBe(5000);
      expect(waits).toEqual([5000, 'on']);
    }));
});
