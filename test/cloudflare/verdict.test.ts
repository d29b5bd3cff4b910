import { describe, expect, test } from '@jest/globals';
import { ErrorFactory, type ApiRequest } from '../../src/cloudflare/api-errors.js';
import type { HttpFailure, HttpReply } from '../../src/cloudflare/transport.js';
import { classifyRead, classifyWrite } from '../../src/cloudflare/exchange.js';
import type { Decoded } from '../../src/cloudflare/wire.js';
import { Redactor } from '../../src/core/redactor.js';

const faults = new ErrorFactory(new Redactor(), new URL('https://api.example/'), 5000);
const HTML = '<html>';

const asking = (method: ApiRequest['method']): ApiRequest => ({
  method,
  path: '/x',
  maxBytes: 1000,
  what: 'do it',
  account: 'a',
});

const answer = (status: number, text = ''): HttpReply => ({ kind: 'answer', status, headers: {}, text });
const yes = (status: number): HttpReply => answer(status, JSON.stringify({ success: true, result: 'it' }));
const no = (status: number, code?: number, message = 'no'): HttpReply =>
  answer(status, JSON.stringify({ success: false, errors: [{ message, ...(code && { code }) }] }));
const none = (why: HttpFailure['why'], mayHaveArrived: boolean): HttpReply => ({
  kind: 'failure',
  why,
  mayHaveArrived,
  systemCode: '',
  detail: '',
});

const decode = (result: unknown): Decoded<string> =>
  typeof result === 'string' ? { ok: true, value: result } : { ok: false, fault: 'it is no text' };

function read(reply: HttpReply): string {
  const verdict = classifyRead(asking('GET'), reply, ({ result }) => decode(result), faults, 1);
  return verdict.kind === 'value' ? `value ${verdict.value}` : `${verdict.kind} ${verdict.error.code}`;
}

function write(reply: HttpReply, method: ApiRequest['method'] = 'POST'): string {
  const verdict = classifyWrite(asking(method), reply, decode, faults, 1);
  return verdict.status === 'done' ? `done ${verdict.value}` : `${verdict.status} ${verdict.error.code}`;
}

test.each<readonly [string, HttpReply, string, string]>([
  ['a signal', none('interrupted', false), 'failed interrupted', 'refused interrupted'],
  ['a signal while under way', none('interrupted', true), 'failed interrupted', 'unknown interrupted'],
  ['too long', none('too-long', true), 'failed bad-answer', 'unknown bad-answer'],
  ['not reached', none('network', false), 'again network', 'refused network'],
  ['cut', none('network', true), 'again network', 'unknown network'],
  ['silence', none('timeout', true), 'again timeout', 'unknown timeout'],

  ['199', yes(199), 'failed bad-answer', 'unknown bad-answer'],
  ['199 that says no', no(199), 'failed bad-answer', 'unknown bad-answer'],
  ['200', yes(200), 'value it', 'done it'],
  ['299', yes(299), 'value it', 'done it'],
  ['300', yes(300), 'failed bad-answer', 'unknown bad-answer'],
  ['300 that says no', no(300), 'failed bad-answer', 'unknown bad-answer'],
  ['399', yes(399), 'failed bad-answer', 'unknown bad-answer'],
  ['400', yes(400), 'failed api-refused', 'refused api-refused'],
  ['408', no(408), 'again bad-answer', 'unknown bad-answer'],
  ['429', no(429, 971), 'failed rate-limited', 'refused rate-limited'],
  ['499', no(499), 'failed api-refused', 'refused api-refused'],
  ['500', no(500), 'again bad-answer', 'unknown bad-answer'],
  ['599', no(599), 'again bad-answer', 'unknown bad-answer'],

  ['success: false with 200', no(200), 'failed api-refused', 'refused api-refused'],
  ['an access code with 200', no(200, 10000), 'failed access-denied', 'refused access-denied'],
  ['JSON of another kind', answer(200, '{}'), 'failed bad-answer', 'unknown bad-answer'],
  ['HTML', answer(200, HTML), 'again bad-answer', 'unknown bad-answer'],
  ['nothing', answer(200), 'again bad-answer', 'unknown bad-answer'],
  [
    'not what was asked for',
    answer(200, '{"success":true,"result":5}'),
    'failed bad-answer',
    'unknown bad-answer',
  ],

  ['401', no(401), 'failed access-denied', 'refused access-denied'],
  ['403', answer(403, HTML), 'failed access-denied', 'refused access-denied'],
  ['an access code with 404', no(404, 9109), 'failed access-denied', 'refused access-denied'],
  ['a route code', no(400, 7000), 'failed wrong-address', 'refused wrong-address'],
  ['404', no(404), 'none not-found', 'refused not-found'],
  ['404 with a code of its own', no(404, 17000), 'none not-found', 'refused not-found'],
  ['404 with a route code', no(404, 7003), 'failed wrong-address', 'refused wrong-address'],
  ['404 of some server', answer(404, HTML), 'failed wrong-address', 'refused not-found'],
  ['404 with other JSON', answer(404, '{}'), 'failed wrong-address', 'refused not-found'],
  ['410: only a 404 says that there is none', no(410), 'failed api-refused', 'refused api-refused'],
])('%s', (_, reply, toRead, toWrite) => {
  expect(read(reply)).toBe(toRead);
  expect(write(reply)).toBe(toWrite);
});

describe('where only the words tell', () => {
  const failed = 'Webhook test failed with status code 404';

  test('the destination refused its test message', () => {
    expect(write(no(400, undefined, failed))).toBe('refused destination-refused');
    expect(write(no(400, 17000, failed))).toBe('refused api-refused');
  });

  test('a PUT is to a webhook that is gone', () => {
    const gone = no(400, undefined, 'Invalid webhook ID');
    expect(write(gone, 'PUT')).toBe('refused not-found');
    expect(write(gone, 'POST')).toBe('refused api-refused');
    // The words may be quoted from a name.
    expect(write(no(400, undefined, 'name "invalid webhook id" is taken'), 'PUT')).toBe(
      'refused api-refused',
    );
  });
});

test('a DELETE of what is gone may have been the one that did it: a read tells', () => {
  expect(write(no(404), 'DELETE')).toBe('unknown not-found');
  expect(write(no(404, 7003), 'DELETE')).toBe('refused wrong-address');
  expect(write(no(404), 'PUT')).toBe('refused not-found');
});

test('what cannot be used is said', () => {
  const reply = answer(200, '{"success":true,"result":5}');
  const verdict = classifyRead(asking('GET'), reply, ({ result }) => decode(result), faults, 1);
  const written = classifyWrite(asking('POST'), reply, decode, faults, 1);
  for (const error of [
    verdict.kind === 'failed' && verdict.error,
    written.status === 'unknown' && written.error,
  ])
    expect(error).toMatchObject({
      message: expect.stringContaining('the response is not valid: it is no text'),
    });
});
