import { NO_LOOKUP, planFromDocument } from '../../saved-plan/decode.js';
import { toPlanDocument } from '../../saved-plan/encode.js';
import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { jsonText } from '../../text/untrusted.js';
import { writeReports } from '../../cli/reports.js';
import type { Run } from '../../cli/run.js';
import { renderPlanMarkdown } from '../../render/markdown.js';
import { routingInPlan } from '../../render/routing-graph.js';
import { planText, readPlanFile } from '../../cli/show-plan.js';

/** Renders a saved plan in any format, offline. */
export async function show(run: Run): Promise<ExitCode> {
  const { out, options } = run;
  const document = await readPlanFile(run, run.args[0] ?? '');
  const plan = planFromDocument(document, NO_LOOKUP);
  if (options.format === 'json') out.result(jsonText(toPlanDocument(plan, document.digest)));
  else if (options.format === 'markdown') out.result(renderPlanMarkdown(plan, { digest: document.digest }));
  else out.result(planText(run, plan, document.digest));
  await writeReports(run, { diagnostics: [], plan, routing: routingInPlan(plan) });
  return EXIT.done;
}
