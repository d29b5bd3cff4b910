import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { emptyFolder } from '../support/cli.js';
import { ACCOUNT, fileOf, OTHER_ACCOUNT, TOKEN, withAccount, type Site } from '../support/site.js';

const entry = (name: string, secret: string): string =>
  `  - { name: ${name}, url: "https://${name.toLowerCase()}.example/", secret: ${secret} }\n`;
const stored = ({ emulator }: Site, name: string): string | undefined =>
  emulator.account(ACCOUNT).webhooks.find((webhook) => webhook.name === name)?.secret;

describe('secrets', () => {
  test('from a variable, from a file next to the YAML, from a whole URL', () =>
    withAccount(
      {
        files: {
          'state/hooks.yaml': fileOf(
            entry('Env', '{ env: OPS_TOKEN }') +
              entry('File', '{ file: secrets/file }') +
              '  - { name: Url, url: { env: RELAY_URL } }\n',
          ),
          'state/secrets/file': 'from-a-file\n',
        },
      },
      async (site) => {
        const env = {
          OPS_TOKEN: 'from-the-env',
          RELAY_URL: 'https://hooks.slack.com/services/T0/B0/Zq81xLmP0sWv',
        };
        expect((await site.run(['apply', '--auto-approve', '-f', 'state'], { env })).code).toBe(0);
        expect([stored(site, 'Env'), stored(site, 'File'), stored(site, 'Url')]).toEqual([
          'from-the-env',
          'from-a-file',
          'Zq81xLmP0sWv',
        ]);
        const again = await site.run(['plan', '-f', 'state', '--detailed-exitcode'], { env });
        expect(again).toMatchObject({ code: 0 });
      },
    ));

  test('a whole URL from a file, through a saved plan that does not contain it', () =>
    withAccount(
      {
        files: {
          'hookwright.yaml': fileOf('  - { name: Url, url: { file: secrets/relay, version: 1 } }\n'),
          'secrets/relay': 'https://hooks.slack.com/services/T0/B0/Zq81xLmP0sWv\n',
        },
      },
      async (site) => {
        const { run, read, write } = site;
        expect((await run(['plan', '--out', 'plan.json'])).stdout).toContain(
          '(file secrets/relay, version 1)',
        );
        expect(await read('plan.json')).not.toContain('Zq81xLmP0sWv');
        expect((await run(['apply', 'plan.json'])).code).toBe(0);
        expect(stored(site, 'Url')).toBe('Zq81xLmP0sWv');
        expect(await run(['plan', '--detailed-exitcode'])).toMatchObject({ code: 0 });
        await write({ 'secrets/relay': 'https://hooks.slack.com/services/T0/B1/Zq81xLmP0sWv\n' });
        expect(await run(['plan', '--detailed-exitcode'])).toMatchObject({ code: 2 });
        await write({ 'hookwright.yaml': fileOf('  - { name: Url, url: { file: secrets/none } }\n') });
        const { code, stdout } = await run(['plan', '--detailed-exitcode']);
        expect(code).toBe(0);
        expect(stdout).toContain('not compared');
      },
    ));

  test.each([
    ['one newline at the end is dropped', 's3cr3t-value\n', 0],
    ['a Windows newline too', 's3cr3t-value\r\n', 0],
    ['two newlines are an error', 's3cr3t-value\n\n', 6],
    ['a newline in the middle is an error', 's3cr3t\nvalue', 6],
    ['an empty file is an error', '', 6],
    ['only a newline is an error', '\n', 6],
    ['a placeholder is an error', '<your secret>\n', 6],
  ])('from a file: %s', (_, text, code) =>
    withAccount(
      { files: { 'hookwright.yaml': fileOf(entry('File', '{ file: s }')), s: text } },
      async (site) => {
        expect((await site.run(['apply', '--auto-approve'])).code).toBe(code);
        expect(stored(site, 'File')).toBe(code === 0 ? 's3cr3t-value' : undefined);
      },
    ),
  );

  test.each(['', ' ', 'changeme', '<token>', '${TOKEN}', '##TOKEN##', 'xxx', 'good\n', 'two\nlines'])(
    'a variable with the value %j stops apply before the first write, but not plan',
    (value) =>
      withAccount({ files: fileOf(entry('Env', '{ env: OPS_TOKEN }')) }, async ({ run, methods }) => {
        const refused = await run(['apply', '--auto-approve'], { env: { OPS_TOKEN: value } });
        expect(refused.code).toBe(6);
        expect(refused.stdout).toContain('secret-missing');
        expect(methods()).toEqual(['GET']);
        expect((await run(['plan'], { env: { OPS_TOKEN: value } })).code).toBe(0);
      }),
  );

  test('all missing secrets are named at once, in each format', () =>
    withAccount(
      {
        files: fileOf(
          entry('A', '{ env: A_TOKEN }') + entry('B', '{ file: nope }') + entry('C', '{ env: C_TOKEN }'),
        ),
      },
      async ({ run, methods }) => {
        for (const format of ['text', 'json', 'markdown']) {
          const { stdout } = await run(['apply', '--auto-approve', '--format', format], {
            env: { C_TOKEN: 'fine' },
          });
          expect(stdout.replaceAll('&#95;', '_')).toMatch(/A_TOKEN[^]*nope/);
          // The guard names the two missing secrets, and the plan is shown in full.
          expect(stdout).toMatch(/"C"|<code>C<\/code>/);
          expect(stdout.replaceAll('&#95;', '_')).not.toMatch(/variable C_TOKEN/);
        }
        expect(methods()).toEqual(['GET', 'GET', 'GET']);
      },
    ));

  test('reports are written for a refused apply, with the plan', () =>
    withAccount({ files: fileOf(entry('A', '{ env: A_TOKEN }')) }, async ({ run, read, methods }) => {
      const reports = ['json', 'markdown', 'html', 'junit'].flatMap((kind) => [
        '--report',
        `${kind}=r.${kind}`,
      ]);
      expect((await run(['apply', '--auto-approve', ...reports])).code).toBe(6);
      expect(JSON.parse(await read('r.json'))).toMatchObject({
        accounts: [
          { actions: [{ kind: 'create', name: 'A' }], guards: [{ code: 'secret-missing', names: ['A'] }] },
        ],
        outcomes: [{ name: 'A', status: 'skipped', error: { code: 'refused-by-guard' } }],
      });
      for (const kind of ['markdown', 'html', 'junit'])
        expect((await read(`r.${kind}`)).replaceAll('&#95;', '_')).toMatch(/secret-missing[^]*A_TOKEN/);
      expect(new Set(methods())).toEqual(new Set(['GET']));
    }));

  test('secrets that no action needs are not required: after an import, apply has nothing to do', () =>
    withAccount(
      {
        webhooks: [
          { name: 'Slack', url: 'https://hooks.slack.com/services/T0/B0', type: 'slack', secret: 'x' },
          { name: 'Relay', url: 'https://relay.example/hook/3fKx9QpLmZ7vTnRw2sYb', secret: 'y' },
        ],
      },
      async ({ run, read }) => {
        expect(
          (await run(['import', '-f', 'hookwright.yaml'], { env: { CLOUDFLARE_ACCOUNT_ID: ACCOUNT } })).code,
        ).toBe(0);
        expect(await read('hookwright.yaml')).toMatch(/env: /);
        expect((await run(['plan'])).stdout).toContain('No changes.');
        const { code, stdout } = await run(['apply', '--auto-approve']);
        expect([code, stdout]).toEqual([0, expect.stringContaining('No changes.')]);
      },
    ));

  test('only an account with a missing secret is refused', () =>
    withAccount(
      {
        files: {
          'a.yaml': fileOf(entry('A', '{ env: A_TOKEN }')),
          'b.yaml': fileOf(entry('B', 'none')).replace(ACCOUNT, OTHER_ACCOUNT),
        },
      },
      async ({ run, names }) => {
        const { code, stdout } = await run(['apply', '--auto-approve', '-f', '.']);
        expect(code).toBe(4);
        expect(stdout).toMatch(/1 to add, 0 to change, 0 to destroy {2}\(refused\)/);
        expect([names(), names(OTHER_ACCOUNT)]).toEqual([[], ['B']]);
      },
    ));

  test('secrets of entries that are not selected are not required', () =>
    withAccount(
      { files: fileOf(entry('A', '{ env: A_TOKEN }') + entry('B', 'none')) },
      async ({ run, names }) => {
        expect((await run(['apply', '--auto-approve', '--target', 'B'])).code).toBe(0);
        expect(names()).toEqual(['B']);
      },
    ));

  test('a file outside the directory of the YAML is an error, however it is reached', () =>
    withAccount({}, async ({ run, cwd, write }) => {
      const outside = await emptyFolder();
      await writeFile(path.join(outside, 'secret'), 'outside');
      await mkdir(path.join(cwd, 'inside'));
      await symlink(path.join(outside, 'secret'), path.join(cwd, 'inside/link'));
      for (const file of [path.join(outside, 'secret'), '../outside', 'inside/link']) {
        await write({ 'hookwright.yaml': fileOf(entry('A', `{ file: "${file}" }`)) });
        expect(await run(['validate'])).toMatchObject({ code: 3 });
      }
      const allowed = ['validate', '--secret-dir', outside];
      await write({ 'hookwright.yaml': fileOf(entry('A', `{ file: "${path.join(outside, 'secret')}" }`)) });
      expect(await run(allowed)).toMatchObject({ code: 0 });
    }));

  test('--env-allow limits which variables can be read', () =>
    withAccount({ files: fileOf(entry('A', '{ env: A_TOKEN }')) }, async ({ run }) => {
      expect((await run(['validate', '--env-allow', 'A_*'])).code).toBe(0);
      const { code, stderr } = await run(['validate', '--env-allow', 'HOOK_*']);
      expect(code).toBe(3);
      expect(stderr).toContain(
        "Add the line A_TOKEN to HOOKWRIGHT_ENV_ALLOW, or pass: --env-allow 'HOOK_*' --env-allow A_TOKEN",
      );
      const advised = ['validate', '--env-allow', 'HOOK_*', '--env-allow', 'A_TOKEN'];
      expect((await run(advised)).code).toBe(0);
    }));

  test.each([
    '*_SECRET,HOOK_*',
    '*_SECRET HOOK_*',
    '*_SECRET\\nHOOK_*',
    '*_SECRET;HOOK_*',
    "['*_SECRET','HOOK_*']",
  ])('a pattern for variables cannot be %j', (pattern) =>
    withAccount({ files: fileOf(entry('A', '{ env: A_TOKEN }')) }, async ({ run }) => {
      const flag = await run(['validate', '--env-allow', pattern]);
      const variable = await run(['validate'], { env: { HOOKWRIGHT_ENV_ALLOW: pattern } });
      for (const { code, stderr } of [flag, variable]) {
        expect(code).toBe(3);
        expect(stderr).toContain(
          "Repeat the flag for each pattern: --env-allow '*_SECRET' --env-allow 'HOOK_*'. In the variable, write one pattern per line: export HOOKWRIGHT_ENV_ALLOW=$'*_SECRET\\nHOOK_*'",
        );
      }
    }),
  );

  test('HOOKWRIGHT_ENV_ALLOW has one pattern per line; an empty value allows nothing', () =>
    withAccount({ files: fileOf(entry('A', '{ env: A_TOKEN }')) }, async ({ run }) => {
      for (const [allow, code] of [
        ['HOOK_*\nA_*', 0],
        ['HOOK_*', 3],
        ['', 3],
      ] as const)
        expect((await run(['validate'], { env: { HOOKWRIGHT_ENV_ALLOW: allow } })).code).toBe(code);
    }));

  test.each([
    [
      'a variable',
      '{ env: DEPLOY_TOKEN }',
      { DEPLOY_TOKEN: TOKEN },
      3,
      'DEPLOY_TOKEN has the same value as CLOUDFLARE_API_TOKEN',
    ],
    [
      "a proxy's password",
      '{ env: OPS }',
      { OPS: 'pr0xy-pass', https_proxy: 'http://me:pr0xy-pass@proxy.example' },
      3,
      'OPS has the same value as https_proxy',
    ],
    ['a file', '{ file: secret }', {}, 6, 'the file secret has the same value as\n  CLOUDFLARE_API_TOKEN'],
  ])("the value of someone else's credential is never sent: %s", (_, secret, env, code, why) =>
    withAccount(
      { files: { 'hookwright.yaml': fileOf(entry('A', secret)), secret: `${TOKEN}\n` } },
      async ({ run, emulator }) => {
        const result = await run(['apply', '--auto-approve'], { env: { ...env, NO_PROXY: '*' } });
        expect([result.code, result.stdout + result.stderr]).toEqual([code, expect.stringContaining(why)]);
        expect(emulator.writes()).toEqual([]);
      },
    ),
  );

  test.each([
    ['.git-credentials', 3],
    ['.npmrc', 3],
    ['.env', 3],
    ['.git/HEAD', 3],
    ['secrets/.hidden', 3],
    ['secrets/../.env', 3],
    ['./secrets/ops', 0],
    ['link-to-git', 3],
    ['mounted', 0],
  ])('a secret file next to the YAML: %s', (file, code) =>
    withAccount(
      {
        files: {
          'hookwright.yaml': fileOf(entry('A', `{ file: "${file}" }`)),
          '.env': 'TOKEN=1',
          '.git/HEAD': 'ref: refs/heads/main',
          'secrets/ops': 'secret-of-ops',
          '..2026_03_12_17_31_52.880752931/mounted': 'secret-of-ops',
        },
      },
      async ({ run, cwd }) => {
        await symlink('.git/HEAD', path.join(cwd, 'link-to-git'));
        await symlink('..2026_03_12_17_31_52.880752931', path.join(cwd, '..data'));
        await symlink('..data/mounted', path.join(cwd, 'mounted'));
        expect((await run(['validate'])).code).toBe(code);
        // A directory passed with --secret-dir and its contents may be hidden.
        expect((await run(['validate', '--secret-dir', '.'])).code).toBe(0);
      },
    ),
  );

  test('a well-known credential is never read, not even with --env-allow', () =>
    withAccount({ files: fileOf(entry('A', '{ env: CLOUDFLARE_API_TOKEN }')) }, async ({ run, methods }) => {
      expect((await run(['apply', '--auto-approve', '--env-allow', '*'])).code).toBe(3);
      expect(methods()).toEqual([]);
    }));

  test.each(['--out', '--events', '--report'])(
    '%s does not overwrite the file or follow a link out of the directory',
    (flag) =>
      withAccount({ files: fileOf(entry('A', 'none')) }, async ({ run, cwd, read, methods }) => {
        const before = await read('hookwright.yaml');
        const outside = path.join(await emptyFolder(), 'file');
        await symlink(outside, path.join(cwd, 'link'));
        const command = flag === '--events' ? ['apply', '--auto-approve'] : ['plan'];
        for (const file of ['hookwright.yaml', 'link']) {
          const { code, stderr } = await run([...command, flag, flag === '--report' ? `json=${file}` : file]);
          expect([code, stderr]).toEqual([3, expect.stringContaining(`Error: ${flag} ${file} `)]);
        }
        expect(await read('hookwright.yaml')).toBe(before);
        await expect(readFile(outside)).rejects.toThrow('ENOENT');
        expect(methods()).toEqual([]);
      }),
  );
});
