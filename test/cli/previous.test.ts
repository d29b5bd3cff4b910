import { execFileSync } from 'node:child_process';
import { rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, fileOf, withAccount, type Given, type Site } from '../support/site.js';

const ops = (version: number, more = ''): string =>
  fileOf(
    `  - { name: Ops, url: "https://ops.example/", secret: { env: OPS, version: ${version} }${more} }\n`,
    'unlisted: keep',
  );
const EMPTY = fileOf('', 'unlisted: keep');
const LIVE: Given['webhooks'] = [
  { name: 'Ops', url: 'https://ops.example/', secret: 'old' },
  { name: 'Stranger', url: 'https://stranger.example/' },
];
const env = { OPS: 'a-new-secret' };

function git({ cwd }: Site, ...args: string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@t.example', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...who, ...args], { cwd, stdio: 'pipe' }).toString();
}

/** Commits the current files and tags the commit. */
function commit(site: Site, tag: string): void {
  git(site, 'init', '-q', '-b', 'main');
  git(site, 'add', '-A');
  git(site, 'commit', '-q', '--allow-empty', '-m', tag);
  git(site, 'tag', tag);
}

describe('--previous PATH', () => {
  const given = { files: { 'hookwright.yaml': ops(2), 'before.yaml': ops(1) }, webhooks: LIVE };

  test('a changed version is a rotation, carried out by a replace', () =>
    withAccount(given, async ({ run, emulator, names }) => {
      expect((await run(['plan', '--detailed-exitcode'])).code).toBe(0);
      const args = ['apply', '--auto-approve', '--previous', 'before.yaml'];
      expect((await run(args, { env })).code).toBe(0);
      expect(emulator.account(ACCOUNT).webhooks.find(({ name }) => name === 'Ops')?.secret).toBe(env.OPS);
      expect(names()).toEqual(['Ops', 'Stranger']);
    }));

  test('an entry removed from the file is deleted under keep; unlisted webhooks stay', () =>
    withAccount({ ...given, files: { ...given.files, 'hookwright.yaml': EMPTY } }, async ({ run, names }) => {
      expect((await run(['apply', '--auto-approve'])).code).toBe(0);
      expect(names()).toEqual(['Ops', 'Stranger']);
      expect((await run(['apply', '--auto-approve', '--previous', 'before.yaml'])).code).toBe(0);
      expect(names()).toEqual(['Stranger']);
    }));

  test('removing a protected entry is refused, unless it is absent', () =>
    withAccount(
      {
        files: {
          'hookwright.yaml': EMPTY,
          'absent.yaml': EMPTY.replace('unlisted', 'absent: [Ops]\nunlisted'),
          'before.yaml': ops(1, ', protect: true'),
        },
        webhooks: LIVE,
      },
      async ({ run, names }) => {
        const refused = await run(['apply', '--auto-approve', '--previous', 'before.yaml']);
        expect(refused.code).toBe(6);
        expect(refused.stdout).toContain('protected');
        expect(
          (await run(['apply', '--auto-approve', '--previous', 'before.yaml', '-f', 'absent.yaml'])).code,
        ).toBe(0);
        expect(names()).toEqual(['Stranger']);
      },
    ));

  test.each([
    ['does not exist', 'nope.yaml'],
    ['has an error', 'bad.yaml'],
  ])('a file that %s exits with 3, and nothing is requested', (_, file) =>
    withAccount(
      { files: { ...given.files, 'bad.yaml': 'webhooks: {}\n' }, webhooks: LIVE },
      async ({ run, methods }) => {
        const { code, stderr } = await run(['plan', '--previous', file]);
        expect(code).toBe(3);
        expect(stderr).toContain(file);
        expect(stderr).not.toMatch(/ -f\b/);
        expect(methods()).toEqual([]);
      },
    ),
  );
});

describe('--previous git:REV', () => {
  test('a rotation since a tag, also from a subdirectory', () =>
    withAccount({ files: { 'team/hooks/a.yaml': ops(1) }, webhooks: LIVE }, async (site) => {
      commit(site, 'deployed');
      await site.write({ 'team/hooks/a.yaml': ops(2) });
      const { code, stdout } = await site.run([
        'plan',
        '--previous',
        'git:deployed',
        '-f',
        'team',
        '--detailed-exitcode',
      ]);
      expect(stdout).toContain('its secret changed');
      expect(code).toBe(2);
      const below = await site.run(
        ['plan', '--previous', 'git:deployed', '-f', 'a.yaml', '--detailed-exitcode'],
        {
          cwd: `${site.cwd}/team/hooks`,
        },
      );
      expect(below).toEqual({ code, stdout, stderr: '' });
      commit(site, 'moved');
      const after = await site.run(['plan', '--previous', 'git:moved', '-f', 'team', '--detailed-exitcode']);
      expect(after.code).toBe(0);
    }));

  test('a file deleted since the revision: its webhooks are deleted', () =>
    withAccount(
      {
        files: {
          'state/a.yaml': ops(1),
          'state/b.yaml': 'account_id: "0000000000000000000000000000000f"\nwebhooks: []\n',
        },
        webhooks: LIVE,
      },
      async (site) => {
        commit(site, 'deployed');
        await site.write({ 'state/a.yaml': EMPTY });
        expect(
          (await site.run(['apply', '--auto-approve', '--previous', 'git:deployed', '-f', 'state'])).code,
        ).toBe(0);
        expect(site.names()).toEqual(['Stranger']);
      },
    ));

  test.each([
    ['an unknown commit', 'f'.repeat(40), /Pass a tag, branch or commit\. .* git tag --list/],
    ['an empty one', '', /the revision is empty; check that the variable is set/],
    ['a flag', '--all', /Pass a tag, branch or commit/],
    ['a misspelled tag', 'deploied', /Did you mean git:deployed\?/],
    ['a branch that only the remote has', 'stable', /Did you mean git:origin\/stable\?/],
    [
      'before the first commit',
      'HEAD~1',
      /HEAD is the first commit\. If nothing was deployed before, run without --previous/,
    ],
    ['before the first commit', 'deployed^', /deployed is the first commit/],
    [
      'a branch that was not fetched',
      'origin/nosuch',
      /there is no such branch in this clone\. .*run: git fetch origin/,
    ],
    ['an empty path', 'HEAD:', /the path is empty; check that the variable is set/],
  ])('a revision that cannot be resolved (%s) exits with 3', (_, rev, text) =>
    withAccount({ files: ops(2), webhooks: LIVE }, async (site) => {
      commit(site, 'deployed');
      git(site, 'remote', 'add', 'origin', 'https://git.example/repo.git');
      git(site, 'update-ref', 'refs/remotes/origin/stable', 'HEAD');
      for (const format of ['text', 'json']) {
        const { code, stdout, stderr } = await site.run([
          'plan',
          '--previous',
          `git:${rev}`,
          '--format',
          format,
        ]);
        expect([code, stdout + stderr]).toEqual([3, expect.stringMatching(text)]);
        expect(stdout + stderr).not.toMatch(/shallow|fetch-depth/);
        // A misspelled name should not become a tag.
        if (stderr.includes('Did you mean')) expect(stderr).not.toContain('git tag');
      }
      expect(site.methods()).toEqual([]);
    }),
  );

  test('a tag that does not exist: the message says how to create it', () =>
    withAccount({ files: ops(2), webhooks: LIVE }, async (site) => {
      commit(site, 'deployed-staging');
      const first = await site.run(['plan', '--previous', 'git:deployed-production']);
      expect([first.code, first.stderr]).toEqual([3, expect.not.stringContaining('fetch-depth')]);
      const [, make = ''] = /then tag the deployed commit: (git tag [\w-]+)\n/.exec(first.stderr) ?? [];
      git(site, 'remote', 'add', 'upstream', 'https://git.example/repo.git');
      const second = await site.run(['plan', '--previous', 'git:deployed-production']);
      expect(second.stderr).toContain(`: ${make} && git push upstream deployed-production\n`);
      git(site, ...make.split(' ').slice(1));
      expect((await site.run(['plan', '--previous', 'git:deployed-production'])).code).toBe(0);
    }));

  test('a tag that a shallow clone does not have: the message says how to fetch it', () =>
    withAccount({ files: ops(1), webhooks: LIVE }, async (site) => {
      commit(site, 'deployed');
      await site.write({ 'hookwright.yaml': ops(2) });
      commit(site, 'later');
      git(site, 'clone', '-q', '--depth', '1', `file://${site.cwd}`, 'clone');
      const cwd = `${site.cwd}/clone`;
      const { code, stderr } = await site.run(['plan', '--previous', 'git:deployed'], { cwd });
      expect([code, stderr]).toEqual([3, expect.stringContaining('fetch-depth: 0 in actions/checkout')]);
      expect(stderr).toContain('tag the deployed commit: git tag deployed');
      const other = await site.run(['plan', '--previous', 'git:origin/nosuch'], { cwd });
      expect([other.code, other.stderr]).toEqual([3, expect.not.stringContaining('git tag')]);
      const [, fetch = ''] = /or git (fetch [^.]+)\./.exec(stderr) ?? [];
      git({ ...site, cwd }, ...fetch.split(' '));
      const { stdout } = await site.run(['plan', '--previous', 'git:deployed'], { cwd });
      expect(stdout).toContain('its secret changed');
    }));

  test('outside a repository it exits with 3', () =>
    withAccount({ files: ops(2) }, async ({ run }) => {
      const { code, stderr } = await run(['plan', '--previous', 'git:HEAD']);
      expect(code).toBe(3);
      expect(stderr).toMatch(/repository/);
    }));
});

const OTHER = "account_id: '0000000000000000000000000000000f'\nunlisted: keep\nwebhooks: []\n";
/** Returns the flags that a refusal suggests, one line each. */
const flagsOf = (stderr: string): string[][] =>
  [...stderr.matchAll(/^ {2}(--.*)$/gm)].map(([, line = '']) => line.replaceAll("'", '').split(' '));

describe('a file that was moved since the revision', () => {
  const moved = async (site: Site, from: string, to: string, text: string): Promise<void> => {
    await site.write({ [to]: text });
    git(site, 'rm', '-q', '--cached', from);
    await rm(path.join(site.cwd, from));
  };

  test('a rotation is refused with the path to pass, and detected with it, also from a subdirectory', () =>
    withAccount({ files: ops(1), webhooks: LIVE }, async (site) => {
      commit(site, 'deployed');
      await moved(site, 'hookwright.yaml', 'webhooks/production.yaml', ops(2));
      for (const [cwd, file] of [
        [site.cwd, 'webhooks'],
        [site.cwd, 'webhooks/production.yaml'],
        [path.join(site.cwd, 'webhooks'), 'production.yaml'],
      ] as const) {
        const plan = ['plan', '-f', file];
        const { code, stdout, stderr } = await site.run([...plan, '--previous', 'git:deployed'], { cwd });
        expect([code, stdout]).toEqual([3, '']);
        expect(flagsOf(stderr)).toEqual([['--previous', 'git:deployed:hookwright.yaml']]);
        const again = await site.run([...plan, ...(flagsOf(stderr)[0] ?? [])], { cwd });
        expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('its secret changed')]);
      }
      expect(site.methods().every((method) => method === 'GET')).toBe(true);
    }));

  test('a protected webhook that was removed from it is not destroyed', () =>
    withAccount({ files: ops(1, ', protect: true'), webhooks: LIVE }, async (site) => {
      commit(site, 'deployed');
      await moved(site, 'hookwright.yaml', 'webhooks/production.yaml', EMPTY.replace('keep', 'delete'));
      const apply = ['apply', '--auto-approve', '--allow-delete', '*', '-f', 'webhooks'];
      const { code, stderr } = await site.run([...apply, '--previous', 'git:deployed']);
      expect(code).toBe(3);
      const again = await site.run([...apply, ...(flagsOf(stderr)[0] ?? [])]);
      expect([again.code, again.stdout]).toEqual([6, expect.stringContaining('protected')]);
      expect(site.names()).toEqual(['Ops', 'Stranger']);
    }));

  test('even if the paths exist at the revision, with another account', () =>
    withAccount(
      { files: { 'webhooks/other.yaml': OTHER, 'ops.yml': ops(1) }, webhooks: LIVE },
      async (site) => {
        commit(site, 'deployed');
        await moved(site, 'ops.yml', 'webhooks/ops.yaml', ops(2));
        const plan = ['plan', '-f', 'webhooks'];
        const { code, stderr } = await site.run([...plan, '--previous', 'git:deployed']);
        expect([code, stderr]).toEqual([
          3,
          expect.stringContaining(`account ${ACCOUNT} is described in "ops.yml"`),
        ]);
        // The top directory describes both accounts.
        expect(flagsOf(stderr)).toEqual([['--previous', 'git:deployed:.']]);
        const again = await site.run([...plan, ...(flagsOf(stderr)[0] ?? [])]);
        expect(again.stdout).toContain('its secret changed');
      },
    ));

  test('if no directory describes all accounts, each has its own flags', () =>
    withAccount(
      {
        files: { 'a/other.yaml': OTHER, 'ops.yaml': ops(1), 'chart.yaml': 'webhooks: { no: list }\n' },
        webhooks: LIVE,
      },
      async (site) => {
        commit(site, 'deployed');
        await moved(site, 'ops.yaml', 'a/ops.yaml', ops(2));
        const plan = ['plan', '-f', 'a'];
        const { code, stderr } = await site.run([...plan, '--previous', 'git:deployed']);
        expect(code).toBe(3);
        expect(flagsOf(stderr).sort()).toEqual([
          ['--account', '0000000000000000000000000000000f', '--previous', 'git:deployed:a/other.yaml'],
          ['--account', ACCOUNT, '--previous', 'git:deployed:ops.yaml'],
        ]);
        for (const flags of flagsOf(stderr)) expect((await site.run([...plan, ...flags])).code).toBe(0);
      },
    ));

  test('without account_id: the file is found by its structure', () =>
    withAccount({ webhooks: LIVE }, async (site) => {
      const bare = (version: number): string => ops(version).replace(/account_id.*\n/, '');
      await site.write({
        'old/hooks.yaml': bare(1),
        'hooks/admission.yaml': 'kind: ValidatingWebhookConfiguration\nwebhooks:\n  - name: a.example\n',
        '.github/hooks.yaml': bare(1),
        'values.yaml': 'webhooks: {}\n',
      });
      commit(site, 'deployed');
      await moved(site, 'old/hooks.yaml', 'hooks.yaml', bare(2));
      const plan = ['plan', '-f', 'hooks.yaml'];
      const account = { env: { CLOUDFLARE_ACCOUNT_ID: ACCOUNT } };
      const { code, stderr } = await site.run([...plan, '--previous', 'git:deployed'], account);
      expect(code).toBe(3);
      expect(flagsOf(stderr)).toEqual([['--previous', 'git:deployed:old/hooks.yaml']]);
      const again = await site.run([...plan, ...(flagsOf(stderr)[0] ?? [])], account);
      expect(again.stdout).toContain('its secret changed');
    }));

  test('that does not exist anywhere: there is nothing to compare with, and the message says what to do', () =>
    withAccount({ files: { 'notes.txt': 'webhooks' }, webhooks: LIVE }, async (site) => {
      commit(site, 'deployed');
      await site.write({ 'hookwright.yaml': ops(2) });
      const { code, stderr } = await site.run(['plan', '--previous', 'git:deployed']);
      expect([code, stderr]).toEqual([
        3,
        expect.stringContaining(
          'there is no desired-state file at "hookwright.yaml", and no other YAML file',
        ),
      ]);
      expect(stderr).toContain('If nothing was deployed then, run without --previous.');
    }));
});

describe('--previous git:REV:PATH', () => {
  const given = { files: { 'old dir/hooks.yaml': ops(1) }, webhooks: LIVE };

  test.each([
    ['from the top', '', 'old dir/hooks.yaml'],
    ['a directory', '', 'old dir'],
    ['from the top, in a directory', 'sub', 'old dir/hooks.yaml'],
    ['from the working directory', 'sub', '../old dir/hooks.yaml'],
    ['from the working directory itself', 'old dir', './hooks.yaml'],
  ])('reads another path at the revision: %s', (_, folder, file) =>
    withAccount(given, async (site) => {
      commit(site, 'deployed');
      await site.write({ 'sub/new.yaml': ops(2), 'old dir/hooks.yaml': EMPTY });
      const cwd = path.join(site.cwd, folder);
      for (const rev of ['deployed', 'HEAD@{0}', 'main@{0}'] as const) {
        const args = ['plan', '-f', `${site.cwd}/sub/new.yaml`, '--previous', `git:${rev}:${file}`];
        expect((await site.run(args, { cwd })).stdout).toContain('its secret changed');
      }
    }),
  );

  test('stdin can be compared with it', () =>
    withAccount(given, async (site) => {
      commit(site, 'deployed');
      const args = ['plan', '-f', '-', '--previous', 'git:deployed:old dir/hooks.yaml'];
      expect((await site.run(args, { stdin: ops(2) })).stdout).toContain('its secret changed');
    }));

  test('a wrong path is refused with the right one', () =>
    withAccount(given, async (site) => {
      commit(site, 'deployed');
      await site.write({ 'hookwright.yaml': ops(2) });
      const { code, stderr } = await site.run(['plan', '--previous', 'git:deployed:old dir/hook.yaml']);
      expect([code, stderr]).toEqual([
        3,
        expect.stringContaining("--previous 'git:deployed:old dir/hooks.yaml'"),
      ]);
    }));

  test('errors in files of the past cannot be fixed: the message says how to proceed', () =>
    withAccount({ files: 'webhooks: {}\n', webhooks: LIVE }, async (site) => {
      commit(site, 'deployed');
      await site.write({ 'hookwright.yaml': ops(2) });
      const { code, stderr } = await site.run(['plan', '--previous', 'git:deployed']);
      expect([code, stderr]).toEqual([
        3,
        expect.stringContaining('leave out --previous, and pass --rotate NAME'),
      ]);
      expect((await site.run(['plan', '--rotate', 'Ops'])).stdout).toContain('its secret changed');
    }));
});

test.each(['before.yaml', 'git:deployed'])(
  'an account that %s does not describe is noted in every format',
  (previous) =>
    withAccount(
      { files: { 'hookwright.yaml': OTHER, 'before.yaml': OTHER }, webhooks: LIVE },
      async (site) => {
        commit(site, 'deployed');
        await site.write({ 'hookwright.yaml': ops(2) });
        const plan = ['plan', '--previous', previous];
        const { code, stdout } = await site.run([...plan, '--report', 'html=plan.html']);
        expect(code).toBe(0);
        const markdown = await site.run([...plan, '--format', 'markdown']);
        for (const text of [stdout, markdown.stdout, await site.read('plan.html')])
          expect(text.replace(/\s+/g, ' ')).toContain('does not describe this account');
        const json = await site.run([...plan, '--format', 'json']);
        expect(JSON.parse(json.stdout)).toHaveProperty(
          'accounts.0.notes',
          expect.arrayContaining([expect.objectContaining({ code: 'not-deployed-before', names: [] })]),
        );
      },
    ),
);

describe('--rotate and --replace', () => {
  const given = { files: ops(1), webhooks: LIVE };

  test('--rotate sets a new value', () =>
    withAccount(given, async ({ run, emulator }) => {
      expect((await run(['apply', '--auto-approve', '--rotate', 'Ops'], { env })).code).toBe(0);
      expect(emulator.account(ACCOUNT).webhooks.find(({ name }) => name === 'Ops')?.secret).toBe(env.OPS);
    }));

  test('--replace gives the webhook a new ID', () =>
    withAccount(given, async ({ run, emulator }) => {
      const id = (): string | undefined =>
        emulator.account(ACCOUNT).webhooks.find(({ name }) => name === 'Ops')?.id;
      const before = id();
      expect((await run(['apply', '--auto-approve', '--replace', 'Ops'], { env })).code).toBe(0);
      expect(id()).not.toBe(before);
    }));

  test.each(['--rotate', '--replace'])('%s for a name that is not in the file exits with 3', (flag) =>
    withAccount(given, async ({ run, methods }) => {
      const { code, stderr } = await run(['plan', flag, 'Opps']);
      expect({ code, methods: methods() }).toEqual({ code: 3, methods: [] });
      expect(stderr).toContain('Opps');
    }),
  );
});

test('the value of --previous is escaped', () =>
  withAccount({ files: EMPTY }, async ({ run }) => {
    const { code, stderr } = await run(['plan', '--previous', 'nox\n::error::y']);
    expect(code).toBe(3);
    expect(stderr).not.toMatch(/^::error::y/m);
  }));

describe('--previous git:REV of files that include others', () => {
  const main = (more = ''): string =>
    `account_id: ${ACCOUNT}\nunlisted: keep\ninclude: [teams/edge.yaml]\nwebhooks:${more === '' ? ' []' : ''}\n${more}`;
  const own = '  - { name: Own, url: "https://own.example/" }\n';
  const team = (version: number, more = ''): string =>
    `webhooks:\n  - { name: Ops, url: "https://ops.example/", secret: { env: OPS, version: ${version} } }\n${more}`;
  const live = [...LIVE, { name: 'Own', url: 'https://own.example/' }];
  const given = {
    files: { 'hooks/hookwright.yaml': main(own), 'hooks/teams/edge.yaml': team(1) },
    webhooks: live,
  };
  const plan = (site: Site, folder = '', file = 'hooks/hookwright.yaml'): ReturnType<Site['run']> =>
    site.run(['plan', '-f', file, '--previous', 'git:deployed', '--detailed-exitcode'], {
      cwd: path.join(site.cwd, folder),
    });

  test('the included file is read at the revision: a version that changed in it is a rotation', () =>
    withAccount(given, async (site) => {
      commit(site, 'deployed');
      expect((await plan(site)).code).toBe(0);
      await site.write({ 'hooks/teams/edge.yaml': team(2) });
      for (const [folder, file] of [
        ['', 'hooks/hookwright.yaml'],
        ['', 'hooks'],
        ['hooks', 'hookwright.yaml'],
        ['hooks/teams', '../hookwright.yaml'],
      ] as const) {
        const { code, stdout } = await plan(site, folder, file);
        expect(stdout).toContain('its secret changed');
        expect(code).toBe(2);
      }
    }));

  test('an entry that left an included file, or the list of included files, is deleted under keep', () =>
    withAccount(given, async (site) => {
      commit(site, 'deployed');
      await site.write({ 'hooks/teams/edge.yaml': 'webhooks: []\n' });
      const left = await plan(site);
      expect(left.stdout).toContain('Plan: 0 to add, 0 to change, 1 to destroy.');
      await site.write({ 'hooks/hookwright.yaml': main(own).replace('include: [teams/edge.yaml]\n', '') });
      await rm(path.join(site.cwd, 'hooks/teams'), { recursive: true });
      expect((await plan(site)).stdout).toContain('Plan: 0 to add, 0 to change, 1 to destroy.');
    }));

  test('an entry that moved from one file to another is the same entry', () =>
    withAccount(given, async (site) => {
      commit(site, 'deployed');
      await site.write({ 'hooks/hookwright.yaml': main(), 'hooks/teams/edge.yaml': team(1, own) });
      expect((await plan(site)).code).toBe(0);
    }));

  test('a link is followed in the revision, and one that leads outside of the repository is refused', () =>
    withAccount(
      { files: { 'hooks/hookwright.yaml': main(own), 'hooks/shared/edge.yaml': team(1) }, webhooks: live },
      async (site) => {
        await symlink('shared', path.join(site.cwd, 'hooks/teams'));
        commit(site, 'deployed');
        await rm(path.join(site.cwd, 'hooks/teams'));
        await site.write({ 'hooks/teams/edge.yaml': team(2) });
        expect((await plan(site)).stdout).toContain('its secret changed');
        await rm(path.join(site.cwd, 'hooks/teams'), { recursive: true });
        await symlink('/etc', path.join(site.cwd, 'hooks/teams'));
        git(site, 'add', '-A');
        git(site, 'commit', '-q', '-m', 'outside');
        git(site, 'tag', '--force', 'deployed');
        await rm(path.join(site.cwd, 'hooks/teams'));
        await site.write({ 'hooks/teams/edge.yaml': team(2) });
        const { code, stderr } = await plan(site);
        expect(code).toBe(3);
        expect(stderr).toContain(
          '--previous git:deployed: the link hooks/teams leads outside the repository.',
        );
      },
    ));

  test('the target of a link that is included is not a document of its own, even if -f names its directory', () =>
    withAccount(
      { files: { 'hooks/hookwright.yaml': main(own), 'hooks/shared/edge.yaml': team(1) }, webhooks: live },
      async (site) => {
        await symlink('shared', path.join(site.cwd, 'hooks/teams'));
        commit(site, 'deployed');
        const { code, stderr } = await plan(site, '', 'hooks');
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      },
    ));

  test('a link in the revision to a path that starts with a dot is refused', () =>
    withAccount(
      { files: { 'hooks/hookwright.yaml': main(own), 'hooks/.hidden/edge.yaml': team(1) }, webhooks: live },
      async (site) => {
        await symlink('.hidden', path.join(site.cwd, 'hooks/teams'));
        commit(site, 'deployed');
        await rm(path.join(site.cwd, 'hooks/teams'));
        await site.write({ 'hooks/teams/edge.yaml': team(2) });
        const { code, stderr } = await plan(site);
        expect(code).toBe(3);
        expect(stderr).toContain('include: outside the allowed directories');
      },
    ));

  test('a file that the revision includes and does not have is an error of that revision', () =>
    withAccount(given, async (site) => {
      await rm(path.join(site.cwd, 'hooks/teams'), { recursive: true });
      commit(site, 'deployed');
      await site.write({ 'hooks/teams/edge.yaml': team(1) });
      const { code, stderr } = await plan(site);
      expect(code).toBe(3);
      expect(stderr).toContain('Cannot use --previous git:deployed: The files have errors at that revision.');
      expect(stderr).toContain('hooks/hookwright.yaml:3:11: error: include: no such file');
    }));
});
