import { NO_LOOKUP, planFromDocument } from '../../saved-plan/decode.js';
import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { writeReports } from '../../cli/reports.js';
import type { Run } from '../../cli/run.js';
import { routingInPlan } from '../../render/routing-graph.js';
import { planAs, readPlanFile } from '../../cli/show-plan.js';

/** Renders a saved plan in any format, offline. */
export async function show(run: Run): Promise<ExitCode> {
  const document = await readPlanFile(run, run.args[0] ?? '');
  const plan = planFromDocument(document, NO_LOOKUP);
  run.out.result(planAs(run, plan));
  await writeReports(run, { diagnostics: [], plan, routing: routingInPlan(plan) });
  return EXIT.done;
}
