import { NO_LOOKUP, parsePlanFile, planFromDocument } from '../../saved-plan/decode.js';
import { diskFiles } from '../../config/disk.js';
import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { jsonText } from '../../text/untrusted.js';
import { sha256 } from '../../saved-plan/encode.js';
import { writeReports } from '../../cli/reports.js';
import type { Run } from '../../cli/run.js';
import { renderPlanMarkdown } from '../../render/markdown.js';
import { planText } from '../../cli/show-plan.js';

/** Renders a saved plan in any format, offline. */
export async function show(run: Run): Promise<ExitCode> {
  const { argument = '', io, out, options } = run;
  const document = parsePlanFile(argument, await diskFiles(io).readFile(argument), sha256);
  const plan = planFromDocument(document, NO_LOOKUP);
  if (options.format === 'json') out.result(jsonText(document));
  else if (options.format === 'markdown') out.result(renderPlanMarkdown(plan, { digest: document.digest }));
  else out.result(planText(run, plan, document.digest));
  await writeReports(run, { diagnostics: [], plan });
  return EXIT.done;
}
