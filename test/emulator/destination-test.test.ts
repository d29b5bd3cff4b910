import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ACCOUNT, WEBHOOKS, ask, create, emulate, stopAll } from './api.js';

type Received = { readonly method?: string; readonly auth?: unknown; readonly text?: unknown };
const context: { server?: http.Server; received: Received[]; port: number } = { received: [], port: 0 };

beforeEach(async () => {
  context.received = [];
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const { text: message } = JSON.parse(text) as { text: unknown };
      context.received.push({
        method: request.method,
        auth: request.headers['cf-webhook-auth'],
        text: message,
      });
      const status = Number(request.url?.slice(1)) || 200;
      response.writeHead(status, status === 302 ? { location: '/200' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.server = server;
  context.port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  await stopAll();
  await new Promise((resolve) => context.server?.close(resolve));
});

describe('destination-test=loopback', () => {
  const quirks = { 'destination-test': 'loopback' } as const;

  test.each(['127.0.0.1', 'localhost'])('posts the test message to %s with its secret', async (host) => {
    const emulator = await emulate({ quirks });
    await create(emulator, 'a', `http://${host}:${context.port}/204`, 's3cret');
    expect(context.received).toEqual([
      { method: 'POST', auth: 's3cret', text: expect.stringMatching(/^Hello World! This is a test message/) },
    ]);
    expect(emulator.account(ACCOUNT).webhooks).toHaveLength(1);
    expect(emulator.testMessages).toMatchObject([{ secret: 's3cret', status: 204 }]);
  });

  test.each([
    [404, ' with status code 404 Not Found'],
    [302, ' with status code 302 Found'],
    [500, ' with status code 500 Internal Server Error'],
  ])('refuses a destination that responds with %i', async (status, why) => {
    const emulator = await emulate({ quirks });
    const url = `http://127.0.0.1:${context.port}/${status}`;
    const reply = await ask(emulator, 'POST', WEBHOOKS, { name: 'a', url });
    expect([reply.status, reply.body.errors]).toEqual([400, [{ message: `Webhook test failed${why}` }]]);
    expect(emulator.account(ACCOUNT).webhooks).toEqual([]);
    expect(context.received).toHaveLength(1);
  });

  test('refuses an unreachable destination', async () => {
    const emulator = await emulate({ quirks });
    const reply = await ask(emulator, 'POST', WEBHOOKS, { name: 'a', url: 'http://127.0.0.1:1/' });
    expect(reply.body.errors).toEqual([{ message: 'Webhook test failed: no answer' }]);
  });

  test('any other address is assumed to respond, and is never contacted', async () => {
    const emulator = await emulate({ quirks });
    await create(emulator, 'a', `http://127.0.0.1.example.invalid:${context.port}/404`);
    expect(emulator.account(ACCOUNT).webhooks).toHaveLength(1);
  });
});

test('nothing is sent by default', async () => {
  const emulator = await emulate();
  await create(emulator, 'a', `http://127.0.0.1:${context.port}/404`);
  expect([context.received, emulator.account(ACCOUNT).webhooks.length]).toEqual([[], 1]);
});

test('destinationStatus gets the URL as it was sent', async () => {
  const url = 'https://hooks.slack.com/services/T/B/tok';
  const emulator = await emulate({ destinationStatus: (to) => (to === url ? 410 : undefined) });
  const reply = await ask(emulator, 'POST', WEBHOOKS, { name: 'a', url });
  expect(reply.body.errors[0]?.message).toBe('Webhook test failed with status code 410 Gone');
  expect(emulator.testMessages).toEqual([
    { kind: 'test', name: 'a', url: 'https://hooks.slack.com/services/T/B', secret: 'tok', status: 410 },
  ]);
});
