import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ROOT, textOf } from '../examples/files.js';
import { readWorkflow } from '../gitops/support/workflow.js';
import { emptyFolder } from '../support/cli.js';
import { fileOf } from '../support/site.js';
import { buildRelease, cloneTree, npmEnvironment } from '../support/tarball.js';

jest.setTimeout(120_000);

/** The pre-commit on the search path, and others in HOOKWRIGHT_PRE_COMMITS, separated as in a search path. */
const TOOLS = ['pre-commit', ...(process.env['HOOKWRIGHT_PRE_COMMITS'] ?? '').split(path.delimiter)]
  .filter((tool) => tool !== '')
  .flatMap((tool) => {
    const { error, stdout } = spawnSync(tool, ['--version'], { encoding: 'utf8' });
    return error ? [] : [[stdout.trim(), tool] as const];
  });
if (TOOLS.length === 0) console.warn('The hook is not tried: pre-commit is not installed.');

const { version } = JSON.parse(textOf('package.json')) as { readonly version: string };
const TAG = `v${version}`;
let folder = '';
let origin = '';

/** Publishes the tag to its own repository, as the release workflow does. */
beforeAll(async () => {
  folder = await emptyFolder();
  origin = path.join(folder, 'hookwright.git');
  const work = path.join(folder, 'work');
  await cloneTree(work);
  git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', origin);
  git(work, 'init', '--quiet', '--initial-branch=main');
  git(work, 'remote', 'add', 'origin', origin);
  git(work, 'add', '.');
  git(work, 'commit', '--quiet', '--message=Source');
  git(work, 'push', '--quiet', 'origin', 'main');
  await buildRelease(work);
  const { publish } = readWorkflow(path.join(ROOT, '.github/workflows/release.yml')).jobs;
  const tag = publish?.steps?.find(({ id }) => id === 'tag')?.run ?? '';
  const env = { ...npmEnvironment(folder), VERSION: version };
  execFileSync('bash', ['-e', '-c', tag], { cwd: work, env, stdio: 'pipe' });
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

function git(cwd: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=T', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], { cwd }).toString();
}

test('the tag adds dist/ to the source, and removes only what would build it', () => {
  const changes = git(origin, 'diff', '--name-status', 'main', TAG, '--', ':!dist').trim().split('\n');
  expect(changes).toEqual(['D\tpackage-lock.json', 'M\tpackage.json']);
  const built = git(origin, 'ls-tree', '-r', '--name-only', TAG, 'dist').split('\n');
  expect(built).toEqual(expect.arrayContaining(['dist/hookwright.cjs', 'dist/index.js']));
  const [major = ''] = TAG.split('.');
  expect(git(origin, 'rev-parse', major)).toBe(git(origin, 'rev-parse', TAG));
});

test('npm installs the command from the tag, globally, without a build', () => {
  const env = npmEnvironment(folder);
  const prefix = path.join(folder, 'global');
  execFileSync('npm', ['install', '--global', '--prefix', prefix, `git+file://${origin}#${TAG}`], { env });
  const printed = execFileSync(path.join(prefix, 'bin/hookwright'), ['--version'], { env }).toString();
  expect(printed).toContain(version);
});

(TOOLS.length > 0 ? describe : describe.skip).each(TOOLS)('%s', (name, tool) => {
  test('installs the release tag without a build, and validates committed files', async () => {
    const home = path.join(folder, name.replaceAll(' ', '-'));
    const repository = path.join(home, 'repository');
    await mkdir(path.join(repository, 'webhooks'), { recursive: true });
    const write = (name: string, text: string): Promise<void> => writeFile(path.join(repository, name), text);
    await write(
      '.pre-commit-config.yaml',
      textOf('examples/pre-commit/.pre-commit-config.yaml')
        .replace('https://github.com/hookwright/hookwright', origin)
        .replace('v0.1.0', TAG),
    );
    await write('webhooks/a.yaml', fileOf(''));
    git(repository, 'init', '--quiet');
    git(repository, 'add', '.');
    const env = { ...npmEnvironment(home), PRE_COMMIT_HOME: path.join(home, 'cache') };
    const run = (): { readonly status: number | null; readonly stdout: string } => {
      const { status, stdout } = spawnSync(tool, ['run', '--all-files'], {
        cwd: repository,
        env,
        encoding: 'utf8',
      });
      return { status, stdout };
    };

    expect(run()).toEqual({ status: 0, stdout: expect.stringMatching(/hookwright validate\.+Passed/) });
    // The same account is in two files, so each file alone is valid.
    await write('webhooks/b.yaml', fileOf(''));
    git(repository, 'add', '.');
    expect(run()).toEqual({ status: 1, stdout: expect.stringMatching(/webhooks\/b\.yaml:\d+:\d+: error/) });
  });
});
