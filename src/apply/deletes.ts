import { HookwrightError } from '../core/errors.js';
import { bareId } from '../core/ids.js';
import type { AccountPlan, Delete } from '../core/plan.js';
import type { Progress } from './progress.js';
import { removeOnce } from './remove.js';
import { failure, type Session } from './session.js';
import { attempt } from './settle.js';

/**
 * Deletes come last, and only if everything before succeeded (`clear`); none that a policy has come to use
 * since the plan was made.
 */
export async function runDeletes(
  session: Session,
  progress: Progress,
  plan: AccountPlan,
  clear: boolean,
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
  const policies = await attempt(() => session.limit(() => session.reader.listPolicies(session.account)));
  if (policies instanceof HookwrightError) {
    return deletes.forEach((action) => progress.failed(action, failure('failed', policies, false)));
  }
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
      return progress.failed(action, failure('failed', { code: 'in-use', message }, false));
    }
    const step = await removeOnce(session, action.id, { abandon: session.stop });
    return step.ok ? progress.applied(action) : progress.failed(action, step);
  };
  await Promise.all(deletes.map((action) => session.limit(() => remove(action))));
}
