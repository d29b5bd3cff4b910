import { describe, expect, test } from '@jest/globals';
import { DESTINATIONS, destinationOf, plainly } from '../../src/core/destinations.js';

const UUID = '0189abcd-1234-5678-9abc-0123456789ab';
const TOKEN_26 = 'abcdefghij0123456789abcdef';
const ROCKET = 'abcdefghijklmnopq/abcdefghij0123456789';

/** Returns the service that a URL belongs to, and the two parts of the URL. */
function read(url: string) {
  const destination = destinationOf(new URL(url));
  const parts = destination?.split?.(new URL(url));
  return [destination?.name, parts?.url, parts?.credential];
}

/** Name, what is kept of the URL, and the credential: the URL is both, joined by a slash. */
const SPLIT: readonly (readonly [string, string, string])[] = [
  ['Slack workflow', 'https://hooks.slack.com/triggers/E0AB/12/ab', 'token1'],
  ['Slack workflow', 'https://hooks.slack.com/workflows/E0AB/12', 'token1'],
  ['Slack', 'https://hooks.slack.com/services/T000/B000', 'token1'],
  ['GovSlack', 'https://hooks.slack-gov.com/services/T000/B000', 'token1'],
  ['Discord with a suffix', 'https://discord.com/api/webhooks/1234', 'token1/slack'],
  ['Discord with a suffix', 'https://discordapp.com/api/v10/webhooks/1234', 'token1/github'],
  ['Discord', 'https://discord.com/api/webhooks/1234', 'token1'],
  ['Discord', 'https://ptb.discord.com/api/v10/webhooks/1234', 'token1'],
  ['Discord', 'https://discordapp.com/api/webhooks/1234', 'token1'],
  ['Feishu', 'https://open.feishu.cn/open-apis/bot/v2/hook', 'token1'],
  ['Feishu', 'https://open.larksuite.com/hook', 'token1'],
  ['Microsoft Teams', 'https://contoso.webhook.office.com/webhookb2', 'token1/IncomingWebhook/ab/cd'],
  ['Microsoft Teams', 'https://outlook.office.com/webhook', 'token1'],
  ['Microsoft Teams', 'https://outlook.office365.com/webhook', 'token1'],
  ['Zapier', 'https://hooks.zapier.com/hooks/catch/1234', 'token1'],
  ['Make', 'https://hook.eu1.make.com', 'token1'],
  ['Make', 'https://hook.us1.make.celonis.com', 'token1'],
  ['Make', 'https://hook.integromat.com', 'token1'],
  ['IFTTT', 'https://maker.ifttt.com/trigger/alert/with/key', 'token1'],
  ['IFTTT', 'https://maker.ifttt.com/trigger/alert/json/with/key', 'token1'],
  ['Telegram', 'https://api.telegram.org', 'bot12:token1/sendMessage'],
  ['PagerDuty', 'https://events.pagerduty.com/integration', 'token1/enqueue'],
  ['PagerDuty', 'https://events.pagerduty.com/x-ere', 'token1'],
  ['ntfy', 'https://ntfy.sh', 'token1'],
  ['Better Stack', 'https://uptime.betterstack.com/api/v10/incoming-webhook', 'token1'],
  ['Better Stack', 'https://betteruptime.com/api/v1/cloudflare', 'token1'],
  ['Squadcast', 'https://api.squadcast.com/v20/incidents/cloudflare', 'token1'],
  ['Webex', 'https://webexapis.com/v10/webhooks/incoming', 'token1'],
  ['Home Assistant', 'https://ab.ui.nabu.casa/api/webhook', 'token1'],
  ['Home Assistant', 'https://hooks.nabu.casa', 'token1'],
  ['n8n Cloud', 'https://ops.app.n8n.cloud/webhook', 'token1'],
  ['n8n Cloud', 'https://ops.app.n8n.cloud/webhook-test', 'token1'],
  ['n8n', 'https://n8n.example.com/webhook', UUID],
  ['n8n', 'https://n8n.example.com/webhook-test', UUID],
  ['Mattermost', 'https://chat.example.com/hooks', TOKEN_26],
  ['Mattermost', 'https://chat.example.com/team/hooks', TOKEN_26],
  ['Rocket.Chat', 'https://chat.example.com/hooks', ROCKET],
  ['Rocket.Chat', 'https://chat.example.com/team/hooks', ROCKET],
];

describe('the credential is split off', () => {
  test.each(SPLIT)('%s: %s', (name, kept, credential) => {
    const whole = `${kept}/${credential}`;
    const [found, rest, split] = read(whole);
    expect([found, split]).toEqual([name, credential]);
    expect(rest?.replace(/\/$/, '')).toBe(kept);
    // Cloudflare keeps this part of the URL, and nothing more can be split off.
    const again = destinationOf(new URL(kept));
    if (!again?.keepsCredential) expect(again?.split?.(new URL(kept))).toBeUndefined();
  });

  test.each([
    ['Slack', 'https://hooks.slack.com/services/T000/B000', 'token1'],
    ['Slack workflow', 'https://hooks.slack.com/triggers/E0AB/12', 'token1'],
    ['Discord', 'https://discord.com/api/webhooks/1234', 'token1'],
    ['Feishu', 'https://open.feishu.cn/hook', 'token1'],
    ['Mattermost', 'https://chat.example.com/hooks', TOKEN_26],
    ['Rocket.Chat', 'https://chat.example.com/hooks', ROCKET],
  ])('%s: also before a slash at the end', (name, kept, credential) => {
    expect(read(`${kept}/${credential}/`)).toEqual([name, kept, credential]);
  });

  test.each([
    ['Google Chat', 'https://chat.googleapis.com/v1/spaces/AAAA/messages', '?key=ab&token=cd'],
    ['Google Chat', 'https://chat.googleapis.com/v1/spaces/AAAA/messages', '?key=ab'],
    ['Google Chat', 'https://chat.googleapis.com/v1/spaces/AAAA/messages', '?token=cd'],
  ])('%s: %s%s', (name, kept, query) => {
    expect(read(kept + query)).toEqual([name, kept, query]);
    expect(read(`${kept}?threadKey=1`)).toEqual([name, undefined, undefined]);
  });

  test.each([
    'https://prod-01.westeurope.logic.azure.com/workflows/ab/triggers',
    'https://ab.api.powerplatform.com/x',
  ])('Power Automate: %s', (url) => {
    expect(read(`${url}?api-version=1&sig=token1`)).toEqual([
      'Power Automate',
      `${url}?api-version=1`,
      'token1',
    ]);
    for (const query of ['', '?sig=', '?api-version=1'])
      expect(read(url + query)).toEqual(['Power Automate', undefined, undefined]);
  });
});

describe('a path that only contains the pattern', () => {
  test.each([
    ['https://hooks.slack.com/x/services/T000/B000/token1', undefined],
    ['https://hooks.slack.com/x/triggers/E0AB/12/token1', undefined],
    ['https://discord.com/x/api/webhooks/1234/token1', undefined],
    ['https://discord.com/x/api/webhooks/1234/token1/slack', undefined],
    ['https://outlook.office.com/x/webhook/token1', undefined],
    ['https://splunk.example.com/x/services/collector', undefined],
    ['https://n8n.example.com/x/webhook/' + UUID, undefined],
    ['https://n8n.example.com/webhook/' + UUID + 'x', undefined],
    ['https://chat.example.com/hooks/' + TOKEN_26 + 'x', undefined],
    ['https://chat.example.com/hooks/' + TOKEN_26.slice(1), undefined],
    ['https://chat.example.com/hooks/' + TOKEN_26.slice(1) + '-', undefined],
    ['https://chat.example.com/hooks/' + ROCKET.slice(1), undefined],
    ['https://chat.example.com/hooks/' + ROCKET.slice(0, -1), undefined],
    ['https://chat.example.com/hooks/' + ROCKET + '/more', undefined],
  ])('%s belongs to no service', (url, name) => {
    expect(destinationOf(new URL(url))?.name).toBe(name);
  });

  test.each([
    'https://hooks.slack.com/services/T000/B000/token1/more',
    'https://hooks.slack-gov.com/T000/B000/token1',
    'https://discord.com/api/webhooks/1234/token1/other',
    'https://open.feishu.cn/hook/hook',
    'https://open.feishu.cn/hooks/token1',
    'https://hooks.zapier.com/catch/1234',
    'https://maker.ifttt.com/x/trigger/alert/with/key/token1',
    'https://events.pagerduty.com/x/integration/token1',
    'https://uptime.betterstack.com/x/api/v1/hooks/token1',
    'https://api.squadcast.com/x/v2/incidents/cloudflare/token1',
    'https://webexapis.com/x/v1/webhooks/incoming/token1',
    'https://ops.app.n8n.cloud/x/webhook/token1',
  ])('%s has no credential that is known', (url) => {
    const [name, rest] = read(url);
    expect(name).toBeDefined();
    expect(rest).toBeUndefined();
  });
});

test('services that need a secret, or have one in their host, are known by their domain', () => {
  const about = (url: string) => {
    const { name, type, needsSecret, secretHost, shared, keepsCredential } =
      destinationOf(new URL(url)) ?? {};
    return { name, type, needsSecret, secretHost, shared, keepsCredential };
  };
  const datadog = { name: 'Datadog', type: 'datadog', needsSecret: true, shared: true };
  for (const host of ['http-intake.logs.datadoghq.com', 'datadoghq.eu', 'logs.ddog-gov.com'])
    expect(about(`https://${host}/v1/input`)).toEqual(expect.objectContaining(datadog));
  expect(about('https://api.opsgenie.com/v2/alerts')).toMatchObject({
    name: 'Opsgenie',
    type: 'opsgenie',
    needsSecret: true,
  });
  expect(about('https://splunk.example.com:8088/services/collector/event')).toMatchObject({
    name: 'Splunk',
    type: 'splunk',
    needsSecret: true,
    shared: true,
  });
  const host = { secretHost: true, keepsCredential: true, type: 'generic' };
  expect(about('https://ab12.lambda-url.eu-west-1.on.aws/')).toMatchObject({ name: 'AWS Lambda', ...host });
  expect(about('https://ab12.m.pipedream.net/')).toMatchObject({ name: 'Pipedream', ...host });
});

test('the types are those that Cloudflare assigns', () => {
  const types = DESTINATIONS.filter(({ type }) => type !== 'generic').map(
    ({ name, type }) => `${name}: ${type}`,
  );
  expect(types).toEqual([
    'Slack: slack',
    'Discord with a suffix: discord',
    'Discord: discord',
    'Google Chat: gchat',
    'Feishu: feishu',
    'Datadog: datadog',
    'Opsgenie: opsgenie',
    'Splunk: splunk',
  ]);
});

test('retired services say what to do', () => {
  const retired = DESTINATIONS.flatMap(({ name, retired: about }) => (about ? [[name, ...about]] : []));
  expect(retired).toEqual([
    [
      'Microsoft Teams',
      'Microsoft has retired Teams connectors, and requests return 403',
      'Create a workflow in Teams and use its URL.',
    ],
    ['Opsgenie', 'Opsgenie shuts down on 2027-04-05', 'Plan the move to another service.'],
  ]);
});

describe('a host', () => {
  test.each([
    ['https://HOOKS.slack.com./services/T/B/x', 'Slack'],
    ['https://hooks.slack.com//services//T/B/x', 'Slack'],
    ['https://nothooks.slack.com/services/T/B/x', undefined],
    ['https://hooks.slack.com.example/services/T/B/x', undefined],
    ['https://relay.example.com/cf', undefined],
    ['https://localhost/cf', undefined],
    ['https://10.0.0.1/cf', undefined],
  ])('%s belongs to %s', (url, name) => {
    expect(destinationOf(new URL(url))?.name).toBe(name);
  });

  test('and a path are normalized without a change to the rest', () => {
    const url = new URL('https://Relay.example.com.//a///b//?x=//#y');
    expect(plainly(url).href).toBe('https://relay.example.com/a/b/?x=//#y');
    const plain = new URL('https://relay.example.com/a?x=//');
    expect(plainly(plain)).toBe(plain);
    expect(plainly(new URL('https://relay.example.com./a')).href).toBe('https://relay.example.com/a');
    expect(plainly(new URL('https://relay.example.com//a')).href).toBe('https://relay.example.com/a');
  });
});
