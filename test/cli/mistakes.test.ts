import { describe, expect, test } from '@jest/globals';
import { testInProcess } from '../support/cli.js';
import { ACCOUNT, fileOf, OTHER_ACCOUNT, TOKEN, withAccount } from '../support/site.js';

const FILE = fileOf('  - { name: New, url: "https://new.example/" }\n');

describe('a variable that is not set', () => {
  test.each([
    ['plan', '--previous', ''],
    ['plan', '--file', ''],
    ['plan', '--out', ''],
    ['plan', '--secret-dir', ''],
    ['apply', '--events', ''],
    ['emulator', '--data', ''],
  ])('%s %s %j is refused and does not mean the working directory', (...args) =>
    withAccount({ files: FILE }, async ({ run, methods }) => {
      const { code, stderr } = await run(args);
      expect([code, stderr]).toEqual([
        3,
        expect.stringContaining('It is empty; check that the variable is set.'),
      ]);
      expect(methods()).toEqual([]);
    }),
  );

  test('an empty CLOUDFLARE_BASE_URL counts as unset: the request goes to Cloudflare', () =>
    withAccount({ files: FILE }, async ({ run }) => {
      const env = { CLOUDFLARE_BASE_URL: '', HTTPS_PROXY: 'http://127.0.0.1:9', HOOKWRIGHT_RETRIES: '0' };
      expect((await run(['plan'], { env })).stdout).toContain('https://api.cloudflare.com');
    }));
});

describe('a --target that matches nothing exits with 3', () => {
  const given = {
    files: fileOf(
      '  - { name: New, url: "https://new.example/", previously: [Newer] }\nabsent: [Deleted]\n',
      'unlisted: keep',
    ),
    webhooks: [{ name: 'Live', url: 'https://live.example/' }],
  };

  test.each([
    ['Neww', 'matches no webhook in the files or in Cloudflare. Did you mean "New"?'],
    ['Lives', 'Did you mean "Live"?'],
    ['X*', 'The names are: "Deleted", "Live", "New", "Newer".'],
    [`${ACCOUNT}:Neww`, `Did you mean "${ACCOUNT}:New"?`],
    [`${OTHER_ACCOUNT}:New`, `No file describes account ${OTHER_ACCOUNT}.`],
    [
      'policy:Origin errors',
      'matches no policy in the files. There is none: to manage the webhooks of a policy, add it under "policies".',
    ],
  ])('%s', (target, why) =>
    withAccount(given, async ({ run, names }) => {
      for (const command of [['plan'], ['apply', '--auto-approve']]) {
        const { code, stdout, stderr } = await run([...command, '--target', 'Live', '--target', target]);
        expect([code, stdout, stderr]).toEqual([3, '', expect.stringContaining(`--target "${target}"`)]);
        expect(stderr).toContain(why);
      }
      const { code, stdout } = await run(['plan', '--target', target, '--format', 'json']);
      expect([code, JSON.parse(stdout)]).toMatchObject([3, { error: { code: 'usage' } }]);
      expect(names()).toEqual(['Live']);
    }),
  );

  test.each([
    'New',
    'Newer',
    'Live',
    'Deleted',
    'Ne*',
    '*',
    `${ACCOUNT}:New`,
    `${ACCOUNT.toUpperCase()}:L?ve`,
  ])('%s matches', (target) =>
    withAccount(given, async ({ run }) => expect((await run(['plan', '--target', target])).code).toBe(0)),
  );

  test('policy:PATTERN selects policies in the file but no webhooks', () =>
    withAccount(
      {
        files: `${given.files}policies:\n  - { name: Origin errors, webhooks: [New] }\n`,
        webhooks: [{ name: 'New', url: 'https://old.example/' }],
        policies: [{ name: 'Origin errors', uses: [], email: ['ops@example.com'] }],
      },
      async ({ run }) => {
        for (const target of ['policy:Origin errors', 'policy:Ori*', `${ACCOUNT}:policy:Origin errors`]) {
          const { code, stdout } = await run(['plan', '--target', target]);
          expect([code, stdout]).toEqual([0, expect.stringContaining('~ policy "Origin errors"')]);
          expect(stdout).not.toContain('webhook "New"');
        }
        const { code, stderr } = await run(['plan', '--target', 'policy:Origin error']);
        expect([code, stderr]).toEqual([3, expect.stringContaining('Did you mean "policy:Origin errors"?')]);
      },
    ));

  test('an account that cannot be read might have a match', () =>
    withAccount({ ...given, emulator: { fault: () => '403' } }, async ({ run }) => {
      expect((await run(['plan', '--target', 'Neww'])).code).toBe(7);
    }));

  test('a target in another shard is not an error', () =>
    withAccount(
      { ...given, files: given.files.replace(ACCOUNT, `["${ACCOUNT}", "${OTHER_ACCOUNT}"]`) },
      async ({ run }) => {
        for (const shard of ['1/2', '2/2', '1/9', '2/9']) {
          const plan = ['plan', '--shard', shard, '--target'];
          for (const account of [ACCOUNT, OTHER_ACCOUNT])
            expect([shard, (await run([...plan, `${account}:New`])).code]).toEqual([shard, 0]);
          expect([shard, (await run([...plan, 'Ne?'])).code]).toEqual([shard, 0]);
          expect([shard, (await run([...plan, 'Neww'])).code]).toEqual([shard, 3]);
        }
      },
    ));
});

test('a format for a whole job does not break commands without that format', () =>
  withAccount({ files: FILE }, async ({ run }) => {
    const env = { HOOKWRIGHT_FORMAT: 'markdown' };
    expect((await run(['plan'], { env })).stdout).toContain('\n## hookwright plan');
    expect(await run(['validate'], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Success!/),
    });
    expect((await run(['validate', '--format', 'markdown'])).code).toBe(3);
  }));

test('-f - has no paths to read from Git', () =>
  withAccount({}, async ({ run }) => {
    const { code, stderr } = await run(['plan', '-f', '-', '--previous', 'git:HEAD'], { stdin: FILE });
    expect([code, stderr]).toEqual([3, expect.stringContaining('standard input (-f -) has no path')]);
  }));

test('a desired-state file in place of a plan', () =>
  withAccount({ files: FILE }, async ({ run }) => {
    for (const command of ['apply', 'show']) {
      const { code, stderr } = await run([command, 'hookwright.yaml']);
      expect([code, stderr]).toEqual([
        3,
        expect.stringContaining('hookwright.yaml is a desired-state file, not a saved plan.'),
      ]);
      const [, next = ''] = /run: hookwright (.+)\n/.exec(stderr) ?? [];
      expect((await run(next.split(' '))).code).toBe(0);
    }
    expect((await run(['plan', '--out', 'saved.yaml'])).code).toBe(0);
    expect((await run(['show', 'saved.yaml'])).code).toBe(0);
  }));

test('a saved plan in place of a desired-state file', () =>
  withAccount({ files: FILE }, async ({ run, names }) => {
    expect((await run(['plan', '--out', 'plan.json'])).code).toBe(0);
    const previous = await run(['plan', '--previous', 'plan.json']);
    expect([previous.code, previous.stderr]).toEqual([
      3,
      'Error: plan.json is a saved plan, not a desired-state file. Pass a desired-state file or git:REV with --previous.\n',
    ]);
    const { code, stderr } = await run(['plan', '-f', 'plan.json']);
    const [, next = ''] = /run: hookwright (.+)\n/.exec(stderr) ?? [];
    expect([code, next]).toEqual([3, 'apply plan.json']);
    expect((await run(next.split(' '))).code).toBe(0);
    expect(names()).toEqual(['New']);
  }));

describe('the hint for a file that does not exist says what to pass', () => {
  const files = {
    'moved/a.yaml': FILE,
    'charts/values.yaml': 'image: x\n',
    '.github/b.yaml': FILE,
    'my teams/c.yml': FILE,
    'b.txt': '',
  };
  test.each([
    [
      'plan',
      'hookwright.yaml:1:1: error: no such file or directory (no-file)\n  This directory has moved, my teams. To use all of them, pass "-f ."; to use one, pass: -f moved\n',
    ],
    ['plan -f moved/a.yaml,b.yaml', 'To pass several files, repeat the flag: -f moved/a.yaml -f b.yaml\n'],
    [
      'plan -f moved/*.yaml',
      'moved/*.yaml:1:1: error: no such file or directory (no-file)\n  Patterns are not expanded. Pass the directory of the YAML files: -f moved\n',
    ],
    [
      'plan -f nosuch.yaml',
      'nosuch.yaml:1:1: error: no such file or directory (no-file)\n  Check the path passed with -f.\n',
    ],
  ])('%s', (line, message) =>
    withAccount({ files }, async ({ run, methods }) => {
      const { code, stderr } = await run(line.split(' '));
      expect([code, stderr, methods()]).toEqual([3, expect.stringContaining(message), []]);
      const [, flags = ''] = /pass: (-f .+)\n|YAML files: (-f .+)\n/.exec(stderr)?.filter(Boolean) ?? [];
      if (flags !== '') expect((await run(['plan', ...flags.split(' ')])).code).toBe(0);
    }),
  );
});

test.each(['plan --format json', 'plan --report json=p.json', 'apply --auto-approve --format json'])(
  'the output of %s is not called a modified plan, and the suggested command works',
  (command) =>
    withAccount({ files: FILE }, async ({ run, write, names }) => {
      const { stdout } = await run(command.split(' '));
      if (!command.includes('--report')) await write({ 'p.json': stdout });
      const { code, stderr } = await run(['apply', 'p.json']);
      expect([code, stderr]).toEqual([
        3,
        expect.stringContaining('it is the output of "hookwright plan --format json"'),
      ]);
      const [, next = ''] = /run: hookwright (plan --out p\.json)/.exec(stderr) ?? [];
      expect((await run(next.split(' '))).code).toBe(0);
      expect((await run(['apply', 'p.json'])).code).toBe(0);
      expect(names()).toEqual(['New']);
    }),
);

test('--rotate for an entry without a secret is refused, because it would only remove a live secret', () =>
  withAccount(
    {
      files: fileOf(
        '  - { name: A, url: "https://a.example/" }\n  - { name: B, url: "https://b.example/", secret: none }\n',
      ),
      webhooks: [
        { name: 'A', url: 'https://a.example/', secret: 'set-elsewhere' },
        { name: 'B', url: 'https://b.example/' },
      ],
    },
    async ({ run, methods }) => {
      const { code, stderr } = await run(['plan', '--rotate', 'A']);
      expect([code, stderr]).toEqual([3, expect.stringContaining('declares no secret')]);
      expect(methods()).toEqual([]);
      expect((await run(['plan', '--rotate', 'B'])).stdout).toContain('1 to add, 0 to change, 1 to destroy');
    },
  ));

describe('credentials that are not quite there: exit 3, and what to set', () => {
  test.each<[env: Record<string, string>, message: string]>([
    [{ CF_API_TOKEN: TOKEN }, 'CF_API_TOKEN is set, but hookwright reads CLOUDFLARE_API_TOKEN.'],
    [{ CLOUDFLARE_API_KEY: 'key123456' }, 'CLOUDFLARE_API_KEY is set without CLOUDFLARE_EMAIL. Set both.'],
    [{ CLOUDFLARE_API_TOKEN: `"${TOKEN}"` }, 'The API token (CLOUDFLARE_API_TOKEN) is in quotes.'],
    [{ CLOUDFLARE_API_TOKEN: `${TOKEN} x` }, 'The API token (CLOUDFLARE_API_TOKEN) contains a space.'],
    [{ CLOUDFLARE_API_TOKEN: `${TOKEN}\n` }, 'The API token (CLOUDFLARE_API_TOKEN) contains a newline.'],
    [
      { CLOUDFLARE_API_TOKEN: `${TOKEN}\u00e9` },
      'The API token (CLOUDFLARE_API_TOKEN) contains a character that cannot',
    ],
    [
      { CLOUDFLARE_API_KEY: TOKEN, CLOUDFLARE_EMAIL: 'a b' },
      'The email address (CLOUDFLARE_EMAIL) contains a space.',
    ],
    [
      { CLOUDFLARE_API_KEY: `${TOKEN} `, CLOUDFLARE_EMAIL: 'a@b.example' },
      'The API key (CLOUDFLARE_API_KEY) contains a space.',
    ],
    [{ CLOUDFLARE_API_TOKEN: `Bearer ${TOKEN}` }, 'Set only the token, without "Bearer".'],
    [{}, 'No Cloudflare credentials. Set CLOUDFLARE_API_TOKEN'],
  ])('%j', (env, message) =>
    withAccount({ files: fileOf('') }, async ({ run, methods }) => {
      const { code, stderr } = await run(['plan'], { env: { CLOUDFLARE_API_TOKEN: '', ...env } });
      expect([code, stderr, methods()]).toEqual([3, expect.stringContaining(message), []]);
      expect(stderr).not.toContain(TOKEN);
    }),
  );
});

describe('an API address that is not complete', () => {
  test.each([
    [
      '127.0.0.1:8787/client/v4',
      'CLOUDFLARE_BASE_URL "127.0.0.1:8787/client/v4" is not a valid URL; it should look like https://',
    ],
    ['localhost:8787/client/v4', 'CLOUDFLARE_BASE_URL "localhost:8787/client/v4" is not a valid URL'],
    ['user:pass-word@api.example/client/v4', 'Error: CLOUDFLARE_BASE_URL is not a valid URL'],
    [TOKEN, 'Error: CLOUDFLARE_BASE_URL "…" is not a valid URL'],
  ])('%s', (address, message) =>
    withAccount({ files: fileOf('') }, async ({ run }) => {
      const { code, stderr } = await run(['plan'], { env: { CLOUDFLARE_BASE_URL: address } });
      expect([code, stderr]).toEqual([3, expect.stringContaining(message)]);
      expect(stderr).not.toMatch(/pass-word|cf-token/);
      const flag = await run(['plan', '--api-url', address]);
      expect([flag.code, flag.stderr]).toEqual([3, expect.stringContaining('--api-url')]);
    }),
  );

  test('without a path: a warning has the address with the path', () =>
    withAccount({ files: fileOf('') }, async ({ run, emulator }) => {
      const address = new URL(emulator.url).origin;
      const { stderr } = await run(['plan'], { env: { CLOUDFLARE_BASE_URL: address } });
      const [, whole = ''] =
        /^Warning: CLOUDFLARE_BASE_URL has no path; Cloudflare's API is at (.+)$/m.exec(stderr) ?? [];
      expect(await run(['plan', '--api-url', whole])).toMatchObject({ code: 0, stderr: '' });
    }));
});

test('--rotate and --replace of what --target does not select', () => {
  const secret = (name: string): string =>
    `  - { name: ${name}, url: "https://ops.example/", secret: { env: S } }\n`;
  const webhooks = ['A', 'B', 'C'].map((name) => ({ name, url: 'https://ops.example/' }));
  return withAccount({ files: fileOf(['A', 'B', 'C'].map(secret).join('')), webhooks }, async ({ run }) => {
    const { code, stdout, stderr } = await run(
      'plan --rotate A --rotate B --replace C --target B'.split(' '),
    );
    expect(stdout).toContain('Plan: 1 to add, 0 to change, 1 to destroy.');
    expect([code, stderr]).toEqual([
      0,
      'Warning: --rotate "A" has no effect: --target does not select this webhook.\n' +
        'Warning: --replace "C" has no effect: --target does not select this webhook.\n',
    ]);
  });
});

describe('--allow-delete and --allow-detach that name nothing', () => {
  const given = {
    files: fileOf('  - { name: Stays, url: "https://stays.example/" }\n'),
    webhooks: ['Stays', 'Ops', 'Old, retired', 'Third'].map((name) => ({
      name,
      url: `https://${name.length}.example/`,
    })),
  };

  test.each([
    [
      '--allow-detach ops',
      'Warning: --allow-detach "ops" has no effect: the plan does not delete this webhook. Did you mean "Ops"?\n',
    ],
    [
      '--allow-delete Stays',
      'Warning: --allow-delete "Stays" has no effect: the plan does not delete this webhook.\n',
    ],
    [
      '--allow-delete Ops,Third',
      'Repeat the flag for each name: --allow-delete "Ops" --allow-delete "Third"\n',
    ],
    [`--allow-delete ${ACCOUNT}:Opps`, `Did you mean "${ACCOUNT}:Ops"?\n`],
    [
      '--allow-delete O*',
      'Warning: --allow-delete "O*" has no effect: the plan does not delete this webhook. --allow-delete takes names, not patterns.\n',
    ],
    ['--allow-delete Ops', ''],
    [`--allow-detach ${ACCOUNT}:Ops`, ''],
    [`--allow-delete ${OTHER_ACCOUNT}:Ops`, 'has no effect'],
  ])('%s', (flags, warning) =>
    withAccount(given, async ({ run }) => {
      for (const format of ['text', 'json']) {
        const { stdout, stderr } = await run(['plan', ...flags.split(' '), '--format', format]);
        expect(stdout).not.toContain('Warning: --allow');
        const warned = stderr.split(/^(?=Error)/m)[0];
        if (warning === '') expect(warned).toBe('');
        else expect(warned).toContain(warning);
      }
    }),
  );

  test('the ID of a webhook that the plan deletes counts, and apply warns too', () =>
    withAccount(given, async ({ run, emulator, names }) => {
      const id = emulator.account(ACCOUNT).webhooks.find(({ name }) => name === 'Ops')?.id ?? '';
      const flags = [
        '--allow-delete',
        `id:${id}`,
        '--allow-delete',
        'Old, retired',
        '--allow-delete',
        'third',
      ];
      const { code, stderr } = await run(['apply', '--auto-approve', ...flags]);
      expect([code, stderr.match(/^Warning:.*$/gm)]).toEqual([
        0,
        [
          'Warning: --allow-delete "third" has no effect: the plan does not delete this webhook. Did you mean "Third"?',
        ],
      ]);
      expect(names()).toEqual(['Stays']);
    }));
});

test('--account with the label of an account: the message has its ID', () =>
  withAccount({ files: `label: Team 3\n${FILE}` }, async ({ run, methods }) => {
    const { code, stderr } = await run(['plan', '--account', 'Team 3']);
    expect([code, stderr, methods()]).toEqual([
      3,
      `Error: --account "Team 3" is a label. Pass the ID of this account: --account ${ACCOUNT}\n`,
      [],
    ]);
    const other = await run(['plan', '--account', 'Team 4']);
    expect([other.code, other.stderr]).toEqual([3, expect.stringContaining('must be an account ID')]);
  }));

describe('the emulator', () => {
  testInProcess('says that a port is in use', () =>
    withAccount({}, async ({ run, emulator }) => {
      const { port } = new URL(emulator.url);
      const { code, stderr } = await run(['emulator', '--port', port]);
      expect([code, stderr]).toEqual([
        1,
        `Error: cannot listen on 127.0.0.1:${port}: the port is in use, perhaps by another emulator. Use --port 0 to pick a free port.\n`,
      ]);
    }),
  );

  testInProcess.each([
    [
      'missing.json',
      'Note: missing.json does not exist, so all accounts are empty. The first change creates it.\n',
    ],
    ['account.json', ''],
  ])('says if its data file is new, which can be a wrong path: %s', (file, note) =>
    withAccount({ files: { 'account.json': '{ "accounts": {} }' } }, async (site) => {
      const running = site.start(['emulator', '--port', '0', '--data', file]);
      setTimeout(() => running.signal('SIGINT'), 300);
      expect((await running.done).stderr).toMatch(new RegExp(`^${note}Set in the shell`));
    }),
  );
});
