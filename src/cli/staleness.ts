import { HookwrightError } from '../core/errors.js';
import { bareId } from '../core/ids.js';
import { checkPreconditions, type Moved } from '../core/precondition.js';
import type { Reader } from '../core/ports.js';
import { displayUrl } from '../core/urls.js';
import type { Planned, PlannedAccount } from './planner.js';

/**
 * The accounts to apply. After a prompt each is listed again: what the approved plan saw must still be so.
 * Throws `stale-plan`, naming what moved, before anything is written.
 */
export async function freshAccounts(
  { plan, accounts }: Planned,
  reader: Reader,
  again: boolean,
): Promise<readonly PlannedAccount[]> {
  const changing = plan.accounts.flatMap(({ accountId }) => accounts.get(accountId) ?? []);
  if (!again) return changing;
  const checked = await Promise.all(
    changing.map(async (account) => {
      const live = await reader.listWebhooks(account.plan.accountId);
      const { ready, stale } = checkPreconditions(account.plan.actions, live);
      const baseline = new Set(live.map(({ id }) => bareId(id)));
      return { account: { ...account, plan: { ...account.plan, actions: ready }, baseline, live }, stale };
    }),
  );
  const stale = checked.flatMap((each) => each.stale);
  if (stale.length > 0) throw new HookwrightError('stale-plan', staleText('The plan is stale', stale));
  return checked.map(({ account }) => account);
}

/** What moved since the plan was made, a line each. */
export function staleText(heading: string, stale: readonly Moved[]): string {
  const lines = stale.map(({ action, field, expected, found }) => {
    const show = (text: string): string => JSON.stringify(field === 'url' ? displayUrl(text) : text);
    const now = found === undefined ? 'there is no such webhook any more' : `now it is ${show(found)}`;
    return `  ${JSON.stringify(action.name)} (${action.kind}): ${field} was ${show(expected)} when the plan was made, ${now}`;
  });
  return `${heading}\n${lines.join('\n')}\nNothing was written. Plan again, and review what comes out.`;
}
