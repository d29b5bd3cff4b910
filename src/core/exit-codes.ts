import type { ErrorCode } from './errors.js';
import type { ApplyResult } from './outcome.js';

/** What the command ends with. */
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

/** Codes that are not listed end in `failed`. */
const BY_ERROR: Partial<Record<ErrorCode, ExitCode>> = {
  usage: EXIT.invalid,
  'invalid-file': EXIT.invalid,
  'invalid-plan-file': EXIT.invalid,
  'access-denied': EXIT.accessDenied,
  'stale-plan': EXIT.stale,
  'digest-mismatch': EXIT.stale,
  'refused-by-guard': EXIT.refused,
};

const RANK: readonly ExitCode[] = [
  EXIT.invalid,
  EXIT.accessDenied,
  EXIT.stale,
  EXIT.refused,
  EXIT.failed,
  EXIT.changesPending,
];

export function exitOfError(code: ErrorCode): ExitCode {
  return BY_ERROR[code] ?? EXIT.failed;
}

/** Of several that occurred, the one to end with. */
export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return RANK.find((code) => codes.includes(code)) ?? EXIT.done;
}

/**
 * The exit code of an apply. `others` are those of accounts that were not applied at all, for example because a
 * guard stopped them. Never 0 when something planned was not done.
 */
export function exitOfApply(
  { outcomes, discrepancies, interrupted }: ApplyResult,
  others: readonly ExitCode[] = [],
): ExitCode {
  if (interrupted) return interrupted === 'SIGINT' ? EXIT.sigint : EXIT.sigterm;
  const open = outcomes.filter(({ status }) => status !== 'applied');
  const unfinished = open.length > 0 || discrepancies.length > 0 || others.some((code) => code !== EXIT.done);
  if (unfinished && outcomes.some(({ wrote }) => wrote)) return EXIT.partlyApplied;
  // What was skipped because of another failure adds nothing to that failure's own code.
  const errors = open.map(({ error }) => (error ? exitOfError(error.code) : EXIT.failed));
  return worstExit([...errors, ...(discrepancies.length > 0 ? [EXIT.failed] : []), ...others]);
}
