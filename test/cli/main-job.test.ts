import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, fileOf, TOKEN, withAccount } from '../support/site.js';

const MIXED = fileOf(`
  - { name: Ops, url: "https://ops.example/cf" }
  - { name: Pager, url: "https://pager.example/", previously: [Old pager], secret: none }
  - { name: Relay, url: "https://relay.example/" }
`);
const DRIFTED = [
  { name: 'Old pager', url: 'https://pager.example/' },
  { name: 'Relay', url: 'https://relay.example/' },
  { name: 'Forgotten', url: 'https://forgotten.example/' },
];

describe('the main job', () => {
  test('a create, a rename and a delete are applied, and the second plan is empty', () =>
    withAccount({ files: MIXED, webhooks: DRIFTED }, async ({ run, names, emulator }) => {
      const renamed = emulator.account(ACCOUNT).webhooks.find(({ name }) => name === 'Old pager')?.id;
      const first = await run(['plan', '--detailed-exitcode']);
      expect(first).toMatchObject({ code: 2, stderr: '' });
      expect(first.stdout).toContain('Plan: 1 to add, 1 to change, 1 to destroy.');
      const applied = await run(['apply', '--auto-approve']);
      expect(applied.code).toBe(0);
      expect(applied.stdout).toContain('Apply complete! Resources: 1 added, 1 changed, 1 destroyed.');
      expect(names()).toEqual(['Ops', 'Pager', 'Relay']);
      expect(emulator.account(ACCOUNT).webhooks.find(({ name }) => name === 'Pager')?.id).toBe(renamed);
      const second = await run(['plan', '--detailed-exitcode']);
      expect(second).toMatchObject({ code: 0, stderr: '' });
      expect(second.stdout).toContain('No changes. Your webhooks match the desired state.');
    }));

  test('an apply without changes sends one GET and no write', () =>
    withAccount(
      {
        files: fileOf('  - { name: A, url: "https://a.example/" }'),
        webhooks: [{ name: 'A', url: 'https://a.example' }],
      },
      async ({ run, methods }) => {
        const { code, stdout } = await run(['apply', '--auto-approve']);
        expect(code).toBe(0);
        expect(stdout).toContain('No changes. Your webhooks match the desired state.');
        expect(stdout).toContain('Apply complete! Resources: 0 added, 0 changed, 0 destroyed.');
        expect(methods()).toEqual(['GET']);
      },
    ));

  test('a plan sends only GETs, with a read-only token', () =>
    withAccount({ files: MIXED, webhooks: DRIFTED }, async ({ run, emulator }) => {
      const { code, stdout } = await run(['plan'], { env: { CLOUDFLARE_API_TOKEN: 'read-only-token' } });
      expect(code).toBe(0);
      expect(stdout).toContain('1 to add, 1 to change, 1 to destroy');
      expect(emulator.writes()).toEqual([]);
      expect(emulator.requests.length).toBeGreaterThan(0);
    }));

  test('an apply with a read-only token fails as access denied, and says which permission is missing', () =>
    withAccount({ files: MIXED, webhooks: DRIFTED }, async ({ run, names }) => {
      const { code, stdout, stderr } = await run(['apply', '--auto-approve'], {
        env: { CLOUDFLARE_API_TOKEN: 'read-only-token' },
      });
      expect(code).toBe(7);
      expect(stderr).toContain('Ops: Creation failed (access-denied)\n');
      expect(stdout).toContain('Notifications > Edit');
      expect(names()).toEqual(['Forgotten', 'Old pager', 'Relay']);
    }));

  test.each(['text', 'json', 'markdown'])('a wrong token exits with 7 and is never shown (%s)', (format) =>
    withAccount({ files: MIXED }, async ({ run }) => {
      const token = 'invalid-token-4vG8mR2x';
      for (const command of [['plan'], ['apply', '--auto-approve']]) {
        const { code, stdout, stderr } = await run([...command, '--format', format, '--log-level', 'debug'], {
          env: { CLOUDFLARE_API_TOKEN: token },
        });
        expect(code).toBe(7);
        expect(stdout + stderr).toContain('Notifications');
        expect(stdout + stderr).not.toContain('4vG8mR2x');
      }
    }),
  );

  test('a malformed token is a wrong token', () =>
    withAccount({ files: MIXED }, async ({ run }) => {
      const { code, stdout, stderr } = await run(['plan'], {
        env: { CLOUDFLARE_API_TOKEN: 'has space 81xL' },
      });
      expect(code).not.toBe(0);
      expect(stdout + stderr).not.toContain('81xL');
      expect(stdout + stderr).not.toMatch(/\bat .*\.[jt]s:\d+/);
    }));

  test('an unreachable server exits with 1 and an error message', () =>
    withAccount({ files: MIXED }, async ({ run, emulator }) => {
      await emulator.stop();
      const { code, stdout, stderr } = await run(['plan', '--retries', '1']);
      expect(code).toBe(1);
      expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
        /Could not reach http:\/\/127\.0\.0\.1:\d+ to list the webhooks/,
      );
      expect(stdout).toMatch(/refused/);
      expect(stderr).not.toMatch(/\bat .*\.[jt]s:\d+/);
    }));

  test.each([1, 3, 20])('%i creates need as many requests plus two', (n) => {
    const wanted = Array.from({ length: n }, (_, i) => `  - { name: W${i}, url: "https://w${i}.example/" }`);
    return withAccount({ files: fileOf(wanted.join('\n')) }, async ({ run, methods, names }) => {
      expect((await run(['apply', '--auto-approve'])).code).toBe(0);
      expect(names()).toHaveLength(n);
      expect(methods()).toHaveLength(n + 2);
    });
  });

  test.each([
    [1, ['--parallelism', '1']],
    [3, ['--parallelism', '3']],
    [10, []],
  ])('at most %i requests are in flight at once with %j', (most, flags) => {
    const wanted = Array.from({ length: 20 }, (_, i) => `  - { name: W${i}, url: "https://w${i}.example/" }`);
    return withAccount(
      { files: fileOf(wanted.join('\n')), emulator: { latency: 30 } },
      async ({ run, emulator }) => {
        expect((await run(['apply', '--auto-approve', ...flags])).code).toBe(0);
        expect(emulator.maxInFlight).toBeLessThanOrEqual(most);
        expect(emulator.maxInFlight).toBeGreaterThan(most / 2);
      },
    );
  });

  test('requests have the version of this command and credentials', () =>
    withAccount({ files: MIXED }, async ({ run, emulator }) => {
      await run(['plan']);
      expect(emulator.requests[0]?.userAgent).toMatch(/^hookwright\/\d+\.\d+\.\d+/);
      expect(emulator.requests[0]?.authorization).toBe(true);
      const legacy = await run(['plan'], {
        env: { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_API_KEY: 'key123456', CLOUDFLARE_EMAIL: 'a@b.example' },
      });
      expect(legacy.code).toBe(0);
    }));

  test('without credentials nothing is sent, and the message says what to set', () =>
    withAccount({ files: MIXED }, async ({ run, methods }) => {
      const { code, stderr } = await run(['plan'], { env: { CLOUDFLARE_API_TOKEN: '' } });
      expect(code).toBe(3);
      expect(stderr).toContain('CLOUDFLARE_API_TOKEN');
      expect(stderr).not.toContain(TOKEN);
      expect(methods()).toEqual([]);
    }));
});
