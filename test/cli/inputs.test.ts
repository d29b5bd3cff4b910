import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fileOf, withAccount } from '../support/site.js';

const FILE = fileOf('  - { name: A, url: "https://a.example/", secret: { file: pipe } }\n');
const testUnix = existsSync('/dev/zero') ? test : test.skip;
/** A file that no one can read, not even root. */
const UNREADABLE = '/proc/self/mem';
const testUnreadable = existsSync(UNREADABLE) || process.getuid?.() !== 0 ? test : test.skip;

describe('only regular files are read', () => {
  testUnix.each([
    ['a plan file', ['apply', '/dev/zero']],
    ['a plan file to show', ['show', '/dev/zero']],
    ['a desired-state file', ['plan', '-f', '/dev/zero']],
    ['a file to import into', ['import', '-f', '/dev/zero']],
    ['a previous state', ['plan', '--previous', '/dev/zero']],
  ])('%s: %j', (_, args) =>
    withAccount({ files: FILE }, async ({ run, methods }) => {
      const { code, stderr } = await run(args);
      expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('not a regular file') });
      expect(methods()).toEqual([]);
    }),
  );

  testUnix('a secret from a pipe without a writer', () =>
    withAccount({ files: FILE }, async ({ run, cwd, names }) => {
      execFileSync('mkfifo', [path.join(cwd, 'pipe')]);
      const { code, stdout } = await run(['apply', '--auto-approve']);
      expect({ code, stdout }).toEqual({
        code: 6,
        stdout: expect.stringMatching(/it\s+is\s+not\s+a\s+regular/),
      });
      expect(names()).toEqual([]);
    }),
  );

  testUnix('a plan from a pipe without a writer', () =>
    withAccount({}, async ({ run, cwd }) => {
      execFileSync('mkfifo', [path.join(cwd, 'pipe')]);
      expect(await run(['show', 'pipe'])).toMatchObject({ code: 3 });
    }),
  );
});

describe('the error for an unreadable file has its name and the reason, and is not a bug', () => {
  testUnreadable.each([
    ['apply', ['apply']],
    ['show', ['show']],
    ['import', ['import', '-f']],
    ['plan', ['plan', '-f']],
  ])('%s', (_, args) =>
    withAccount({ files: { file: 'x' } }, async ({ run, cwd }) => {
      const file = process.getuid?.() === 0 ? UNREADABLE : path.join(cwd, 'file');
      if (file !== UNREADABLE) await chmod(file, 0o000);
      const { code, stdout, stderr } = await run([...args, file]);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain(file);
      expect(stderr).toMatch(/permission denied|cannot be read/);
      expect(stderr).not.toContain('This is a bug');
    }),
  );
});

test('a file named like a flag is a file', () =>
  withAccount({ files: { '--version': 'nonsense', '--help': 'nonsense' } }, async ({ run }) => {
    for (const name of ['--version', '--help']) {
      for (const file of [['-f', name], [`--file=${name}`]]) {
        const { code, stdout, stderr } = await run(['validate', ...file]);
        expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
        expect(stderr).toContain(`${name}:1:1: error`);
      }
    }
  }));

test('no advice names standard input as a file to write', () =>
  withAccount({ webhooks: [{ name: 'Other', url: 'https://a.example/' }] }, async ({ run }) => {
    const plan = async (unlisted: string) =>
      (
        await run(['plan', '-f', '-'], {
          stdin: fileOf('  - { name: A, url: "https://a.example/" }\n', unlisted),
        })
      ).stdout.replaceAll(/\s+/g, ' ');
    const undecided = await plan('ignore: []');
    expect(undecided).toMatch(/To add them to the file, run: hookwright import( |$)/);
    const kept = await plan('unlisted: keep');
    expect(kept).toContain('to take the live name instead, change the entry to it.');
    expect(undecided + kept).not.toMatch(/-f|<stdin>/);
  }));
