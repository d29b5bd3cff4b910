import type { ApplyResult } from '../core/outcome.js';
import type { Plan } from '../core/plan.js';
import { jsonText } from '../text/untrusted.js';
import { renderOutcomes } from '../render/apply-text.js';
import { renderApplyMarkdown } from '../render/markdown-apply.js';
import { toApplyDocument } from '../saved-plan/encode.js';
import { documentOf, sha256 } from '../saved-plan/digest-part.js';
import { widthOf } from './io.js';
import type { Run } from './run.js';

/** How the apply ended, in the form asked for. */
export function showApply({ options, style, io }: Run, plan: Plan, result: ApplyResult): string {
  switch (options.format) {
    case 'json':
      return jsonText(toApplyDocument(plan, result, { sha256, digest: documentOf(plan).digest }));
    case 'markdown':
      return renderApplyMarkdown(plan, result);
    case 'text':
    case undefined: {
      const width = widthOf(io.stdout, 120);
      const several = plan.accounts.length + plan.failures.length > 1;
      return `\n${renderOutcomes(result, { style, width, plan, showAccount: several })}`;
    }
  }
}
