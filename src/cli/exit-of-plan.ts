import type { ErrorCode } from '../core/errors.js';
import { EXIT, exitOfError, worstExit, type ExitCode } from '../core/exit-codes.js';
import type { Plan } from '../core/plan.js';

/** Refusals and failures first; 2 for changes only if asked for. */
export function exitOfPlan({ accounts, failures }: Plan, detailed: boolean): ExitCode {
  const changes = accounts.some(({ actions }) => actions.length > 0);
  return worstExit([
    ...failures.map(({ error }) => exitOfError(error.code as ErrorCode)),
    ...(accounts.some(({ guards }) => guards.length > 0) ? [EXIT.refused] : []),
    ...(detailed && changes ? [EXIT.changesPending] : []),
  ]);
}
