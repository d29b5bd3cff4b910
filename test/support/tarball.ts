import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Runs npm in `cwd` as on a machine that has neither settings nor a network. */
async function npm(cwd: string, ...args: readonly string[]): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    npm_config_cache: path.join(cwd, '.npm-cache'),
    npm_config_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
  const { stdout } = await promisify(execFile)('npm', [...args], { cwd, env });
  return stdout;
}

/**
 * Packs the project into `folder` as a release does, and gives the tarball. It is built in a copy, so that nobody has
 * dist/ pulled away, and from what a clone has.
 */
export async function pack(folder: string): Promise<string> {
  const copy = await mkdtemp(path.join(tmpdir(), 'hookwright-pack-'));
  try {
    const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const { stdout } = await promisify(execFile)('git', list, { cwd: ROOT, maxBuffer: 1 << 24 });
    for (const file of stdout.split('\0').filter((each) => each !== '')) {
      const target = path.join(copy, file);
      await mkdir(path.dirname(target), { recursive: true });
      // What is deleted and not committed yet is still on the list.
      await cp(path.join(ROOT, file), target).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      });
    }
    await symlink(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
    const told = await npm(copy, 'pack', '--json', '--pack-destination', folder);
    // The scripts may have printed something before.
    const name = /"filename": "(.+)"/.exec(told)?.[1] ?? '';
    return path.join(folder, name);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Installs the tarball into `folder`, which is a project of its own then, and gives the folder of its commands. */
export async function install(tarball: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  await npm(folder, 'install', '--ignore-scripts', tarball);
  return path.join(folder, 'node_modules/.bin');
}
