import pLimit from 'p-limit';
import type { DesiredAccount } from '../core/desired.js';
import type { Diagnostic } from '../core/diagnostic.js';
import { type ErrorCode, HookwrightError } from '../core/errors.js';
import { EXIT, type ExitCode, exitOfError, worstExit } from '../core/exit-codes.js';
import { type AccountId, bareIds } from '../core/ids.js';
import { parseLeftover } from '../core/leftovers.js';
import type { Live, Policy } from '../core/live.js';
import { deployedBefore, joinPlans, planAccount } from '../core/plan-account.js';
import {
  type AccountFailure,
  type AccountPlan,
  hasChanges,
  type Note,
  type Plan,
  type ShownPlan,
} from '../core/plan.js';
import type { Reader } from '../core/ports.js';
import { ignoring } from '../core/selection.js';
import type { AccountRouting } from '../render/routing-graph.js';
import { accountText } from '../render/wording.js';
import { sha256 } from '../saved-plan/digest.js';
import { forTerminal } from '../text/untrusted.js';
import { onlyAccount, readDesired, reportDiagnostics } from './desired-state.js';
import type { Options } from './flags.js';
import type { Io } from './io.js';
import { FlagNames, type KnownName } from './names.js';
import { reportsOf, writeReports } from './reports.js';
import type { Run } from './run.js';

/** What the planner keeps for an account besides its plan; lists are kept only if the account changes. */
export type PlannedAccount = {
  readonly plan: AccountPlan;
  /** IDs of the live webhooks, without dashes. */
  readonly baseline: ReadonlySet<string>;
  /** Present if the policies were listed: for deletions, replacements, routes, duplicates or a report. */
  readonly policies?: readonly Policy[];
  readonly live: readonly Live[];
  readonly isIgnored: (live: Live) => boolean;
  readonly liveNames: readonly KnownName[];
};

export type Planned = { readonly plan: Plan; readonly accounts: ReadonlyMap<AccountId, PlannedAccount> };

export type PlannerInput = {
  readonly desired: readonly DesiredAccount[];
  /** Includes the accounts of other shards. */
  readonly selected: readonly DesiredAccount[];
  /** All accounts that the files describe. */
  readonly described: readonly DesiredAccount[];
  readonly previous?: ReadonlyMap<AccountId, DesiredAccount>;
  readonly options: Options;
  /** Read the policies and keep the lists of all accounts, for the routing graphs. */
  readonly withRouting: boolean;
};

/** Lists every account and diffs it. An account that cannot be read does not affect the others. */
export async function makePlan(input: PlannerInput, reader: Reader): Promise<Planned> {
  const { desired, selected, described, options } = input;
  const names = new FlagNames(options, described);
  const declared = selected.flatMap(declaredNames);
  names.refuseSeveral(declared, ['rotate', 'replace', 'target']);
  names.refuseUnknown(declared);

  const limit = pLimit(options.parallelism);
  const results = await Promise.all(
    desired.map((account) => limit(() => planned(account, input, names, reader))),
  );

  const made = results.filter((result) => 'plan' in result);
  const failures = results.filter((result) => 'error' in result);
  const deleting = made.flatMap(({ plan: { accountId, actions } }) =>
    webhookNames(
      accountId,
      actions.flatMap(({ kind, name }) => (kind === 'delete' ? name : [])),
    ),
  );
  names.refuseSeveral([...declared, ...deleting], ['target']);
  names.refuseSeveral(deleting, ['allowDelete', 'allowDetach']);
  const former = selected.flatMap(({ accountId, webhooks }) =>
    webhookNames(
      accountId,
      webhooks.flatMap(({ previously }) => previously),
    ),
  );
  const all = [...declared, ...former, ...made.flatMap(({ liveNames }) => liveNames)];
  names.refuseTwoReadings(all);
  const here = new Set(desired.map(({ accountId }) => accountId));
  names.refuseMissed(all, {
    failed: new Set(failures.map(({ accountId }) => accountId)),
    elsewhere: new Set(selected.map(({ accountId }) => accountId).filter((account) => !here.has(account))),
  });
  return {
    plan: joinPlans(
      made.map(({ plan }) => plan),
      failures,
    ),
    accounts: new Map(made.map((account) => [account.plan.accountId, account])),
  };
}

async function planned(
  desired: DesiredAccount,
  { previous, options: flags, withRouting }: PlannerInput,
  names: FlagNames,
  reader: Reader,
): Promise<PlannedAccount | AccountFailure> {
  const last = previous?.get(desired.accountId);
  const options = names.optionsFor(desired.accountId, previous && deployedBefore(desired, last));
  const reading = await planAccount(desired, { options, withPolicies: withRouting }, reader);
  if ('error' in reading) return reading;
  const { live, policies } = reading;
  const notes = previous && !last ? [...reading.plan.notes, notDeployedBefore(flags)] : reading.plan.notes;
  const plan = { ...reading.plan, notes };
  const kept = withRouting || plan.actions.length > 0 ? live : [];
  return {
    plan,
    live: kept,
    isIgnored: ignoring(desired),
    liveNames: webhookNames(
      desired.accountId,
      live.flatMap(({ name }) => [name, parseLeftover(name)?.name ?? []].flat()),
    ),
    baseline: bareIds(kept),
    ...(policies && { policies }),
  };
}

/** Nothing in the account then counts as deployed; its files could have been elsewhere. */
function notDeployedBefore({ previous = '' }: Options): Note {
  const message =
    `The previous state (${previous}) does not describe this account, so rotations and removed entries were not detected. ` +
    'If its file was elsewhere, pass that path with --previous.';
  return { code: 'not-deployed-before', message, names: [] };
}

/** Returns the names of entries and routes, and `id:ID` of pinned entries. */
function declaredNames({ accountId, webhooks, routes = [] }: DesiredAccount): KnownName[] {
  return [
    ...webhooks.flatMap(({ name, id, secret, url }) => {
      const withoutSecret = !secret && url.kind === 'literal';
      const names = id === undefined ? [name] : [name, `id:${id}`];
      return webhookNames(accountId, names).map((known) => ({ ...known, withoutSecret }));
    }),
    ...routes.map(({ name }) => ({ account: accountId, resource: 'policy' as const, name })),
  ];
}

function webhookNames(account: AccountId, names: readonly string[]): KnownName[] {
  return names.map((name) => ({ account, resource: 'webhook', name }));
}

/** `diagnostics`: only warnings; errors end the run. */
export type Prepared = PlannerInput & { readonly diagnostics: readonly Diagnostic[] };

/** Loads the desired and the last deployed state; on errors, prints them and returns the exit code. */
export async function prepare(run: Run): Promise<Prepared | { readonly exit: ExitCode }> {
  const { accounts, diagnostics } = await readDesired(run, { needAccountId: true });
  const exit = reportDiagnostics(run, diagnostics);
  if (exit !== undefined) {
    await writeReports(run, { diagnostics });
    return { exit };
  }
  const selected = onlyAccount(accounts, run);
  const { shard, previous: source } = run.options;
  const desired = shard === undefined ? selected : shardOf(selected, shard, run.io.env);
  const previous =
    source === undefined
      ? undefined
      : await (await import('./previous-state.js')).readPrevious(run, source, desired);
  if (previous && 'exit' in previous) return previous;
  if (previous) warnUndeclaredAccounts(run, desired, previous);
  return {
    desired,
    selected,
    described: accounts,
    ...(previous && { previous }),
    options: run.options,
    withRouting: reportsOf(run.options).some(({ kind }) => kind === 'html'),
    diagnostics,
  };
}

/** Warns about accounts that are no longer described. They are left alone; `webhooks: []` empties one. */
function warnUndeclaredAccounts(
  run: Run,
  desired: readonly DesiredAccount[],
  previous: ReadonlyMap<AccountId, DesiredAccount>,
): void {
  if (run.options.account !== undefined || run.options.shard !== undefined) return;
  const described = new Set(desired.map(({ accountId }) => accountId));
  for (const [account, { webhooks }] of previous) {
    if (described.has(account) || webhooks.length === 0) continue;
    run.out.log(
      'warn',
      `Warning: account ${account} is in the previous state but no longer in the file. Its webhooks will not be changed.`,
    );
  }
}

/** Returns the exit code: refusals and failures first; 2 for changes only with `--detailed-exitcode`. */
export function exitOfPlan(plan: ShownPlan, detailed: boolean): ExitCode {
  const { accounts, failures } = plan;
  return worstExit([
    ...failures.map(({ error }) => exitOfError(error.code as ErrorCode)),
    ...(accounts.some(({ guards }) => guards.length > 0) ? [EXIT.refused] : []),
    ...(detailed && hasChanges(plan) ? [EXIT.changesPending] : []),
  ]);
}

/** Prints a line for each account that was refused or not read: stdout, which says why, can go to a file. */
export function logPlanErrors({ out }: Run, { accounts, failures }: ShownPlan): void {
  for (const failure of failures) {
    const name = accountText(failure, forTerminal);
    out.log('error', `Error: account ${name} could not be read (${failure.error.code}).`);
  }
  for (const account of accounts) {
    const name = accountText(account, forTerminal);
    for (const { code } of account.guards)
      out.log('error', `Error: account ${name} was refused by guard ${code}.`);
  }
}

/** Returns the data of the routing graphs, for accounts whose policies were listed. */
export function routingOf({ accounts }: Planned): readonly AccountRouting[] {
  return [...accounts].flatMap(([accountId, { policies, live }]) =>
    policies ? { accountId, policies, webhooks: live } : [],
  );
}

/** `index` counts from 1. */
type Shard = { readonly index: number; readonly total: number };

/**
 * Returns the accounts of this run's shard. The shard of an account depends only on its ID, so it does not
 * change when other accounts come or go, and every account is in exactly one shard.
 */
function shardOf(
  accounts: readonly DesiredAccount[],
  shard: string,
  env: Io['env'],
): readonly DesiredAccount[] {
  const { index, total } = parseShard(shard, env);
  const indexOf = (id: string): number => (Number.parseInt(sha256(id).slice(0, 12), 16) % total) + 1;
  return accounts.filter(({ accountId }) => indexOf(accountId) === index);
}

/**
 * Parses `2/5`, `auto` or `auto/5`. `auto` reads GitLab's CI_NODE_INDEX and CI_NODE_TOTAL (from 1), or the
 * JOB_COMPLETION_INDEX (from 0) of a Kubernetes Indexed Job, whose manifest must repeat its number of
 * completions as JOB_COMPLETIONS
 * (https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode).
 */
function parseShard(text: string, env: Io['env']): Shard {
  const [first = '', second, ...rest] = text.split('/');
  const shard = first === 'auto' ? fromEnvironment(second, env) : shardFrom(first, second);
  if (shard && rest.length === 0) return shard;
  const found =
    first === 'auto'
      ? ' For auto, set CI_NODE_INDEX and CI_NODE_TOTAL, or JOB_COMPLETION_INDEX and JOB_COMPLETIONS.'
      : '';
  throw new HookwrightError(
    'usage',
    `--shard must be I/N with 1 ≤ I ≤ N, or auto, not ${JSON.stringify(text)}.${found}`,
  );
}

function fromEnvironment(total: string | undefined, env: Io['env']): Shard | undefined {
  if (env['CI_NODE_INDEX'] !== undefined)
    return shardFrom(env['CI_NODE_INDEX'], total ?? env['CI_NODE_TOTAL']);
  const index = env['JOB_COMPLETION_INDEX'];
  if (index === undefined || !/^\d+$/.test(index)) return undefined;
  return shardFrom(String(Number(index) + 1), total ?? env['JOB_COMPLETIONS']);
}

function shardFrom(first: string, second: string | undefined): Shard | undefined {
  const [index, total] = [first, second ?? ''].map((text) => (/^\d{1,6}$/.test(text) ? Number(text) : NaN));
  if (index === undefined || total === undefined) return undefined;
  return index >= 1 && index <= total ? { index, total } : undefined;
}
