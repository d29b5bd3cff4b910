import { expect, test } from '@jest/globals';
import { wholeBody, isAsSent, bodyKeepingUrl } from '../../src/apply/writes.js';
import type { DesiredSecret, Spec } from '../../src/core/desired.js';
import type { Credentials, WebhookBody } from '../../src/core/ports.js';
import { Secret } from '../../src/core/secret.js';
import { envSecret, envUrl, live, URL_1, URL_2 } from '../support/core/builders.js';

const SLACK = 'https://hooks.slack.com/services/T/B';
const GCHAT = 'https://chat.googleapis.com/v1/spaces/A/messages';
const NONE: DesiredSecret = { kind: 'none' };
const TOKEN = new Secret('hunter2');

const shown = ({ name, url, secret }: WebhookBody): unknown => ({
  name,
  url: typeof url === 'string' ? url : url.reveal(),
  ...(secret && { secret: secret.reveal() }),
});
const spec = (url: Spec['url'], secret?: DesiredSecret): Spec => ({
  name: 'Ops',
  url,
  ...(secret && { secret }),
});
const literal = (url: string): Spec['url'] => ({ kind: 'literal', url });

/** Returns what a PUT sends that keeps the webhook's URL. */
const keeping = (after: Spec, credentials: Credentials, at: string): unknown =>
  shown(bodyKeepingUrl(after, credentials, live(1, 'Before', at)));

test('a PUT that keeps the URL sends the live URL', () => {
  // A different spelling is not a reason to change the URL.
  const written = 'https://RELAY.example.com:443/one';
  expect(keeping(spec(literal(written), NONE), { url: written }, URL_1)).toEqual({ name: 'Ops', url: URL_1 });
  expect(keeping(spec(literal(written)), { url: written }, URL_1)).toEqual({ name: 'Ops', url: URL_1 });
});

test('sends a declared secret again, because a PUT without one may clear it', () => {
  expect(keeping(spec(literal(URL_1), envSecret()), { url: URL_1, secret: TOKEN }, URL_1)).toEqual({
    name: 'Ops',
    url: URL_1,
    secret: 'hunter2',
  });
});

test('sends the part of a whole chat URL that Cloudflare moved out of it as the secret', () => {
  const whole = new Secret(`${SLACK}/token`);
  expect(keeping(spec(envUrl(`${SLACK}/token`)), { url: whole }, SLACK)).toEqual({
    name: 'Ops',
    url: SLACK,
    secret: 'token',
  });
  // The URL is already split and no secret is declared, so there is no secret to send.
  expect(keeping(spec(literal(SLACK)), { url: SLACK }, SLACK)).toEqual({ name: 'Ops', url: SLACK });
});

test('"secret: none" with a whole chat URL does not remove its credential', () => {
  const whole = new Secret(`${SLACK}/token`);
  const body = { name: 'Ops', url: SLACK, secret: 'token' };
  expect(keeping(spec(envUrl(`${SLACK}/token`), NONE), { url: whole }, SLACK)).toEqual(body);
});

test('does the same if the plan did not know the value of the URL, as a saved plan never does', () => {
  const whole = new Secret(`${SLACK}/token`);
  const body = { name: 'Ops', url: SLACK, secret: 'token' };
  expect(keeping(spec(envUrl()), { url: whole }, SLACK)).toEqual(body);
  expect(keeping(spec(envUrl(), NONE), { url: whole }, SLACK)).toEqual(body);
});

test('never combines the live chat URL with the credential of another one', () => {
  const whole = new Secret(`${SLACK}2/token`);
  expect(keeping(spec(envUrl()), { url: whole }, SLACK)).toEqual({ name: 'Ops', url: whole.reveal() });
});

test.each([undefined, NONE])(
  'sends the whole URL if the split form is not documented (secret: %j)',
  (secret) => {
    const whole = `${GCHAT}?key=a&token=b`;
    expect(keeping(spec(envUrl(whole), secret), { url: new Secret(whole) }, GCHAT)).toEqual({
      name: 'Ops',
      url: whole,
    });
  },
);

test('a POST, and a PUT that changes the URL, send what the file says', () => {
  expect(shown(wholeBody('Ops', { url: URL_2 }))).toEqual({ name: 'Ops', url: URL_2 });
  expect(shown(wholeBody('Ops [hookwright: replaces 0a1b2c3d]', { url: URL_2, secret: TOKEN }))).toEqual({
    name: 'Ops [hookwright: replaces 0a1b2c3d]',
    url: URL_2,
    secret: 'hunter2',
  });
});

test('a webhook is as sent if its name and URL are, as far as Cloudflare shows it', () => {
  const body = { name: 'Ops', url: new Secret(`${SLACK}/token`) };
  expect(isAsSent(live(1, 'Ops', SLACK), body)).toBe(true);
  expect(isAsSent(live(1, 'Ops 2', SLACK), body)).toBe(false);
  expect(isAsSent(live(1, 'Ops', URL_1), body)).toBe(false);
});
