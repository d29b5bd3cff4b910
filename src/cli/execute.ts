import { apply, type ApplyAccount, applyNothing } from '../apply/apply.js';
import type { CloudflareClient } from '../cloudflare/client.js';
import type { SecretStore } from '../config/secrets/secret-store.js';
import { HookwrightError } from '../core/errors.js';
import { type ExitCode, exitOfApply } from '../core/exit-codes.js';
import { type ApplyResult, type Outcome, refusedOutcomes } from '../core/outcome.js';
import type { ShownPlan as Plan } from '../core/plan.js';
import { accountText, type AccountName } from '../render/wording.js';
import { forTerminal, jsonText } from '../text/untrusted.js';
import { clientFor } from './connection.js';
import type { Io } from './io.js';
import { exitOfPlan, logPlanErrors } from './planner.js';
import { Reporter } from './reporter.js';
import { type Reported, writeFailure, writeReports } from './reports.js';
import type { Run } from './run.js';
import { planAs } from './show-plan.js';

/** Returns the result of an apply that starts nothing, and reports it as progress. */
export function startNothing(plan: Plan, reporter: Reporter): ApplyResult {
  const result = applyNothing(refusedOutcomes(plan), reporter.emit);
  reporter.close();
  return result;
}

/** What an apply uses while it runs. */
export type ApplyContext = {
  readonly client: CloudflareClient;
  readonly reporter: Reporter;
  readonly signals: Signals;
};

/** Opens a connection, progress output and signal handlers, and closes them after `work`. */
export async function withConnection(
  run: Run,
  accounts: readonly AccountName[],
  work: (context: ApplyContext) => Promise<ExitCode>,
): Promise<ExitCode> {
  const reporter = new Reporter(run, accounts);
  const signals = new Signals(run.io, (signal) => reporter.emit({ type: 'interrupted', signal }));
  let client: CloudflareClient | undefined;
  try {
    client = clientFor(run, { emit: reporter.emit, stop: signals.stop, kill: signals.kill });
    return await work({ client, reporter, signals });
  } catch (error) {
    // A signal before the first write decides how the run ends, whatever error it caused.
    if (signals.received && error instanceof HookwrightError && error.code === 'interrupted') {
      const { code, message } = error;
      if (run.options.format === 'json') run.out.result(jsonText({ error: { code, message } }));
      run.out.log('error', `Error: ${message}`);
      await writeFailure(run, error);
      return exitOfApply({ outcomes: [], discrepancies: [], interrupted: signals.received });
    }
    throw error;
  } finally {
    reporter.close();
    signals.close();
    client?.close();
  }
}

/** The actions to carry out, and the outcomes of those whose effect is already live. */
export type CheckedPlan = { readonly accounts: readonly ApplyAccount[]; readonly done: readonly Outcome[] };

/** Carries out the given actions of the plan and nothing else. */
export async function execute(
  { io, options }: Run,
  plan: Plan,
  { accounts, done, secrets }: CheckedPlan & { readonly secrets: SecretStore },
  { client, reporter, signals }: ApplyContext,
): Promise<ApplyResult> {
  const result = await apply(
    accounts,
    {
      parallelism: options.parallelism,
      settleMs: options.settle * 1000,
      retryDelayMs: options.retryDelay,
      retries: options.retries,
      ended: [...done, ...refusedOutcomes(plan)],
    },
    {
      reader: client,
      writer: client,
      clock: io.clock,
      credentialsOf: (spec) => secrets.credentialsOf(spec),
      emit: reporter.emit,
      stop: signals.stop,
      kill: signals.kill,
    },
  );
  reporter.close();
  return { ...result, ...interruption(signals) };
}

/** Returns the received signal as a part of a result. */
export function interruption({ received }: Signals): Pick<ApplyResult, 'interrupted'> {
  return received ? { interrupted: received } : {};
}

/** Prints the result, writes the reports and returns the exit code. */
export async function reportResult(
  run: Run,
  plan: Plan,
  result: ApplyResult,
  reported: Omit<Reported, 'plan' | 'result'>,
): Promise<ExitCode> {
  run.out.result(planAs(run, plan, result));
  logPlanErrors(run, plan, { applying: true });
  // The end of an interrupted run says it.
  for (const { accountId } of result.interrupted ? [] : result.discrepancies) {
    const account = plan.accounts.find((each) => each.accountId === accountId) ?? { accountId };
    const name = accountText(account, forTerminal);
    run.out.log('error', `Error: the result in account ${name} could not be verified.`);
  }
  await writeReports(run, { ...reported, plan, result });
  return exitOfApply(result, [exitOfPlan(plan)]);
}

type Signal = NonNullable<ApplyResult['interrupted']>;

/** Turns signals into two abort signals: the first asks to stop, the second not to wait. */
export class Signals {
  readonly #stop = new AbortController();
  readonly #kill = new AbortController();
  readonly stop: AbortSignal = this.#stop.signal;
  readonly kill: AbortSignal = this.#kill.signal;
  /** The first signal received. */
  received: Signal | undefined;
  /** Stops listening. */
  readonly close: () => void;

  constructor(io: Io, onFirst: (signal: Signal) => void) {
    this.close = io.onSignal((signal) => {
      if (this.received) return this.#kill.abort();
      this.received = signal;
      onFirst(signal);
      this.#stop.abort();
    });
  }
}
