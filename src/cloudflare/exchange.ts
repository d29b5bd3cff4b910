import type { HookwrightError } from '../core/errors.js';
import type { Clock, WriteAnswer, WriteOptions } from '../core/ports.js';
import type { ApiRequest, ErrorFactory } from './api-errors.js';
import type { RateLimiter } from './limiter.js';
import { parseRetryAfter } from './rate-limit-headers.js';
import type { HttpFailure, HttpReply, Transport } from './transport.js';
import { type DecodeAnswer, type Verdict, verdictOn } from './verdict.js';

/** Longest pause between two tries. */
const LONGEST_PAUSE_MS = 30_000;
/** A server that asks for more than this on a 503 is asked again sooner. */
const LONGEST_RETRY_AFTER_MS = 60_000;
/** How often a request is sent again that was denied, which happens now and then to a valid token. */
const MAX_ACCESS_RETRIES = 2;

export type ExchangeOptions = {
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  /** How often a request is sent again after a failure; those after a 429 do not count. */
  readonly retries: number;
  readonly retryDelayMs: number;
  /** 0 to 1, for the jitter. */
  readonly random: () => number;
  /** First signal: what would have to wait for the rate limit is not sent. */
  readonly stop?: AbortSignal;
  /** Second signal: nothing is sent any more. */
  readonly signal?: AbortSignal;
};

/** Sends what may be sent again, as often as it may, at the pace that the limiter allows. */
export class Exchange {
  readonly #transport: Pick<Transport, 'send'>;
  readonly #errors: ErrorFactory;
  readonly #options: ExchangeOptions;
  /** Has the API accepted the credentials in this run? */
  #accepted = false;

  constructor(transport: Pick<Transport, 'send'>, errors: ErrorFactory, options: ExchangeOptions) {
    this.#transport = transport;
    this.#errors = errors;
    this.#options = options;
  }

  /** A GET of what must exist: throws `not-found` where it does not. See {@link Exchange.find}. */
  async read<T>(request: ApiRequest, decode: DecodeAnswer<T>): Promise<T> {
    const verdict = await this.#settle(request, decode);
    if (verdict.kind === 'value') return verdict.value;
    throw verdict.error;
  }

  /** A GET. Returns `undefined` where there is no such object; throws what is left after the last try. */
  async find<T>(request: ApiRequest, decode: DecodeAnswer<T>): Promise<T | undefined> {
    const verdict = await this.#settle(request, decode);
    if (verdict.kind === 'value') return verdict.value;
    if (verdict.kind === 'nothing') return undefined;
    throw verdict.error;
  }

  /** A write, sent again only where it was certainly not carried out. `abandon` ends the wait to be sent. */
  async write<T>(
    request: ApiRequest,
    decode: DecodeAnswer<T>,
    { abandon }: WriteOptions = {},
  ): Promise<WriteAnswer<T>> {
    const verdict = await this.#settle(request, decode, abandon);
    if (verdict.kind === 'value') return { status: 'done', value: verdict.value };
    // What is already gone may be answered so by the DELETE that removed it; a read shows whether it is gone.
    const open = verdict.kind === 'unknown' || (verdict.kind === 'nothing' && request.method === 'DELETE');
    return { status: open ? 'unknown' : 'refused', error: verdict.error };
  }

  /** Repeats what another try may settle, with exponential backoff and full jitter. */
  async #settle<T>(request: ApiRequest, decode: DecodeAnswer<T>, abandon?: AbortSignal): Promise<Verdict<T>> {
    for (let tries = 1; ; tries += 1) {
      const { verdict, reply } = await this.#send(request, decode, tries, abandon);
      if (verdict.kind === 'value') this.#accepted = true;
      if (verdict.kind !== 'again' || tries > this.#retriesAfter(request, verdict.error)) return verdict;
      if (!(await this.#pause(tries, reply, abandon))) return this.#interrupted(request);
    }
  }

  #retriesAfter({ method }: ApiRequest, { code }: HookwrightError): number {
    const { retries } = this.#options;
    if (code !== 'access-denied') return retries;
    return method === 'GET' || this.#accepted ? Math.min(retries, MAX_ACCESS_RETRIES) : 0;
  }

  /** Sends a request once the limiter lets it; one that is told to wait was not carried out, and waits with all others. */
  async #send<T>(
    request: ApiRequest,
    decode: DecodeAnswer<T>,
    tries: number,
    abandon?: AbortSignal,
  ): Promise<{ readonly verdict: Verdict<T>; readonly reply: HttpReply }> {
    const { limiter, signal, stop } = this.#options;
    let told: Verdict<T> | undefined;
    for (;;) {
      const turn = await limiter.acquire(request.account, { signals: [signal, abandon], impatient: stop });
      if (turn === 'aborted') return { verdict: this.#interrupted(request), reply: NOT_SENT };
      if (turn === 'given-up') {
        return { verdict: told ?? { kind: 'wait', error: this.#errors.ofGivenUp(request) }, reply: NOT_SENT };
      }
      let seen: Parameters<typeof turn.end>[0];
      try {
        const reply = await this.#transport.send(request);
        const verdict = verdictOn(request, reply, decode, this.#errors, tries);
        if (reply.kind === 'answer') seen = { headers: reply.headers, limited: verdict.kind === 'wait' };
        if (verdict.kind !== 'wait') return { verdict, reply };
        told = verdict;
      } finally {
        turn.end(seen);
      }
    }
  }

  /** Returns whether it is over without a signal having ended it. */
  async #pause(tries: number, reply: HttpReply, abandon?: AbortSignal): Promise<boolean> {
    const { clock, random, retryDelayMs } = this.#options;
    const signals = [abandon, this.#options.signal].filter((signal) => signal !== undefined);
    const isOver = (): boolean => signals.some((signal) => signal.aborted);
    const backoff = Math.min(LONGEST_PAUSE_MS, retryDelayMs * 2 ** (tries - 1)) * random();
    const asked = reply.kind === 'answer' ? (parseRetryAfter(reply.headers, clock.now()) ?? 0) : 0;
    // abandon fires before signal, so sleeping on one of them is enough.
    if (!isOver()) await clock.sleep(Math.max(backoff, Math.min(asked, LONGEST_RETRY_AFTER_MS)), signals[0]);
    return !isOver();
  }

  #interrupted(request: ApiRequest): { readonly kind: 'refused'; readonly error: HookwrightError } {
    return { kind: 'refused', error: this.#errors.ofFailure(request, NOT_SENT, 1) };
  }
}

const NOT_SENT: HttpFailure = {
  kind: 'failure',
  why: 'interrupted',
  mayHaveArrived: false,
  systemCode: '',
  detail: '',
};
