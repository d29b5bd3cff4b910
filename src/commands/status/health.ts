import type { DesiredAccount } from '../../core/desired.js';
import { bareId, bareIds, type AccountId } from '../../core/ids.js';
import type { Live, Policy } from '../../core/live.js';
import { isReservedName } from '../../core/leftovers.js';
import { match } from '../../core/match.js';
import { compareAge, compareText } from '../../core/order.js';

/** `failing`: its last alert did not arrive. */
export type Health = 'failing' | 'healthy' | 'never-used';

/** What a webhook is to the file. `unfinished`: left by an interrupted replace of a webhook of the file. */
export type Relation = 'managed' | 'unfinished' | 'ambiguous' | 'ignored' | 'absent' | 'unlisted';

export type WebhookStatus = {
  readonly live: Live;
  readonly health: Health;
  /** Absent where no file was compared. */
  readonly relation?: Relation;
  /** Those that feed it, by name. */
  readonly policies: readonly Policy[];
};

export type AccountStatus = {
  readonly accountId: AccountId;
  /** From the file. */
  readonly label?: string;
  /** What policies use and fails first, then what fails, works, was never used; then by name. */
  readonly webhooks: readonly WebhookStatus[];
  /** Names in the file that are not live; absent where no file was compared. */
  readonly missing?: readonly string[];
  /** Policies that list a webhook that does not exist. */
  readonly dangling: readonly Policy[];
  /** Ids, without dashes, of the policies whose webhooks the file manages; absent where no file was compared. */
  readonly routed?: ReadonlySet<string>;
};

/**
 * Which of `last_success` and `last_failure` is the newer one
 * (https://developers.cloudflare.com/api/resources/alerting/subresources/destinations/subresources/webhooks/).
 * The test message of a create counts as neither.
 */
export function healthOf({ lastSuccess, lastFailure }: Pick<Live, 'lastSuccess' | 'lastFailure'>): Health {
  if (!lastFailure) return lastSuccess ? 'healthy' : 'never-used';
  return !lastSuccess || isNewer(lastFailure, lastSuccess) ? 'failing' : 'healthy';
}

/** RFC 3339 with any number of fractional digits. */
export function isNewer(a: string, b: string): boolean {
  const id = '' as Live['id'];
  return compareAge({ id, createdAt: a }, { id, createdAt: b }) > 0;
}

/** How the webhooks of an account do, and what each is to the file, if there is one. */
export function accountStatus(
  accountId: AccountId,
  live: readonly Live[],
  policies: readonly Policy[],
  desired?: DesiredAccount,
): AccountStatus {
  const sorted = [...policies].sort((a, b) => compareText(a.name, b.name) || compareText(a.id, b.id));
  const users = new Map<string, Policy[]>();
  for (const policy of sorted) {
    for (const id of new Set(policy.webhookIds.map(bareId))) {
      const others = users.get(id);
      if (others) others.push(policy);
      else users.set(id, [policy]);
    }
  }
  const file = desired && relations(desired, live, policies);
  const webhooks = live.map((webhook): WebhookStatus => {
    const relation = file?.of.get(webhook);
    const used = users.get(bareId(webhook.id)) ?? [];
    return { live: webhook, health: healthOf(webhook), policies: used, ...(relation && { relation }) };
  });
  const known = bareIds(live);
  return {
    accountId,
    ...(desired?.label !== undefined && { label: desired.label }),
    webhooks: webhooks.sort(byUrgency),
    ...(file && { missing: file.missing, routed: routedPolicies(desired, policies) }),
    dangling: sorted.filter(({ webhookIds }) => webhookIds.some((id) => !known.has(bareId(id)))),
  };
}

/** Finds the policies that the file names, by id or name. */
function routedPolicies({ routes = [] }: DesiredAccount, policies: readonly Policy[]): ReadonlySet<string> {
  const isRouted = (policy: Policy): boolean =>
    routes.some(({ id, name }) => (id === undefined ? policy.name === name : bareId(policy.id) === id));
  return bareIds(policies.filter(isRouted));
}

/** Returns whether a webhook that a policy uses is failing, so that alerts are lost. */
export function isFailingInUse({ health, policies }: WebhookStatus): boolean {
  return health === 'failing' && policies.length > 0;
}

function byUrgency(a: WebhookStatus, b: WebhookStatus): number {
  const rank = (status: WebhookStatus): number =>
    isFailingInUse(status) ? 0 : { failing: 1, healthy: 2, 'never-used': 3 }[status.health];
  return rank(a) - rank(b) || compareText(a.live.name, b.live.name) || compareAge(a.live, b.live);
}

function relations(
  desired: DesiredAccount,
  live: readonly Live[],
  policies: readonly Policy[],
): { readonly of: ReadonlyMap<Live, Relation>; readonly missing: readonly string[] } {
  const { matches, absent, unlisted, ignored } = match(desired, live, { policies });
  const of = new Map<Live, Relation>(ignored.map((webhook) => [webhook, 'ignored']));
  for (const webhook of absent) of.set(webhook, 'absent');
  for (const webhook of unlisted) of.set(webhook, 'unlisted');
  for (const found of matches) {
    if (found.live) of.set(found.live, isReservedName(found.live.name) ? 'unfinished' : 'managed');
    for (const webhook of found.leftovers) of.set(webhook, 'unfinished');
    for (const webhook of found.ambiguous?.among ?? []) of.set(webhook, 'ambiguous');
  }
  const missing = matches.filter((found) => !found.live && !found.ambiguous && found.leftovers.length === 0);
  return { of, missing: missing.map((found) => found.desired.name).sort(compareText) };
}
