import { hasChanges, type Plan } from '../core/plan.js';
import { renderPlanText } from '../render/plan-text.js';
import { widthOf } from './io.js';
import type { Run } from './run.js';

/** The plan in the form asked for. What only some forms take is loaded for those. */
export async function planAs(run: Run, plan: Plan): Promise<string> {
  const { format } = run.options;
  if (format === 'json') {
    const { jsonText } = await import('../text/untrusted.js');
    const { documentOf } = await import('../saved-plan/digest-part.js');
    return jsonText(documentOf(plan));
  }
  const digest = format === 'markdown' || hasChanges(plan) ? await digestOfPlan(plan) : undefined;
  if (format !== 'markdown') return planText(run, plan, digest);
  const { renderPlanMarkdown } = await import('../render/markdown.js');
  return renderPlanMarkdown(plan, digest === undefined ? {} : { digest });
}

/** The digest is shown only of a plan that does something. */
export function planText({ style, io }: Run, plan: Plan, digest: string | undefined): string {
  const width = widthOf(io.stdout, 120);
  return renderPlanText(plan, { style, width, ...(hasChanges(plan) && digest !== undefined && { digest }) });
}

async function digestOfPlan(plan: Plan): Promise<string> {
  const { documentOf } = await import('../saved-plan/digest-part.js');
  return documentOf(plan).digest;
}
