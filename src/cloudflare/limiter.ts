import type { Clock } from '../core/ports.js';
import { type AnswerHeaders, parseQuotas, parseRetryAfter, type Quota } from './rate-limit-headers.js';

/** After this long with no response but "wait", requests give up. */
const MAX_LIMITED_MS = 10 * 60_000;
/** Longest pause after a 429 without `retry-after`. */
const MAX_BACKOFF_MS = 60_000;
/** Shorter waits are not reported. */
const MIN_REPORTED_WAIT_MS = 1_000;

export type RateLimiterOptions = {
  readonly clock: Clock;
  /**
   * The first pause after a 429 without `retry-after`, which doubles up to a minute; and before any other retry,
   * where it doubles up to 30 s, with full jitter.
   */
  readonly retryDelayMs: number;
  /** Called when all requests wait for Cloudflare, for at least 1 s. */
  readonly onWait?: (wait: { readonly milliseconds: number }) => void;
  /** Called when the wait ends; before that, `onWait` can be called again if it gets longer. */
  readonly onResume?: () => void;
};

/** The permission to send one request. */
export type Turn = {
  /** Must be called once: with the response, or with nothing if there was none. */
  end(answer?: ResponseInfo): void;
};

/** What the limiter reads of a response. `limited`: the request was refused because of the rate limit. */
type ResponseInfo = { readonly limited: boolean; readonly headers: AnswerHeaders };

export type AcquireOptions = {
  /** The first one that aborts ends the request, even if it does not have to wait. */
  readonly signals?: readonly (AbortSignal | undefined)[];
  /** Once it has aborted, the request does not wait for the rate limit. */
  readonly impatient?: AbortSignal | undefined;
};

/** `given-up`: every response was "wait", for too long. */
type Acquired = Turn | 'aborted' | 'given-up';
type Waiter = { readonly end: (result: Acquired) => void };
type Sent = { readonly number: number; readonly at: number };
type Pause = { readonly until: number; readonly stop: AbortController };

/**
 * Paces the requests of all workers and accounts of a run by the rate-limit headers
 * (https://developers.cloudflare.com/fundamentals/api/reference/limits/), so that a 429 is rare. After a 429
 * all requests stop. Without these headers, requests are not paced.
 */
export class RateLimiter {
  readonly #windows = new Map<string, QuotaWindow>();
  readonly #queue = new FairQueue<Waiter>();
  #inFlight = 0;
  /** `afterTurn`: the turns granted when the stop began; a later turn that is refused starts a new round. */
  #stop = { afterTurn: 0, until: -Infinity, rounds: 0 };
  /** Since when every response was "wait". */
  #limitedSince: number | undefined;
  #turns = 0;
  /** After a pause one request goes first; the others follow when its response is not a refusal. */
  #scout: Turn | undefined;
  #scoutFirst = false;
  #pause: Pause | undefined;
  #reportedUntil: number | undefined;

  constructor(private readonly options: RateLimiterOptions) {}

  /** Waits until a request can be sent. Requests with the same `key` wait in order; the keys take turns. */
  acquire(key: string, { signals = [], impatient }: AcquireOptions = {}): Promise<Acquired> {
    if (signals.some((signal) => signal?.aborted)) return Promise.resolve('aborted');
    return new Promise((resolve) => {
      const all = [...signals, impatient];
      const waiter: Waiter = {
        end: (result) => {
          for (const signal of all) signal?.removeEventListener('abort', abandon);
          resolve(result);
        },
      };
      const abandon = (): void => {
        this.#queue.remove(key, waiter);
        waiter.end('aborted');
        this.#serve();
      };
      for (const signal of all) signal?.addEventListener('abort', abandon, { once: true });
      this.#queue.push(key, waiter);
      this.#serve();
      // Anything still in the queue would have to wait.
      if (impatient?.aborted) abandon();
    });
  }

  #serve(): void {
    while (!this.#queue.isEmpty) {
      const now = this.options.clock.monotonic();
      const opensAt = this.#opensAt();
      if (opensAt > now) {
        if (!this.#scout && this.#isExhausted(now)) return this.#giveUp();
        this.#reportWait(now);
        this.#pauseUntil(opensAt, now);
        return;
      }
      this.#grant(now);
    }
    this.#pauseUntil(Infinity, 0);
    this.#resume();
  }

  #isExhausted(now: number): boolean {
    return this.#limitedSince !== undefined && now - this.#limitedSince >= MAX_LIMITED_MS;
  }

  #giveUp(): void {
    for (let waiter = this.#queue.shift(); waiter; waiter = this.#queue.shift()) waiter.end('given-up');
    this.#pauseUntil(Infinity, 0);
    this.#resume();
  }

  /** Returns when the next request can be sent; `Infinity` if that depends on a response. */
  #opensAt(): number {
    if (this.#scout) return Infinity;
    let opensAt = this.#stop.until;
    for (const window of this.#full()) opensAt = Math.max(opensAt, window.opensAt);
    return opensAt;
  }

  /** The server's count may not include requests in flight; this assumes that it includes none. */
  #full(): readonly QuotaWindow[] {
    return [...this.#windows.values()].filter((window) => window.spare <= this.#inFlight);
  }

  #grant(now: number): void {
    const waiter = this.#queue.shift();
    if (!waiter) return;
    const scouts = this.#scoutFirst || this.#full().length > 0;
    this.#inFlight += 1;
    this.#turns += 1;
    const sent: Sent = { number: this.#turns, at: now };
    let ended = false;
    const turn: Turn = {
      end: (answer) => {
        if (ended) return;
        ended = true;
        this.#end(turn, sent, answer);
      },
    };
    if (scouts) this.#scout = turn;
    this.#resume();
    waiter.end(turn);
  }

  #end(turn: Turn, sent: Sent, answer?: ResponseInfo): void {
    const now = this.options.clock.monotonic();
    this.#inFlight -= 1;
    const scouted = this.#scout === turn;
    if (scouted) this.#scout = undefined;
    if (!answer) for (const window of this.#windows.values()) window.countLost();
    else this.#observe(answer, sent, now, scouted);
    this.#serve();
  }

  #observe(answer: ResponseInfo, sent: Sent, now: number, scouted: boolean): void {
    const quotas = parseQuotas(answer.headers);
    for (const quota of quotas) {
      const window = this.#windows.get(quota.name) ?? new QuotaWindow();
      window.observe(quota, sent.at, now);
      this.#windows.set(quota.name, window);
    }
    if (answer.limited) {
      return this.#stopAll(sent, now, parseRetryAfter(answer.headers, this.options.clock.now()));
    }
    this.#limitedSince = undefined;
    if (sent.number > this.#stop.afterTurn) this.#stop.rounds = 0;
    if (!scouted) return;
    this.#scoutFirst = false;
    // Without this, a window that the server no longer reports would let requests through only one by one.
    const named = new Set(quotas.map((quota) => quota.name));
    for (const [name, window] of this.#windows) {
      if (!named.has(name) && window.spare <= 0) this.#windows.delete(name);
    }
  }

  /** Requests that were in flight together are refused together, so they count as one round. */
  #stopAll(sent: Sent, now: number, retryAfterMs = 0): void {
    const newRound = sent.number > this.#stop.afterTurn;
    const backoff = Math.min(MAX_BACKOFF_MS, this.options.retryDelayMs * 2 ** this.#stop.rounds);
    this.#limitedSince ??= sent.at;
    const wait = retryAfterMs > 0 ? retryAfterMs : newRound ? backoff : 0;
    // The last time at which one more try makes sense.
    const last = Math.max(this.#limitedSince + MAX_LIMITED_MS, now + backoff);
    this.#stop.until = Math.max(this.#stop.until, Math.min(now + wait, last));
    if (newRound) {
      this.#stop.afterTurn = this.#turns;
      this.#stop.rounds += 1;
    }
    this.#scoutFirst = true;
  }

  #pauseUntil(until: number, now: number): void {
    if (this.#pause?.until === until) return;
    this.#pause?.stop.abort();
    this.#pause = undefined;
    if (until === Infinity) return;
    const pause = { until, stop: new AbortController() };
    this.#pause = pause;
    void this.options.clock.sleep(until - now, pause.stop.signal).then(() => {
      if (this.#pause !== pause) return;
      this.#pause = undefined;
      this.#serve();
    });
  }

  /** Reports only a certain wait: a window that is full of requests in flight can have room again at once. */
  #reportWait(now: number): void {
    const spent = [...this.#windows.values()].filter((window) => window.spare <= 0);
    const until = Math.max(this.#stop.until, ...spent.map((window) => window.opensAt));
    if (
      until - now < MIN_REPORTED_WAIT_MS ||
      until - (this.#reportedUntil ?? -Infinity) < MIN_REPORTED_WAIT_MS
    )
      return;
    this.#reportedUntil = until;
    this.options.onWait?.({ milliseconds: until - now });
  }

  #resume(): void {
    if (this.#reportedUntil === undefined) return;
    this.#reportedUntil = undefined;
    this.options.onResume?.();
  }
}

/** First in, first out within a key; the keys take turns. */
export class FairQueue<T> {
  readonly #lines = new Map<string, T[]>();

  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  push(key: string, item: T): void {
    const line = this.#lines.get(key);
    if (line) line.push(item);
    else this.#lines.set(key, [item]);
  }

  shift(): T | undefined {
    for (const [key, line] of this.#lines) {
      const item = line.shift();
      // Moves the key to the end of the round.
      this.#lines.delete(key);
      if (line.length > 0) this.#lines.set(key, line);
      return item;
    }
    return undefined;
  }

  remove(key: string, item: T): void {
    const line = this.#lines.get(key)?.filter((other) => other !== item) ?? [];
    if (line.length > 0) this.#lines.set(key, line);
    else this.#lines.delete(key);
  }
}

/** Timers can fire a little early, and a request that is too early gets a 429. */
const MARGIN_MS = 20;
/** Reserved for other users of the same token: past the limit, Cloudflare blocks all of them for minutes. */
const RESERVED_SHARE = 0.02;

type Interval = { readonly from: number; readonly to: number };

/**
 * What the responses so far show about one rate-limit policy: how many more requests it accepts, and when it
 * resets.
 *
 * The header gives the time to the reset in whole seconds, rounded up, measured at some moment between send
 * and receipt. One response therefore narrows the reset down to about a second. The responses of one window
 * share one reset, so the intersection of their intervals soon is as narrow as a round trip.
 */
export class QuotaWindow {
  #reset: Interval = { from: -Infinity, to: -Infinity };
  /** Responses that may not have counted each other, because they were in flight together. */
  #seen: { readonly receivedAt: number; readonly remaining: number }[] = [];
  #keptBack = 0;

  /** Records a response. Responses can arrive in a different order than the server sent them. */
  observe(quota: Quota, sentAt: number, receivedAt: number): void {
    const reset = {
      from: sentAt + (quota.resetSeconds - 1) * 1000,
      to: receivedAt + quota.resetSeconds * 1000,
    };
    if (reset.to <= this.#reset.from) return; // a late response of a window that is over
    const sameWindow = reset.from < this.#reset.to;
    this.#reset = sameWindow
      ? { from: Math.max(reset.from, this.#reset.from), to: Math.min(reset.to, this.#reset.to) }
      : reset;
    // Responses received before this request was sent are counted in its response; the others may not be.
    this.#seen = sameWindow ? this.#seen.filter((earlier) => earlier.receivedAt >= sentAt) : [];
    this.#seen.push({ receivedAt, remaining: quota.remaining });
    this.#keptBack = Math.floor((quota.size ?? 0) * RESERVED_SHARE);
  }

  /** Counts a request that got no response, because the server has probably counted it. */
  countLost(): void {
    this.#seen = this.#seen.map((seen) => ({ ...seen, remaining: seen.remaining - 1 }));
  }

  /** How many more requests it certainly accepts, if none is in flight. */
  get spare(): number {
    return Math.min(...this.#seen.map((seen) => seen.remaining)) - this.#keptBack;
  }

  /** When it accepts requests again. */
  get opensAt(): number {
    return this.#reset.to + MARGIN_MS;
  }
}
