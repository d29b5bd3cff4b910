/** A webhook of a service, as it is written in the file and as Cloudflare stores it. */
export type Sample = {
  /** The `name` of its row in `src/core/destinations.ts`. */
  readonly service: string;
  /** The URL as the service issues it. */
  readonly whole: string;
  /** The URL without its credential, if Cloudflare removes that. */
  readonly split?: string;
  /** The credential that was removed, or that the service needs in addition to its URL. */
  readonly secret?: string;
};

const SLACK = 'https://hooks.slack.com/services/T000/B000';
const DISCORD = 'https://discord.com/api/webhooks/1234567890';
const GCHAT = 'https://chat.googleapis.com/v1/spaces/AAAA/messages';
const FEISHU = 'https://open.feishu.cn/open-apis/bot/v2/hook';

/** At least one sample for each service in the table. */
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
  { service: 'GovSlack', whole: 'https://hooks.slack-gov.com/services/T000/B000/slacktoken' },
  { service: 'Discord with a suffix', whole: `${DISCORD}/discordtoken/slack` },
  {
    service: 'Power Automate',
    whole:
      'https://prod-12.westeurope.logic.azure.com/workflows/ab12/triggers/manual/paths/invoke?sp=%2Frun&sig=abc',
  },
  { service: 'Zapier', whole: 'https://hooks.zapier.com/hooks/catch/1234567/abc1def/' },
  { service: 'Make', whole: 'https://hook.eu1.make.com/abcdef' },
  { service: 'IFTTT', whole: 'https://maker.ifttt.com/trigger/cf/with/key/abcdef' },
  { service: 'Telegram', whole: 'https://api.telegram.org/bot123:abc/sendMessage?chat_id=-100123' },
  { service: 'PagerDuty', whole: 'https://events.pagerduty.com/integration/abcdef/enqueue' },
  { service: 'ntfy', whole: 'https://ntfy.sh/our-topic' },
  { service: 'Better Stack', whole: 'https://uptime.betterstack.com/api/v1/incoming-webhook/abcdef' },
  { service: 'Squadcast', whole: 'https://api.squadcast.com/v2/incidents/api/abcdef' },
  { service: 'Webex', whole: 'https://webexapis.com/v1/webhooks/incoming/abcdef' },
  { service: 'Home Assistant', whole: 'https://abcdef.ui.nabu.casa/api/webhook/our-alerts' },
  { service: 'n8n Cloud', whole: 'https://acme.app.n8n.cloud/webhook/our-alerts' },
  { service: 'n8n', whole: 'https://n8n.example/webhook/0f8fad5b-d9cb-469f-a165-70867728950e' },
  { service: 'Mattermost', whole: 'https://chat.example/hooks/abcdefghijklmnopqrstuvwxyz' },
  { service: 'Rocket.Chat', whole: 'https://chat.example/hooks/5f1b2c3d4e5f6a7b8/AbCdEfGhIjKlMnOpQrSt' },
  { service: 'AWS Lambda', whole: 'https://abcdefghijklmnop.lambda-url.eu-west-1.on.aws/' },
  { service: 'Pipedream', whole: 'https://eo1abcdefgh.m.pipedream.net/' },
  { service: 'Datadog', whole: 'https://api.datadoghq.com/api/v1/events', secret: 'dd' },
  { service: 'Opsgenie', whole: 'https://api.opsgenie.com/v2/alerts', secret: 'og' },
  { service: 'Splunk', whole: 'https://splunk.example:8088/services/collector/raw', secret: 'sp' },
];
