import type { DesiredAccount } from '../core/desired.js';
import type { Diagnostic } from '../core/diagnostic.js';
import type { ExitCode } from '../core/exit-codes.js';
import type { AccountId } from '../core/ids.js';
import { onlyAccount, readDesired } from './desired-state.js';
import { tellDiagnostics } from './diagnostics.js';
import type { readPrevious } from './previous-state.js';
import { writeReports } from './reports.js';
import type { Run } from './run.js';

export type Prepared = {
  /** Warnings; faults end the run. */
  readonly diagnostics: readonly Diagnostic[];
  readonly desired: readonly DesiredAccount[];
  readonly previous?: ReadonlyMap<AccountId, DesiredAccount>;
};

/** Loads what is desired and what was last deployed, or tells what is wrong with it. */
export async function prepare(run: Run): Promise<Prepared | { readonly exit: ExitCode }> {
  const { accounts, diagnostics } = await readDesired(run, { needAccountId: true });
  const exit = tellDiagnostics(run, diagnostics);
  if (exit !== undefined) {
    await writeReports(run, { diagnostics });
    return { exit };
  }
  const desired = await ofThisShard(onlyAccount(accounts, run), run);
  const previous = await lastDeployed(run);
  if (previous && 'exit' in previous) return previous;
  if (previous) tellForgotten(run, desired, previous);
  return { desired, diagnostics, ...(previous && { previous }) };
}

async function ofThisShard(
  accounts: readonly DesiredAccount[],
  run: Run,
): Promise<readonly DesiredAccount[]> {
  if (run.options.shard === undefined) return accounts;
  const { shardOf } = await import('./shard.js');
  return shardOf(accounts, run.options.shard, run.io.env);
}

async function lastDeployed(run: Run): ReturnType<typeof readPrevious> {
  if (run.options.previous === undefined) return undefined;
  return (await import('./previous-state.js')).readPrevious(run);
}

/** An account that is no longer described at all is left alone: to empty it takes an explicit `webhooks: []`. */
function tellForgotten(
  run: Run,
  desired: readonly DesiredAccount[],
  previous: ReadonlyMap<AccountId, DesiredAccount>,
): void {
  if (run.options.account !== undefined || run.options.shard !== undefined) return;
  const described = new Set(desired.map(({ accountId }) => accountId));
  for (const [account, { webhooks }] of previous) {
    if (described.has(account) || webhooks.length === 0) continue;
    run.out.tell(
      'warn',
      `Warning: account ${account} is in the previous state but no longer in the file. Its webhooks will not be changed.`,
    );
  }
}
