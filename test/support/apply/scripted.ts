import type { Session } from '../../../src/apply/session.js';
import { HookwrightError, type ErrorCode } from '../../../src/core/errors.js';
import type { ApplyEvent } from '../../../src/core/outcome.js';
import type { Reader, WriteAnswer, Writer } from '../../../src/core/ports.js';
import { desiredUrl } from '../../../src/core/urls.js';
import { ACCOUNT } from '../core/builders.js';
import { FastClock } from '../faults/fast-clock.js';

/** The responses of the API. The test must not call a method that is not listed. */
export type Script = Partial<Reader & Writer>;

export type Scripted = {
  readonly session: Session;
  readonly clock: FastClock;
  readonly events: readonly ApplyEvent[];
  readonly stop: AbortController;
  readonly kill: AbortController;
};

/** Returns a session whose API responds as scripted, without delay. */
export function scripted(script: Script, more: Partial<Session> = {}): Scripted {
  const clock = new FastClock();
  const [stop, kill] = [new AbortController(), new AbortController()];
  const events: ApplyEvent[] = [];
  const unasked = (): Promise<never> => Promise.reject(new Error('not to be asked for'));
  const reader: Reader = {
    listWebhooks: unasked,
    getWebhook: unasked,
    listPolicies: unasked,
    getPolicy: unasked,
    ...script,
  };
  const writer: Writer = {
    createWebhook: unasked,
    updateWebhook: unasked,
    deleteWebhook: unasked,
    updatePolicy: unasked,
    ...script,
  };
  const session: Session = {
    account: ACCOUNT,
    reader,
    writer,
    clock,
    limit: (task) => task(),
    settleMs: 1000,
    retryDelayMs: 100,
    retries: 2,
    credentialsOf: ({ url }) => ({ url: desiredUrl({ url }) ?? '' }),
    stop: stop.signal,
    kill: kill.signal,
    emit: (event) => events.push(event),
    baseline: new Map(),
    ...more,
  };
  return { session, clock, events, stop, kill };
}

/** Returns the values in turn, then repeats the last one. Throws a value that is an Error. Records calls. */
export function inTurn<T>(...values: readonly (T | Error)[]): {
  (...args: readonly unknown[]): Promise<T>;
  readonly asked: (readonly unknown[])[];
} {
  const asked: (readonly unknown[])[] = [];
  const answer = (...args: readonly unknown[]): Promise<T> => {
    const value = values[Math.min(asked.length, values.length - 1)];
    asked.push(args);
    return value instanceof Error ? Promise.reject(value) : Promise.resolve(value as T);
  };
  return Object.assign(answer, { asked });
}

/** A success that changes nothing, for any write without a result. */
export const ONLY_SAID: WriteAnswer<never> = { status: 'done', value: undefined as never };
export const DONE: WriteAnswer<void> = { status: 'done', value: undefined };
export const CUT = new HookwrightError('network', 'cut');
export const UNKNOWN: WriteAnswer<never> = { status: 'unknown', error: CUT };
export const refused = (code: ErrorCode): WriteAnswer<never> => ({
  status: 'refused',
  error: new HookwrightError(code, 'no'),
});
