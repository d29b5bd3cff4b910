import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { ClientOptions, CloudflareClient } from '../../src/cloudflare/client.js';
import { proxyFor } from '../../src/cloudflare/proxy.js';
import type { WriteAnswer } from '../../src/core/ports.js';
import { hasOpenssl, selfSigned } from '../support/certificate.js';
import { JumpingClock } from './clocks.js';
import { ok, ScriptedServer } from './server.js';
import { summary } from './failures.js';
import { ACCOUNT, clientFor, TOKEN } from './subject.js';

const BASE = 'https://api.hookwright.test/client/v4';
const BODY = { name: 'A', url: 'https://x.example/' };

const closers: (() => Promise<unknown>)[] = [];

/** Accepts only CONNECT: it connects to one local port, whatever the target, or refuses. */
class Proxy {
  readonly asked: string[] = [];
  readonly #server: Server = createHttpServer();
  readonly #sockets = new Set<Socket>();

  async start(target: number | { readonly status: string }): Promise<this> {
    this.#server.on('connection', (socket) => this.#sockets.add(socket));
    this.#server.on('connect', (request, socket, head) => {
      this.asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? 'anonymous'}`);
      if (typeof target !== 'number') {
        socket.end(`HTTP/1.1 ${target.status}\r\ncontent-length: 0\r\n\r\n`);
        return;
      }
      const upstream = connect(target, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        upstream.write(head);
        socket.pipe(upstream).pipe(socket);
      });
      for (const end of [socket, upstream]) end.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    closers.push(() => this.stop());
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Env = Readonly<Record<string, string>>;

function proxied(baseUrl: string, env: Env, more: Partial<ClientOptions> = {}): CloudflareClient {
  const client = clientFor(baseUrl, new JumpingClock(), { env, retries: 0, ...more });
  closers.push(() => Promise.resolve(client.close()));
  return client;
}

const messageOf = (answer: WriteAnswer<unknown>): string =>
  answer.status === 'done' ? '' : answer.error.message;

describe('in this process', () => {
  test('the error names a proxy that refuses; nothing was sent, and its password is not shown', async () => {
    const proxy = await new Proxy().start({ status: '407 Proxy Authentication Required' });
    const env = { HTTPS_PROXY: `http://me:pr0xyPaSs@127.0.0.1:${proxy.port}` };
    const answer = await proxied(BASE, env).createWebhook(ACCOUNT, BODY);
    const credentials = `Basic ${Buffer.from('me:pr0xyPaSs').toString('base64')}`;
    expect(proxy.asked).toEqual([`api.hookwright.test:443 ${credentials}`]);
    expect(summary(answer)).toBe('refused network');
    expect(messageOf(answer)).toMatch(
      /through the proxy http:\/\/127.0.0.1:\d+ \(see HTTPS_PROXY\) .*it responded with HTTP 407/,
    );
    expect(messageOf(answer)).not.toContain('pr0xyPaSs');
  });

  test('NO_PROXY is honored', async () => {
    const proxy = await new Proxy().start({ status: '403 Forbidden' });
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: 'other.example,192.0.2.1' };
    // An address that no host has.
    const client = proxied('https://192.0.2.1/client/v4', env, { timeoutMs: 200 });
    expect(summary(await client.createWebhook(ACCOUNT, BODY))).toBe('refused network');
    expect(proxy.asked).toEqual([]);
  });

  test('this machine is never reached through a proxy', async () => {
    const proxy = await new Proxy().start({ status: '403 Forbidden' });
    const url = `http://127.0.0.1:${proxy.port}`;
    const env = { HTTPS_PROXY: url, ALL_PROXY: url };
    const server = await new ScriptedServer(ok([])).start();
    closers.push(() => server.stop());
    expect(await proxied(server.url, env).listWebhooks(ACCOUNT)).toEqual([]);
    const local = proxied('https://127.0.0.1:9/', env);
    expect(summary(await local.createWebhook(ACCOUNT, BODY))).toBe('refused network');
    expect(proxy.asked).toEqual([]);
  });

  test('a proxy that is not a URL is a usage error', async () => {
    const client = proxied(BASE, { HTTPS_PROXY: 'socks5://127.0.0.1:1' });
    await expect(client.listWebhooks(ACCOUNT)).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('the proxy for an address', () => {
  const P = 'http://proxy.example:3128';
  const pick = (env: Env, url = 'https://api.example.test/'): string => proxyFor(new URL(url), env);

  test.each<readonly [string, Env, string]>([
    ['none', {}, ''],
    ['HTTPS_PROXY', { HTTPS_PROXY: P }, P],
    ['in lower case, which takes precedence', { https_proxy: P, HTTPS_PROXY: 'http://other' }, P],
    ['ALL_PROXY', { ALL_PROXY: P }, P],
    ['HTTPS_PROXY before ALL_PROXY', { HTTPS_PROXY: P, all_proxy: 'http://other' }, P],
    ['not HTTP_PROXY', { HTTP_PROXY: P }, ''],
    ['empty counts as unset', { https_proxy: '', HTTPS_PROXY: P, NO_PROXY: '' }, P],
    ['without a scheme it uses http', { HTTPS_PROXY: 'proxy.example:3128' }, P],
  ])('%s', (_, env, expected) => {
    expect(pick(env)).toBe(expected);
  });

  test.each([
    ['*', true],
    ['api.example.test', true],
    ['example.test', true],
    ['.example.test', true],
    ['*.example.test', true],
    ['test', true],
    ['other.example, example.test', true],
    ['other.example example.test', true],
    ['EXAMPLE.test', true],
    ['example.test:443', true],
    ['example.test:8443', false],
    ['ample.test', false],
    ['api.example', false],
    ['x.api.example.test', false],
    [',. ,', false],
  ])('NO_PROXY=%s covers api.example.test: %s', (list, covered) => {
    expect(pick({ HTTPS_PROXY: P, NO_PROXY: list })).toBe(covered ? '' : P);
    expect(pick({ HTTPS_PROXY: P, no_proxy: list })).toBe(covered ? '' : P);
  });

  test('a port in NO_PROXY must match the port of the address', () => {
    const env = { HTTPS_PROXY: P, NO_PROXY: 'example.test:8443' };
    expect(pick(env, 'https://api.example.test:8443/')).toBe('');
  });
});

/** Another certificate authority can be set only for a separate process. */
(hasOpenssl ? describe : describe.skip)('in a separate process, with a private certificate authority', () => {
  test('the request goes through the tunnel, encrypted; without the certificate authority it is not sent', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hookwright-proxy-'));
    closers.push(() => rm(folder, { recursive: true }));
    const { key, cert } = selfSigned(folder);
    const tokens: (string | undefined)[] = [];
    const api = createHttpsServer(
      { key: await readFile(key), cert: await readFile(cert) },
      (request, response) => {
        tokens.push(request.headers.authorization);
        response.end(JSON.stringify({ success: true, result: { id: 'made' } }));
      },
    );
    api.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => api.close(resolve)));
    const proxy = await new Proxy().start((api.address() as AddressInfo).port);

    const script = join(folder, 'run.mjs');
    const options = ['--bundle', '--platform=node', '--format=esm', `--outfile=${script}`, '--loader=ts'];
    const banner =
      "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
    spawnSync('node_modules/.bin/esbuild', [...options, `--banner:js=${banner}`], { input: SCRIPT });
    const run = async (env: Record<string, string>): Promise<string> => {
      const proxyUrl = `http://127.0.0.1:${proxy.port}`;
      const all = { PATH: process.env['PATH'] ?? '', HTTPS_PROXY: proxyUrl, TOKEN, BASE, ACCOUNT, ...env };
      return (await promisify(execFile)(process.execPath, [script], { env: all })).stdout.trim();
    };
    expect(await run({ NODE_EXTRA_CA_CERTS: cert })).toBe('done made');
    expect(tokens).toEqual([`Bearer ${TOKEN}`]);
    expect(await run({})).toMatch(
      /^refused Could not reach .* \(its certificate is not trusted, \w*SELF_SIGNED_CERT\w*; set NODE_EXTRA_CA_CERTS/,
    );
    expect(tokens).toHaveLength(1);
    expect(proxy.asked).toEqual(Array(2).fill('api.hookwright.test:443 anonymous'));
  });
});

const SCRIPT = `
import { JumpingClock } from './test/cloudflare/clocks.ts';
import { CloudflareClient } from './src/cloudflare/client.ts';
import { Redactor } from './src/text/redactor.ts';
import { Secret } from './src/core/secret.ts';
const { env } = process;
const clock = new JumpingClock();
const client = new CloudflareClient({
  baseUrl: env.BASE, credentials: { token: new Secret(env.TOKEN) }, timeoutMs: 5000, retries: 0, retryDelayMs: 1,
  parallelism: 1, clock, redactor: new Redactor(),
  userAgent: 'test', env, random: Math.random,
});
const answer = await client.createWebhook(env.ACCOUNT, { name: 'A', url: 'https://x.example/' });
console.log(answer.status, answer.status === 'done' ? answer.value : answer.error.message);
client.close();
`;
