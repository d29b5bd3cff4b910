import { describe, expect, test } from '@jest/globals';
import { GLOBAL_FLAGS } from '../../src/cli/flags.js';
import { COMMANDS } from '../../src/commands/commands.js';
import { makeFlag } from '../../src/cli/flags.js';
import type { Io } from '../../src/cli/io.js';
import { parseAndRun } from '../../src/cli/arguments.js';
import { EXIT } from '../../src/core/exit-codes.js';
import { blocksOf, PAGES, proseOf } from './pages.js';

/** Words as a shell splits them, quotes taken off. */
function words(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}

/** The calls of hookwright in some lines of a shell, up to a pipe, a redirection or the end of the command. */
function callsIn(text: string): readonly string[] {
  const joined = text.replaceAll(/\\\n\s*/g, ' ');
  return [...joined.matchAll(/(?:^|[\s(&|])(hookwright(?: (?:"[^"]*"|'[^']*'|[^\s|<>;&)#]+))+)/gm)].map(
    ([, call = '']) => call,
  );
}

/** Call sites in running text: no shapes with `[…]` or `<…>`, no words in place of a command. */
function inlineCalls(page: string): readonly string[] {
  const codes = [...proseOf(page).matchAll(/`(hookwright [^`]+)`/g)].map(([, code = '']) => code);
  return codes.filter((code) => !/[[<|]|hookwright [A-Z]/.test(code)).flatMap(callsIn);
}

const calls = PAGES.flatMap((page) =>
  [
    ...['sh', 'console', 'bash', 'text'].flatMap((language) =>
      blocksOf(page, language).flatMap(({ text }) => callsIn(language === 'text' ? prompted(text) : text)),
    ),
    ...inlineCalls(page),
  ].map((call) => ({ page, call })),
);

/** Only what was typed: the rest is output. */
function prompted(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.startsWith('$ '))
    .join('\n');
}

const silent = { write: () => true };
async function* noInput(): AsyncGenerator<string> {
  yield await Promise.resolve('');
}
const io: Io = {
  env: {},
  cwd: '/',
  stdout: silent,
  stderr: silent,
  stdin: noInput(),
  clock: { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() },
  onSignal: () => () => undefined,
  onCrash: () => () => undefined,
};

describe('command lines', () => {
  test('are found', () => {
    expect(calls.length).toBeGreaterThan(30);
  });

  test.each(calls)('$page: $call', async ({ call: written }) => {
    const call = written.replace('$DIGEST', 'f'.repeat(64));
    await expect(
      parseAndRun(words(call).slice(1), io, COMMANDS, () => Promise.resolve(EXIT.done)),
    ).resolves.not.toBe(EXIT.failed);
  });

  test('one with a mistake is refused', async () => {
    const bad = parseAndRun(['plan', '--detailed'], io, COMMANDS, () => Promise.resolve(EXIT.done));
    await expect(bad).rejects.toMatchObject({ code: 'usage' });
  });

  test.each(PAGES)('%s names no flag that is none', (page) => {
    const known = new Set(
      [...COMMANDS.flatMap(({ flags }) => flags), ...GLOBAL_FLAGS].map((flag) => makeFlag(flag).long),
    );
    known.add('--help').add('--version');
    const named = [...proseOf(page).matchAll(/`(--[a-z-]*[a-z])(?![a-z…-])[^`]*`/g)].map(([, flag]) => flag);
    expect(named.filter((flag) => !known.has(flag))).toEqual([]);
  });
});
