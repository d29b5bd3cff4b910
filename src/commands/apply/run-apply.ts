import { approve } from '../../cli/approval.js';
import {
  type ApplyContext,
  execute,
  interruption,
  startNothing,
  reportResult,
  withConnection,
} from '../../cli/execute.js';
import { widthOf } from '../../cli/io.js';
import { makePlan, prepare, routingOf } from '../../cli/planner.js';
import { type Run, secretsOf } from '../../cli/run.js';
import { planAs, planText } from '../../cli/show-plan.js';
import { HookwrightError } from '../../core/errors.js';
import type { ExitCode } from '../../core/exit-codes.js';
import type { Plan } from '../../core/plan.js';
import { accountList } from '../../render/wording.js';
import { toPlanDocument } from '../../saved-plan/encode.js';
import { nameList, wrap } from '../../text/layout.js';
import { applySaved } from './apply-saved.js';
import { checkPlans, withSecretGuards } from './check-plan.js';

/** Plans, asks for approval, applies and verifies; or applies a saved plan. */
export async function runApply(run: Run): Promise<ExitCode> {
  const [planFile] = run.args;
  if (planFile !== undefined) return applySaved(run, planFile);
  const { options, out } = run;
  const prepared = await prepare(run);
  if ('exit' in prepared) return prepared.exit;
  const secrets = secretsOf(run);

  return withConnection(run, prepared.desired, async (context) => {
    const made = await makePlan(prepared, context.client);
    const plan = await withSecretGuards(made.plan, secrets);
    const reported = { diagnostics: prepared.diagnostics, routing: routingOf(made) };
    const text = options.format === 'text';
    if (text) out.result(planAs(run, plan));
    out.log('warn', made.warnings.join('\n'));
    expectDigest(run, plan, text);

    // A guard blocks only its own account.
    const startable = plan.accounts.flatMap(({ accountId, guards }) =>
      guards.length > 0 ? [] : (made.accounts.get(accountId) ?? []),
    );
    if (startable.every((account) => account.plan.actions.length === 0)) {
      const result = startNothing(plan, context.reporter);
      return reportResult(run, plan, { ...result, ...interruption(context.signals) }, reported);
    }
    const approval = await approvePlan(run, plan, context);
    if (approval === 'no') throw new HookwrightError('interrupted', 'Apply cancelled. Nothing was written.');
    const reader = context.client;
    const checked =
      approval === 'given'
        ? { accounts: startable, done: [] }
        : await checkPlans(startable, {
            reader,
            secrets,
            heading: 'The plan is stale',
            next: 'Run apply again and review the new plan.',
          });
    return reportResult(run, plan, await execute(run, plan, { ...checked, secrets }, context), reported);
  });
}

/** Refuses a plan whose digest does not match `--expect-digest`, and shows what it would do. */
function expectDigest(run: Run, plan: Plan, shown: boolean): void {
  const { expectDigest: expected } = run.options;
  if (expected === undefined) return;
  if (expected === toPlanDocument(plan).digest) return;
  if (!shown) run.out.log('error', planText(run, plan));
  throw new HookwrightError('digest-mismatch', mismatch(plan));
}

function mismatch({ accounts }: Plan): string {
  const actions = accounts.flatMap((account) => account.actions);
  const now =
    actions.length === 0
      ? 'There is nothing left to do: the approved changes are already live or were reverted.'
      : `The current plan is shown above (${nameList(actions, ({ kind, name }) => `${kind} ${JSON.stringify(name)}`)}).`;
  return (
    `This is not the approved plan: the file or the account has changed since the approval. ${now}\n` +
    'Nothing was written. Have the current plan reviewed, then pass its digest to --expect-digest.'
  );
}

/** Asks for approval of the plan. If stdout does not show the plan as text, stderr does. */
async function approvePlan(
  run: Run,
  plan: Plan,
  { reporter, signals }: ApplyContext,
): ReturnType<typeof approve> {
  const { options, out } = run;
  const changed = plan.accounts.filter(({ actions, guards }) => actions.length > 0 && guards.length === 0);
  const approval = await approve(run, {
    text:
      'Do you want to perform these actions?\n' +
      wrap(
        `hookwright will perform the actions described above in ${accountList(changed)}.`,
        widthOf(run.io.stderr, 120),
        '  ',
      ),
    otherwise:
      'Review the plan, then rerun with --auto-approve. To apply exactly the plan that was reviewed, run ' +
      '"hookwright plan --out plan.json", then "hookwright apply plan.json". Nothing was changed.',
    stop: signals.stop,
    show: () => {
      reporter.isAsking = true;
      if (options.format !== 'text') out.log('error', planText(run, plan));
    },
  });
  reporter.isAsking = false;
  return approval;
}
