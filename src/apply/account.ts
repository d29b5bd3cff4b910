import type { Live } from '../core/live.js';
import type { Outcome } from '../core/outcome.js';
import type { AccountPlan, Action } from '../core/plan.js';
import { Changes } from './changes.js';
import { runDeletes } from './deletes.js';
import { movePolicies } from './switch-policies.js';
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
 * settled and replaces finished; deletes only if all of that is seen to have succeeded; last, a list that proves
 * the result.
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
  const lastList = changes.anyBegun ? undefined : settled?.list;
  const clear = await mayDelete(session, progress, { actions, additions, list: lastList });
  await runDeletes(session, progress, plan, clear);

  const late = settled ?? (await changes.settle());
  const list = early && settled ? undefined : late?.list;
  const discrepancies = await verify(session, progress, actions, list);
  for (const action of actions) {
    if (!progress.of(action)) progress.skipped(action, 'Interrupted before it was finished.', 'interrupted');
  }
  return { outcomes: progress.outcomes(actions), discrepancies };
}

/**
 * May something be deleted now? Not for a change that Cloudflare only said it made. Asked only if there is something
 * to delete. `list`: one that was read after the last write, if there is any.
 */
async function mayDelete(
  session: Session,
  progress: Progress,
  plan: {
    readonly actions: readonly Action[];
    readonly additions: readonly Action[];
    readonly list: readonly Live[] | undefined;
  },
): Promise<boolean> {
  const { actions, additions, list } = plan;
  if (additions.length === actions.length || !progress.allApplied(additions)) return false;
  const unproven = await verify(session, progress, additions, list);
  return unproven.length === 0 && progress.allApplied(additions);
}
