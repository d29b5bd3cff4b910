import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, OTHER_ACCOUNT, withAccount } from '../support/site.js';

const file = (account: string): string => `account_id: ${account}
unlisted: keep
webhooks:
  - { name: Ops, url: https://relay.example.com/ops }
  - { name: New, url: https://relay.example.com/new }
policies:
  - { name: Origin errors, webhooks: [Ops, New] }
`;
const given = {
  files: file(ACCOUNT),
  webhooks: [{ name: 'Ops', url: 'https://relay.example.com/ops' }],
  policies: [{ name: 'Origin errors', uses: ['Ops'] }],
};
const POLICY = ['--target', 'policy:Origin errors'];

describe('a route to a webhook that --target leaves out and that is not live', () => {
  test.each([['plan'], ['apply', '--auto-approve']])(
    '%s refuses, and says which target is missing',
    (...command) =>
      withAccount(given, async ({ run, methods }) => {
        const { code, stderr } = await run([...command, ...POLICY]);
        expect(code).toBe(3);
        expect(stderr).toBe(
          'Error: Policy "Origin errors" sends to "New", which is not live, and --target does not select it. To create it, add: --target "New"\n',
        );
        expect(methods()).toEqual(['GET', 'GET']);
      }),
  );

  test('with that target both are done', () =>
    withAccount(given, async ({ run, names }) => {
      const { code, stdout } = await run(['apply', '--auto-approve', ...POLICY, '--target', 'New']);
      expect([code, names()]).toEqual([0, ['New', 'Ops']]);
      expect(stdout).toContain('Apply complete! Resources: 1 added, 1 changed, 0 destroyed.');
    }));

  test('of several accounts it names the one', () =>
    withAccount(
      { ...given, files: `${file(ACCOUNT)}---\n${file(OTHER_ACCOUNT)}` },
      async ({ run, emulator }) => {
        emulator.seed(
          OTHER_ACCOUNT,
          [...given.webhooks, { name: 'New', url: 'https://relay.example.com/new' }],
          given.policies,
        );
        const { code, stderr } = await run(['plan', ...POLICY]);
        expect([code, stderr]).toEqual([3, expect.stringContaining(`add: --target "${ACCOUNT}:New"`)]);
      },
    ));
});
