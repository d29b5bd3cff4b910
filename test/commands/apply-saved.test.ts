import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checksumOf, digestOf } from '../../src/saved-plan/digest.js';
import type { PlanDocument } from '../../src/saved-plan/plan-document.js';
import { emptyFolder } from '../support/cli.js';
import { ACCOUNT, fileOf, OTHER_ACCOUNT, TOKEN, withAccount, type Site } from '../support/site.js';

describe('a saved plan and what the file ignores', () => {
  const IGNORED = 'a'.repeat(32);
  const file = fileOf(
    '  - { name: Ops, url: "https://ops.example/" }\n',
    `unlisted: delete\nignore: ["id:${IGNORED}"]`,
  );

  test.each(['https://ops.example/', 'https://other.example/'])(
    'an ignored webhook with the same name, at %s, is not the one to create',
    (url) =>
      withAccount(
        { files: file, webhooks: [{ id: IGNORED, name: 'Ops', url }] },
        async ({ run, emulator }) => {
          expect((await run(['plan', '--out', 'plan.json'])).code).toBe(0);
          const { code, stdout } = await run(['apply', 'plan.json']);
          expect([code, stdout]).toEqual([0, expect.stringContaining('Apply complete! Resources: 1 added')]);
          expect(emulator.account(ACCOUNT).webhooks.map(({ name }) => name)).toEqual(['Ops', 'Ops']);
          const again = await run(['plan']);
          expect(again.stdout).toContain('No changes.');
          // What was created matches the plan, so the plan can be applied again.
          expect((await run(['apply', 'plan.json'])).code).toBe(0);
          expect(emulator.account(ACCOUNT).webhooks).toHaveLength(2);
        },
      ),
  );
});

describe('secrets of what --target selects', () => {
  test('a webhook that is found by its pin is selected by its current name, with its secret', () =>
    withAccount(
      {
        files: fileOf(
          `  - { name: New, id: ${'b'.repeat(32)}, url: "https://new.example/", secret: { env: S } }\n  - { name: B, url: "https://b.example/" }\n`,
          'unlisted: keep',
        ),
        webhooks: [{ id: 'b'.repeat(32), name: 'Old', url: 'https://new.example/' }],
      },
      async ({ run, names }) => {
        const args = ['apply', '--target', 'Old', '--target', 'B', '--auto-approve'];
        const refused = await run(args);
        expect([refused.code, refused.stdout]).toEqual([6, expect.stringContaining('secret-missing')]);
        const { code, stdout } = await run(args, { env: { S: 'secret-of-new' } });
        expect([code, stdout]).toEqual([
          0,
          expect.stringContaining('Apply complete! Resources: 1 added, 1 changed'),
        ]);
        expect(names()).toEqual(['B', 'New']);
      },
    ));
});

test('the command for a new plan names the file that the plan was made from', () =>
  withAccount(
    { files: { 'my state.yaml': fileOf('  - { name: A, url: "https://a.example/" }\n') } },
    async ({ run, emulator }) => {
      await run(['plan', '-f', 'my state.yaml', '--out', 'p.json']);
      const refused = await run(['apply', 'p.json', '--target', 'A']);
      expect(refused.stderr).toContain("hookwright plan -f 'my state.yaml' --target A --out p.json\n");
      emulator.seed(ACCOUNT, [{ name: 'A', url: 'https://b.example/' }]);
      const stale = await run(['apply', 'p.json']);
      expect([stale.code, stale.stderr]).toEqual([
        5,
        expect.stringContaining("hookwright plan -f 'my state.yaml' --out p.json\n"),
      ]);
    },
  ));

test('HOOKWRIGHT_PREVIOUS can be set for a whole job; --previous and other plan flags are refused', () =>
  withAccount(
    {
      files: {
        'hookwright.yaml': fileOf('  - { name: A, url: "https://a.example/" }\n'),
        'old.yaml': fileOf(''),
      },
    },
    async ({ run, names }) => {
      const env = { HOOKWRIGHT_PREVIOUS: 'old.yaml' };
      expect((await run(['plan', '--out', 'plan.json'], { env })).code).toBe(0);
      expect((await run(['apply', 'plan.json', '--previous', 'old.yaml'])).code).toBe(3);
      expect((await run(['apply', 'plan.json'], { env: { HOOKWRIGHT_TARGET: 'A' } })).code).toBe(3);
      expect((await run(['apply', 'plan.json'], { env })).code).toBe(0);
      expect(names()).toEqual(['A']);
    },
  ));

describe('a saved plan and the value of a variable', () => {
  const RELAY_URL = 'https://relay.example.com/cf-hook-123';
  const env = { RELAY_URL };
  const FILE = fileOf(
    '  - { name: New, previously: [Old], url: { env: RELAY_URL }, secret: none }\n',
    'unlisted: keep',
  );
  const webhooks = [{ name: 'Old', url: RELAY_URL }];

  test('that is live is not in the plan, which is the same without the variable', () =>
    withAccount({ files: FILE, webhooks }, async ({ run, read, names }) => {
      expect((await run(['plan', '--out', 'with.json'], { env })).code).toBe(0);
      expect((await run(['plan', '--out', 'without.json'])).code).toBe(0);
      const saved = JSON.parse(await read('with.json')) as { readonly digest: string };
      expect((JSON.parse(await read('without.json')) as typeof saved).digest).toBe(saved.digest);
      expect(JSON.stringify(saved)).not.toContain('cf-hook-123');
      const { code, stdout } = await run(['apply', 'with.json'], { env });
      expect([code, stdout]).toEqual([
        0,
        expect.stringContaining('Apply complete! Resources: 0 added, 1 changed'),
      ]);
      expect(names()).toEqual(['New']);
    }));

  test('that is also in a name: the name stays a name', () =>
    withAccount({ files: FILE.replace('New', 'cf-hook-123'), webhooks }, async ({ run, names }) => {
      const planned = await run(['plan', '--out', 'plan.json'], { env });
      expect([planned.code, planned.stdout]).toEqual([0, expect.stringContaining('"cf-hook-123"')]);
      expect((await run(['apply', 'plan.json'], { env })).code).toBe(0);
      expect(names()).toEqual(['cf-hook-123']);
    }));

  test('that a guard names: the refused plan is written anyway', () =>
    withAccount(
      {
        files: fileOf('  - { name: Relay, url: { env: RELAY_URL } }\n'),
        webhooks: [
          { name: 'Relay', url: `${RELAY_URL}/a` },
          { name: 'Relay', url: `${RELAY_URL}/b` },
        ],
      },
      async ({ run, read }) => {
        expect((await run(['plan', '--out', 'plan.json'], { env })).code).toBe(6);
        const text = await read('plan.json');
        expect(text).toContain('ambiguous-name');
        expect(text).not.toContain('cf-hook-123');
        expect((await run(['show', 'plan.json'])).code).toBe(0);
      },
    ));
});

describe('a saved plan can name what a file can name', () => {
  const ENTRY = '  - { name: A, url: "https://a.example/", secret: { env: A_SECRET } }\n';

  /** Replaces text in a plan and updates its digest and checksum. */
  async function forge({ read, write }: Site, from: string, to: string): Promise<void> {
    const forged = JSON.parse((await read('plan.json')).replaceAll(from, to)) as PlanDocument;
    const digested = { ...forged, digest: digestOf(forged) };
    await write({ 'plan.json': JSON.stringify({ ...digested, checksum: checksumOf(digested) }) });
  }

  async function refused(
    site: Site,
    env: Readonly<Record<string, string>> = {},
    ...flags: string[]
  ): Promise<string> {
    const { code, stderr } = await site.run(['apply', 'plan.json', ...flags], { env });
    expect([code, stderr]).toEqual([3, expect.stringContaining('plan.json cannot be applied: for "A", ')]);
    expect(site.emulator.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    return stderr;
  }

  test.each(['CLOUDFLARE_API_TOKEN', 'cloudflare_api_token', 'HTTPS_PROXY', 'CI_JOB_TOKEN'])(
    'not %s, by its name',
    (name) =>
      withAccount({ files: fileOf(ENTRY) }, async (site) => {
        expect((await site.run(['plan', '--out', 'plan.json'])).code).toBe(0);
        await forge(site, 'A_SECRET', name);
        expect(await refused(site, { [name]: 'https://user:password@proxy.example' })).toContain(
          `${name} is a credential of hookwright`,
        );
      }),
  );

  test('not the value of such a variable', () =>
    withAccount({ files: fileOf(ENTRY) }, async (site) => {
      expect((await site.run(['plan', '--out', 'plan.json'])).code).toBe(0);
      expect(await refused(site, { A_SECRET: TOKEN })).toContain(
        'A_SECRET has the same value as CLOUDFLARE_API_TOKEN',
      );
    }));

  test('only what --env-allow or HOOKWRIGHT_ENV_ALLOW allows', () =>
    withAccount({ files: fileOf(ENTRY) }, async (site) => {
      expect((await site.run(['plan', '--out', 'plan.json'])).code).toBe(0);
      const why = 'A_SECRET is not allowed by HOOKWRIGHT_ENV_ALLOW or --env-allow';
      const env = { A_SECRET: 'secret-of-a' };
      expect(await refused(site, env, '--env-allow', 'B_*')).toContain(why);
      expect(await refused(site, { ...env, HOOKWRIGHT_ENV_ALLOW: 'B_*' })).toContain(why);
      expect(await refused(site, { ...env, HOOKWRIGHT_ENV_ALLOW: '' })).toContain(why);
      const allowed = await site.run(['apply', 'plan.json'], {
        env: { ...env, HOOKWRIGHT_ENV_ALLOW: 'B_*\nA_*' },
      });
      expect(allowed.code).toBe(0);
    }));

  test('not a secret file elsewhere, nor a hidden one', () =>
    withAccount(
      {
        files: {
          'hookwright.yaml': fileOf(ENTRY.replace('env: A_SECRET', 'file: secrets/a')),
          'secrets/a': 'secret-of-a',
          '.npmrc': 'npm-token-1',
        },
      },
      async (site) => {
        const outside = path.join(await emptyFolder(), 'outside');
        await writeFile(outside, 'secret-of-someone-else');
        expect((await site.run(['plan', '--out', 'plan.json'])).code).toBe(0);
        const saved = await site.read('plan.json');
        for (const file of [
          outside,
          path.relative(site.cwd, outside),
          '.npmrc',
          '.git/config',
          'secrets/../.npmrc',
        ]) {
          await site.write({ 'plan.json': saved });
          await forge(site, '"path": "secrets/a"', `"path": ${JSON.stringify(file)}`);
          expect(await refused(site)).toContain('is outside the allowed directories');
        }
        await site.write({ 'plan.json': saved });
        await forge(site, '"path": "secrets/a"', `"path": ${JSON.stringify(outside)}`);
        const allowed = await site.run(['apply', 'plan.json', '--secret-dir', path.dirname(outside)]);
        expect(allowed.code).toBe(0);
      },
    ));

  test('a secret file beside a desired-state file in another directory, passed with -f', () =>
    withAccount({}, async (site) => {
      const folder = await emptyFolder();
      const file = path.join(folder, 'state.yaml');
      await writeFile(file, fileOf(ENTRY.replace('env: A_SECRET', 'file: a')));
      await writeFile(path.join(folder, 'a'), 'secret-of-a');
      expect((await site.run(['plan', '-f', file, '--out', 'plan.json'])).code).toBe(0);
      await refused(site);
      expect((await site.run(['apply', 'plan.json', '-f', file])).code).toBe(0);
      expect(site.names()).toEqual(['A']);
    }));
});

describe('a saved plan without some of its URLs', () => {
  const before = fileOf(
    '  - { name: A, url: "https://r.example.com/x?key=1", secret: none }\n',
    'unlisted: keep',
  );
  const after = before.replace('name: A,', 'name: B, previously: [A],');

  test('is shown and applied as planned: no change of the URL, the same digest', () =>
    withAccount({ files: before }, async ({ run, write }) => {
      expect((await run(['apply', '--auto-approve'])).code).toBe(0);
      await write({ 'hookwright.yaml': after });
      const planned = JSON.parse(
        (await run(['plan', '--out', 'p.json', '--format', 'json'])).stdout,
      ) as PlanDocument;
      const { code, stdout } = await run(['apply', 'p.json', '--format', 'json']);
      const applied = JSON.parse(stdout) as PlanDocument;
      expect([code, applied.digest]).toEqual([0, planned.digest]);
      expect(applied.accounts).toEqual(planned.accounts);
    }));

  test('reads them again from the files that the plan names, if they are in the working directory', () =>
    withAccount(
      { files: { 'prod/g.yaml': before, '.git/g.yaml': before, 'hookwright.yaml': fileOf('') } },
      async ({ run, names, cwd, read, write }) => {
        await run(['plan', '-f', path.join(cwd, 'prod'), '--out', 'p.json']);
        const saved = JSON.parse(await read('p.json')) as PlanDocument;
        expect(saved).toMatchObject({ files: ['prod'] });
        const edited = { ...saved, files: ['.git'] };
        await write({ 'edited.json': JSON.stringify({ ...edited, checksum: checksumOf(edited) }) });
        expect((await run(['apply', 'edited.json'])).code).toBe(3);
        expect((await run(['apply', 'p.json', '-f', 'hookwright.yaml'])).code).toBe(3);
        expect(names()).toEqual([]);
        expect((await run(['apply', 'p.json'])).code).toBe(0);
        expect(names()).toEqual(['A']);
      },
    ));

  test('says how to apply it, with the file that contains them', () =>
    withAccount({ files: { 'g.yaml': before } }, async ({ run, names }) => {
      const { stderr } = await run(['plan', '-f', 'g.yaml', '--out', 'p.json']);
      expect(stderr).toContain('hookwright apply p.json -f g.yaml\n');
      expect(await run(['apply', 'p.json', '-f', 'nosuch.yaml'])).toMatchObject({
        code: 3,
        stderr: 'Error: -f nosuch.yaml: no such file or directory.\n',
      });
      expect((await run(['apply', 'p.json', '-f', 'g.yaml'])).code).toBe(0);
      expect(names()).toEqual(['A']);
    }));

  test('names the file only if apply reads it; what is set for a whole job is not refused', () =>
    withAccount(
      {
        files: {
          'g.yaml': fileOf('  - { name: A, url: "https://a.example/", secret: { file: s } }\n'),
          s: 'abcdefgh',
        },
      },
      async ({ run, names }) => {
        const { stderr } = await run(['plan', '-f', 'g.yaml', '--out', 'my plan.json']);
        expect(stderr).toBe(
          "Saved the plan. To apply exactly this plan, run: hookwright apply 'my plan.json'\n",
        );
        const env = { HOOKWRIGHT_FILE: 'elsewhere.yaml', HOOKWRIGHT_PREVIOUS: 'git:deployed' };
        expect((await run(['apply', 'my plan.json'], { env })).code).toBe(0);
        expect(names()).toEqual(['A']);
      },
    ));

  test('says if there is nothing to apply, or a guard refuses it', () =>
    withAccount(
      {
        files: fileOf('  - { name: A, url: "https://a.example/" }\n'),
        webhooks: [{ name: 'B', url: 'https://b.example/' }],
      },
      async ({ run, write }) => {
        const save = async () => (await run(['plan', '--out', 'plan.json'])).stderr;
        await write({ 'hookwright.yaml': fileOf('') });
        expect(await save()).toContain(
          'Saved the plan, which a guard refuses. To show it, run: hookwright show plan.json\n',
        );
        await write({ 'hookwright.yaml': fileOf('', 'unlisted: keep') });
        expect(await save()).toBe(
          'Saved the plan, which has no changes. To show it, run: hookwright show plan.json\n',
        );
        expect((await run(['show', 'plan.json'])).code).toBe(0);
      },
    ));

  test('says that it cannot be applied if the file has a literal secret', () =>
    withAccount(
      { files: fileOf('  - { name: A, url: "https://a.example/", secret: abcdefgh }\n') },
      async ({ run }) => {
        const { code, stderr } = await run(['plan', '--allow-literal-secrets', '--out', 'p.json']);
        expect([code, stderr]).toEqual([0, expect.stringContaining('p.json can be shown but not applied')]);
      },
    ));
});

test('a saved plan for another account than CLOUDFLARE_ACCOUNT_ID: a warning', () =>
  withAccount({ files: fileOf('  - { name: A, url: "https://a.example/" }\n') }, async ({ run }) => {
    await run(['plan', '--out', 'p.json']);
    const other = await run(['apply', 'p.json'], { env: { CLOUDFLARE_ACCOUNT_ID: OTHER_ACCOUNT } });
    expect([other.code, other.stderr]).toEqual([
      0,
      expect.stringContaining(
        `Warning: CLOUDFLARE_ACCOUNT_ID is ${OTHER_ACCOUNT}, but the saved plan is for account ${ACCOUNT}, which will be changed.\n`,
      ),
    ]);
    const same = await run(['apply', 'p.json'], { env: { CLOUDFLARE_ACCOUNT_ID: ACCOUNT.toUpperCase() } });
    expect(same.stderr).not.toContain('Warning');
  }));

test('events and counts include what was live already', () =>
  withAccount({ files: fileOf('  - { name: A, url: "https://a.example/" }\n') }, async ({ run, read }) => {
    await run(['plan', '--out', 'p.json']);
    await run(['apply', 'p.json']);
    expect((await run(['apply', 'p.json', '--events', 'missing/e.ndjson'])).code).toBe(0);
    const events = (await read('missing/e.ndjson'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(events).toMatchObject([
      { type: 'apply-started', total: 1 },
      { type: 'action-ended', name: 'A', status: 'applied', wrote: false },
      { type: 'apply-ended', applied: 1, discrepancies: 0 },
    ]);
  }));

test('a stale plan distinguishes a policy from a webhook with the same name', () =>
  withAccount(
    {
      files: `${fileOf('  - { name: Ops, url: "https://ops.example/" }\n', 'unlisted: keep')}policies:\n  - { name: Ops, webhooks: [Ops] }\n`,
      webhooks: [
        { name: 'Ops', url: 'https://ops.example/' },
        { name: 'B', url: 'https://b.example/' },
      ],
      policies: [{ name: 'Ops', uses: [], email: ['ops@example.com'] }],
    },
    async ({ run, emulator }) => {
      await run(['plan', '--out', 'plan.json']);
      const { policies, webhooks } = emulator.account(ACCOUNT);
      const { id, ...policy } = policies[0] ?? { id: '' };
      await fetch(`${emulator.url}/accounts/${ACCOUNT}/alerting/v3/policies/${id}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify({ ...policy, mechanisms: { webhooks: [{ id: webhooks[1]?.id }] } }),
      });
      const { code, stderr } = await run(['apply', 'plan.json']);
      expect([code, stderr]).toEqual([5, expect.stringContaining('  policy "Ops" (update): webhooks was')]);
    },
  ));

test('a stale plan says that a webhook was deleted', () =>
  withAccount(
    {
      files: fileOf('  - { name: A, url: "https://new.example/", previously: [B] }\n'),
      webhooks: [{ name: 'B', url: 'https://b.example/' }],
    },
    async ({ run, emulator }) => {
      await run(['plan', '--out', 'plan.json']);
      const id = emulator.account(ACCOUNT).webhooks[0]?.id ?? '';
      await fetch(`${emulator.url}/accounts/${ACCOUNT}/alerting/v3/destinations/webhooks/${id}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      const { code, stderr } = await run(['apply', 'plan.json']);
      expect([code, stderr]).toEqual([
        5,
        expect.stringContaining(
          `\n  "A" (replace): the webhook (ID ${id}) was deleted\nNothing was written.`,
        ),
      ]);
    },
  ));

test('of several accounts, names the one that is stale, and in advice the one that a name belongs to', () =>
  withAccount(
    {
      files: [ACCOUNT, OTHER_ACCOUNT]
        .map((each) =>
          fileOf(
            '  - { name: A, url: "https://a.example/", secret: { env: S } }\n',
            'unlisted: keep',
          ).replace(ACCOUNT, each),
        )
        .join('---\n'),
    },
    async ({ run, emulator }) => {
      const env = { S: 'secret-of-a' };
      await run(['plan', '--out', 'plan.json']);
      expect((await run(['apply', 'plan.json'], { env })).code).toBe(0);
      const done = await run(['apply', 'plan.json', '--format', 'json'], { env });
      for (const account of [ACCOUNT, OTHER_ACCOUNT])
        expect(done.stdout).toContain(`run apply --replace \\"${account}:A\\"`);
      const [webhook] = emulator.account(OTHER_ACCOUNT).webhooks;
      Object.assign(webhook ?? {}, { url: 'https://b.example/' });
      const { code, stderr } = await run(['apply', 'plan.json'], { env });
      expect([code, stderr]).toEqual([
        5,
        expect.stringContaining(`stale\n  account ${OTHER_ACCOUNT}, "A" (create): name was `),
      ]);
    },
  ));

test.each(['cleared', 'kept'] as const)(
  'renames from a saved plan keep the credential of a chat URL in a variable (PUT without a secret: %s)',
  (putSecret) =>
    withAccount(
      {
        files: fileOf(
          '  - { name: New, previously: [Old], url: { env: SLACK } }\n  - { name: Moved, url: { env: DISCORD } }\n',
          'unlisted: keep',
        ),
        emulator: { quirks: { 'put-secret': putSecret } },
        webhooks: [
          { name: 'Old', url: 'https://hooks.slack.com/services/T0/B0/slacktoken' },
          { name: 'Moved', url: 'https://discord.com/api/webhooks/1/before' },
        ],
      },
      async ({ run, emulator }) => {
        const env = {
          SLACK: 'https://hooks.slack.com/services/T0/B0/slacktoken',
          DISCORD: 'https://discord.com/api/webhooks/1/discordtoken',
        };
        expect((await run(['plan', '--replace', 'Moved', '--out', 'plan.json'])).code).toBe(0);
        expect((await run(['apply', 'plan.json'], { env })).code).toBe(0);
        const secrets = emulator.account(ACCOUNT).webhooks.map(({ name, secret }) => [name, secret]);
        expect(new Map(secrets as [string, string][])).toEqual(
          new Map([
            ['New', 'slacktoken'],
            ['Moved', 'discordtoken'],
          ]),
        );
      },
    ),
);

test('says which policy no longer uses a webhook to replace', () =>
  withAccount(
    {
      files: fileOf('  - { name: A, url: "https://a.example/2", secret: none }\n', 'unlisted: keep'),
      webhooks: [{ name: 'A', url: 'https://a.example/' }],
      policies: [{ name: 'P', uses: ['A'], email: ['ops@example.com'] }],
    },
    async ({ run, emulator }) => {
      await run(['plan', '--out', 'plan.json']);
      const { policies } = emulator.account(ACCOUNT);
      const stale = async () => (await run(['apply', 'plan.json'])).stderr;
      Object.assign(policies[0] ?? {}, { mechanisms: { email: [{ id: 'ops@example.com' }] } });
      expect(await stale()).toContain(
        '\n  "A" (replace): policy "P" used the webhook when the plan was made, now it does not\n',
      );
      await fetch(`${emulator.url}/accounts/${ACCOUNT}/alerting/v3/policies/${policies[0]?.id ?? ''}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      expect(await stale()).toContain(
        '\n  "A" (replace): policy "P" used the webhook when the plan was made, and was deleted\n',
      );
      expect(emulator.writes().map(({ method }) => method)).toEqual(['DELETE']);
    },
  ));

test('reports what is already done with the ID of the live webhook', () =>
  withAccount(
    {
      webhooks: [{ name: 'A', url: 'https://a.example/' }],
      files: fileOf(
        '  - { name: A, url: "https://a2.example/" }\n  - { name: B, url: "https://b.example/" }\n',
      ),
    },
    async ({ run, emulator }) => {
      await run(['plan', '--out', 'p.json']);
      await run(['apply', 'p.json']);
      const { code, stdout } = await run(['apply', 'p.json', '--format', 'json']);
      const { outcomes } = JSON.parse(stdout) as { outcomes: { name: string; id: string }[] };
      const live = emulator.account(ACCOUNT).webhooks.map(({ name, id }) => ({ name, id }));
      expect(code).toBe(0);
      expect(live).toHaveLength(2);
      expect(outcomes.map(({ name, id }) => ({ name, id }))).toEqual(expect.arrayContaining(live));
    },
  ));

describe('a saved plan of which an earlier apply did the webhooks and not the route', () => {
  const entry = (url: string): string =>
    `${fileOf(`  - { name: Ops, url: "${url}" }\n  - { name: Pager, url: "https://pager.example/" }\n`, 'unlisted: keep')}policies:\n`;
  const PAGER = { name: 'Pager', url: 'https://pager.example/' };
  const OLD = { name: 'Ops', url: 'https://old.example/' };

  test.each([
    ['sends to what was created', [PAGER], 'Pager', '[Ops]', ['Ops']],
    ['takes out what was replaced', [OLD, PAGER], 'Ops', '[Pager]', ['Pager']],
    ['sends to what was replaced', [OLD, PAGER], 'Pager', '[Ops]', ['Ops']],
  ])('%s', (_, webhooks, uses, route, expected) =>
    withAccount(
      {
        files: `${entry('https://ops.example/')}  - { name: Origin errors, webhooks: ${route} }\n`,
        webhooks,
        policies: [{ name: 'Origin errors', uses: [uses] }],
      },
      async ({ run, emulator, write }) => {
        await run(['plan', '--out', 'p.json']);
        await write({ 'webhooks.yaml': entry('https://ops.example/').replace('policies:\n', '') });
        expect((await run(['apply', '-f', 'webhooks.yaml', '--auto-approve'])).code).toBe(0);
        const { code, stdout } = await run(['apply', 'p.json']);
        expect([code, stdout]).toEqual([0, expect.stringContaining('1 changed')]);
        const account = emulator.account(ACCOUNT);
        const used = account.policies[0]?.mechanisms['webhooks']?.map(({ id }) => id);
        const names = account.webhooks.filter(({ id }) => used?.includes(id)).map(({ name }) => name);
        expect([names, used?.length]).toEqual([expected, 1]);
      },
    ),
  );
});

test('an invalid --report is refused before anything is written', () =>
  withAccount(
    { files: fileOf('  - { name: Ops, url: "https://ops.example/" }\n'), webhooks: [] },
    async ({ run, emulator }) => {
      expect((await run(['plan', '--out', 'plan.json'])).code).toBe(0);
      const { code, stderr } = await run(['apply', 'plan.json', '--report', 'pdf=report.pdf']);
      expect(stderr).toContain('--report must be KIND=FILE, with KIND one of json');
      expect(code).toBe(3);
      expect(emulator.writes()).toEqual([]);
    },
  ));

describe('a value that was not known when the plan was made', () => {
  const DATADOG = 'https://api.datadoghq.com/api/v1/events';
  const before = 'https://relay.example.com/before';
  const after = 'https://relay.example.com/after';
  const written = ({ methods }: Pick<Site, 'methods'>): string[] =>
    methods().filter((method) => method !== 'GET');

  test.each([
    ['replace', ['--replace', 'Ops'], [{ name: 'Ops', url: DATADOG }]],
    ['create', [], []],
  ])('a %s that needs a secret is refused, as without a saved plan', (_, flags, webhooks) =>
    withAccount(
      { files: fileOf('  - { name: Ops, url: { env: DD } }\n', 'unlisted: keep'), webhooks },
      async ({ run, methods }) => {
        const env = { DD: DATADOG };
        const direct = await run(['apply', '--auto-approve', ...flags], { env });
        expect((await run(['plan', ...flags, '--out', 'plan.json'])).code).toBe(0);
        const saved = await run(['apply', 'plan.json'], { env });
        for (const { code, stdout } of [direct, saved]) {
          expect([code, stdout]).toEqual([6, expect.stringContaining('secret-needed')]);
          expect(stdout.match(/secret-needed/g)).toHaveLength(1);
        }
        expect(written({ methods })).toEqual([]);
      },
    ),
  );

  test.each([
    ['a rotation in place', '', 'Ops', ['--rotate', 'Ops'], 'strategy: { secret: in-place }'],
    ['a rename', 'previously: [Ops], ', 'New', [], ''],
  ])('%s is not sent to a webhook at another URL', (_, field, name, flags, more) =>
    withAccount(
      {
        files: fileOf(
          `  - { name: ${name}, ${field}url: { env: RELAY }, secret: { env: S } }\n`,
          `unlisted: keep\n${more}`,
        ),
        webhooks: [{ name: 'Ops', url: before, secret: 'old-secret' }],
      },
      async ({ run, methods }) => {
        expect((await run(['plan', ...flags, '--out', 'plan.json'])).code).toBe(0);
        const stale = await run(['apply', 'plan.json'], { env: { RELAY: after, S: 'new-secret' } });
        expect([stale.code, stale.stderr]).toEqual([
          5,
          expect.stringContaining(
            `"${name}" (update): the URL in the environment variable RELAY is not the URL of the webhook, which this plan keeps; it must also be available where the plan is made`,
          ),
        ]);
        expect(stale.stderr).not.toContain('/after');
        expect(written({ methods })).toEqual([]);
        expect((await run(['apply', 'plan.json'], { env: { RELAY: before, S: 'new-secret' } })).code).toBe(0);
        expect(written({ methods })).toEqual(['PUT']);
      },
    ),
  );

  test('a webhook is not deleted and created again if the entry only renames it', () =>
    withAccount(
      {
        files: fileOf('  - { name: New, url: { env: RELAY } }\n', 'unlisted: delete'),
        webhooks: [{ name: 'Old', url: before }],
      },
      async ({ run, methods, names }) => {
        const flags = ['--allow-delete', 'Old', '--out', 'plan.json'];
        expect((await run(['plan', ...flags])).code).toBe(0);
        const env = { RELAY: before };
        const stale = await run(['apply', 'plan.json'], { env });
        expect([stale.code, stale.stderr]).toEqual([
          5,
          expect.stringContaining(
            '"New" (create): the URL in the environment variable RELAY is the URL of "Old", which this plan does not rename',
          ),
        ]);
        expect(written({ methods })).toEqual([]);
        expect((await run(['plan', ...flags], { env })).code).toBe(0);
        expect((await run(['apply', 'plan.json'], { env })).code).toBe(0);
        expect([names(), written({ methods })]).toEqual([['New'], ['PUT']]);
      },
    ));

  test('a webhook that --target leaves alone is not created again if the entry only renames it', () =>
    withAccount(
      {
        files: fileOf('  - { name: New, url: { env: RELAY } }\n', 'unlisted: delete'),
        webhooks: [{ name: 'Old', url: before }],
      },
      async ({ run, methods, names }) => {
        const flags = ['--target', 'New', '--out', 'plan.json'];
        expect((await run(['plan', ...flags])).code).toBe(0);
        const stale = await run(['apply', 'plan.json'], { env: { RELAY: before } });
        expect([stale.code, stale.stderr]).toEqual([
          5,
          expect.stringContaining(
            '"New" (create): the URL in the environment variable RELAY is the URL of "Old", which this plan does not rename',
          ),
        ]);
        expect(written({ methods })).toEqual([]);
        expect((await run(['apply', 'plan.json'], { env: { RELAY: after } })).code).toBe(0);
        expect([names(), written({ methods })]).toEqual([['New', 'Old'], ['POST']]);
      },
    ));

  test.each([
    ['replace', before, 0],
    ['replace', after, 5],
    ['in-place', before, 0],
    ['in-place', after, 0],
  ])('strategy.url: %s, a URL whose version changed: %s', (strategy, url, code) =>
    withAccount(
      {
        files: {
          'hookwright.yaml': fileOf(
            '  - { name: Ops, url: { env: RELAY, version: 2 } }\n',
            `unlisted: keep\nstrategy: { url: ${strategy}, secret: in-place }`,
          ),
          'old.yaml': fileOf('  - { name: Ops, url: { env: RELAY, version: 1 } }\n'),
        },
        webhooks: [{ name: 'Ops', url: before }],
        emulator: { quirks: { 'put-url': 'applied' } },
      },
      async ({ run, methods, emulator }) => {
        expect((await run(['plan', '--previous', 'old.yaml', '--out', 'plan.json'])).code).toBe(0);
        expect((await run(['apply', 'plan.json'], { env: { RELAY: url } })).code).toBe(code);
        expect(written({ methods })).toEqual(code === 0 ? ['PUT'] : []);
        expect(emulator.account(ACCOUNT).webhooks).toMatchObject([{ url: code === 0 ? url : before }]);
      },
    ),
  );

  test('a replacement that is taken back leaves the old webhook only at its own URL', () =>
    withAccount(
      {
        files: fileOf('  - { name: Ops, url: { env: RELAY }, protect: true }\n', 'unlisted: keep'),
        webhooks: [
          { id: 'a'.repeat(32), name: 'Ops', url: before },
          { name: 'Ops [hookwright: replaces aaaaaaaa]', url: after },
        ],
      },
      async ({ run, methods, names }) => {
        const text = await run(['plan', '--out', 'plan.json']);
        const stale = await run(['apply', 'plan.json'], { env: { RELAY: `${after}/else` } });
        expect([text.code, stale.code, written({ methods })]).toEqual([0, 5, []]);
        expect((await run(['apply', 'plan.json'], { env: { RELAY: before } })).code).toBe(0);
        expect(names()).toEqual(['Ops']);
      },
    ));
});

describe('a stale action in an account that lacks a secret', () => {
  const file = (account: string, url: string): string =>
    fileOf(`  - { name: A, ${url}, secret: { env: S_${account.slice(0, 1)} } }\n`, 'unlisted: keep').replace(
      ACCOUNT,
      account,
    );
  const rename = (url: string): string =>
    fileOf(`  - { name: New, previously: [Old], ${url}, secret: { env: MISSING } }\n`, 'unlisted: keep');
  const setOf = (url: string): string =>
    [rename(url), file(OTHER_ACCOUNT, 'url: "https://b.example/"')].join('---\n');
  const env = { [`S_${OTHER_ACCOUNT.slice(0, 1)}`]: 'secret-of-b' };

  test('keeps the other accounts from being changed', () =>
    withAccount(
      { files: setOf('url: "https://a.example/"'), webhooks: [{ name: 'Old', url: 'https://a.example/' }] },
      async ({ run, emulator, methods }) => {
        expect((await run(['plan', '--out', 'plan.json'])).code).toBe(0);
        Object.assign(emulator.account(ACCOUNT).webhooks[0] ?? {}, { url: 'https://moved.example/' });
        const { code, stderr } = await run(['apply', 'plan.json'], { env });
        expect([code, stderr]).toEqual([5, expect.stringContaining('now it is "https://moved.example/"')]);
        expect(methods()).not.toContain('POST');
      },
    ));

  test('a URL that is missing too is not compared', () =>
    withAccount(
      { files: setOf('url: { env: RELAY }'), webhooks: [{ name: 'Old', url: 'https://a.example/' }] },
      async ({ run, emulator }) => {
        expect((await run(['plan', '--out', 'plan.json'])).code).toBe(0);
        const { code, stdout } = await run(['apply', 'plan.json'], { env });
        expect([code, stdout]).toEqual([4, expect.stringContaining('secret-missing')]);
        expect(emulator.account(OTHER_ACCOUNT).webhooks).toHaveLength(1);
        expect(emulator.account(ACCOUNT).webhooks).toMatchObject([{ name: 'Old' }]);
      },
    ));
});

test('the HTML report of a saved plan has its picture, as that of show', () =>
  withAccount(
    {
      files: fileOf('  - { name: A, url: "https://new.example/", secret: none }\n'),
      webhooks: [{ name: 'A', url: 'https://old.example/' }],
      policies: [{ name: 'P', uses: ['A'] }],
    },
    async ({ run, read }) => {
      await run(['plan', '--out', 'plan.json']);
      await run(['show', 'plan.json', '--report', 'html=show.html']);
      expect((await run(['apply', 'plan.json', '--report', 'html=apply.html'])).code).toBe(0);
      expect(await read('show.html')).toContain('<svg');
      expect(await read('apply.html')).toBe(await read('show.html'));
    },
  ));

test('a saved plan without an account that could not be read is not a plan without changes', () =>
  withAccount({ files: fileOf('  - { name: A, url: "https://a.example/" }\n') }, async ({ run }) => {
    const env = { CLOUDFLARE_API_TOKEN: 'invalid' };
    expect(await run(['plan', '--out', 'plan.json'], { env })).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('Saved the plan, which lacks the accounts that could not be read.'),
    });
  }));

describe('a plan that fails does not replace the plan of an earlier run, and says so', () => {
  const warning = 'Warning: plan.json was not replaced. It is from an earlier run, so do not apply it.\n';

  test.each([
    ['an invalid file', 'webhooks: nothing\n', {}, 3],
    ['no token', undefined, { CLOUDFLARE_API_TOKEN: '' }, 3],
  ])('%s', (_, text, env, exit) =>
    withAccount({ files: fileOf('  - { name: A, url: "https://a.example/" }\n') }, async (site) => {
      const args = ['plan', '--out', 'plan.json'];
      const first = await site.run(args, { env });
      if (text === undefined) expect(first.stderr).not.toContain('Warning');
      await site.run(args);
      const before = await site.read('plan.json');
      if (text !== undefined) await site.write({ 'hookwright.yaml': text });
      const { code, stderr } = await site.run(args, { env });
      expect([code, stderr]).toEqual([exit, expect.stringContaining(warning)]);
      expect(await site.read('plan.json')).toBe(before);
      expect((await site.run(args.slice(0, 1), { env })).stderr).not.toContain('earlier plan');
    }),
  );
});
