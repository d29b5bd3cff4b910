import type { Clock } from '../../../src/core/ports.js';

/**
 * Time that passes at once when somebody sleeps: two who sleep 10 s side by side are done after 10 s, not 20.
 * The emulator takes its time from here too, so lags and rate limits are over when the sleepers wake.
 */
export class FastClock implements Clock {
  #now = Date.UTC(2026, 0, 5, 8);

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Lets time pass without anyone sleeping. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const until = this.#now + milliseconds;
    await new Promise(setImmediate);
    if (!signal?.aborted) this.#now = Math.max(this.#now, until);
  }
}
