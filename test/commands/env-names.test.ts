import { expect, test } from '@jest/globals';
import { EnvNames } from '../../src/commands/import/import-entries.js';

const LONG = 'A name that is much longer than anyone would want to type into a shell, all of it';

test.each([
  ['Ops Slack', 'OPS_SLACK_SECRET', 'OPS_SLACK_WEBHOOK_URL'],
  [
    'what it is for is not said twice: relay webhook url',
    'WHAT_IT_IS_FOR_IS_NOT_SAID_TWICE_RELAY_WEBHOOK_URL_SECRET',
    'WHAT_IT_IS_FOR_IS_NOT_SAID_TWICE_RELAY_WEBHOOK_URL',
  ],
  ['relay secret', 'RELAY_SECRET', 'RELAY_SECRET_WEBHOOK_URL'],
  ['Überwachung (Köln)', 'UBERWACHUNG_KOLN_SECRET', 'UBERWACHUNG_KOLN_WEBHOOK_URL'],
  ['警报', 'WEBHOOK_SECRET', 'WEBHOOK_WEBHOOK_URL'],
  ['24/7', 'WEBHOOK_24_7_SECRET', 'WEBHOOK_24_7_WEBHOOK_URL'],
  ['Cloudflare base', 'WEBHOOK_CLOUDFLARE_BASE_SECRET', 'WEBHOOK_CLOUDFLARE_BASE_WEBHOOK_URL'],
  ['Zq81xLmP0sWvT7bN4kRy', 'WEBHOOK_SECRET', 'WEBHOOK_WEBHOOK_URL'],
])('%s', (name, secret, url) => {
  expect(new EnvNames([]).secretOf(name)).toBe(secret);
  expect(new EnvNames([]).urlOf(name)).toBe(url);
});

test('shortens a long name at the end of a word', () => {
  expect(new EnvNames([]).secretOf(LONG)).toBe(
    'A_NAME_THAT_IS_MUCH_LONGER_THAN_ANYONE_WOULD_WANT_TO_TYPE_SECRET',
  );
});

test('each name is unique, and none is already used', () => {
  const names = new EnvNames(['OPS_SECRET']);
  expect([names.secretOf('Ops'), names.secretOf('ops!'), names.secretOf('OPS')]).toEqual([
    'OPS_SECRET_2',
    'OPS_SECRET_3',
    'OPS_SECRET_4',
  ]);
});
