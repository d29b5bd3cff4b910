import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { runCli } from '../support/cli.js';
import { blocksOf, PAGES } from './pages.js';

/** What has a list of webhooks is a desired state; workflows and the like are tested with the examples. */
function isDesired(text: string): boolean {
  return parseAllDocuments(text).some((document) => {
    const value: unknown = document.toJS();
    return typeof value === 'object' && value !== null && 'webhooks' in value;
  });
}

const blocks = PAGES.flatMap((page) => blocksOf(page, 'yaml')).filter(({ text }) => isDesired(text));

test('there are some', () => {
  expect(blocks.length).toBeGreaterThan(0);
});

test.each(blocks)('$page:$line is a valid desired state', async ({ text }) => {
  const { code, stderr } = await runCli(['validate', '-f', '-'], { stdin: text });
  expect({ code, stderr: stderr.includes('error') ? stderr : '' }).toEqual({ code: 0, stderr: '' });
});
