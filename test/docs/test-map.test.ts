import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = path.join(import.meta.dirname, '../..');
const inRoot = (...parts: string[]): string => path.join(ROOT, ...parts);

/** The table "Where a rule is tested": patterns of files, and their tests. */
const rows = readFileSync(inRoot('CONTRIBUTING.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `src/'))
  .map((line) => line.split('|').map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)))
  .map(([, files = [], tests = []]) => ({ files, tests }));

const fits = (pattern: string, file: string): boolean =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(file);

/** Types are erased: there is nothing in them to test. */
const hasCode = (file: string): boolean =>
  /^(export )?(async )?(function|const|class) /m.test(readFileSync(inRoot(file), 'utf8'));

test('each file of core has a test of its name, or is in the table of CONTRIBUTING', () => {
  const tests = readdirSync(inRoot('test/core'));
  const files = readdirSync(inRoot('src/core')).map((name) => `src/core/${name}`);
  const lost = files.filter(hasCode).filter((file) => {
    const name = path.basename(file, '.ts');
    const own = tests.some((each) => each === `${name}.test.ts` || each.startsWith(`${name}-`));
    return !own && !rows.some((row) => row.files.some((pattern) => fits(pattern, file)));
  });
  expect(lost).toEqual([]);
});

test('the table names what there is', () => {
  expect(rows.length).toBeGreaterThan(5);
  const sources = ['core', 'apply', 'config'].flatMap((layer) =>
    readdirSync(inRoot('src', layer)).map((name) => `src/${layer}/${name}`),
  );
  const patterns = rows.flatMap((row) => row.files);
  expect(patterns.filter((pattern) => !sources.some((file) => fits(pattern, file)))).toEqual([]);
  expect(rows.flatMap((row) => row.tests).filter((file) => !existsSync(inRoot(file)))).toEqual([]);
});
