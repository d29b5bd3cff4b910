import { describe, expect, test } from '@jest/globals';
import { comparableUrl, newRedactor, shownUrl, urlProblem, webhookUrl } from '../../src/core/urls.js';

describe('the URL of a webhook', () => {
  test.each([
    'https://relay.example.com/cf',
    'HTTP://relay.example.com',
    'https://relay.example.com/a,b?next=,https://other.example.com',
    'https://bücher.example/ü',
    'https://user@relay.example.com:8443/cf#part',
  ])('can be %s', (text) => {
    expect(webhookUrl(text)).toEqual({ ok: true, value: new URL(text) });
    expect(urlProblem(text)).toBeUndefined();
  });

  const SCHEME = 'is not an absolute http or https URL';
  test.each([
    ['https://relay.example.com/\n', 'contains a newline'],
    ['https://relay.example.com/\r', 'contains a newline'],
    ['https://relay.example.com/a b', 'contains a space'],
    ['https://relay.example.com/\u00a0', 'contains a space'],
    ['https://relay.example.com/\u0007', 'contains a control character'],
    ['https://relay.example.com\\cf', 'contains a backslash'],
    ['https:relay.example.com', SCHEME],
    ['https:///relay.example.com', SCHEME],
    ['https://?relay.example.com', SCHEME],
    ['https://#relay.example.com', SCHEME],
    ['ftp://relay.example.com', SCHEME],
    ['see https://relay.example.com'.replace(' ', ':'), SCHEME],
    ['relay.example.com/https://cf', SCHEME],
    ['https://relay.example.com:99999/', SCHEME],
    ['', SCHEME],
    ['https://a.example.com,https://b.example.com', 'contains a second URL'],
    ['https://a.example.com/cf,http://b.example.com', 'contains a second URL'],
  ])('cannot be %j: it %s', (text, problem) => {
    expect(webhookUrl(text)).toEqual({ ok: false, error: problem });
    expect(urlProblem(text)).toBe(problem);
  });
});

test('slashes at the end do not count when chat URLs are compared, those within do', () => {
  const base = 'https://hooks.slack.com/services/T000/B000';
  expect(comparableUrl(`${base}//`)).toBe(base);
  expect(comparableUrl(`${base}/token//`)).toBe(base);
  expect(comparableUrl('https://chat.googleapis.com/v1/spaces/A/messages/?key=1')).toBe(
    'https://chat.googleapis.com/v1/spaces/A/messages',
  );
  expect(comparableUrl('https://relay.example.com/a/')).toBe('https://relay.example.com/a/');
});

describe('what is shown of a live URL', () => {
  const url = 'https://relay.example.com/cf';

  test.each([
    ['a plain one as it is', { url }, false, url],
    ['only the host, if its entry has a reference', { url }, true, 'https://relay.example.com'],
    ['the same, as the planner marked it', { url, urlIsSecret: true }, false, 'https://relay.example.com'],
    [
      'only the host of a hidden one',
      { url: { kind: 'hidden', host: 'https://relay.example.com', sha256: '' } },
      false,
      'https://relay.example.com/…',
    ],
    ['nothing of what is not a URL', { url: 'token' }, true, '…'],
  ] as const)('%s', (_, live, isSecret, shown) => {
    expect(shownUrl(live, isSecret)).toBe(shown);
  });
});

test('a redactor masks only what looks like a credential in a URL', () => {
  const redactor = newRedactor();
  const plain = 'refused by https://relay.example.com/cf?env=staging';
  expect(redactor.redact(plain)).toBe(plain);
  expect(redactor.redact('refused by https://relay.example.com/cf?token=1')).toBe(
    'refused by https://relay.example.com/cf?token=…',
  );
});
