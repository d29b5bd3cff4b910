import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { didYouMean } from '../../src/text/suggestions.js';
import { diskFiles } from '../../src/config/disk.js';
import { loadDesired } from '../../src/config/load.js';
import { OPTIONS } from './memory-files.js';

describe('the examples', () => {
  const examples = readdirSync('examples').filter((name) => name.endsWith('.yaml'));

  test('exist', () => {
    expect(examples).toEqual(
      expect.arrayContaining(['hookwright.yaml', 'many-accounts.yaml', 'minimal.yaml']),
    );
  });

  test.each(['hookwright.yaml', 'many-accounts.yaml', 'minimal.yaml'])('%s has no problems', async (name) => {
    const files = diskFiles({ cwd: process.cwd(), stdin: Readable.from([]) });
    const { accounts, diagnostics } = await loadDesired({ ...OPTIONS, paths: [`examples/${name}`] }, files);
    expect(diagnostics).toEqual([]);
    expect(accounts.length).toBeGreaterThan(0);
  });
});

describe('did you mean', () => {
  test.each([
    ['secert', 'secret'],
    ['Name', 'name'],
    ['nmae', 'name'],
    ['ulr', 'url'],
    ['urls', 'url'],
    ['previous', 'previously'],
    ['x', undefined],
    ['webhook', undefined],
    ['name', undefined],
    ['y'.repeat(100), undefined],
  ])('%s: %s', (word, meant) => {
    expect(didYouMean(word, ['name', 'url', 'secret', 'previously'])).toBe(meant);
  });
});
