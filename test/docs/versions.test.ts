import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { exampleFiles } from '../examples/files.js';
import { PAGES, ROOT } from './pages.js';

const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
};

test('whatever names a version of hookwright names this one, so that a release forgets none', () => {
  const named = /hookwright(?:@v|@|:|#v)(\d+\.\d+\.\d+)|rev: v(\d+\.\d+\.\d+)/g;
  const found = [...new Set([...PAGES, ...exampleFiles()])]
    // The component of the GitLab example has versions of its own, CONTRIBUTING one to come.
    .filter((file) => file !== 'CONTRIBUTING.md')
    .flatMap((file) => {
      const text = readFileSync(path.join(ROOT, file), 'utf8').replaceAll(/component: .*/g, '');
      return [...text.matchAll(named)].map(([, a, b]) => [file, a ?? b]);
    });
  expect(found.length).toBeGreaterThan(10);
  expect(found.filter(([, each]) => each !== version)).toEqual([]);
});
