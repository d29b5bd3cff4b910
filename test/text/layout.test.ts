import { describe, expect, test } from '@jest/globals';
import { columns, fold, wrap } from '../../src/text/layout.js';

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
