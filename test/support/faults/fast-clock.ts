import type { Clock } from '../../../src/core/ports.js';

/**
 * A clock that jumps ahead when someone sleeps: two concurrent sleeps of 10 s end after 10 s, not 20. The
 * emulator uses it too, so lags and rate limits are over when the sleepers wake up.
 */
export class FastClock implements Clock {
  #now = Date.UTC(2026, 0, 5, 8);

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Advances the time without a sleep. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const until = this.#now + milliseconds;
    await new Promise(setImmediate);
    if (!signal?.aborted) this.#now = Math.max(this.#now, until);
  }
}
