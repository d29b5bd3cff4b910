import { describe, expect, test } from '@jest/globals';
import { testInProcess } from '../support/cli.js';
import { ACCOUNT, fileOf, withAccount } from '../support/site.js';
import { clockAt } from '../cli/status-clock.js';

const ENV = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT };
const WAIT = { ...ENV, HOOKWRIGHT_SETTLE: '30' };
const WEBHOOKS = [
  { name: 'Ops', url: 'https://ops.example/' },
  { name: 'Relay', url: 'https://relay.example/' },
  { name: 'Lonely', url: 'https://lonely.example/' },
  { name: 'Idle', url: 'https://idle.example/' },
];
const POLICIES = [
  {
    name: 'Wide',
    uses: ['Ops', 'Relay'],
    email: ['ops@ops.example', 'on-call@ops.example'],
    pagerduty: ['5e7a'],
  },
  { name: 'Narrow', uses: ['Relay', 'Idle'] },
  { name: 'Off', uses: ['Idle', 'Lonely'], enabled: false },
];
const posts = (writes: readonly { path: string }[]): readonly string[] => writes.map(({ path }) => path);

describe('test NAME', () => {
  test('sends one test alert, warns who else receives it, and reports that it arrived', () =>
    withAccount({ webhooks: WEBHOOKS, policies: POLICIES }, async ({ run, emulator }) => {
      const { code, stdout, stderr } = await run(['test', 'Ops', '--auto-approve'], { env: ENV });
      expect(stderr).toContain(
        'Warning: the test alert also goes to the other destinations of policy "Wide":\n"Relay", ops@ops.example, on-call@ops.example, pagerduty 5e7a.',
      );
      expect(stdout).toContain('Delivered: "Ops" accepted the test alert of policy "Wide"');
      expect(code).toBe(0);
      expect(posts(emulator.writes())).toEqual([expect.stringMatching(/\/policies\/[0-9a-f]{32}\/test$/)]);
      expect(emulator.alerts.map(({ name }) => name)).toEqual(['Ops', 'Relay']);
    }));

  testInProcess("names every recipient and asks; only 'yes' sends it", () =>
    withAccount({ webhooks: WEBHOOKS, policies: POLICIES }, async ({ run, emulator }) => {
      const no = await run(['test', 'Ops'], { env: ENV, tty: true, columns: 80, stdin: 'y\n' });
      expect(no.stderr).toContain(
        `Do you want to send this test alert?\n  The alert goes through policy "Wide" of account\n  ${ACCOUNT} to "Ops", "Relay", ops@ops.example,\n  on-call@ops.example, pagerduty 5e7a.\n  Only 'yes' will be accepted to approve.`,
      );
      expect(no.stderr).toContain('Error: Test canceled. No alert was sent.');
      expect(no.code).toBe(1);
      expect(emulator.writes()).toEqual([]);
      const yes = await run(['test', 'Ops'], { env: ENV, tty: true, columns: 80, stdin: 'yes\n' });
      expect(yes.stdout).toContain('Delivered: "Ops"');
      expect(yes.code).toBe(0);
      expect(emulator.writes()).toHaveLength(1);
    }),
  );

  describe('while it waits for approval', () => {
    const slowYes = async function* (change: () => void) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      change();
      yield 'yes\n';
    };

    testInProcess('an alert that arrives is not taken for the test alert', () =>
      withAccount(
        { webhooks: WEBHOOKS, policies: POLICIES, emulator: { quirks: { 'test-delay': 700 } } },
        async ({ run, emulator }) => {
          const ops = emulator.account(ACCOUNT).webhooks.find(({ name }) => name === 'Ops');
          const stdin = slowYes(() => {
            if (ops) ops.last_success = '2026-11-27T12:00:00Z';
          });
          const { code, stdout } = await run(['test', 'Ops'], { env: ENV, tty: true, stdin });
          expect(stdout).toContain('Unknown:');
          expect(code).toBe(1);
        },
      ),
    );

    testInProcess('a new recipient stops it: nothing is sent', () =>
      withAccount({ webhooks: WEBHOOKS, policies: POLICIES }, async ({ run, emulator }) => {
        const { policies } = emulator.account(ACCOUNT);
        const stdin = slowYes(() => policies[0]?.mechanisms['email']?.push({ id: 'ceo@ops.example' }));
        const { code, stderr } = await run(['test', 'Ops'], { env: ENV, tty: true, stdin });
        expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
          'Error: The recipients changed since you were asked. No alert was sent. Run the command again.',
        );
        expect(code).toBe(1);
        expect(emulator.writes()).toEqual([]);
      }),
    );
  });

  test('without a terminal it sends nothing unless --auto-approve is passed: exit 3', () =>
    withAccount({ webhooks: WEBHOOKS, policies: POLICIES }, async ({ run, emulator }) => {
      const { code, stderr } = await run(['test', 'Ops'], { env: ENV, stdin: 'yes\n' });
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
        'To send it, rerun with --auto-approve. No alert was sent.',
      );
      expect(code).toBe(3);
      expect(emulator.writes()).toEqual([]);
    }));

  test('uses the policy that notifies the fewest others', () =>
    withAccount({ webhooks: WEBHOOKS, policies: POLICIES }, async ({ run, emulator }) => {
      const { code, stdout } = await run(['test', 'Relay', '--format', 'json', '--auto-approve'], {
        env: ENV,
      });
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        account_id: ACCOUNT,
        webhook: { name: 'Relay' },
        policy: { name: 'Narrow' },
        status: 'delivered',
        also_sent_to: { webhooks: [{ name: 'Idle' }], other_destinations: 0 },
      });
      expect(emulator.alerts.map(({ name }) => name)).toEqual(['Relay', 'Idle']);
      const wide = await run(['test', 'Ops', '--format', 'json', '--auto-approve'], { env: ENV });
      expect(JSON.parse(wide.stdout)).toMatchObject({
        also_sent_to: {
          other_destinations: 3,
          others: [
            { kind: 'email', id: 'ops@ops.example' },
            { kind: 'email', id: 'on-call@ops.example' },
            { kind: 'pagerduty', id: '5e7a' },
          ],
        },
      });
    }));

  test('reports a destination that refuses as failed, exit 1', () =>
    withAccount(
      { webhooks: WEBHOOKS, policies: POLICIES, emulator: { destinationStatus: () => 500 } },
      async ({ run }) => {
        const { code, stdout } = await run(['test', 'Ops', '--auto-approve'], { env: ENV });
        expect(stdout).toContain('Failed: "Ops" did not accept');
        expect(code).toBe(1);
        const json = await run(['test', 'Ops', '--auto-approve', '--format', 'json'], { env: ENV });
        expect(JSON.parse(json.stdout)).toMatchObject({
          status: 'failed',
          error: { code: 'check-failed', message: 'the test alert was not delivered.' },
        });
      },
    ));

  testInProcess('waits for the outcome, and says if there is none', () =>
    withAccount(
      { webhooks: WEBHOOKS, policies: POLICIES, emulator: { quirks: { 'test-delay': 3_600_000 } } },
      async ({ run, emulator }) => {
        const clock = clockAt('2026-03-01T10:00:00Z');
        const { code, stdout } = await run(['test', 'Ops', '--settle', '20', '--auto-approve'], {
          env: WAIT,
          clock,
        });
        expect(stdout).toContain(
          'Unknown: neither the last success nor the last failure of "Ops" changed within\n20 s.',
        );
        expect(code).toBe(1);
        expect(clock.slept.reduce((sum, pause) => sum + pause, 0)).toBeCloseTo(20_000);
        expect(emulator.writes()).toHaveLength(1);
      },
    ),
  );

  test('finds an outcome that appears a little later', () =>
    withAccount(
      { webhooks: WEBHOOKS, policies: POLICIES, emulator: { quirks: { 'test-delay': 700 } } },
      async ({ run }) => {
        const { code } = await run(['test', 'Ops', '--auto-approve'], { env: WAIT });
        expect(code).toBe(0);
      },
    ));

  test.each(['reset-after', '502-html-after', 'garbage'] as const)(
    'an unknown response (%s) is not sent again, but the outcome is checked',
    (fault) =>
      withAccount(
        {
          webhooks: WEBHOOKS,
          policies: POLICIES,
          emulator: { fault: ({ method }) => (method === 'POST' ? fault : undefined) },
        },
        async ({ run, emulator }) => {
          const { code, stdout, stderr } = await run(['test', 'Ops', '--auto-approve'], { env: ENV });
          expect(stderr).toContain('Checking whether the alert arrived anyway.');
          expect(stdout).toContain('Delivered');
          expect(code).toBe(0);
          expect(emulator.writes()).toHaveLength(1);
        },
      ),
  );

  test.each([
    ['no such webhook', ['test', 'Rely'], 1, 'Did you mean "Relay"?'],
    ['no policy', ['test', 'Lonely'], 1, 'used only by disabled policies: "Off"'],
    ['no name', ['test'], 3, 'missing required argument'],
  ])('%s', (_what, args, exit, words) =>
    withAccount({ webhooks: WEBHOOKS, policies: POLICIES }, async ({ run, emulator }) => {
      const { code, stderr } = await run(args, { env: ENV });
      expect(stderr).toContain(words);
      expect(code).toBe(exit);
      expect(emulator.writes()).toEqual([]);
    }),
  );

  test('refuses a name that several webhooks have, with their IDs; accepts an ID', () => {
    const id = 'f'.repeat(32);
    const twins = [{ id, name: 'Ops', url: 'https://user:pw@ops.example/b' }, ...WEBHOOKS];
    const policies = [{ name: 'P', uses: [id] }];
    return withAccount({ webhooks: twins, policies }, async ({ run, emulator }) => {
      const refused = await run(['test', 'Ops', '--auto-approve'], { env: ENV });
      expect(refused.code).toBe(3);
      expect(refused.stderr).toContain(`"id:${id}"  https://…@ops.example/b`);
      expect(emulator.writes()).toEqual([]);
      const prefixed = await run(['test', `${ACCOUNT}:Ops`]);
      expect(prefixed.stderr).toContain(`"${ACCOUNT}:id:${id}"  `);
      expect((await run(['test', `${ACCOUNT}:Rely`])).stderr).toContain(`Did you mean "${ACCOUNT}:Relay"?`);
      expect((await run(['test', `${ACCOUNT}:id:${id}`, '--auto-approve'])).code).toBe(0);
    });
  });

  test('refuses a name that starts with the label of its account, which could be two webhooks', () => {
    const files = fileOf('', 'label: Prod\nunlisted: keep');
    const webhooks = [...WEBHOOKS, { name: 'Prod:Ops', url: 'https://prod.example/' }];
    return withAccount({ files, webhooks, policies: POLICIES }, async ({ run, emulator }) => {
      for (const command of ['test', 'import']) {
        const flags = command === 'test' ? ['--auto-approve'] : ['-f', 'hookwright.yaml'];
        const { code, stderr } = await run([command, 'Prod:Ops', ...flags]);
        expect(stderr).toContain('"Prod:Ops" can be read in two ways');
        expect(code).toBe(3);
      }
      expect(emulator.writes()).toEqual([]);
      const { code, stderr } = await run(['test', `${ACCOUNT}:Ops`, '--auto-approve']);
      expect({ code, stderr }).toMatchObject({ code: 0 });
    });
  });

  test('the account of a file has its label', () =>
    withAccount(
      { files: fileOf('', 'label: Prod\nunlisted: keep'), webhooks: WEBHOOKS, policies: POLICIES },
      async ({ run }) => {
        const { stdout } = await run(['test', 'Prod:Ops', '--auto-approve', '--format', 'json']);
        expect(JSON.parse(stdout)).toMatchObject({ account_id: ACCOUNT, label: 'Prod' });
      },
    ));

  test('is denied with a read-only token, exit 7', () =>
    withAccount({ webhooks: WEBHOOKS, policies: POLICIES }, async ({ run }) => {
      const { code } = await run(['test', 'Ops', '--auto-approve'], {
        env: { ...ENV, CLOUDFLARE_API_TOKEN: 'read-only-x' },
      });
      expect(code).toBe(7);
    }));
});
