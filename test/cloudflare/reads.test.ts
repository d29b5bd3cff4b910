import { describe, expect, test } from '@jest/globals';
import { cut, half, HTML, json, ok, raw, RAY, refused, silence, type Reply } from './server.js';
import { failureOf } from './failures.js';
import { ACCOUNT, HOOK, withClient } from './subject.js';

const PATH = `/client/v4/accounts/${ACCOUNT}/alerting/v3/destinations/webhooks`;

describe('a failure that can pass is retried', () => {
  const cures: readonly (readonly [string, Reply])[] = [
    ['a cut connection', cut],
    ['a truncated body', half],
    ['500', refused(500, 'internal error', 10013)],
    ['502 with HTML', raw(502, HTML)],
    ['520', raw(520, '')],
    ['408', raw(408, '')],
    ['200 with garbage', raw(200, 'not json at all')],
    ['200 with an empty body', raw(200, '')],
    ['200 with null', raw(200, 'null')],
    ['200 with a bare list', raw(200, '[]')],
    ['JSON in another format', json(200, { hello: 1 })],
    ['result null', ok(null)],
    ['no result', json(200, { success: true })],
    ['result an object', ok({})],
    ['an entry that is not an object', ok([{ id: HOOK }, null])],
    ['an entry without id', ok([{ name: 'x' }])],
    ['a duplicate ID', ok([{ id: HOOK }, { id: HOOK.toUpperCase() }])],
  ];
  test.each(cures)('%s', async (_name, reply) => {
    await withClient([reply, reply, ok([])], async ({ client, server, clock }) => {
      expect(await client.listWebhooks(ACCOUNT)).toEqual([]);
      expect(server.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(
        Array(3).fill(`GET ${PATH}`),
      );
      expect(clock.slept).toEqual([500, 1000]);
    });
  });

  test.each(cures)('%s every time: an error after all retries', async (_name, reply) => {
    await withClient([reply], async ({ client, server, clock }) => {
      const error = await failureOf(client.listWebhooks(ACCOUNT));
      expect(['network', 'bad-answer']).toContain(error.code);
      expect(error.message).toContain(`list the webhooks of account ${ACCOUNT}`);
      expect(server.seen).toHaveLength(4);
      expect(clock.slept).toEqual([500, 1000, 2000]);
    });
  });

  test('no response ends in a timeout', async () => {
    await withClient(
      [silence, ok([])],
      async ({ client, server }) => {
        expect(await client.listWebhooks(ACCOUNT)).toEqual([]);
        expect(server.seen).toHaveLength(2);
      },
      { timeoutMs: 100 },
    );
    await withClient(
      [silence],
      async ({ client }) => {
        const error = await failureOf(client.listWebhooks(ACCOUNT));
        expect(error.code).toBe('timeout');
        expect(error.message).toMatch(/did not respond within 0.05 s after 2 tries/);
      },
      { timeoutMs: 50, retries: 1 },
    );
  });

  test('retry-after on a 503 is honored, up to a limit', async () => {
    const busy = (seconds: string): Reply => raw(503, HTML, { 'retry-after': seconds });
    await withClient([busy('7'), busy('86400'), ok([])], async ({ client, clock }) => {
      await client.listWebhooks(ACCOUNT);
      expect(clock.slept).toEqual([7000, 60_000]);
    });
  });

  test('the pause is jittered and at most 30 s', async () => {
    await withClient(
      [raw(500, '')],
      async ({ client, clock }) => {
        await failureOf(client.listWebhooks(ACCOUNT));
        expect(clock.slept.slice(0, 2)).toEqual([250, 500]);
        expect(Math.max(...clock.slept)).toBe(15_000);
      },
      { random: () => 0.5, retries: 9 },
    );
  });
});

describe('a failure that cannot pass is an error at once', () => {
  const final: readonly (readonly [string, Reply, string, RegExp])[] = [
    ['success: false with 200', json(200, { success: false, errors: [] }), 'api-refused', /gave no reason/],
    [
      'a redirect',
      raw(302, '', { location: 'https://elsewhere.example/x' }),
      'bad-answer',
      /redirect to https:\/\/elsewhere/,
    ],
    ['400/9109', refused(400, 'Invalid access token', 9109), 'access-denied', /9109/],
    [
      '404/7003',
      refused(404, 'Could not route', 7003),
      'wrong-address',
      /account ID is probably wrong.*CLOUDFLARE_ACCOUNT_ID/,
    ],
    ['400/17000', refused(400, 'no', 17000), 'api-refused', /Cloudflare says "no" \(HTTP 400, code 17000/],
  ];
  test.each(final)('%s', async (_name, reply, code, message) => {
    await withClient([reply], async ({ client, server }) => {
      const error = await failureOf(client.listWebhooks(ACCOUNT));
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
      expect(error.message).toContain(`cf-ray ${RAY}`);
      expect(server.seen).toHaveLength(1);
    });
  });

  test.each([
    ['401', refused(401, 'Unauthorized'), /API token/],
    ['403 with HTML', raw(403, HTML), /HTML, not JSON/],
    ['403/10000', refused(403, 'Authentication error', 10000), /Notifications > Read/],
    ['400/10001', refused(400, 'Unable to authenticate request', 10001), /code 10001/],
  ])('%s can pass, so it is retried twice and then believed', async (_name, reply, message) => {
    await withClient([reply, reply, ok([])], async ({ client }) => {
      expect(await client.listWebhooks(ACCOUNT)).toEqual([]);
    });
    await withClient([reply], async ({ client, server }) => {
      const error = await failureOf(client.listWebhooks(ACCOUNT));
      expect(error.code).toBe('access-denied');
      expect(error.message).toMatch(message);
      expect(server.seen).toHaveLength(3);
    });
    await withClient(
      [reply],
      async ({ client, server }) => {
        await failureOf(client.listWebhooks(ACCOUNT));
        expect(server.seen).toHaveLength(1);
      },
      { retries: 0 },
    );
  });

  test.each([
    ['result null', ok(null), /its result is not a list/],
    [
      'an entry that is not an object',
      ok([{ id: HOOK }, null]),
      /entry 2 of 2 in its list: it is not an object/,
    ],
    ['an entry without an ID', ok([{ name: 'x' }]), /entry 1 of 1 in its list: it has no id/],
    ['a duplicate ID', ok([{ id: HOOK }, { id: HOOK }]), /its list contains the same ID twice/],
    ['JSON in another format', json(200, { hello: 1 }), /not in Cloudflare's format/],
  ])('the error says what is not usable: %s', async (_name, reply, message) => {
    await withClient([reply], async ({ client }) => {
      expect((await failureOf(client.listWebhooks(ACCOUNT))).message).toMatch(message);
    });
  });

  test('a malformed token that only error_chain reports', async () => {
    const chain = {
      code: 6003,
      message: 'Invalid request headers',
      error_chain: [{ code: 6111, message: 'Invalid format' }],
    };
    await withClient([json(400, { success: false, errors: [chain] })], async ({ client }) => {
      const error = await failureOf(client.listPolicies(ACCOUNT));
      expect(error.code).toBe('access-denied');
      expect(error.message).toContain('code 6003, 6111');
    });
  });
});

describe('one object', () => {
  test('is decoded', async () => {
    await withClient([ok({ id: HOOK, name: 'Ops', type: 'brand-new' })], async ({ client, server }) => {
      expect(await client.getWebhook(ACCOUNT, HOOK)).toEqual({
        id: HOOK,
        name: 'Ops',
        url: '',
        type: 'brand-new',
        createdAt: null,
        lastSuccess: null,
        lastFailure: null,
      });
      expect(server.seen[0]?.path).toBe(`${PATH}/${HOOK}`);
    });
  });

  test('404 from the API means that it does not exist', async () => {
    await withClient([refused(404, 'Webhook not found')], async ({ client }) => {
      expect(await client.getWebhook(ACCOUNT, HOOK)).toBeUndefined();
    });
  });

  test.each([
    ['404/7003', refused(404, 'Could not route to …', 7003)],
    ['404/7000', refused(404, 'No route for that URI', 7000)],
    ['the 404 page of another server', raw(404, HTML)],
  ])('%s does not mean that', async (_name, reply) => {
    await withClient([reply], async ({ client }) => {
      expect((await failureOf(client.getWebhook(ACCOUNT, HOOK))).code).toBe('wrong-address');
    });
  });

  test('a list that returns 404 is an error, not an empty account', async () => {
    await withClient([refused(404, 'not found')], async ({ client }) => {
      expect((await failureOf(client.listWebhooks(ACCOUNT))).code).toBe('not-found');
    });
  });
});

test('the requests of doctor', async () => {
  await withClient(
    [ok({ webhooks: [{ eligible: true, ready: false, type: 'webhooks' }] })],
    async ({ client }) => {
      expect(await client.eligible(ACCOUNT)).toEqual([
        { mechanism: 'webhooks', type: 'webhooks', eligible: true, ready: false },
      ]);
    },
  );
  const reply = json(
    200,
    { success: true, result: { status: 'active', expires_on: '2030-01-01T00:00:00Z' } },
    { date: 'Mon, 01 Jan 2029 00:00:00 GMT' },
  );
  await withClient([reply], async ({ client, server }) => {
    expect(await client.verifyToken()).toEqual({
      status: 'active',
      expiresOn: '2030-01-01T00:00:00Z',
    });
    expect(client.serverTime).toBe('Mon, 01 Jan 2029 00:00:00 GMT');
    await client.verifyToken(ACCOUNT);
    expect(server.seen.map(({ path }) => path)).toEqual([
      '/client/v4/user/tokens/verify',
      `/client/v4/accounts/${ACCOUNT}/tokens/verify`,
    ]);
  });
});
