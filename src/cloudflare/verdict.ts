import type { ErrorCode, HookwrightError } from '../core/errors.js';
import type { WriteAnswer } from '../core/ports.js';
import { codesOf, parseEnvelope, type Envelope } from './envelope.js';
import type { Ask, Faults } from './api-errors.js';
import type { HttpAnswer, HttpReply } from './receive.js';
import type { Decoded } from './wire.js';

/** What an answer to a GET means; `again`: worth another try; `none`: there is no such object. */
export type ReadVerdict<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'none'; readonly error: HookwrightError }
  | { readonly kind: 'again'; readonly error: HookwrightError }
  | { readonly kind: 'failed'; readonly error: HookwrightError };

/** What a good answer gives, or what is wrong with it. */
export type DecodeAnswer<T> = (envelope: Envelope, answer: HttpAnswer) => Decoded<T>;

/** Bad token, bad header, missing permission (https://developers.cloudflare.com/api/). */
const ACCESS_CODES = [10000, 6003, 6103, 6111, 9106, 9109];
/** `Could not route to …, perhaps your object identifier is invalid?` */
const ROUTE_CODES = [7000, 7003];

/** `tries`: how often it has been sent, for the message. */
export function judgeRead<T>(
  ask: Ask,
  reply: HttpReply,
  decode: DecodeAnswer<T>,
  faults: Faults,
  tries: number,
): ReadVerdict<T> {
  if (reply.kind === 'failure') {
    const final = reply.why === 'interrupted' || reply.why === 'too-long';
    return { kind: final ? 'failed' : 'again', error: faults.ofFailure(ask, reply, tries) };
  }
  const envelope = parseEnvelope(reply.text);
  const { status } = reply;
  const fault = (code: ErrorCode, why?: string): HookwrightError =>
    faults.ofAnswer(ask, reply, envelope, code, why);
  if (status === 408 || status >= 500) return { kind: 'again', error: fault('bad-answer') };
  if (status < 200 || (status >= 300 && status < 400)) return { kind: 'failed', error: fault('bad-answer') };
  if (status >= 400) {
    const error = fault(refusal(ask, status, envelope));
    return { kind: isGone(status, envelope) ? 'none' : 'failed', error };
  }
  if (envelope.form === 'json') return { kind: 'failed', error: fault('bad-answer') };
  if (envelope.form !== 'envelope') return { kind: 'again', error: fault('bad-answer') };
  if (!envelope.success) return { kind: 'failed', error: fault(refusal(ask, status, envelope)) };
  const decoded = decode(envelope, reply);
  if (decoded.ok) return { kind: 'value', value: decoded.value };
  return { kind: 'failed', error: fault('bad-answer', `the response is not valid: ${decoded.fault}`) };
}

/** What an answer to a POST, PUT or DELETE means; in doubt it may have happened. */
export function judgeWrite<T>(
  ask: Ask,
  reply: HttpReply,
  decode: (result: unknown) => Decoded<T>,
  faults: Faults,
  tries: number,
): WriteAnswer<T> {
  if (reply.kind === 'failure') {
    const error = faults.ofFailure(ask, reply, tries);
    return { status: reply.mayHaveArrived ? 'unknown' : 'refused', error };
  }
  const envelope = parseEnvelope(reply.text);
  const { status } = reply;
  const fault = (code: ErrorCode, why?: string): HookwrightError =>
    faults.ofAnswer(ask, reply, envelope, code, why);
  const refused = status >= 400 && status < 500 && status !== 408;
  if (refused || (status >= 200 && status < 300 && envelope.form === 'envelope' && !envelope.success)) {
    const code = refusal(ask, status, envelope);
    // A webhook that is already gone may be answered so; whether it is gone, a read tells.
    const open = ask.method === 'DELETE' && code === 'not-found';
    return { status: open ? 'unknown' : 'refused', error: fault(code) };
  }
  if (status < 200 || status >= 300 || envelope.form !== 'envelope') {
    return { status: 'unknown', error: fault('bad-answer') };
  }
  const decoded = decode(envelope.result);
  if (decoded.ok) return { status: 'done', value: decoded.value };
  return { status: 'unknown', error: fault('bad-answer', `the response is not valid: ${decoded.fault}`) };
}

/** Only an answer of the API itself proves that an object is gone, not some server's page for a wrong address. */
function isGone(status: number, envelope: Envelope): boolean {
  const codes = codesOf(envelope);
  return (
    status === 404 &&
    envelope.form === 'envelope' &&
    !codes.some((code) => ROUTE_CODES.includes(code) || ACCESS_CODES.includes(code))
  );
}

function refusal(ask: Ask, status: number, envelope: Envelope): ErrorCode {
  const codes = codesOf(envelope);
  if (status === 401 || status === 403 || codes.some((code) => ACCESS_CODES.includes(code)))
    return 'access-denied';
  if (codes.some((code) => ROUTE_CODES.includes(code))) return 'wrong-address';
  if (status === 429) return 'rate-limited';
  // Some server's page for an address it does not know proves nothing about a webhook.
  if (status === 404)
    return ask.method !== 'GET' || envelope.form === 'envelope' ? 'not-found' : 'wrong-address';
  // Two errors come without a code, so that only their words tell them from others
  // (https://developers.cloudflare.com/notifications/reference/common-errors/).
  const words = codes.length === 0 ? envelope.errors.map((error) => error.message).join(' ') : '';
  if (/webhook test failed/i.test(words)) return 'destination-refused';
  if (ask.method === 'PUT' && /^invalid webhook id/i.test(words)) return 'not-found';
  return 'api-refused';
}
