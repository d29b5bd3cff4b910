import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { emptyFolder } from '../support/cli.js';
import { ACCOUNT, fileOf, TOKEN, withAccount } from '../support/site.js';

const BIN = path.resolve(
  import.meta.dirname,
  '../..',
  process.env['HOOKWRIGHT_BIN'] ?? 'dist/hookwright.cjs',
);
const testBuilt = existsSync(BIN) ? test : test.skip;
const FILE = fileOf('  - { name: A, url: "https://a.example/" }\n');

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** Returns the address of a TCP server. */
async function listening(greet: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    closers.push(() => socket.destroy());
    socket.on('error', () => undefined);
    greet(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
type Ways = {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: string;
  /** Code that runs in the process before the command is loaded. */
  readonly preload?: string;
};

/** Runs the command in a separate process; kills it if it does not end (code `null`). */
async function run(args: readonly string[], { env = {}, files = FILE, preload }: Ways): Promise<Ended> {
  const cwd = await emptyFolder();
  await writeFile(path.join(cwd, 'hookwright.yaml'), files);
  if (preload !== undefined) await writeFile(path.join(cwd, 'preload.cjs'), preload);
  const node = preload === undefined ? [] : ['--require', './preload.cjs'];
  const child = spawn(process.execPath, [...node, BIN, ...args], {
    cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      CLOUDFLARE_API_TOKEN: TOKEN,
      HOOKWRIGHT_RETRY_DELAY: '1',
      ...env,
    },
  });
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (written.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (written.stderr += text.toString()));
  child.stdin.end();
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(late);
  return { code, ...written };
}

const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n';

describe('a server or proxy that switches protocols', () => {
  testBuilt.each([
    ['and hangs up', true],
    ['and stays', false],
  ])('%s: every command fails with a message', async (_, hangsUp) => {
    const origin = await listening((socket) =>
      socket.once('data', () => (hangsUp ? socket.end(SWITCH) : socket.write(SWITCH))),
    );
    for (const args of [['plan'], ['apply', '--auto-approve'], ['status'], ['doctor']]) {
      const { code, stdout, stderr } = await run(args, { env: { CLOUDFLARE_BASE_URL: origin } });
      expect(code).toBe(1);
      expect(stdout + stderr).toMatch(/switched\s+to\s+another\s+protocol/);
      expect(stderr).toContain('Error: ');
    }
  });

  testBuilt('as a proxy: the error names it', async () => {
    const proxy = await listening((socket) => socket.once('data', () => socket.write(SWITCH)));
    const { code, stdout } = await run(['plan'], { env: { HTTPS_PROXY: proxy } });
    expect({ code, proxy: stdout.replaceAll(/\s+/g, ' ') }).toEqual({
      code: 1,
      proxy: expect.stringMatching(/through the proxy .*it responded with HTTP 101/),
    });
  });
});

testBuilt('a silent proxy is not waited for longer than --timeout, including retries', async () => {
  const proxy = await listening(() => undefined);
  const flags = ['--timeout', '0.2', '--retries', '1'];
  for (const args of [['plan'], ['doctor'], ['apply', '--auto-approve']]) {
    const { code, stdout } = await run([...args, ...flags], { env: { HTTPS_PROXY: proxy } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/[Cc]ould\s+not\s+reach/) });
  }
});

describe('the exit code is that of a failure until the command succeeds', () => {
  const json = ({ stdout }: Ended): unknown => JSON.parse(stdout);

  testBuilt('an error is reported if there is nothing left to wait for', async () => {
    const preload = [
      "require('node:http').request = () => new (require('node:events'))();",
      'globalThis.setTimeout = () => ({});',
      "require('node:timers/promises').setTimeout = () => new Promise(() => undefined);",
    ].join('\n');
    const env = { CLOUDFLARE_BASE_URL: 'http://127.0.0.1:9' };
    const ended = await run(['plan', '--format', 'json'], { env, preload });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('Error: hookwright ended before it had a result.');
    expect(json(ended)).toMatchObject({ error: { code: 'internal' } });
  });

  testBuilt('an uncaught error is reported, and its message is redacted', async () => {
    const preload = `const { request } = require('node:http');
      require('node:http').request = (...args) => {
        setImmediate(() => { throw new Error('boom ${TOKEN}'); });
        return request(...args);
      };`;
    const env = { CLOUDFLARE_BASE_URL: await listening(() => undefined) };
    const ended = await run(['plan', '--format', 'json'], { env, preload });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('Error: boom …');
    expect(ended.stderr).toContain('This is a bug in hookwright.');
    expect(ended.stdout + ended.stderr).not.toContain(TOKEN);
    expect(json(ended)).toMatchObject({ error: { code: 'internal' } });
  });

  testBuilt('it is never 1 after something may have been written', () =>
    withAccount({ files: FILE }, async ({ emulator }) => {
      const preload = `const { request } = require('node:http');
        require('node:http').request = (url, options, ...rest) => {
          if (options.method === 'POST') setTimeout(() => { throw new Error('boom'); }, 200);
          return request(url, options, ...rest);
        };`;
      emulator.fault = ({ method }) => (method === 'POST' ? 'hang-after' : undefined);
      const env = { CLOUDFLARE_BASE_URL: emulator.url };
      const { code, stderr } = await run(['apply', '--auto-approve'], { env, preload });
      expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('It is not known') });
    }),
  );

  testBuilt.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends a command that only reads with an error', async (signal, code) => {
    const preload = `const { request } = require('node:http');
      require('node:http').request = (...args) => {
        setTimeout(() => process.kill(process.pid, '${signal}'), 50);
        return request(...args);
      };`;
    const env = { CLOUDFLARE_BASE_URL: await listening(() => undefined) };
    const report = path.join(await emptyFolder(), 'report.json');
    for (const command of ['plan', 'status', 'doctor']) {
      const ended = await run([command, '--account', ACCOUNT, '--format', 'json'], { env, preload });
      const message = 'Interrupted before there was a result.';
      expect({ ...ended, stdout: json(ended) }).toEqual({
        code,
        stdout: { error: { code: 'interrupted', message } },
        stderr: expect.stringContaining(`Error: ${message}\n`),
      });
    }
    await run(['plan', '--account', ACCOUNT, '--report', `json=${report}`], { env, preload });
    expect(JSON.parse(await readFile(report, 'utf8'))).toMatchObject({ error: { code: 'interrupted' } });
  });

  testBuilt('anything still open at the end is not waited for', () =>
    withAccount({ files: FILE }, async ({ emulator }) => {
      const preload = "setInterval(() => undefined, 1000); require('node:net').createServer().listen(0);";
      const { code } = await run(['plan'], { env: { CLOUDFLARE_BASE_URL: emulator.url }, preload });
      expect(code).toBe(0);
    }),
  );
});

describe('an old Node.js', () => {
  const pretend = (version: string): string =>
    `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;

  testBuilt.each(['18.19.0', '16.20.2', '9.0.0'])(
    '%s: one sentence and exit 3, from every command',
    async (version) => {
      for (const args of [['plan'], ['--version'], ['apply', '--format', 'json'], []]) {
        expect(await run(args, { preload: pretend(version) })).toEqual({
          code: 3,
          stdout: '',
          stderr: `Error: hookwright requires Node.js 20 or later; this is ${version}. Nothing was done.\n`,
        });
      }
    },
  );

  testBuilt.each(['20.0.0', '100.1.0'])('%s is not too old', async (version) => {
    expect((await run(['--version'], { preload: pretend(version) })).code).toBe(0);
  });
});
