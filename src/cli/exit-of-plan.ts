import type { ErrorCode } from '../core/errors.js';
import { EXIT, exitOfError, worstExit, type ExitCode } from '../core/exit-codes.js';
import { hasChanges, type Plan } from '../core/plan.js';

/** Refusals and failures first; 2 for changes only if asked for. */
export function exitOfPlan(plan: Plan, detailed: boolean): ExitCode {
  const { accounts, failures } = plan;
  return worstExit([
    ...failures.map(({ error }) => exitOfError(error.code as ErrorCode)),
    ...(accounts.some(({ guards }) => guards.length > 0) ? [EXIT.refused] : []),
    ...(detailed && hasChanges(plan) ? [EXIT.changesPending] : []),
  ]);
}
