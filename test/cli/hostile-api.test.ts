import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { runCli } from '../support/cli.js';
import { canariesOf, FLAGS, formsOf, leaksIn, tracesOf } from '../support/canaries.js';
import { fileOf, TOKEN, withAccount } from '../support/site.js';

type Seen = { readonly method: string; readonly path: string; readonly headers: IncomingMessage['headers'] };
type Server = { readonly origin: string; readonly seen: readonly Seen[] };

/** Runs `use` with a server on loopback that sends these responses. */
async function serving<T>(
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void,
  use: (server: Server) => Promise<T>,
): Promise<T> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers });
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => answer(request, Buffer.concat(parts).toString(), response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** Returns everything in the request, in every encoding in which an API might quote it. */
function quotes({ headers }: IncomingMessage, body: string): readonly string[] {
  const values = body.startsWith('{') ? Object.values(JSON.parse(body) as Record<string, string>) : [];
  const sent = [...values, headers.authorization ?? '', body];
  return sent.flatMap((text) => formsOf(text).map((form) => `invalid value: ${form}`));
}

const { env: ENV, given: GIVEN } = canariesOf(64);

describe('an API that quotes everything it receives', () => {
  test.each([400, 403, 500])('leaks nothing through this command, with HTTP %i', (status) =>
    withAccount(GIVEN, async ({ run, cwd, emulator }) => {
      const answer = async (
        request: IncomingMessage,
        body: string,
        response: ServerResponse,
      ): Promise<void> => {
        if (request.method === 'GET') {
          const authorization = request.headers.authorization ?? '';
          const real = await fetch(`${emulator.url}${(request.url ?? '').replace('/client/v4', '')}`, {
            headers: { authorization },
          });
          return void response.writeHead(200).end(await real.text());
        }
        json(response, status, {
          success: false,
          errors: quotes(request, body).map((message) => ({ code: 1234, message })),
          messages: [],
          result: null,
        });
      };
      await serving(
        (request, body, response) => void answer(request, body, response),
        async ({ origin }) => {
          for (const format of ['text', 'json', 'markdown']) {
            const flags = [
              '--format',
              format,
              '--log-level',
              'debug',
              '--events',
              'e',
              '--report',
              'junit=j',
              '--report',
              'html=h',
            ];
            const result = await run(['apply', '--auto-approve', ...FLAGS, ...flags], {
              env: { ...ENV, CLOUDFLARE_BASE_URL: `${origin}/client/v4` },
            });
            expect(result.code).toBe(status === 403 ? 7 : status === 400 ? 1 : 4);
            expect(leaksIn(await tracesOf(result, cwd))).toEqual([]);
          }
        },
      );
    }),
  );

  test.each([
    'https://hooks.slack.com/services/T000/B000/TOKEN',
    'https://hooks.zapier.com/hooks/catch/1/TOKEN/',
    'https://a.example/cf?token=TOKEN&env=production',
    'https://user:TOKEN@a.example/cf',
  ])('leaks nothing of the credential in a literal URL: %s', async (form) => {
    const token = 'TOKEN4vG8mR2xPqaZ09bY18';
    const url = form.replace('TOKEN', token);
    const quoted = [token, url.slice(8), encodeURIComponent(url), Buffer.from(url).toString('base64')];
    const entry = `  - { name: A, url: ${JSON.stringify(url)}, secret: none }\n`;
    await withAccount({ files: fileOf(entry) }, ({ run }) =>
      serving(
        ({ method }, _, response) =>
          method === 'GET'
            ? json(response, 200, { success: true, errors: [], messages: [], result: [] })
            : json(response, 400, { success: false, errors: [{ message: quoted.join(' ') }] }),
        async ({ origin }) => {
          const flags = ['--auto-approve', '--allow-literal-secrets', '--format', 'json'];
          const { stdout, stderr } = await run(['apply', ...flags], {
            env: { CLOUDFLARE_BASE_URL: `${origin}/client/v4` },
          });
          const { outcomes } = JSON.parse(stdout) as { outcomes: { error: { message: string } }[] };
          expect(outcomes[0]?.error.message).toContain('Cloudflare says "…');
          for (const left of [token.slice(0, 8), token.slice(-8), encodeURIComponent(token)])
            expect(stdout + stderr).not.toContain(left);
          for (const [run64] of (stdout + stderr).matchAll(/[\w+/]{8,}/g))
            expect(Buffer.from(run64, 'base64').toString('latin1')).not.toContain(token.slice(0, 8));
        },
      ),
    );
  });

  test.each([401, 404, 500])('leaks nothing of the token when it refuses a list with HTTP %i', (status) =>
    serving(
      (request, body, response) =>
        json(response, status, {
          success: false,
          errors: quotes(request, body).map((message) => ({ message })),
        }),
      async ({ origin }) => {
        for (const command of ['plan', 'status', 'doctor', 'import'].flatMap((name) => [
          [name],
          [name, '--log-level', 'debug'],
        ])) {
          const result = await runCli([...command, '--retries', '0'], {
            env: { ...ENV, CLOUDFLARE_BASE_URL: origin, CLOUDFLARE_ACCOUNT_ID: '0'.repeat(31) + '1' },
          });
          expect(leaksIn(result.stdout + result.stderr)).toEqual([]);
          expect(result.code).not.toBe(0);
        }
      },
    ),
  );
});

describe('the token goes to the configured origin only', () => {
  const file = fileOf('  - { name: A, url: "https://a.example/" }\n');

  test.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed', (status) =>
    serving(
      (_, __, response) => json(response, 200, { success: true, errors: [], messages: [], result: [] }),
      (elsewhere) =>
        serving(
          (_, __, response) =>
            void response.writeHead(status, { location: `${elsewhere.origin}/stolen` }).end(),
          (server) =>
            withAccount({ files: file }, async ({ run }) => {
              for (const command of [['plan'], ['apply', '--auto-approve'], ['status'], ['doctor']]) {
                const { code, stdout, stderr } = await run(command, {
                  env: { CLOUDFLARE_BASE_URL: server.origin },
                });
                expect(code).toBe(1);
                expect(stdout + stderr).toMatch(/redirect/);
              }
              expect(server.seen.length).toBeGreaterThan(0);
              expect(elsewhere.seen).toEqual([]);
            }),
        ),
    ),
  );

  test.each([
    'http://api.example/client/v4',
    'http://127.0.0.1.example/',
    'http://localhost.example/',
    'http://10.0.0.1/',
    'http://[::2]/',
    'ftp://127.0.0.1/',
    'https://user:hunter2@api.example/',
    'https://api.example/client/v4?x=1',
    'https://api.example/#x',
    'api.cloudflare.com',
    'javascript:alert(1)',
  ])('%s is refused before anything is sent', (address) =>
    withAccount({ files: file }, async ({ run }) => {
      for (const command of [
        ['plan', '--api-url', address],
        ['apply', '--auto-approve', '--api-url', address],
      ]) {
        const { code, stdout, stderr } = await run(command);
        expect(code).toBe(3);
        expect(stdout + stderr).not.toMatch(/hunter2|\bat .*\.[jt]s:/);
      }
    }),
  );

  test.each(['/', '//', '/client/v4', '/client/v4/'])('a base URL that ends in %s works', (path) =>
    serving(
      (_, __, response) => json(response, 200, { success: true, errors: [], messages: [], result: [] }),
      ({ origin, seen }) =>
        withAccount({ files: file }, async ({ run }) => {
          expect((await run(['plan'], { env: { CLOUDFLARE_BASE_URL: origin + path } })).code).toBe(0);
          expect(seen[0]?.path).toMatch(
            /^(\/client\/v4)?\/accounts\/[0-9a-f]{32}\/alerting\/v3\/destinations\/webhooks$/,
          );
          expect(seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
        }),
    ),
  );
});

describe('timeout and retries', () => {
  const file = fileOf('  - { name: A, url: "https://a.example/" }\n');

  test.each([0, 1, 3])('--retries %i: the number of retries of a read', (retries) =>
    withAccount({ files: file }, async ({ run, emulator, methods }) => {
      emulator.fault = () => '500-before';
      expect((await run(['plan', '--retries', String(retries)])).code).toBe(1);
      expect(methods()).toHaveLength(retries + 1);
    }),
  );

  test('--timeout applies to one request, and the message names it', () =>
    withAccount({ files: file }, async ({ run, emulator, methods }) => {
      emulator.fault = () => 'hang-before';
      const { code, stdout } = await run(['plan', '--timeout', '0.1', '--retries', '1']);
      expect(code).toBe(1);
      expect(stdout).toContain('--timeout');
      expect(methods()).toEqual(['GET', 'GET']);
    }));
});
