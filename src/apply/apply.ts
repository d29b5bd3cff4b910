import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { attempt, success } from '../core/errors.js';
import { type AccountId, bareId } from '../core/ids.js';
import { isReservedName } from '../core/leftovers.js';
import type { Live, Policy } from '../core/live.js';
import type { ApplyResult, OnEvent, Outcome } from '../core/outcome.js';
import type { AccountPlan, Delete } from '../core/plan.js';
import { involvesSecret } from '../core/urls.js';
import { Changes } from './changes.js';
import { Progress } from './progress.js';
import { deleteUnused } from './duplicates.js';
import { retireAndRename, type StartedReplacement } from './replace.js';
import { type ApplyDeps, failure, type Patience, type Session } from './session.js';
import { switchPolicies, type SwitchedPolicy, verifyPolicies } from './switch-policies.js';
import { verify } from './verify.js';
import { removeOnce } from './writes.js';

/**
 * One account's actions, and the names of the webhooks that were live when they were planned, by ID without
 * dashes.
 */
export type ApplyAccount = { readonly plan: AccountPlan; readonly baseline: ReadonlyMap<string, string> };

export type ApplySettings = Patience & {
  /** The maximum number of concurrent requests, over all accounts. */
  readonly parallelism: number;
  /**
   * Outcomes of actions that are not carried out: they are live already, or refused. Reported and counted with
   * the others.
   */
  readonly ended?: readonly Outcome[];
};

/**
 * Applies plans. Never throws because of a server or the network: every action ends with an outcome, a failed
 * action stops only those that depend on it, and accounts are independent.
 */
export async function apply(
  accounts: readonly ApplyAccount[],
  { parallelism, ended = [], ...patience }: ApplySettings,
  deps: ApplyDeps,
): Promise<ApplyResult> {
  // Every write that waits to be sent listens for the signals.
  setMaxListeners(0, deps.stop, deps.kill);
  const limit = pLimit(parallelism);
  const total = accounts.reduce((sum, { plan }) => sum + plan.actions.length, ended.length);
  begin(total, ended, deps.emit);
  const results = await Promise.all(
    accounts.map(async ({ plan, baseline }) => {
      const session: Session = {
        ...deps,
        ...patience,
        account: plan.accountId,
        limit: (task) => limit(task),
        baseline,
      };
      return { accountId: plan.accountId, ...(await applyAccount(session, plan)) };
    }),
  );
  const outcomes = [...ended, ...results.flatMap((result) => result.outcomes)];
  const discrepancies = results.flatMap((result) =>
    result.discrepancies.map((message) => ({ accountId: result.accountId, message })),
  );
  return end({ outcomes, discrepancies }, deps.emit);
}

/** Reports the outcomes of an apply that starts nothing, with the same events. */
export function applyNothing(ended: readonly Outcome[], emit: OnEvent): ApplyResult {
  begin(ended.length, ended, emit);
  return end({ outcomes: ended, discrepancies: [] }, emit);
}

function begin(total: number, ended: readonly Outcome[], emit: OnEvent): void {
  emit({ type: 'apply-started', total });
  for (const outcome of ended) emit({ type: 'action-ended', outcome });
}

function end(result: ApplyResult, emit: OnEvent): ApplyResult {
  const { outcomes, discrepancies } = result;
  emit({ type: 'apply-ended', ...countByStatus(outcomes), discrepancies: discrepancies.length });
  return result;
}

function countByStatus(outcomes: readonly Outcome[]): Record<Outcome['status'], number> {
  const counts = { applied: 0, failed: 0, skipped: 0, unknown: 0 };
  for (const { status } of outcomes) counts[status] += 1;
  return counts;
}

export type AccountResult = {
  readonly outcomes: readonly Outcome[];
  readonly discrepancies: readonly string[];
};

/**
 * Applies the actions of one account, in this order: creates, updates and new webhooks of replacements;
 * duplicates are resolved; policies are switched and routed; replaced webhooks are deleted and new ones
 * renamed. Deletions follow only if all of that is verified. Finally, another list verifies the result.
 */
export async function applyAccount(session: Session, plan: AccountPlan): Promise<AccountResult> {
  const { actions } = plan;
  const progress = new Progress(session.account, session.emit);
  const changes = new Changes(session, progress);
  const additions = actions.filter((action) => action.kind !== 'delete');
  const webhooks = additions.filter((action) => action.resource === 'webhook');
  const routes = additions.filter((action) => action.resource === 'policy');
  await Promise.all(webhooks.map((action) => session.limit(() => changes.run(action))));

  // With only creates and updates, the list that verifies the result is also used to find duplicates.
  const isEarly = changes.hasReplacements || webhooks.length < actions.length;
  const resolution = isEarly ? await changes.resolve({ isFirst: true, isLast: false }) : undefined;
  const live = new Set(resolution ? resolution.list.map(({ id }) => bareId(id)) : session.baseline.keys());
  // All replacements proceed together, because several may share a policy.
  const started = changes.started(resolution);
  const { clear, policies } = await switchPolicies({
    session,
    progress,
    started,
    routes,
    idOf: (name) => changes.idOf(name),
    isLive: (id) => live.has(id),
  });
  await withdrawFailed(session, progress, started, clear);
  await Promise.all(clear.map((each) => session.limit(() => retireAndRename(session, progress, each))));

  const lastList = changes.hasReplacements ? undefined : resolution?.list;
  const verifyAll = async (list: readonly Live[] | undefined): Promise<Verified> => {
    const unproven = await verify(session, progress, actions, list);
    const found = await verifySwitched(session, progress, policies);
    return { ...found, unproven: [...unproven, ...found.unproven] };
  };
  const mayDelete = additions.length < actions.length && progress.allApplied(additions);
  const verified = mayDelete ? await verifyAll(lastList) : { unproven: [] };
  const isVerified = mayDelete && verified.unproven.length === 0;
  await runDeletes(session, progress, plan, {
    clear: isVerified && progress.allApplied(additions),
    ...(verified.policies && { policies: verified.policies }),
  });

  // Finds duplicates that another run created after the first check.
  const late = await changes.resolve({ isFirst: !isEarly, isLast: true });
  const unproven = isVerified
    ? await verify(session, progress, actions, late?.list)
    : (await verifyAll(late?.list)).unproven;
  return {
    outcomes: progress.outcomes(actions),
    discrepancies: unproven.length === 0 && changes.isUnchecked ? [unchecked(session.account)] : unproven,
  };
}

function unchecked(account: AccountId): string {
  return `The account could not be listed after the creates, so it is not known whether another apply created the same webhooks. To look for duplicates, run: hookwright status --account ${account}`;
}

/**
 * Deletes the new webhook of a failed replacement if the next apply cannot continue it, because a secret
 * cannot be read or there are several leftovers. Otherwise repeated runs would leave more and more.
 */
async function withdrawFailed(
  session: Session,
  progress: Progress,
  started: readonly StartedReplacement[],
  clear: readonly StartedReplacement[],
): Promise<void> {
  const failed = started.filter(
    (each) =>
      each.created &&
      (involvesSecret(each.action.after) || each.action.retire.length > 1) &&
      !clear.includes(each) &&
      progress.hasEnded(each.action, 'failed'),
  );
  if (session.kill.aborted) return;
  for (const { survivor, action } of failed) {
    const isDeleted = await session.limit(() => deleteUnused(session, survivor));
    // Only a leftover shows the next apply that a secret was to be set.
    if (isDeleted && involvesSecret(action.after)) continue;
    for (const old of action.retire) {
      if (isReservedName(old.name) && old !== action.before)
        await session.limit(() => deleteUnused(session, old));
    }
  }
}

/** What could not be verified, in sentences, and the account's policies if they were listed for it. */
type Verified = { readonly unproven: readonly string[]; readonly policies?: readonly Policy[] };

/** Marks the actions as failed whose policy is not in the expected state. */
async function verifySwitched(
  session: Session,
  progress: Progress,
  policies: readonly SwitchedPolicy[],
): Promise<Verified> {
  const mine = policies.filter(({ actions }) =>
    actions.some((action) => progress.hasEnded(action, 'applied')),
  );
  if (mine.length === 0 || session.kill.aborted) return { unproven: [] };
  const found = await verifyPolicies(session, mine);
  if (!found.ok) {
    return {
      unproven: [
        `The policies could not be read back, so the result is not verified: ${found.error.message}`,
      ],
    };
  }
  for (const [{ actions }, failed] of found.value.wrong) {
    for (const action of actions) if (progress.hasEnded(action, 'applied')) progress.failed(action, failed);
  }
  return { unproven: [], policies: found.value.policies };
}

/**
 * Deletes webhooks, but only if everything before succeeded (`clear`), and none that a policy has started to
 * use since the plan was made. `policies`: those of the account, if they were listed after the last write.
 */
export async function runDeletes(
  session: Session,
  progress: Progress,
  plan: AccountPlan,
  { clear, policies: listed }: { readonly clear: boolean; readonly policies?: readonly Policy[] },
): Promise<void> {
  const deletes = plan.actions.filter((action): action is Delete => action.kind === 'delete');
  const notBegun = (action: Delete): void =>
    progress.skipped(action, 'Interrupted before it started.', 'interrupted');
  if (deletes.length === 0) return;
  if (session.stop.aborted) return deletes.forEach(notBegun);
  if (!clear) {
    const message = 'Not deleted, because another change in this account did not succeed.';
    return deletes.forEach((action) => progress.skipped(action, message));
  }
  const read = listed
    ? success(listed)
    : await attempt(() => session.limit(() => session.reader.listPolicies(session.account)));
  if (!read.ok) {
    return deletes.forEach((action) => progress.failed(action, failure('failed', read.error)));
  }
  const policies = read.value;
  const users = new Map(
    policies.flatMap((policy) => policy.webhookIds.map((id) => [bareId(id), policy.name])),
  );
  const allowed = new Set(
    plan.overrides.filter(({ flag }) => flag === '--allow-detach').map(({ id }) => bareId(id)),
  );
  const remove = async (action: Delete): Promise<void> => {
    if (session.stop.aborted) return notBegun(action);
    progress.begin(action);
    const user = users.get(bareId(action.id));
    if (user !== undefined && !allowed.has(bareId(action.id))) {
      const message = `Policy ${JSON.stringify(user)} now uses it; deleting it would stop those alerts.`;
      return progress.failed(action, failure('failed', { code: 'in-use', message }));
    }
    const step = await removeOnce(session, action.id, { abandon: session.stop });
    return step.ok ? progress.applied(action) : progress.failed(action, step);
  };
  await Promise.all(deletes.map((action) => session.limit(() => remove(action))));
}
