import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { Interception } from '../../src/emulator/serve-request.js';
import { ACCOUNT, fileOf, TOKEN, withAccount } from '../support/site.js';

/** The bytes that a server responds with, and what it does then. `stay`: keeps the connection open. */
type Mood = {
  readonly name: string;
  readonly bytes: string | Buffer;
  readonly then: 'end' | 'stay' | 'reset';
};

const head = (status: number, length: number): string =>
  `HTTP/1.1 ${status} Whatever\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n`;
const answering = (name: string, status: number, body: string): Mood => {
  const upgrade = status === 101 ? 'connection: upgrade\r\nupgrade: x\r\n' : '';
  return { name, bytes: `${head(status, Buffer.byteLength(body))}${upgrade}\r\n${body}`, then: 'end' };
};

const envelope = (success: boolean, code?: number): string =>
  JSON.stringify({
    success,
    errors: code === undefined ? [] : [{ code, message: 'no' }],
    messages: [],
    result: null,
  });
const BODIES = [
  '',
  '<html>',
  'null',
  '[]',
  '{}',
  envelope(true),
  envelope(false),
  envelope(false, 10000),
  envelope(false, 7003),
  '{"success":true,"errors":[],"messages":[],"result":[{"id":1}]}',
];

/** Every status, each with a different body. None is a rate limit, because that would be waited for. */
const STATUSES: readonly Mood[] = Array.from({ length: 500 }, (_, n) => n + 100)
  .filter((status) => status !== 429)
  .map((status, n) =>
    answering(`${status} with body ${n % BODIES.length}`, status, BODIES[n % BODIES.length] ?? ''),
  );

const GARBAGE: readonly Mood[] = [
  ...BODIES.map((body, n) => answering(`200 with body ${n}`, 200, body)),
  { name: 'nothing', bytes: '', then: 'end' },
  { name: 'a reset', bytes: '', then: 'reset' },
  { name: 'silence', bytes: '', then: 'stay' },
  { name: 'half a header', bytes: 'HTTP/1.1 200 OK\r\ncontent-', then: 'stay' },
  { name: 'half a body', bytes: `${head(200, 100)}\r\n{"succ`, then: 'end' },
  { name: 'a body that never ends', bytes: `${head(200, 100)}\r\n{"succ`, then: 'stay' },
  {
    name: 'a switch of protocols that stays',
    bytes: `${head(101, 0)}connection: upgrade\r\nupgrade: x\r\n\r\n`,
    then: 'stay',
  },
  { name: 'another protocol', bytes: 'SSH-2.0-OpenSSH_9.6\r\n', then: 'stay' },
  { name: 'bytes', bytes: Buffer.from(Array.from({ length: 256 }, (_, n) => n)), then: 'end' },
  { name: 'a header without end', bytes: `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`, then: 'end' },
  { name: 'bad chunks', bytes: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', then: 'end' },
  { name: 'bad gzip', bytes: `${head(200, 4)}content-encoding: gzip\r\n\r\nabcd`, then: 'end' },
  { name: 'only hints', bytes: 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(3), then: 'stay' },
];

const COMMANDS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['plan'], ['text', 'json', 'markdown']],
  [
    ['apply', '--auto-approve'],
    ['text', 'json', 'markdown'],
  ],
  [['status'], ['text', 'json']],
  [['doctor'], ['text', 'json']],
  [
    ['test', 'Old', '--auto-approve'],
    ['text', 'json'],
  ],
  [['import'], ['text']],
];
const RUNS = COMMANDS.flatMap(([args, formats]) => formats.map((format) => ({ args, format })));

/** No response can make a command take longer. */
const DEADLINE_MS = 10_000;
const FILE = fileOf(
  '  - { name: A, url: "https://a.example/" }\n  - { name: New, url: "https://old.example/", previously: [Old] }\n',
);

function interception({ name, bytes, then }: Mood, effect: boolean): Interception {
  return {
    name,
    effect,
    status: 'none',
    send: ({ response: { socket } }) => {
      if (then === 'reset') return void socket?.resetAndDestroy();
      socket?.write(bytes);
      if (then === 'end') socket?.end();
    },
  };
}

/** Which requests get the response: all of them, or only writes, before or after they take effect. */
type When = 'always' | 'writes-before' | 'writes-after';

/** Runs the command against the server and returns the laws that it breaks. */
async function broken(mood: Mood, { args, format }: (typeof RUNS)[number], when: When): Promise<string[]> {
  const given = {
    files: FILE,
    webhooks: [{ name: 'Old', url: 'https://old.example/' }],
    policies: [{ name: 'P', uses: ['Old'] }],
  };
  return withAccount(given, async ({ run, emulator }) => {
    emulator.intercept = ({ method }) =>
      when === 'always' || method !== 'GET' ? interception(mood, when !== 'writes-before') : undefined;
    const quick = ['--timeout', '0.15', '--retries', '1', '--settle', '0.01'];
    const flags = [
      ...(args[0] === 'import' ? quick.slice(0, 4) : quick),
      ...(format === 'text' ? [] : ['--format', format]),
    ];
    const env = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT };
    const ended = await Promise.race([
      run([...args, ...flags], { env }),
      new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), DEADLINE_MS).unref()),
    ]);
    const what = `${mood.name}, ${when}: ${args.join(' ')} --format ${format}`;
    if (!ended) return [`${what} does not end`];
    const { code, stdout, stderr } = ended;
    const wrong: string[] = [];
    const say = (law: string): void => void wrong.push(`${what} (exit ${code}) ${law}`);
    const wrote = emulator.requests.some(({ effect, path }) => effect === true && !path.endsWith('/test'));
    if (![0, 1, 3, 4, 6, 7].includes(code ?? -1)) say('has no code of the table');
    if (wrote && code !== 0 && code !== 4) say('denies what it wrote');
    if (code !== 0 && !/Error: |error: /.test(stderr) && !/failed|unknown/.test(stderr))
      say('has no line on stderr');
    if (/This is a bug|^\s+at .*:\d+:\d+/m.test(stdout + stderr)) say('shows a stack trace');
    if ((stdout + stderr).includes(TOKEN)) say('shows the token');
    if (code === 0 && args[0] === 'apply') {
      const names = emulator.account(ACCOUNT).webhooks.map(({ name }) => name);
      if (names.sort().join() !== 'A,New') say(`says it is done: ${names.join()}`);
    }
    if (code === 0 && when === 'always' && args[0] !== 'doctor') say('takes it for an answer');
    if (format === 'json') {
      try {
        JSON.parse(stdout);
      } catch {
        say('has not one JSON document on stdout');
      }
    }
    return wrong;
  });
}

type Job = readonly [Mood, (typeof RUNS)[number], When];

/** Runs several commands at once, because most of the time is spent waiting. */
async function all(jobs: readonly Job[]): Promise<readonly string[]> {
  const left = [...jobs];
  const wrong: string[] = [];
  const worker = async (): Promise<void> => {
    for (let job = left.pop(); job; job = left.pop()) wrong.push(...(await broken(...job)));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return wrong;
}

/** Detects a response that denies a write. If the write took effect anyway, no client can notice. */
function isRefusal({ name }: Mood): boolean {
  const [status = 0, body = -1] = [...name.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  const saysNo = (BODIES[body] ?? '').startsWith('{"success":false');
  return (status >= 400 && status < 500 && status !== 408) || (status >= 200 && status < 300 && saysNo);
}

const APPLIES = RUNS.filter(({ args }) => args[0] === 'apply');

describe('a server that sends any response', () => {
  test('all kinds of garbage, to every command in every format', async () => {
    expect(await all(GARBAGE.flatMap((mood) => RUNS.map((run) => [mood, run, 'always'] as const)))).toEqual(
      [],
    );
  }, 120_000);

  test('all kinds of garbage, to the writes of an apply, before and after they take effect', async () => {
    const jobs = GARBAGE.filter((mood) => !isRefusal(mood)).flatMap((mood) =>
      APPLIES.flatMap((run) => [[mood, run, 'writes-before'] as const, [mood, run, 'writes-after'] as const]),
    );
    expect(await all(jobs)).toEqual([]);
  }, 120_000);

  test('every status, with varying commands and formats', async () => {
    const jobs = STATUSES.flatMap((mood, n) => {
      const run = RUNS[n % RUNS.length];
      const apply = APPLIES[n % APPLIES.length];
      if (!run || !apply) return [];
      const when = n % 2 === 0 || isRefusal(mood) ? 'writes-before' : 'writes-after';
      return [[mood, run, 'always'] as const, [mood, apply, when] as const];
    });
    expect(await all(jobs)).toEqual([]);
  }, 120_000);
});

const OK = 'HTTP/1.1 200 OK\r\n\r\n';
/** Keeps the connection open after accepting CONNECT. */
const onTls = (socket: Socket, then: (data: Buffer) => void): void => {
  socket.write(OK);
  socket.once('data', then);
};

const PROXIES: Readonly<Record<string, (socket: Socket) => void>> = {
  ...Object.fromEntries(
    STATUSES.filter((_, n) => n % 23 === 0).map((mood) => [
      mood.name,
      (socket: Socket): void => void socket.end(mood.bytes),
    ]),
  ),
  'a switch of protocols': (socket) =>
    socket.write('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
  silence: () => undefined,
  'a farewell': (socket) => socket.end(),
  'a reset': (socket) => socket.resetAndDestroy(),
  'half a header': (socket) => socket.write('HTTP/1.1 200'),
  'an empty line': (socket) => socket.write('\r\n\r\n'),
  'a bad header': (socket) => socket.write('HTTP/1.1 200 OK\r\nnocolon\r\n\r\n'),
  bytes: (socket) => socket.write(Buffer.from([0, 1, 2, 13, 10, 13, 10])),
  'a tunnel into silence': (socket) => socket.write(OK),
  'a tunnel that closes': (socket) => socket.end(OK),
  'a tunnel that breaks': (socket) => socket.write(OK, () => socket.resetAndDestroy()),
  'a tunnel to http': (socket) => onTls(socket, () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
  'a tunnel to an alert': (socket) => onTls(socket, () => socket.write(Buffer.from([21, 3, 3, 0, 2, 2, 40]))),
  'a tunnel to an echo': (socket) => onTls(socket, (data) => socket.write(data)),
  'a tunnel that breaks in the handshake': (socket) => onTls(socket, () => socket.resetAndDestroy()),
};

describe('a proxy that sends any response', () => {
  test.each(Object.entries(PROXIES))('%s', async (_, mood) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      socket.once('data', () => mood(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const env = {
      HTTPS_PROXY: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      CLOUDFLARE_BASE_URL: 'https://api.hookwright.test/client/v4',
    };
    const flags = ['--timeout', '0.15', '--retries', '1'];
    try {
      await withAccount({ files: FILE }, async ({ run }) => {
        for (const args of [['plan'], ['apply', '--auto-approve'], ['doctor']]) {
          const { code, stdout, stderr } = await run([...args, ...flags, '--format', 'json'], { env });
          const shown = stdout + stderr;
          expect({ code, shown }).toEqual({ code: 1, shown: expect.stringMatching(/through the proxy/) });
          expect(shown).not.toMatch(/This is a bug|^\s+at .*:\d+:\d+/m);
          expect(stderr).toMatch(/^Error: /m);
          JSON.parse(stdout);
        }
      });
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
