import pLimit from 'p-limit';
import type { DesiredAccount } from '../core/desired.js';
import { bareIds, type AccountId } from '../core/ids.js';
import type { Live, Policy } from '../core/live.js';
import { matchesPattern } from '../core/pattern.js';
import { deployedBefore, joinPlans, planAccount } from '../core/plan-account.js';
import { EMPTY_SUMMARY, type AccountFailure, type AccountPlan, type Guard, type Plan } from '../core/plan.js';
import type { Reader } from '../core/ports.js';
import { ignoring } from '../core/selection.js';
import type { Options } from './flags.js';
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
    secretless: new Set(
      webhooks.filter(({ secret, url }) => !secret && url.kind === 'literal').map(({ name }) => name),
    ),
  }));
  refuseAmbiguous(options, declared, ['rotate', 'replace', 'target']);
  refuseUnknown(options, declared);

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
      const before = previous && deployedBefore(account, previous.get(account.accountId));
      return limit(() => planned({ desired: account, before, options, pictured }, reader));
    }),
  );

  const made = results.filter((result) => 'plan' in result);
  refuseAmbiguous(options, made.map(deletedNames), ['target', 'allowDelete', 'allowDetach']);
  return {
    plan: joinPlans(
      made.map(({ plan }) => plan),
      results.filter((result) => 'error' in result),
    ),
    accounts: new Map(made.map((account) => [account.plan.accountId, account])),
  };
}

type AccountInput = {
  readonly desired: DesiredAccount;
  readonly before: DesiredAccount | undefined;
  readonly options: Options;
  readonly pictured: boolean;
};

async function planned(
  { desired, before, options, pictured }: AccountInput,
  reader: Reader,
): Promise<PlannedAccount | AccountFailure> {
  const asked = optionsFor(desired.accountId, options, before);
  const reading = await planAccount(desired, { options: asked, withPolicies: pictured }, reader);
  if ('error' in reading) return reading;
  const { plan, live, policies } = reading;
  const kept = pictured || plan.actions.length > 0 ? live : [];
  return {
    plan,
    live: kept,
    isIgnored: ignoring(desired),
    missed: missedTargets(asked.targets, [...desired.webhooks, ...live]),
    baseline: bareIds(kept),
    ...(policies && { policies }),
  };
}

function missedTargets(targets: readonly string[], webhooks: readonly { readonly name: string }[]): string[] {
  return targets.filter(
    (target) => !webhooks.some(({ name }) => name === target || matchesPattern(target, name)),
  );
}

function refusedPlan({ accountId }: DesiredAccount, guards: readonly Guard[]): AccountPlan {
  return { accountId, actions: [], guards, notes: [], overrides: [], summary: EMPTY_SUMMARY };
}

function deletedNames({ plan }: PlannedAccount): { account: AccountId; names: Set<string> } {
  const deletes = plan.actions.filter(({ kind }) => kind === 'delete');
  return { account: plan.accountId, names: new Set(deletes.map(({ name }) => name)) };
}
