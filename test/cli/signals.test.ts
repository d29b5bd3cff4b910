import { describe, expect, test } from '@jest/globals';
import { testInProcess } from '../support/cli.js';
import { ACCOUNT, fileOf, withAccount, type Given, type Site } from '../support/site.js';

const names = ['A', 'B', 'C', 'D'];
const FOUR = names
  .map((name) => `  - { name: ${name}, url: "https://${name.toLowerCase()}.example/" }\n`)
  .join('');
const args = [
  'apply',
  '--auto-approve',
  '--parallelism',
  '1',
  '--format',
  'json',
  '--events',
  'events.ndjson',
  '--report',
  'json=result.json',
];

type Ended = {
  readonly code: number | null;
  readonly statuses: readonly string[];
  readonly interrupted: unknown;
};

type Signal = 'SIGINT' | 'SIGTERM';

/** Sends the next signal after each request with that method has had its effect. */
async function interruptedAt(site: Site, method: string, signals: readonly Signal[]): Promise<Ended> {
  const left = [...signals];
  const running = site.start(args);
  site.emulator.onRequest = (request) => {
    const signal = request.method === method ? left.shift() : undefined;
    if (signal) running.signal(signal);
  };
  const { code, stdout } = await running.done;
  const { outcomes = [], interrupted } = JSON.parse(stdout) as {
    outcomes?: { status: string }[];
    interrupted?: string;
  };
  return { code, statuses: outcomes.map(({ status }) => status), interrupted };
}

const GIVEN: Given = {
  files: fileOf(FOUR),
  webhooks: [{ name: 'Gone', url: 'https://gone.example/' }],
  emulator: { latency: 60 },
};

describe('signals', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('the first %s finishes what is in flight and starts nothing new', (signal, code) =>
    withAccount(GIVEN, async (site) => {
      const ended = await interruptedAt(site, 'POST', [signal]);
      expect(ended).toEqual({
        code,
        interrupted: signal,
        statuses: ['applied', 'skipped', 'skipped', 'skipped', 'skipped'],
      });
      expect(site.names()).toEqual(['A', 'Gone']);
      const events = (await site.read('events.ndjson'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string });
      expect(events.map(({ type }) => type)).toContain('interrupted');
      expect(events.filter(({ type }) => type === 'action-ended')).toHaveLength(5);
      expect(events.at(-1)).toMatchObject({
        type: 'apply-ended',
        applied: 1,
        skipped: 4,
        failed: 0,
        unknown: 0,
      });
    }),
  );

  test.each([
    ['POST', 'Interrupted: finishing'],
    ['GET', 'Interrupted: stopping'],
  ])('the first one has a line on stderr, also with --quiet, at a %s', (method, line) =>
    withAccount({ ...GIVEN, files: fileOf(FOUR.split('\n')[0] ?? '', 'unlisted: keep') }, async (site) => {
      const running = site.start([...args, '--quiet']);
      site.emulator.onRequest = (request) => {
        if (request.method === method) running.signal('SIGINT');
      };
      expect((await running.done).stderr).toContain(line);
    }),
  );

  test('a replacement in progress is completed: policies are switched and the old webhook is deleted', () =>
    withAccount(
      {
        files: fileOf(
          '  - { name: A, url: "https://new.example/", secret: none }\n  - { name: B, url: "https://b.example/" }\n',
        ),
        webhooks: [
          { name: 'A', url: 'https://old.example/' },
          { name: 'Gone', url: 'https://gone.example/' },
          { name: 'B', url: 'https://b.example' },
        ],
        policies: [{ name: 'P', uses: ['A'] }],
        emulator: { latency: 40 },
      },
      async (site) => {
        const ended = await interruptedAt(site, 'POST', ['SIGINT']);
        expect(ended).toMatchObject({ code: 130, statuses: ['applied', 'skipped'] });
        const { webhooks, policies } = site.emulator.account(ACCOUNT);
        expect(site.names()).toEqual(['A', 'B', 'Gone']);
        const fresh = webhooks.find(({ name }) => name === 'A');
        expect(fresh?.url).toBe('https://new.example/');
        expect(policies[0]?.mechanisms['webhooks']).toEqual([{ id: fresh?.id }]);
      },
    ));

  test('the second one does not wait: requests in flight are unknown', () => {
    const latency = ({ method }: { readonly method: string }): number => (method === 'POST' ? 2000 : 0);
    return withAccount({ ...GIVEN, emulator: { latency } }, async (site) => {
      const running = site.start(args);
      site.emulator.onRequest = ({ method }) => {
        if (method !== 'POST') return;
        running.signal('SIGINT');
        setTimeout(() => running.signal('SIGINT'), 30);
      };
      const { code, stdout } = await running.done;
      expect(code).toBe(130);
      // The response would have come 1 s after the effect; it was not waited for, so the result is unknown.
      expect(JSON.parse(stdout)).toMatchObject({
        interrupted: 'SIGINT',
        outcomes: [
          { name: 'A', status: 'unknown' },
          ...Array.from({ length: 4 }, () => ({ status: 'skipped' })),
        ],
      });
    });
  });

  testInProcess(
    'on a terminal, the list of problems alone names the action that the second one stopped',
    () => {
      const latency = ({ method }: { readonly method: string }): number => (method === 'POST' ? 2000 : 0);
      return withAccount({ ...GIVEN, emulator: { latency } }, async (site) => {
        const running = site.start(['apply', '--auto-approve', '--no-color'], { tty: true });
        let posts = 0;
        site.emulator.onRequest = ({ method }) => {
          if (method !== 'POST' || (posts += 1) > 1) return;
          running.signal('SIGINT');
          setTimeout(() => running.signal('SIGINT'), 30);
        };
        const { stdout, stderr } = await running.done;
        expect(stdout).toContain('  A: Creation unknown: Interrupted: the request to create a webhook');
        expect(stderr).not.toContain('Creation unknown');
      });
    },
  );

  testInProcess.each([
    ['the creation is in flight', 'POST', true],
    ['it has been created', 'PUT', true],
    ['nothing was written', 'GET', false],
  ])('a replacement stopped by the second one names the leftover if %s', (_, method, isNamed) => {
    const given: Given = {
      files: fileOf('  - { name: A, url: "https://new.example/", secret: none }\n'),
      webhooks: [{ name: 'A', url: 'https://old.example/' }],
      policies: [{ name: 'P', uses: ['A'] }],
      emulator: { latency: (request) => (request.method === method ? 500 : 0) },
    };
    return withAccount(given, async (site) => {
      const [live] = site.emulator.account(ACCOUNT).webhooks;
      const running = site.start(['apply', '--auto-approve']);
      site.emulator.onRequest = (request) => {
        if (request.method !== method) return;
        running.signal('SIGINT');
        setTimeout(() => running.signal('SIGINT'), 30);
      };
      const { stdout, code } = await running.done;
      expect(code).toBe(130);
      const leftover = `"A [hookwright: replaces ${live?.id.slice(0, 8)}]"`;
      const told = `Run apply again. It continues from the live state. Until then, the account can have a leftover: ${leftover}.`;
      expect(stdout.replaceAll(/\s+/g, ' ').includes(told)).toBe(isNamed);
    });
  });

  test('another run finishes the work, without duplicates', () =>
    withAccount(GIVEN, async (site) => {
      await interruptedAt(site, 'POST', ['SIGINT', 'SIGINT']);
      site.emulator.onRequest = undefined;
      expect((await site.run(args)).code).toBe(0);
      expect(site.names()).toEqual(names);
    }));

  test.each([1, 2])('before the first write nothing has changed, with %i signals', (count) =>
    withAccount(GIVEN, async (site) => {
      const ended = await interruptedAt(
        site,
        'GET',
        Array.from({ length: count }, () => 'SIGINT'),
      );
      expect(ended.code).toBe(130);
      expect(JSON.parse(await site.read('result.json'))).toMatchObject({ error: { code: 'interrupted' } });
      expect(site.emulator.writes()).toEqual([]);
      expect(site.names()).toEqual(['Gone']);
    }),
  );

  test('while all requests wait for the rate limit', () =>
    withAccount({ files: fileOf(FOUR) }, async (site) => {
      const running = site.start(args);
      site.emulator.fault = ({ method }) => {
        if (method !== 'POST') return undefined;
        setTimeout(() => running.signal('SIGINT'), 50);
        setTimeout(() => running.signal('SIGINT'), 120);
        return { name: '429', retryAfter: 3600 };
      };
      expect((await running.done).code).toBe(130);
      expect(site.names()).toEqual([]);
    }));
});
