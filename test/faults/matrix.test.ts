import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { faultAt, FAULTS, type Fault, type FaultName } from '../support/faults/faults.js';
import { goThrough, requestsOfCleanApply } from '../support/faults/ordeal.js';

/** One action at a time, so that the n-th request is the same one in every run. */
const PARALLELISM = 1;
const HANG_TIMEOUT_MS = 60;

/** Details that make a fault fast. */
const QUICK: Partial<Record<FaultName, Fault>> = {
  'huge-body': { name: 'huge-body', bytes: 66 * 1024 * 1024 },
  slow: { name: 'slow', milliseconds: 30 },
};

let tried = 0;
let survived = 0;

describe('a fault at every request of an apply that creates, renames, replaces, rotates and deletes', () => {
  afterAll(async () => {
    const folder = new URL('../../reports/', import.meta.url);
    await mkdir(folder, { recursive: true });
    await writeFile(new URL('faults.json', folder), `${JSON.stringify({ tried, survived })}\n`);
  });

  test('the apply has requests of every kind', async () => {
    expect(await requestsOfCleanApply(PARALLELISM)).toBe(30);
  });

  test.each(FAULTS.map(({ name, about }) => [name, about] as const))(
    '%s (%s)',
    async (name) => {
      const timeoutMs = name.startsWith('hang') ? HANG_TIMEOUT_MS : 3000;
      const requests = await requestsOfCleanApply(PARALLELISM);
      const broken: string[] = [];
      for (let n = 1; n <= requests; n += 1) {
        const fault = faultAt(n, QUICK[name] ?? name);
        const wrong = await goThrough({ fault, parallelism: PARALLELISM, timeoutMs });
        tried += 1;
        if (wrong.length === 0) survived += 1;
        broken.push(...wrong.map((what) => `request ${n}: ${what}`));
      }
      expect(broken).toEqual([]);
    },
    120_000,
  );

  test('the README states the numbers of this run', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    expect(readme.replaceAll(/\s+/g, ' ')).toContain(`(${tried} faults tried, ${survived} survived)`);
  });
});
