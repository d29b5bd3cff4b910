import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, type Site, withAccount } from '../support/site.js';

const ENV = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT };
const id = (digit: string): string => digit.repeat(32);
const LIVE = [
  { id: id('a'), name: 'Ops', url: 'https://ops.example/' },
  { id: id('b'), name: 'Relay: "eu"', url: 'https://relay.example/' },
  { id: id('c'), name: 'Twin', url: 'https://twin.example/1' },
  { id: id('d'), name: 'Twin', url: 'https://twin.example/2' },
  { id: id('e'), name: 'Ops ${X}', url: 'https://x.example/' },
  // In a list of webhooks, this name would be read as an ID.
  { id: `${id('f').slice(0, 31)}0`, name: 'id:x', url: 'https://id.example/' },
];

async function expectNoChanges({ run }: Site): Promise<void> {
  const plan = await run(['plan', '--detailed-exitcode']);
  expect(plan).toMatchObject({ code: 0 });
  expect(plan.stdout).toContain('No changes.');
}

describe('import --policies', () => {
  const POLICIES = [
    { id: id('1'), name: 'Origin errors', uses: ['Ops', 'Relay: "eu"'] },
    { id: id('2'), name: 'Same', uses: ['Ops', 'id:x'] },
    { id: `${id('3').slice(0, 31)}f`, name: 'Same', uses: ['Relay: "eu"'] },
    { id: id('4'), name: 'Twins', uses: [id('c'), id('d')] },
    { id: id('5'), name: 'Unmanaged', uses: [id('e')] },
    { id: id('6'), name: 'Mail only', uses: [] },
    { id: id('7'), name: 'Also unmanaged', uses: ['Ops', id('e')] },
    { id: id('8'), name: 'Policy {{ x }}', uses: ['Ops'] },
  ];

  test('writes a route for each policy that uses webhooks in the file; the plan is empty', () =>
    withAccount({ webhooks: LIVE, policies: POLICIES }, async (site) => {
      const { code, stderr } = await site.run(['import', '--policies', '-f', 'hookwright.yaml'], {
        env: ENV,
      });
      expect(code).toBe(0);
      const text = await site.read('hookwright.yaml');
      expect(text.slice(text.indexOf('policies:'))).toBe(`\
policies:
  - name: Also unmanaged
    webhooks: [Ops]
  - name: Origin errors
    webhooks: [Ops, "Relay: \\"eu\\""]
  - name: Same
    id: "${id('2')}"
    webhooks: [Ops, "id:${id('f').slice(0, 31)}0"]
  - name: Same
    id: ${id('3').slice(0, 31)}f
    webhooks: ["Relay: \\"eu\\""]
  - name: Twins
    webhooks: ["id:${id('c')}", "id:${id('d')}"]
`);
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain('Imported 5 webhooks and 5 policies');
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
        `policy "Policy {{ x }}" (${id('8')}): its name contains a placeholder.`,
      );
      await expectNoChanges(site);
      expect(site.emulator.writes()).toEqual([]);
      const again = await site.run(['import', '--policies', '-f', 'hookwright.yaml']);
      expect(again.stderr).toContain('policy "Policy {{ x }}"');
      expect(await site.read('hookwright.yaml')).toBe(text);
      await site.write({ 'hookwright.yaml': text.replace('unlisted: keep', 'unlisted: delete') });
      await expectNoChanges(site);
    }));

  test.each([
    ['a new route lists both by ID', '', `webhooks: ["id:${id('c')}", "id:${id('d')}"]`],
    [
      'a route in the file keeps its name, and the new webhook is ignored',
      'policies:\n  - { name: Twins, webhooks: [Twin] }\n',
      '{ name: Twins, webhooks: [Twin] }',
    ],
  ])('if an entry with an ID gets a namesake, %s', (_what, routes, wanted) => {
    const files = `account_id: ${ACCOUNT}\nunlisted: keep\nwebhooks:\n  - { name: Twin, id: "${id('c')}", url: "https://twin.example/1" }\n${routes}`;
    const policies = [{ name: 'Twins', uses: routes === '' ? [id('c'), id('d')] : [id('c')] }];
    return withAccount({ files, webhooks: LIVE.slice(2, 4), policies }, async (site) => {
      const { code } = await site.run(['import', '--policies', '-f', 'hookwright.yaml']);
      expect(code).toBe(0);
      expect(await site.read('hookwright.yaml')).toContain(wanted);
      await expectNoChanges(site);
    });
  });

  test('without the flag, reads and writes no policy', () =>
    withAccount({ webhooks: LIVE, policies: POLICIES }, async ({ run, methods }) => {
      expect((await run(['import'], { env: ENV })).stdout).not.toContain('policies:');
      expect(methods()).toEqual(['GET']);
    }));

  test('for given names, only the policies that use these webhooks', () =>
    withAccount({ webhooks: LIVE, policies: POLICIES }, async (site) => {
      const { stdout } = await site.run(['import', 'Relay*', '--policies'], { env: ENV });
      expect([...stdout.matchAll(/- name: (.*)/g)].map(([, name]) => name)).toEqual([
        '"Relay: \\"eu\\""',
        'Origin errors',
        'Same',
      ]);
      await site.write({ 'hookwright.yaml': stdout });
      await expectNoChanges(site);
    }));

  test('leaves out a policy that uses a missing webhook, because a plan would change it', () =>
    withAccount({ webhooks: LIVE, policies: [{ name: 'Dangling', uses: ['Ops'] }] }, async (site) => {
      const policy = site.emulator.account(ACCOUNT).policies[0];
      if (policy) policy.mechanisms = { webhooks: [{ id: id('a') }, { id: id('9') }] };
      const { stdout, stderr } = await site.run(['import', '--policies'], { env: ENV });
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
        `it uses webhook ${id('9')}, which is not live: a plan would take it out.`,
      );
      await site.write({ 'hookwright.yaml': stdout });
      await expectNoChanges(site);
    }));

  const HEAD = `account_id: ${ACCOUNT}\nunlisted: keep\nwebhooks:\n  - name: Ops\n    url: https://ops.example/\n`;
  const RELAY = { id: id('b'), name: 'Relay', url: 'https://relay.example/' };
  const ROUTES = `policies:
  # ours
  - name: Origin errors # why
    webhooks: [Ops] # all
  - name: Gone
    webhooks: [Ops]
  - name: Same
    webhooks: ["id:${id('a')}"]
`;

  test('into a file: adds, and reports what differs', () =>
    withAccount(
      {
        files: HEAD + ROUTES,
        webhooks: [LIVE[0] ?? RELAY, RELAY],
        policies: [
          { name: 'Origin errors', uses: ['Ops', 'Relay'] },
          { name: 'Same', uses: ['Ops'] },
          { name: 'New', uses: ['Relay'] },
        ],
      },
      async (site) => {
        const { stderr } = await site.run(['import', '--policies', '-f', 'hookwright.yaml']);
        const added = '  - name: Relay\n    url: https://relay.example/\n';
        expect(await site.read('hookwright.yaml')).toBe(
          `${HEAD}${added}${ROUTES}  - name: New\n    webhooks: [Relay]\n`,
        );
        expect(stderr).toContain('  + policy "New"\n');
        expect(stderr).toContain(
          '  policy "Origin errors" sends to "Ops", "Relay".\n  policy "Gone" does not exist.\n',
        );
        const updated = await site.run(['import', '--policies', '--update', '-f', 'hookwright.yaml']);
        expect(updated.stderr).toContain('Updated to the live state:');
        expect(await site.read('hookwright.yaml')).toBe(`${HEAD}${added}policies:
  # ours
  - name: Origin errors # why
    webhooks: [Ops, Relay] # all
  - name: Same
    webhooks: ["id:${id('a')}"]
  - name: New
    webhooks: [Relay]
`);
        await expectNoChanges(site);
      },
    ));

  test('without --policies, compares and updates routes in the file, but adds none', () =>
    withAccount(
      {
        files: `${HEAD}policies:\n  - name: Origin errors\n    webhooks: [Ops]\n`,
        webhooks: [RELAY],
        policies: [
          { name: 'Origin errors', uses: ['Relay'] },
          { name: 'New', uses: ['Relay'] },
        ],
      },
      async (site) => {
        const { stderr } = await site.run(['import', '-f', 'hookwright.yaml']);
        expect(stderr).toContain('"Ops" is not live.\n  policy "Origin errors" sends to "Relay".\n');
        await site.run(['import', '-f', 'hookwright.yaml', '--update']);
        const text = await site.read('hookwright.yaml');
        expect(text.slice(text.indexOf('webhooks:'))).toBe(
          'webhooks:\n  - name: Relay\n    url: https://relay.example/\npolicies:\n  - name: Origin errors\n    webhooks: [Relay]\n',
        );
        await expectNoChanges(site);
      },
    ));

  test('--update removes the webhooks from a route that no longer sends to any', () =>
    withAccount(
      {
        files: `${HEAD}policies:\n  - name: Mail\n    webhooks: [Ops]\n  - name: Quiet\n    webhooks: [Ops]\n`,
        webhooks: [LIVE[0] ?? RELAY],
        policies: [
          { name: 'Mail', uses: [] },
          { name: 'Quiet', uses: [] },
        ],
      },
      async (site) => {
        const [mail, quiet] = site.emulator.account(ACCOUNT).policies;
        if (mail) mail.mechanisms = { email: [{ id: 'on-call@example.com' }] };
        if (quiet) quiet.mechanisms = {};
        const { stderr } = await site.run(['import', '--policies', '--update', '-f', 'hookwright.yaml']);
        expect(stderr).toContain(
          'policy "Mail" sends to none of the webhooks.\n  policy "Quiet" has no recipient, so its entry was removed.\n',
        );
        expect(await site.read('hookwright.yaml')).toBe(
          `${HEAD}policies:\n  - name: Mail\n    webhooks: []\n`,
        );
        await expectNoChanges(site);
      },
    ));

  test('--update with names leaves routes of other webhooks alone, also if their policy is gone', () =>
    withAccount(
      {
        files: `${HEAD}  - name: Relay\n    url: https://old.example/\npolicies:\n  - name: Gone\n    webhooks: [Ops]\n`,
        webhooks: [LIVE[0] ?? RELAY, RELAY],
      },
      async (site) => {
        const before = await site.read('hookwright.yaml');
        await site.run(['import', 'Relay', '--update', '-f', 'hookwright.yaml']);
        expect(await site.read('hookwright.yaml')).toBe(before.replace('old.', 'relay.'));
        const { stderr } = await site.run(['import', 'Ops', '--update', '-f', 'hookwright.yaml']);
        expect(stderr).toContain('policy "Gone" does not exist, so its entry was removed.\n');
      },
    ));
});
