import type { ApplyAccount } from '../../apply/apply.js';
import { HookwrightError } from '../../core/errors.js';
import { bareId, bareIds, type AccountId } from '../../core/ids.js';
import type { Live } from '../../core/live.js';
import type { Outcome } from '../../core/outcome.js';
import type { AccountPlan, Action } from '../../core/plan.js';
import type { Reader } from '../../core/ports.js';
import { checkPreconditions, type Moved } from '../../saved-plan/precondition.js';
import { displayUrl } from '../../core/urls.js';
import type { Planned } from '../../cli/planner.js';

/** What is to be carried out, and what is live already. */
export type Fresh = { readonly accounts: readonly ApplyAccount[]; readonly done: readonly Outcome[] };

/**
 * The accounts to apply. After a prompt each is listed again: what the approved plan saw must still be so.
 * Throws `stale-plan`, naming what moved, before anything is written.
 */
export async function freshAccounts(
  { plan, accounts }: Planned,
  reader: Reader,
  again: boolean,
): Promise<Fresh> {
  if (!again)
    return { accounts: plan.accounts.flatMap(({ accountId }) => accounts.get(accountId) ?? []), done: [] };
  const lists = await Promise.all(
    plan.accounts.map(async (account) => ({
      plan: account,
      live: await reader.listWebhooks(account.accountId),
      isIgnored: accounts.get(account.accountId)?.isIgnored,
    })),
  );
  return checkAll(lists, 'The plan is stale');
}

/** A plan, and the list to hold it against. `isIgnored`: which of the list the file sets aside; else the plan says. */
export type Listed = {
  readonly plan: AccountPlan;
  readonly live: readonly Live[];
  readonly isIgnored?: ((live: Live) => boolean) | undefined;
};

/** Holds plans that were made earlier against what is live now. Throws `stale-plan` if anything moved. */
export function checkAll(lists: readonly Listed[], heading: string): Fresh {
  const checked = lists.map(({ plan, live, isIgnored }) => {
    const ignored = new Set(plan.ignoredIds?.map(bareId));
    const setAside = isIgnored ?? ((webhook: Live) => ignored.has(bareId(webhook.id)));
    const { ready, done, stale } = checkPreconditions(plan.actions, live, setAside);
    const baseline = bareIds(live);
    const outcomes = done.map((action) => liveAlready(plan.accountId, action));
    return { account: { plan: { ...plan, actions: ready }, baseline }, done: outcomes, stale };
  });
  const stale = checked.flatMap((each) => each.stale);
  if (stale.length > 0) throw new HookwrightError('stale-plan', staleText(heading, stale));
  return { accounts: checked.map(({ account }) => account), done: checked.flatMap(({ done }) => done) };
}

function liveAlready(accountId: AccountId, action: Action): Outcome {
  const { kind, name } = action;
  const note = 'Already in place; nothing was sent.';
  return {
    accountId,
    kind,
    name,
    ...(action.kind !== 'create' && { id: action.id }),
    status: 'applied',
    wrote: false,
    note,
  };
}

/** What moved since the plan was made, a line each. */
function staleText(heading: string, stale: readonly Moved[]): string {
  const lines = stale.map(({ action, field, expected, found }) => {
    const show = (text: string): string => JSON.stringify(field === 'url' ? displayUrl(text) : text);
    const now = found === undefined ? 'the webhook no longer exists' : `now it is ${show(found)}`;
    return `  ${JSON.stringify(action.name)} (${action.kind}): ${field} was ${show(expected)} when the plan was made, ${now}`;
  });
  return `${heading}\n${lines.join('\n')}\nNothing was written. Create a new plan and review it.`;
}
