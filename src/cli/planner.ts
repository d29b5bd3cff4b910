import pLimit from 'p-limit';
import type { DesiredAccount } from '../core/desired.js';
import type { Diagnostic } from '../core/diagnostic.js';
import type { ErrorCode } from '../core/errors.js';
import { EXIT, type ExitCode, exitOfError, type PartialExit, worstExit } from '../core/exit-codes.js';
import { type AccountId, bareId, namesById } from '../core/ids.js';
import { parseLeftover } from '../core/leftovers.js';
import type { Live, Policy } from '../core/live.js';
import { deployedBefore, joinPlans, planAccount } from '../core/plan-account.js';
import {
  type AccountFailure,
  type AccountPlan,
  isWebhookAction,
  type Note,
  type Plan,
  type ShownPlan,
  type WebhookAction,
} from '../core/plan.js';
import type { Reader } from '../core/ports.js';
import { groupBy } from '../core/order.js';
import { ignoring } from '../core/selection.js';
import type { AccountRouting } from '../render/routing-graph.js';
import { accountList } from '../render/wording.js';
import { onlyAccount, readDesired, reportDiagnostics, warnUnusedAccount } from './desired-state.js';
import type { Options } from './flags.js';
import { FlagNames, type KnownName } from './names.js';
import { reportsOf, writeReports } from './reports.js';
import type { Run } from './run.js';
import { shardOf } from './shard.js';

/** What the planner keeps for an account besides its plan; lists are kept only if the account changes. */
export type PlannedAccount = {
  readonly plan: AccountPlan;
  /** Names of the live webhooks, by ID without dashes. */
  readonly baseline: ReadonlyMap<string, string>;
  /** Present if the policies were listed: for deletions, replacements, routes, duplicates or a report. */
  readonly policies?: readonly Policy[];
  readonly live: readonly Live[];
  readonly isIgnored: (live: Live) => boolean;
  readonly liveNames: readonly KnownName[];
};

export type PlannedAccounts = {
  readonly plan: Plan;
  readonly accounts: ReadonlyMap<AccountId, PlannedAccount>;
  /** About flags and reports, for stderr. */
  readonly warnings: readonly string[];
};

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
export async function makePlan(input: PlannerInput, reader: Reader): Promise<PlannedAccounts> {
  const { desired, selected, described, options } = input;
  const names = new FlagNames(options, described);
  const declared = names.isEmpty ? [] : selected.flatMap(declaredNames);
  names.refuseSeveral(declared, ['rotate', 'replace', 'target']);
  names.refuseUnknown(declared);

  const results = await pLimit(options.parallelism).map(desired, (account) =>
    planOne(account, input, names, reader),
  );

  const made = results.filter((result) => 'plan' in result);
  const failures = results.filter((result) => 'error' in result);
  const unseen = input.withRouting ? made.flatMap(({ plan, policies }) => (policies ? [] : plan)) : [];
  const warnings =
    unseen.length === 0
      ? []
      : [
          `Warning: the html report does not show the policies of ${accountList(unseen)}, because they could not be read.`,
        ];
  const result = {
    plan: joinPlans(
      made.map(({ plan }) => plan),
      failures,
    ),
    accounts: new Map(made.map((account) => [account.plan.accountId, account])),
  };
  // Accounts can have many names, so they are listed only for flags that have one.
  if (names.isEmpty) return { ...result, warnings };
  const planned = (isMine: (action: WebhookAction) => boolean): KnownName[] =>
    made.flatMap(({ plan: { accountId, actions } }) => {
      const mine = actions.filter(isWebhookAction).filter(isMine);
      const ids = mine.flatMap((action) => (action.kind === 'create' ? [] : `id:${bareId(action.id)}`));
      return webhookNames(accountId, [...mine.map(({ name }) => name), ...ids]);
    });
  const deleting = planned(({ kind }) => kind === 'delete');
  names.refuseSeveral([...declared, ...deleting], ['target']);
  names.refuseSeveral(deleting, ['allowDelete', 'allowDetach']);
  // None of these has to be live: a run that is repeated selects what the first run renamed or deleted.
  const former = selected.flatMap(({ accountId, webhooks, absent }) =>
    webhookNames(accountId, [...webhooks.flatMap(({ previously }) => previously), ...absent]),
  );
  const all = [...declared, ...former, ...made.flatMap(({ liveNames }) => liveNames)];
  names.refuseTwoReadings(all);
  const here = new Set(desired.map(({ accountId }) => accountId));
  const unread = {
    failed: new Set(failures.map(({ accountId }) => accountId)),
    elsewhere: new Set(selected.map(({ accountId }) => accountId).filter((account) => !here.has(account))),
  };
  names.refuseMissed(all, unread);
  const refused = made.flatMap(({ plan: { accountId, guards } }) =>
    webhookNames(
      accountId,
      guards.flatMap((guard) => guard.names),
    ),
  );
  const changing = [...planned(({ kind }) => kind !== 'delete'), ...refused];
  return { ...result, warnings: [...warnings, ...names.unused({ deleting, changing }, unread)] };
}

async function planOne(
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
    liveNames: names.isEmpty
      ? []
      : webhookNames(
          desired.accountId,
          live.flatMap(({ name }) => [name, parseLeftover(name)?.name ?? []].flat()),
        ),
    baseline: namesById(kept),
    ...(policies && { policies }),
  };
}

/** Nothing in the account then counts as deployed; its files could have been elsewhere. */
function notDeployedBefore({ previous = '' }: Options): Note {
  const message =
    `The previous state (${previous}) does not describe this account, so rotations and removed entries were not detected. ` +
    'This is normal for a new account. If its file was elsewhere, pass that path with --previous.';
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
  warnUnusedAccount(run, accounts);
  const selected = onlyAccount(accounts, run);
  const { shard, previous: source } = run.options;
  const desired = shard === undefined ? selected : shardOf(selected, shard, run);
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
  const gone = [...previous.values()].filter(
    ({ accountId, webhooks }) => !described.has(accountId) && webhooks.length > 0,
  );
  if (gone.length === 0) return;
  const [are, their] = gone.length === 1 ? ['is', 'Its'] : ['are', 'Their'];
  run.out.log(
    'warn',
    `Warning: ${accountList(gone)} ${are} in the previous state but no longer in the file. ${their} webhooks will not be changed.`,
  );
}

/** Returns the exit code of refusals and failures. */
export function exitOfPlan({ accounts, failures }: ShownPlan): PartialExit {
  return worstExit([
    ...failures.map(({ error }) => exitOfError(error.code as ErrorCode)),
    ...(accounts.some(({ guards }) => guards.length > 0) ? [EXIT.refused] : []),
  ]);
}

/**
 * Prints a line for each kind of error and each guard: stdout, which says why, can go to a file. `applying`:
 * nothing was written to these accounts.
 */
export function logPlanErrors(
  { out }: Run,
  { accounts, failures }: ShownPlan,
  { applying = false } = {},
): void {
  const end = (all: readonly unknown[]): string =>
    applying ? `; nothing was written to ${all.length === 1 ? 'it' : 'them'}.` : '.';
  for (const [code, same] of groupBy(failures, ({ error }) => error.code))
    out.log('error', `Error: ${accountList(same)} could not be read (${code})${end(same)}`);
  const guards = accounts.flatMap((account) => account.guards.map(({ code }) => ({ account, code })));
  for (const [code, same] of groupBy(guards, (each) => each.code)) {
    const where = [...new Set(same.map(({ account }) => account))];
    const times = same.length > where.length ? ` ${same.length} times` : '';
    out.log('error', `Error: refused by guard ${code}${times} in ${accountList(where)}${end(where)}`);
  }
}

/** Returns the data of the routing graphs, for accounts whose policies were listed. */
export function routingOf({ accounts }: PlannedAccounts): readonly AccountRouting[] {
  return [...accounts].flatMap(([accountId, { policies, live }]) =>
    policies ? { accountId, policies, webhooks: live } : [],
  );
}
