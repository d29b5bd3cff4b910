import type { HookwrightError } from '../core/errors.js';
import type { Clock, WriteAnswer, WriteOptions } from '../core/ports.js';
import type { Ask, Faults } from './api-errors.js';
import type { RateLimiter } from './limiter.js';
import { parseRetryAfter } from './rate-limit-headers.js';
import type { HttpFailure, HttpReply } from './receive.js';
import type { Transport } from './transport.js';
import { judgeRead, judgeWrite, type DecodeAnswer, type ReadVerdict } from './verdict.js';
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
  readonly #faults: Faults;
  readonly #options: ExchangeOptions;

  constructor(transport: Pick<Transport, 'send'>, faults: Faults, options: ExchangeOptions) {
    this.#transport = transport;
    this.#faults = faults;
    this.#options = options;
  }

  /** A GET of what must exist: throws `not-found` where it does not. See {@link Exchange.find}. */
  async read<T>(ask: Ask, decode: DecodeAnswer<T>): Promise<T> {
    const verdict = await this.#read(ask, decode);
    if (verdict.kind === 'value') return verdict.value;
    throw verdict.error;
  }

  /**
   * A GET, repeated after anything that another try may cure, with exponential backoff and full jitter.
   * Gives `undefined` where there is no such object; throws what is left after the last try.
   */
  async find<T>(ask: Ask, decode: DecodeAnswer<T>): Promise<T | undefined> {
    const verdict = await this.#read(ask, decode);
    if (verdict.kind === 'value') return verdict.value;
    if (verdict.kind === 'none') return undefined;
    throw verdict.error;
  }

  /** A write, sent again only where it certainly did not arrive. `abandon` ends the wait to be sent. */
  async write<T>(
    ask: Ask,
    decode: (result: unknown) => Decoded<T>,
    { abandon }: WriteOptions = {},
  ): Promise<WriteAnswer<T>> {
    for (let tries = 1; ; tries += 1) {
      const reply = await this.#send(ask, abandon);
      const unsent = reply.kind === 'failure' && !reply.mayHaveArrived;
      if (!unsent || tries > this.#options.retries)
        return judgeWrite(ask, reply, decode, this.#faults, tries);
      if (!(await this.#pause(tries, reply, abandon)))
        return { status: 'refused', error: this.#interrupted(ask) };
    }
  }

  async #read<T>(ask: Ask, decode: DecodeAnswer<T>): Promise<ReadVerdict<T>> {
    for (let tries = 1; ; tries += 1) {
      const reply = await this.#send(ask);
      const verdict = judgeRead(ask, reply, decode, this.#faults, tries);
      if (verdict.kind !== 'again' || tries > this.#options.retries) return verdict;
      if (!(await this.#pause(tries, reply))) return { kind: 'failed', error: this.#interrupted(ask) };
    }
  }

  /** A 429 says that nothing was done: the request waits with all others and is sent again. */
  async #send(ask: Ask, abandon?: AbortSignal): Promise<HttpReply> {
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

  #interrupted(ask: Ask): HookwrightError {
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
