import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { Spec } from '../core/desired.js';
import type { OnEvent } from '../core/events.js';
import type { ApplyResult, Outcome } from '../core/outcome.js';
import type { AccountPlan } from '../core/plan.js';
import type { Clock, Credentials, Reader, Writer } from '../core/ports.js';
import { applyAccount } from './account.js';
import type { Session } from './session.js';

/** One account's actions, and the ids (without dashes) that were live when they were planned. */
export type ApplyAccount = { readonly plan: AccountPlan; readonly baseline: ReadonlySet<string> };

export type ApplyOptions = {
  /** How many actions are under way at once, over all accounts. */
  readonly parallelism: number;
  readonly settleMs: number;
  readonly retryDelayMs: number;
  readonly retries: number;
  /** Outcomes of actions whose effect was live already: they are told and counted with the others. */
  readonly done?: readonly Outcome[];
};

export type ApplyDeps = {
  readonly reader: Reader;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly credentialsOf: (spec: Spec) => Credentials;
  readonly tell: OnEvent;
  /** First signal: begin nothing new, finish what is under way. */
  readonly stop: AbortSignal;
  /** Second signal: wait for nothing. */
  readonly kill: AbortSignal;
};

/** A destination that refuses its test message is tried again this often at most. */
const MAX_DESTINATION_RETRIES = 2;

/**
 * Carries plans out. Never throws for what a server or the network does: every action ends with an outcome,
 * one failed action stops only what depends on it, and accounts are independent.
 */
export async function apply(
  accounts: readonly ApplyAccount[],
  options: ApplyOptions,
  deps: ApplyDeps,
): Promise<ApplyResult> {
  // Every write that waits to be sent listens for the signals.
  setMaxListeners(0, deps.stop, deps.kill);
  const limit = pLimit(options.parallelism);
  const { done = [] } = options;
  const total = accounts.reduce((sum, { plan }) => sum + plan.actions.length, done.length);
  deps.tell({ type: 'apply-started', total });
  for (const outcome of done) deps.tell({ type: 'action-ended', outcome });
  const results = await Promise.all(
    accounts.map(async ({ plan, baseline }) => {
      const session: Session = {
        ...deps,
        account: plan.accountId,
        limit: (task) => limit(task),
        settleMs: options.settleMs,
        retryDelayMs: options.retryDelayMs,
        destinationRetries: Math.min(options.retries, MAX_DESTINATION_RETRIES),
        baseline,
      };
      return { accountId: plan.accountId, ...(await applyAccount(session, plan)) };
    }),
  );
  const outcomes = [...done, ...results.flatMap((result) => result.outcomes)];
  const discrepancies = results.flatMap((result) =>
    result.discrepancies.map((message) => ({ accountId: result.accountId, message })),
  );
  deps.tell({ type: 'apply-ended', ...countByStatus(outcomes), discrepancies: discrepancies.length });
  return { outcomes, discrepancies };
}

function countByStatus(outcomes: readonly Outcome[]): Record<Outcome['status'], number> {
  const counts = { applied: 0, failed: 0, skipped: 0, unknown: 0 };
  for (const { status } of outcomes) counts[status] += 1;
  return counts;
}
