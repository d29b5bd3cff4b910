import { HookwrightError } from '../../core/errors.js';
import type { Plan } from '../../core/plan.js';
import { documentOf } from '../../saved-plan/digest-part.js';
import { confirm } from './confirm.js';
import { isInteractive } from '../../cli/io.js';
import type { Run } from '../../cli/run.js';
import { planText } from '../../cli/show-plan.js';

/**
 * Has somebody approve the plan. `given`: by `--auto-approve`, at once; `asked`: by a `yes` at the prompt, so
 * time has passed. Throws `usage` where nobody can be asked. A plan that is not on stdout is shown on stderr first.
 */
export async function approve(
  run: Run,
  unseen: Plan | undefined,
  stop: AbortSignal,
): Promise<'given' | 'asked' | 'no'> {
  const { io, options, out } = run;
  if (options.autoApprove) return stop.aborted ? 'no' : 'given';
  if (!isInteractive(io) || options.file?.includes('-')) {
    throw new HookwrightError(
      'usage',
      'Cannot ask for approval because this run is not interactive. Review the plan, then rerun with --auto-approve. Nothing was changed.',
    );
  }
  if (unseen) out.tell('error', planText(run, unseen, documentOf(unseen).digest));
  const question =
    '\nDo you want to perform these actions?\n' +
    '  hookwright will perform the actions described above.\n' +
    "  Only 'yes' will be accepted to approve.\n\n  Enter a value: ";
  const yes = await confirm(io, question, stop);
  io.stderr.write('\n');
  return yes && !stop.aborted ? 'asked' : 'no';
}
