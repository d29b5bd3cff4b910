import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { GENERATED } from './generated.js';
import { PAGES, ROOT } from './pages.js';

const PART = /<!-- generated: ([\w-]+) -->\n[^]*?<!-- \/generated: \1 -->/g;

/** The page with every generated part as it should be. Prettier leaves those alone. */
function regenerated(text: string): string {
  return text.replaceAll(PART, (_, name: string) => {
    const make = GENERATED[name];
    if (!make) throw new Error(`nothing generates "${name}"`);
    return [
      `<!-- generated: ${name} -->`,
      '<!-- prettier-ignore-start -->',
      '',
      make(),
      '',
      '<!-- prettier-ignore-end -->',
      `<!-- /generated: ${name} -->`,
    ].join('\n');
  });
}

const pages = PAGES.map((page) => ({ page, text: readFileSync(path.join(ROOT, page), 'utf8') }));

test.each(pages)('$page matches the code (UPDATE_DOCS=1 regenerates it)', ({ page, text }) => {
  const wanted = regenerated(text);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path.join(ROOT, page), wanted);
  else expect(text).toBe(wanted);
});

test('every generated part stands in some page', () => {
  const used = pages.flatMap(({ text }) => [...text.matchAll(PART)].map(([, name]) => name));
  expect(used.sort()).toEqual(Object.keys(GENERATED).sort());
});
