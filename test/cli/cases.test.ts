import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { rewrite, transcript } from '../support/golden.js';

const CASES = path.join(import.meta.dirname, '../cases');

/** Each directory is a session on the command line: `run.txt` has the input and the output. */
describe('golden runs (UPDATE_GOLDEN=1 rewrites them)', () => {
  test.each(readdirSync(CASES))('%s', async (name) => {
    const folder = path.join(CASES, name);
    if (process.env['UPDATE_GOLDEN'] === '1') await rewrite(folder);
    expect(await transcript(folder)).toBe(await readFile(path.join(folder, 'run.txt'), 'utf8'));
  });
});
