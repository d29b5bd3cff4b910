import { expect, test } from '@jest/globals';
import { ACCOUNT, withAccount } from '../support/site.js';

const POLICIES = 300;
const ROUTES = 40;
/** The rest of the routes are as the file says already. */
const CHANGED = 25;

const number = (n: number): string => String(n).padStart(3, '0');
const policies = Array.from({ length: POLICIES }, (_, n) => ({
  name: `Policy ${number(n)}`,
  uses: [n < ROUTES - CHANGED ? 'Pager' : 'Ops'],
}));
const url = (name: string): string => `https://relay.example.com/${name.toLowerCase()}`;
const NAMES = ['Ops', 'Pager'] as const;
const file = `account_id: ${ACCOUNT}
unlisted: keep
webhooks:
${NAMES.map((name) => `  - { name: ${name}, url: "${url(name)}" }`).join('\n')}
policies:
${policies
  .slice(0, ROUTES)
  .map(({ name }) => `  - { name: ${name}, webhooks: [Pager] }`)
  .join('\n')}
`;

test(`${ROUTES} routes on an account with ${POLICIES} policies cost what they change`, () =>
  withAccount(
    { files: file, webhooks: NAMES.map((name) => ({ name, url: url(name) })), policies },
    async ({ emulator, run }) => {
      const sent = async (
        ...command: readonly string[]
      ): Promise<{ code: number | null; requests: string[] }> => {
        const before = emulator.requests.length;
        const { code } = await run(command);
        const shown = emulator.requests
          .slice(before)
          .map(
            ({ method, path }) =>
              `${method} ${path.replace(/^.*\/alerting\/v3\//, '').replace(/[0-9a-f]{32}$/, 'ID')}`,
          );
        return { code, requests: shown };
      };
      const many = (count: number, request: string): string[] => Array.from({ length: count }, () => request);
      const lists = ['GET destinations/webhooks', 'GET policies'];

      const applied = await sent('apply', '--auto-approve');
      expect(applied.code).toBe(0);
      // To plan, one list of each; for each changed policy a read, a PUT and a read; to verify, one list of each.
      expect(applied.requests.toSorted()).toEqual(
        [
          ...lists,
          ...lists,
          ...many(2 * CHANGED, 'GET policies/ID'),
          ...many(CHANGED, 'PUT policies/ID'),
        ].toSorted(),
      );
      const uses = emulator
        .account(ACCOUNT)
        .policies.map(({ mechanisms }) => mechanisms['webhooks']?.[0]?.id);
      const [ops, pager] = emulator.account(ACCOUNT).webhooks.map(({ id }) => id);
      expect(uses).toEqual([...many(ROUTES, pager ?? ''), ...many(POLICIES - ROUTES, ops ?? '')]);

      expect(await sent('plan', '--detailed-exitcode')).toEqual({ code: 0, requests: lists });
    },
  ));
