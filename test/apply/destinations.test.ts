import { describe, expect, test } from '@jest/globals';
import { account, desired, envSecret, envUrl } from '../support/core/builders.js';
import { missing } from '../support/faults/laws.js';
import { run, type Wanted } from '../support/faults/run.js';
import { onScene } from '../support/faults/scene.js';

const DISCORD = 'https://discord.com/api/webhooks/1234567890';
const SLACK = 'https://hooks.slack.com/services/T000/B000';
const FEISHU = 'https://open.feishu.cn/open-apis/bot/v2/hook';
const GCHAT = 'https://chat.googleapis.com/v1/spaces/AAAA/messages';
const TEAMS = 'https://acme.webhook.office.com/webhookb2/aaaa@bbbb/IncomingWebhook/cccc/dddd';

type Row = {
  readonly service: string;
  readonly url: string;
  readonly secret?: string;
  /** The url is a credential, so it comes out of a variable. */
  readonly whole?: boolean;
};

const ROWS: readonly Row[] = [
  { service: 'Slack, whole', url: `${SLACK}/slacktoken`, whole: true },
  { service: 'Slack, split', url: SLACK, secret: 'slacktoken' },
  { service: 'Slack workflow', url: 'https://hooks.slack.com/triggers/T000/1/abcdef', whole: true },
  { service: 'Discord, whole', url: `${DISCORD}/discordtoken`, whole: true },
  { service: 'Discord, split', url: DISCORD, secret: 'discordtoken' },
  { service: 'Google Chat, whole', url: `${GCHAT}?key=k1&token=t1`, whole: true },
  { service: 'Google Chat, split', url: GCHAT, secret: 'key=k1&token=t1' },
  { service: 'Feishu, whole', url: `${FEISHU}/feishutoken`, whole: true },
  { service: 'Feishu, split', url: FEISHU, secret: 'feishutoken' },
  { service: 'Datadog', url: 'https://api.datadoghq.com/api/v1/events', secret: 'dd' },
  { service: 'Opsgenie', url: 'https://api.opsgenie.com/v2/alerts', secret: 'og' },
  { service: 'Splunk', url: 'https://splunk.example:8088/services/collector/raw', secret: 'sp' },
  { service: 'Teams', url: TEAMS, whole: true },
  { service: 'generic', url: 'https://relay.example/cf?x=1' },
];

function wantedFor({ url, secret, whole }: Row, previously: readonly string[] = []): Wanted {
  const entry = desired('Ops', whole ? envUrl(url, 1) : url, {
    previously,
    ...(secret !== undefined && { secret: envSecret(1, 'S') }),
  });
  return { desired: account([entry]), values: { S: secret ?? '' } };
}

describe.each(ROWS)('$service', (row) => {
  test('applied, it is there; the second apply sends no write and no message', () =>
    onScene({}, async ({ emulator, how }) => {
      const wanted = wantedFor(row);
      expect((await run(emulator, wanted, how)).exit).toBe(0);
      expect(missing(emulator, wanted)).toEqual([]);
      const [writes, messages] = [emulator.writes().length, emulator.testMessages.length];
      const again = await run(emulator, wanted, how);
      expect({ exit: again.exit, actions: again.actions }).toEqual({ exit: 0, actions: [] });
      expect(emulator.writes()).toHaveLength(writes);
      expect(emulator.testMessages).toHaveLength(messages);
    }));

  // Of Google Chat it is not published what Cloudflare takes out: the whole url, which was accepted before, is sent.
  const kept = row.service === 'Google Chat, whole' ? (['kept'] as const) : (['kept', 'cleared'] as const);
  test.each(kept)('a rename where a PUT leaves secrets %s', (putSecret) => {
    const { url, secret } = row;
    const webhooks = [{ name: 'Before', url, ...(secret !== undefined && { secret }) }];
    return onScene({ quirks: { 'put-secret': putSecret }, webhooks }, async ({ emulator, how, only }) => {
      const wanted = wantedFor(row, ['Before']);
      const [before] = emulator.account(wanted.desired.accountId).webhooks;
      const { exit, result } = await run(emulator, wanted, how);
      expect({ exit, kinds: result.outcomes.map(({ kind }) => kind) }).toEqual({
        exit: 0,
        kinds: ['update'],
      });
      expect(only('Ops')).toEqual({ ...before, name: 'Ops' });
      expect(emulator.testMessages).toEqual([]);
    });
  });
});
