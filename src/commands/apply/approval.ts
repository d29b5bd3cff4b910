import { type Io, isInteractive } from '../../cli/io.js';
import type { Run } from '../../cli/run.js';
import { planText } from '../../cli/show-plan.js';
import { accountText } from '../../render/wording.js';
import { nameList } from '../../text/layout.js';
import { forTerminal } from '../../text/untrusted.js';
import { HookwrightError } from '../../core/errors.js';
import type { Plan } from '../../core/plan.js';
import { documentOf } from '../../saved-plan/encode.js';

/**
 * Has somebody approve the plan. `given`: by `--auto-approve`, at once; `asked`: by a `yes` at the prompt, so
 * time has passed. Throws `usage` where nobody can be asked. A plan that is not on stdout as text is shown on stderr first.
 */
export async function approve(run: Run, plan: Plan, stop: AbortSignal): Promise<'given' | 'asked' | 'no'> {
  const { io, options, out } = run;
  if (options.autoApprove) return stop.aborted ? 'no' : 'given';
  if (!isInteractive(io) || options.file?.includes('-')) {
    throw new HookwrightError(
      'usage',
      'Cannot ask for approval because this run is not interactive. Review the plan, then rerun with --auto-approve. Nothing was changed.',
    );
  }
  if (options.format !== 'text') out.log('error', planText(run, plan, documentOf(plan).digest));
  const changed = plan.accounts.filter(({ actions, guards }) => actions.length > 0 && guards.length === 0);
  const where = nameList(changed, (account) => accountText(account, forTerminal), 5);
  const question =
    '\nDo you want to perform these actions?\n' +
    `  hookwright will perform the actions described above in account${changed.length > 1 ? 's' : ''} ${where}.\n` +
    "  Only 'yes' will be accepted to approve.\n\n  Enter a value: ";
  const yes = await confirm(io, question, stop);
  io.stderr.write('\n');
  return yes && !stop.aborted ? 'asked' : 'no';
}

/** Asks on stderr and reads one line. Only `yes` is a yes. */
async function confirm(io: Io, question: string, signal: AbortSignal): Promise<boolean> {
  io.stderr.write(question);
  const answer = io.stdin[Symbol.asyncIterator]();
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) return resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  let text = '';
  try {
    while (!text.includes('\n')) {
      const next = await Promise.race([answer.next(), aborted]);
      if (!next || next.done) break;
      text += typeof next.value === 'string' ? next.value : Buffer.from(next.value).toString('utf8');
    }
  } finally {
    // A terminal that is still being read would keep the process alive when all is done.
    io.stdin.destroy?.();
  }
  return !signal.aborted && text.split('\n', 1)[0]?.trim() === 'yes';
}
