import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, fileOf, withAccount, type Site } from '../support/site.js';

const THREE = fileOf(`
  - { name: A, url: "https://a.example/v2", secret: none }
  - { name: B, url: "https://b.example/", secret: none, previously: [Old B] }
  - { name: C, url: "https://c.example/", secret: none }
`);
const LIVE = [
  { name: 'A', url: 'https://a.example/v1' },
  { name: 'Old B', url: 'https://b.example/' },
  { name: 'D', url: 'https://d.example/' },
];
const POLICIES = [{ name: 'Origin errors', uses: ['A', 'Old B'] }];
const DONE = ['A', 'B', 'C'];

async function rename({ emulator }: Site, from: string, to: string): Promise<void> {
  const webhook = emulator.account(ACCOUNT).webhooks.find(({ name }) => name === from);
  await fetch(`${emulator.url}/accounts/${ACCOUNT}/alerting/v3/destinations/webhooks/${webhook?.id ?? ''}`, {
    method: 'PUT',
    headers: { authorization: 'Bearer someone', 'content-type': 'application/json' },
    body: JSON.stringify({ name: to, url: webhook?.url }),
  });
}

const given = { files: THREE, webhooks: LIVE, policies: POLICIES };

describe('a saved plan', () => {
  test('renamed manually meanwhile: exit 5, nothing written, the webhook and both names are shown', () =>
    withAccount(given, async (site) => {
      expect((await site.run(['plan', '--out', 'plan.json'])).code).toBe(0);
      await rename(site, 'Old B', 'Someone was here');
      const before = site.emulator.writes().length;
      const { code, stderr } = await site.run(['apply', 'plan.json']);
      expect(code).toBe(5);
      expect(stderr).toContain('\nError: Saved plan is stale\n');
      expect(stderr).toContain(
        'Nothing was written. Make a new plan with the same flags as before (such as --previous), and review it: hookwright plan --out plan.json\n',
      );
      expect(stderr).toContain(
        '"B" (update): name was "Old B" when the plan was made, now it is "Someone was here"',
      );
      expect(site.emulator.writes()).toHaveLength(before);
    }));

  test('a digest other than the approved one: exit 5, no request at all', () =>
    withAccount(given, async ({ run, methods }) => {
      await run(['plan', '--out', 'plan.json']);
      const before = methods().length;
      const { code, stderr } = await run(['apply', 'plan.json', '--expect-digest', 'f'.repeat(64)]);
      expect(code).toBe(5);
      expect(stderr).toContain('its digest does not match --expect-digest. Nothing was written.');
      expect(methods()).toHaveLength(before);
    }));

  test('has the digest that a plan made elsewhere prints, and that apply accepts', () =>
    withAccount(given, async ({ run, read, names }) => {
      await run(['plan', '--out', 'plan.json']);
      const { digest } = JSON.parse(await read('plan.json')) as { digest: string };
      const { stdout } = await run(['plan']);
      expect(stdout).toContain(`Digest: ${digest}`);
      const refused = await run(['apply', '--auto-approve', '--expect-digest', 'a'.repeat(64)]);
      expect(refused.code).toBe(5);
      expect(refused.stderr).toMatch(/create "C".*Nothing was written/s);
      expect((await run(['apply', '--auto-approve', '--expect-digest', digest])).code).toBe(0);
      expect(names()).toEqual(DONE);
    }));

  test.each([1, 2, 3, 4, 5, 6])(
    'interrupted after its write %i, it can be applied again, with the same result',
    (last) =>
      withAccount(given, async ({ run, emulator, names }) => {
        await run(['plan', '--out', 'plan.json']);
        let writes = 0;
        emulator.fault = ({ method }) => {
          if (method !== 'GET') writes += 1;
          return writes > last ? ('reset-before' as const) : undefined;
        };
        await run(['apply', 'plan.json', '--retries', '0', '--parallelism', '1']);
        emulator.fault = undefined;
        const again = await run(['apply', 'plan.json']);
        expect([again.code, again.stderr]).toEqual([0, expect.not.stringContaining('stale')]);
        expect(names()).toEqual(DONE);
        const { webhooks, policies } = emulator.account(ACCOUNT);
        const users = new Set(policies[0]?.mechanisms['webhooks']?.map(({ id }) => id));
        const used = webhooks.filter(({ id }) => users.has(id)).map(({ name }) => name);
        expect(used.sort()).toEqual(['A', 'B']);
        expect(webhooks.find(({ name }) => name === 'A')?.url).toBe('https://a.example/v2');
      }),
  );
});
