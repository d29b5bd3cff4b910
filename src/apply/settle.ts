import { HookwrightError } from '../core/errors.js';
import type { Session } from './session.js';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2000;

/**
 * Reads until the answer proves the write, or `settleMs` are over: a read may lag behind a write, so one that
 * disproves it is repeated (https://github.com/alchemy-run/alchemy polls a delete the same way).
 * Gives the last answer.
 */
export async function readUntil<T>(
  session: Session,
  read: () => Promise<T>,
  proves: (value: T) => boolean,
): Promise<T> {
  const deadline = session.clock.now() + session.settleMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const value = await read();
    const left = deadline - session.clock.now();
    if (proves(value) || left <= 0 || session.kill.aborted) return value;
    await session.clock.sleep(Math.min(pause, left), session.kill);
  }
}

/** A read's result, or the error it ended in; a bug is thrown on. */
export async function attempt<T>(read: () => Promise<T>): Promise<T | HookwrightError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof HookwrightError) return error;
    throw error;
  }
}
