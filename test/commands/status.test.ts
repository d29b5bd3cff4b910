import { describe, expect, test } from '@jest/globals';
import { testInProcess } from '../support/cli.js';
import { ACCOUNT, withAccount } from '../support/site.js';
import { clockAt } from '../cli/status-clock.js';

const NOW = '2026-03-01T10:00:00Z';

const FILE = `\
account_id: ${ACCOUNT}
unlisted: keep
ignore: [dash-*]
webhooks:
  - { name: Ops Slack, url: "https://hooks.slack.com/services/T000/B000", secret: { env: OPS } }
  - { name: Relay, url: "https://relay.example/cf" }
  - { name: Missing one, url: "https://missing.example/" }
`;

const GIVEN = {
  webhooks: [
    {
      id: 'a'.repeat(32),
      name: 'Ops Slack',
      url: 'https://hooks.slack.com/services/T000/B000/tokentoken',
      last_success: '2026-02-26T10:00:00Z',
      last_failure: '2026-03-01T08:00:00.5Z',
    },
    {
      name: 'Relay',
      url: 'https://relay.example/cf',
      last_success: '2026-03-01T09:59:30Z',
      last_failure: '2026-03-01T09:59:29.99Z',
    },
    { name: 'dash-billing', url: 'https://user:pass@billing.example/?key=secret' },
    { name: 'Stray\u001b[31m', url: 'https://stray.example/', last_failure: '2026-01-01T00:00:00Z' },
  ],
  policies: [
    { name: 'Origin errors', uses: ['Ops Slack', 'Relay'] },
    { name: 'Old one', uses: ['Relay'], enabled: false },
  ],
};

test('an address without the path of the API is the problem, not the account ID', () =>
  withAccount({}, async ({ run, emulator }) => {
    const env = { CLOUDFLARE_BASE_URL: new URL(emulator.url).origin };
    const { stderr } = await run(['status', '--account', ACCOUNT], { env });
    expect(stderr).toContain("Cloudflare's ends with /client/v4, and this one does not.");
    expect(stderr).not.toContain('account ID is probably wrong');
    const doctor = await run(['doctor', '--account', ACCOUNT], { env });
    expect(doctor.stderr).toContain('Error: checks that failed: reachable.');
    expect(doctor.stdout.replaceAll(/\s+/g, ' ')).toContain('and this one does not.');
  }));

test('an account without webhooks and policies may be the wrong one; one with policies is not', async () => {
  const hint = 'If you expected some, check the account ID.';
  await withAccount({}, async ({ run }) => {
    const { stdout } = await run(['status', '--account', ACCOUNT]);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      `Note: The account has neither webhooks nor policies. ${hint} 0 webhooks:`,
    );
    const doctor = await run(['doctor', '--account', ACCOUNT]);
    expect(doctor.stdout.replaceAll(/\s+/g, ' ')).toContain(
      `(0 found). The account has neither webhooks nor policies. ${hint}`,
    );
    expect(doctor.code).toBe(0);
    const imported = await run(['import', '--account', ACCOUNT]);
    expect(imported.stderr.replaceAll(/\s+/g, ' ')).toContain(
      `Imported 0 webhooks of account ${ACCOUNT}. ${hint}`,
    );
  });
  await withAccount({ policies: [{ name: 'P', uses: [] }] }, async ({ run }) => {
    for (const command of ['status', 'doctor'])
      expect((await run([command, '--account', ACCOUNT])).stdout).not.toContain('If you expected');
  });
});

describe('a long name', () => {
  const name = `Relay of the ${'very '.repeat(12)}long name`;
  const given = { webhooks: [{ name, url: 'https://relay.example/cf' }] };
  const args = ['status', '--account', ACCOUNT];

  testInProcess('is shortened on a terminal, and whole in a pipe, where another program can read it', () =>
    withAccount(given, async ({ run }) => {
      expect((await run(args)).stdout).toContain(`no alerts   ${name}\n`);
      expect((await run(args, { tty: true })).stdout).toMatch(/Relay of the very[^\n]*…/);
    }),
  );
});

describe('a policy without a recipient, whose alerts reach no one', () => {
  const given = {
    webhooks: [{ name: 'Relay', url: 'https://relay.example/cf' }],
    policies: [
      { name: 'P1', uses: [] },
      { name: 'Paused', uses: [], enabled: false },
      { name: 'By mail', uses: [], email: ['ops@example.com'] },
      { name: 'Fine', uses: ['Relay'] },
    ],
  };
  const args = ['status', '--account', ACCOUNT];

  testInProcess('is shown; only the label is colored; --check exits 1', () =>
    withAccount(given, async ({ run }) => {
      const { code, stdout } = await run(args);
      expect([code, stdout]).toEqual([
        0,
        expect.stringContaining('\nPolicies without a recipient: "P1", "Paused" (disabled).\n\n1 webhook:'),
      ]);
      const painted = await run(args, { env: { FORCE_COLOR: '1' } });
      expect(painted.stdout).toContain('Policies without a recipient:\u001b[39m "P1"');
      expect(await run([...args, '--check'])).toMatchObject({
        code: 1,
        stderr: 'Error: an enabled policy has no recipient.\n',
      });
      const { accounts } = JSON.parse((await run([...args, '--format', 'json'])).stdout) as {
        accounts: object[];
      };
      expect(accounts).toMatchObject([
        {
          policies_without_recipient: [
            { name: 'P1', enabled: true },
            { name: 'Paused', enabled: false },
          ],
        },
      ]);
    }),
  );

  test('a disabled one is not a failure', () =>
    withAccount({ ...given, policies: given.policies.slice(1) }, async ({ run }) => {
      expect(await run([...args, '--check'])).toMatchObject({ code: 0, stderr: '' });
    }));
});

test('webhooks with the same name are shown with their IDs, in the form that the file accepts', () =>
  withAccount(
    { webhooks: ['Relay', 'Relay', 'Ops'].map((name, i) => ({ name, url: `https://r${i}.example/` })) },
    async ({ run, emulator }) => {
      const { stdout } = await run(['status', '--account', ACCOUNT]);
      for (const { id, name } of emulator.account(ACCOUNT).webhooks)
        expect(stdout.includes(`id:${id}`)).toBe(name === 'Relay');
    },
  ));

describe('status', () => {
  testInProcess(
    'is readable at 80 columns, worst first, and needs only two requests with a read-only token',
    () =>
      withAccount({ ...GIVEN, files: FILE }, async ({ run, methods, emulator }) => {
        const env = { CLOUDFLARE_API_TOKEN: 'read-only-token' };
        const { code, stdout, stderr } = await run(['status'], { env, clock: clockAt(NOW) });
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(stdout).toBe(`\
Account ${ACCOUNT}

failing     Ops Slack
            slack, managed
            https://hooks.slack.com/services/T000/B000
            last failure 2026-03-01 08:00 UTC (1 hour ago)
            last success 2026-02-26 10:00 UTC (3 days ago)
            used by "Origin errors"

failing     Stray\\u001b[31m
            generic, not managed
            https://stray.example/
            last failure 2026-01-01 00:00 UTC (59 days ago)
            no policy uses it

healthy     Relay
            generic, managed
            https://relay.example/cf
            last failure 2026-03-01 09:59 UTC (just now)
            last success 2026-03-01 09:59 UTC (just now)
            used by "Old one" (disabled), "Origin errors"

no alerts   dash-billing
            generic, not managed: ignored
            https://…@billing.example/?key=…
            no policy uses it

In the file but not in the account: "Missing one".

4 webhooks: 2 failing, 1 healthy, 1 without alerts.
1 failing webhook is used by policies; alerts are not delivered.
`);
        expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
        expect(methods()).toEqual(['GET', 'GET']);
        expect(emulator.writes()).toEqual([]);
      }),
  );

  testInProcess('needs no file, and without one does not mention managed webhooks', () =>
    withAccount(GIVEN, async ({ run }) => {
      const { code, stdout } = await run(['status', '--account', ACCOUNT], { clock: clockAt(NOW) });
      expect(code).toBe(0);
      expect(stdout).toContain('            slack\n');
      expect(stdout).not.toContain('managed');
    }),
  );

  testInProcess('shows the label of the account in the file', () =>
    withAccount({ ...GIVEN, files: `label: Production\n${FILE}` }, async ({ run }) => {
      expect((await run(['status'])).stdout).toMatch(`Account Production (${ACCOUNT})\n`);
      const { accounts } = JSON.parse((await run(['status', '--format', 'json'])).stdout) as {
        accounts: object[];
      };
      expect(accounts).toMatchObject([{ account_id: ACCOUNT, label: 'Production' }]);
    }),
  );

  testInProcess('--format json has stable keys', () =>
    withAccount({ ...GIVEN, files: FILE }, async ({ run }) => {
      const { stdout } = await run(['status', '--format', 'json'], { clock: clockAt(NOW) });
      const { accounts } = JSON.parse(stdout) as { accounts: Record<string, unknown>[] };
      expect(accounts).toHaveLength(1);
      expect(accounts[0]).toMatchObject({
        account_id: ACCOUNT,
        summary: { webhooks: 4, failing: 2, healthy: 1, never_used: 1, failing_in_use: 1 },
        missing: ['Missing one'],
        dangling_policies: [],
      });
      expect((accounts[0]?.['webhooks'] as unknown[])[0]).toMatchObject({
        id: 'a'.repeat(32),
        name: 'Ops Slack',
        type: 'slack',
        url: 'https://hooks.slack.com/services/T000/B000',
        managed: true,
        standing: 'managed',
        health: 'failing',
        last_success: '2026-02-26T10:00:00Z',
        last_failure: '2026-03-01T08:00:00.5Z',
        policies: [{ name: 'Origin errors', enabled: true }],
      });
      expect(stdout).not.toContain('pass@');
      expect(stdout).not.toContain('key=secret');
      expect(stdout).not.toContain('\u001b');
    }),
  );

  test('--check exits 1 if a policy uses a failing webhook, else 0', async () => {
    await withAccount(GIVEN, async ({ run }) => {
      const { code, stdout } = await run(['status', '--check', '--account', ACCOUNT, '--format', 'json']);
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        accounts: [{ account_id: ACCOUNT }],
        error: { code: 'check-failed', message: 'a webhook that a policy uses is failing.' },
      });
    });
    await withAccount({ ...GIVEN, policies: [{ name: 'Fine', uses: ['Relay'] }] }, async ({ run }) => {
      expect((await run(['status', '--check', '--account', ACCOUNT])).code).toBe(0);
    });
  });

  test('reports and ignores an invalid default file; refuses an invalid file passed with -f', () =>
    withAccount({ ...GIVEN, files: 'webhooks: 3\n' }, async ({ run }) => {
      const env = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT };
      const { code, stderr } = await run(['status'], { env });
      expect(code).toBe(0);
      expect(stderr).toContain('hookwright.yaml has errors');
      expect((await run(['status', '-f', 'hookwright.yaml'], { env })).code).toBe(3);
    }));

  test('without an account, says how to pass one', () =>
    withAccount({}, async ({ run, methods }) => {
      const { code, stderr } = await run(['status']);
      expect(code).toBe(3);
      expect(stderr).toContain('--account');
      expect(methods()).toEqual([]);
    }));

  test('an account that cannot be read does not affect others', () =>
    withAccount(
      {
        ...GIVEN,
        files: `${FILE}---\naccount_id: ${'e'.repeat(32)}\nlabel: Lab\nunlisted: keep\nwebhooks: []\n`,
        emulator: {
          fault: ({ path }) => (path.includes('eeee') ? '403' : undefined),
        },
      },
      async ({ run }) => {
        const { code, stdout, stderr } = await run(['status']);
        expect(code).toBe(7);
        expect(stdout).toContain('Ops Slack');
        expect(stderr).toContain(`Error: Lab (${'e'.repeat(32)}): Could not list`);
        const json: unknown = JSON.parse((await run(['status', '--format', 'json'])).stdout);
        expect(json).toMatchObject({
          accounts: [{ account_id: ACCOUNT }],
          failures: [{ account_id: 'e'.repeat(32), label: 'Lab', error: { code: 'access-denied' } }],
          error: { code: 'access-denied', message: expect.stringContaining('e'.repeat(32)) },
        });
      },
    ));
});
