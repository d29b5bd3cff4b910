import { describe, expect, test } from '@jest/globals';
import { DESTINATIONS, destinationOf } from '../../src/core/destinations.js';
import { displayHost, displayUrl, hiddenParts, hidesCredential } from '../../src/core/urls.js';
import { looksRandom } from '../../src/text/looks-random.js';

const TOKEN = 'Xq7ZpL2mVw9RtY4uKc8NbE3s';

describe('shown unchanged', () => {
  test.each([
    'https://relay.example.com/',
    'https://relay.example.com/alerts/cloudflare/production-eu-west-1',
    'https://relay.example.com/v1/input',
    'https://relay.example.com/webhook/ops-team',
    'https://relay.example.com/webhooks/cloudflare-notifications',
    'https://relay.example.com:8443/api/v2/integrations/cloudflare',
    'https://relay.example.com/teams/infrastructure/on-call-2024',
    'https://relay.example.com/2026-03-12/kubernetes-production-cluster',
    'https://relay.example.com/1234567890',
    'https://hooks.slack.com/services/T00000000/B00000000',
    'https://discord.com/api/webhooks/123456789012345678',
    'https://chat.googleapis.com/v1/spaces/AAAAbcDEfGh/messages',
    'https://open.feishu.cn/open-apis/bot/v2/hook',
    'https://api.datadoghq.com/api/v1/events',
    'https://api.opsgenie.com/v2/alerts',
    'https://splunk.example.com:8088/services/collector/event',
    'https://relay.example.com/cf?env=production&source=cloudflare&=e&x&&zip_code=1',
    'https://relay.example.com/cf?token=&chat_id=-100123',
    'https://relay.example.com/cf#alerts',
    'https://relay.example.com/cf?keyboard=us&codec=mp3&passenger=2&monkey=1&author=me',
    'https://relay.example.com/key=plain;v=1',
    'https://a8f3k2l9x0q7z1m4.com/cf',
    'https://hooks.a8f3k2l9x0q7z1m4.com/cf',
    'https://hooks.a8f3k2l9x0q7z1m4.com./cf',
    'https://relay.example.com/cf?rate=50%',
    'https://relay.example.com/cf;v=1;lang=en/in',
    'https://relay.example.com/hooks/ops',
    'https://relay.example.com/api/webhook/cloudflare',
    'https://xn--bcher-kva8445foa99999.example.com/cf',
    'https://[2001:db8:85a3:8d3:1319:8a2e:370:7348]/cf',
    'https://discord.com/api/webhooks/123456789012345678/',
    'https://hooks.zapier.com/hooks/catch/',
    'http://127.0.0.1:8080/cf',
    'http://[::1]:8080/cf',
  ])('%s', (url) => {
    expect(displayUrl(url)).toBe(url);
    expect(hidesCredential(url)).toBe(false);
  });

  test.each(['?', '#', '?#'])('does not hide an empty query or fragment: %s', (end) => {
    expect(displayUrl(`https://relay.example.com/cf${end}`)).toBe('https://relay.example.com/cf');
    expect(hidesCredential(`https://relay.example.com/cf${end}`)).toBe(false);
  });

  test('after normalization', () => {
    expect(displayUrl('HTTPS://Relay.example.com:443/a/../cf')).toBe('https://relay.example.com/cf');
    expect(hidesCredential('HTTPS://Relay.example.com:443/a/../cf')).toBe(false);
  });
});

describe('hidden', () => {
  test('the same is known of a URL that was parsed already', () => {
    for (const [text, expected] of [
      [`https://relay.example.com/cf?a=${TOKEN}`, true],
      ['https://hooks.slack.com/services/T0/B0/abc', true],
      ['https://hooks.slack.com/services/T0/B0', false],
    ] as const) {
      expect(hidesCredential(new URL(text))).toBe(expected);
    }
  });

  test('only the host and port of a URL, nothing of other text', () => {
    expect(displayHost('https://relay.example.com:8443/cf?token=x')).toBe('relay.example.com:8443');
    expect(displayHost('not a url')).toBe('');
  });

  test.each([
    ['Slack', `https://hooks.slack.com/services/T0/B0/${TOKEN}`, 'https://hooks.slack.com/services/T0/B0/…'],
    [
      'a short Slack token',
      'https://hooks.slack.com/services/T0/B0/abc',
      'https://hooks.slack.com/services/T0/B0/…',
    ],
    [
      'Slack workflow',
      'https://hooks.slack.com/triggers/T0/12/abc',
      'https://hooks.slack.com/triggers/T0/12/…',
    ],
    ['Discord', 'https://discord.com/api/webhooks/12/abc', 'https://discord.com/api/webhooks/12/…'],
    [
      'Google Chat',
      'https://chat.googleapis.com/v1/spaces/A/messages?key=a&token=b',
      'https://chat.googleapis.com/v1/spaces/A/messages?key=…&token=…',
    ],
    [
      'Feishu',
      'https://open.feishu.cn/open-apis/bot/v2/hook/abc',
      'https://open.feishu.cn/open-apis/bot/v2/hook/…',
    ],
    [
      'Lark',
      'https://open.larksuite.com/open-apis/bot/v2/hook/abc',
      'https://open.larksuite.com/open-apis/bot/v2/hook/…',
    ],
    [
      'Teams',
      'https://acme.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d',
      'https://acme.webhook.office.com/webhookb2/…',
    ],
    [
      'Teams, old',
      'https://outlook.office.com/webhook/a@b/IncomingWebhook/c/d',
      'https://outlook.office.com/webhook/…',
    ],
    ['userinfo', 'https://user:pass@relay.example.com/cf', 'https://…@relay.example.com/cf'],
    ['only a user', 'https://user@relay.example.com/cf', 'https://…@relay.example.com/cf'],
    ['only a password', 'https://:pass@relay.example.com/cf', 'https://…@relay.example.com/cf'],
    ...[
      'token',
      'access_token',
      'api_key',
      'apikey',
      'apiKey',
      'X-Amz-Signature',
      'sig',
      'key',
      'code',
      'accessKey',
      'hookSig',
    ].map((name): [string, string, string] => [
      `the telling parameter ${name}`,
      `https://relay.example.com/cf?env=prod&${name}=abc`,
      `https://relay.example.com/cf?env=prod&${name}=…`,
    ]),
    [
      'a random value',
      `https://relay.example.com/cf?a=1&b=${TOKEN}&c=%22${TOKEN}`,
      'https://relay.example.com/cf?a=1&b=…&c=…',
    ],
    [
      'a query that is only a token',
      `https://relay.example.com/cf?${TOKEN}`,
      'https://relay.example.com/cf?…',
    ],
    [
      'a token as the value of no key',
      `https://relay.example.com/cf?=${TOKEN}`,
      'https://relay.example.com/cf?=…',
    ],
    ['a token as key', `https://relay.example.com/cf?${TOKEN}=1`, 'https://relay.example.com/cf?…=1'],
    ['a token as fragment', `https://relay.example.com/cf#${TOKEN}`, 'https://relay.example.com/cf#…'],
    [
      'a fragment that contains one',
      'https://relay.example.com/cf#a=1&token=b',
      'https://relay.example.com/cf#a=1&token=…',
    ],
    [
      'a path parameter',
      'https://relay.example.com/a;token=b;v=1/c',
      'https://relay.example.com/a;token=…;v=1/c',
    ],
    ['a label of the host', `https://${TOKEN}.in.example.com:8443/cf`, 'https://….in.example.com:8443/cf'],
    [
      'a host with a trailing dot',
      'https://hooks.slack.com./services/T/B/abc',
      'https://hooks.slack.com./services/T/B/…',
    ],
    [
      'double slashes',
      'https://hooks.slack.com//services//T/B/abc',
      'https://hooks.slack.com/services/T/B/…',
    ],
    [
      'a secret host with a trailing dot',
      'https://eo1abc.m.pipedream.net./x',
      'https://….m.pipedream.net./x',
    ],
    ['a random segment', `https://relay.example.com/in/${TOKEN}/x`, 'https://relay.example.com/in/…/x'],
    [
      'a random segment in a known service',
      `https://hooks.slack.com/services/${TOKEN}/B0/a`,
      'https://hooks.slack.com/services/…/B0/…',
    ],
    ['no host', 'mailto:ops@example.com', 'mailto:…'],
    ['not a URL, with userinfo', 'user:pass@relay', 'user:…'],
    ['not a URL, with @', 'ops@relay', '…'],
    ['not a URL, with a query', '/cf?token=abc', '…'],
    ['not a URL, random', TOKEN, '…'],
    ['not a URL', 'relay', 'relay'],
  ])('%s', (_, url, shown) => {
    expect(displayUrl(url)).toBe(shown);
  });

  test.each(['https://relay.example.com/cf?token=1', `https://relay.example.com/${TOKEN}`])(
    '%s hides something',
    (url) => {
      expect(hidesCredential(url)).toBe(true);
    },
  );
});

describe('tokens look random', () => {
  test.each([
    ['base62', TOKEN],
    ['hex', '9f86d081884c7d659a2feaa0c55ad015'],
    ['uppercase base32', 'JBSWY3DPEHPK3PXPJBSWY3DP'],
    ['UUID', '0f5f5a9e-11d2-4e3a-8d2b-1c2d3e4f5a6b'],
    ['UUID, digits only', '11111111-2222-3333-4444-555555555555'],
    ['base64url', 'dQw4w9-WgXcQ_x7Zp2-LmVw9RtY'],
    ['with a prefix', 'xoxb-123456789012-abcDEF123ghiJKL'],
    ['Telegram bot', 'bot123456789:AAF-abc_DEFghi1234jkl5678'],
    ['mixed case, no digit', 'qWeRtYuIoPaSdFgHjK'],
    ['many digits', '123456789012345678901234'],
    ['lowercase letters only', 'qzxwvkjhpmtrbnlcgdsfyeuaioqzxwvkjh'],
    ['sixteen', 'a1b2c3d4e5f6a7b8'],
    ['16 characters with one digit', 'abcdefghijklmno1'],
    ['12 characters of three kinds', 'token-aB3dEfGhIjKl'],
    ['20 digits', '12345678901234567890'],
    ['32 letters', 'qzxwvkjhpmtrbnlcgdsfyeuaioqzxwvk'],
    ['32 capitals', 'QZXWVKJHPMTRBNLCGDSFYEUAIOQZXWVK'],
    ['16 letters that change case five times', 'aaaBBBaaaBBBaaaB'],
    ['short runs of letters and digits', 'ab12cd-34ef56-gh78ij'],
    ['short runs of changing case', 'aBcD-eFgH-iJkL-mNoPq'],
  ])('%s', (_, segment) => {
    expect(looksRandom(segment)).toBe(true);
  });

  test.each([
    ['short', 'a1b2c3d4e5f6'],
    ['words', 'production-eu-west-1'],
    ['a long word', 'cloudflarenotifications'],
    ['camel case', 'cloudflareWebhookReceiver'],
    ['snake case', 'cloudflare_notification_webhook_input'],
    ['Discord id', '123456789012345678'],
    ['a date', '2026-03-12-maintenance'],
    ['a date and a time', '2026-03-12-11-58-00-000'],
    ['fifteen', 'x-abcdefghijklmn1'],
    ['15 characters of all kinds', 'a1b2c3d4e5f6a7b'],
    ['11 characters of three kinds', 'token-aB3dEfGhIjK'],
    ['capitals and digits, 12 characters', 'token-ABC123DEF456'],
    ['lowercase letters and digits, 12 characters', 'token-abc123def456'],
    ['19 digits', '1234567890123456789'],
    ['31 letters', 'qzxwvkjhpmtrbnlcgdsfyeuaioqzxwv'],
    ['15 letters of changing case', 'x-qWeRtYuIoPaSdFg'],
    ['16 letters that change case four times', 'aaaBBBaaaBBBaaaa'],
    ['short runs, 19 characters', 'ab12cd-34ef56-gh78i'],
    ['half of it in mixed runs', 'ab12cdefgh-inputname'],
    ['a host', 'relay.internal.example.com'],
    ['empty', ''],
  ])('not %s', (_, segment) => {
    expect(looksRandom(segment)).toBe(false);
  });
});

test('each service has its own name, and most of those that keep their credential are generic', () => {
  expect(new Set(DESTINATIONS.map(({ name }) => name)).size).toBe(DESTINATIONS.length);
  const keeping = DESTINATIONS.filter(({ keepsCredential }) => keepsCredential);
  expect(new Set(keeping.map(({ type }) => type))).toEqual(new Set(['generic', 'discord']));
});

test.each([
  ['https://hooks.slack.com/triggers/T/1/a', 'Slack workflow', false],
  ['https://hooks.slack.com/services/T/B/a', 'Slack', false],
  ['https://api.datadoghq.eu/api/v1/events', 'Datadog', true],
  ['https://api.opsgenie.com/v2/alerts', 'Opsgenie', true],
  ['https://splunk.example.com/services/collector/raw', 'Splunk', true],
])('%s is %s; needs a separate secret: %s', (url, name, needsSecret) => {
  const found = destinationOf(new URL(url));
  expect(found?.name).toBe(name);
  expect(found?.needsSecret ?? false).toBe(needsSecret);
});

describe('the hidden parts', () => {
  test.each([
    ['https://relay.example.com/cf?env=live', []],
    ['not a URL', []],
    [`https://${TOKEN}.in.example.com/?#`, [TOKEN.toLowerCase()]],
    [`https://hooks.slack.com/services/T0/B0/${TOKEN}`, [TOKEN]],
    [`https://hooks.slack.com/services/T0/B0/${TOKEN}/?a=1`, [`${TOKEN}/`]],
    [`https://hooks.zapier.com/hooks/catch/1/${TOKEN}/`, [`${TOKEN}/`]],
    [`https://u:p@relay.example.com/in/${TOKEN}/x?key=k&env=live&token=t`, ['u:p', TOKEN, 'k', 't']],
    [`https://relay.example.com/cf?a=1#token=${TOKEN}`, [TOKEN]],
  ])('%s', (url, parts) => {
    expect(hiddenParts(url)).toEqual(parts);
  });
});
