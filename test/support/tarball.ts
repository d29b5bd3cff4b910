import { execFile } from 'node:child_process';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '../..');
const execute = promisify(execFile);

/** Returns the environment of a machine without npm settings and without a network. */
export function npmEnvironment(home: string): Readonly<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    npm_config_cache: path.join(home, '.npm-cache'),
    npm_config_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
}

async function npm(cwd: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute('npm', [...args], { cwd, env: npmEnvironment(path.dirname(cwd)) });
  return stdout;
}

/** Copies the files of a clone into `folder`. */
export async function cloneTree(folder: string): Promise<void> {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await execute('git', list, { cwd: ROOT, maxBuffer: 1 << 24 });
  for (const file of stdout.split('\0').filter((each) => each !== '')) {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    // A file that is deleted but not committed yet is still listed.
    await cp(path.join(ROOT, file), target).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  }
}

/** Turns a clone into the tree of a release tag, with the commands of the release workflow. */
export async function buildRelease(folder: string): Promise<void> {
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  await npm(folder, 'run', 'build');
  await execute(process.execPath, ['.ci/build/release.mjs'], { cwd: folder });
  await rm(path.join(folder, 'node_modules'));
}

/**
 * Packs the project into `folder` as a release does, and returns the path of the tarball. Works on a copy, so
 * that other tests do not lose dist/.
 */
export async function pack(folder: string): Promise<string> {
  const tree = path.join(folder, 'hookwright-pack');
  await cloneTree(tree);
  await buildRelease(tree);
  const [packed] = JSON.parse(await npm(tree, 'pack', '--json', '--pack-destination', folder)) as [
    { readonly filename: string },
  ];
  return path.join(folder, packed.filename);
}

/** Installs the tarball into a new project in `folder`, and returns the directory of its commands. */
export async function install(tarball: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  await npm(folder, 'install', '--ignore-scripts', tarball);
  return path.join(folder, 'node_modules/.bin');
}
