import type { Clock } from '../../src/core/ports.js';

/** Every sleep ends at once, and its time has passed; for tests with a real server. */
export class JumpingClock implements Clock {
  readonly slept: number[] = [];
  #now = 1_000_000;

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    await new Promise(setImmediate);
    if (signal?.aborted) return;
    this.slept.push(milliseconds);
    this.#now += milliseconds;
  }
}

type Timer = { readonly at: number; readonly order: number; readonly wake: () => void };

/** Time stands still while anything is running, and jumps to the next timer when nothing is. */
export class SimulatedClock implements Clock {
  #now = 0;
  #order = 0;
  #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = { at: this.#now + Math.max(0, milliseconds), order: (this.#order += 1), wake: resolve };
      this.#timers.push(timer);
      signal?.addEventListener('abort', () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        resolve();
      });
    });
  }

  /** Advances the time until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { running: true };
    const done = work.finally(() => {
      state.running = false;
    });
    done.catch(() => undefined);
    for (;;) {
      await new Promise(setImmediate);
      if (!state.running) return done;
      const next = this.#timers.sort((a, b) => a.at - b.at || a.order - b.order).shift();
      if (!next) throw new Error('nothing happens any more, and the work is not done');
      this.#now = next.at;
      next.wake();
    }
  }
}
