import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Emulator } from '../../src/emulator/emulator.js';
import { emptyFolder } from '../support/cli.js';
import { install, pack } from '../support/tarball.js';
import { blocksOf } from './pages.js';

const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353';

let folder = '';
let bin = '';
let emulator: Emulator;

beforeAll(async () => {
  folder = await emptyFolder();
  bin = await install(await pack(folder), path.join(folder, 'installed'));
  await mkdir(path.join(folder, 'reader'));
  emulator = await new Emulator().start();
  emulator.seed(
    ACCOUNT,
    [
      { name: 'Ops Slack', url: 'https://hooks.slack.com/services/T000/B000/abcdefgh' },
      { name: 'Audit log', url: 'https://audit.example.com/cf' },
    ],
    [{ name: 'Origin errors', uses: ['Ops Slack'] }],
  );
}, 300_000);
afterAll(async () => {
  await emulator.stop();
  await rm(folder, { recursive: true, force: true });
});

type Ran = { readonly code: number | null; readonly output: string };

/** Runs a script with bash, as a reader would who has only Git and the `hookwright` that npm installed. */
function bash(script: string): Promise<Ran> {
  const home = path.join(folder, 'reader');
  const env = {
    PATH: `${bin}:${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    CLOUDFLARE_BASE_URL: emulator.url,
    HOOKWRIGHT_SETTLE: '1',
    GIT_AUTHOR_NAME: 'A reader',
    GIT_AUTHOR_EMAIL: 'reader@example.com',
    GIT_COMMITTER_NAME: 'A reader',
    GIT_COMMITTER_EMAIL: 'reader@example.com',
  };
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd: home, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

test('the tutorial, command by command, ends in an empty plan', async () => {
  const commands = blocksOf('docs/tutorial.md', 'sh');
  const shown = blocksOf('docs/tutorial.md', 'text');
  // One shell for all, since variables and folders carry over; a mark tells the blocks apart.
  const script = commands.map(({ line, text }) => `${text}\necho "== ${line}"`).join('\n');
  const { code, output } = await bash(script);
  expect({ code, output }).toEqual({ code: 0, output: expect.any(String) });

  const parts = output.split(/^== \d+\n/m);
  expect(commands.length).toBeGreaterThan(7);
  expect(parts).toHaveLength(commands.length + 1);
  // What is shown came from the block of commands before it.
  for (const { line, text } of shown) {
    const from = commands.findLastIndex((block) => block.line < line);
    expect(parts[from]).toContain(text.trimEnd());
  }
  expect(parts[commands.length - 1]).toContain('No changes. Your webhooks match the desired state.');
  expect(emulator.account(ACCOUNT).webhooks.map(({ name, secret }) => [name, secret])).toEqual(
    expect.arrayContaining([
      ['Audit trail', undefined],
      ['Ops Slack', 'abcdefgh'],
    ]),
  );
  expect(emulator.account(ACCOUNT).webhooks).toHaveLength(2);
}, 120_000);
