import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isReservedName } from '../../src/core/leftovers.js';
import { Emulator } from '../../src/emulator/emulator.js';
import { emptyFolder, runCli, type CliResult } from '../support/cli.js';

const NAMES = [
  ...['yes', 'no', '~', 'null', '123', '0x1f', '1e3', '.inf', '2026-01-01', '12:30:00', '=', '<<', ''],
  ...[
    '- a: "b" #c',
    '# c',
    'a: b',
    '*alias',
    '&anchor',
    '!tag',
    '%YAML',
    '---',
    '...',
    '[a',
    '{a',
    '|',
    '>-',
  ],
  ...[
    ' lead',
    'trail ',
    '\ttab',
    'line\nfeed',
    'cr\rlf',
    '\u0000nul',
    '\u001b[31m',
    '\u0085',
    '\u2028',
    '\ufeff',
  ],
  ...[
    '🚨 alarm',
    '👩‍👩‍👧',
    '\u202eevil',
    'é',
    'e\u0301',
    '\ud800',
    '##[group]',
    '::error::x',
    '`x`',
    "it's",
    '"',
  ],
  ...[
    'Ops',
    'ops',
    'Ops [hookwright: replaces 0a1b2c3d]',
    'Ops [hw:0a1b2c3d]',
    'dash-*',
    'id:x',
    'x'.repeat(300),
    'x'.repeat(1001),
  ],
  ...['Cloudflare base', 'hookwright api', 'Authorization: Bearer abcdefghijk', 'https://u:p@h.example/'],
];
const URLS = [
  'https://a.example/',
  'https://a.example/?q=1',
  'http://b.example/x#frag',
  'https://user:pass@c.example/',
  'https://d.example/0123456789abcdef0123456789abcdef',
  ' https://space.example/ ',
  'https://e.example/${NOT_SET}',
  'https://f.example/a b"c',
  'https://hooks.slack.com/services/T0/B0/tokentoken',
  'https://hooks.slack.com/services/T0/B1',
  'https://hooks.slack.com/triggers/T0/1/abc',
  'https://discord.com/api/webhooks/1/tok',
  'https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t',
  'https://open.feishu.cn/open-apis/bot/v2/hook/abc',
  'https://x.webhook.office.com/webhookb2/1/IncomingWebhook/2',
  'https://api.datadoghq.com/api/v1/events?api_key=k',
  'https://api.opsgenie.com/v2/alerts',
  'https://s.example/services/collector',
  'ftp://g.example/',
];

const nameOf = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);
const webhook = fc.record({ name: nameOf, url: fc.constantFrom(...URLS) });
// A leftover would belong to an entry of the file, and apply would continue its replacement.
const later = webhook.filter(({ name }) => !isReservedName(name));
const accounts = fc.tuple(fc.array(webhook, { maxLength: 8 }), fc.array(later, { maxLength: 8 }));

describe('import, then plan', () => {
  let emulator: Emulator;
  let cwd = '';
  let runs = 0;
  beforeAll(async () => {
    emulator = await new Emulator().start();
    cwd = await emptyFolder();
  });
  afterAll(async () => {
    await emulator.stop();
    await rm(cwd, { recursive: true, force: true });
  });

  const run = (account: string, args: readonly string[]): Promise<CliResult> => {
    const env = {
      CLOUDFLARE_API_TOKEN: 'token-of-the-test',
      CLOUDFLARE_BASE_URL: emulator.url,
      CLOUDFLARE_ACCOUNT_ID: account,
    };
    return runCli(args, { cwd, env });
  };
  const expectEmpty = async (account: string, stderrOfImport = ''): Promise<void> => {
    const plan = await run(account, ['plan', '--format', 'json', '--detailed-exitcode']);
    const document = JSON.parse(plan.stdout) as {
      accounts: { actions: unknown[]; guards: { code: string }[] }[];
    };
    const guards = document.accounts.flatMap((each) => each.guards);
    // If an entry's URL is unknown here, it may match several webhooks with its name. Import has warned of
    // that.
    const known = guards.filter(
      ({ code }) => code === 'ambiguous-name' && stderrOfImport.includes('Not matched'),
    );
    expect(document.accounts.flatMap((each) => each.actions)).toEqual([]);
    expect(guards).toEqual(known);
    expect(plan.code).toBe(known.length > 0 ? 6 : 0);
  };

  test(
    'is empty for any account, even after more webhooks were created and imported into the file',
    () =>
      fc.assert(
        fc.asyncProperty(accounts, async ([first, more]) => {
          runs += 1;
          const account = runs.toString(16).padStart(32, 'a');
          const file = path.join(cwd, 'hookwright.yaml');
          emulator.seed(account, first);
          const fresh = await run(account, ['import']);
          expect(fresh.code).toBe(0);
          await writeFile(file, fresh.stdout);
          expect(fresh.stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          await expectEmpty(account);
          emulator.seed(account, more);
          const merged = await run(account, ['import', '-f', 'hookwright.yaml']);
          expect(merged.stderr).not.toContain('Error');
          expect(merged.code).toBe(0);
          await expectEmpty(account, merged.stderr);
        }),
        { numRuns: 40 },
      ),
    60_000,
  );

  type Drift = {
    readonly at: number;
    readonly name?: string;
    readonly url?: string;
    readonly gone?: boolean;
  };
  const drift: fc.Arbitrary<Drift> = fc.record(
    {
      at: fc.nat(20),
      name: fc.oneof(nameOf, fc.constantFrom('Ops', 'ops')).filter((name) => !isReservedName(name)),
      url: fc.constantFrom(...URLS),
      gone: fc.boolean(),
    },
    { requiredKeys: ['at'] },
  );
  const policy = fc.record({ name: nameOf, uses: fc.array(fc.nat(20), { maxLength: 3 }) });

  test(
    'is empty after --update --policies, whatever was changed manually, unless import says otherwise',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(later, { minLength: 1, maxLength: 6 }),
          fc.array(policy, { maxLength: 4 }),
          fc.array(drift, { maxLength: 4 }),
          fc.array(later, { maxLength: 3 }),
          async (first, policies, drifts, more) => {
            runs += 1;
            const account = runs.toString(16).padStart(32, 'b');
            emulator.seed(account, first);
            const live = emulator.account(account);
            const seeded = policies.map(({ name, uses }) => ({
              name,
              uses: [...new Set(uses.map((use) => live.webhooks[use % live.webhooks.length]?.id ?? ''))],
            }));
            emulator.seed(account, [], seeded);
            const fresh = await run(account, ['import', '--policies']);
            expect(fresh.code).toBe(0);
            await writeFile(path.join(cwd, 'hookwright.yaml'), fresh.stdout);
            await expectEmpty(account);
            for (const { at, name, url, gone } of drifts) {
              const [webhook] = live.webhooks.slice(at % Math.max(1, live.webhooks.length));
              if (!webhook) continue;
              webhook.name = name ?? webhook.name;
              webhook.url = url ?? webhook.url;
              if (gone) live.webhooks.splice(live.webhooks.indexOf(webhook), 1);
              for (const { mechanisms } of gone ? live.policies : [])
                mechanisms['webhooks'] = (mechanisms['webhooks'] ?? []).filter(({ id }) => id !== webhook.id);
            }
            emulator.seed(account, more);
            const updated = await run(account, ['import', '-f', 'hookwright.yaml', '--update', '--policies']);
            expect(updated).toMatchObject({ code: 0 });
            if (!/Not (?:updated|matched)/.test(updated.stderr)) await expectEmpty(account);
            expect((await run(account, ['validate'])).code).toBe(0);
          },
        ),
        { numRuns: 40 },
      ),
    60_000,
  );
});
