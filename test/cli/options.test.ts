import { describe, expect, test } from '@jest/globals';
import { testInProcess } from '../support/cli.js';
import { fileOf, withAccount, type Given } from '../support/site.js';

const A = '  - { name: A, url: "https://a.example/" }\n';
const GIVEN: Given = { files: fileOf(A) };
const ESCAPE = '\u001b';

describe('color', () => {
  testInProcess('on a terminal', () =>
    withAccount(GIVEN, async ({ run }) => {
      expect((await run(['plan'], { tty: true })).stdout).toContain(`${ESCAPE}[32m`);
      expect((await run(['validate', '-f', 'nope.yaml'], { tty: true })).stderr).toContain(ESCAPE);
    }),
  );

  testInProcess.each([
    ['--no-color', ['--no-color'], {}],
    ['NO_COLOR', [], { NO_COLOR: '1' }],
    ['CI', [], { CI: 'true' }],
    ['TERM=dumb', [], { TERM: 'dumb' }],
    ['HOOKWRIGHT_NO_COLOR', [], { HOOKWRIGHT_NO_COLOR: 'true' }],
    ['FORCE_COLOR=0', [], { FORCE_COLOR: '0' }],
    ['NO_COLOR and FORCE_COLOR', [], { NO_COLOR: '1', FORCE_COLOR: '1', CLICOLOR_FORCE: '1' }],
  ])('no color with %s, even on a terminal', (_, flags, env) =>
    withAccount(GIVEN, async ({ run }) => {
      for (const command of [['plan'], ['apply', '--auto-approve'], ['validate', '-f', 'nope.yaml']]) {
        const { stdout, stderr } = await run([...command, ...flags], { tty: true, env });
        expect(stdout.includes('[32m') || stderr.includes('[31m') || stdout.includes('[1m')).toBe(false);
      }
    }),
  );

  testInProcess('CI shows a line per action and redraws nothing, even on a terminal', () =>
    withAccount(GIVEN, async ({ run }) => {
      const { stderr } = await run(['apply', '--auto-approve'], { tty: true, env: { CI: '1' } });
      expect(stderr).toMatch(/^A: Creating…\nA: Creation complete \[id=[0-9a-f]{32}\]\n$/);
    }),
  );

  test.each([
    ['nothing set', {}],
    ['CLICOLOR_FORCE=0', { CLICOLOR_FORCE: '0' }],
  ])('no color without a terminal: %s', (_, env: Readonly<Record<string, string>>) =>
    withAccount(GIVEN, async ({ run }) => {
      const { stdout, stderr } = await run(['apply', '--auto-approve'], { env });
      expect(stdout + stderr).not.toContain(ESCAPE);
      expect(stdout + stderr).not.toContain('\r');
    }),
  );

  test.each([
    ['FORCE_COLOR', { FORCE_COLOR: '1' }],
    ['CLICOLOR_FORCE', { CLICOLOR_FORCE: '1' }],
    ['FORCE_COLOR in CI', { FORCE_COLOR: 'true', CI: 'true', TERM: 'dumb' }],
  ])('color without a terminal with %s, on both streams', (_, env) =>
    withAccount(GIVEN, async ({ run }) => {
      expect((await run(['plan'], { env })).stdout).toContain(`${ESCAPE}[32m`);
      expect((await run(['validate', '-f', 'nope.yaml'], { env })).stderr).toContain(ESCAPE);
    }),
  );
});

describe('log levels', () => {
  test.each([
    [['--quiet'], ''],
    [['--log-level', 'error'], ''],
    [['--log-level', 'warn'], ''],
  ])('%j hides the progress, not the result', (flags, expected) =>
    withAccount(GIVEN, async ({ run }) => {
      const { stdout, stderr } = await run(['apply', '--auto-approve', ...flags]);
      expect(stderr).toBe(expected);
      expect(stdout).toContain('Apply complete!');
    }),
  );

  test('debug logs each request, without headers and bodies', () =>
    withAccount(GIVEN, async ({ run, methods }) => {
      const { stderr } = await run(['apply', '--auto-approve', '--log-level', 'debug']);
      const requests = stderr.match(/^(GET|POST|PUT|DELETE) \/accounts\/.*cf-ray=\S+ \d+ ms$/gm) ?? [];
      expect(requests.map((line) => line.split(' ')[0])).toEqual(methods());
      expect(stderr).not.toMatch(/authorization|bearer/i);
    }));
});

describe('variables', () => {
  test.each([
    ['HOOKWRIGHT_FORMAT', 'json', [], /^\{/],
    ['HOOKWRIGHT_FORMAT', 'json', ['--format', 'text'], /^hookwright will/],
    ['HOOKWRIGHT_FORMAT', '', [], /^hookwright will/],
    ['HOOKWRIGHT_FILE', 'other.yaml', [], /"B" will be created/],
    ['HOOKWRIGHT_FILE', 'other.yaml\n', [], /"B" will be created/],
    ['HOOKWRIGHT_FILE', 'other.yaml', ['-f', 'hookwright.yaml'], /"A" will be created/],
    ['HOOKWRIGHT_TARGET', 'Z*', ['--format', 'text', '--format', 'json'], /"usage"/],
    ['HOOKWRIGHT_TARGET', 'Z*', ['--format=json', '--format', 'text'], /^$/],
    ['HOOKWRIGHT_TARGET', 'Z*', ['--format', 'json'], /"usage"/],
  ])('%s=%s with %j', (name, value, flags, shown) =>
    withAccount(
      {
        files: {
          'hookwright.yaml': fileOf(A),
          'other.yaml': fileOf('  - { name: B, url: "https://b.example/" }\n'),
        },
      },
      async ({ run }) => {
        expect((await run(['plan', ...flags], { env: { [name]: value } })).stdout).toMatch(shown);
      },
    ),
  );

  test('a boolean variable', () =>
    withAccount(GIVEN, async ({ run }) => {
      const code = async (value: string): Promise<number | null> =>
        (await run(['plan'], { env: { HOOKWRIGHT_DETAILED_EXITCODE: value } })).code;
      expect([await code('true'), await code('1'), await code('false'), await code('')]).toEqual([
        2, 2, 0, 0,
      ]);
      expect(await code('perhaps')).toBe(3);
    }));

  test('HOOKWRIGHT_UPDATE lets import change entries', () =>
    withAccount(
      { files: fileOf(A), webhooks: [{ name: 'A', url: 'https://moved.example/' }] },
      async ({ run, read }) => {
        const env = { HOOKWRIGHT_UPDATE: 'true' };
        expect((await run(['import', '-f', 'hookwright.yaml'], { env })).code).toBe(0);
        expect(await read('hookwright.yaml')).toContain('https://moved.example/');
      },
    ));

  test.each([
    ['AUTO_APPROVE', 'true'],
    ['ALLOW_DELETE', 'X'],
    ['ALLOW_DETACH', 'X'],
    ['ROTATE', 'A'],
    ['REPLACE', 'A'],
  ])('HOOKWRIGHT_%s is ignored', (name, value) =>
    withAccount(
      {
        files: fileOf(A),
        webhooks: [
          { name: 'A', url: 'https://a.example/' },
          { name: 'X', url: 'https://x.example/' },
        ],
        policies: [{ name: 'P', uses: ['X'] }],
      },
      async ({ run }) => {
        const plain = await run(['plan']);
        expect(plain.code).toBe(6);
        const flag = `--${name.toLowerCase().replace('_', '-')}`;
        const warning = `Warning: the environment variable HOOKWRIGHT_${name} has no effect. Pass ${flag} on the command line.\n`;
        expect(await run(['plan'], { env: { [`HOOKWRIGHT_${name}`]: value } })).toEqual({
          ...plain,
          stderr: plain.stderr + warning,
        });
        expect((await run(['apply'], { env: { [`HOOKWRIGHT_${name}`]: value } })).code).toBe(6);
      },
    ),
  );

  test('HOOKWRIGHT_ALLOW_LITERAL_SECRETS is ignored', () =>
    withAccount(
      { files: fileOf('  - { name: A, url: "https://a.example/", secret: hunter2hunter2 }\n') },
      async ({ run }) => {
        const env = { HOOKWRIGHT_ALLOW_LITERAL_SECRETS: 'true' };
        expect((await run(['validate'], { env })).code).toBe(3);
        expect((await run(['validate', '--allow-literal-secrets'])).code).toBe(0);
      },
    ));
});
