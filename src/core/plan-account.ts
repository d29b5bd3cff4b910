import type { DesiredAccount } from './desired.js';
import { diff, type DiffOptions } from './diff.js';
import { HookwrightError } from './errors.js';
import { bareId } from './ids.js';
import { baseNameIndex } from './leftovers.js';
import type { Live, Policy } from './live.js';
import { compareText } from './order.js';
import type { AccountFailure, AccountPlan, Plan } from './plan.js';
import type { Reader } from './ports.js';
import { comparableUrl, desiredUrl, isReference } from './urls.js';

/** An account's plan, and what the account was when it was made. */
export type Reading = {
  readonly plan: AccountPlan;
  readonly live: readonly Live[];
  /** Absent: not asked for, as the plan does not depend on them. */
  readonly policies?: readonly Policy[];
};

type Asked = {
  readonly options: DiffOptions;
  /** Ask for the policies even if the plan does not depend on them. */
  readonly withPolicies?: boolean;
};

/** Lists an account and says what would change. Only reads; that an account cannot be read is an answer, too. */
export async function planAccount(
  desired: DesiredAccount,
  { options, withPolicies = false }: Asked,
  reader: Reader,
): Promise<Reading | AccountFailure> {
  try {
    const listed = await reader.listWebhooks(desired.accountId);
    const live = withSecretUrls(listed, desired, options.previous);
    const first = diff({ desired, live, options });
    if (!first.wantsPolicies && !withPolicies) return { plan: first.plan, live };
    const policies = await reader.listPolicies(desired.accountId);
    return { plan: diff({ desired, live, policies, options }).plan, live, policies };
  } catch (error) {
    if (!(error instanceof HookwrightError)) throw error;
    const { accountId, label } = desired;
    const failure = { code: error.code, message: error.message };
    return { accountId, ...(label !== undefined && { label }), error: failure };
  }
}

/**
 * The list, with those webhooks marked whose url belongs to an entry that has it by reference: by ID, by a name that the
 * entry has or had, or by the url itself where its value is known here. Leftovers count under the name that they are to get. `accounts`: what is desired, and what was
 * deployed before.
 */
export function withSecretUrls(
  live: readonly Live[],
  ...accounts: readonly (DesiredAccount | undefined)[]
): readonly Live[] {
  const entries = accounts
    .flatMap((account) => account?.webhooks ?? [])
    .filter(({ url }) => isReference(url));
  if (entries.length === 0) return live;
  const ids = new Set(entries.flatMap(({ id }) => (id === undefined ? [] : [bareId(id)])));
  const names = new Set(entries.flatMap(({ name, previously }) => [name, ...previously]));
  const baseNameOf = baseNameIndex(names);
  const urls = new Set(entries.flatMap((entry) => desiredUrl(entry) ?? []).map(comparableUrl));
  return live.map((webhook) => {
    const { id, name, url } = webhook;
    const isSecret = ids.has(bareId(id)) || names.has(baseNameOf(name)) || urls.has(comparableUrl(url));
    return isSecret ? { ...webhook, urlIsSecret: true } : webhook;
  });
}

/** What was last deployed to this account: nothing, where it was not described. */
export function deployedBefore(
  account: DesiredAccount,
  previous: DesiredAccount | undefined,
): DesiredAccount {
  return previous ?? { ...account, webhooks: [] };
}

/** The plans of several accounts, and those that could not be read, in their order. */
export function joinPlans(accounts: readonly AccountPlan[], failures: readonly AccountFailure[]): Plan {
  return { accounts: accounts.toSorted(byAccount), failures: failures.toSorted(byAccount) };
}

function byAccount(a: { readonly accountId: string }, b: { readonly accountId: string }): number {
  return compareText(a.accountId, b.accountId);
}
