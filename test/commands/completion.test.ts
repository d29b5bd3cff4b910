import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { GLOBAL_FLAGS } from '../../src/cli/flags.js';
import { COMMANDS } from '../../src/commands/commands.js';
import { makeFlag } from '../../src/cli/flags.js';
import { emptyFolder, runCli } from '../support/cli.js';

const script = async (shell: string): Promise<string> => {
  const { code, stdout, stderr } = await runCli(['completion', shell]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

/** Returns what bash suggests for the last of these words. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const cwd = await emptyFolder();
  await writeFile(path.join(cwd, 'complete.bash'), await script('bash'));
  await writeFile(path.join(cwd, 'plan.json'), '');
  const quoted = ['hookwright', ...words].map((word) => `'${word}'`).join(' ');
  const { stdout } = await promisify(execFile)(
    'bash',
    [
      '-c',
      `source complete.bash; COMP_WORDS=(${quoted}) COMP_CWORD=${words.length}; _hookwright; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
    { cwd },
  );
  return stdout.split('\n').filter(Boolean);
}

describe('bash suggests', () => {
  test.each<[string, string[], string[]]>([
    ['commands', ['val'], ['validate']],
    ['flags of the command', ['plan', '--deta'], ['--detailed-exitcode']],
    ['values of a flag', ['plan', '--format', 'm'], ['markdown']],
    ['values of an argument', ['completion', 'z'], ['zsh']],
    ['files if a flag takes one', ['plan', '--out', 'plan'], ['plan.json']],
    ['files if the argument is one', ['show', 'plan'], ['plan.json']],
    ['nothing of another command', ['validate', '--auto'], []],
  ])('%s', async (_, words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });
});

describe.each(['bash', 'zsh', 'fish'])('%s knows', (shell) => {
  test('every command with every flag', async () => {
    const text = await script(shell);
    for (const { name, flags } of COMMANDS) {
      expect(text).toContain(name);
      for (const flag of [...flags, ...GLOBAL_FLAGS]) {
        const long = makeFlag(flag).long ?? '';
        expect(text).toContain(shell === 'fish' ? `-l ${long.slice(2)}` : long);
      }
    }
  });
});

test.each([['powershell'], []])(
  'another shell, or none, is an error that lists the shells: %j',
  async (...shell) => {
    const { code, stderr } = await runCli(['completion', ...shell]);
    expect(code).toBe(3);
    expect(stderr).toMatch(shell.length > 0 ? /bash, zsh, fish/ : /shell|argument/);
  },
);
