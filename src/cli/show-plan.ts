import { cannotRead, diskFiles } from '../config/disk.js';
import { HookwrightError } from '../core/errors.js';
import type { ApplyResult } from '../core/outcome.js';
import { hasChanges, type ShownPlan as Plan } from '../core/plan.js';
import { renderOutcomes } from '../render/apply-text.js';
import { renderApplyMarkdown, renderPlanMarkdown } from '../render/markdown.js';
import { renderPlanText } from '../render/plan-text.js';
import { parsePlanFile } from '../saved-plan/decode.js';
import { documentOf, toApplyDocument, toPlanDocument } from '../saved-plan/encode.js';
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

/** Returns the plan in the requested format. */
export function planAs(run: Run, plan: Plan, digest = documentOf(plan).digest): string {
  switch (run.options.format) {
    case 'json':
      return jsonText(toPlanDocument(plan, digest));
    case 'markdown':
      return renderPlanMarkdown(plan, digest);
    case 'text':
      return planText(run, plan, digest);
  }
}

/** Returns the plan as text. The digest is shown only if the plan has changes. */
export function planText({ style, io }: Run, plan: Plan, digest: string | undefined, saved = false): string {
  const width = widthOf(io.stdout, 120);
  return renderPlanText(plan, {
    style,
    width,
    saved,
    ...(hasChanges(plan) && digest !== undefined && { digest }),
  });
}

/** Returns the result of an apply in the requested format. */
export function showApply({ options, style, io }: Run, plan: Plan, result: ApplyResult): string {
  switch (options.format) {
    case 'json':
      return jsonText(toApplyDocument(plan, result, documentOf(plan).digest));
    case 'markdown':
      return renderApplyMarkdown(plan, result);
    case 'text':
      return `\n${renderOutcomes(plan, result, { style, width: widthOf(io.stdout, 120) })}`;
  }
}
