import type { ErrorCode, HookwrightError } from '../core/errors.js';
import type { WriteAnswer, WriteOptions } from '../core/ports.js';
import type { ApiRequest, ErrorFactory } from './api-errors.js';
import { codesOf, type Envelope, parseEnvelope } from './envelope.js';
import { RateLimiter, type RateLimiterOptions } from './limiter.js';
import { first, parseRetryAfter } from './rate-limit-headers.js';
import { httpFailure, type HttpReply, type Transport } from './transport.js';
import { DecodeError } from './wire.js';

/** Longest pause between two tries. */
const MAX_RETRY_PAUSE_MS = 30_000;
/** A longer `retry-after` on a 503 is not honored. */
const MAX_RETRY_AFTER_MS = 60_000;
/** How often to retry a request that was denied, which happens now and then to a valid token. */
const MAX_ACCESS_RETRIES = 2;

export type ExchangeOptions = RateLimiterOptions & {
  /** How often to retry a request after a failure; retries after a 429 do not count. */
  readonly retries: number;
  /** Returns 0 to 1, for the jitter. */
  readonly random: () => number;
  /** Called before the pause after a failed try, if another one follows. */
  readonly onRetry?: (error: HookwrightError) => void;
  /** Finish: a request that would have to wait for the rate limit is not sent. */
  readonly stop?: AbortSignal;
  /**
   * Stop now: waiting requests are not sent; requests in flight are canceled, and writes become `unknown`.
   */
  readonly signal?: AbortSignal;
};

/** Sends requests at the pace of the limiter, and retries those that are safe to repeat. */
export class Exchange {
  readonly #limiter: RateLimiter;
  /** Whether the API has accepted the credentials in this run. */
  #accepted = false;
  /** The `Date` header of the last response. */
  serverTime: string | undefined;

  constructor(
    private readonly transport: Pick<Transport, 'send'>,
    private readonly errors: ErrorFactory,
    private readonly options: ExchangeOptions,
  ) {
    this.#limiter = new RateLimiter(options);
  }

  /** Sends a GET for something that must exist; throws `not-found` otherwise. See {@link Exchange.find}. */
  async read<T>(request: ApiRequest, decode: DecodeAnswer<T>): Promise<T> {
    const verdict = await this.#sendWithRetries(request, decode);
    if (verdict.kind === 'value') return verdict.value;
    throw verdict.error;
  }

  /** Sends a GET. Returns `undefined` if the object does not exist; throws the error of the last try. */
  async find<T>(request: ApiRequest, decode: DecodeAnswer<T>): Promise<T | undefined> {
    const verdict = await this.#sendWithRetries(request, decode);
    if (verdict.kind === 'value') return verdict.value;
    if (verdict.kind === 'nothing') return undefined;
    throw verdict.error;
  }

  /** Sends a write. It is repeated only if it certainly had no effect. `abandon` cancels the wait to send. */
  async write<T>(
    request: ApiRequest,
    decode: DecodeAnswer<T>,
    { abandon }: WriteOptions = {},
  ): Promise<WriteAnswer<T>> {
    const verdict = await this.#sendWithRetries(request, decode, abandon);
    if (verdict.kind === 'value') return { status: 'done', value: verdict.value };
    // "Not found" can be the response to a retried DELETE that worked; a read shows whether the object is
    // gone.
    const open = verdict.kind === 'unknown' || (verdict.kind === 'nothing' && request.method === 'DELETE');
    return { status: open ? 'unknown' : 'refused', error: verdict.error };
  }

  /** Retries while another try can help, with exponential backoff and full jitter. */
  async #sendWithRetries<T>(
    request: ApiRequest,
    decode: DecodeAnswer<T>,
    abandon?: AbortSignal,
  ): Promise<Verdict<T>> {
    for (let tries = 1; ; tries += 1) {
      const { verdict, reply } = await this.#send(request, decode, tries, abandon);
      if (verdict.kind === 'value') this.#accepted = true;
      if (verdict.kind !== 'again' || tries > this.#retriesAfter(request, verdict.error)) return verdict;
      this.options.onRetry?.(verdict.error);
      if (!(await this.#pause(tries, reply, abandon))) return this.#interrupted(request);
    }
  }

  #retriesAfter({ method }: ApiRequest, { code }: HookwrightError): number {
    const { retries } = this.options;
    if (code !== 'access-denied') return retries;
    return method === 'GET' || this.#accepted ? Math.min(retries, MAX_ACCESS_RETRIES) : 0;
  }

  /** Sends a request when the limiter allows it. One that is rate-limited had no effect, and waits again. */
  async #send<T>(
    request: ApiRequest,
    decode: DecodeAnswer<T>,
    tries: number,
    abandon?: AbortSignal,
  ): Promise<{ readonly verdict: Verdict<T>; readonly reply: HttpReply }> {
    const { signal, stop } = this.options;
    let lastVerdict: Verdict<T> | undefined;
    for (;;) {
      const turn = await this.#limiter.acquire(request.account, {
        signals: [signal, abandon],
        impatient: stop,
      });
      if (turn === 'aborted') return { verdict: this.#interrupted(request), reply: NOT_SENT };
      if (turn === 'given-up') {
        return {
          verdict: lastVerdict ?? { kind: 'wait', error: this.errors.ofGivenUp(request) },
          reply: NOT_SENT,
        };
      }
      let seen: Parameters<typeof turn.end>[0];
      try {
        const reply = await this.transport.send(request);
        const verdict = verdictOn(request, reply, decode, this.errors, tries);
        if (reply.kind === 'answer') {
          seen = { headers: reply.headers, limited: verdict.kind === 'wait' };
          this.serverTime = first(reply.headers['date']);
        }
        if (verdict.kind !== 'wait') return { verdict, reply };
        lastVerdict = verdict;
      } finally {
        turn.end(seen);
      }
    }
  }

  /** Returns true if the pause ended without a signal. */
  async #pause(tries: number, reply: HttpReply, abandon?: AbortSignal): Promise<boolean> {
    const { clock, random, retryDelayMs } = this.options;
    const signals = [abandon, this.options.signal].filter((signal) => signal !== undefined);
    const isOver = (): boolean => signals.some((signal) => signal.aborted);
    const backoff = Math.min(MAX_RETRY_PAUSE_MS, retryDelayMs * 2 ** (tries - 1)) * random();
    const retryAfter = reply.kind === 'answer' ? (parseRetryAfter(reply.headers, clock.now()) ?? 0) : 0;
    // abandon fires before signal, so sleeping on one of them is enough.
    if (!isOver()) await clock.sleep(Math.max(backoff, Math.min(retryAfter, MAX_RETRY_AFTER_MS)), signals[0]);
    return !isOver();
  }

  #interrupted(request: ApiRequest): { readonly kind: 'refused'; readonly error: HookwrightError } {
    return { kind: 'refused', error: this.errors.ofFailure(request, NOT_SENT, 1) };
  }
}

const NOT_SENT = httpFailure('interrupted', '');

/** What a reply means for its request; every reply has exactly one of these meanings. */
export type Verdict<T> =
  | { readonly kind: 'value'; readonly value: T }
  /**
   * - `nothing`: the object does not exist.
   * - `again`: nothing was done, and another try can succeed.
   * - `wait`: nothing was done because of the rate limit.
   * - `refused`: nothing was done, and another try would have the same result.
   * - `unknown`: a write that may have been carried out.
   */
  | {
      readonly kind: 'nothing' | 'again' | 'wait' | 'refused' | 'unknown';
      readonly error: HookwrightError;
    };

/** Returns the value in a successful response. Throws {@link DecodeError}. */
export type DecodeAnswer<T> = (result: unknown, resultInfo: unknown) => T;

/** Bad token, bad header, missing permission (https://developers.cloudflare.com/api/). */
const ACCESS_CODES = [10000, 10001, 6003, 6103, 6111, 9106, 9109];
/** `Authentication error`, `Unable to authenticate request`: returned now and then for a valid token. */
const TRANSIENT_ACCESS_CODES = [10000, 10001];
/** `Could not route to …, perhaps your object identifier is invalid?` */
const ROUTE_CODES = [7000, 7003];
/** `Please wait and consider throttling your request speed`: not only with status 429. */
const RATE_CODE = 971;

/** Classifies a reply; if in doubt, a write may have been carried out. `tries`: how often it was sent. */
export function verdictOn<T>(
  request: ApiRequest,
  reply: HttpReply,
  decode: DecodeAnswer<T>,
  errors: ErrorFactory,
  tries: number,
): Verdict<T> {
  // A GET changes nothing, so it can be sent again where the outcome of a write would be unknown.
  const doubt = request.method === 'GET' ? 'again' : 'unknown';
  if (reply.kind === 'failure') {
    const error = errors.ofFailure(request, reply, tries);
    const isFinal = reply.why === 'interrupted' || reply.why === 'too-long';
    const ifNotFinal = reply.mayHaveArrived ? doubt : 'again';
    return { kind: isFinal && ifNotFinal === 'again' ? 'refused' : ifNotFinal, error };
  }
  const { status } = reply;
  const envelope = parseEnvelope(reply.text);
  const codes = envelope.success ? [] : codesOf(envelope);
  const failureOf = (
    kind: Exclude<Verdict<T>['kind'], 'value'>,
    code: ErrorCode,
    why?: string,
  ): Verdict<T> => ({
    kind,
    error: errors.ofAnswer(request, reply, envelope, code, why),
  });
  if (status === 429 || codes.includes(RATE_CODE)) return failureOf('wait', 'rate-limited');
  // Redirects are not followed and no other protocol was requested, so the same GET would get the same
  // response.
  if (status < 200 || (status >= 300 && status < 400)) {
    return failureOf(doubt === 'again' ? 'refused' : doubt, 'bad-answer');
  }
  if (status === 408 || status >= 500) return failureOf(doubt, 'bad-answer');
  if (status < 300 && envelope.form !== 'envelope') return failureOf(doubt, 'bad-answer');
  if (status >= 400 || !envelope.success) {
    const code = refusal(request, status, envelope, codes);
    const transient =
      status === 401 || status === 403 || codes.some((each) => TRANSIENT_ACCESS_CODES.includes(each));
    if (code === 'access-denied' && transient) return failureOf('again', code);
    return failureOf(code === 'not-found' ? 'nothing' : 'refused', code);
  }
  try {
    return { kind: 'value', value: decode(envelope.result, envelope.resultInfo) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return failureOf(doubt, 'bad-answer', `the response is not valid: ${error.message}`);
  }
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
  // A 404 page from some other server proves nothing about a webhook.
  if (status === 404) return method !== 'GET' || envelope.form === 'envelope' ? 'not-found' : 'wrong-address';
  // The codes of these errors are missing or undocumented; only the message identifies them
  // (https://developers.cloudflare.com/notifications/reference/common-errors/).
  const words = envelope.errors.map((error) => error.message).join(' ');
  const failed = codes.length === 0 ? /webhook test (request )?failed/i : /^webhook test (request )?failed/i;
  if ((status === 400 || status === 422) && failed.test(words)) return 'destination-refused';
  if (method === 'PUT' && codes.length === 0 && /^invalid webhook id/i.test(words)) return 'not-found';
  return 'api-refused';
}
