import type { Clock } from '../../src/core/ports.js';

/** Returns a clock that starts at the given time and skips every pause. */
export function clockAt(time: string): Clock & { readonly slept: readonly number[] } {
  const slept: number[] = [];
  let now = Date.parse(time);
  return {
    slept,
    now: () => now,
    monotonic: () => now,
    sleep: async (milliseconds) => {
      await new Promise(setImmediate);
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
}
