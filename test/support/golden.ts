import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Emulator } from '../../src/emulator/emulator.js';
import type { InitialData } from '../../src/emulator/data-file.js';
import { parseQuirks } from '../../src/emulator/quirks.js';
import { emptyFolder, runCli } from './cli.js';
import { TOKEN } from './site.js';

/** Files for the runner. All other files of a case exist when its commands run. */
const OWN = ['run.txt', 'account.json', 'emulator.json'];

/** `emulator.json`: how the server differs from the default. */
type Oddities = {
  readonly quirks?: string;
  /** Destinations that do not accept the test message, with the status that they return. */
  readonly destinations?: Readonly<Record<string, number>>;
};

type Step = { readonly before: string; readonly command: string };

/** Runs the commands of a case and returns the transcript that its `run.txt` should have. */
export async function transcript(folder: string): Promise<string> {
  const steps = parseSteps(await readFile(path.join(folder, 'run.txt'), 'utf8'));
  const emulator = await (await emulatorFor(folder)).start();
  const cwd = await emptyFolder();
  try {
    for (const name of await readdir(folder)) {
      if (!OWN.includes(name)) await cp(path.join(folder, name), path.join(cwd, name), { recursive: true });
    }
    const parts: string[] = [];
    for (const { before, command } of steps) {
      const output = settled(await runStep(command, cwd, emulator.url), emulator.url);
      // The demo's own emulator generates random IDs, which other output depends on.
      const shown = command.startsWith('hookwright demo') ? withoutIds(output) : output;
      parts.push(`${before}$ ${command}\n${shown}`);
    }
    return parts.join('\n');
  } finally {
    await emulator.stop();
    await rm(cwd, { recursive: true, force: true });
  }
}

/** Replaces the existing transcript. */
export async function rewrite(folder: string): Promise<void> {
  await writeFile(path.join(folder, 'run.txt'), await transcript(folder));
}

/** Parses steps: `$ command`, its output, and `--- exit N`. Lines before the command are comments. */
function parseSteps(text: string): readonly Step[] {
  const steps: Step[] = [];
  let before = '';
  let inside = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('$ ') && !(inside && text.includes('--- exit'))) {
      steps.push({ before, command: line.slice(2) });
      before = '';
      inside = true;
    } else if (line.startsWith('--- exit ')) inside = false;
    else if (!inside && line !== '') before += `${line}\n`;
  }
  return steps;
}

async function emulatorFor(folder: string): Promise<Emulator> {
  const read = async <T>(name: string, other: T): Promise<T> =>
    JSON.parse(await readFile(path.join(folder, name), 'utf8').catch(() => JSON.stringify(other))) as T;
  const { quirks = '', destinations = {} } = await read<Oddities>('emulator.json', {});
  let ids = 0;
  let time = Date.parse('2026-01-01T00:00:00Z');
  const emulator = new Emulator({
    quirks: parseQuirks(quirks),
    destinationStatus: (url) => destinations[url],
    newId: () => String((ids += 1)).padStart(32, 'a0'),
    now: () => (time += 1000),
  });
  const { accounts } = await read<InitialData>('account.json', { accounts: {} });
  for (const [id, { webhooks = [], policies = [] }] of Object.entries(accounts))
    emulator.seed(id, webhooks, policies);
  return emulator;
}

/** Runs `NAME=value hookwright args… < file 2>/dev/null`, with '…' and "…" around words. */
async function runStep(command: string, cwd: string, url: string): Promise<string> {
  const words = [...command.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
  const start = words.indexOf('hookwright');
  if (start < 0) throw new Error(`not a command: ${command}`);
  const env = Object.fromEntries(
    words.slice(0, start).map((word): [string, string] => {
      const at = word.indexOf('=');
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
  const args = words.slice(start + 1);
  const silent = args.at(-1) === '2>/dev/null' && args.pop() !== undefined;
  const from = args.indexOf('<');
  const [, input] = from < 0 ? [] : args.splice(from, 2);
  const { code, stdout, stderr } = await runCli(args, {
    cwd,
    stdin: input === undefined ? '' : await readFile(path.join(cwd, input), 'utf8'),
    env: {
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_BASE_URL: url,
      // One request at a time, so that the order is the same in each run.
      HOOKWRIGHT_PARALLELISM: '1',
      HOOKWRIGHT_RETRY_DELAY: '1',
      HOOKWRIGHT_SETTLE: '0',
      ...env,
    },
  });
  const shownStderr = silent || stderr === '' ? '' : `--- stderr\n${stderr}`;
  return `${stdout}${shownStderr}--- exit ${code}\n`;
}

/** Removes what differs between runs: the port and the request IDs. */
function settled(output: string, url: string): string {
  return output.replaceAll(new URL(url).host, '127.0.0.1:PORT').replaceAll(/\b[\da-f]{16}-EMU\b/g, 'RAY');
}

function withoutIds(output: string): string {
  const known = new Map<string, string>();
  return output.replaceAll(/Digest: [\da-f]{64}/g, 'Digest: DIGEST').replaceAll(/"[\da-f]{32}"/g, (id) => {
    const number = known.get(id) ?? `"ID-${known.size + 1}"`;
    known.set(id, number);
    return number;
  });
}
