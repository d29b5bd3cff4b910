import { afterEach, describe, expect, test } from '@jest/globals';
import { RateWindow } from '../../src/emulator/serve-request.js';
import { WEBHOOKS, ask, emulate, stopAll } from './api.js';

afterEach(stopAll);

describe('rate limit', () => {
  test('headers count down, 429 has the time to wait', async () => {
    const time = { now: 1_000_000 };
    const emulator = await emulate({ quirks: { rate: { limit: 2, windowMs: 2500 } }, now: () => time.now });
    const first = await ask(emulator, 'GET', WEBHOOKS);
    expect(first.headers.get('ratelimit')).toBe('"default";r=1;t=3');
    expect(first.headers.get('ratelimit-policy')).toBe('"default";q=2;w=3');
    expect(first.headers.get('retry-after')).toBeNull();
    await ask(emulator, 'GET', WEBHOOKS);
    time.now += 1000;
    const refused = await ask(emulator, 'POST', WEBHOOKS, { name: 'a', url: 'https://a.example/' });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(refused.body.errors).toEqual([
      { code: 971, message: 'Please wait and consider throttling your request speed' },
    ]);
    time.now += 1500;
    expect((await ask(emulator, 'GET', WEBHOOKS)).body.result).toEqual([]);
  });

  test('there are no headers without a limit, or if they are disabled', async () => {
    const silent = await emulate({ quirks: { rate: { limit: 1, windowMs: 1000, headers: false } } });
    const free = await emulate();
    for (const emulator of [silent, free]) {
      expect((await ask(emulator, 'GET', WEBHOOKS)).headers.get('ratelimit')).toBeNull();
    }
    expect((await ask(silent, 'GET', WEBHOOKS)).status).toBe(429);
  });

  test.each([
    ['rest', 1],
    ['full', 2],
  ] as const)('block=%s', (block, seconds) => {
    const time = { now: 0 };
    const rate = new RateWindow({ limit: 1, windowMs: 2000, block }, () => time.now);
    expect(rate.take()).toBeUndefined();
    time.now = 1000;
    expect(rate.take()).toBe(seconds);
    time.now = 1000 + seconds * 1000 - 1;
    expect(rate.take()).toBe(1);
    time.now = 1000 + seconds * 1000;
    expect(rate.take()).toBeUndefined();
  });
});
