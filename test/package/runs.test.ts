import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { blocksOf, ROOT } from '../docs/pages.js';
import { emptyFolder } from '../support/cli.js';
import { install, pack } from '../support/tarball.js';

jest.setTimeout(60_000);

/** The Node.js that runs this test, and others in HOOKWRIGHT_NODES, separated as in a search path. */
const NODES = [process.execPath, ...(process.env['HOOKWRIGHT_NODES'] ?? '').split(path.delimiter)]
  .filter((node) => node !== '')
  .map((node) => [execFileSync(node, ['--version']).toString().trim(), node] as const);

const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353';
const FILE = `account_id: ${ACCOUNT}
unlisted: delete
webhooks:
  - { name: Relay, url: "https://relay.example.com/cf", secret: { env: RELAY_SECRET } }
`;

let folder = '';
let tarball = '';
let bin = '';

beforeAll(async () => {
  folder = await emptyFolder();
  tarball = await pack(folder);
  bin = await install(tarball, path.join(folder, 'app'));
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
const SUCCESS = { code: 0, stderr: '' };

describe.each(NODES)('with Node.js %s', (version, node) => {
  const app = (): string => path.join(folder, 'app');
  let env: Record<string, string> = {};

  beforeAll(async () => {
    // Anything that runs `node`, such as the command or npm, gets this version.
    const first = path.join(folder, version);
    await mkdir(first);
    await symlink(node, path.join(first, 'node'));
    const searchPath = [bin, first, process.env['PATH'] ?? ''].join(path.delimiter);
    const offline = { npm_config_offline: 'true', npm_config_update_notifier: 'false' };
    env = { PATH: searchPath, HOME: first, npm_config_cache: path.join(first, '.npm'), ...offline };
  });

  const start = (command: string, args: readonly string[], cwd: string, more: Readonly<typeof env>) =>
    spawn(command, args, { cwd, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });

  async function run(
    command: string,
    args: readonly string[],
    { cwd = app(), ...more }: Readonly<Record<string, string>> = {},
  ): Promise<Ran> {
    const child = start(command, args, cwd, more);
    const written = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => (written[name] += text));
    }
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, ...written };
  }

  test('knows the widths of emoji and CJK, whose tables are loaded late', async () => {
    const cwd = path.join(folder, `wide-${version}`);
    await mkdir(cwd);
    await writeFile(path.join(cwd, 'hookwright.yaml'), 'webhooks:\n  - { name: 警🚨, nam: x }\n');
    const { code, stderr } = await run('hookwright', ['validate'], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain(`
  2 |   - { name: 警🚨, nam: … }
    |                   ^~~
`);
  });

  test('hookwright --version prints the version, also the second time', async () => {
    const text = await readFile(path.join(ROOT, 'package.json'), 'utf8');
    const version = (JSON.parse(text) as { version: string }).version;
    // From Node.js 22 on, the second run uses the code that the first one compiled and cached.
    const first = await run('hookwright', ['--version']);
    expect(first).toEqual({ ...SUCCESS, stdout: expect.stringContaining(version) });
    expect(await run('hookwright', ['--version'])).toEqual(first);
  });

  test('npx runs an installed command, or installs it', async () => {
    const cwd = await emptyFolder();
    const installed = await run('npx', ['hookwright', '--help']);
    const fresh = await run('npx', ['--yes', '--package', tarball, 'hookwright', '--help'], { cwd });
    expect(installed).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: hookwright') });
    expect(fresh).toMatchObject({ code: 0, stdout: installed.stdout });
    await rm(cwd, { recursive: true });
  });

  test('validate, plan and apply with its own emulator end with an empty plan', async () => {
    await writeFile(path.join(app(), 'hookwright.yaml'), FILE);
    const emulator = start('hookwright', ['emulator', '--port', '0'], app(), {});
    try {
      const [line] = (await once(emulator.stdout, 'data')) as [Buffer];
      const url = /Listening on (\S+)/.exec(line.toString())?.[1] ?? '';
      const more = { CLOUDFLARE_API_TOKEN: 'token', CLOUDFLARE_BASE_URL: url, HOOKWRIGHT_SETTLE: '0.1' };

      expect(await run('hookwright', ['validate'])).toMatchObject({ code: 0 });
      const planned = await run('hookwright', ['plan', '--detailed-exitcode'], more);
      expect(planned).toMatchObject({ code: 2, stdout: expect.stringContaining('Plan: 1 to add') });
      const secret = { RELAY_SECRET: 'correct horse battery staple' };
      const applied = await run('hookwright', ['apply', '--auto-approve'], { ...more, ...secret });
      expect(applied).toMatchObject({ code: 0, stdout: expect.stringContaining('1 added') });
      const empty = await run('hookwright', ['plan', '--detailed-exitcode'], more);
      expect(empty).toMatchObject({ code: 0, stdout: expect.stringContaining('No changes.') });
    } finally {
      const ended = once(emulator, 'close');
      emulator.kill('SIGTERM');
      await ended;
    }
  });

  test('the variable DEBUG does not make a package print the password of the proxy', async () => {
    const { code, stdout, stderr } = await run(
      'hookwright',
      ['status', '--account', ACCOUNT, '--retries=0'],
      {
        CLOUDFLARE_API_TOKEN: 'token',
        CLOUDFLARE_BASE_URL: 'https://api.example/client/v4',
        DEBUG: '*',
        HTTPS_PROXY: 'http://user:canary@127.0.0.1:1',
      },
    );
    expect([code, stdout, stderr]).toEqual([1, '', expect.not.stringContaining('canary')]);
    expect(stderr).toContain('through the proxy http://127.0.0.1:1');
  });

  test('demo runs', async () => {
    const { code, stdout } = await run('hookwright', ['demo']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Apply complete!') });
  });

  test('the library does what docs/library.md says in a program of plain JavaScript', async () => {
    const file = path.join(app(), 'example.mjs');
    await writeFile(file, blocksOf('docs/library.md', 'ts')[0]?.text ?? '');
    const ran = await run('node', [file]);
    expect(ran).toEqual({ ...SUCCESS, stdout: expect.stringContaining('create Relay: applied\n') });
    expect(ran.stdout.trimEnd()).toMatch(/No changes\. Your webhooks match the desired state\.$/);
  });

  test('its schema can be imported by name', async () => {
    const script = `console.log(import.meta.resolve('hookwright/schemas/hookwright.schema.json'))`;
    const { stdout } = await run('node', ['--input-type=module', '-e', script]);
    expect(stdout).toMatch(/node_modules\/hookwright\/schemas\/hookwright\.schema\.json\n$/);
  });
});
