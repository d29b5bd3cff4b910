import schema from '../../schemas/hookwright.schema.json' with { type: 'json' };
import { describe, expect, test } from '@jest/globals';
import { testInProcess } from '../support/cli.js';
import { ACCOUNT, TOKEN, withAccount, type Site } from '../support/site.js';

const ENV = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT };

const LIVE = [
  { name: 'Ops Slack', url: 'https://hooks.slack.com/services/T000/B000/xoxtoken123' },
  { name: 'Relay', url: 'https://relay.example/cf?token=s3cr3t-value' },
  { name: 'yes', url: 'https://plain.example/' },
  { name: '- a: "b" #c', url: 'https://odd.example/x' },
];

/** Checks that a plan without any variable finds no changes after an import. */
async function expectNoChanges({ run }: Site): Promise<void> {
  const plan = await run(['plan', '--detailed-exitcode']);
  expect(plan).toMatchObject({ code: 0 });
  expect(plan.stdout).toContain('No changes. Your webhooks match the desired state.');
  expect((await run(['validate'])).code).toBe(0);
}

describe('import', () => {
  testInProcess('says that the file was only printed, unless stdout is a file or a pipe', () =>
    withAccount({ webhooks: LIVE }, async ({ run }) => {
      const hint = /They were only\sprinted\. To write a file, pass: -f hookwright\.yaml/;
      expect((await run(['import'], { env: ENV })).stderr).not.toMatch(hint);
      expect((await run(['import'], { env: ENV, tty: true })).stderr).toMatch(hint);
    }),
  );

  test('to stdout: the file, and on stderr what to set; then the plan is empty', () =>
    withAccount({ webhooks: LIVE }, async (site) => {
      const { code, stdout, stderr } = await site.run(['import'], { env: ENV });
      expect(code).toBe(0);
      expect(stdout).toBe(`\
# yaml-language-server: $schema=${schema.$id}
#
# Written by hookwright import. Cloudflare never returns secrets: if a generic
# webhook has one, add "secret: { env: NAME }"; if it has none, "secret: none".
account_id: ${ACCOUNT}
# Webhooks that are not in this file are kept. To delete them, change this to
# "delete" and read the plan before you apply.
unlisted: keep
webhooks:
  - name: "- a: \\"b\\" #c"
    url: https://odd.example/x
  - name: Ops Slack
    url: https://hooks.slack.com/services/T000/B000
    secret: { env: OPS_SLACK_SECRET }
  - name: Relay
    url: { env: RELAY_WEBHOOK_URL } # https://relay.example/cf?token=…
  - name: "yes"
    url: https://plain.example/
`);
      expect(stderr).toBe(`\
Imported 4 webhooks of account ${ACCOUNT}.

Set these environment variables where "hookwright apply" runs ("plan" needs
none):

  OPS_SLACK_SECRET   the secret of "Ops Slack"
  RELAY_WEBHOOK_URL  the whole URL of "Relay"
`);
      await site.write({ 'hookwright.yaml': stdout });
      await expectNoChanges(site);
      expect(site.emulator.writes()).toEqual([]);
    }));

  test('works with a read-only token, in one request', () =>
    withAccount({ webhooks: LIVE }, async ({ run, methods }) => {
      const env = { ...ENV, CLOUDFLARE_API_TOKEN: 'read-only-token' };
      expect((await run(['import'], { env })).code).toBe(0);
      expect(methods()).toEqual(['GET']);
    }));

  test('an empty account results in an empty list', () =>
    withAccount({}, async (site) => {
      const { stdout } = await site.run(['import', '--account', ACCOUNT]);
      expect(stdout).toContain('webhooks: []\n');
      await site.write({ 'hookwright.yaml': stdout });
      await expectNoChanges(site);
    }));

  test('pins webhooks with the same name by ID', () =>
    withAccount(
      {
        webhooks: [
          { id: 'a'.repeat(32), name: 'Twin', url: 'https://twin.example/' },
          { id: '1'.repeat(32), name: 'Twin', url: 'https://twin.example/' },
        ],
      },
      async (site) => {
        const { stdout } = await site.run(['import'], { env: ENV });
        expect(stdout).toContain(`  - name: Twin\n    id: ${'a'.repeat(32)}\n`);
        expect(stdout).toContain(`    id: "${'1'.repeat(32)}"\n`);
        await site.write({ 'hookwright.yaml': stdout });
        await expectNoChanges(site);
      },
    ));

  test.each([
    ['an empty name', { name: ' ', url: 'https://a.example/' }, 'its name is empty'],
    [
      'a reserved name',
      { name: 'Ops [hookwright: replaces 0a1b2c3d]', url: 'https://a.example/' },
      'unfinished replace',
    ],
    ['a reserved short name', { name: 'Ops [hw:0a1b2c3d]', url: 'https://a.example/' }, 'unfinished replace'],
    ['a very long name', { name: 'x'.repeat(1001), url: 'https://a.example/' }, 'more than 1000 characters'],
    [
      'a url in the name',
      { name: 'see https://u:pw@a.example/', url: 'https://a.example/' },
      'like a secret',
    ],
    ['the token as a name', { name: TOKEN, url: 'https://a.example/' }, 'like a secret'],
    [
      'not an absolute http or https URL',
      { name: 'Ftp', url: 'ftp://a.example/' },
      'not an absolute http or https URL',
    ],
    [
      'a very long url',
      { name: 'Long', url: `https://a.example/${'a/'.repeat(5000)}` },
      'its URL is too long',
    ],
  ])('ignores %s by its ID, because it cannot be declared', (_what, webhook, reason) =>
    withAccount(
      {
        webhooks: [
          { ...webhook, id: 'b'.repeat(32) },
          { name: 'Ops', url: 'https://ops.example/' },
        ],
      },
      async (site) => {
        const { stdout, stderr } = await site.run(['import'], { env: ENV });
        expect(stdout).toMatch(new RegExp(`ignore:\n  - "id:b{32}" # .*${reason}.*\nwebhooks:`));
        expect(stderr).toContain('Not written as webhooks:');
        expect(stdout + stderr).not.toContain(TOKEN);
        expect(stdout + stderr).not.toContain('u:pw');
        await site.write({ 'hookwright.yaml': stdout });
        await expectNoChanges(site);
      },
    ),
  );

  test('every kind of destination', () =>
    withAccount(
      {
        webhooks: [
          {
            name: 'Chat',
            url: 'https://chat.googleapis.com/v1/spaces/AAA/messages?key=k1234567&token=t1234567',
          },
          { name: 'Discord', url: 'https://discord.com/api/webhooks/1234567890123456789/dtokentoken' },
          { name: 'Feishu', url: 'https://open.feishu.cn/open-apis/bot/v2/hook/0a1b2c3d-aaaa' },
          { name: 'Datadog', url: 'https://api.datadoghq.com/api/v1/events', secret: 'dd' },
          { name: 'Opsgenie', url: 'https://api.opsgenie.com/v2/alerts', secret: 'og' },
          { name: 'Splunk', url: 'https://splunk.example/services/collector/event', secret: 'sp' },
          { name: 'Workflow', url: 'https://hooks.slack.com/triggers/T1/2/abcdef' },
          { name: 'Teams', url: 'https://acme.webhook.office.com/webhookb2/0a1b2c3d/IncomingWebhook/ef' },
          { name: 'User', url: 'https://user:pass@a.example/' },
        ],
      },
      async (site) => {
        const { stdout } = await site.run(['import'], { env: ENV });
        const list = stdout.slice(stdout.indexOf('webhooks:\n'));
        expect(list.replaceAll(/ #.*/g, '')).toBe(`\
webhooks:
  - name: Chat
    url: { env: CHAT_WEBHOOK_URL }
  - name: Datadog
    url: https://api.datadoghq.com/api/v1/events
    secret: { env: DATADOG_SECRET }
  - name: Discord
    url: https://discord.com/api/webhooks/1234567890123456789
    secret: { env: DISCORD_SECRET }
  - name: Feishu
    url: https://open.feishu.cn/open-apis/bot/v2/hook
    secret: { env: FEISHU_SECRET }
  - name: Opsgenie
    url: https://api.opsgenie.com/v2/alerts
    secret: { env: OPSGENIE_SECRET }
  - name: Splunk
    url: https://splunk.example/services/collector/event
    secret: { env: SPLUNK_SECRET }
  - name: Teams
    url: { env: TEAMS_WEBHOOK_URL }
  - name: User
    url: { env: USER_WEBHOOK_URL }
  - name: Workflow
    url: { env: WORKFLOW_WEBHOOK_URL }
`);
        await site.write({ 'hookwright.yaml': stdout });
        await expectNoChanges(site);
      },
    ));

  test('asks for an account ID; uses the flag if there are two', () =>
    withAccount({ webhooks: LIVE }, async ({ run, methods }) => {
      const asked = await run(['import']);
      expect(asked).toMatchObject({ code: 3, stdout: '' });
      expect(asked.stderr).toContain('--account');
      expect(methods()).toEqual([]);
      const other = await run(['import', '--account', '1'.repeat(32)], { env: ENV });
      expect(other.stdout).toContain(`account_id: "${'1'.repeat(32)}"\n`);
    }));
});
