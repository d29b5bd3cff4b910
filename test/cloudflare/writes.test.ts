import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { CloudflareClient } from '../../src/cloudflare/client.js';
import type { PolicyId } from '../../src/core/ids.js';
import type { WriteAnswer } from '../../src/core/ports.js';
import { Secret } from '../../src/core/secret.js';
import { JumpingClock } from './clocks.js';
import { cut, half, HTML, json, ok, raw, refused, silence, type Reply } from './server.js';
import { summary } from './failures.js';
import { ACCOUNT, clientFor, HOOK, withClient } from './subject.js';

const POLICY = '58a3e747dc764237bcc6fcecc236cb85' as PolicyId;
const BODY = { name: 'Ops', url: 'https://x.example/' };

type Write = (client: CloudflareClient) => Promise<WriteAnswer<unknown>>;
const post: Write = (client) => client.createWebhook(ACCOUNT, BODY);
const put: Write = (client) => client.updateWebhook(ACCOUNT, HOOK, BODY);
const remove: Write = (client) => client.deleteWebhook(ACCOUNT, HOOK);
const repoint: Write = (client) => client.updatePolicy(ACCOUNT, POLICY, { name: 'p' });
const verbs: readonly (readonly [string, Write])[] = [
  ['POST', post],
  ['PUT', put],
  ['DELETE', remove],
  ['PUT policy', repoint],
];

/** Name, reply, and the result for POST, PUT and DELETE. */
const answers: readonly (readonly [string, Reply, string, string, string])[] = [
  ['201 with an ID', json(201, { success: true, result: { id: HOOK } }), 'done', 'done', 'done'],
  ['200, result null', ok(null), 'unknown bad-answer', 'done', 'done'],
  ['200, no result', json(200, { success: true }), 'unknown bad-answer', 'done', 'done'],
  ['200, an invalid ID', ok({ id: 5 }), 'unknown bad-answer', 'done', 'done'],
  ['200, garbage', raw(200, 'not json at all'), ...same('unknown bad-answer')],
  ['200, empty', raw(200, ''), ...same('unknown bad-answer')],
  ['200, no success', json(200, { result: { id: HOOK } }), ...same('unknown bad-answer')],
  [
    '200, success not boolean',
    json(200, { success: 'true', result: { id: HOOK } }),
    ...same('unknown bad-answer'),
  ],
  ['200, success: false', refused(200, 'no', 17000), ...same('refused api-refused')],
  ['302', raw(302, '', { location: 'http://127.0.0.1:9/' }), ...same('unknown bad-answer')],
  ['408', raw(408, ''), ...same('unknown bad-answer')],
  ['500', refused(500, 'internal', 10013), ...same('unknown bad-answer')],
  ['500/15000', refused(500, 'internal server error', 15000), ...same('unknown bad-answer')],
  ['500 with an access code', refused(500, 'odd', 10000), ...same('unknown bad-answer')],
  ['502 HTML', raw(502, HTML), ...same('unknown bad-answer')],
  ['520', raw(520, ''), ...same('unknown bad-answer')],
  ['cut connection', cut, ...same('unknown network')],
  ['truncated body', half, ...same('unknown network')],
  ['too long', raw(200, ' '.repeat(1_100_000)), ...same('unknown bad-answer')],
  ['401', refused(401, 'no'), ...same('refused access-denied')],
  ['403 HTML', raw(403, HTML), ...same('refused access-denied')],
  ['403/10000', refused(403, 'Authentication error', 10000), ...same('refused access-denied')],
  ['400/6003', refused(400, 'Invalid request headers', 6003), ...same('refused access-denied')],
  ['404/7003', refused(404, 'Could not route', 7003), ...same('refused wrong-address')],
  ['400/7003', refused(400, 'Could not route', 7003), ...same('refused wrong-address')],
  ['404', refused(404, 'Webhook not found'), 'refused not-found', 'refused not-found', 'unknown not-found'],
  ['404 HTML', raw(404, HTML), 'refused not-found', 'refused not-found', 'unknown not-found'],
  [
    '400 invalid ID',
    refused(400, 'invalid Webhook ID'),
    'refused api-refused',
    'refused not-found',
    'refused api-refused',
  ],
  ['400', refused(400, 'name too long'), ...same('refused api-refused')],
  [
    '400 test failed',
    refused(400, 'Webhook test failed with status code 404 Not Found'),
    ...same('refused destination-refused'),
  ],
  [
    '422 test failed, with a code',
    refused(422, 'Webhook test request failed', 17000),
    ...same('refused destination-refused'),
  ],
  [
    '400/17000 that quotes a name',
    refused(400, 'name "Webhook test failed" is taken', 17000),
    ...same('refused api-refused'),
  ],
];

function same(text: string): [string, string, string] {
  return [text, text, text];
}

describe.each(answers)('%s', (_name, reply, ...[toPost, toPut, toDelete]) => {
  test.each([
    ['POST', post, toPost],
    ['PUT', put, toPut],
    ['DELETE', remove, toDelete],
    ['PUT policy', repoint, toPut],
  ] as const)('to %s', async (_verb, write, expected) => {
    await withClient([reply], async ({ client, server }) => {
      expect(summary(await write(client))).toBe(expected);
      expect(server.seen).toHaveLength(1);
    });
  });
});

test.each(verbs)('%s: a timeout after the request was sent is unknown', async (_name, write) => {
  await withClient(
    [silence],
    async ({ client, server }) => {
      expect(summary(await write(client))).toBe('unknown timeout');
      expect(server.seen).toHaveLength(1);
    },
    { timeoutMs: 100 },
  );
});

test.each(verbs)('%s: if nothing listens, it is retried and then refused', async (_name, write) => {
  const clock = new JumpingClock();
  const answer = await write(clientFor('http://127.0.0.1:9', clock));
  expect(summary(answer)).toBe('refused network');
  expect(clock.slept).toEqual([500, 1000, 2000]);
  expect(answer.status === 'refused' && answer.error.message).toMatch(
    /^Could not reach http:\/\/127\.0\.0\.1:9 to .+ after 4 tries \(connection refused\)\. Check that the emulator runs there, .+ run: hookwright emulator --port 9$/,
  );
});

test('https to a server without TLS certainly sends nothing', async () => {
  const plain = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('hello\r\n');
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const clock = new JumpingClock();
  const client = clientFor(`https://127.0.0.1:${(plain.address() as AddressInfo).port}`, clock, {
    retries: 1,
  });
  expect(summary(await post(client))).toBe('refused network');
  expect(clock.slept).toEqual([500]);
  plain.close();
});

test('the error has the status of a destination that refused the test message', async () => {
  const reply = refused(400, 'Webhook test failed with status code 503 Service Unavailable');
  await withClient([reply], async ({ client }) => {
    const answer = await post(client);
    expect(answer.status === 'refused' && answer.error.message).toMatch(
      /the destination responded with 503 Service Unavailable \(Cloudflare: cf-ray/,
    );
  });
});

test('the request that is sent', async () => {
  await withClient([ok({ id: HOOK })], async ({ client, server }) => {
    const secret = new Secret('s3cr3t');
    const url = new Secret('https://relay.example/tok');
    expect(await client.createWebhook(ACCOUNT, { name: 'A', url, secret })).toEqual({
      status: 'done',
      value: HOOK,
    });
    await put(client);
    await remove(client);
    await repoint(client);
    await client.testPolicy(ACCOUNT, POLICY);
    const base = `/client/v4/accounts/${ACCOUNT}/alerting/v3`;
    expect(server.seen.map(({ method, path, body }) => [method, path, body])).toEqual([
      [
        'POST',
        `${base}/destinations/webhooks`,
        '{"name":"A","url":"https://relay.example/tok","secret":"s3cr3t"}',
      ],
      ['PUT', `${base}/destinations/webhooks/${HOOK}`, '{"name":"Ops","url":"https://x.example/"}'],
      ['DELETE', `${base}/destinations/webhooks/${HOOK}`, ''],
      ['PUT', `${base}/policies/${POLICY}`, '{"name":"p"}'],
      ['POST', `${base}/policies/${POLICY}/test`, '{}'],
    ]);
    expect(server.seen[0]?.headers['content-type']).toBe('application/json');
    expect(server.seen[0]?.headers.authorization).toMatch(/^Bearer cAnArY/);
    expect(server.seen[0]?.headers['user-agent']).toBe('hookwright/0.0.0 (+node/test)');
  });
});

test.each(['http://[::1]:9', 'https://127.0.0.1:9'])(
  'the emulator is not advised for %s, where it never listens',
  async (url) => {
    const answer = await remove(clientFor(url, new JumpingClock()));
    expect(summary(answer)).toBe('refused network');
    const message = answer.status === 'refused' ? answer.error.message : '';
    expect(message).toContain('Check the address (--api-url, CLOUDFLARE_BASE_URL)');
    expect(message).not.toContain('emulator');
  },
);
