import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { EmulatorOptions } from '../../src/emulator/emulator.js';
import { runCli, testInProcess } from '../support/cli.js';
import { ACCOUNT, TOKEN, withAccount } from '../support/site.js';
import { clockAt } from '../cli/status-clock.js';

const ENV = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT };

type Doc = {
  ok: boolean;
  checks: { check: string; status: string; message: string; hint?: string }[];
  error?: { code: string; message: string };
};
const problems = (stdout: string): readonly string[] =>
  (JSON.parse(stdout) as Doc).checks.filter(({ status }) => status === 'problem').map(({ check }) => check);

describe('doctor', () => {
  test('all is well', () =>
    withAccount({ webhooks: [{ name: 'A', url: 'https://a.example/' }] }, async ({ run, emulator }) => {
      const { code, stdout, stderr } = await run(['doctor'], { env: ENV });
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(stdout.replace(/^ok {7}Node.*$/m, 'ok       Node.js.').replace(/:\d+\//, ':PORT/')).toBe(`\
ok       Node.js.
ok       CLOUDFLARE_API_TOKEN is set.
ok       The API address is http://127.0.0.1:PORT/client/v4, which is not
         Cloudflare's own address.
ok       No proxy is used.
ok       The account is ${ACCOUNT}.
-        hookwright.yaml was not found in this directory.
         To write one from the live webhooks, run:
         hookwright import -f hookwright.yaml
ok       The API responds.
ok       The token is active.
ok       The token can read webhooks (1 found).
ok       The token can read notification policies (0 found).
-        Write permission cannot be checked without writing.
         apply requires the permission Account > Notifications > Edit; for plan,
         Read is enough.
ok       The account can use webhooks.
ok       The clock agrees with Cloudflare's.

No problems found.
`);
      expect(emulator.writes()).toEqual([]);
    }));

  test.each<[string, Record<string, string>, EmulatorOptions, number, readonly string[]]>([
    ['no token', { CLOUDFLARE_API_TOKEN: '' }, {}, 3, ['credentials']],
    ['a token with a newline', { CLOUDFLARE_API_TOKEN: `${TOKEN}\n` }, {}, 3, ['credentials']],
    ['a key without an email', { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_API_KEY: 'k' }, {}, 3, ['credentials']],
    ['a wrong token', { CLOUDFLARE_API_TOKEN: 'invalid-token' }, {}, 7, ['token']],
    ['plain http', { CLOUDFLARE_BASE_URL: 'http://api.example/' }, {}, 3, ['api-url', 'proxy']],
    ['no server', { CLOUDFLARE_BASE_URL: 'http://127.0.0.1:9/client/v4' }, {}, 1, ['reachable']],
    ['a malformed account ID', { CLOUDFLARE_ACCOUNT_ID: 'my-account' }, {}, 3, ['account-id']],
    ['no account ID', { CLOUDFLARE_ACCOUNT_ID: '' }, {}, 3, ['account-id']],
    ['no entitlement', {}, { quirks: { eligible: 'no' } }, 1, ['entitlement']],
    ['entitlement as a list', {}, { quirks: { 'eligible-shape': 'array' } }, 0, []],
    [
      'no entitlement, as a list',
      {},
      { quirks: { eligible: 'no', 'eligible-shape': 'array' } },
      1,
      ['entitlement'],
    ],
    ['a read-only token', { CLOUDFLARE_API_TOKEN: 'read-only-token' }, {}, 0, []],
    [
      'key and email',
      { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_API_KEY: 'key', CLOUDFLARE_EMAIL: 'a@b.example' },
      {},
      0,
      [],
    ],
  ])('%s', (_what, env, emulator, exit, found) =>
    withAccount({ emulator }, async ({ run, emulator: { requests } }) => {
      const { code, stdout, stderr } = await run(['doctor', '--format', 'json'], { env: { ...ENV, ...env } });
      expect(problems(stdout)).toEqual(found);
      const { ok, error } = JSON.parse(stdout) as Doc;
      expect([ok, error === undefined]).toEqual([found.length === 0, found.length === 0]);
      expect(code).toBe(exit);
      expect(stdout + stderr).not.toContain(TOKEN);
      expect(requests.every(({ method }) => method === 'GET')).toBe(true);
    }),
  );

  test('reports a token that is not accepted as one problem', () =>
    withAccount({}, async ({ run }) => {
      const { stdout } = await run(['doctor'], { env: { ...ENV, CLOUDFLARE_API_TOKEN: 'invalid-token' } });
      expect(stdout).toMatch(
        /\n- +Webhooks and policies could not be read, because the token was not\s+accepted\./,
      );
      expect(stdout).toMatch(
        /not known whether the account can use webhooks: the token is not\s+allowed to check\./,
      );
      expect(stdout).toContain('\n1 problem found.\n');
      // What to check stands once, in the message.
      expect(stdout.match(/Check that/g)).toHaveLength(1);
      expect(stdout).toContain('Create a new one at');
    }));

  test('names the permission that an accepted token lacks, once for webhooks and policies', async () => {
    const server = createServer((request, response) => {
      const known = request.url === '/user/tokens/verify';
      response.writeHead(known ? 200 : 403, { 'content-type': 'application/json' });
      const errors = known ? [] : [{ code: 10_000, message: 'Authentication error' }];
      const result = known ? { status: 'active' } : null;
      response.end(JSON.stringify({ success: known, errors, messages: [], result }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const env = { ...ENV, CLOUDFLARE_API_TOKEN: TOKEN, CLOUDFLARE_BASE_URL: `http://127.0.0.1:${port}` };
    const { code, stdout } = await runCli(['doctor'], { env });
    server.closeAllConnections();
    server.close();
    expect(stdout.match(/Could not list/g)).toHaveLength(1);
    expect(stdout).toContain('problem  The token cannot read notification policies either.\n');
    expect(stdout).toContain('\n2 problems found.\n');
    expect(code).toBe(7);
  });

  test.each(['text', 'json'])(
    'repeats no text of a response unless it is known or redacted: %s',
    async (format) => {
      const word = 'word-of-someone-else';
      const token = 'cf-token-Zq81xLmP0sWvT7';
      const answers: Readonly<Record<string, unknown>> = {
        '/user/tokens/verify': { id: word, status: word, expires_on: `2027-01-01 ${word}` },
        [`/accounts/${ACCOUNT}/alerting/v3/destinations/webhooks`]: [
          { id: '1'.repeat(32), name: word, url: `https://${word}.example/`, type: word },
        ],
        [`/accounts/${ACCOUNT}/alerting/v3/destinations/eligible`]: {
          [word]: [{ eligible: false, ready: false, type: word }],
        },
      };
      const server = createServer((request, response) => {
        const result = answers[request.url ?? ''];
        const errors = result ? [] : [{ code: 9999, message: `not with ${token} by ${token.toUpperCase()}` }];
        response.writeHead(result ? 200 : 400, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ success: errors.length === 0, errors, messages: [word], result }));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const env = { ...ENV, CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_BASE_URL: `http://127.0.0.1:${port}` };
      const { code, stdout, stderr } = await runCli(['doctor', '--format', format], { env });
      server.closeAllConnections();
      server.close();
      expect([code, stdout]).toEqual([7, expect.stringContaining('The token is not active.')]);
      expect(stdout).toMatch(/Cloudflare\s+says\s+\\?"not\s+with\s+…\s+by\s+…\\?"/);
      expect(stdout + stderr).not.toMatch(new RegExp(`${word}|${token}`, 'i'));
    },
  );

  test('reports an unknown account by its code', async () => {
    // Cloudflare's response for a well-formed ID that is not an account.
    const error = {
      code: 7003,
      message: 'Could not route to /accounts/…, perhaps your object identifier is invalid?',
    };
    const server = createServer((request, response) => {
      const known = request.url === '/user/tokens/verify';
      response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
      const body = known ? { success: true, result: { status: 'active' } } : { success: false, result: null };
      response.end(JSON.stringify({ errors: known ? [] : [error], messages: [], ...body }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const env = { ...ENV, CLOUDFLARE_API_TOKEN: TOKEN, CLOUDFLARE_BASE_URL: `http://127.0.0.1:${port}` };
    const { code, stdout } = await runCli(['doctor', '--format', 'json'], { env });
    server.closeAllConnections();
    server.close();
    expect(problems(stdout)).toEqual(['account']);
    expect(code).toBe(1);
  });

  testInProcess.each([
    ['2020-01-01T00:00:00Z', 'behind'],
    ['2060-01-01T00:00:00Z', 'ahead of'],
  ])('a clock at %s is %s, also if the token is not accepted', (time, words) =>
    withAccount({}, async ({ run }) => {
      const problem = new RegExp(`problem  This machine's clock is \\d+ s ${words} Cloudflare's\\.`);
      const { code, stdout } = await run(['doctor'], { env: ENV, clock: clockAt(time) });
      expect(stdout).toMatch(problem);
      expect(code).toBe(1);
      const env = { ...ENV, CLOUDFLARE_API_TOKEN: 'invalid-token' };
      expect((await run(['doctor'], { env, clock: clockAt(time) })).stdout).toMatch(problem);
    }),
  );

  testInProcess('a clock is compared with a key and an email too', () =>
    withAccount({}, async ({ run }) => {
      const env = {
        ...ENV,
        CLOUDFLARE_API_TOKEN: '',
        CLOUDFLARE_API_KEY: 'k',
        CLOUDFLARE_EMAIL: 'a@a.example',
      };
      const { stdout } = await run(['doctor'], { env, clock: clockAt('2020-01-01T00:00:00Z') });
      expect(stdout).toContain("problem  This machine's clock is");
      expect((await run(['doctor'], { env })).stdout).toContain(
        "ok       The clock agrees with Cloudflare's.",
      );
    }),
  );

  testInProcess('a clock is compared when the token is verified, not after slow requests', () => {
    const clock = clockAt(new Date().toISOString());
    return withAccount({}, async (site) => {
      site.emulator.onRequest = ({ path }) => {
        if (path.endsWith('/eligible')) void clock.sleep(90_000);
      };
      const { stdout } = await site.run(['doctor'], { env: ENV, clock });
      expect(stdout).toContain("ok       The clock agrees with Cloudflare's.");
      expect(clock.slept).toEqual([90_000]);
    });
  });

  test('a file: uses its account, counts its problems', async () => {
    const file = `account_id: ${ACCOUNT}\nunlisted: keep\nwebhooks: []\n`;
    await withAccount({ files: file }, async ({ run }) => {
      const { code, stdout } = await run(['doctor']);
      expect(stdout).toContain('ok       The desired state is valid (0 webhooks).');
      expect(code).toBe(0);
    });
    await withAccount({ files: `${file}extra: 1\n` }, async ({ run }) => {
      const { code, stdout } = await run(['doctor'], { env: ENV });
      expect(stdout).toContain('problem  The desired state has 1 error.\n');
      expect(code).toBe(3);
    });
  });

  describe('several accounts', () => {
    const SECOND = 'abcdef00112233445566778899aabbcc';
    const file = (first: string): string =>
      `${first}unlisted: keep\nwebhooks: []\n---\naccount_id: ${SECOND}\nlabel: Staging\nunlisted: keep\nwebhooks: []\n`;

    test('checks each, including the one in the environment; counts those without problems', () =>
      withAccount({ files: file('') }, async ({ run, write, emulator }) => {
        const { code, stdout } = await run(['doctor'], { env: ENV });
        expect(code).toBe(0);
        expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
          `ok The 2 accounts are ${ACCOUNT}, Staging (${SECOND}).`,
        );
        expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
          'ok The token can read the webhooks and policies of 2 of 2 accounts, and they can use webhooks.',
        );
        expect(stdout.match(/Write permission/g)).toHaveLength(1);
        for (const account of [ACCOUNT, SECOND])
          expect(emulator.requests.filter(({ path }) => path.includes(account))).toHaveLength(3);
        await write({ 'hookwright.yaml': file(`account_id: ${ACCOUNT}\n`) });
        const only = await run(['doctor', '--account', SECOND, '--format', 'json'], { env: ENV });
        expect(
          (JSON.parse(only.stdout) as Doc).checks.find(({ check }) => check === 'account-id')?.message,
        ).toBe(`The account is Staging (${SECOND}).`);
      }));

    test('reports a problem with the name of its account', () =>
      withAccount(
        {
          files: file(`account_id: ${ACCOUNT}\n`),
          emulator: { fault: ({ path }) => (path.includes(SECOND) ? '403' : undefined) },
        },
        async ({ run }) => {
          const { code, stdout } = await run(['doctor']);
          expect(code).toBe(7);
          const text = stdout.replaceAll(/\s+/g, ' ');
          expect(text).toContain('webhooks and policies of 1 of 2 accounts');
          expect(text).toContain(`problem Staging (${SECOND}): Could not list the webhooks`);
          const json = await run(['doctor', '--format', 'json']);
          const { checks } = JSON.parse(json.stdout) as {
            checks: { check: string; account_id?: string; label?: string; status: string }[];
          };
          const bad = checks.filter(({ status }) => status === 'problem');
          expect(bad.map(({ account_id, label }) => [account_id, label])).toEqual([
            [SECOND, 'Staging'],
            [SECOND, 'Staging'],
          ]);
        },
      ));

    test('refuses --account if the files of -f do not describe it', () =>
      withAccount({ files: file(`account_id: ${ACCOUNT}\n`) }, async ({ run }) => {
        const other = 'c'.repeat(32);
        const { code, stdout } = await run(['doctor', '-f', 'hookwright.yaml', '--account', other]);
        expect([code, stdout.replaceAll(/\s+/g, ' ')]).toEqual([
          3,
          expect.stringContaining(`problem --account ${other}: no file describes this account.`),
        ]);
      }));

    test('names each check that failed once on stderr', () =>
      withAccount(
        { files: file(`account_id: ${ACCOUNT}\n`), emulator: { quirks: { eligible: 'no' } } },
        async ({ run }) => {
          const { stderr } = await run(['doctor']);
          expect(stderr).toBe('Error: checks that failed: entitlement.\n');
        },
      ));
  });

  test('names a file with the other extension', () =>
    withAccount({ files: { 'hookwright.yml': 'webhooks: []\n' } }, async ({ run }) => {
      expect((await run(['doctor'], { env: ENV })).stdout).toContain('There is hookwright.yml: rename it');
    }));
});

test('errors in files passed with -f: the command to see them has the same files', () =>
  withAccount({ files: { 'a b.yaml': 'webhooks: 3\n' } }, async ({ run }) => {
    const { code, stdout } = await run(['doctor', '-f', 'a b.yaml']);
    expect([code, stdout]).toEqual([3, expect.stringContaining("hookwright validate -f 'a b.yaml'\n")]);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'No account ID: CLOUDFLARE_ACCOUNT_ID is not set, and an account_id in the file is not used because the file has errors. Set the variable, or fix the file.',
    );
  }));
