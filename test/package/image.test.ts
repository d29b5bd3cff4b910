import { execFileSync } from 'node:child_process';
import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { validate } from 'dockerfile-utils';
import { textOf } from '../examples/files.js';
import { emptyFolder } from '../support/cli.js';
import { buildRelease, cloneTree } from '../support/tarball.js';

const DOCKERFILE = textOf('Dockerfile');
/** Each instruction with its arguments, with continued lines joined. */
const INSTRUCTIONS = DOCKERFILE.replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .flatMap((line) => {
    const [, name, rest] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    return name !== undefined && rest !== undefined ? [{ name, rest }] : [];
  });
const only = (name: string): string => INSTRUCTIONS.find((each) => each.name === name)?.rest ?? '';

let folder = '';
beforeAll(async () => {
  folder = await emptyFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the linter finds nothing', () => {
  expect(validate(DOCKERFILE)).toEqual([]);
  expect(validate('FORM node\n')).not.toEqual([]);
});

test('runs as a user without permissions, by number, and as the command itself', () => {
  expect(only('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  expect(JSON.parse(only('ENTRYPOINT'))).toEqual(['hookwright']);
  expect(only('FROM')).toMatch(/^node:\d+-slim$/);
});

test('its steps, run in a temporary root, result in a working command', async () => {
  const context = path.join(folder, 'context');
  const root = path.join(folder, 'root');
  await cloneTree(context);
  await buildRelease(context);
  const ignored = textOf('.dockerignore').split('\n').filter(Boolean);
  for (const { name, rest } of INSTRUCTIONS) {
    if (name === 'COPY') {
      const words = rest.split(' ');
      const to = words.at(-1) ?? '';
      for (const from of words.slice(0, -1)) {
        expect(ignored).toContain(`!${from}`);
        const target = to.endsWith('/') ? path.join(root, to, from) : path.join(root, to);
        await cp(path.join(context, from), target, {
          recursive: true,
          filter: (file) => !ignored.includes(path.relative(context, file)),
        });
      }
    }
    const [, to, link] = name === 'RUN' ? (/^ln -s (\S+) (\S+)$/.exec(rest) ?? []) : [];
    if (to !== undefined && link !== undefined) {
      await mkdir(path.dirname(path.join(root, link)), { recursive: true });
      await symlink(path.join(root, to), path.join(root, link));
    }
  }
  const [entry = ''] = JSON.parse(only('ENTRYPOINT')) as readonly string[];
  const { version } = JSON.parse(textOf('package.json')) as { readonly version: string };
  const printed = execFileSync(path.join(root, 'usr/local/bin', entry), ['--version']).toString();
  expect(printed).toContain(version);
}, 300_000);
