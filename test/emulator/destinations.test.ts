import { describe, expect, test } from '@jest/globals';
import { DEFAULT_QUIRKS } from '../../src/emulator/quirks.js';
import { storedForm } from '../../src/emulator/stored-form.js';

const cases: readonly (readonly [string, string, string | undefined, string])[] = [
  ['https://hooks.slack.com/services/T0/B0/tok', 'https://hooks.slack.com/services/T0/B0', 'tok', 'slack'],
  ['https://hooks.slack.com/services/T0/B0', 'https://hooks.slack.com/services/T0/B0', undefined, 'slack'],
  [
    'https://hooks.slack.com/triggers/T0/1/tok',
    'https://hooks.slack.com/triggers/T0/1/tok',
    undefined,
    'generic',
  ],
  ['https://discord.com/api/webhooks/1/tok', 'https://discord.com/api/webhooks/1', 'tok', 'discord'],
  [
    'https://discordapp.com/api/v10/webhooks/1/t',
    'https://discordapp.com/api/v10/webhooks/1',
    't',
    'discord',
  ],
  ['https://discord.com/channels/1', 'https://discord.com/channels/1', undefined, 'generic'],
  [
    'https://chat.googleapis.com/v1/spaces/A/messages?key=K&token=T',
    'https://chat.googleapis.com/v1/spaces/A/messages',
    'key=K&token=T',
    'gchat',
  ],
  [
    'https://open.feishu.cn/open-apis/bot/v2/hook/abc',
    'https://open.feishu.cn/open-apis/bot/v2/hook',
    'abc',
    'feishu',
  ],
  [
    'https://a.webhook.office.com/webhookb2/x/y/z',
    'https://a.webhook.office.com/webhookb2/x/y/z',
    undefined,
    'generic',
  ],
  [
    'https://api.datadoghq.com/api/v1/events',
    'https://api.datadoghq.com/api/v1/events',
    undefined,
    'datadog',
  ],
  ['https://api.opsgenie.com/v2/alerts', 'https://api.opsgenie.com/v2/alerts', undefined, 'opsgenie'],
  [
    'https://s.example:8088/services/collector/event',
    'https://s.example:8088/services/collector/event',
    undefined,
    'splunk',
  ],
  ['https://Relay.Example.com', 'https://Relay.Example.com', undefined, 'generic'],
];

describe('the stored form', () => {
  test.each(cases)('%s', (url, stored, secret, type) => {
    expect(storedForm(url, undefined, DEFAULT_QUIRKS)).toEqual({
      url: stored,
      type,
      ...(secret ? { secret } : {}),
    });
  });

  test.each(cases)('removing the credential from %s is idempotent', (url) => {
    const once = storedForm(url, undefined, DEFAULT_QUIRKS);
    expect(storedForm(once.url, once.secret, DEFAULT_QUIRKS)).toEqual(once);
  });

  test('an explicit secret takes precedence over the one in the URL', () => {
    expect(storedForm('https://hooks.slack.com/services/T/B/tok', 'own', DEFAULT_QUIRKS).secret).toBe('own');
  });

  test('the key of Google Chat can stay', () => {
    const url = 'https://chat.googleapis.com/v1/spaces/A/messages?key=K&token=T';
    expect(storedForm(url, undefined, { ...DEFAULT_QUIRKS, 'gchat-query': 'key-kept' })).toEqual({
      url: 'https://chat.googleapis.com/v1/spaces/A/messages?key=K',
      type: 'gchat',
      secret: 'T',
    });
  });

  test('nothing is removed if URLs are not split', () => {
    const url = 'https://hooks.slack.com/services/T/B/tok';
    expect(storedForm(url, undefined, { ...DEFAULT_QUIRKS, 'split-urls': 'off' })).toEqual({
      url,
      type: 'slack',
    });
  });
});
