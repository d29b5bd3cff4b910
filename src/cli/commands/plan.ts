import { EXIT, exitOfError, worstExit, type ExitCode } from '../../core/exit-codes.js';
import type { Plan } from '../../core/plan.js';
import type { ErrorCode } from '../../core/errors.js';
import { connect } from '../connection.js';
import { prepare } from '../prepare.js';
import { makePlan } from '../planner.js';
import { planAs } from '../show-plan.js';
import type { Run } from '../run.js';

/** Lists, diffs, prints. Sends only GETs and needs no secret value. */
export async function plan(run: Run): Promise<ExitCode> {
  const prepared = await prepare(run);
  if ('exit' in prepared) return prepared.exit;
  const client = connect(run);
  try {
    const { plan: made } = await makePlan({ ...prepared, options: run.options }, client);
    run.out.result(planAs(run, made));
    return exitOfPlan(made, run.options.detailedExitcode ?? false);
  } finally {
    client.close();
  }
}

/** Refusals and failures first; 2 for changes only if asked for. */
export function exitOfPlan({ accounts, failures }: Plan, detailed: boolean): ExitCode {
  const changes = accounts.some(({ actions }) => actions.length > 0);
  return worstExit([
    ...failures.map(({ error }) => exitOfError(error.code as ErrorCode)),
    ...(accounts.some(({ guards }) => guards.length > 0) ? [EXIT.refused] : []),
    ...(detailed && changes ? [EXIT.changesPending] : []),
  ]);
}
