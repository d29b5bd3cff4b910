import { execFileSync, spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fileOf, TOKEN, withAccount, type Site } from '../support/site.js';

const ROOT = path.join(import.meta.dirname, '../..');
/** The file that users get; `npm ci` and `npm run build` create it. */
const BIN = path.resolve(ROOT, process.env['HOOKWRIGHT_BIN'] ?? 'dist/hookwright.cjs');
const FILE = fileOf('  - { name: A, url: "https://a.example/" }\n');

const testBuilt = existsSync(BIN) ? test : test.skip;
const testFull = existsSync('/dev/full') ? testBuilt : test.skip;
const testTerminal = hasScript() ? testBuilt : test.skip;

function hasScript(): boolean {
  try {
    return execFileSync('script', ['--version']).toString().includes('util-linux');
  } catch {
    return false;
  }
}

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
type Ways = {
  readonly command?: readonly string[];
  /** The answer to the prompt, sent when the prompt appears. */
  readonly answer?: string;
  readonly stdout?: number | 'closed';
};

/** Runs the bundled command in a separate process; rejects if it does not end. */
async function run({ cwd, emulator }: Site, args: readonly string[], ways: Ways = {}): Promise<Ended> {
  const [file = '', ...words] = ways.command ?? [process.execPath, BIN, ...args];
  const { PATH = '' } = process.env;
  const env = { PATH, TERM: 'xterm', CLOUDFLARE_API_TOKEN: TOKEN, CLOUDFLARE_BASE_URL: emulator.url };
  const out = typeof ways.stdout === 'number' ? ways.stdout : 'pipe';
  const child = spawn(file, words, { cwd, env, stdio: ['pipe', out, 'pipe'] });
  const written = { stdout: '', stderr: '' };
  if (ways.stdout === 'closed') child.stdout?.destroy();
  else {
    child.stdout?.on('data', (text: Buffer) => {
      const asked = written.stdout.includes('Enter a value');
      written.stdout += text.toString();
      if (!asked && written.stdout.includes('Enter a value')) child.stdin?.write(ways.answer ?? '');
    });
  }
  child.stderr?.on('data', (text: Buffer) => (written.stderr += text.toString()));
  child.stdin?.on('error', () => undefined);
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(late);
  return { code, ...written };
}

describe('the bundled command', () => {
  testBuilt('demo shows the whole workflow and ends with an empty plan', () =>
    withAccount({}, async (site) => {
      const { code, stdout } = await run(site, ['demo']);
      expect(code).toBe(0);
      expect(stdout).toContain('Apply complete! Resources: 1 added, 1 changed, 2 destroyed.');
      expect(stdout.slice(stdout.indexOf('nothing is left to change'))).toContain(
        'No changes. Your webhooks match the desired state.',
      );
      expect(site.emulator.requests).toEqual([]);
    }),
  );

  testBuilt('demo prints in the order in which things happen, also to one pipe', () =>
    withAccount({}, async (site) => {
      const command = ['sh', '-c', '"$0" "$@" 2>&1', process.execPath, BIN, 'demo'];
      const { stdout } = await run(site, [], { command });
      const order = [
        'Digest:',
        'Saved the plan',
        '$ hookwright apply plan.json',
        'Relay: Replacing',
        'Apply complete!',
      ];
      const places = order.map((text) => stdout.indexOf(text));
      expect(places.includes(-1)).toBe(false);
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }),
  );

  testBuilt.each([['help'], ['help help'], ['help apply'], ['help apply --all'], ['help --all apply']])(
    '%s: help, exit 0, no error',
    (line) =>
      withAccount({}, async (site) => {
        const meant = line.includes('apply')
          ? `apply --help${line.includes('--all') ? ' --all' : ''}`
          : '--help';
        const ended = await run(site, line.split(' '));
        expect(ended).toEqual({ ...(await run(site, meant.split(' '))), code: 0, stderr: '' });
        expect(ended.stdout).toContain('Usage: hookwright');
      }),
  );

  testBuilt('a reader that closes the pipe is not a failure', () =>
    withAccount({ files: FILE }, async (site) => {
      for (const args of [['plan'], ['schema'], ['apply', '--auto-approve']]) {
        const { code, stderr } = await run(site, args, { stdout: 'closed' });
        expect({ code, stderr: stderr.replaceAll(/^A: .*\n/gm, '') }).toEqual({ code: 0, stderr: '' });
      }
      expect(site.names()).toEqual(['A']);
    }),
  );

  testFull('a full disk is a failure, with an error message', () =>
    withAccount({ files: FILE }, async (site) => {
      const { code, stderr } = await run(site, ['plan'], { stdout: openSync('/dev/full', 'w') });
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: 'Error: The result could not be written: no space is left on the device.\n',
      });
    }),
  );

  testTerminal.each([
    ['yes\n', 0],
    ['no\n', 1],
    ['\u0003', 130],
  ])('on a real terminal, it ends after the answer %j with %i and reads nothing more', (answer, code) =>
    withAccount({ files: FILE }, async (site) => {
      const line = `'${process.execPath}' '${BIN}' apply --no-color`;
      const ended = await run(site, [], { command: ['script', '-qefc', line, '/dev/null'], answer });
      expect(ended.stdout).toContain("Only 'yes' will be accepted to approve.");
      expect(ended.code).toBe(code);
      expect(site.names()).toEqual(code === 0 ? ['A'] : []);
    }),
  );
});
