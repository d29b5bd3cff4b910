import http from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Emulator } from '../../src/emulator/emulator.js';
import { ACCOUNT, POLICIES, UNKNOWN, WEBHOOKS, ask, create, emulate, stopAll } from './api.js';

afterEach(stopAll);

const NEW = { name: 'a', url: 'https://a.example/' };

describe('credentials', () => {
  test.each([
    ['a bearer token', { authorization: 'Bearer x' }, 200],
    ['an email address with a key', { 'x-auth-email': 'a@b.c', 'x-auth-key': 'abc' }, 200],
    ['a read-only token', { authorization: 'Bearer read-only-1' }, 200],
  ])('%s can read', async (_what, headers: Record<string, string>, status) => {
    const emulator = await emulate();
    expect((await ask(emulator, 'GET', WEBHOOKS, undefined, headers)).status).toBe(status);
    expect(emulator.requests).toMatchObject([{ authorization: true, accountId: ACCOUNT, status: 200 }]);
  });

  test.each([
    ['none', {}, 6111],
    ['an empty token', { authorization: 'Bearer ' }, 6111],
    ['a token with a space', { authorization: 'Bearer a b' }, 6111],
    ['a different scheme', { authorization: 'Basic abc' }, 6111],
    ['a key without an email address', { 'x-auth-key': 'abc' }, 6102],
    ['a malformed key', { 'x-auth-email': 'a@b.c', 'x-auth-key': 'a b' }, 6103],
  ])(
    '%s: 400 with 6003 and the reason in the chain',
    async (_what, headers: Record<string, string>, code) => {
      const emulator = await emulate();
      const reply = await ask(emulator, 'GET', WEBHOOKS, undefined, headers);
      expect(reply.status).toBe(400);
      expect(reply.body.errors).toMatchObject([{ code: 6003, error_chain: [{ code }] }]);
    },
  );

  test.each([
    ['POST', WEBHOOKS, NEW],
    ['PUT', `${WEBHOOKS}/${UNKNOWN}`, NEW],
    ['DELETE', `${WEBHOOKS}/${UNKNOWN}`, undefined],
    ['PUT', `${POLICIES}/${UNKNOWN}`, {}],
    ['POST', `${POLICIES}/${UNKNOWN}/test`, undefined],
  ])('a read-only token cannot %s %s', async (method, path, body) => {
    const emulator = await emulate();
    const reply = await ask(emulator, method, path, body, { authorization: 'Bearer read-only' });
    expect([reply.status, reply.body.errors]).toEqual([
      403,
      [{ code: 10000, message: 'Authentication error' }],
    ]);
  });

  test('an invalid token cannot do anything', async () => {
    const emulator = await emulate();
    for (const path of [WEBHOOKS, '/user/tokens/verify']) {
      const reply = await ask(emulator, 'GET', path, undefined, { authorization: 'Bearer invalid-1' });
      expect([reply.status, reply.body.errors[0]?.code]).toEqual([403, 10000]);
    }
  });
});

describe('addresses', () => {
  test.each([
    ['too short', 'abc'],
    ['upper case', ACCOUNT.toUpperCase()],
    ['with dashes', '023e105f-4ece-f8ad-9ca3-1a8372d0c353'],
    ['not hexadecimal', 'z'.repeat(32)],
  ])('an account ID that is %s: 404 with 7003', async (_what, account) => {
    const emulator = await emulate();
    const reply = await ask(emulator, 'GET', `/accounts/${account}/alerting/v3/destinations/webhooks`);
    expect(reply.status).toBe(404);
    expect(reply.body.errors).toMatchObject([{ code: 7003 }]);
  });

  test('any other account exists and is empty', async () => {
    const emulator = await emulate();
    const path = `/accounts/${UNKNOWN}/alerting/v3/destinations/webhooks`;
    expect((await ask(emulator, 'GET', path)).body.result).toEqual([]);
  });

  test.each(['/nowhere', `${WEBHOOKS}/`, `${WEBHOOKS}/a/b`, '/accounts//alerting/v3/policies'])(
    '%s does not exist',
    async (path) => {
      const emulator = await emulate();
      const reply = await ask(emulator, 'GET', path);
      expect([reply.status, reply.body.errors.map(({ code }) => code)]).toEqual([404, [7003, 7000]]);
    },
  );

  test('there is nothing outside /client/v4', async () => {
    const emulator = await emulate();
    const headers = { authorization: 'Bearer x' };
    const response = await fetch(new URL(WEBHOOKS, emulator.url), { headers });
    expect(response.status).toBe(404);
  });

  test.each(['HEAD', 'PATCH', 'OPTIONS', 'DELETE'])('%s of the list: 405', async (method) => {
    const emulator = await emulate();
    const headers = { authorization: 'Bearer x' };
    const response = await fetch(emulator.url + WEBHOOKS, { method, headers });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect(await response.text()).toMatch(method === 'HEAD' ? /^$/ : /"code":7001/);
  });

  test('a query is ignored', async () => {
    const emulator = await emulate();
    expect((await ask(emulator, 'GET', `${WEBHOOKS}?per_page=50`)).status).toBe(200);
  });
});

describe('outside the alerting API', () => {
  test('token, account, accounts', async () => {
    const emulator = await emulate();
    await create(emulator, 'a', NEW.url);
    const verify = await ask(emulator, 'GET', '/user/tokens/verify');
    expect(verify.body).toMatchObject({
      success: true,
      result: { status: 'active' },
      messages: [{ code: 10000 }],
    });
    expect((await ask(emulator, 'GET', `/accounts/${ACCOUNT}/tokens/verify`)).status).toBe(200);
    expect((await ask(emulator, 'GET', `/accounts/${ACCOUNT}`)).body.result).toMatchObject({ id: ACCOUNT });
    expect((await ask(emulator, 'GET', '/accounts')).body.result).toMatchObject([{ id: ACCOUNT }]);
  });

  test('a key is not a token that can be verified', async () => {
    const emulator = await emulate();
    const headers = { 'x-auth-email': 'a@b.c', 'x-auth-key': 'abc' };
    expect((await ask(emulator, 'GET', '/user/tokens/verify', undefined, headers)).status).toBe(400);
  });

  test.each([
    [{}, { eligible: true, ready: true, type: 'webhooks' }],
    [{ eligible: 'no' }, { eligible: false, ready: true, type: 'webhooks' }],
    [{ 'eligible-shape': 'array' }, [{ eligible: true, ready: true, type: 'webhooks' }]],
  ] as const)('eligible with %j', async (quirks, webhooks) => {
    const emulator = await emulate({ quirks });
    const path = `/accounts/${ACCOUNT}/alerting/v3/destinations/eligible`;
    expect((await ask(emulator, 'GET', path)).body.result).toMatchObject({ webhooks });
  });
});

describe('the server', () => {
  test('listens on loopback only, and reports if a port is not available', async () => {
    const emulator = await emulate();
    expect(emulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/client\/v4$/);
    const taken = Number(new URL(emulator.url).port);
    await expect(new Emulator().start(taken)).rejects.toMatchObject({ code: 'io' });
  });

  test('can be stopped with requests in flight, and started again', async () => {
    const emulator = await emulate({ fault: () => 'hang-after' });
    const lost = ask(emulator, 'POST', WEBHOOKS, NEW).catch(() => 'lost');
    while (emulator.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await emulator.stop();
    expect(await lost).toBe('lost');
    emulator.fault = undefined;
    await emulator.start();
    expect((await ask(emulator, 'GET', WEBHOOKS)).body.result).toHaveLength(1);
  });

  test('latency, order of the log, requests in flight', async () => {
    const emulator = await emulate({ latency: 60 });
    const started = performance.now();
    await Promise.all([1, 2, 3].map((i) => ask(emulator, 'POST', WEBHOOKS, { ...NEW, name: `w${i}` })));
    expect(performance.now() - started).toBeGreaterThan(55);
    expect(emulator.maxInFlight).toBe(3);
    expect(emulator.requests.map(({ n }) => n)).toEqual([1, 2, 3]);
    await ask(emulator, 'GET', WEBHOOKS);
    expect([emulator.writes().length, emulator.requests.length]).toEqual([3, 4]);
  });

  test('a client that disconnects during a body does no harm', async () => {
    const emulator = await emulate();
    await new Promise<void>((resolve) => {
      const headers = { authorization: 'Bearer x', 'content-length': 1000 };
      const request = http.request(emulator.url + WEBHOOKS, { method: 'POST', headers, agent: false });
      request.on('error', () => resolve());
      request.write('{"name":', () => setTimeout(() => request.destroy(new Error('away')), 20));
    });
    expect((await ask(emulator, 'GET', WEBHOOKS)).body.result).toEqual([]);
  });

  test('a hook that throws returns 500, and stop rethrows the error', async () => {
    const emulator = await new Emulator({
      onRequest: () => {
        throw new Error('from the hook');
      },
    }).start();
    expect((await ask(emulator, 'GET', WEBHOOKS)).status).toBe(500);
    await expect(emulator.stop()).rejects.toThrow('from the hook');
  });

  test('a hook sees the state after each effect', async () => {
    const sizes: (number | undefined)[][] = [];
    const emulator = await emulate({
      onRequest: ({ n, status }, view) => sizes.push([n, status, view.account(ACCOUNT).webhooks.length]),
    });
    await create(emulator, 'a', NEW.url);
    await ask(emulator, 'GET', WEBHOOKS);
    expect(sizes).toEqual([
      [1, 201, 1],
      [2, 200, 1],
    ]);
  });
});

describe('a foreign Host header is refused, as from a web page whose name points to loopback', () => {
  const statusOf = (emulator: Emulator, host: string, method = 'GET'): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const headers = { host, authorization: 'Bearer x', 'content-type': 'application/json' };
      const request = http.request(`${emulator.url}${WEBHOOKS}`, { method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject).end(method === 'POST' ? JSON.stringify(NEW) : undefined);
    });

  test.each([
    ['evil.example', 403],
    ['evil.example:8787', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.evil.example:80', 403],
    ['10.0.0.1', 403],
    ['localhost:8787', 200],
    ['LOCALHOST', 200],
    ['127.0.0.1', 200],
    ['[::1]:8787', 200],
  ])('%s: %s', async (host, status) => {
    expect(await statusOf(await emulate(), host)).toBe(status);
  });

  test('nothing is written', async () => {
    const emulator = await emulate();
    expect(await statusOf(emulator, 'evil.example', 'POST')).toBe(403);
    expect(emulator.account(ACCOUNT).webhooks).toEqual([]);
  });
});
