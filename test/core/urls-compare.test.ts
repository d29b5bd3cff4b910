import { describe, expect, test } from '@jest/globals';
import {
  comparableUrl,
  declaresSecret,
  desiredUrl,
  hasCredentialUrl,
  identifies,
  matchesLiveUrl,
  needsSecret,
  normalUrl,
  originOf,
  parseUrl,
  sameUrl,
  urlCredential,
} from '../../src/core/urls.js';
import { account, desired, envSecret, envUrl, live, URL_1 } from '../support/core/builders.js';
import { briefs, planOf } from '../support/core/planning.js';

const TOKEN = 'Xq7ZpL2mVw9RtY4uKc8NbE3s';
const SLACK = 'https://hooks.slack.com/services/T000/B000';
const DISCORD = 'https://discord.com/api/webhooks/123456789012345678';
const GCHAT = 'https://chat.googleapis.com/v1/spaces/AAAA/messages';
const FEISHU = 'https://open.feishu.cn/open-apis/bot/v2/hook';
const LARK = 'https://open.larksuite.com/open-apis/bot/v2/hook';

/** URLs as they are written, and what Cloudflare keeps of them. */
const kept: readonly (readonly [service: string, whole: string, live: string])[] = [
  ['Slack', `${SLACK}/${TOKEN}`, SLACK],
  ['Slack, trailing slash', `${SLACK}/${TOKEN}/`, `${SLACK}/`],
  ['Slack, two trailing slashes', `${SLACK}/${TOKEN}//`, `${SLACK}//`],
  ['Discord', `${DISCORD}/${TOKEN}`, DISCORD],
  ['Discord, trailing slash', `${DISCORD}/${TOKEN}/`, DISCORD],
  [
    'Discord with a version',
    'https://discord.com/api/v10/webhooks/1/abc',
    'https://discord.com/api/v10/webhooks/1',
  ],
  [
    'Discord, old domain',
    'https://discordapp.com/api/webhooks/1/abc',
    'https://discordapp.com/api/webhooks/1',
  ],
  [
    'Discord, canary',
    'https://canary.discord.com/api/webhooks/1/abc',
    'https://canary.discord.com/api/webhooks/1',
  ],
  ['Google Chat', `${GCHAT}?key=AIza&token=${TOKEN}`, GCHAT],
  ['Google Chat, token first', `${GCHAT}?token=${TOKEN}&key=AIza`, GCHAT],
  ['Google Chat, key kept', `${GCHAT}?key=AIza&token=${TOKEN}`, `${GCHAT}?key=AIza`],
  ['Google Chat, more kept', `${GCHAT}?key=AIza&token=${TOKEN}&threadKey=a`, `${GCHAT}?threadKey=a`],
  ['Feishu', `${FEISHU}/0f5f5a9e-0000-4e3a-8d2b-1c2d3e4f5a6b`, FEISHU],
  ['Feishu, a token that is called hook', `${FEISHU}/hook`, `${FEISHU}/hook`],
  ['Lark', `${LARK}/${TOKEN}`, LARK],
];

/** Stored as sent, so every difference counts. */
const whole: readonly (readonly [service: string, url: string, other: string])[] = [
  [
    'Slack workflow',
    'https://hooks.slack.com/triggers/T0/1/abc',
    'https://hooks.slack.com/triggers/T0/1/abd',
  ],
  [
    'Slack workflow, old',
    'https://hooks.slack.com/workflows/T0/A0/1/abc',
    'https://hooks.slack.com/workflows/T0/A0/1/abd',
  ],
  [
    'Teams',
    'https://acme.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d',
    'https://acme.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/e',
  ],
  [
    'Power Automate',
    'https://prod-1.westus.logic.azure.com/workflows/a/triggers/manual?sv=1.0&sig=one',
    'https://prod-1.westus.logic.azure.com/workflows/a/triggers/manual?sv=1.0&sig=two',
  ],
  ['Datadog', 'https://api.datadoghq.com/api/v1/events', 'https://api.datadoghq.eu/api/v1/events'],
  ['Opsgenie', 'https://api.opsgenie.com/v2/alerts', 'https://api.eu.opsgenie.com/v2/alerts'],
  [
    'Splunk',
    'https://splunk.example.com:8088/services/collector',
    'https://splunk.example.com:8088/services/collector/raw',
  ],
  ['generic', 'https://relay.example.com/cf?a=1', 'https://relay.example.com/cf?a=2'],
  ['generic, path case', 'https://relay.example.com/cf', 'https://relay.example.com/CF'],
  ['generic, trailing slash', 'https://relay.example.com/cf', 'https://relay.example.com/cf/'],
  ['Slack, another page', 'https://hooks.slack.com/other/T/B/a', 'https://hooks.slack.com/other/T/B/b'],
  ['Discord, another page', 'https://discord.com/api/guilds/1/a', 'https://discord.com/api/guilds/1/b'],
  [
    'a host that only ends the same',
    'https://notdiscord.com/api/webhooks/1/a',
    'https://notdiscord.com/api/webhooks/1/b',
  ],
  [
    'Slack in the path of another host',
    'https://x.example/hooks.slack.com/services/T/B/a',
    'https://x.example/hooks.slack.com/services/T/B/b',
  ],
];

describe.each(kept)('%s', (_, written, stored) => {
  test('the whole URL equals what Cloudflare keeps, in both directions', () => {
    expect(sameUrl(written, stored)).toBe(true);
    expect(sameUrl(stored, written)).toBe(true);
  });

  test('plans no change, whole in a variable or split', () => {
    const found = [live(1, 'Ops', stored)];
    expect(planOf(account([desired('Ops', envUrl(written))]), found).actions).toEqual([]);
    expect(planOf(account([desired('Ops', stored, { secret: envSecret() })]), found).actions).toEqual([]);
  });

  test('removing the credential twice removes nothing more', () => {
    for (const url of [written, stored]) {
      expect(comparableUrl(comparableUrl(url))).toBe(comparableUrl(url));
      expect(comparableUrl(url)).not.toContain(TOKEN);
    }
  });
});

describe.each(whole)('%s', (_, url, other) => {
  test('is compared as a whole', () => {
    expect(sameUrl(url, url)).toBe(true);
    expect(sameUrl(url, other)).toBe(false);
    expect(comparableUrl(url)).toBe(url);
    const planned = planOf(account([desired('Ops', other)]), [live(1, 'Ops', url)]);
    expect(briefs(planned.actions)).toEqual(['replace #1 Ops: url-changed']);
  });
});

test.each([
  ['Slack', `${SLACK}/${TOKEN}`, `${SLACK}/other`],
  ['Discord', `${DISCORD}/${TOKEN}`, `${DISCORD}/other`],
  ['Google Chat', `${GCHAT}?key=AIza&token=${TOKEN}`, `${GCHAT}?token=other&key=AIza`],
  ['Feishu', `${FEISHU}/${TOKEN}`, `${FEISHU}/other`],
])('%s: a live URL that still has its credential shows that another one is wanted', (_, written, stored) => {
  expect(sameUrl(written, stored)).toBe(false);
  const planned = planOf(account([desired('Ops', envUrl(written))]), [live(1, 'Ops', stored)]);
  expect(briefs(planned.actions)).toEqual(['replace #1 Ops: url-changed']);
  expect(planOf(account([desired('Ops', envUrl(written))]), [live(1, 'Ops', written)]).actions).toEqual([]);
});

test.each([`${SLACK}/****`, `${GCHAT}?key=***&token=***`])(
  'a masked credential shows nothing: %s',
  (stored) => {
    const written = stored.replaceAll(/[*]+/g, TOKEN);
    expect(sameUrl(written, stored)).toBe(true);
    expect(sameUrl(stored, written)).toBe(true);
  },
);

test.each([
  ['another Slack channel', `${SLACK}/a`, 'https://hooks.slack.com/services/T000/B001'],
  ['another query of Slack', `${SLACK}/a?x=1`, `${SLACK}?x=2`],
  ['another Discord webhook', `${DISCORD}/a`, 'https://discord.com/api/webhooks/2'],
  ['another space', `${GCHAT}?key=a&token=b`, GCHAT.replace('AAAA', 'BBBB')],
])('%s is a change', (_, written, stored) => {
  expect(sameUrl(written, stored)).toBe(false);
});

test.each([
  ['case of scheme and host', 'HTTPS://Relay.EXAMPLE.com/cf', 'https://relay.example.com/cf'],
  ['default port', 'https://relay.example.com:443/cf', 'https://relay.example.com/cf'],
  ['dot segments', 'https://relay.example.com/a/./b/../cf', 'https://relay.example.com/a/cf'],
  ['no path', 'https://relay.example.com', 'https://relay.example.com/'],
  ['punycode', 'https://bücher.example/cf', 'https://xn--bcher-kva.example/cf'],
  ['spaces around', ' https://relay.example.com/cf ', 'https://relay.example.com/cf'],
  ['a space in the path', 'https://relay.example.com/a b', 'https://relay.example.com/a%20b'],
])('WHATWG normalization: %s', (_, a, b) => {
  expect(normalUrl(a)).toBe(b);
  expect(sameUrl(a, b)).toBe(true);
});

test('text that is not a URL is compared as text and never throws', () => {
  expect(parseUrl('no url')).toBeUndefined();
  expect(normalUrl('no url')).toBe('no url');
  expect(sameUrl('no url', 'no url')).toBe(true);
  expect(sameUrl('no url', 'No url')).toBe(false);
});

test.each([
  `${SLACK}//`,
  `${SLACK}///`,
  `${SLACK}?x=1//`,
  `${GCHAT}//?key=a&token=b`,
  `${FEISHU}/hook/hook/x`,
  'https://open.feishu.cn/hook/hook/hook',
  'https://open.feishu.cn/hook/services//',
])('is idempotent for the unusual %s', (url) => {
  const once = comparableUrl(url);
  expect(comparableUrl(once)).toBe(once);
});

test('an env URL that is not set is not compared, whatever is live', () => {
  const planned = planOf(account([desired('Ops', envUrl())]), [live(1, 'Ops', URL_1)]);
  expect(planned.actions).toEqual([]);
  expect(planned.notes).toMatchObject([{ code: 'not-compared', names: ['Ops'] }]);
});

test.each([
  ['slack', `${SLACK}/${TOKEN}`, SLACK, TOKEN],
  ['gchat', `${GCHAT}?key=a&token=b`, GCHAT, '?key=a&token=b'],
  ['generic', 'https://hooks.slack.com/triggers/T0/1/abc', 'https://hooks.slack.com/triggers/T0/1', 'abc'],
  [
    'generic',
    'https://prod-1.westus.logic.azure.com/workflows/a?sv=1.0&sig=abc',
    'https://prod-1.westus.logic.azure.com/workflows/a?sv=1.0',
    'abc',
  ],
])('the credential of a whole URL: %s %s', (type, url, rest, credential) => {
  expect(urlCredential(url)).toMatchObject({ destination: { type }, url: rest, credential });
});

test.each([
  SLACK,
  DISCORD,
  GCHAT,
  FEISHU,
  URL_1,
  'not a URL',
  'https://api.datadoghq.com/api/v1/events',
  'https://prod-1.westus.logic.azure.com/workflows/a?sv=1.0',
  'https://prod-1.westus.logic.azure.com/workflows/a?sig=',
])('no credential in %s', (url) => {
  expect(urlCredential(url)).toBeUndefined();
});

test('a URL with non-ASCII letters is valid, however often it is checked', () => {
  // In Node 20, URL.canParse starts to reject it after V8 has optimized the call.
  let denied = 0;
  for (let i = 0; i < 20_000; i += 1) if (!parseUrl('https://bücher.example/ü')) denied += 1;
  expect(denied).toBe(0);
});

describe('a live webhook has the desired URL', () => {
  const SLACK_SHORT = 'https://hooks.slack.com/other/T000';

  test.each([
    ['the same URL', URL_1, URL_1, 'generic', true],
    ['another spelling', 'HTTPS://relay.example.com:443/one', URL_1, 'generic', true],
    ['a known form', `${SLACK}/${TOKEN}`, SLACK, 'slack', true],
    ['a known form, with an unknown type', `${SLACK}/${TOKEN}`, SLACK, 'generic', true],
    ['an unknown form, with a type that is split', `${SLACK_SHORT}/${TOKEN}`, SLACK_SHORT, 'slack', true],
    [
      'a flow of Feishu',
      'https://www.feishu.cn/flow/api/trigger-webhook/abc',
      'https://www.feishu.cn/flow/api/trigger-webhook',
      'feishu',
      true,
    ],
    [
      'more than one segment was moved out',
      'https://www.feishu.cn/a/b/c/d',
      'https://www.feishu.cn/a/b',
      'feishu',
      true,
    ],
    ['a trailing slash', 'https://www.feishu.cn/a/b', 'https://www.feishu.cn/a/', 'feishu', true],
    [
      'a query was moved out with it',
      'https://www.feishu.cn/a/b?c=d',
      'https://www.feishu.cn/a',
      'feishu',
      true,
    ],
    ['a query was kept', 'https://www.feishu.cn/a/b?c=d', 'https://www.feishu.cn/a?c=d', 'feishu', true],
    ['another query', 'https://www.feishu.cn/a/b?c=e', 'https://www.feishu.cn/a?c=d', 'feishu', false],
    ['another first segment', 'https://www.feishu.cn/x/b', 'https://www.feishu.cn/a', 'feishu', false],
    ['half a segment', 'https://www.feishu.cn/abc', 'https://www.feishu.cn/ab', 'feishu', false],
    ['the live one is longer', 'https://www.feishu.cn/a', 'https://www.feishu.cn/a/b', 'feishu', false],
    ['the live one has no path', 'https://www.feishu.cn/a', 'https://www.feishu.cn/', 'feishu', false],
    ['another host', 'https://open.feishu.cn/a/b', 'https://www.feishu.cn/a', 'feishu', false],
    ['a type whose URL is stored as a whole', `${URL_1}/two`, URL_1, 'generic', false],
    ['an unknown type', `${URL_1}/two`, URL_1, 'carrier-pigeon', false],
    [
      'a type that needs a separate secret',
      'https://splunk.example/a/b',
      'https://splunk.example/a',
      'splunk',
      false,
    ],
    ['no desired URL', 'no url', URL_1, 'slack', false],
    ['no live URL', URL_1, 'no url', 'slack', false],
  ])('%s', (_, wanted, url, type, expected) => {
    expect(matchesLiveUrl(wanted, { url, type })).toBe(expected);
  });

  test('a URL that Cloudflare splits in an undocumented way plans no change', () => {
    const found = live(1, 'Ops', 'https://www.feishu.cn/flow/api/trigger-webhook', { type: 'feishu' });
    const file = (url: string) => account([desired('Ops', url, { secret: { kind: 'none' } })]);
    expect(planOf(file(`${found.url}/${TOKEN}`), [found]).actions).toEqual([]);
    expect(briefs(planOf(file('https://www.feishu.cn/flow/other'), [found]).actions)).toEqual([
      'replace #1 Ops: url-changed',
    ]);
  });
});

test.each([
  [URL_1, 'generic', true],
  [SLACK, 'slack', true],
  [`${SLACK}/${TOKEN}`, 'slack', true],
  [DISCORD, 'discord', true],
  ['https://api.datadoghq.com/api/v1/events', 'datadog', false],
  ['https://api.opsgenie.com/v2/alerts', 'opsgenie', false],
  ['https://splunk.example.com:8088/services/collector', 'splunk', false],
  [GCHAT, 'gchat', false],
  [FEISHU, 'feishu', false],
  [URL_1, 'datadog', false],
  ['not a URL', 'generic', false],
])('%s of type %s identifies a webhook: %j', (url, type, expected) => {
  expect(identifies(url, type)).toBe(expected);
  if (type !== 'datadog' || url !== URL_1) expect(identifies(url)).toBe(expected);
});

test.each([
  ['https://api.datadoghq.eu/api/v1/events', true],
  ['https://api.eu.opsgenie.com/v2/alerts', true],
  ['https://splunk.example.com:8088/services/collector/raw', true],
  [SLACK, true],
  [`${SLACK}/${TOKEN}`, false],
  [DISCORD, true],
  [`${DISCORD}/${TOKEN}`, false],
  [GCHAT, true],
  [`${GCHAT}?key=a&token=b`, false],
  [FEISHU, true],
  [`${FEISHU}/${TOKEN}`, false],
  [`https://www.feishu.cn/flow/api/trigger-webhook/${TOKEN}`, false],
  [LARK, true],
  [`${SLACK}/`, true],
  ['https://hooks.slack.com/triggers/T0/1/abc', false],
  ['https://hooks.slack.com/triggers/T0', false],
  ['https://acme.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d', false],
  [URL_1, false],
  ['not a URL', false],
])('%s needs a separate secret: %j', (url, expected) => {
  expect(needsSecret(url)).toBe(expected);
});

test('the URL of an entry, if it is known', () => {
  const hidden = { kind: 'hidden', host: 'relay.example.com', sha256: 'f'.repeat(64) } as const;
  expect(
    [desired('A'), desired('A', envUrl(URL_1)), desired('A', envUrl()), { url: hidden }].map(desiredUrl),
  ).toEqual([URL_1, URL_1, undefined, undefined]);
});

test('an entry declares a secret, or has one in its URL', () => {
  expect(declaresSecret(desired('A'))).toBe(false);
  expect(declaresSecret(desired('A', URL_1, { secret: { kind: 'none' } }))).toBe(false);
  expect(declaresSecret(desired('A', URL_1, { secret: envSecret() }))).toBe(true);
  expect(hasCredentialUrl(desired('A'))).toBe(false);
  expect(hasCredentialUrl(desired('A', SLACK))).toBe(false);
  expect(hasCredentialUrl(desired('A', `${SLACK}/${TOKEN}`))).toBe(true);
  expect(hasCredentialUrl(desired('A', envUrl()))).toBe(true);
  expect(hasCredentialUrl(desired('A', envUrl(URL_1)))).toBe(true);
});

test.each([
  ['https://user:pass@relay.example.com:8443/a/b?c=d#e', 'https://relay.example.com:8443'],
  ['http://relay.example.com', 'http://relay.example.com'],
  ['https://eo1abc.m.pipedream.net/x', 'https://….m.pipedream.net'],
  ['mailto:ops@example.com', '…'],
  ['not a URL', '…'],
])('of %s, shows only scheme and host: %s', (url, origin) => {
  expect(originOf(url)).toBe(origin);
});
