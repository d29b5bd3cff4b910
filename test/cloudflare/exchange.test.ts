import { describe, expect, test } from '@jest/globals';
import { Exchange, type ExchangeOptions } from '../../src/cloudflare/exchange.js';
import { ErrorFactory, type ApiRequest } from '../../src/cloudflare/api-errors.js';
import type { HttpReply } from '../../src/cloudflare/transport.js';
import { DecodeError } from '../../src/cloudflare/wire.js';
import { Redactor } from '../../src/text/redactor.js';
import { JumpingClock } from './clocks.js';
import { failureOf, summary } from './failures.js';

const ASK: ApiRequest = { method: 'GET', path: '/x', maxBytes: 1000, description: 'read it', account: 'a' };
const POST: ApiRequest = { ...ASK, method: 'POST', description: 'write it' };

const answer = (status: number, headers = {}, text = ''): HttpReply => ({
  kind: 'answer',
  status,
  headers,
  text,
});
const yes = answer(200, {}, '{"success":true,"result":"it"}');
const no = answer(400, {}, '{"success":false,"errors":[]}');
const none = answer(404, {}, '{"success":false,"errors":[]}');
const limited = (seconds?: number): HttpReply =>
  answer(429, seconds === undefined ? {} : { 'retry-after': String(seconds) });
const failed = (mayHaveArrived: boolean): HttpReply => ({
  kind: 'failure',
  why: 'network',
  mayHaveArrived,
  systemCode: 'ECONNRESET',
  detail: 'reset',
});

function decode(result: unknown): string {
  if (typeof result === 'string') return result;
  throw new DecodeError('odd');
}
const read = (exchange: Exchange) => exchange.read(ASK, decode);
const find = (exchange: Exchange) => exchange.find(ASK, decode);
const write = (exchange: Exchange, abandon?: AbortSignal) =>
  exchange.write(POST, decode, abandon ? { abandon } : {});

type Scene = { readonly exchange: Exchange; readonly clock: JumpingClock; readonly sent: () => number };

/** Returns an exchange with a server that sends these replies and repeats the last one. */
function given(
  replies: readonly (HttpReply | (() => HttpReply))[],
  more: Partial<ExchangeOptions> = {},
): Scene {
  const clock = new JumpingClock();
  let sent = 0;
  const send = (): Promise<HttpReply> => {
    const reply = replies[Math.min(sent, replies.length - 1)] ?? yes;
    sent += 1;
    return new Promise((resolve) => resolve(typeof reply === 'function' ? reply() : reply));
  };
  const exchange = new Exchange(
    { send },
    new ErrorFactory(new Redactor(), new URL('https://api.example/'), 5000),
    {
      clock,
      retries: 3,
      retryDelayMs: 500,
      random: () => 1,
      ...more,
    },
  );
  return { exchange, clock, sent: () => sent };
}

/** Aborts when a sleep starts. */
function abortOnSleep(clock: JumpingClock): AbortController {
  const controller = new AbortController();
  const sleep = clock.sleep.bind(clock);
  clock.sleep = (milliseconds, signal) => {
    controller.abort();
    return sleep(milliseconds, signal);
  };
  return controller;
}

describe('a read', () => {
  test('is retried until it succeeds', async () => {
    const { exchange, clock, sent } = given([failed(true), answer(500), yes]);
    expect(await read(exchange)).toBe('it');
    expect({ slept: clock.slept, sent: sent() }).toEqual({ slept: [500, 1000], sent: 3 });
  });

  test('that always fails ends after the last retry', async () => {
    const { exchange, clock, sent } = given([failed(true)]);
    expect((await failureOf(read(exchange))).message).toContain('after 4 tries');
    expect({ slept: clock.slept, sent: sent() }).toEqual({ slept: [500, 1000, 2000], sent: 4 });
  });

  test('that a retry cannot fix ends at once', async () => {
    const { exchange, sent } = given([no, yes]);
    expect((await failureOf(find(exchange))).code).toBe('api-refused');
    expect(sent()).toBe(1);
  });

  test('of a missing object returns undefined, or throws if it must exist', async () => {
    expect(await find(given([none]).exchange)).toBeUndefined();
    expect(await find(given([yes]).exchange)).toBe('it');
    expect((await failureOf(read(given([none]).exchange))).code).toBe('not-found');
  });
});

describe('the pause between two tries', () => {
  test('has jitter, doubles, and is at most 30 s', async () => {
    const { exchange, clock } = given([failed(true)], { retries: 8, random: () => 0.5 });
    await failureOf(read(exchange));
    expect(clock.slept).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  });

  test('is as long as retry-after says, up to a minute, and never shorter than the backoff', async () => {
    const busy = (seconds: number): HttpReply => answer(503, { 'retry-after': String(seconds) });
    const { exchange, clock } = given([busy(7), busy(1), busy(3600), yes], { retryDelayMs: 1000 });
    await read(exchange);
    expect(clock.slept).toEqual([7000, 2000, 60_000]);
  });
});

describe('a write', () => {
  test('that certainly did not arrive is sent again', async () => {
    const { exchange, clock, sent } = given([failed(false), failed(false), yes]);
    expect(await write(exchange)).toEqual({ status: 'done', value: 'it' });
    expect({ slept: clock.slept, sent: sent() }).toEqual({ slept: [500, 1000], sent: 3 });
  });

  test('that never arrives is refused after the last retry', async () => {
    const { exchange, sent } = given([failed(false)]);
    const given4 = await write(exchange);
    expect(summary(given4)).toBe('refused network');
    expect(given4).toMatchObject({ error: { message: expect.stringContaining('after 4 tries') } });
    expect(sent()).toBe(4);
  });

  test.each([
    ['may have arrived', failed(true), 'unknown network'],
    ['got an error response', answer(500), 'unknown bad-answer'],
    ['was refused', no, 'refused api-refused'],
  ])('that %s is not sent again', async (_, reply, expected) => {
    const { exchange, sent } = given([reply, yes]);
    expect(summary(await write(exchange))).toBe(expected);
    expect(sent()).toBe(1);
  });
});

describe('a write that is denied', () => {
  const denied = answer(403, {}, '{"success":false,"errors":[{"code":10000}]}');

  test('is refused at once if the token has not been accepted yet', async () => {
    const { exchange, sent } = given([denied, yes]);
    expect(summary(await write(exchange))).toBe('refused access-denied');
    expect(sent()).toBe(1);
  });

  test('is retried twice if the token has been accepted in this run', async () => {
    const { exchange, clock, sent } = given([yes, denied, denied, yes]);
    await read(exchange);
    expect(summary(await write(exchange))).toBe('done');
    expect({ slept: clock.slept, sent: sent() }).toEqual({ slept: [500, 1000], sent: 4 });
    const { exchange: other, sent: all } = given([yes, denied]);
    await read(other);
    expect(summary(await write(other))).toBe('refused access-denied');
    expect(all()).toBe(4);
  });
});

describe('a 429', () => {
  test('is waited for, and uses no retry', async () => {
    for (const ask of [read, write]) {
      const { exchange, clock, sent } = given([limited(12), limited(3), yes], { retries: 0 });
      await ask(exchange);
      expect({ slept: clock.slept, sent: sent() }).toEqual({ slept: [12_000, 3000], sent: 3 });
    }
  });

  test('is given up 10 minutes after the first one', async () => {
    const { exchange, clock, sent } = given([limited(450)]);
    expect((await failureOf(read(exchange))).code).toBe('rate-limited');
    expect({ slept: clock.slept, sent: sent() }).toEqual({ slept: [450_000, 150_000], sent: 3 });
  });

  test('with another status, recognized by its code, is waited for as well', async () => {
    const odd = answer(200, { 'retry-after': '7' }, '{"success":false,"errors":[{"code":971}]}');
    for (const ask of [read, write]) {
      const { exchange, clock, sent } = given([odd, yes], { retries: 0 });
      await ask(exchange);
      expect({ slept: clock.slept, sent: sent() }).toEqual({ slept: [7000], sent: 2 });
    }
  });

  test('is not waited for after stop; a request that does not have to wait is still sent', async () => {
    const stop = new AbortController();
    const { exchange, clock, sent } = given([yes, limited(12), yes], { stop: stop.signal });
    stop.abort();
    expect(await read(exchange)).toBe('it');
    expect(summary(await write(exchange))).toBe('refused interrupted');
    expect({ slept: clock.slept, sent: sent() }).toEqual({ slept: [], sent: 2 });
  });
});

test('the limiter sees every response: one with nothing remaining delays the next request', async () => {
  const spent = answer(200, { ratelimit: '"default";r=0;t=30' }, '{"success":true,"result":"it"}');
  const { exchange, clock } = given([spent, yes]);
  await read(exchange);
  expect(clock.slept).toEqual([]);
  await read(exchange);
  expect(clock.slept).toEqual([30_020]);
});

test('a transport that throws gives up its turn', async () => {
  const spent = answer(200, { ratelimit: '"default";r=0;t=30' }, '{"success":true,"result":"it"}');
  const broken = (): never => {
    throw new Error('an impossible proxy');
  };
  const { exchange } = given([spent, broken, yes]);
  await read(exchange);
  await expect(read(exchange)).rejects.toThrow('an impossible proxy');
  expect(await read(exchange)).toBe('it');
});

describe('a signal', () => {
  test('before the request: nothing is sent', async () => {
    const { exchange, sent } = given([yes], { signal: AbortSignal.abort() });
    expect((await failureOf(read(exchange))).code).toBe('interrupted');
    expect(summary(await write(exchange))).toBe('refused interrupted');
    expect(sent()).toBe(0);
  });

  test('during the pause ends it, and nothing more is sent', async () => {
    for (const ask of [read, write]) {
      const stop = new AbortController();
      const { exchange, clock, sent } = given([failed(false), yes], { signal: stop.signal });
      abortOnSleep(clock).signal.addEventListener('abort', () => stop.abort());
      const ended = await ask(exchange).then(
        (value) => (typeof value === 'string' ? value : summary(value)),
        (error: unknown) => error,
      );
      if (ask === read) expect(ended).toMatchObject({ code: 'interrupted' });
      else expect(ended).toBe('refused interrupted');
      expect({ slept: clock.slept, sent: sent() }).toEqual({ slept: [], sent: 1 });
    }
  });

  test('while the request is in flight: no pause follows', async () => {
    const stop = new AbortController();
    const cut = (): HttpReply => {
      stop.abort();
      return failed(false);
    };
    const { exchange, clock } = given([cut, yes], { signal: stop.signal });
    const never = new AbortController();
    expect(summary(await write(exchange, never.signal))).toBe('refused interrupted');
    expect(clock.slept).toEqual([]);
  });

  test('that abandons one write does not affect the others', async () => {
    const { exchange, clock, sent } = given([failed(false), yes]);
    const abandon = abortOnSleep(clock);
    expect(summary(await write(exchange, abandon.signal))).toBe('refused interrupted');
    expect({ slept: clock.slept, sent: sent() }).toEqual({ slept: [], sent: 1 });
    expect(summary(await write(exchange))).toBe('done');
  });

  test('that abandons a write cancels its wait for the limit', async () => {
    const { exchange, clock, sent } = given([limited(12), yes]);
    const abandon = abortOnSleep(clock);
    expect(summary(await write(exchange, abandon.signal))).toBe('refused interrupted');
    expect(sent()).toBe(1);
  });
});
