import type { Outcome } from '../core/outcome.js';
import type { AccountPlan } from '../core/plan.js';
import { Changes } from './changes.js';
import { runDeletes } from './deletes.js';
import { movePolicies } from './move-policies.js';
import { Progress } from './progress.js';
import { retireAndRename } from './replace.js';
import type { Session } from './session.js';
import { verify } from './verify.js';

export type AccountResult = {
  readonly outcomes: readonly Outcome[];
  readonly discrepancies: readonly string[];
};

/**
 * Carries out the actions of one account: creates, updates and the first half of replaces; then twins are
 * settled and replaces finished; deletes only if all of that succeeded; last, a list that proves the result.
 */
export async function applyAccount(session: Session, plan: AccountPlan): Promise<AccountResult> {
  const { actions } = plan;
  const progress = new Progress(session.account, session.tell);
  const changes = new Changes(session, progress);
  const additions = actions.filter((action) => action.kind !== 'delete');
  await Promise.all(additions.map((action) => session.limit(() => changes.run(action))));

  // With creates and updates alone the list that proves the result serves for the twins as well.
  const early = changes.anyBegun || additions.length < actions.length;
  const settled = early ? await changes.settle() : undefined;
  // All replaces in step, because several may share a policy.
  const moved = await movePolicies(session, progress, changes.standing(settled));
  await Promise.all(moved.map((each) => session.limit(() => retireAndRename(session, progress, each))));
  await runDeletes(session, progress, plan, progress.allApplied(additions));

  const late = settled ?? (await changes.settle());
  const list = early && settled ? undefined : late?.list;
  const discrepancies = await verify(session, progress, actions, list);
  for (const action of actions) {
    if (!progress.of(action)) progress.skipped(action, 'Interrupted before it was finished.', 'interrupted');
  }
  return { outcomes: progress.outcomes(actions), discrepancies };
}
