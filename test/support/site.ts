import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FaultyEmulator, type FaultyOptions } from './faults/faulty-emulator.js';
import type { PolicySeed, WebhookSeed } from '../../src/emulator/data-file.js';
import { emptyFolder, runCli, startCli, type CliOptions, type CliResult, type Running } from './cli.js';

export const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353';
export const OTHER_ACCOUNT = '1f'.repeat(16);
export const TOKEN = 'cf-token-Zq81xLmP0sWvT7';

export type Given = {
  /** By path below the working directory. A string is the content of `hookwright.yaml`. */
  readonly files?: Readonly<Record<string, string>> | string;
  readonly webhooks?: readonly WebhookSeed[];
  readonly policies?: readonly PolicySeed[];
  readonly emulator?: FaultyOptions;
};

/** A working directory, an account on an emulator, and the command to run there. */
export type Site = {
  readonly emulator: FaultyEmulator;
  readonly cwd: string;
  /** The environment has a token, the address and short pauses, unless `env` overrides them. */
  readonly run: (args: readonly string[], options?: CliOptions) => Promise<CliResult>;
  readonly start: (args: readonly string[], options?: CliOptions) => Running;
  readonly write: (files: Readonly<Record<string, string>>) => Promise<void>;
  readonly read: (file: string) => Promise<string>;
  /** Returns the sorted names of live webhooks. */
  readonly names: (account?: string) => readonly string[];
  /** Returns the methods of the requests so far: `GET`, `POST`… */
  readonly methods: () => readonly string[];
};

/** Runs `use` with a new emulator and directory, and removes both afterwards. */
export async function withAccount<T>(given: Given, use: (site: Site) => Promise<T>): Promise<T> {
  const emulator = await new FaultyEmulator(given.emulator).start();
  const cwd = await emptyFolder();
  try {
    emulator.seed(ACCOUNT, given.webhooks ?? [], given.policies ?? []);
    const { files = {} } = given;
    const site = siteOf(emulator, cwd);
    await site.write(typeof files === 'string' ? { 'hookwright.yaml': files } : files);
    return await use(site);
  } finally {
    await emulator.stop();
    await rm(cwd, { recursive: true, force: true });
  }
}

function siteOf(emulator: FaultyEmulator, cwd: string): Site {
  const base = {
    CLOUDFLARE_API_TOKEN: TOKEN,
    CLOUDFLARE_BASE_URL: emulator.url,
    HOOKWRIGHT_RETRY_DELAY: '1',
    HOOKWRIGHT_SETTLE: '0.05',
  };
  const here = (options: CliOptions = {}): CliOptions => ({
    cwd,
    ...options,
    env: { ...base, ...options.env },
  });
  return {
    emulator,
    cwd,
    run: (args, options) => runCli(args, here(options)),
    start: (args, options) => startCli(args, here(options)),
    write: async (files) => {
      for (const [name, text] of Object.entries(files)) {
        const file = path.join(cwd, name);
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, text);
      }
    },
    read: (file) => readFile(path.join(cwd, file), 'utf8'),
    names: (account = ACCOUNT) =>
      emulator
        .account(account)
        .webhooks.map(({ name }) => name)
        .sort(),
    methods: () => emulator.requests.map(({ method }) => method),
  };
}

/** Returns a desired-state file of the account. `head`: lines such as `unlisted: delete`. */
export function fileOf(webhooks: string, head = 'unlisted: delete'): string {
  return `account_id: ${ACCOUNT}\n${head}\nwebhooks:${webhooks.trim() === '' ? ' []' : ''}\n${webhooks}`;
}
