import type { Spec } from '../core/desired.js';
import { type ErrorCode, HookwrightError } from '../core/errors.js';
import type { AccountId } from '../core/ids.js';
import type { OnEvent } from '../core/outcome.js';
import type { Clock, Credentials, Reader, Writer } from '../core/ports.js';

/** What the steps of one account's apply share. */
export type Session = {
  readonly account: AccountId;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly clock: Clock;
  /** Bounds how much is in progress at once, over all accounts. Never nested. */
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  /** How long a read that disproves a write is repeated, milliseconds. */
  readonly settleMs: number;
  /** The first pause between two tries of a request, milliseconds. */
  readonly retryDelayMs: number;
  /** How often a destination that refused its test message is tried again. */
  readonly destinationRetries: number;
  /** Fetched and checked before the first request. */
  readonly credentialsOf: (spec: Spec) => Credentials;
  /** First signal: begin nothing new. */
  readonly stop: AbortSignal;
  /** Second signal: wait for nothing. */
  readonly kill: AbortSignal;
  readonly emit: OnEvent;
  /** Ids that were live when the plan was made, without dashes. */
  readonly baseline: ReadonlySet<string>;
};

/** How one write, with all that was done to settle it, ended. */
export type Step<T> = { readonly ok: true; readonly value: T } | Failure;

export type Failure = {
  readonly ok: false;
  readonly status: 'failed' | 'unknown' | 'skipped';
  readonly error: { readonly code: ErrorCode; readonly message: string };
  /** Did a write reach Cloudflare and do something, or may it have? */
  readonly wrote: boolean;
};

export function done<T>(value: T): Step<T> {
  return { ok: true, value };
}

export function failure(status: Failure['status'], error: Failure['error'], wrote: boolean): Failure {
  return { ok: false, status, error: { code: error.code, message: error.message }, wrote };
}

/** A write that was answered with no. One that a signal kept from being sent at all was not begun. */
export function refusal(error: Failure['error'], wrote: boolean): Failure {
  return failure(error.code === 'interrupted' && !wrote ? 'skipped' : 'failed', error, wrote);
}

/** What a signal left open. */
export function interrupted(message: string): Failure['error'] {
  return { code: 'interrupted', message };
}

/** Has the second signal come? Read each time, because it can change during an await. */
export function isKilled({ kill }: Session): boolean {
  return kill.aborted;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2000;

/**
 * Reads until the answer proves the write, or `settleMs` are over: a read may lag behind a write, so one that
 * disproves it is repeated (https://github.com/alchemy-run/alchemy polls a delete the same way).
 * Returns the last response.
 */
export async function readUntil<T>(
  session: Session,
  read: () => Promise<T>,
  proves: (value: T) => boolean,
): Promise<T> {
  const deadline = session.clock.monotonic() + session.settleMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const value = await read();
    const left = deadline - session.clock.monotonic();
    if (proves(value) || left <= 0 || session.kill.aborted) return value;
    await session.clock.sleep(Math.min(pause, left), session.kill);
  }
}

/** A read's result, or the error it ended in; a bug is thrown on. */
export async function tryRead<T>(read: () => Promise<T>): Promise<T | HookwrightError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof HookwrightError) return error;
    throw error;
  }
}
