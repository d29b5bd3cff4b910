import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PAGES, proseOf, readPage, ROOT } from './pages.js';

/** Targets of links that lead to something in this project. */
function linksOf(page: string): readonly string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter((target) => !/^[a-z]+:/.test(target));
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => text);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function isBroken(page: string, link: string): boolean {
  const [file = '', anchor] = link.split('#', 2);
  const target = file === '' ? page : path.join(path.dirname(page), file);
  if (!existsSync(path.join(ROOT, target))) return true;
  const isFolder = statSync(path.join(ROOT, target)).isDirectory();
  return anchor !== undefined && (isFolder || !anchorsOf(target).has(anchor));
}

describe('links', () => {
  test.each(PAGES)('of %s lead somewhere', (page) => {
    expect(linksOf(page).filter((link) => isBroken(page, link))).toEqual([]);
  });

  test('are found at all', () => {
    expect(PAGES.flatMap(linksOf).length).toBeGreaterThan(50);
    expect(isBroken('README.md', 'docs/nothing.md')).toBe(true);
    expect(isBroken('README.md', 'docs/reference.md#nothing')).toBe(true);
  });
});

/** Made up for the examples of CONTRIBUTING, or patterns. */
const INVENTED = /csv|NAME|\*/;

test.each(PAGES)('the files that %s names are there', (page) => {
  const named = [...readPage(page).matchAll(/`((?:src|test|schemas|docs|examples)\/[\w./*-]+)`/g)];
  const files = named.map(([, file = '']) => file).filter((file) => !INVENTED.test(file));
  expect(files.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
});
