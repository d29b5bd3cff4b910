import { describe, expect, test } from '@jest/globals';
import { CODES, EXPLANATIONS } from '../../src/commands/explain/run-explain.js';
import { DIAGNOSTIC_CODES } from '../../src/core/diagnostic.js';
import { ERROR_CODES } from '../../src/core/errors.js';
import { GUARD_CODES, NOTE_CODES } from '../../src/core/plan.js';
import { runCli } from '../support/cli.js';

const codesOf = (...wanted: readonly string[]): readonly string[] =>
  EXPLANATIONS.filter(({ kinds }) => kinds.some((kind) => wanted.includes(kind))).map(({ code }) => code);

describe('docs/troubleshooting.md', () => {
  test.each([
    ['error', ERROR_CODES],
    ['guard', GUARD_CODES],
    ['plan note', NOTE_CODES],
  ])('every code of kind %s has a section, and no other', (kind, codes) => {
    expect(codesOf(kind).toSorted()).toEqual([...codes].sort());
  });

  test('every code of a diagnostic has a section, and no other', () => {
    expect(codesOf('file error').toSorted()).toEqual([...DIAGNOSTIC_CODES].sort());
  });

  test('no code has two sections', () => {
    expect(CODES.filter((code, i) => CODES.indexOf(code) !== i)).toEqual([]);
  });

  test.each(EXPLANATIONS)('$kinds $code: what it means, and what to do', ({ meaning, fix }) => {
    expect(meaning).toMatch(/^.{5,250}\.$/);
    expect(fix).toMatch(/^.{5,250}\.$/);
  });
});

describe('explain', () => {
  test.each(EXPLANATIONS)('$code ($kinds)', async ({ code, kinds, meaning, fix }) => {
    const { code: exit, stdout, stderr } = await runCli(['explain', code]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain(`${code} (${kinds.join(', ')}) ${meaning} Fix: ${fix}`);
  });

  test('prints plain text, without marks of Markdown', async () => {
    const { stdout } = await runCli(['explain', 'not-moved']);
    expect(stdout).toContain('  Fix: Use strategy.url: replace');
  });

  test('lists every code if none is given', async () => {
    const { code: exit, stdout } = await runCli(['explain']);
    expect(exit).toBe(0);
    for (const { code } of EXPLANATIONS) expect(stdout).toMatch(new RegExp(`[ \\n]${code}(?:,|\\n)`));
  });

  test.each([
    ['in-sue', 'Did you mean "in-use"?'],
    ['unlisted', 'Did you mean "unlisted-undecided"?'],
    ['zzzzzzzzzzzzzzzz', 'To list all codes, run: hookwright explain'],
  ])('%s is not known', async (code, expected) => {
    const { code: exit, stdout, stderr } = await runCli(['explain', code]);
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: '' });
    expect(stderr).toContain(expected);
  });
});
