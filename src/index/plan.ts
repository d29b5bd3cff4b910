import pLimit from 'p-limit';
import type { DesiredAccount } from '../core/desired.js';
import { diff, NO_OPTIONS, type DiffOptions } from '../core/diff.js';
import { HookwrightError } from '../core/errors.js';
import { bareId } from '../core/ids.js';
import type { AccountFailure, AccountPlan, Plan } from '../core/plan.js';
import { compareText } from '../core/order.js';
import type { Reader } from '../core/ports.js';
import { PARALLELISM } from './surroundings.js';

export type PlanOptions = Partial<Omit<DiffOptions, 'previous'>> & {
  /** What was last deployed: then rotations and removed entries are seen. */
  readonly previous?: readonly DesiredAccount[];
};

/** A plan, and which webhooks were live when it was made. */
export type Planned = Plan & { readonly seen: ReadonlyMap<string, ReadonlySet<string>> };

/** Lists each account and says what would change. Only reads; an account that cannot be read is among `failures`. */
export async function plan(
  desired: readonly DesiredAccount[],
  reader: Reader,
  options: PlanOptions = {},
): Promise<Planned> {
  const limit = pLimit(PARALLELISM);
  const seen = new Map<string, ReadonlySet<string>>();
  const accounts: AccountPlan[] = [];
  const failures: AccountFailure[] = [];
  const one = async (account: DesiredAccount): Promise<void> => {
    const { accountId } = account;
    try {
      const live = await reader.listWebhooks(accountId);
      const input = { desired: account, live, options: diffOptions(account, options) };
      const first = diff(input);
      const policies = first.wantsPolicies ? await reader.listPolicies(accountId) : undefined;
      accounts.push((policies ? diff({ ...input, policies }) : first).plan);
      seen.set(accountId, new Set(live.map(({ id }) => bareId(id))));
    } catch (error) {
      if (!(error instanceof HookwrightError)) throw error;
      failures.push({ accountId, error: { code: error.code, message: error.message } });
    }
  };
  await Promise.all(desired.map((account) => limit(() => one(account))));
  const byId = (a: { accountId: string }, b: { accountId: string }): number =>
    compareText(a.accountId, b.accountId);
  return { accounts: accounts.sort(byId), failures: failures.sort(byId), seen };
}

function diffOptions(account: DesiredAccount, { previous, ...rest }: PlanOptions): DiffOptions {
  if (!previous) return { ...NO_OPTIONS, ...rest };
  const before = previous.find(({ accountId }) => accountId === account.accountId);
  return { ...NO_OPTIONS, ...rest, previous: before ?? { ...account, webhooks: [] } };
}
