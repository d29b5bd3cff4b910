import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '../..');

const markdownBelow = (folder: string): readonly string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .sort();

/** README, CONTRIBUTING, all of docs, and what explains the examples; relative to the root of the project. */
export const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...markdownBelow('docs'),
  ...markdownBelow('examples'),
];

export function readPage(page: string): string {
  return readFileSync(path.join(ROOT, page), 'utf8');
}

/** A fenced block. `info` is what stands behind the fence: `sh`, `yaml`, `yaml title`. */
export type Block = {
  readonly page: string;
  readonly line: number;
  readonly info: string;
  readonly text: string;
};

const FENCE = /^( *)```([^\n`]*)\n([^]*?)^\1```$/gm;

export function blocksOf(page: string, language: string): readonly Block[] {
  const text = readPage(page);
  return [...text.matchAll(FENCE)].flatMap((match) => {
    const [, indent = '', info = '', body = ''] = match;
    if (info.split(' ')[0] !== language) return [];
    const line = text.slice(0, match.index).split('\n').length;
    const dedented = body.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    return [{ page, line, info, text: dedented }];
  });
}

/** Without fenced blocks, in which nothing is a link. */
export function proseOf(page: string): string {
  return readPage(page).replaceAll(FENCE, '');
}
