import { execFileSync, spawn } from 'node:child_process';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Emulator } from '../../src/emulator/emulator.js';
import type { InitialData } from '../../src/emulator/data-file.js';
import { emptyFolder } from '../support/cli.js';
import { cloneTree, install, npmEnvironment, pack } from '../support/tarball.js';
import { blocksOf, ROOT } from './pages.js';

const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353';
let folder = '';
let bin = '';

beforeAll(async () => {
  folder = await emptyFolder();
  bin = await install(await pack(folder), path.join(folder, 'installed'));
  await mkdir(path.join(folder, 'reader'));
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A port that was free a moment ago: other tests run at the same time, so the port of the page could be in use. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

type Ran = { readonly code: number | null; readonly output: string };

/** Runs a script with bash, as a reader would who has only Git and the `hookwright` that npm installed. */
function bash(script: string, more: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const home = path.join(folder, 'reader');
  const env = {
    PATH: `${bin}:${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    HOOKWRIGHT_SETTLE: '1',
    GIT_AUTHOR_NAME: 'A reader',
    GIT_AUTHOR_EMAIL: 'reader@example.com',
    GIT_COMMITTER_NAME: 'A reader',
    GIT_COMMITTER_EMAIL: 'reader@example.com',
    ...more,
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
  const port = String(await freePort());
  // As the reader does, wait until the emulator has printed its lines. It ends also if a command fails.
  const listening = `until (: > /dev/tcp/127.0.0.1/${port}) 2>/dev/null; do sleep 0.1; done`;
  const script = ["trap 'kill $(jobs -p) 2>/dev/null || :' EXIT"]
    .concat(
      commands.map(({ line, text }) => {
        const wait = text.includes('hookwright emulator') ? `${listening}\n` : '';
        return `${text.replaceAll('8787', port)}\n${wait}echo "== ${line}"`;
      }),
    )
    .join('\n');
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
  const data = await readFile(path.join(folder, 'reader/webhooks/account.json'), 'utf8');
  const { accounts } = JSON.parse(data) as InitialData;
  expect(Object.values(accounts)[0]?.webhooks?.map(({ name }) => name)).toEqual(['Ops Slack', 'Audit trail']);
}, 120_000);

test('the commands of README import an account, plan and apply', async () => {
  const [use] = blocksOf('README.md', 'sh').filter(({ text }) => text.includes('hookwright import'));
  const emulator = await new Emulator().start();
  emulator.seed(ACCOUNT, [{ name: 'Ops Slack', url: 'https://hooks.slack.com/services/T000/B000/token' }]);
  try {
    const script = (use?.text ?? '').replace('your-account-id', ACCOUNT);
    const { code, output } = await bash(script, { CLOUDFLARE_BASE_URL: emulator.url });
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('Imported 1 webhook') });
    expect(output).toMatch(/No changes[^]*No changes|No changes[^]*Apply complete/);
  } finally {
    await emulator.stop();
  }
}, 60_000);

test('"npm link" in a clone gives the command of this clone', async () => {
  const clone = path.join(folder, 'clone');
  await cloneTree(clone);
  await symlink(path.join(ROOT, 'node_modules'), path.join(clone, 'node_modules'));
  const env = { ...npmEnvironment(folder), npm_config_prefix: path.join(folder, 'prefix') };
  execFileSync('npm', ['link'], { cwd: clone, env, stdio: 'pipe' });
  const version = execFileSync(path.join(folder, 'prefix/bin/hookwright'), ['--version'], { env });
  expect(version.toString()).toMatch(/^\d+\.\d+\.\d+$/m);
}, 120_000);
