import { cannotRead, diskFiles } from '../config/disk.js';
import { HookwrightError } from '../core/errors.js';
import type { ApplyResult } from '../core/outcome.js';
import { hasChanges, type ShownPlan as Plan } from '../core/plan.js';
import { renderOutcomes } from '../render/apply-text.js';
import { renderApplyMarkdown, renderPlanMarkdown } from '../render/markdown.js';
import { renderPlanText } from '../render/plan-text.js';
import { parsePlanFile } from '../saved-plan/decode.js';
import { toApplyDocument, toPlanDocument } from '../saved-plan/encode.js';
import type { PlanDocument } from '../saved-plan/plan-document.js';
import { shellWord } from '../text/layout.js';
import { jsonText } from '../text/untrusted.js';
import { widthOf } from './io.js';
import type { Run } from './run.js';

/** Reads a saved plan. Throws `invalid-plan-file`. */
export async function readPlanFile({ io }: Run, file: string): Promise<PlanDocument> {
  const disk = diskFiles(io);
  const bytes = await disk.readFile(file).catch((cause: unknown) => {
    throw new HookwrightError('invalid-plan-file', `${cannotRead(file, cause)}.`, { cause });
  });
  if (!bytes && (await disk.readFolder(file)))
    throw new HookwrightError(
      'invalid-plan-file',
      `${file} cannot be used: it is a directory. To apply the desired-state files in it, run: hookwright apply -f ${shellWord(file)}`,
    );
  // A plan can be saved under such a name too; then it is JSON.
  if (bytes && /\.ya?ml$/.test(file) && !/^\s*\{/.test(Buffer.from(bytes).toString('latin1')))
    throw new HookwrightError(
      'invalid-plan-file',
      `${file} is a desired-state file, not a saved plan. To see what apply would change, run: hookwright plan -f ${shellWord(file)}`,
    );
  return parsePlanFile(file, bytes);
}

/** Returns the plan, or the result of applying it, in the requested format. */
export function planAs(run: Run, plan: Plan, result?: ApplyResult): string {
  const { options, style, io } = run;
  if (options.format !== 'text') return documentAs(options.format, plan, result);
  if (!result) return planText(run, plan);
  // A saved plan knows what it did already; a new plan would rotate again.
  const [planFile] = run.args;
  const again = planFile === undefined ? {} : { again: `"hookwright apply ${shellWord(planFile)}" again` };
  return `\n${renderOutcomes(plan, result, { style, width: widthOf(io.stdout, 120), ...again })}`;
}

/** Returns the plan as text. The digest is shown only if the plan has changes. */
export function planText({ style, io }: Run, plan: Plan, { saved = false } = {}): string {
  const digest = hasChanges(plan) ? { digest: toPlanDocument(plan).digest } : {};
  return renderPlanText(plan, { style, width: widthOf(io.stdout, 120), saved, ...digest });
}

/** Returns the plan, or the result of applying it, for scripts or for a comment. */
export function documentAs(format: 'json' | 'markdown', plan: Plan, result?: ApplyResult): string {
  switch (format) {
    case 'json':
      return `${jsonText(result ? toApplyDocument(plan, result) : toPlanDocument(plan))}\n`;
    case 'markdown':
      return result
        ? renderApplyMarkdown(plan, result)
        : renderPlanMarkdown(plan, toPlanDocument(plan).digest);
  }
}
