import pLimit from 'p-limit';
import type { DesiredAccount } from './core/desired.js';
import { NO_OPTIONS, type DiffOptions } from './core/diff.js';
import { bareIds } from './core/ids.js';
import { deployedBefore, joinPlans, planAccount } from './core/plan-account.js';
import type { Plan } from './core/plan.js';
import type { Reader } from './core/ports.js';
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
  const readings = await Promise.all(
    desired.map((account) =>
      limit(() => planAccount(account, { options: diffOptions(account, options) }, reader)),
    ),
  );
  const made = readings.filter((reading) => 'plan' in reading);
  return {
    ...joinPlans(
      made.map((reading) => reading.plan),
      readings.filter((reading) => 'error' in reading),
    ),
    seen: new Map(made.map(({ plan: { accountId }, live }) => [accountId, bareIds(live)])),
  };
}

function diffOptions(account: DesiredAccount, { previous, ...rest }: PlanOptions): DiffOptions {
  if (!previous) return { ...NO_OPTIONS, ...rest };
  const before = previous.find(({ accountId }) => accountId === account.accountId);
  return { ...NO_OPTIONS, ...rest, previous: deployedBefore(account, before) };
}
