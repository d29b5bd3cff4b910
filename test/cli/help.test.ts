import { describe, expect, test } from '@jest/globals';
import { GLOBAL_FLAGS } from '../../src/cli/flags.js';
import { QUIRKS } from '../../src/emulator/quirks.js';
import { COMMANDS } from '../../src/commands/commands.js';
import { makeFlag } from '../../src/cli/flags.js';
import { runCli } from '../support/cli.js';

const COLUMNS = 80;
const MAX_LINES = 30;

async function helpOf(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(args, { columns: COLUMNS });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

const lines = (text: string): readonly string[] => text.trimEnd().split('\n');

describe('help at 80 columns', () => {
  test.each([[], ...COMMANDS.map(({ name }) => [name])])('%s fits a screen', async (...command) => {
    const shown = lines(await helpOf(...command, '--help'));
    expect(shown.length).toBeLessThanOrEqual(MAX_LINES);
    expect(shown.filter((line) => line.length > COLUMNS)).toEqual([]);
  });

  test.each(COMMANDS)('$name has two examples', async ({ name, examples }) => {
    expect(examples).toHaveLength(2);
    const help = await helpOf(name, '--help');
    for (const example of examples) expect(help).toContain(`  $ ${example}\n`);
  });

  test.each(COMMANDS)('$name --help --all shows every flag, and help mentions it', async (command) => {
    const { name } = command;
    const brief = await helpOf(name, '--help');
    const all = await helpOf(name, '--help', '--all');
    const flags = [...command.flags, ...GLOBAL_FLAGS].map((flag) => makeFlag(flag).long ?? '');
    for (const flag of flags) expect(all).toContain(` ${flag} `);
    expect(flags.every((flag) => brief.includes(` ${flag} `))).toBe(false);
    expect(brief).toContain(`All options: hookwright help ${name} --all`);
    expect(all).not.toContain('All options:');
    expect(await helpOf('help', name, '--all')).toBe(all);
    expect(await helpOf('help', name)).toBe(brief);
  });

  test('help of the emulator says where its quirks are listed, and lists them there', async () => {
    expect(await helpOf('emulator', '--help')).toMatch(/listed with\s+--help --all/);
    const all = await helpOf('emulator', '--help', '--all');
    for (const [name, { values, about }] of Object.entries(QUIRKS)) {
      expect(all).toContain(`  ${name}=${values}\n      ${about}\n`);
    }
  });

  test('flags that help hides by default are still completed', async () => {
    const script = await helpOf('completion', 'bash');
    for (const flag of ['--api-url', '--retry-delay', '--env-allow', '--log-level']) {
      expect(script).toContain(` ${flag} `);
    }
  });
});

describe('a mistake in the command line', () => {
  test.each([
    [['plna'], "unknown command 'plna'\nDid you mean plan?\nSee: hookwright --help\n"],
    [['help', 'plna'], "unknown command 'plna'\nDid you mean plan?\n"],
    [
      ['plan', '--formt', 'json'],
      "unknown option '--formt'\nDid you mean --format?\nSee: hookwright plan --help\n",
    ],
    [['plan', '--jsno'], "unknown option '--jsno'\nSee: hookwright plan --help\n"],
    [['plan', '--alow-delet', 'A'], 'Did you mean --allow-delete?'],
    [['plan', '--api-ulr', 'x'], 'Did you mean --api-url?'],
    [
      ['plan', 'my webhooks.yaml'],
      "Pass a desired-state file with -f: hookwright plan -f 'my webhooks.yaml'\nSee: hookwright plan --help\n",
    ],
    [
      ['status', 'Ops'],
      "too many arguments for 'status'. Expected 0 arguments but got 1.\nPass a desired-state file with -f.\nSee: hookwright status --help\n",
    ],
    [['show'], "missing required argument 'planfile'\nSee: hookwright show --help\n"],
  ])('%j', async (args, expected) => {
    const { code, stderr } = await runCli(args);
    expect(code).toBe(3);
    expect(stderr).toContain(expected);
  });
});
