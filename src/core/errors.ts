/** All error codes. `core/exit-codes.ts` maps each to an exit code. */
export const ERROR_CODES = [
  'usage',
  'invalid-file',
  'invalid-plan-file',
  'access-denied',
  'stale-plan',
  'digest-mismatch',
  'refused-by-guard',
  'network',
  'timeout',
  'rate-limited',
  'bad-answer',
  'api-refused',
  'not-found',
  'wrong-address',
  'destination-refused',
  'not-moved',
  'not-verified',
  'in-use',
  'policy-changed',
  'kept-differently',
  'concurrent-apply',
  'skipped',
  'interrupted',
  'check-failed',
  'io',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** A value, or why it is missing. */
export type Result<T, E = HookwrightError> = Success<T> | Failed<E>;
export type Success<T> = { readonly ok: true; readonly value: T };
export type Failed<E> = { readonly ok: false; readonly error: E };

export function success<T>(value: T): Success<T> {
  return { ok: true, value };
}

export function failed<E>(error: E): Failed<E> {
  return { ok: false, error };
}

/** A failure that the user can act on. Anything else that is thrown is a bug and keeps its stack trace. */
export class HookwrightError extends Error {
  override readonly name = 'HookwrightError';
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Returns the error for a flag, argument, variable or state of the directory that the user can correct. */
export function usageError(message: string): HookwrightError {
  return new HookwrightError('usage', message);
}

/** Returns the value of the work, or the error it ends with. Rethrows a bug. */
export async function attempt<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return success(await work());
  } catch (error) {
    if (error instanceof HookwrightError) return failed(error);
    throw error;
  }
}
