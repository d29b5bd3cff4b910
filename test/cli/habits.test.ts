import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, fileOf, withAccount } from '../support/site.js';

const GIVEN = {
  files: fileOf('  - { name: Ops, url: "https://ops.example/" }\n'),
  webhooks: [{ name: 'Ops', url: 'https://ops.example/' }],
};
const next = (stderr: string): string | undefined => /run: hookwright (.+)$/m.exec(stderr)?.[1];

describe('flags and commands of other tools get a hint', () => {
  test.each([
    ['destroy', 'list their names under "absent"'],
    ['init', 'There is nothing to initialize.'],
    ['fmt', 'There is no formatter'],
    ['state mv Ops Pager', 'list the old name under "previously"'],
    ['state list', 'There is no state file'],
    ['state', 'There is no state file'],
    ['refresh', 'There is no state file'],
    ['taint Ops', 'To replace a webhook'],
    ['output -json', 'as JSON'],
    ['graph', 'which policies use which webhooks'],
    ['diff', 'what apply would change'],
    ['list', 'To list the live webhooks'],
    ['ls', 'To list the live webhooks'],
    ['rename Ops Pager', 'list the old name under "previously"'],
    ['replace Ops', 'To replace a webhook'],
    ['create Pager', 'add it under "webhooks" in the file'],
    ['add Pager', 'add it under "webhooks" in the file'],
    ['rm Ops', 'list their names under "absent"'],
    ['remove Ops', 'list their names under "absent"'],
    ['check', 'To check the file'],
    ['lint', 'To check the file'],
    ['drift', 'what apply would change'],
    ['sync', 'To carry out the plan'],
    ['export', 'To write a file from the live webhooks'],
    ['rotate', 'change its "version" in the file'],
    ['plan --token abc', 'the environment variable CLOUDFLARE_API_TOKEN'],
    ['apply --force', 'A guard has no general override'],
    ['-v', 'To print the version'],
    ['plan -refresh-only', 'Leave this flag out.'],
    ['plan -var a=b', '{ env: NAME }'],
    ['plan -chdir=dir', 'cd DIR && hookwright plan'],
    ['-chdir=dir plan', 'cd DIR && hookwright plan'],
    ['apply -destroy', 'list their names under "absent"'],
    ['apply --dry-run', 'what apply would change'],
  ])('%s', (line, hint) =>
    withAccount(GIVEN, async ({ run, names, write }) => {
      const { code, stdout, stderr } = await run(line.split(' '));
      expect([code, stdout, stderr]).toEqual([3, '', expect.stringContaining(hint)]);
      const command = next(stderr);
      if (command === undefined) return;
      if (command.includes('--rotate'))
        await write({ 'hookwright.yaml': GIVEN.files.replace(' }', ', secret: none }') });
      if (command.startsWith('import')) await write({ 'hookwright.yaml': 'webhooks: []\n' });
      const args = command.replace('NAME', 'Ops').split(' ');
      const env = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT };
      const there = await run(args[0] === 'apply' ? [...args, '--auto-approve'] : args, { env });
      expect(there).toMatchObject({ code: 0 });
      expect(names()).toEqual(['Ops']);
    }),
  );

  test.each([
    ['plan -out=p.json', 'plan --out=p.json'],
    ['plan -target=Ops', 'plan --target=Ops'],
    ['plan -detailed-exitcode', 'plan --detailed-exitcode'],
    ['plan -no-color', 'plan --no-color'],
    ['apply -auto-approve=true', 'apply --auto-approve'],
    ['apply --yes', 'apply --auto-approve'],
    ['apply -y', 'apply --auto-approve'],
    ['plan --json', 'plan --format json'],
    ['apply --force', 'apply --auto-approve'],
    ['plan --verbose', 'plan --log-level debug'],
    ['plan --debug', 'plan --log-level debug'],
    ['plan -o plan.json', 'plan --out plan.json'],
    ['plan --output plan.json', 'plan --out plan.json'],
    ['plan --output=plan.json', 'plan --out plan.json'],
    ['plan -o json', 'plan --format json'],
    ['plan --output=json', 'plan --format json'],
    ['-help', '--help'],
    ['plan -help', 'plan --help'],
    ['-version', '--version'],
  ])('%s: %s', (line, meant) =>
    withAccount(GIVEN, async ({ run }) => {
      const { code, stderr } = await run(line.split(' '));
      expect(code).toBe(3);
      const [, flag = ''] = /(?:Did you mean|pass) (--.+?)(?:[?]|[.](?: |$))/m.exec(stderr) ?? [];
      expect(`${line.replace(/ ?-.*$/, '')} ${flag}`.trim()).toBe(meant);
      expect((await run(meant.split(' '))).code).toBe(0);
    }),
  );

  test.each([
    ['plan --auto-approve', '--auto-approve is a flag of: hookwright apply'],
    ['plan --expect-digest abc', '--expect-digest is a flag of: hookwright apply'],
    ['apply --out plan.json', '--out is a flag of: hookwright plan'],
    ['import --out new.yaml', 'Did you mean -f new.yaml?'],
    ['--yes', 'To skip the approval prompt, pass --auto-approve.'],
    ['--yes apply', 'To skip the approval prompt, pass --auto-approve.'],
  ])('%s: which command has the flag', (line, hint) =>
    withAccount(GIVEN, async ({ run }) => {
      const { code, stderr } = await run(line.split(' '));
      expect([code, stderr]).toEqual([3, expect.stringContaining(hint)]);
    }),
  );

  test('completion without a shell names the shells', () =>
    withAccount(GIVEN, async ({ run }) => {
      const { code, stderr } = await run(['completion']);
      expect([code, stderr]).toEqual([3, expect.stringContaining('Pass one of bash, zsh, fish.')]);
    }));

  test.each(['plan --yes', 'plan -input=false', 'import --force'])('%s: the flag is not needed', (line) =>
    withAccount(GIVEN, async ({ run }) => {
      const { code, stderr } = await run(line.split(' '));
      expect([code, stderr]).toEqual([
        3,
        expect.stringContaining('does not ask for approval; leave this flag out.'),
      ]);
    }),
  );

  test.each(['plan --yes', 'schema --json'])(
    '%s: the hint names no flag that the command does not have',
    (line) =>
      withAccount(GIVEN, async ({ run }) => {
        const { code, stderr } = await run(line.split(' '));
        expect([code, stderr]).toEqual([3, expect.not.stringMatching(/--auto-approve|--format/)]);
      }),
  );
});

describe('version', () => {
  test('equals --version, and with --format json it has what a bug report needs', () =>
    withAccount({}, async ({ run }) => {
      const { stdout } = await run(['--version']);
      expect(await run(['version'])).toEqual({ code: 0, stdout, stderr: '' });
      expect(JSON.parse((await run(['version', '--format', 'json'])).stdout)).toEqual({
        version: stdout.trim(),
        node: process.versions.node,
        platform: `${process.platform}-${process.arch}`,
      });
    }));
});

describe('--expect-digest', () => {
  test.each([
    ['abc', 'A digest has 64 hexadecimal digits.'],
    ['', 'check that the variable is set'],
    ['g'.repeat(64), 'A digest has 64 hexadecimal digits.'],
  ])('%j is not a digest: exit 3', (digest, why) =>
    withAccount(GIVEN, async ({ run, methods }) => {
      const { code, stderr } = await run(['apply', '--auto-approve', '--expect-digest', digest]);
      expect([code, stderr, methods()]).toEqual([3, expect.stringContaining(why), []]);
    }),
  );
});

describe('an unknown HOOKWRIGHT_… variable is a warning', () => {
  const warned = (name: string, hint = ''): string =>
    `Warning: the environment variable ${name} has no effect.${hint}\n`;

  test.each([
    ['HOOKWRIGHT_FILES', ' Did you mean HOOKWRIGHT_FILE?'],
    ['HOOKWRIGHT_AUTO_APPROVE', ' Pass --auto-approve on the command line.'],
    ['HOOKWRIGHT_WHATEVER', ''],
  ])('%s', (name, hint) =>
    withAccount(GIVEN, async ({ run }) => {
      const env = { [name]: 'x' };
      for (const command of ['plan', 'validate', 'apply --auto-approve'])
        expect((await run(command.split(' '), { env })).stderr).toBe(warned(name, hint));
      const json = await run(['plan', '--format', 'json'], { env });
      expect([json.stderr, JSON.parse(json.stdout)]).toEqual([warned(name, hint), expect.any(Object)]);
      expect((await run(['plan', '--quiet'], { env })).stderr).toBe('');
      expect((await run(['plan'], { env: { [name]: '' } })).stderr).toBe('');
    }),
  );

  test('unless the file refers to it', () =>
    withAccount(
      {
        files: fileOf(
          '  - { name: A, url: { env: HOOKWRIGHT_A }, secret: { env: HOOKWRIGHT_FILES } }\n' +
            '  - { name: B, url: "https://b.example/", secret: { env: HOOKWRIGHT_B } }\n',
        ),
      },
      async ({ run }) => {
        const env = {
          HOOKWRIGHT_A: 'https://a.example/',
          HOOKWRIGHT_B: 'b',
          HOOKWRIGHT_FILES: 'c',
          HOOKWRIGHT_VERSION: '1',
        };
        for (const command of ['plan', 'validate']) expect((await run([command], { env })).stderr).toBe('');
      },
    ));

  test.each([
    [
      'errors in the file',
      fileOf('  - { name: A, secret: { env: HOOKWRIGHT_OTHER } }\n').replace(/account_id.*/, 'account_id: 7'),
    ],
    [
      'an unknown account',
      fileOf('  - { name: A, url: { env: HOOKWRIGHT_OTHER } }\n').replace(/account_id.*\n/, ''),
    ],
  ])('with %s, the file could still refer to it, unless it is a misspelling', (_, files) =>
    withAccount({ files }, async ({ run }) => {
      const env = { HOOKWRIGHT_OTHER: 'x', HOOKWRIGHT_FORMATT: 'json' };
      const { stderr } = await run(['validate'], { env });
      expect(stderr).not.toContain('HOOKWRIGHT_OTHER has no effect');
      expect(stderr).toContain(warned('HOOKWRIGHT_FORMATT', ' Did you mean HOOKWRIGHT_FORMAT?'));
    }),
  );

  test('a command that reads no file warns only of misspellings, even if it fails', () =>
    withAccount(GIVEN, async ({ run }) => {
      const env = { HOOKWRIGHT_OPS_TOKEN: 'x', HOOKWRIGHT_QUIET_: '1' };
      const { code, stderr } = await run(['show', 'nope.json'], { env });
      expect(code).toBe(3);
      expect(stderr).toContain(warned('HOOKWRIGHT_QUIET_', ' Did you mean HOOKWRIGHT_QUIET?'));
      expect(stderr).not.toContain('HOOKWRIGHT_OPS_TOKEN');
    }));
});
