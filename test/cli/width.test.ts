import { describe, expect } from '@jest/globals';
import { columns } from '../../src/text/layout.js';
import { testInProcess } from '../support/cli.js';
import { ACCOUNT, fileOf, withAccount } from '../support/site.js';

const SLACK = 'https://hooks.slack.com/services/T000/B000';
const FILES = {
  'hookwright.yaml': fileOf('  - { name: A, url: "https://a.example/" }\n'),
  'token.yaml': `webhooks:\n  - name: A\n    url: ${SLACK}/abcdefghijklmnopqrstuvwx\n`,
};

describe('prose on a terminal is wrapped at its width, between words', () => {
  testInProcess.each([
    [['status'], { CLOUDFLARE_API_TOKEN: 'invalid' }],
    [['plan'], { CLOUDFLARE_API_TOKEN: '' }],
    [['plan', '--api-url', 'http://nowhere.example/client/v4'], {}],
    [['plan', '--format', 'yaml'], {}],
    [['validate', '-f', 'token.yaml'], {}],
    [['explain', 'zzzzzzzzzzzzz'], {}],
    [['plan', '--target', `${'many words and '.repeat(8)}no webhook`], {}],
    [['apply', '--auto-approve'], { CLOUDFLARE_API_TOKEN: 'read-only' }],
  ])('%j', (args, env) =>
    withAccount({ files: FILES }, async ({ run }) => {
      const { stdout, stderr } = await run(args, { tty: true, columns: 80, env });
      const output = stdout + stderr;
      expect(output).not.toBe('');
      // A live line is overwritten; a name or URL is never broken.
      const lines = output.split('\n').map((line) => line.slice(line.lastIndexOf('\r') + 1));
      expect(lines.filter((line) => columns(line) > 80)).toEqual([]);
    }),
  );

  testInProcess('and the rest is indented, so that a line at the margin starts a message', () =>
    withAccount({ policies: [{ name: 'P', uses: [] }] }, async ({ run, write }) => {
      const name = 'A webhook with a name that makes its line too wide';
      await write({ 'hookwright.yaml': fileOf(`  - { name: ${name}, url: "https://a.example/" }\n`) });
      const { stderr } = await run(['apply', '--auto-approve'], { tty: true, columns: 80 });
      const lines = stderr.split('\n').map((line) => line.slice(line.lastIndexOf('\r') + 1));
      expect(lines.join('\n')).toMatch(/Creation complete\S*\n {2}\[id=[\da-f]{32}\]/);
      const refused = await run(['plan'], {
        tty: true,
        columns: 80,
        env: { CLOUDFLARE_API_TOKEN: 'invalid' },
      });
      const [first, ...rest] = refused.stderr.trimEnd().split('\n');
      expect(first).toMatch(/^\S*Error: /);
      expect(rest.filter((line) => !line.startsWith('  '))).toEqual([]);
    }),
  );

  testInProcess('also in the totals of a plan', () => {
    const uses = ['A'];
    const policies = [1, 2, 3].map((n) => ({ name: `A policy with a long name ${n}`, uses }));
    return withAccount(
      { webhooks: [{ name: 'A', url: 'https://a.example/' }], policies },
      async ({ run, write }) => {
        await write({ 'hookwright.yaml': 'unlisted: delete\nwebhooks: []\n' });
        const { stdout } = await run(['plan', '--account', ACCOUNT], { tty: true, columns: 80 });
        expect(stdout).toContain('Policies that lose a webhook: "A policy with a long name 1",\n  "A policy');
      },
    );
  });

  testInProcess('while a server does not respond, one line says so; in a log, only the error does', () =>
    withAccount({ files: FILES }, async ({ run }) => {
      const args = ['plan', '--api-url', 'http://127.0.0.1:9/client/v4', '--retry-delay', '1'];
      const waiting = 'No response from http://127.0.0.1:9 yet. Trying again…\n';
      const { stderr } = await run(args, { tty: true });
      expect(stderr.split(waiting)).toHaveLength(2);
      expect((await run(args)).stderr).not.toContain('Trying again');
      const quiet = await run([...args, '--quiet'], { tty: true });
      expect(quiet.stderr).not.toContain('Trying again');
      const once = await run([...args, '--retries', '0'], { tty: true });
      expect(once.stderr).not.toContain('Trying again');
    }),
  );

  testInProcess('in a log, each message stays on one line, because logs are searched by line', () =>
    withAccount({ files: FILES }, async ({ run }) => {
      const { stderr } = await run(['status'], { env: { CLOUDFLARE_API_TOKEN: 'invalid' } });
      expect(stderr).toMatch(/^Error: .{100,}\n$/);
    }),
  );

  testInProcess('the reason why an action failed is shown once', () =>
    withAccount({ files: FILES }, async ({ run }) => {
      const env = { CLOUDFLARE_API_TOKEN: 'read-only', NO_COLOR: '1' };
      const { stdout, stderr } = await run(['apply', '--auto-approve'], { tty: true, env });
      expect(stderr).toContain('A: Creation failed (access-denied)\n');
      expect(stdout).toContain('has access to this account, and has\n');
    }),
  );
});
