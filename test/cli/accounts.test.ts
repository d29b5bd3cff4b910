import { describe, expect, test } from '@jest/globals';
import { fileOf, withAccount, ACCOUNT, OTHER_ACCOUNT } from '../support/site.js';

const THIRD = 'a0'.repeat(16);
const RELAY = '  - name: Relay\n    url: https://relay.example.com/cf\n';
const onAll = (ids: readonly string[], webhooks = RELAY): string =>
  `account_id: [${ids.map((id) => `"${id}"`).join(', ')}]\nunlisted: delete\nwebhooks:\n${webhooks}`;
const ALL = onAll([THIRD, OTHER_ACCOUNT, ACCOUNT]);

type PlanJson = {
  readonly summary: { readonly create: number };
  readonly accounts: readonly {
    readonly account_id: string;
    readonly summary: { readonly create: number };
  }[];
  readonly failures: readonly { readonly account_id: string }[];
};

describe('many accounts in one run', () => {
  test('a list of accounts has the same webhooks in each; a second plan reads each once', () =>
    withAccount({ files: ALL }, async ({ run, names, emulator }) => {
      expect(await run(['apply', '--auto-approve'])).toMatchObject({ code: 0 });
      for (const account of [ACCOUNT, OTHER_ACCOUNT, THIRD]) expect(names(account)).toEqual(['Relay']);
      const before = emulator.requests.length;
      const { stdout } = await run(['plan']);
      expect(stdout).toContain('No changes.');
      expect(
        emulator.requests
          .slice(before)
          .map(({ method, accountId }) => `${method} ${accountId ?? ''}`)
          .sort(),
      ).toEqual([ACCOUNT, OTHER_ACCOUNT, THIRD].map((account) => `GET ${account}`).sort());
    }));

  test('directories and several -f are one run; accounts are sorted by ID in every format', () =>
    withAccount(
      {
        files: {
          'teams/a.yaml': onAll([THIRD]),
          'teams/deep/b.yml': fileOf(RELAY),
          'c.yaml': onAll([OTHER_ACCOUNT]),
        },
      },
      async ({ run }) => {
        const sorted = [ACCOUNT, OTHER_ACCOUNT, THIRD].sort();
        const files = ['-f', 'teams', '-f', 'c.yaml'];
        const { stdout: json } = await run(['plan', ...files, '--format', 'json']);
        const plan = JSON.parse(json) as PlanJson;
        expect(plan.accounts.map(({ account_id }) => account_id)).toEqual(sorted);
        expect(plan.accounts.map(({ summary }) => summary.create)).toEqual([1, 1, 1]);
        expect(plan.summary.create).toBe(3);
        for (const format of ['text', 'markdown']) {
          const { stdout } = await run(['plan', ...files, '--format', format]);
          const places = sorted.map((account) => stdout.indexOf(account));
          expect(places.every((place, i) => place >= 0 && place > (places[i - 1] ?? -1))).toBe(true);
        }
      },
    ));

  test('an account that cannot be read fails alone, by name; the others are applied', () =>
    withAccount(
      {
        files: ALL,
        emulator: { fault: ({ path }) => (path.includes(OTHER_ACCOUNT) ? '403' : undefined) },
      },
      async ({ run, names }) => {
        const planned = await run(['plan', '--format', 'json']);
        expect(planned.code).toBe(7);
        expect((JSON.parse(planned.stdout) as PlanJson).failures).toMatchObject([
          { account_id: OTHER_ACCOUNT },
        ]);
        const { code, stdout, stderr } = await run(['apply', '--auto-approve']);
        expect(code).not.toBe(0);
        expect(stdout + stderr).toContain(OTHER_ACCOUNT);
        expect(stdout).not.toContain('Apply complete!');
        expect([names(ACCOUNT), names(OTHER_ACCOUNT), names(THIRD)]).toEqual([['Relay'], [], ['Relay']]);
      },
    ));

  test('stderr says once what stopped the accounts, with their names and how often', () =>
    withAccount(
      {
        files: `${onAll([OTHER_ACCOUNT, THIRD], '  - { name: R, url: { env: R_URL } }\n')}---\n${fileOf('  - { name: Z, url: "https://z.example/" }\n')}`,
        webhooks: ['A', 'B', 'C'].map((name, i) => ({ name, url: `https://${i}.example/` })),
        policies: [{ name: 'P', uses: ['A', 'B', 'C'], email: ['ops@example.com'] }],
      },
      async ({ run, methods }) => {
        const allow = ['A', 'B', 'C'].flatMap((name) => ['--allow-delete', name]);
        const planned = await run(['plan', ...allow]);
        expect([planned.code, planned.stderr]).toEqual([
          6,
          `Error: refused by guard in-use 3 times in account ${ACCOUNT}.\n`,
        ]);
        const applied = await run(['apply', '--auto-approve', ...allow]);
        expect([applied.code, applied.stderr]).toEqual([
          6,
          `Error: refused by guard in-use 3 times in account ${ACCOUNT}; nothing was written to it.\n` +
            `Error: refused by guard secret-missing in accounts ${OTHER_ACCOUNT}, ${THIRD}; nothing was written to them.\n`,
        ]);
        expect(methods().filter((method) => method !== 'GET')).toEqual([]);
        const env = { CLOUDFLARE_API_TOKEN: 'invalid' };
        const { code, stderr } = await run(['plan'], { env });
        expect([code, stderr]).toEqual([
          7,
          `Error: accounts ${ACCOUNT}, ${OTHER_ACCOUNT}, ${THIRD} could not be read (access-denied).\n`,
        ]);
      },
    ));

  test('a missing secret stops its own account, and nothing says that the others were not written', () =>
    withAccount(
      {
        files: `${onAll([OTHER_ACCOUNT], '  - { name: R, url: { env: R_URL } }\n')}---\n${fileOf('  - { name: Z, url: "https://z.example/" }\n')}`,
      },
      async ({ run, names }) => {
        const { code, stdout } = await run(['apply', '--auto-approve']);
        expect([code, names()]).toEqual([4, ['Z']]);
        expect(stdout).toContain('the environment variable R_URL is not set');
        expect(stdout).not.toContain('Nothing was written');
      },
    ));

  test.each([
    ['direct', []],
    ['saved', ['plan.json']],
  ])('%s: actions of an account that a guard refused end skipped, in JSON and events', (_, planFile) =>
    withAccount(
      {
        files: { 'a.yaml': fileOf(RELAY, ''), 'b.yaml': onAll([OTHER_ACCOUNT]) },
        webhooks: [{ name: 'X', url: 'https://x.example/' }],
      },
      async ({ run, read }) => {
        const files = ['-f', 'a.yaml', '-f', 'b.yaml'];
        await run(['plan', ...files, '--out', 'plan.json']);
        const args = [
          'apply',
          ...files,
          ...planFile,
          '--auto-approve',
          '--events',
          'events',
          '--format',
          'json',
        ];
        const { code, stdout } = await run(args);
        const expected = {
          [ACCOUNT]: 'skipped: refused-by-guard',
          [OTHER_ACCOUNT]: 'applied: ',
        };
        type Ended = { account_id: string; type?: string; status: string; error?: { code: string } };
        const ends = (list: readonly Ended[]) =>
          Object.fromEntries(
            list.map((each) => [each.account_id, `${each.status}: ${each.error?.code ?? ''}`]),
          );
        const { outcomes } = JSON.parse(stdout) as { outcomes: Ended[] };
        const events = (await read('events'))
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Ended);
        const ended = events.filter(({ type }) => type === 'action-ended');
        expect({ code, outcomes: ends(outcomes), ended: ends(ended) }).toEqual({
          code: 4,
          outcomes: expected,
          ended: expected,
        });
        expect(events[0]).toMatchObject({ type: 'apply-started', total: 2 });
        expect(events.at(-1)).toMatchObject({ type: 'apply-ended', applied: 1, skipped: 1 });
      },
    ),
  );

  test.each([
    ['direct, refused', [], 1],
    ['saved, refused', ['plan.json'], 1],
    ['no changes', [], 0],
  ])('%s: an apply that starts nothing has the events of its outcomes', (_, planFile, skipped) =>
    withAccount(
      {
        files: fileOf(RELAY, skipped > 0 ? '' : 'unlisted: keep'),
        webhooks: [
          { name: 'X', url: 'https://x.example/' },
          ...(skipped > 0 ? [] : [{ name: 'Relay', url: 'https://relay.example.com/cf' }]),
        ],
      },
      async ({ run, read }) => {
        await run(['plan', '--out', 'plan.json']);
        const { code, stderr } = await run(['apply', ...planFile, '--auto-approve', '--events', 'events']);
        const events = (await read('events'))
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { type: string });
        expect(events.map(({ type }) => type)).toEqual([
          'apply-started',
          ...Array.from({ length: skipped }, () => 'action-ended'),
          'apply-ended',
        ]);
        expect(events.at(-1)).toMatchObject({ skipped });
        expect(code).toBe(skipped > 0 ? 6 : 0);
        expect(stderr).not.toContain('skipped');
      },
    ),
  );

  test('--account and --target limit the run', () =>
    withAccount(
      {
        files: onAll(
          [ACCOUNT, OTHER_ACCOUNT],
          `${RELAY}  - name: Pager\n    url: https://pager.example.com/\n`,
        ),
      },
      async ({ run, names, emulator }) => {
        await run(['apply', '--auto-approve', '--account', OTHER_ACCOUNT, '--target', 'Pa*']);
        expect([names(ACCOUNT), names(OTHER_ACCOUNT)]).toEqual([[], ['Pager']]);
        expect(emulator.requests.every(({ accountId }) => accountId === OTHER_ACCOUNT)).toBe(true);
      },
    ));

  test('--parallelism limits the requests in flight across all accounts', async () => {
    const ids = Array.from({ length: 12 }, (_, i) => i.toString(16).padStart(32, 'b'));
    let [underWay, most] = [0, 0];
    const emulator = {
      latency: () => {
        underWay += 1;
        most = Math.max(most, underWay);
        return 20;
      },
      onRequest: () => {
        underWay -= 1;
      },
    };
    await withAccount({ files: onAll(ids), emulator }, async ({ run, names }) => {
      expect(await run(['apply', '--auto-approve', '--parallelism', '3'])).toMatchObject({ code: 0 });
      for (const id of ids) expect(names(id)).toEqual(['Relay']);
    });
    expect(most).toBe(3);
  });
});

test('a message that names an account has its label', () => {
  const labeled = (account: string, label: string, webhooks = RELAY): string =>
    onAll([account], webhooks).replace('unlisted: delete', `label: ${label}\nunlisted: keep`);
  const files = {
    'a.yaml': labeled(ACCOUNT, 'Prod'),
    'b.yaml': labeled(OTHER_ACCOUNT, 'Dev'),
  };
  const [prod, dev] = [`Prod (${ACCOUNT})`, `Dev (${OTHER_ACCOUNT})`];
  return withAccount({ files }, async ({ run }) => {
    const said = async (line: string): Promise<string> => (await run(line.split(' '))).stderr;
    expect(await said(`plan -f . --account ${THIRD}`)).toContain(`${prod} at a.yaml:1, ${dev} at b.yaml:1.`);
    expect(await said('test Relay -f .')).toContain(`There are several accounts: ${prod}, ${dev}.`);
    expect(await said('plan -f a.yaml --previous .')).toContain(`account ${dev} is in the previous state`);
    await run(['plan', '-f', 'a.yaml', '--out', 'plan.json']);
    expect(await said(`apply plan.json --account ${THIRD}`)).toContain(`is for account ${prod}, not for`);
  });
});

test('several accounts that left the file are one warning', () =>
  withAccount({ files: { 'a.yaml': onAll([ACCOUNT]), 'before.yaml': ALL } }, async ({ run }) => {
    const { stderr } = await run(['plan', '-f', 'a.yaml', '--previous', 'before.yaml']);
    const names = `${THIRD}, ${OTHER_ACCOUNT}`;
    expect(stderr).toBe(
      `Warning: accounts ${names} are in the previous state but no longer in the file. Their webhooks will not be changed.\n`,
    );
  }));
