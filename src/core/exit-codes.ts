import type { ErrorCode } from './errors.js';
import type { ApplyResult } from './outcome.js';

/** Exit codes of the command. */
export const EXIT = {
  done: 0,
  failed: 1,
  changesPending: 2,
  invalid: 3,
  partlyApplied: 4,
  stale: 5,
  refused: 6,
  accessDenied: 7,
  sigint: 130,
  sigterm: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The codes of a part of a run. The others say how the whole run ended. */
export type PartialExit = Exclude<
  ExitCode,
  typeof EXIT.partlyApplied | typeof EXIT.sigint | typeof EXIT.sigterm
>;

/** Codes that are not listed here map to `failed`. */
const BY_ERROR: Partial<Record<ErrorCode, PartialExit>> = {
  usage: EXIT.invalid,
  'invalid-file': EXIT.invalid,
  'invalid-plan-file': EXIT.invalid,
  'access-denied': EXIT.accessDenied,
  'stale-plan': EXIT.stale,
  'digest-mismatch': EXIT.stale,
  'refused-by-guard': EXIT.refused,
};

const RANK: readonly PartialExit[] = [
  EXIT.invalid,
  EXIT.accessDenied,
  EXIT.stale,
  EXIT.refused,
  EXIT.failed,
  EXIT.changesPending,
];

export function exitOfError(code: ErrorCode): PartialExit {
  return BY_ERROR[code] ?? EXIT.failed;
}

export function exitOfSignal(signal: 'SIGINT' | 'SIGTERM'): ExitCode {
  return signal === 'SIGINT' ? EXIT.sigint : EXIT.sigterm;
}

/** Returns the exit code that takes precedence. */
export function worstExit(codes: readonly PartialExit[]): PartialExit {
  return RANK.find((code) => codes.includes(code)) ?? EXIT.done;
}

/**
 * Returns the exit code of an apply. `others` are the codes of accounts that were not applied, for example
 * because of a guard. Never 0 if a planned action was not done.
 */
export function exitOfApply(
  { outcomes, discrepancies, interrupted }: ApplyResult,
  others: readonly PartialExit[] = [],
): ExitCode {
  if (interrupted) return exitOfSignal(interrupted);
  const open = outcomes.filter(({ status }) => status !== 'applied');
  const unfinished = open.length > 0 || discrepancies.length > 0 || others.some((code) => code !== EXIT.done);
  if (unfinished && outcomes.some(({ wrote }) => wrote)) return EXIT.partlyApplied;
  // An action that was skipped because of another failure does not add an exit code of its own.
  const errors = open.map(({ error }) => (error ? exitOfError(error.code) : EXIT.failed));
  return worstExit([...errors, ...(discrepancies.length > 0 ? [EXIT.failed] : []), ...others]);
}
