import type { ErrorCode, HookwrightError } from '../core/errors.js';
import type { Clock, WriteAnswer, WriteOptions } from '../core/ports.js';
import type { ApiRequest, ErrorFactory } from './api-errors.js';
import { codesOf, type Envelope, parseEnvelope } from './envelope.js';
import type { RateLimiter } from './limiter.js';
import { parseRetryAfter } from './rate-limit-headers.js';
import type { HttpAnswer, HttpFailure, HttpReply, Transport } from './transport.js';
import type { Decoded } from './wire.js';

/** Longest pause between two tries. */
const LONGEST_PAUSE_MS = 30_000;
/** A server that asks for more than this on a 503 is asked again sooner. */
const LONGEST_RETRY_AFTER_MS = 60_000;
/** After this much waiting for the rate limit a request is given up. */
const LONGEST_LIMITED_MS = 15 * 60_000;

export type ExchangeOptions = {
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  /** How often a request is sent again after a failure; those after a 429 do not count. */
  readonly retries: number;
  readonly retryDelayMs: number;
  /** 0 to 1, for the jitter. */
  readonly random: () => number;
  readonly signal?: AbortSignal;
};

/** Sends what may be sent again, as often as it may, at the pace that the limiter allows. */
export class Exchange {
  readonly #transport: Pick<Transport, 'send'>;
  readonly #faults: ErrorFactory;
  readonly #options: ExchangeOptions;

  constructor(transport: Pick<Transport, 'send'>, faults: ErrorFactory, options: ExchangeOptions) {
    this.#transport = transport;
    this.#faults = faults;
    this.#options = options;
  }

  /** A GET of what must exist: throws `not-found` where it does not. See {@link Exchange.find}. */
  async read<T>(ask: ApiRequest, decode: DecodeAnswer<T>): Promise<T> {
    const verdict = await this.#read(ask, decode);
    if (verdict.kind === 'value') return verdict.value;
    throw verdict.error;
  }

  /**
   * A GET, repeated after anything that another try may cure, with exponential backoff and full jitter.
   * Gives `undefined` where there is no such object; throws what is left after the last try.
   */
  async find<T>(ask: ApiRequest, decode: DecodeAnswer<T>): Promise<T | undefined> {
    const verdict = await this.#read(ask, decode);
    if (verdict.kind === 'value') return verdict.value;
    if (verdict.kind === 'none') return undefined;
    throw verdict.error;
  }

  /** A write, sent again only where it certainly did not arrive. `abandon` ends the wait to be sent. */
  async write<T>(
    ask: ApiRequest,
    decode: (result: unknown) => Decoded<T>,
    { abandon }: WriteOptions = {},
  ): Promise<WriteAnswer<T>> {
    for (let tries = 1; ; tries += 1) {
      const reply = await this.#send(ask, abandon);
      const unsent = reply.kind === 'failure' && !reply.mayHaveArrived;
      if (!unsent || tries > this.#options.retries)
        return classifyWrite(ask, reply, decode, this.#faults, tries);
      if (!(await this.#pause(tries, reply, abandon)))
        return { status: 'refused', error: this.#interrupted(ask) };
    }
  }

  async #read<T>(ask: ApiRequest, decode: DecodeAnswer<T>): Promise<ReadVerdict<T>> {
    for (let tries = 1; ; tries += 1) {
      const reply = await this.#send(ask);
      const verdict = classifyRead(ask, reply, decode, this.#faults, tries);
      if (verdict.kind !== 'again' || tries > this.#options.retries) return verdict;
      if (!(await this.#pause(tries, reply))) return { kind: 'failed', error: this.#interrupted(ask) };
    }
  }

  /** A 429 says that nothing was done: the request waits with all others and is sent again. */
  async #send(ask: ApiRequest, abandon?: AbortSignal): Promise<HttpReply> {
    const { limiter, clock, signal } = this.#options;
    let limitedSince: number | undefined;
    for (;;) {
      const turn = await limiter.acquire(ask.account, signal, abandon);
      if (!turn) return NOT_SENT;
      let reply: HttpReply | undefined;
      try {
        reply = await this.#transport.send(ask);
      } finally {
        turn.end(reply?.kind === 'answer' ? reply : undefined);
      }
      if (reply.kind !== 'answer' || reply.status !== 429) return reply;
      limitedSince ??= clock.now();
      if (clock.now() - limitedSince >= LONGEST_LIMITED_MS) return reply;
    }
  }

  /** False: a signal ended it. */
  async #pause(tries: number, reply: HttpReply, abandon?: AbortSignal): Promise<boolean> {
    const { clock, random, retryDelayMs } = this.#options;
    const signals = [abandon, this.#options.signal].filter((signal) => signal !== undefined);
    const isOver = (): boolean => signals.some((signal) => signal.aborted);
    const backoff = Math.min(LONGEST_PAUSE_MS, retryDelayMs * 2 ** (tries - 1)) * random();
    const asked = reply.kind === 'answer' ? (parseRetryAfter(reply.headers, clock.now()) ?? 0) : 0;
    // Who asks to abandon asks before all is stopped: one of the two is enough to wake on.
    if (!isOver()) await clock.sleep(Math.max(backoff, Math.min(asked, LONGEST_RETRY_AFTER_MS)), signals[0]);
    return !isOver();
  }

  #interrupted(ask: ApiRequest): HookwrightError {
    return this.#faults.ofFailure(ask, NOT_SENT, 1);
  }
}

const NOT_SENT: HttpFailure = {
  kind: 'failure',
  why: 'interrupted',
  mayHaveArrived: false,
  systemCode: '',
  detail: '',
};

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
export function classifyRead<T>(
  ask: ApiRequest,
  reply: HttpReply,
  decode: DecodeAnswer<T>,
  faults: ErrorFactory,
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
export function classifyWrite<T>(
  ask: ApiRequest,
  reply: HttpReply,
  decode: (result: unknown) => Decoded<T>,
  faults: ErrorFactory,
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

function refusal(ask: ApiRequest, status: number, envelope: Envelope): ErrorCode {
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
