import { describe, expect, test } from '@jest/globals';
import { JumpingClock } from './clocks.js';
import { json, ok, type Reply } from './server.js';
import { failureOf, summary } from './failures.js';
import { ACCOUNT, clientFor, HOOK, withClient } from './subject.js';

const limited = (headers: Record<string, string> = {}): Reply =>
  json(429, { success: false, errors: [{ code: 971, message: 'Please wait' }] }, headers);
const BODY = { name: 'Ops', url: 'https://x.example/' };
const total = (clock: JumpingClock): number => clock.slept.reduce((sum, each) => sum + each, 0);

test.each(['GET', 'POST', 'PUT', 'DELETE'])(
  '%s waits for retry-after, is sent again and uses no retry',
  async (verb) => {
    await withClient(
      [
        limited({ 'retry-after': '12' }),
        limited({ 'retry-after': '3' }),
        ok(verb === 'GET' ? [] : { id: HOOK }),
      ],
      async ({ client, server, clock }) => {
        if (verb === 'GET') expect(await client.listWebhooks(ACCOUNT)).toEqual([]);
        if (verb === 'POST') expect(summary(await client.createWebhook(ACCOUNT, BODY))).toBe('done');
        if (verb === 'PUT') expect(summary(await client.updateWebhook(ACCOUNT, HOOK, BODY))).toBe('done');
        if (verb === 'DELETE') expect(summary(await client.deleteWebhook(ACCOUNT, HOOK))).toBe('done');
        expect(server.seen.map(({ method }) => method)).toEqual([verb, verb, verb]);
        expect(clock.slept.map(Math.round)).toEqual([12_000, 3_000]);
      },
      { retries: 0 },
    );
  },
);

test('without retry-after the pause doubles, up to a minute', async () => {
  const replies = Array(9).fill(limited()) as Reply[];
  await withClient([...replies, ok([])], async ({ client, clock }) => {
    await client.listWebhooks(ACCOUNT);
    expect(clock.slept).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });
});

test('it gives up after 10 minutes', async () => {
  await withClient([limited({ 'retry-after': '100' })], async ({ client, server, clock }) => {
    const error = await failureOf(client.listWebhooks(ACCOUNT));
    expect(error.code).toBe('rate-limited');
    expect(error.message).toMatch(/HTTP 429, code 971/);
    expect(total(clock)).toBe(600_000);
    expect(server.seen).toHaveLength(7);
    expect(summary(await client.createWebhook(ACCOUNT, BODY))).toBe('refused rate-limited');
  });
});

test('a retry-after of hours is not honored', async () => {
  await withClient([limited({ 'retry-after': '86400' })], async ({ client, clock }) => {
    expect((await failureOf(client.listWebhooks(ACCOUNT))).code).toBe('rate-limited');
    expect(total(clock)).toBe(600_000);
  });
});

describe('the signal that means "stop now"', () => {
  test('cancels requests that wait for the limit; they were never sent', async () => {
    const stop = new AbortController();
    const clock = new JumpingClock();
    await withClient([limited({ 'retry-after': '12' })], async ({ server }) => {
      const client = clientFor(server.url, clock, { onWait: () => stop.abort(), signal: stop.signal });
      const answer = await client.createWebhook(ACCOUNT, BODY);
      expect(summary(answer)).toBe('refused interrupted');
      expect((await failureOf(client.listWebhooks(ACCOUNT))).code).toBe('interrupted');
      expect(server.seen).toHaveLength(1);
    });
  });

  test('cancels requests in flight: a write is then unknown', async () => {
    const stop = new AbortController();
    await withClient(
      [() => stop.abort()],
      async ({ client, server }) => {
        expect(summary(await client.createWebhook(ACCOUNT, BODY))).toBe('unknown interrupted');
        expect(server.seen).toHaveLength(1);
      },
      { signal: stop.signal },
    );
  });

  test('ends the pause before a retry', async () => {
    const stop = new AbortController();
    const reply: Reply = (response, request) => {
      json(500, {})(response, request);
      setImmediate(() => stop.abort());
    };
    await withClient(
      [reply],
      async ({ client }) => {
        expect((await failureOf(client.listWebhooks(ACCOUNT))).code).toBe('interrupted');
      },
      { signal: stop.signal },
    );
  });
});

test('a single write can be abandoned while it waits; the others continue to wait', async () => {
  const abandon = new AbortController();
  const clock = new JumpingClock();
  await withClient([limited({ 'retry-after': '12' }), ok({ id: HOOK })], async ({ server }) => {
    const client = clientFor(server.url, clock, { onWait: () => abandon.abort() });
    const given = client.createWebhook(ACCOUNT, BODY, { abandon: abandon.signal });
    expect(summary(await given)).toBe('refused interrupted');
    expect(summary(await client.updateWebhook(ACCOUNT, HOOK, BODY))).toBe('done');
    expect(server.seen.map(({ method }) => method)).toEqual(['POST', 'PUT']);
  });
});
