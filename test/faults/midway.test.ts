import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { request as ask } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/cli/io.js';
import { hasOpenssl, selfSigned } from '../support/certificate.js';
import { emptyFolder, runCli } from '../support/cli.js';
import { fileOf, TOKEN, withAccount, type Site } from '../support/site.js';

const BIN = path.resolve(
  import.meta.dirname,
  '../..',
  process.env['HOOKWRIGHT_BIN'] ?? 'dist/hookwright.cjs',
);
const has = (tool: string, flag = '--version'): boolean => spawnSync(tool, [flag]).status === 0;
const built = existsSync(BIN);
const COUNT = 20;
const TIMES = Array.from({ length: 25 }, (_, n) => n);
const NAMES = Array.from({ length: COUNT }, (_, n) => `Hook ${n}`).sort();
const FILE = fileOf(
  NAMES.map((name) => `  - { name: ${name}, url: "https://${name.slice(5)}.example/" }\n`).join(''),
);

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
type Env = Readonly<Record<string, string>>;

async function runProcess(cwd: string, command: readonly string[], env: Env): Promise<Ended> {
  const [file = '', ...args] = command;
  const common = {
    PATH: process.env['PATH'] ?? '',
    CLOUDFLARE_API_TOKEN: TOKEN,
    HOOKWRIGHT_RETRY_DELAY: '1',
  };
  const quick = { HOOKWRIGHT_SETTLE: '0.05', HOOKWRIGHT_TIMEOUT: '2', HOOKWRIGHT_RETRIES: '1' };
  const child = spawn(file, args, { cwd, env: { ...common, ...quick, ...env } });
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (written.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (written.stderr += text.toString()));
  child.stdin.end();
  const late = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(late);
  return { code, ...written };
}

const APPLY = ['apply', '--auto-approve', '--format', 'json', '--parallelism', '3'];
const namesOf = ({ emulator }: Site): string =>
  emulator
    .account('023e105f4ecef8ad9ca31a8372d0c353')
    .webhooks.map(({ name }) => name)
    .sort()
    .join();

/** Checks that every action has an outcome and that the exit code is correct. */
function expectTruth(site: Site, { code, stdout, stderr }: Ended): void {
  expect(stdout + stderr).not.toMatch(/This is a bug|^\s+at .*:\d+:\d+/m);
  const document = JSON.parse(stdout) as {
    outcomes?: readonly { readonly status: string }[];
    failures?: readonly unknown[];
  };
  const applied = (document.outcomes ?? []).filter(({ status }) => status === 'applied').length;
  if (document.outcomes?.length === 0) expect(document.failures).toHaveLength(1);
  else expect(document.outcomes).toHaveLength(COUNT);
  const wrote = site.emulator.requests.some(({ effect }) => effect);
  expect(wrote ? [0, 4] : [1, 4]).toContain(code);
  if (code === 0) expect({ applied, names: namesOf(site) }).toEqual({ applied: COUNT, names: NAMES.join() });
}

(built && has('prlimit') ? describe : describe.skip)('the disk becomes full midway', () => {
  test.each(TIMES)('%#', (n) =>
    withAccount({ files: FILE }, async (site) => {
      const env = { CLOUDFLARE_BASE_URL: site.emulator.url };
      const limited = ['prlimit', `--fsize=${n * 300}`, process.execPath, BIN];
      const files = ['--events', 'events', '--report', 'json=report', '--report', 'html=page'];
      const ended = await runProcess(site.cwd, [...limited, ...APPLY, ...files], env);
      expect(ended.code).toBe(4);
      expect(ended.stderr.match(/Cannot write the events file/g)).toHaveLength(1);
      expectTruth(site, ended);
      expect(namesOf(site)).toBe(NAMES.join());
      expect((await runProcess(site.cwd, [process.execPath, BIN, ...APPLY], env)).code).toBe(0);
    }),
  );
});

describe('the clock is set midway', () => {
  test.each(TIMES)('%#', (n) =>
    withAccount(
      { files: FILE, emulator: { quirks: { 'list-lag': 20, rate: { limit: 15, windowMs: 1000 } } } },
      async (site) => {
        let step = 0;
        let asked = 0;
        const clock = {
          ...systemClock,
          now: () => {
            asked += 1;
            if (asked === n + 1) step = (n % 2 === 0 ? -1 : 1) * 3_600_000;
            return Date.now() + step;
          },
        };
        const env = {
          CLOUDFLARE_API_TOKEN: TOKEN,
          CLOUDFLARE_BASE_URL: site.emulator.url,
          HOOKWRIGHT_RETRY_DELAY: '1',
        };
        const started = performance.now();
        const ended = await runCli([...APPLY, '--settle', '2', '--events', 'events'], {
          cwd: site.cwd,
          clock,
          env,
        });
        expect(performance.now() - started).toBeLessThan(20_000);
        expect(ended.stderr).not.toMatch(/\d{4,} s/);
        expectTruth(site, ended);
        expect(ended.code).toBe(0);
      },
    ),
  );
});

(built && hasOpenssl ? describe : describe.skip)('a proxy that stops in the middle of an apply', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await emptyFolder();
    selfSigned(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Runs the emulator behind TLS, with a proxy that stops after `dies` responses. */
  async function behindProxy<T>(site: Site, dies: number, use: (env: Env) => Promise<T>): Promise<T> {
    const [key, cert] = await Promise.all(
      ['key.pem', 'cert.pem'].map((name) => readFile(path.join(folder, name))),
    );
    const sockets = new Set<Socket>();
    let served = 0;
    const api = createHttpsServer({ key, cert }, (incoming, outgoing) => {
      const { method, url = '' } = incoming;
      // The emulator accepts only its own host.
      const headers = { ...incoming.headers };
      delete headers.host;
      const forward = ask(new URL(url, site.emulator.url), { method, headers }, (answer) => {
        served += 1;
        if (served === dies) {
          proxy.close();
          for (const socket of sockets) socket.resetAndDestroy();
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      forward.on('error', () => outgoing.destroy());
      incoming.pipe(forward);
    });
    api.on('tlsClientError', () => undefined);
    const proxy = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      socket.once('data', () => {
        const upstream = connect((api.address() as AddressInfo).port, '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          socket.pipe(upstream).pipe(socket);
        });
        sockets.add(upstream.on('error', () => socket.destroy()));
      });
    });
    for (const server of [api, proxy])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await use({
        CLOUDFLARE_BASE_URL: 'https://api.hookwright.test/client/v4',
        HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
        NODE_EXTRA_CA_CERTS: path.join(folder, 'cert.pem'),
      });
    } finally {
      proxy.close();
      for (const socket of sockets) socket.destroy();
      api.closeAllConnections();
      await new Promise((resolve) => api.close(resolve));
    }
  }

  test.each(TIMES)('%#', (n) =>
    withAccount({ files: FILE }, async (site) => {
      const command = [process.execPath, BIN, ...APPLY];
      const ended = await behindProxy(site, n + 1, (env) => runProcess(site.cwd, command, env));
      expectTruth(site, ended);
      const again = await behindProxy(site, Infinity, (env) => runProcess(site.cwd, command, env));
      expect({ code: again.code, names: namesOf(site) }).toEqual({ code: 0, names: NAMES.join() });
    }),
  );
});
