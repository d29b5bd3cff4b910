import type { Spec } from '../core/desired.js';
import type { ErrorCode, Failed, Success } from '../core/errors.js';
import type { AccountId } from '../core/ids.js';
import type { OnEvent } from '../core/outcome.js';
import type { Clock, Credentials, Reader, Writer } from '../core/ports.js';

/** What an apply of any account needs. */
export type ApplyDeps = {
  readonly reader: Reader;
  readonly writer: Writer;
  readonly clock: Clock;
  /** Returns credentials that were read and checked before the first request. */
  readonly credentialsOf: (spec: Spec) => Credentials;
  readonly emit: OnEvent;
  /** The first signal: start nothing new, finish what is in progress. */
  readonly stop: AbortSignal;
  /** The second signal: stop waiting. */
  readonly kill: AbortSignal;
};

/** How long and how often to try again. */
export type Patience = {
  /** How long to repeat a read that does not show a write yet, in milliseconds. */
  readonly settleMs: number;
  /** The first pause before a request is repeated, in milliseconds. */
  readonly retryDelayMs: number;
  /** How many times to retry when a destination refuses its test message. */
  readonly retries: number;
};

/** Everything that the steps of one account's apply share. */
export type Session = ApplyDeps &
  Patience & {
    readonly account: AccountId;
    /**
     * Limits how many requests are sent at once, over all accounts. An action that waits for others does not
     * count. Do not nest calls: the inner one could wait for the outer one forever.
     */
    readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
    /** The names of the webhooks that were live when the plan was made, by ID without dashes. */
    readonly baseline: ReadonlyMap<string, string>;
  };

/** The result of one write, including the reads and retries that resolve an unknown result. */
export type Step<T> = Success<T> | Failure;

export type Failure = Failed<{ readonly code: ErrorCode; readonly message: string }> & {
  readonly status: 'failed' | 'unknown' | 'skipped';
  /** Whether a write reached Cloudflare and changed something, or may have. */
  readonly wrote: boolean;
};

type Written = Partial<Pick<Failure, 'wrote'>>;

export function failure(
  status: Failure['status'],
  error: Failure['error'],
  { wrote = false }: Written = {},
): Failure {
  return { ok: false, status, error: { code: error.code, message: error.message }, wrote };
}

/** Returns the failure for a refused write. A write that a signal prevented from being sent is `skipped`. */
export function refusal(error: Failure['error'], written: Written = {}): Failure {
  return failure(error.code === 'interrupted' && !written.wrote ? 'skipped' : 'failed', error, written);
}

/** Returns the error for work that a signal left unfinished. */
export function interrupted(message: string): Failure['error'] {
  return { code: 'interrupted', message };
}

/** Reports whether the second signal has come. Call it each time, because this can change during an await. */
export function isKilled({ kill }: Session): boolean {
  return kill.aborted;
}

const FIRST_PAUSE_MS = 200;
const MAX_READ_PAUSE_MS = 2000;

/**
 * Reads until the value shows the write, or until `settleMs` have passed: a read may lag behind a write
 * (https://github.com/alchemy-run/alchemy polls deletions the same way). Returns the last value.
 */
export async function readUntil<T>(
  session: Session,
  read: () => Promise<T>,
  proves: (value: T) => boolean,
): Promise<T> {
  const deadline = session.clock.monotonic() + session.settleMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_READ_PAUSE_MS)) {
    const value = await read();
    const left = deadline - session.clock.monotonic();
    if (proves(value) || left <= 0 || session.kill.aborted) return value;
    await session.clock.sleep(Math.min(pause, left), session.kill);
  }
}
