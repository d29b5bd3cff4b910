import { apply as carryOut } from '../../apply/apply.js';
import type { Guard, Plan } from '../../core/plan.js';
import { EXIT, exitOfApply, type ExitCode } from '../../core/exit-codes.js';
import { HookwrightError } from '../../core/errors.js';
import type { AccountId } from '../../core/ids.js';
import type { ApplyResult } from '../../core/outcome.js';
import { targeting } from '../../core/selection.js';
import { diskFiles } from '../../config/disk.js';
import { approve } from '../approval.js';
import { connect } from '../connection.js';
import { optionsFor } from '../names.js';
import { makePlan, type Planned } from '../planner.js';
import { prepare, type Prepared } from '../prepare.js';
import { Reporter } from '../reporter.js';
import type { Run } from '../run.js';
import { SecretStore } from '../secrets.js';
import { showApply } from '../show-apply.js';
import { planAs } from '../show-plan.js';
import { Signals } from '../signals.js';
import { freshAccounts } from '../staleness.js';
import { exitOfPlan } from './plan.js';

/** Plans, asks, carries out, verifies. */
export async function apply(run: Run): Promise<ExitCode> {
  const { io, options, out } = run;
  const prepared = await prepare(run);
  if ('exit' in prepared) return prepared.exit;
  const secrets = new SecretStore(io.env, (path) => diskFiles(io.cwd, io.stdin).readFile(path), run.redactor);
  const refused = await preflight(run, prepared, secrets);

  const reporter = new Reporter(run, prepared.desired.length > 1);
  const signals = new Signals(io, (signal) => reporter.tell({ type: 'interrupted', signal }));
  const client = connect(run, { tell: reporter.tell, kill: signals.kill });
  try {
    const planned = await makePlan({ ...prepared, refused, options }, client);
    const text = options.format === 'text';
    if (text) out.result(planAs(run, planned.plan));
    const startable = withoutRefused(planned);
    const total = startable.plan.accounts.reduce((sum, { actions }) => sum + actions.length, 0);
    if (total === 0) return end(run, planned.plan, NOTHING_DONE);

    const waited = await approve(run, text ? undefined : planned.plan, signals.stop);
    if (waited === 'no') {
      out.tell('error', 'Apply cancelled.');
      return signals.received ? exitOfApply({ ...NOTHING_DONE, interrupted: signals.received }) : EXIT.failed;
    }
    const accounts = await freshAccounts(startable, client, waited === 'asked');
    const result = await carryOut(
      accounts.map(({ plan, baseline }) => ({ plan, baseline })),
      {
        parallelism: options.parallelism ?? 10,
        settleMs: (options.settle ?? 10) * 1000,
        retryDelayMs: options.retryDelay ?? 500,
        retries: options.retries ?? 4,
      },
      {
        reader: client,
        writer: client,
        clock: io.clock,
        credentialsOf: (spec) => secrets.credentialsOf(spec),
        tell: reporter.tell,
        stop: signals.stop,
        kill: signals.kill,
      },
    );
    reporter.close();
    return end(run, planned.plan, { ...result, ...(signals.received && { interrupted: signals.received }) });
  } finally {
    reporter.close();
    signals.close();
    client.close();
  }
}

const NOTHING_DONE: ApplyResult = { outcomes: [], discrepancies: [] };

function end(run: Run, plan: Plan, result: ApplyResult): ExitCode {
  run.out.result(showApply(run, plan, result));
  return exitOfApply(result, [exitOfPlan(plan, false)]);
}

/** Reads every secret that a selected entry declares, before the first request. */
async function preflight(
  run: Run,
  { desired }: Prepared,
  secrets: SecretStore,
): Promise<ReadonlyMap<AccountId, readonly Guard[]>> {
  const refused = new Map<AccountId, readonly Guard[]>();
  for (const account of desired) {
    const { targets } = optionsFor(account.accountId, run.options, undefined);
    const isTarget = targeting(targets, new Set(account.webhooks.map(({ name }) => name)));
    const selected = account.webhooks.filter(({ name, previously }) => [name, ...previously].some(isTarget));
    const guard = await secrets.preflight(selected);
    if (guard) refused.set(account.accountId, [guard]);
  }
  return refused;
}

/** A guard stops its own account, and no other. */
function withoutRefused({ plan, accounts }: Planned): Planned {
  return { plan: { ...plan, accounts: plan.accounts.filter(({ guards }) => guards.length === 0) }, accounts };
}
