import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { columns, fold, shellQuoted, wrap } from '../../src/text/layout.js';

describe('columns', () => {
  test.each([
    ['plain', 'Relay', 5],
    ['a style', '\u001b[31mRelay\u001b[39m', 5],
    ['Chinese', '报警', 4],
    ['rare ideographs of another plane', '𠀀𪚥', 4],
    ['Hangul from single jamo', '한', 2],
    ['half width katakana', 'ｱｲ', 2],
    ['a combining accent', 'e\u0301', 1],
    ['an emoji', '🚨', 2],
    ['a flag', '🇩🇪', 2],
    ['a family, joined', '👩‍👩‍👧', 2],
    ['a skin tone', '👍🏽', 2],
    ['a keycap', '1️⃣', 2],
    ['zero-width characters', '\u200b', 0],
    ['nothing', '', 0],
  ])('%s', (_, text, width) => {
    expect(columns(text)).toBe(width);
  });
});

test('a line is wrapped by columns, not by characters', () => {
  expect(wrap('报警 报警 报警', 9)).toBe('报警 报警\n报警');
  expect(fold('  🇩🇪🇩🇪 🇩🇪🇩🇪', 8)).toBe('  🇩🇪🇩🇪\n  🇩🇪🇩🇪');
});

test.each([
  'Ops',
  'a $HOME `id` $(id)',
  'B!',
  `it's "q" \\`,
  'two\nlines',
  "tab\tit's \\n",
  'bidi \u202e 👩‍👩‍👧',
  '::error::x\n::error::y',
  '##[error]',
])('a shell reads %j as it is, from a line without control characters', (name) => {
  const word = shellQuoted(name);
  expect(word).not.toMatch(/[\p{Cc}\p{Cf}]|(^|\s)::/u);
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  expect(execFileSync('bash', ['-c', `printf %s ${word}`], { encoding: 'utf8', env })).toBe(name);
});

describe('what a user copies stays on one line', () => {
  test.each([
    [
      'Saved. To apply it, run: hookwright apply "a b.json" -f "e.yaml"',
      ['hookwright apply "a b.json" -f "e.yaml"'],
    ],
    [
      'Run it again with: hookwright plan --out plan.json. Then review it.',
      ['hookwright plan --out plan.json.'],
    ],
    [
      'Set in the shell: export CLOUDFLARE_BASE_URL=http://127.0.0.1:8787/client/v4',
      ['export CLOUDFLARE_BASE_URL=http://127.0.0.1:8787/client/v4'],
    ],
    [
      'Tag the commit that is live: git tag a && git push origin a. See the docs.',
      ['git tag a && git push origin a.'],
    ],
    [
      'Add it to the file, or write "unlisted: keep" or secret: { env: NAME } there.',
      ['"unlisted: keep"', 'secret: { env: NAME }'],
    ],
    [
      'The name is "one \\"quoted\\" name" and the other is "another name".',
      ['"one \\"quoted\\" name"', '"another name".'],
    ],
    [
      "  --account 1234567890abcdef --previous 'git:v1:a b.yaml'",
      ["--account 1234567890abcdef --previous 'git:v1:a b.yaml'"],
    ],
    [
      "List it, or pass --allow-delete 'a $b' --allow-delete 'it'\\''s c' --allow-delete \"d e\". Or stop.",
      ["--allow-delete 'a $b' --allow-delete 'it'\\''s c' --allow-delete \"d e\"."],
    ],
    [
      "To write it, run: hookwright import -f 'v1. next/a b.yaml' --update",
      ["hookwright import -f 'v1. next/a b.yaml' --update"],
    ],
  ])('%s', (text, whole) => {
    for (const width of [20, 25, 30, 40, 60]) {
      const lines = fold(text, width).split('\n');
      expect(lines.map((line) => line.trim()).join(' ')).toBe(text.trim());
      for (const part of whole)
        expect(lines.some((line) => line.includes(part))).toBe(
          part.length < width || part.includes(' -') || /^(export|git)/.test(part),
        );
    }
  });

  test('but prose after a colon and a quotation that is too long are wrapped', () => {
    expect(wrap('Error: hookwright ended early, without a result.', 20)).toBe(
      'Error: hookwright\nended early, without\na result.',
    );
    expect(wrap('No webhook "a long name of many words" here.', 20)).toBe(
      'No webhook "a long\nname of many words"\nhere.',
    );
    expect(wrap('5" and 6" are {2} lengths', 12)).toBe('5" and 6"\nare {2}\nlengths');
  });
});
