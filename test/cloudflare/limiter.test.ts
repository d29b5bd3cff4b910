import { describe, expect, test } from '@jest/globals';
import { parseQuotas, parseRetryAfter } from '../../src/cloudflare/rate-limit-headers.js';
import { SimulatedClock } from './clocks.js';
import { answer, limiterWith, turnOf } from './turns.js';

test('without rate-limit headers, requests are not paced', async () => {
  const clock = new SimulatedClock();
  const { limiter, waits } = limiterWith(clock);
  await clock.run(
    (async () => {
      for (let n = 0; n < 1000; n += 1) (await turnOf(limiter)).end({ limited: false, headers: {} });
    })(),
  );
  expect(clock.now()).toBe(0);
  expect(waits).toEqual([]);
});

test('requests in flight reduce what remains, and every response updates it', async () => {
  const clock = new SimulatedClock();
  const { limiter, waits } = limiterWith(clock);
  await clock.run(
    (async () => {
      (await turnOf(limiter)).end(answer(2, 30));
      const first = await turnOf(limiter);
      await turnOf(limiter);
      const third = turnOf(limiter);
      await clock.sleep(10);
      // The server returned capacity: 5 remain, not 2 as before.
      first.end(answer(5, 30));
      await third;
      expect(clock.now()).toBe(10);
    })(),
  );
  expect(waits).toEqual([]);
});

test('when nothing remains it waits for the reset, reports the wait, and sends one request first', async () => {
  const clock = new SimulatedClock();
  const { limiter, waits } = limiterWith(clock);
  await clock.run(
    (async () => {
      (await turnOf(limiter)).end(answer(0, 30));
      const scout = turnOf(limiter);
      const second = turnOf(limiter);
      const ahead = await scout;
      expect(clock.now()).toBe(30_020);
      await clock.sleep(100);
      ahead.end(answer(59, 30));
      await second;
      expect(clock.now()).toBe(30_120);
    })(),
  );
  expect(waits).toEqual([30_020, 'on']);
});

test('responses of one window narrow the reset down to less than the rounded second', async () => {
  const clock = new SimulatedClock();
  const { limiter } = limiterWith(clock);
  await clock.run(
    (async () => {
      // The window ends at 2.2 s: 3 s rounded up at first, 2 s soon after.
      (await turnOf(limiter)).end(answer(2, 3));
      await clock.sleep(250);
      (await turnOf(limiter)).end(answer(1, 2));
      await clock.sleep(650);
      (await turnOf(limiter)).end(answer(0, 2));
      await turnOf(limiter);
      expect(clock.now()).toBe(2270);
    })(),
  );
});

test('the lowest of several policies counts', async () => {
  const clock = new SimulatedClock();
  const { limiter } = limiterWith(clock);
  await clock.run(
    (async () => {
      const headers = { ratelimit: '"burst";r=40;t=1, "default";r=0;t=9' };
      (await turnOf(limiter)).end({ limited: false, headers });
      await turnOf(limiter);
      expect(clock.now()).toBe(9020);
    })(),
  );
});

test('a 429 stops all requests; those refused together are one round of backoff', async () => {
  const clock = new SimulatedClock();
  const { limiter, waits } = limiterWith(clock);
  await clock.run(
    (async () => {
      const turns = await Promise.all([turnOf(limiter), turnOf(limiter), turnOf(limiter)]);
      for (const turn of turns) turn.end({ limited: true, headers: {} });
      const again = await turnOf(limiter);
      expect(clock.now()).toBe(500);
      again.end({ limited: true, headers: { 'retry-after': '12' } });
      const [scout, follower] = [turnOf(limiter, 'b'), turnOf(limiter, 'c')];
      (await scout).end({ limited: false, headers: {} });
      await follower;
      expect(clock.now()).toBe(12_500);
    })(),
  );
  expect(waits).toEqual([12_000, 'on']);
});

test('a policy that the server no longer mentions delays nothing', async () => {
  const clock = new SimulatedClock();
  const { limiter } = limiterWith(clock);
  await clock.run(
    (async () => {
      (await turnOf(limiter)).end(answer(0, 1));
      (await turnOf(limiter)).end({ limited: false, headers: {} });
      await Promise.all([turnOf(limiter), turnOf(limiter), turnOf(limiter)]);
      expect(clock.now()).toBe(1020);
    })(),
  );
});

test('a request without a response counts, and a lost first request is followed by another', async () => {
  const clock = new SimulatedClock();
  const { limiter } = limiterWith(clock);
  await clock.run(
    (async () => {
      (await turnOf(limiter)).end(answer(1, 5));
      (await turnOf(limiter)).end();
      (await turnOf(limiter)).end();
      expect(clock.now()).toBe(5020);
      await turnOf(limiter);
      expect(clock.now()).toBe(5020);
    })(),
  );
});

test('accounts take turns; within an account, first in, first out', async () => {
  const clock = new SimulatedClock();
  const { limiter } = limiterWith(clock);
  const order: string[] = [];
  await clock.run(
    (async () => {
      (await turnOf(limiter)).end(answer(0, 1));
      const names = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'];
      await Promise.all(
        names.map(async (name) => {
          const turn = await turnOf(limiter, name[0]);
          order.push(name);
          turn.end({ limited: false, headers: {} });
        }),
      );
    })(),
  );
  expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

describe('abandoning a request', () => {
  test('frees its place in the queue and ends the reported wait', async () => {
    const clock = new SimulatedClock();
    const { limiter, waits } = limiterWith(clock);
    const stop = new AbortController();
    await clock.run(
      (async () => {
        (await turnOf(limiter)).end(answer(0, 30));
        const waiting = limiter.acquire('a', { signals: [stop.signal] });
        stop.abort();
        expect(await waiting).toBe('aborted');
        expect(await limiter.acquire('a', { signals: [stop.signal] })).toBe('aborted');
      })(),
    );
    expect(waits).toEqual([30_020, 'on']);
    expect(clock.now()).toBe(0);
  });
});

describe('headers', () => {
  test('are parsed with their policy, also several at once and with other fields', () => {
    expect(
      parseQuotas({
        ratelimit: '"default";r=50;t=30, "burst";t=1;x=2;r=3, junk, "half";r=1',
        'ratelimit-policy': '"burst";q=100;w=60,"default";q=1200;w=300',
      }),
    ).toEqual([
      { name: 'default', remaining: 50, resetSeconds: 30, size: 1200 },
      { name: 'burst', remaining: 3, resetSeconds: 1, size: 100 },
    ]);
    expect(parseQuotas({ ratelimit: '"default";r=5;t=3', 'ratelimit-policy': '"burst";q=100;w=60' })).toEqual(
      [{ name: 'default', remaining: 5, resetSeconds: 3, size: 100 }],
    );
    expect(parseQuotas({ ratelimit: ['"a";r=-1;t=3', '"b";r=1;t=1e9'] })).toEqual([]);
    expect(parseQuotas({})).toEqual([]);
  });

  test('retry-after is seconds or a date', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(parseRetryAfter({ 'retry-after': '12' }, now)).toBe(12_000);
    expect(parseRetryAfter({ 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' }, now)).toBe(5000);
    expect(parseRetryAfter({ 'retry-after': 'soon' }, now)).toBeUndefined();
    expect(parseRetryAfter({}, now)).toBeUndefined();
  });
});
