import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runCli } from '../support/cli.js';
import { readPage, ROOT } from './pages.js';

const TRANSCRIPT = /(<!-- transcript: demo -->\n+```text\n)([^]*?)(?=```)/;

test('the transcript in README is what demo prints, apart from notes and ids (UPDATE_DOCS=1 regenerates it)', async () => {
  const { stdout } = await runCli(['demo']);
  const start = stdout.indexOf('  # "Relay" must be replaced');
  const plan = stdout
    .slice(start, stdout.indexOf('1 unchanged.', start))
    .replaceAll(/^Note: [^]*?\n\n/gm, '');
  const page = readPage('README.md');
  const shown = TRANSCRIPT.exec(page)?.[2] ?? '';
  expect(shown).toContain('Plan: ');
  const settled = (text: string): string => text.replaceAll(/\b[0-9a-f]{32}\b/g, 'ID');
  if (settled(shown) !== settled(plan) && process.env['UPDATE_DOCS'] === '1') {
    writeFileSync(
      path.join(ROOT, 'README.md'),
      page.replace(TRANSCRIPT, (_, before: string) => before + plan),
    );
  } else expect(settled(shown)).toBe(settled(plan));
});
