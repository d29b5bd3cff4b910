import type { DesiredAccount } from '../../core/desired.js';
import { bareId, bareIds, type AccountId } from '../../core/ids.js';
import type { Live, Policy } from '../../core/live.js';
import { isReservedName } from '../../core/leftovers.js';
import { match } from '../../core/match.js';
import { compareAge, compareNames, compareText, compareTime, grouped } from '../../core/order.js';

/** `failing`: its last alert was not delivered. */
export type Health = 'failing' | 'healthy' | 'never-used';

/** How a webhook relates to the file. `unfinished`: left over from an interrupted replacement of an entry. */
export type Relation = 'managed' | 'unfinished' | 'ambiguous' | 'ignored' | 'absent' | 'unlisted';

export type WebhookStatus = {
  readonly live: Live;
  readonly health: Health;
  /** Absent if no file was compared. */
  readonly relation?: Relation;
  /** The policies that use it, by name. */
  readonly policies: readonly Policy[];
};

export type AccountStatus = {
  readonly accountId: AccountId;
  /** From the file. */
  readonly label?: string;
  /** Failing webhooks that policies use first, then other failing, healthy and unused ones; then by name. */
  readonly webhooks: readonly WebhookStatus[];
  /** Names in the file that are not live. Absent if no file was compared. */
  readonly missing?: readonly string[];
  /** Policies that list a webhook that does not exist. */
  readonly dangling: readonly Policy[];
  /** Policies that have no recipient of any kind. Deleting its last webhook leaves a policy like this. */
  readonly silent: readonly Policy[];
  /** IDs, without dashes, of policies whose webhooks the file manages. Absent if no file was compared. */
  readonly routed?: ReadonlySet<string>;
  /** Whether it has neither webhooks nor policies, which is often the wrong account. */
  readonly isEmpty: boolean;
};

/**
 * Compares `last_success` and `last_failure`
 * (https://developers.cloudflare.com/api/resources/alerting/subresources/destinations/subresources/webhooks/).
 * The test message of a create changes neither.
 */
export function healthOf({ lastSuccess, lastFailure }: Pick<Live, 'lastSuccess' | 'lastFailure'>): Health {
  if (!lastFailure) return lastSuccess ? 'healthy' : 'never-used';
  return !lastSuccess || compareTime(lastFailure, lastSuccess) > 0 ? 'failing' : 'healthy';
}

/** Returns the health of an account's webhooks and, if there is a file, how each one relates to it. */
export function accountStatus(
  accountId: AccountId,
  live: readonly Live[],
  policies: readonly Policy[],
  desired?: DesiredAccount,
): AccountStatus {
  const sorted = [...policies].sort(compareNames);
  const users = grouped(
    sorted.flatMap((policy) =>
      [...new Set(policy.webhookIds.map(bareId))].map((id) => [id, policy] as const),
    ),
  );
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
    silent: sorted.filter(({ webhookIds, otherMechanisms }) => webhookIds.length + otherMechanisms === 0),
    isEmpty: live.length + policies.length === 0,
  };
}

/** Finds the policies that the file names, by ID or name. */
function routedPolicies({ routes = [] }: DesiredAccount, policies: readonly Policy[]): ReadonlySet<string> {
  const isRouted = (policy: Policy): boolean =>
    routes.some(({ id, name }) => (id === undefined ? policy.name === name : bareId(policy.id) === id));
  return bareIds(policies.filter(isRouted));
}

/** Reports whether a webhook that a policy uses is failing, so that alerts are lost. */
export function isFailingInUse({ health, policies }: WebhookStatus): boolean {
  return health === 'failing' && policies.length > 0;
}

/** Returns why alerts of the account are lost, one sentence each. */
export function lostAlerts({ webhooks, silent }: AccountStatus): readonly string[] {
  return [
    ...(webhooks.some(isFailingInUse) ? ['a webhook that a policy uses is failing.'] : []),
    ...(silent.some(({ enabled }) => enabled) ? ['an enabled policy has no recipient.'] : []),
  ];
}

/** Counts the webhooks by health, with the keys of the JSON document. */
export function healthCounts(
  webhooks: readonly WebhookStatus[],
): Record<'failing' | 'healthy' | 'never_used' | 'failing_in_use', number> {
  const of = (wanted: Health): number => webhooks.filter(({ health }) => health === wanted).length;
  return {
    failing: of('failing'),
    healthy: of('healthy'),
    never_used: of('never-used'),
    failing_in_use: webhooks.filter(isFailingInUse).length,
  };
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
