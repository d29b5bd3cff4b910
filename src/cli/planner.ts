import pLimit from 'p-limit';
import type { DesiredAccount } from '../core/desired.js';
import { diff } from '../core/diff.js';
import { HookwrightError } from '../core/errors.js';
import { bareId, type AccountId } from '../core/ids.js';
import type { Live, Policy } from '../core/live.js';
import { compareText } from '../core/order.js';
import { EMPTY_SUMMARY, type AccountFailure, type AccountPlan, type Guard, type Plan } from '../core/plan.js';
import type { Reader } from '../core/ports.js';
import type { Options } from './flags.js';
import { matchesPattern } from '../core/pattern.js';
import { ignoring } from '../core/selection.js';
import { optionsFor, refuseAmbiguous, refuseUnknown } from './names.js';

/** What the planner keeps of an account beside its plan; lists are kept only of accounts that change. */
export type PlannedAccount = {
  readonly plan: AccountPlan;
  /** Ids that were live, without dashes. */
  readonly baseline: ReadonlySet<string>;
  /** Present where the plan deletes or replaces. */
  readonly policies?: readonly Policy[];
  readonly live: readonly Live[];
  readonly isIgnored: (live: Live) => boolean;
  /** The targets that no webhook of the account fits. */
  readonly missed: readonly string[];
};

export type Planned = { readonly plan: Plan; readonly accounts: ReadonlyMap<AccountId, PlannedAccount> };

export type PlannerInput = {
  readonly desired: readonly DesiredAccount[];
  readonly previous?: ReadonlyMap<AccountId, DesiredAccount>;
  /** Reasons known before any request not to touch an account; it is not listed. */
  readonly refused?: ReadonlyMap<AccountId, readonly Guard[]>;
  readonly options: Options;
  /** Ask for the policies and keep the lists of all accounts, for a picture of what feeds what. */
  readonly pictured?: boolean;
};

/** Lists every account and diffs it; an account that cannot be read fails alone. */
export async function makePlan(
  { desired, previous, refused, options, pictured = false }: PlannerInput,
  reader: Reader,
): Promise<Planned> {
  const declared = desired.map(({ accountId, webhooks }) => ({
    account: accountId,
    names: new Set(webhooks.map(({ name }) => name)),
  }));
  refuseUnknown(options, declared);
  refuseAmbiguous(options, declared, ['rotate', 'replace', 'target']);

  const limit = pLimit(options.parallelism ?? 10);
  const results = await Promise.all(
    desired.map(async (account) => {
      const guards = refused?.get(account.accountId);
      if (guards)
        return {
          plan: refusedPlan(account, guards),
          baseline: new Set<string>(),
          live: [],
          isIgnored: ignoring(account),
          missed: [],
        };
      const before = previous && (previous.get(account.accountId) ?? nothing(account));
      return limit(() => planAccount({ desired: account, before, options, pictured }, reader));
    }),
  );

  const planned = results.filter((result) => 'plan' in result);
  refuseAmbiguous(options, planned.map(deletedNames), ['target', 'allowDelete', 'allowDetach']);
  const failures = results.filter((result): result is AccountFailure => 'error' in result);
  const byAccount = (a: { accountId: AccountId }, b: { accountId: AccountId }): number =>
    compareText(a.accountId, b.accountId);
  return {
    plan: { accounts: planned.map(({ plan }) => plan).sort(byAccount), failures: failures.sort(byAccount) },
    accounts: new Map(planned.map((account) => [account.plan.accountId, account])),
  };
}

type AccountInput = {
  readonly desired: DesiredAccount;
  readonly before: DesiredAccount | undefined;
  readonly options: Options;
  readonly pictured: boolean;
};

async function planAccount(
  { desired, before, options, pictured }: AccountInput,
  reader: Reader,
): Promise<PlannedAccount | AccountFailure> {
  try {
    const live = await reader.listWebhooks(desired.accountId);
    const input = { desired, live, options: optionsFor(desired.accountId, options, before) };
    const first = diff(input);
    const policies =
      first.wantsPolicies || pictured ? await reader.listPolicies(desired.accountId) : undefined;
    const { plan } = policies ? diff({ ...input, policies }) : first;
    const kept = pictured || plan.actions.length > 0 ? live : [];
    return {
      plan,
      live: kept,
      isIgnored: ignoring(desired),
      missed: missedTargets(input.options.targets, [...desired.webhooks, ...live]),
      baseline: new Set(kept.map(({ id }) => bareId(id))),
      ...(policies && { policies }),
    };
  } catch (error) {
    if (!(error instanceof HookwrightError)) throw error;
    return { accountId: desired.accountId, error: { code: error.code, message: error.message } };
  }
}

function missedTargets(targets: readonly string[], webhooks: readonly { readonly name: string }[]): string[] {
  return targets.filter(
    (target) => !webhooks.some(({ name }) => name === target || matchesPattern(target, name)),
  );
}

function refusedPlan({ accountId }: DesiredAccount, guards: readonly Guard[]): AccountPlan {
  return { accountId, actions: [], guards, notes: [], overrides: [], summary: EMPTY_SUMMARY };
}

/** What an account had that the previous state does not mention. */
function nothing(account: DesiredAccount): DesiredAccount {
  return { ...account, webhooks: [] };
}

function deletedNames({ plan }: PlannedAccount): { account: AccountId; names: Set<string> } {
  const deletes = plan.actions.filter(({ kind }) => kind === 'delete');
  return { account: plan.accountId, names: new Set(deletes.map(({ name }) => name)) };
}
