import type { CliOptions } from '../support/cli.js';

/** After this many turns of the event loop without an event, everyone is waiting. */
const QUIET_TURNS = 25;

type Clock = NonNullable<CliOptions['clock']>;
type Event = { readonly at: number; readonly order: number; readonly wake: () => void };

/**
 * Time that passes only when everyone waits for it. In a single run, a sleep ends at once. In a race,
 * requests and sleeps take turns by their virtual times, so that the same latencies result in the same
 * interleaving.
 */
export class VirtualTime implements Clock {
  #now = Date.UTC(2026, 0, 5, 8);
  #racing = false;
  #news = 0;
  #busy = 0;
  #order = 0;
  readonly #events: Event[] = [];

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    if (this.#racing) return this.#event(milliseconds, signal);
    const until = this.#now + milliseconds;
    await turn();
    if (!signal?.aborted) this.#now = Math.max(this.#now, until);
  }

  /** Delays a request, in a race only. */
  async latency(milliseconds: number): Promise<void> {
    if (this.#racing) await this.#event(milliseconds);
  }

  /** Runs work outside of this clock. Time stands still meanwhile. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
      this.#news += 1;
    }
  }

  /** Runs concurrent work as a race. */
  async race<T>(work: () => Promise<T>): Promise<T> {
    this.#racing = true;
    let over = false;
    const ended = work().finally(() => (over = true));
    const isOver = (): boolean => over;
    while (!isOver()) {
      await this.#quiet(isOver);
      const next = this.#takeNext();
      if (!next) continue;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#racing = false;
    for (let next = this.#takeNext(); next; next = this.#takeNext()) next.wake();
    return ended;
  }

  #event(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.#news += 1;
    return new Promise((resolve) => {
      const event = { at: this.#now + milliseconds, order: (this.#order += 1), wake: resolve };
      this.#events.push(event);
      signal?.addEventListener('abort', () => {
        const index = this.#events.indexOf(event);
        if (index >= 0) this.#events.splice(index, 1);
        resolve();
      });
    });
  }

  #takeNext(): Event | undefined {
    const [next] = this.#events.toSorted((a, b) => a.at - b.at || a.order - b.order);
    if (next) this.#events.splice(this.#events.indexOf(next), 1);
    return next;
  }

  async #quiet(isOver: () => boolean): Promise<void> {
    let seen = this.#news;
    for (let turns = 0; turns < QUIET_TURNS && !isOver(); turns += 1) {
      await turn();
      if (this.#busy === 0 && seen === this.#news) continue;
      seen = this.#news;
      turns = 0;
    }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
