import { HookwrightError } from '../../src/core/errors.js';
import type { WriteAnswer } from '../../src/core/ports.js';

/** Returns the error that a read throws. */
export async function failureOf(work: Promise<unknown>): Promise<HookwrightError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof HookwrightError) return error;
  throw new Error(`expected a HookwrightError, got ${String(error)}`);
}

/** Returns `done`, or `refused api-refused`. */
export function summary(answer: WriteAnswer<unknown>): string {
  return answer.status === 'done' ? 'done' : `${answer.status} ${answer.error.code}`;
}
