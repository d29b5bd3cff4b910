import { execFileSync } from 'node:child_process';
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

/** Commits what is there under a tag. */
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

  test('an entry that left the file is deleted under keep; what was never in it stays', () =>
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
    ['is not there', 'nope.yaml'],
    ['has a fault', 'bad.yaml'],
  ])('one that %s is exit 3, and nothing is asked', (_, file) =>
    withAccount(
      { files: { ...given.files, 'bad.yaml': 'webhooks: {}\n' }, webhooks: LIVE },
      async ({ run, methods }) => {
        const { code, stderr } = await run(['plan', '--previous', file]);
        expect(code).toBe(3);
        expect(stderr).toContain(file);
        expect(stderr).not.toContain('-f');
        expect(methods()).toEqual([]);
      },
    ),
  );
});

describe('--previous git:REV', () => {
  test('a rotation since a tag, from a folder below the top as well', () =>
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

  test('a file that is not there at the revision counts as empty: nothing is a rotation, nothing leaves', () =>
    withAccount({ webhooks: LIVE }, async (site) => {
      commit(site, 'deployed');
      await site.write({ 'hookwright.yaml': ops(2) });
      expect(await site.run(['plan', '--previous', 'git:deployed', '--detailed-exitcode'])).toMatchObject({
        code: 0,
      });
    }));

  test('a file that is gone since the revision: what it described is deleted', () =>
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
    ['an unknown one', 'nope'],
    ['an unknown commit', 'f'.repeat(40)],
    ['an empty one', ''],
    ['a flag in disguise', '--all'],
    ['one with a path', 'HEAD:hookwright.yaml'],
  ])('a revision that cannot be resolved (%s) is exit 3 and mentions the fetch depth', (_, rev) =>
    withAccount({ files: ops(2), webhooks: LIVE }, async (site) => {
      commit(site, 'deployed');
      for (const format of ['text', 'json']) {
        const { code, stdout, stderr } = await site.run([
          'plan',
          '--previous',
          `git:${rev}`,
          '--format',
          format,
        ]);
        expect(code).toBe(3);
        expect(stdout + stderr).toMatch(/fetch.?depth/i);
      }
      expect(site.methods()).toEqual([]);
    }),
  );

  test('outside of a repository it is exit 3', () =>
    withAccount({ files: ops(2) }, async ({ run }) => {
      const { code, stderr } = await run(['plan', '--previous', 'git:HEAD']);
      expect(code).toBe(3);
      expect(stderr).toMatch(/repository/);
    }));
});

describe('rotating and replacing by hand', () => {
  const given = { files: ops(1), webhooks: LIVE };

  test('--rotate sets the secret anew', () =>
    withAccount(given, async ({ run, emulator }) => {
      expect((await run(['apply', '--auto-approve', '--rotate', 'Ops'], { env })).code).toBe(0);
      expect(emulator.account(ACCOUNT).webhooks.find(({ name }) => name === 'Ops')?.secret).toBe(env.OPS);
    }));

  test('--replace gives it a new id', () =>
    withAccount(given, async ({ run, emulator }) => {
      const id = (): string | undefined =>
        emulator.account(ACCOUNT).webhooks.find(({ name }) => name === 'Ops')?.id;
      const before = id();
      expect((await run(['apply', '--auto-approve', '--replace', 'Ops'], { env })).code).toBe(0);
      expect(id()).not.toBe(before);
    }));

  test.each(['--rotate', '--replace'])('%s of what the file does not have is exit 3', (flag) =>
    withAccount(given, async ({ run, methods }) => {
      const { code, stderr } = await run(['plan', flag, 'Opps']);
      expect({ code, methods: methods() }).toEqual({ code: 3, methods: [] });
      expect(stderr).toContain('Opps');
    }),
  );
});

test('what --previous is called is neutralised', () =>
  withAccount({ files: EMPTY }, async ({ run }) => {
    const { code, stderr } = await run(['plan', '--previous', 'nox\n::error::y']);
    expect(code).toBe(3);
    expect(stderr).not.toMatch(/^::error::y/m);
  }));
