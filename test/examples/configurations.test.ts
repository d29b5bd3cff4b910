import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { Emulator } from '../../src/emulator/emulator.js';
import { foreignClass, TOKEN } from '../model/servers.js';
import { type CliResult, emptyFolder, runCli } from '../support/cli.js';

const FOLDER = path.join(import.meta.dirname, 'configurations');
/** Another stand-in to run against, as in `npm run model -- --server PATH`. */
const SERVER = process.env['HOOKWRIGHT_MODEL_SERVER'];

type Seeds = readonly { readonly name: string; readonly url: string }[];
type Policies = readonly { readonly name: string }[];
type Live = Readonly<Record<string, { readonly webhooks?: Seeds; readonly policies?: Policies }>>;
type Server = {
  readonly url: string;
  seed(account: string, webhooks: Seeds, policies: Policies): unknown;
  stop(): Promise<void>;
};

/** Returns the content of a configuration's file, or nothing if it does not exist. */
function json(name: string, file: string): unknown {
  const found = path.join(FOLDER, name, file);
  return existsSync(found) ? JSON.parse(readFileSync(found, 'utf8')) : {};
}

async function emulator(): Promise<Server> {
  const server = await new Emulator().start();
  return {
    url: server.url,
    // Like a policy that existed before it had a route.
    seed: (account, webhooks, policies) =>
      server.seed(
        account,
        webhooks,
        policies.map((policy) => ({ email: ['on-call@example.com'], ...policy })),
      ),
    stop: () => server.stop(),
  };
}

async function foreign(file: string): Promise<Server> {
  const server = new (await foreignClass(file))({ token: TOKEN });
  await server.start(0);
  return server;
}

const SERVERS = [
  ['the emulator', emulator] as const,
  ...(SERVER === undefined ? [] : [['another stand-in', () => foreign(SERVER)] as const]),
];

/** Configurations from Terraform repositories, converted. Hosts, names and values are invented. */
const NAMES = readdirSync(FOLDER);

describe.each(SERVERS)('on %s', (_, start) => {
  test.each(NAMES)('%s is applied, then plans no changes, even after an import', async (name) => {
    const server = await start();
    const cwd = await emptyFolder();
    await cp(path.join(FOLDER, name), cwd, { recursive: true });
    const text = readFileSync(path.join(FOLDER, name, 'hookwright.yaml'), 'utf8');
    const accounts = parseAllDocuments(text)
      .flatMap((document) => document.get('account_id'))
      .flatMap((id) => (typeof id === 'string' ? [id] : (JSON.parse(JSON.stringify(id)) as string[])));
    const live = json(name, 'live.json') as Live;
    for (const account of accounts) {
      const { webhooks = [], policies = [] } = live[account] ?? {};
      server.seed(account, webhooks, policies);
    }
    const run = (
      args: readonly string[],
      values = json(name, 'environment.json') as Record<string, string>,
    ): Promise<CliResult> =>
      runCli(args, {
        cwd,
        env: {
          ...values,
          CLOUDFLARE_API_TOKEN: TOKEN,
          CLOUDFLARE_BASE_URL: server.url,
          HOOKWRIGHT_RETRY_DELAY: '1',
        },
      });
    try {
      expect((await run(['validate'])).stdout).toContain('Success!');
      const applied = await run(['apply', '--auto-approve']);
      expect(applied).toMatchObject({ code: 0 });
      expect(applied.stdout).toContain('Apply complete!');
      expect(await run(['plan', '--detailed-exitcode'])).toMatchObject({ code: 0 });
      // A plan needs no value.
      expect(await run(['plan', '--detailed-exitcode'], {})).toMatchObject({ code: 0 });

      const again = await run(['import', '-f', 'hookwright.yaml', '--update', '--policies']);
      expect(again).toMatchObject({ code: 0 });
      expect(again.stderr).toContain('Nothing to add');
      expect(readFileSync(path.join(cwd, 'hookwright.yaml'), 'utf8')).toBe(text);
      for (const account of accounts) {
        const imported = await run(['import', '--account', account, '--policies'], {});
        expect(imported.code).toBe(0);
        await writeFile(path.join(cwd, 'imported.yaml'), imported.stdout);
        expect(await run(['plan', '-f', 'imported.yaml', '--detailed-exitcode'], {})).toMatchObject({
          code: 0,
        });
      }
    } finally {
      await server.stop();
      await rm(cwd, { recursive: true, force: true });
    }
  });
});

test('has twelve configurations', () => expect(NAMES.length).toBeGreaterThanOrEqual(12));
