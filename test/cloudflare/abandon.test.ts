import { expect, test } from '@jest/globals';
import type { Clock } from '../../src/core/ports.js';
import { summary } from './failures.js';
import { ACCOUNT, HOOK, withClient } from './subject.js';
import { cut, json, ok } from './server.js';

const limited = json(
  429,
  { success: false, errors: [], messages: [], result: null },
  { 'retry-after': '60' },
);
const BODY = { name: 'Ops', url: 'https://ops.example/' };

/** Aborts when the client starts to wait. */
function onceItWaits(clock: Clock): AbortSignal {
  const abandon = new AbortController();
  const sleep = clock.sleep.bind(clock);
  clock.sleep = (milliseconds, signal) => {
    abandon.abort();
    return sleep(milliseconds, signal);
  };
  return abandon.signal;
}

test('a write that waits for the rate limit is no longer sent', () =>
  withClient([limited, ok({ id: HOOK })], async ({ client, server, clock }) => {
    const abandon = onceItWaits(clock);
    const answer = await client.createWebhook(ACCOUNT, BODY, { abandon });
    expect(summary(answer)).toBe('refused interrupted');
    expect(server.seen).toHaveLength(1);
    // Other writes are not affected.
    expect(summary(await client.updateWebhook(ACCOUNT, HOOK, BODY))).toBe('done');
  }));

test('a write abandoned earlier is not sent at all', () =>
  withClient([ok({ id: HOOK })], async ({ client, server }) => {
    const options = { abandon: AbortSignal.abort() };
    expect(summary(await client.createWebhook(ACCOUNT, BODY, options))).toBe('refused interrupted');
    expect(summary(await client.updateWebhook(ACCOUNT, HOOK, BODY, options))).toBe('refused interrupted');
    expect(summary(await client.deleteWebhook(ACCOUNT, HOOK, options))).toBe('refused interrupted');
    expect(server.seen).toHaveLength(0);
  }));

test('a write that cannot reach the server no longer waits for a retry', () =>
  withClient([ok({ id: HOOK })], async ({ client, server, clock }) => {
    await server.stop();
    const abandon = onceItWaits(clock);
    const answer = await client.createWebhook(ACCOUNT, BODY, { abandon });
    expect(summary(answer)).toBe('refused interrupted');
    expect(clock.slept).toEqual([]);
    await server.start();
  }));

test('a write in flight is not canceled', () =>
  withClient([cut], async ({ client }) => {
    const abandon = new AbortController();
    const answer = client.createWebhook(ACCOUNT, BODY, { abandon: abandon.signal });
    await new Promise(setImmediate);
    abandon.abort();
    expect(summary(await answer)).toBe('unknown network');
  }));
