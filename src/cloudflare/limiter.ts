import type { Clock } from '../core/ports.js';
import { type AnswerHeaders, parseQuotas, parseRetryAfter, type Quota } from './rate-limit-headers.js';

/** After this time in which every response was "wait", the run gives up. */
const LONGEST_LIMITED_MS = 10 * 60_000;
/** Longest pause after a 429 that does not say how long. */
const LONGEST_BACKOFF_MS = 60_000;
/** Shorter waits are not worth telling. */
const MIN_REPORTED_WAIT_MS = 1_000;

export type RateLimiterOptions = {
  readonly clock: Clock;
  /** The first pause after a 429 without `retry-after`; it doubles up to a minute. Milliseconds. */
  readonly backoffMs: number;
  /** All requests wait for Cloudflare, for at least 1 s. */
  readonly onWait?: (wait: { readonly milliseconds: number }) => void;
  /** Follows each `onWait`, unless the wait is reported again because it takes longer. */
  readonly onResume?: () => void;
};

/** The leave to send one request. */
export type Turn = {
  /** Must be called once, with the answer or, where none came, without. */
  end(answer?: ResponseInfo): void;
};

/** What of an answer the limiter looks at. `limited`: the request was refused because of the rate limit. */
type ResponseInfo = { readonly limited: boolean; readonly headers: AnswerHeaders };

export type AcquireOptions = {
  /** Whichever aborts first ends the request, even if it need not wait. */
  readonly signals?: readonly (AbortSignal | undefined)[];
  /** Once it has aborted, the request does not wait for the rate limit. */
  readonly impatient?: AbortSignal | undefined;
};

/** `given-up`: every answer was "wait", for too long. */
type Acquired = Turn | 'aborted' | 'given-up';
type Waiter = { readonly end: (result: Acquired) => void };
type Sent = { readonly number: number; readonly at: number };
type Pause = { readonly until: number; readonly stop: AbortController };

/**
 * One for all workers and accounts of a run. It paces by the rate-limit headers
 * (https://developers.cloudflare.com/fundamentals/api/reference/limits/), so that a 429 is rare, and after
 * one, it stops all requests. A server that sends no such headers is not paced.
 */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #windows = new Map<string, QuotaWindow>();
  readonly #queue = new FairQueue<Waiter>();
  #inFlight = 0;
  /** `afterTurn`: the number of turns granted when it started; later refusals belong to the next round. */
  #stop = { afterTurn: 0, until: -Infinity, rounds: 0 };
  /** Since when no answer was anything else than "wait". */
  #limitedSince: number | undefined;
  #turns = 0;
  /** After a pause one request goes ahead; the others follow when its answer says that the limit has opened. */
  #scout: Turn | undefined;
  #scoutFirst = false;
  #pause: Pause | undefined;
  #toldUntil: number | undefined;

  constructor(options: RateLimiterOptions) {
    this.#options = options;
  }

  /** Waits until a request may be sent. `key`: requests that share one wait in line, the keys take turns. */
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
      // What is still in line now would have to wait.
      if (impatient?.aborted) abandon();
    });
  }

  #serve(): void {
    while (!this.#queue.isEmpty) {
      const now = this.#options.clock.monotonic();
      const opensAt = this.#opensAt();
      if (opensAt > now) {
        if (!this.#scout && this.#isExhausted(now)) return this.#giveUp();
        this.#tell(now);
        this.#pauseUntil(opensAt, now);
        return;
      }
      this.#grant(now);
    }
    this.#pauseUntil(Infinity, 0);
    this.#resume();
  }

  #isExhausted(now: number): boolean {
    return this.#limitedSince !== undefined && now - this.#limitedSince >= LONGEST_LIMITED_MS;
  }

  #giveUp(): void {
    for (let waiter = this.#queue.shift(); waiter; waiter = this.#queue.shift()) waiter.end('given-up');
    this.#pauseUntil(Infinity, 0);
    this.#resume();
  }

  /** When the next request may go: not after now if at once, `Infinity` if only an answer can tell. */
  #opensAt(): number {
    if (this.#scout) return Infinity;
    let opensAt = this.#stop.until;
    for (const window of this.#full()) opensAt = Math.max(opensAt, window.opensAt);
    return opensAt;
  }

  /** Whether those in flight are already counted in what the server says is not known: they are taken to be not. */
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
    const now = this.#options.clock.monotonic();
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
      return this.#stopAll(sent, now, parseRetryAfter(answer.headers, this.#options.clock.now()));
    }
    this.#limitedSince = undefined;
    if (sent.number > this.#stop.afterTurn) this.#stop.rounds = 0;
    if (!scouted) return;
    this.#scoutFirst = false;
    // A policy that the server no longer speaks of must not let requests through one by one forever.
    const named = new Set(quotas.map((quota) => quota.name));
    for (const [name, window] of this.#windows) {
      if (!named.has(name) && window.spare <= 0) this.#windows.delete(name);
    }
  }

  /** Those that were in progress together are refused together: that is one round, not one each. */
  #stopAll(sent: Sent, now: number, retryAfterMs = 0): void {
    const newRound = sent.number > this.#stop.afterTurn;
    const { backoffMs } = this.#options;
    const backoff = Math.min(LONGEST_BACKOFF_MS, backoffMs * 2 ** this.#stop.rounds);
    this.#limitedSince ??= sent.at;
    const wait = retryAfterMs > 0 ? retryAfterMs : newRound ? backoff : 0;
    // The last moment at which it is worth to look once more.
    const last = Math.max(this.#limitedSince + LONGEST_LIMITED_MS, now + backoff);
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
    void this.#options.clock.sleep(until - now, pause.stop.signal).then(() => {
      if (this.#pause !== pause) return;
      this.#pause = undefined;
      this.#serve();
    });
  }

  /** Returns only what is certain: a window that merely is full of requests in progress may have room again in no time. */
  #tell(now: number): void {
    const spent = [...this.#windows.values()].filter((window) => window.spare <= 0);
    const until = Math.max(this.#stop.until, ...spent.map((window) => window.opensAt));
    if (until - now < MIN_REPORTED_WAIT_MS || until - (this.#toldUntil ?? -Infinity) < MIN_REPORTED_WAIT_MS)
      return;
    this.#toldUntil = until;
    this.#options.onWait?.({ milliseconds: until - now });
  }

  #resume(): void {
    if (this.#toldUntil === undefined) return;
    this.#toldUntil = undefined;
    this.#options.onResume?.();
  }
}

/** First come, first served within a key; the keys take turns. */
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
      // To the end of the round.
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

/** Timers may fire a little early, and a request that comes too early is answered 429. */
const MARGIN_MS = 20;
/** Kept back for others who use the same token: past the limit Cloudflare blocks all of them for minutes. */
const RESERVED_SHARE = 0.02;

type Interval = { readonly from: number; readonly to: number };

/**
 * What the answers so far tell about one policy of the rate limit: how many requests it still takes, and
 * when it takes more.
 *
 * The header gives the time to the reset in whole seconds, rounded up, as seen at some moment between send
 * and receipt. So one answer puts the reset into an interval of about a second; the answers of one window
 * share one reset, and the intersection of their intervals soon is as narrow as a round trip.
 */
export class QuotaWindow {
  #reset: Interval = { from: -Infinity, to: -Infinity };
  /** Answers that may not have counted each other, as they were in progress together. */
  #seen: { readonly receivedAt: number; readonly remaining: number }[] = [];
  #keptBack = 0;

  /** Takes in what an answer says. Answers may come in another order than the server gave them. */
  observe(quota: Quota, sentAt: number, receivedAt: number): void {
    const reset = {
      from: sentAt + (quota.resetSeconds - 1) * 1000,
      to: receivedAt + quota.resetSeconds * 1000,
    };
    if (reset.to <= this.#reset.from) return; // a late answer of a window that is over
    const sameWindow = reset.from < this.#reset.to;
    this.#reset = sameWindow
      ? { from: Math.max(reset.from, this.#reset.from), to: Math.min(reset.to, this.#reset.to) }
      : reset;
    // What was answered before this request was sent is counted in its answer; the rest may not be.
    this.#seen = sameWindow ? this.#seen.filter((earlier) => earlier.receivedAt >= sentAt) : [];
    this.#seen.push({ receivedAt, remaining: quota.remaining });
    this.#keptBack = Math.floor((quota.size ?? 0) * RESERVED_SHARE);
  }

  /** A request that got no answer has probably been counted all the same. */
  countLost(): void {
    this.#seen = this.#seen.map((seen) => ({ ...seen, remaining: seen.remaining - 1 }));
  }

  /** How many more requests it takes for certain, if none is in progress. */
  get spare(): number {
    return Math.min(...this.#seen.map((seen) => seen.remaining)) - this.#keptBack;
  }

  /** The moment from which on it takes requests again. */
  get opensAt(): number {
    return this.#reset.to + MARGIN_MS;
  }
}
