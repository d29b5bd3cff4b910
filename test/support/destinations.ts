/** A webhook of a service, as it is written and as Cloudflare keeps it. */
export type Sample = {
  /** The `name` of its row in `src/core/destinations.ts`. */
  readonly service: string;
  /** The url as the service gives it out. */
  readonly whole: string;
  /** The url without its credential, where Cloudflare takes that out. */
  readonly split?: string;
  /** What was taken out, or what the service needs beside its url. */
  readonly secret?: string;
};

const SLACK = 'https://hooks.slack.com/services/T000/B000';
const DISCORD = 'https://discord.com/api/webhooks/1234567890';
const GCHAT = 'https://chat.googleapis.com/v1/spaces/AAAA/messages';
const FEISHU = 'https://open.feishu.cn/open-apis/bot/v2/hook';

/** One for each service of the table. */
export const SAMPLES: readonly Sample[] = [
  { service: 'Slack workflow', whole: 'https://hooks.slack.com/triggers/T000/1/abcdef' },
  { service: 'Slack', whole: `${SLACK}/slacktoken`, split: SLACK, secret: 'slacktoken' },
  { service: 'Discord', whole: `${DISCORD}/discordtoken`, split: DISCORD, secret: 'discordtoken' },
  { service: 'Google Chat', whole: `${GCHAT}?key=k1&token=t1`, split: GCHAT, secret: 'key=k1&token=t1' },
  { service: 'Feishu', whole: `${FEISHU}/feishutoken`, split: FEISHU, secret: 'feishutoken' },
  {
    service: 'Microsoft Teams',
    whole: 'https://acme.webhook.office.com/webhookb2/aaaa@bbbb/IncomingWebhook/cccc/dddd',
  },
  { service: 'Datadog', whole: 'https://api.datadoghq.com/api/v1/events', secret: 'dd' },
  { service: 'Opsgenie', whole: 'https://api.opsgenie.com/v2/alerts', secret: 'og' },
  { service: 'Splunk', whole: 'https://splunk.example:8088/services/collector/raw', secret: 'sp' },
];
