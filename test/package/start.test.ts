import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { ROOT } from '../docs/pages.js';

const source = readFileSync(path.join(ROOT, '.ci/build/start.cjs'), 'utf8').replace(/^#!.*/, '');

/** Returns the cache directories that the command requests from a Node.js with a compile cache. */
function cachesIn(env: Readonly<Record<string, string>>): readonly (string | undefined)[] {
  const asked: (string | undefined)[] = [];
  const modules: Readonly<Record<string, unknown>> = {
    'node:module': { enableCompileCache: (directory?: string) => void asked.push(directory) },
    'node:path': path,
    './command.cjs': {},
  };
  const process = { versions: { node: '22.12.0' }, env };
  runInNewContext(source, { process, require: (name: string) => modules[name] });
  return asked;
}

test.each<[env: Record<string, string>, directories: readonly string[]]>([
  [{ HOME: '/ann' }, ['/ann/.cache/hookwright']],
  [{ HOME: '/ann', XDG_CACHE_HOME: '/ann/cache' }, ['/ann/cache/hookwright']],
  [{ HOME: '/ann', XDG_CACHE_HOME: 'cache' }, ['/ann/.cache/hookwright']],
  [{ HOME: 'ann', TMPDIR: '/t' }, []],
  [{ TMPDIR: '/t' }, []],
])('caches compiled code only in a directory of the user: %j', (env, directories) => {
  expect(cachesIn(env)).toEqual(directories);
});
