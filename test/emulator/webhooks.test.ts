import { afterEach, describe, expect, test } from '@jest/globals';
import { ACCOUNT, POLICIES, UNKNOWN, WEBHOOKS, ask, create, emulate, stopAll } from './api.js';

afterEach(stopAll);

const URL1 = 'https://relay.example.com/cf';
const missing = { success: false, messages: [], result: null };

describe('create', () => {
  test('returns 201 and only an ID without dashes', async () => {
    const emulator = await emulate();
    const reply = await ask(emulator, 'POST', WEBHOOKS, { name: 'Relay', url: URL1, secret: 's3cret' });
    expect(reply.status).toBe(201);
    expect(reply.body).toEqual({
      success: true,
      errors: [],
      messages: [],
      result: { id: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
    expect(reply.headers.get('cf-ray')).toMatch(/^[0-9a-f]{16}-[A-Z]{3}$/);
  });

  test('never returns the secret', async () => {
    const emulator = await emulate();
    const id = await create(emulator, 'Relay', URL1, 's3cret');
    const one = await ask(emulator, 'GET', `${WEBHOOKS}/${id}`);
    expect(one.body.result).toEqual({
      id,
      name: 'Relay',
      url: URL1,
      type: 'generic',
      created_at: expect.any(String),
      last_success: null,
      last_failure: null,
    });
    expect(emulator.account(ACCOUNT).webhooks).toMatchObject([{ id, secret: 's3cret' }]);
    expect(emulator.testMessages).toEqual([
      { kind: 'test', name: 'Relay', url: URL1, secret: 's3cret', status: 200 },
    ]);
  });

  test.each([
    ['no name', { url: URL1 }, 'name is required'],
    ['an empty name', { name: '', url: URL1 }, 'name is required'],
    ['no URL', { name: 'a' }, 'url is required'],
    ['an invalid URL', { name: 'a', url: 'nowhere' }, 'invalid url'],
    ['another scheme', { name: 'a', url: 'ftp://a.example/' }, 'invalid url'],
    ['a secret that is not a string', { name: 'a', url: URL1, secret: 7 }, 'invalid secret'],
    ['a list', [], 'invalid request body'],
    ['broken JSON', '{"name":', 'invalid request body'],
  ])('refuses %s', async (_what, body, message) => {
    const emulator = await emulate();
    const reply = await ask(emulator, 'POST', WEBHOOKS, body);
    expect([reply.status, reply.body]).toEqual([400, { ...missing, errors: [{ message }] }]);
    expect(emulator.account(ACCOUNT).webhooks).toEqual([]);
  });

  test('refuses a body over the limit and continues to serve', async () => {
    const emulator = await emulate();
    const reply = await ask(emulator, 'POST', WEBHOOKS, { name: 'x'.repeat(1024 * 1024), url: URL1 });
    expect(reply.status).toBe(413);
    expect((await ask(emulator, 'GET', WEBHOOKS)).body.result).toEqual([]);
  });

  test('names and URLs do not have to be unique, and names can be anything', async () => {
    const emulator = await emulate();
    const names = ['a', 'a', '💥 \u0000\u202e', '__proto__'];
    for (const name of names) await create(emulator, name, URL1);
    const list = await ask(emulator, 'GET', WEBHOOKS);
    expect(list.body.result?.map((webhook) => webhook['name'])).toEqual(names);
    expect(list.body).not.toHaveProperty('result_info');
  });

  test('created_at is never repeated and varies in its number of digits', async () => {
    const emulator = await emulate({ now: () => 1_700_000_000_000 });
    for (let i = 0; i < 12; i += 1) await create(emulator, `w${i}`, URL1);
    const stamps = emulator.account(ACCOUNT).webhooks.map((webhook) => webhook.created_at);
    const fractions = stamps.map((stamp) => stamp.slice(20, -1));
    expect(fractions.map((digits) => digits.padEnd(6, '0'))).toEqual(
      fractions.map((digits) => digits.padEnd(6, '0')).toSorted(),
    );
    expect(new Set(fractions).size).toBe(12);
    expect(new Set(fractions.map((digits) => digits.length)).size).toBeGreaterThan(1);
  });
});

describe('one webhook', () => {
  test('is found by its ID in any form', async () => {
    const emulator = await emulate();
    const id = await create(emulator, 'Relay', URL1);
    const dashed = id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-').toUpperCase();
    expect((await ask(emulator, 'GET', `${WEBHOOKS}/${dashed}`)).body.result).toMatchObject({ id });
    const put = await ask(emulator, 'PUT', `${WEBHOOKS}/${dashed}`, { name: 'Renamed', url: URL1 });
    expect([put.status, put.body.result]).toEqual([200, { id }]);
    const gone = await ask(emulator, 'DELETE', `${WEBHOOKS}/${dashed}`);
    expect([gone.status, gone.body.result]).toEqual([200, { id }]);
    expect(emulator.account(ACCOUNT).webhooks).toEqual([]);
  });

  test.each([
    ['GET', 404, { message: 'Webhook not found' }],
    ['PUT', 400, { message: 'invalid Webhook ID' }],
    ['DELETE', 500, { code: 15000, message: 'internal server error' }],
  ])('%s of an unknown webhook', async (method, status, error) => {
    const emulator = await emulate();
    const body = method === 'PUT' ? { name: 'a', url: URL1 } : undefined;
    const reply = await ask(emulator, method, `${WEBHOOKS}/${UNKNOWN}`, body);
    expect([reply.status, reply.body]).toEqual([status, { ...missing, errors: [error] }]);
  });

  test('PUT renames, and keeps url, secret and created_at', async () => {
    const emulator = await emulate();
    const id = await create(emulator, 'Relay', URL1, 'old');
    const before = emulator.account(ACCOUNT).webhooks[0];
    await ask(emulator, 'PUT', `${WEBHOOKS}/${id}`, {
      name: 'New',
      url: 'https://b.example/',
      secret: 'new',
    });
    expect(emulator.account(ACCOUNT).webhooks).toEqual([{ ...before, name: 'New' }]);
    expect(emulator.testMessages).toHaveLength(2);
  });

  test('PUT requires name and url', async () => {
    const emulator = await emulate();
    const id = await create(emulator, 'Relay', URL1);
    expect((await ask(emulator, 'PUT', `${WEBHOOKS}/${id}`, { name: 'x' })).status).toBe(400);
  });

  test('a deleted webhook is silently removed from every policy', async () => {
    const emulator = await emulate();
    const { webhooks } = emulator.seed(
      ACCOUNT,
      [
        { name: 'a', url: URL1 },
        { name: 'b', url: URL1 },
      ],
      [
        { name: 'both', uses: ['a', 'b'] },
        { name: 'only a', uses: ['a'] },
      ],
    );
    await ask(emulator, 'DELETE', `${WEBHOOKS}/${webhooks[0]?.id}`);
    const policies = (await ask(emulator, 'GET', POLICIES)).body.result;
    expect(policies?.map((policy) => policy['mechanisms'])).toEqual([
      { webhooks: [{ id: webhooks[1]?.id }] },
      {},
    ]);
  });
});
