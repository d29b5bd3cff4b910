import type { ErrorCode, HookwrightError } from '../core/errors.js';
import type { ApiRequest, ErrorFactory } from './api-errors.js';
import { codesOf, type Envelope, parseEnvelope } from './envelope.js';
import type { HttpAnswer, HttpReply } from './transport.js';
import type { Decoded } from './wire.js';

/** What a reply means for the request that it answers. Every reply means exactly one of these. */
export type Verdict<T> =
  | { readonly kind: 'value'; readonly value: T }
  /**
   * - `nothing`: there is no such object.
   * - `again`: nothing was done, and another try may succeed.
   * - `wait`: nothing was done because of the rate limit.
   * - `refused`: nothing was done, and another try would end in the same way.
   * - `unknown`: a write that may have been carried out.
   */
  | {
      readonly kind: 'nothing' | 'again' | 'wait' | 'refused' | 'unknown';
      readonly error: HookwrightError;
    };

/** Returns the value of a success, or what is wrong with it. */
export type DecodeAnswer<T> = (envelope: Envelope, answer: HttpAnswer) => Decoded<T>;

/** Bad token, bad header, missing permission (https://developers.cloudflare.com/api/). */
const ACCESS_CODES = [10000, 10001, 6003, 6103, 6111, 9106, 9109];
/** `Authentication error`, `Unable to authenticate request`: met now and then with a valid token. */
const TRANSIENT_ACCESS_CODES = [10000, 10001];
/** `Could not route to …, perhaps your object identifier is invalid?` */
const ROUTE_CODES = [7000, 7003];
/** `Please wait and consider throttling your request speed`: also comes with other statuses than 429. */
const RATE_CODE = 971;

/** Judges a reply. In doubt a write may have been carried out. `tries`: how often it was sent, for the message. */
export function verdictOn<T>(
  request: ApiRequest,
  reply: HttpReply,
  decode: DecodeAnswer<T>,
  errors: ErrorFactory,
  tries: number,
): Verdict<T> {
  // A GET changes nothing, so what leaves a write in doubt is a reason to send a GET again.
  const doubt = request.method === 'GET' ? 'again' : 'unknown';
  if (reply.kind === 'failure') {
    const error = errors.ofFailure(request, reply, tries);
    const final = reply.why === 'interrupted' || reply.why === 'too-long';
    const open = reply.mayHaveArrived ? doubt : 'again';
    return { kind: final && open === 'again' ? 'refused' : open, error };
  }
  const { status } = reply;
  const envelope = parseEnvelope(reply.text);
  const codes = envelope.success ? [] : codesOf(envelope);
  const judged = (kind: Exclude<Verdict<T>['kind'], 'value'>, code: ErrorCode, why?: string): Verdict<T> => ({
    kind,
    error: errors.ofAnswer(request, reply, envelope, code, why),
  });
  if (status === 429 || codes.includes(RATE_CODE)) return judged('wait', 'rate-limited');
  // A redirect is not followed, and a protocol was not asked for: the same GET would be answered in the same way.
  if (status < 200 || (status >= 300 && status < 400)) {
    return judged(doubt === 'again' ? 'refused' : doubt, 'bad-answer');
  }
  if (status === 408 || status >= 500) return judged(doubt, 'bad-answer');
  if (status < 300 && envelope.form !== 'envelope') return judged(doubt, 'bad-answer');
  if (status >= 400 || !envelope.success) {
    const code = refusal(request, status, envelope, codes);
    const transient =
      status === 401 || status === 403 || codes.some((each) => TRANSIENT_ACCESS_CODES.includes(each));
    if (code === 'access-denied' && transient) return judged('again', code);
    return judged(code === 'not-found' ? 'nothing' : 'refused', code);
  }
  const decoded = decode(envelope, reply);
  if (decoded.ok) return { kind: 'value', value: decoded.value };
  return judged(doubt, 'bad-answer', `the response is not valid: ${decoded.error}`);
}

function refusal(
  { method }: ApiRequest,
  status: number,
  envelope: Envelope,
  codes: readonly number[],
): ErrorCode {
  if (status === 401 || status === 403 || codes.some((code) => ACCESS_CODES.includes(code)))
    return 'access-denied';
  if (codes.some((code) => ROUTE_CODES.includes(code))) return 'wrong-address';
  // Some server's page for an address it does not know proves nothing about a webhook.
  if (status === 404) return method !== 'GET' || envelope.form === 'envelope' ? 'not-found' : 'wrong-address';
  // The code of these errors is missing or not documented, so that only their words tell them from others
  // (https://developers.cloudflare.com/notifications/reference/common-errors/).
  const words = envelope.errors.map((error) => error.message).join(' ');
  const failed = codes.length === 0 ? /webhook test (request )?failed/i : /^webhook test (request )?failed/i;
  if ((status === 400 || status === 422) && failed.test(words)) return 'destination-refused';
  if (method === 'PUT' && codes.length === 0 && /^invalid webhook id/i.test(words)) return 'not-found';
  return 'api-refused';
}
