import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { blocksOf, readPage, ROOT } from './pages.js';

/** Where each command of README runs in a test: a file, and text in it. */
const RUNS: Readonly<Record<string, readonly [file: string, text: string]>> = {
  'npm ci && npm run demo': ['test/cli/bin.test.ts', "['demo']"],
  // `npm test` is a part of it.
  'npm ci && npm test': ['.ci/run', 'npm run --silent test:all'],
  'npx hookwright demo': ['test/package/runs.test.ts', "'npx'"],
  'npm install --save-dev hookwright': ['test/support/tarball.ts', "'install'"],
  'npm install --global hookwright': ['test/package/release-tag.test.ts', "['install', '--global'"],
  'npm install --global github:hookwright/hookwright#v0.1.0': [
    'test/package/release-tag.test.ts',
    'git+file:',
  ],
  'npm ci && npm link': ['test/docs/tutorial.test.ts', "['link']"],
  'docker run --rm --volume "$PWD:/workspace" ghcr.io/hookwright/hookwright:0.1.0 validate': [
    'test/package/image.test.ts',
    'run in a temporary root',
  ],
};
/** These run as they are, in test/docs/tutorial.test.ts. */
const AS_THEY_ARE = 'hookwright import -f hookwright.yaml';

const commands = blocksOf('README.md', 'sh')
  .filter(({ text }) => !text.includes(AS_THEY_ARE))
  .flatMap(({ text }) => text.trimEnd().split('\n'))
  .map((line) => line.replace(/ +# .*$/, ''));

test('every command of README runs in a test', () => {
  expect(commands).toEqual(Object.keys(RUNS));
});

test.each(Object.entries(RUNS))('%s', (_, [file, text]) => {
  expect(readFileSync(path.join(ROOT, file), 'utf8')).toContain(text);
});

test('README is at most 110 lines, with the two commands on the first screen and a "uses:" for the Marketplace', () => {
  const lines = readPage('README.md').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(110);
  expect(lines.slice(0, 24).join('\n')).toMatch(/^npm ci && npm run demo .*\nnpm ci && npm test /m);
  expect(blocksOf('README.md', 'yaml').some(({ text }) => text.includes('- uses: hookwright/'))).toBe(true);
});
