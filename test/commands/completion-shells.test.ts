import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { emptyFolder, runCli } from '../support/cli.js';

jest.setTimeout(60_000);
const TAB = '\t';
const SHELLS = {
  bash: { start: ['bash', '--norc', '--noprofile', '-i'], set: 'source hookwright.bash' },
  // Loaded as the instructions say: by compinit, from a directory of fpath.
  zsh: {
    start: ['zsh', '-f', '-i'],
    set: 'fpath=($PWD/fpath $fpath); autoload -Uz compinit; compinit -u -D; unsetopt prompt_sp prompt_cr',
  },
  fish: { start: ['fish', '--no-config', '--interactive'], set: 'source hookwright.fish' },
} as const;
type Shell = keyof typeof SHELLS;

/** Reports whether the shell exists, and util-linux's `script`, which provides a terminal. */
function isThere(shell: Shell): boolean {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' });
    return execFileSync(shell, ['--version']).length > 0;
  } catch {
    return false;
  }
}

let folder = '';
beforeAll(async () => {
  folder = await emptyFolder();
  await mkdir(path.join(folder, 'fpath'));
  await mkdir(path.join(folder, 'webhooks'));
  await writeFile(path.join(folder, 'planfile.json'), '');
  // Replaces the command and prints the arguments that the shell passes.
  const show = '#!/bin/sh\nprintf "<%s>\\n" "$*"\n';
  await writeFile(path.join(folder, 'hookwright'), show, { mode: 0o755 });
  for (const shell of Object.keys(SHELLS)) {
    const { stdout } = await runCli(['completion', shell]);
    const file = shell === 'zsh' ? 'fpath/_hookwright' : `hookwright.${shell}`;
    await writeFile(path.join(folder, file), stdout);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Session = {
  /** Types a line, which can contain Tab, and returns the arguments of the command. */
  readonly type: (line: string) => Promise<string>;
  readonly close: () => Promise<void>;
};

/** Starts a shell in a terminal, with the completion installed as the instructions say. */
async function open(shell: Shell): Promise<Session> {
  const { start, set } = SHELLS[shell];
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder, TERM: 'dumb', PS1: '' };
  const child = spawn('script', ['-qefc', start.join(' '), '/dev/null'], { cwd: folder, env });
  const closed = once(child, 'close');
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
  const until = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = pattern.exec(seen)?.[1];
      if (found !== undefined) return found;
      const [text] = (await Promise.race([once(child.stdout, 'data'), closed])) as unknown[];
      if (typeof text !== 'string') throw new Error(`${shell} ended: ${seen}`);
    }
  };
  // The echoed input has quotes; the printed text does not.
  child.stdin.write(`${set}; echo "re"ady\n`);
  await until(/^(ready)\r?$/m);
  return {
    type: (line) => {
      seen = '';
      child.stdin.write(`hookwright ${line}\n`);
      return until(/^<(.*)>\r?$/m);
    },
    close: async () => {
      child.stdin.end('exit\n');
      child.kill();
      await closed;
    },
  };
}

describe.each(Object.keys(SHELLS) as Shell[])('%s, in a terminal', (shell) => {
  const isHere = isThere(shell);
  if (!isHere) console.warn(`Completion is not tried in ${shell}: it is not installed.`);
  let session: Session | undefined;
  beforeAll(async () => {
    if (isHere) session = await open(shell);
  });
  afterAll(() => session?.close());

  // Each first row types the first Tab of its shell.
  (isHere ? test : test.skip).each([
    ['a command', `val${TAB}`, 'validate'],
    ['a flag', `plan --detailed-e${TAB}`, 'plan --detailed-exitcode'],
    ['a value', `plan --format j${TAB}`, 'plan --format json'],
    ['a value after =', `plan --format=j${TAB}`, 'plan --format=json'],
    ['a shell', `completion z${TAB}`, 'completion zsh'],
    ['a code', `explain unlisted-u${TAB}`, 'explain unlisted-undecided'],
    ['a command after help', `help valid${TAB}`, 'help validate'],
    ['a kind of report, and no space', `plan --report markd${TAB}out.md`, 'plan --report markdown=out.md'],
    ['the file of a report', `plan --report json=planf${TAB}`, 'plan --report json=planfile.json'],
    ['a file', `show planf${TAB}`, 'show planfile.json'],
    ['the file of a flag', `plan --file planf${TAB}`, 'plan --file planfile.json'],
  ])('%s', async (_, line, expected) => {
    expect((await session?.type(line))?.trim()).toBe(expected);
  });
});
