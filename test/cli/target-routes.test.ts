import { expect, test } from '@jest/globals';
import { ACCOUNT, withAccount } from '../support/site.js';

const file = `account_id: ${ACCOUNT}
unlisted: keep
webhooks:
  - { name: Ops, url: https://relay.example.com/ops }
  - { name: New, url: https://relay.example.com/new }
  - { name: Later, url: https://relay.example.com/later }
policies:
  - { name: Origin errors, webhooks: [Ops, New] }
`;
const given = {
  files: file,
  webhooks: [{ name: 'Ops', url: 'https://relay.example.com/ops' }],
  policies: [{ name: 'Origin errors', uses: ['Ops'] }],
};

test('--target policy:NAME creates the webhook that its route needs, and nothing else', () =>
  withAccount(given, async ({ run, names }) => {
    const { code, stdout } = await run(['apply', '--auto-approve', '--target', 'policy:Origin errors']);
    expect([code, names()]).toEqual([0, ['New', 'Ops']]);
    expect(stdout).toContain('Apply complete! Resources: 1 added, 1 changed, 0 destroyed.');
  }));
