import type { Quota } from './rate-limit-headers.js';

/** Timers may fire a little early, and a request that comes too early is answered 429. */
const MARGIN_MS = 20;
/** Kept back for others who use the same token: past the limit Cloudflare blocks all of them for minutes. */
const KEPT_BACK = 0.02;

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
  /** Answers that may not have counted each other, as they were under way together. */
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
    this.#keptBack = Math.floor((quota.size ?? 0) * KEPT_BACK);
  }

  /** A request that got no answer has probably been counted all the same. */
  countLost(): void {
    this.#seen = this.#seen.map((seen) => ({ ...seen, remaining: seen.remaining - 1 }));
  }

  /** How many more requests it takes for certain, if none is under way. */
  get spare(): number {
    return Math.min(...this.#seen.map((seen) => seen.remaining)) - this.#keptBack;
  }

  /** The moment from which on it takes requests again. */
  get opensAt(): number {
    return this.#reset.to + MARGIN_MS;
  }
}
