import { execFile } from 'node:child_process';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '../..');
const execute = promisify(execFile);

/** The environment of a machine that has neither settings of npm's nor a network. */
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

/** Copies into `folder` the files that a clone has. */
export async function cloneTree(folder: string): Promise<void> {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await execute('git', list, { cwd: ROOT, maxBuffer: 1 << 24 });
  for (const file of stdout.split('\0').filter((each) => each !== '')) {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    // What is deleted and not committed yet is still on the list.
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
 * Packs the project into `folder` as a release does, in a copy so that no other test loses dist/ meanwhile, and returns
 * the path of the tarball.
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

/** Installs the tarball into `folder`, which is a project of its own then, and returns the folder of its commands. */
export async function install(tarball: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  await npm(folder, 'install', '--ignore-scripts', tarball);
  return path.join(folder, 'node_modules/.bin');
}
