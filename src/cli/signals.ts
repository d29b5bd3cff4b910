import type { Io } from './io.js';

export type Signal = 'SIGINT' | 'SIGTERM';

/** Turns signals into two abort signals: the first one asks to stop, the second one not to wait. */
export class Signals {
  readonly #stop = new AbortController();
  readonly #kill = new AbortController();
  readonly #off: () => void;
  #first: Signal | undefined;

  constructor(io: Io, onFirst: (signal: Signal) => void) {
    this.#off = io.onSignal((signal) => {
      if (this.#first) return this.#kill.abort();
      this.#first = signal;
      onFirst(signal);
      this.#stop.abort();
    });
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  get kill(): AbortSignal {
    return this.#kill.signal;
  }

  /** The first signal that came. */
  get received(): Signal | undefined {
    return this.#first;
  }

  /** Stops listening. */
  close(): void {
    this.#off();
  }
}
