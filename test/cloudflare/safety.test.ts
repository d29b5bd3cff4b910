import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { HookwrightError } from '../../src/core/errors.js';
import { Secret } from '../../src/core/secret.js';
import type { WebhookId } from '../../src/core/ids.js';
import { JumpingClock } from './clocks.js';
import { cut, ok, raw, refused, ScriptedServer, type Reply } from './server.js';
import { failureOf } from './failures.js';
import { ACCOUNT, clientFor, HOOK, TOKEN, withClient } from './subject.js';

const SECRET = 'wEbHoOk-sEcReT-value/+"x"';
const URL_SECRET = 'https://relay.example/hooks/pAtHsEcReT123';

describe('the token is sent nowhere else', () => {
  test.each([301, 302, 303, 307, 308])(
    'a %s is not followed, not even to the same origin',
    async (status) => {
      const elsewhere = await new ScriptedServer(ok([])).start();
      await withClient(
        [raw(status, '', { location: `${elsewhere.url}/x?t=${TOKEN}` })],
        async ({ client, server }) => {
          const error = await failureOf(client.listWebhooks(ACCOUNT));
          expect(error.message).toMatch(/redirect to http:\/\/127.0.0.1:\d+\/…, which was not followed/);
          expect((await client.createWebhook(ACCOUNT, { name: 'A', url: 'https://x.example/' })).status).toBe(
            'unknown',
          );
          expect(server.seen).toHaveLength(2);
        },
      );
      await withClient(
        [raw(status, '', { location: '/client/v4/elsewhere' })],
        async ({ client, server }) => {
          await failureOf(client.listWebhooks(ACCOUNT));
          expect(server.seen).toHaveLength(1);
        },
      );
      expect(elsewhere.seen).toEqual([]);
      await elsewhere.stop();
    },
  );

  test.each([
    ['http://api.cloudflare.com/client/v4', /plain http:/],
    ['http://192.168.1.1/', /plain http:/],
    ['http://127.0.0.1.example.com/', /plain http:/],
    ['http://localhost.example.com/', /plain http:/],
    ['ftp://127.0.0.1/', /neither https: nor http:/],
    ['https://user:pass-word@api.example/', /a username or password/],
    ['https://api.example/?q=pass-word', /query/],
    ['https://api.example/#', /fragment/],
    ['api.cloudflare.com', /is not a valid URL/],
    ['', /is not a valid URL/],
  ])('the address %s is refused', (baseUrl, message) => {
    const make = (): unknown => clientFor(baseUrl, new JumpingClock());
    expect(make).toThrow(HookwrightError);
    expect(make).toThrow(expect.objectContaining({ code: 'usage', message: expect.stringMatching(message) }));
    expect(make).not.toThrow(/pass-word/);
  });

  test.each([
    'https://api.cloudflare.com/client/v4',
    'http://127.8.9.1:1/',
    'http://[::1]:80',
    'http://localhost/x/',
  ])('the address %s is accepted', (baseUrl) => {
    expect(() => clientFor(baseUrl, new JumpingClock())).not.toThrow();
  });

  test.each(['..', '.', ''])('the ID "%s" cannot climb out of its path', (id) => {
    const client = clientFor('http://127.0.0.1:9', new JumpingClock());
    expect(() => client.deleteWebhook(ACCOUNT, id as WebhookId)).toThrow(/is not a valid ID/);
  });

  test('an unusual ID stays one segment', async () => {
    await withClient([ok(null)], async ({ client, server }) => {
      await client.deleteWebhook(ACCOUNT, '../../policies?x#y' as WebhookId);
      expect(server.seen[0]?.path).toMatch(/\/webhooks\/\.\.%2F\.\.%2Fpolicies%3Fx%23y$/);
    });
  });

  test('the error for a token that cannot be sent does not contain it', () => {
    for (const token of [`${TOKEN}\n`, `${TOKEN} x`, '“quoted-TOKEN”', '']) {
      const make = (): unknown =>
        clientFor('http://127.0.0.1:9', new JumpingClock(), { credentials: { token: new Secret(token) } });
      expect(make).toThrow(/CLOUDFLARE_API_TOKEN/);
      expect(make).not.toThrow(/TOKEN”|cAnArY/);
    }
  });

  test('key and email are sent in their own headers', async () => {
    const credentials = { key: new Secret('the-global-key'), email: 'ops@example.com' };
    await withClient(
      [ok([])],
      async ({ client, server }) => {
        await client.listWebhooks(ACCOUNT);
        expect(server.seen[0]?.headers).toMatchObject({
          'x-auth-key': 'the-global-key',
          'x-auth-email': 'ops@example.com',
        });
        expect(server.seen[0]?.headers).not.toHaveProperty('authorization');
      },
      { credentials },
    );
  });
});

describe('a response over the size limit is refused while it is read', () => {
  const endless: Reply = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const chunk = 'x'.repeat(256 * 1024);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk)) continue;
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };

  test('1 MiB for one object, 64 MiB for a list', async () => {
    await withClient([endless], async ({ client, server }) => {
      const one = await failureOf(client.getWebhook(ACCOUNT, HOOK));
      expect(one.message).toMatch(/too long \(more than 1048576 bytes\)/);
      const list = await failureOf(client.listWebhooks(ACCOUNT));
      expect(list.message).toMatch(/too long \(more than 67108864 bytes\)/);
      expect([one.code, list.code]).toEqual(['bad-answer', 'bad-answer']);
      expect(server.seen).toHaveLength(2);
    });
  });

  test('a list of 40,000 webhooks is accepted', async () => {
    const hook = {
      id: HOOK,
      name: 'n'.repeat(100),
      url: `https://x.example/${'p'.repeat(200)}`,
      type: 'generic',
    };
    const hooks = Array.from({ length: 40_000 }, (_, index) => ({
      ...hook,
      id: `${HOOK.slice(6)}${100_000 + index}`,
    }));
    await withClient([ok(hooks)], async ({ client }) => {
      expect(await client.listWebhooks(ACCOUNT)).toHaveLength(40_000);
    });
  });
});

describe('no secret comes back', () => {
  const forms = [TOKEN, SECRET, URL_SECRET, 'pAtHsEcReT123'];
  const all = [
    ...forms,
    ...forms.map((form) => Buffer.from(form).toString('base64').replaceAll('=', '')),
    ...forms.map(encodeURIComponent),
    JSON.stringify(SECRET).slice(1, -1),
  ];
  const echo = (status: number): Reply =>
    refused(status, `cannot use ${all.join(' , ')} with Authorization: Bearer ${TOKEN}`);

  test.each([
    ['400', echo(400)],
    ['403', echo(403)],
    ['404', echo(404)],
    ['500', echo(500)],
    ['200', echo(200)],
    ['302', raw(302, '', { location: `https://e.example/${TOKEN}` })],
    ['HTML', raw(502, `<html>${all.join(' ')}</html>`)],
    ['text', raw(200, all.join(' '))],
    ['cf-ray', raw(500, '', { 'cf-ray': TOKEN })],
    ['a cut connection', cut],
  ] as const)('not from %s', async (_name, reply) => {
    await withClient([reply], async ({ client, debug }) => {
      const body = { name: 'A', url: new Secret(URL_SECRET), secret: new Secret(SECRET) };
      const write = await client.createWebhook(ACCOUNT, body);
      const read = await failureOf(client.listWebhooks(ACCOUNT));
      const error = write.status === 'done' ? undefined : write.error;
      const texts = [error, read].map(
        (each) => `${each?.message} ${each?.stack} ${inspect(each, { depth: 20, showHidden: true })}`,
      );
      const seen = [...texts, ...debug, inspect(client, { depth: 20, showHidden: true })].join('\n');
      for (const secret of all) expect(seen).not.toContain(secret);
      expect(debug.length).toBeGreaterThan(0);
    });
  });

  test('the debug log contains only method, path, status, cf-ray and time', async () => {
    await withClient([ok([])], async ({ client, debug }) => {
      await client.listWebhooks(ACCOUNT);
      expect(debug).toEqual([
        expect.stringMatching(
          /^GET \/accounts\/[0-9a-f]{32}\/alerting\/v3\/destinations\/webhooks 200 cf-ray=\S+ \d+ ms$/,
        ),
      ]);
    });
  });
});
