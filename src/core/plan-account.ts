import type { DesiredAccount } from './desired.js';
import { diff, type DiffOptions } from './diff.js';
import { HookwrightError } from './errors.js';
import { bareId } from './ids.js';
import { baseNameIndex } from './leftovers.js';
import type { Live, Policy } from './live.js';
import { compareText } from './order.js';
import type { AccountFailure, AccountPlan, Plan } from './plan.js';
import type { Reader } from './ports.js';
import { namesOfEntry } from './selection.js';
import { comparableUrl, desiredUrl, isReference } from './urls.js';

/** An account's plan, and the live state that it is based on. */
export type Reading = {
  readonly plan: AccountPlan;
  readonly live: readonly Live[];
  /** Absent: not requested, because the plan does not depend on them. */
  readonly policies?: readonly Policy[];
};

type Asked = {
  readonly options: DiffOptions;
  /** Whether to list the policies, if they can be read, even if the plan does not depend on them. */
  readonly withPolicies?: boolean;
};

/** Lists an account and returns its plan, or an `AccountFailure` if it cannot be read. Writes nothing. */
export async function planAccount(
  desired: DesiredAccount,
  { options, withPolicies = false }: Asked,
  reader: Reader,
): Promise<Reading | AccountFailure> {
  try {
    const listed = await reader.listWebhooks(desired.accountId);
    const live = withSecretUrls(listed, desired, options.previous);
    const { plan, wantsPolicies } = diff({ desired, live, options });
    if (!wantsPolicies && !withPolicies) return { plan, live };
    const policies = await reader.listPolicies(desired.accountId).catch((error: unknown) => {
      if (wantsPolicies || !(error instanceof HookwrightError) || error.code === 'interrupted') throw error;
      return undefined;
    });
    if (!policies) return { plan, live };
    return { plan: diff({ desired, live, policies, options }).plan, live, policies };
  } catch (error) {
    if (!(error instanceof HookwrightError)) throw error;
    const { accountId, label } = desired;
    const failure = { code: error.code, message: error.message };
    return { accountId, ...(label !== undefined && { label }), error: failure };
  }
}

/**
 * Marks the webhooks that belong to an entry whose URL is a reference, by ID or by a current or previous name,
 * and all others with the URL of one of them, or with the value of a reference if it is known here. Leftovers
 * match by their final name. `accounts`: the desired and the previous state.
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
  const names = new Set(entries.flatMap(namesOfEntry));
  const baseNameOf = baseNameIndex(names);
  const isMine = ({ id, name }: Live): boolean => ids.has(bareId(id)) || names.has(baseNameOf(name));
  const known = [
    ...entries.flatMap((entry) => desiredUrl(entry) ?? []),
    ...live.filter(isMine).map(({ url }) => url),
  ];
  const urls = new Set(known.map(comparableUrl));
  return live.map((webhook) =>
    urls.has(comparableUrl(webhook.url)) ? { ...webhook, urlIsSecret: true } : webhook,
  );
}

/** Returns the previous state of this account, which is empty if no document described the account. */
export function deployedBefore(
  account: DesiredAccount,
  previous: DesiredAccount | undefined,
): DesiredAccount {
  return previous ?? { ...account, webhooks: [] };
}

/** Joins the plans of several accounts and the accounts that could not be read, sorted by account ID. */
export function joinPlans(accounts: readonly AccountPlan[], failures: readonly AccountFailure[]): Plan {
  return { accounts: accounts.toSorted(byAccount), failures: failures.toSorted(byAccount) };
}

function byAccount(a: { readonly accountId: string }, b: { readonly accountId: string }): number {
  return compareText(a.accountId, b.accountId);
}
