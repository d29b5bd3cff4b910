import type { Plan } from '../core/plan.js';
import { jsonText } from '../core/untrusted.js';
import { renderPlanMarkdown } from '../render/markdown.js';
import { renderPlanText } from '../render/plan-text.js';
import { documentOf } from './digest.js';
import { widthOf } from './io.js';
import type { Run } from './run.js';

/** The plan in the form asked for. */
export function planAs(run: Run, plan: Plan): string {
  const document = documentOf(plan);
  switch (run.options.format) {
    case 'json':
      return jsonText(document);
    case 'markdown':
      return renderPlanMarkdown(plan, { digest: document.digest });
    case 'text':
    case undefined:
      return planText(run, plan, document.digest);
  }
}

export function planText({ style, io }: Run, plan: Plan, digest: string): string {
  const changes = plan.accounts.some(({ actions }) => actions.length > 0);
  const width = widthOf(io.stdout, 120);
  return renderPlanText(plan, { style, width, ...(changes && { digest }) });
}
