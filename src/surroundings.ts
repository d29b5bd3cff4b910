import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { diskFiles } from './config/disk.js';
import type { Files } from './config/files.js';
import type { Clock } from './core/ports.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** How much is under way at once, unless told otherwise. */
export const PARALLELISM = 10;

export const clock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    pause(milliseconds, undefined, signal && { signal }).catch(() => undefined),
};

/** The disk. A library reads no stdin. */
export function filesIn(cwd = '.'): Files {
  const stdin: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
  };
  return diskFiles({ cwd: resolve(cwd), stdin });
}
