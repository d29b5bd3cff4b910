import { describe, expect, test } from '@jest/globals';
import { ErrorFactory, type ApiRequest } from '../../src/cloudflare/api-errors.js';
import type { HttpFailure, HttpReply } from '../../src/cloudflare/transport.js';
import { verdictOn, type Verdict } from '../../src/cloudflare/exchange.js';
import { DecodeError } from '../../src/cloudflare/wire.js';
import { Redactor } from '../../src/text/redactor.js';

const faults = new ErrorFactory(new Redactor(), new URL('https://api.example/'), 5000);
const HTML = '<html>';

const asking = (method: ApiRequest['method']): ApiRequest => ({
  method,
  path: '/x',
  maxBytes: 1000,
  description: 'do it',
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

function decode(result: unknown): string {
  if (typeof result === 'string') return result;
  throw new DecodeError('it is not text');
}

function judge(reply: HttpReply, method: ApiRequest['method']): Verdict<string> {
  return verdictOn(asking(method), reply, decode, faults, 1);
}

function shown(verdict: Verdict<string>): string {
  return verdict.kind === 'value' ? `value ${verdict.value}` : `${verdict.kind} ${verdict.error.code}`;
}

const read = (reply: HttpReply): string => shown(judge(reply, 'GET'));
const write = (reply: HttpReply, method: ApiRequest['method'] = 'POST'): string =>
  shown(judge(reply, method));

test.each<readonly [string, HttpReply, string, string]>([
  ['a signal', none('interrupted', false), 'refused interrupted', 'refused interrupted'],
  ['a signal while in flight', none('interrupted', true), 'refused interrupted', 'unknown interrupted'],
  ['too long', none('too-long', true), 'refused bad-answer', 'unknown bad-answer'],
  ['not reached', none('network', false), 'again network', 'again network'],
  ['cut', none('network', true), 'again network', 'unknown network'],
  ['silence before a connection', none('timeout', false), 'again network', 'again network'],
  ['silence', none('timeout', true), 'again timeout', 'unknown timeout'],

  ['101', answer(101), 'refused bad-answer', 'unknown bad-answer'],
  ['199', yes(199), 'refused bad-answer', 'unknown bad-answer'],
  ['199 with an error', no(199), 'refused bad-answer', 'unknown bad-answer'],
  ['200', yes(200), 'value it', 'value it'],
  ['299', yes(299), 'value it', 'value it'],
  ['300', yes(300), 'refused bad-answer', 'unknown bad-answer'],
  ['300 with an error', no(300), 'refused bad-answer', 'unknown bad-answer'],
  ['399', yes(399), 'refused bad-answer', 'unknown bad-answer'],
  ['400', yes(400), 'refused api-refused', 'refused api-refused'],
  ['408', no(408), 'again bad-answer', 'unknown bad-answer'],
  ['499', no(499), 'refused api-refused', 'refused api-refused'],
  ['500', no(500), 'again bad-answer', 'unknown bad-answer'],
  ['599', no(599), 'again bad-answer', 'unknown bad-answer'],

  ['429', no(429, 971), 'wait rate-limited', 'wait rate-limited'],
  ['429 with HTML', answer(429, HTML), 'wait rate-limited', 'wait rate-limited'],
  ['code 971 with 200', no(200, 971), 'wait rate-limited', 'wait rate-limited'],
  ['code 971 with 503', no(503, 971), 'wait rate-limited', 'wait rate-limited'],
  [
    'code 971 in a success',
    answer(200, '{"success":true,"errors":[{"code":971}],"result":"it"}'),
    'value it',
    'value it',
  ],

  ['success: false with 200', no(200), 'refused api-refused', 'refused api-refused'],
  ['a transient access code with 200', no(200, 10000), 'again access-denied', 'again access-denied'],
  ['an access code with 200', no(200, 9109), 'refused access-denied', 'refused access-denied'],
  ['JSON in another format', answer(200, '{}'), 'again bad-answer', 'unknown bad-answer'],
  ['null', answer(200, 'null'), 'again bad-answer', 'unknown bad-answer'],
  ['a bare list', answer(200, '[]'), 'again bad-answer', 'unknown bad-answer'],
  ['no success', answer(200, '{"result":"it"}'), 'again bad-answer', 'unknown bad-answer'],
  ['HTML', answer(200, HTML), 'again bad-answer', 'unknown bad-answer'],
  ['nothing', answer(200), 'again bad-answer', 'unknown bad-answer'],
  [
    'a different result',
    answer(200, '{"success":true,"result":5}'),
    'again bad-answer',
    'unknown bad-answer',
  ],

  ['401', no(401), 'again access-denied', 'again access-denied'],
  ['403', answer(403, HTML), 'again access-denied', 'again access-denied'],
  ['a transient access code with 400', no(400, 10001), 'again access-denied', 'again access-denied'],
  ['an access code with 404', no(404, 9109), 'refused access-denied', 'refused access-denied'],
  ['a route code', no(400, 7000), 'refused wrong-address', 'refused wrong-address'],
  ['404', no(404), 'nothing not-found', 'nothing not-found'],
  ['404 with another code', no(404, 17000), 'nothing not-found', 'nothing not-found'],
  ['404 with a route code', no(404, 7003), 'refused wrong-address', 'refused wrong-address'],
  ['404 from another server', answer(404, HTML), 'refused wrong-address', 'nothing not-found'],
  ['404 with other JSON', answer(404, '{}'), 'refused wrong-address', 'nothing not-found'],
  ['410: only a 404 means that it does not exist', no(410), 'refused api-refused', 'refused api-refused'],
])('%s', (_, reply, toRead, toWrite) => {
  expect(read(reply)).toBe(toRead);
  expect(write(reply)).toBe(toWrite);
});

const BODIES = [
  '',
  HTML,
  'null',
  '[]',
  '{}',
  '{"success":true}',
  '{"success":true,"result":null}',
  '{"success":true,"result":"it"}',
  '{"success":false}',
  '{"success":false,"errors":[{"code":971}]}',
  '{"success":false,"errors":[{"code":10000}]}',
  '{"success":false,"errors":[{"code":7003}]}',
  '{"success":false,"errors":[{"message":"Webhook test failed"}]}',
];

describe.each(BODIES)('for any status, with %j', (body) => {
  test('one verdict that claims no more than is known', () => {
    for (let status = 0; status < 1000; status += 1) {
      const reply = answer(status, body);
      const [get, post] = [judge(reply, 'GET').kind, judge(reply, 'POST').kind];
      const ok = status >= 200 && status < 300;
      // A value needs both a status and a body of success.
      if (get === 'value' || post === 'value')
        expect({ ok, body }).toEqual({ ok: true, body: '{"success":true,"result":"it"}' });
      // A read is never unknown, and what leaves a write unknown is never a response to a read.
      expect(get).not.toBe('unknown');
      if (post === 'unknown') expect(['again', 'refused']).toContain(get);
      // Only a 4xx status or a response of the API shows that a write was not carried out.
      const said = (status >= 400 && status < 500 && status !== 408) || body.includes('971');
      if (!said && !(ok && body.startsWith('{"success":false'))) expect(['unknown', 'value']).toContain(post);
    }
  });
});

describe('when only the message identifies the error', () => {
  test.each([
    'Webhook test failed with status code 404',
    'Webhook test request failed',
    'webhook test failed',
  ])('the destination refused its test message: %s', (words) => {
    for (const status of [400, 422]) {
      for (const code of [undefined, 17000]) {
        expect(write(no(status, code, words))).toBe('refused destination-refused');
        expect(write(no(status, code, words), 'PUT')).toBe('refused destination-refused');
      }
    }
    expect(write(no(404, undefined, words))).toBe('nothing not-found');
    expect(write(no(500, undefined, words))).toBe('unknown bad-answer');
    expect(write(no(400, 10000, words))).toBe('again access-denied');
  });

  test('a PUT to a deleted webhook', () => {
    const gone = no(400, undefined, 'Invalid webhook ID');
    expect(write(gone, 'PUT')).toBe('nothing not-found');
    expect(write(gone, 'POST')).toBe('refused api-refused');
    expect(write(no(400, 17000, 'Invalid webhook ID'), 'PUT')).toBe('refused api-refused');
    // The words can be quoted from a name.
    expect(write(no(400, undefined, 'name "invalid webhook id" is taken'), 'PUT')).toBe(
      'refused api-refused',
    );
  });
});

test('the error says why the response is not usable', () => {
  const reply = answer(200, '{"success":true,"result":5}');
  for (const method of ['GET', 'POST'] as const) {
    expect(judge(reply, method)).toMatchObject({
      error: { message: expect.stringContaining('the response is not valid: it is not text') },
    });
  }
});
