import type { DesiredAccount, DesiredSecret, DesiredWebhook } from './desired.js';
import type { GuardInput } from './guards.js';
import { bareId } from './ids.js';
import type { Live, Policy } from './live.js';
import { match } from './match.js';

/** The live webhooks of entries that were in the file when last deployed and are not any more. */
export function removedSince(
  previous: DesiredAccount | undefined,
  desired: DesiredAccount,
  unlisted: readonly Live[],
  policies: readonly Policy[] | undefined,
): Set<Live> {
  if (!previous) return new Set();
  const still = new Set(desired.webhooks.flatMap(({ name, previously }) => [name, ...previously]));
  const stillPinned = new Set(desired.webhooks.flatMap(({ id }) => id ?? []));
  const gone = previous.webhooks.filter(({ name, id }) =>
    id === undefined ? !still.has(name) : !stillPinned.has(id),
  );
  return findPreviousLive({ ...previous, webhooks: gone }, unlisted, policies);
}

/** What was protected when last deployed, unless its end was reviewed: by name, and found again by whatever it was. */
export function protectedBefore(
  previous: DesiredAccount | undefined,
  desired: DesiredAccount,
  unlisted: readonly Live[],
  policies: readonly Policy[] | undefined,
): Pick<GuardInput, 'wasProtected' | 'protectedLive'> {
  if (!previous) return { wasProtected: new Set(), protectedLive: new Set() };
  const absent = new Set(desired.absent);
  const webhooks = previous.webhooks.filter(({ protect, name }) => protect && !absent.has(name));
  return {
    wasProtected: new Set(webhooks.map(({ name }) => name)),
    protectedLive: findPreviousLive({ ...previous, webhooks }, unlisted, policies),
  };
}

/** The live webhooks that these entries were, what interrupted replaces left of them included. */
function findPreviousLive(
  previous: DesiredAccount,
  unlisted: readonly Live[],
  policies: readonly Policy[] | undefined,
): Set<Live> {
  const { matches } = match({ ...previous, unlisted: 'keep', ignore: [], absent: [] }, unlisted, policies);
  return new Set(matches.flatMap(({ live, marked }) => [...(live ? [live] : []), ...marked]));
}

/** What the file asks to be set anew although nothing that can be read back differs. */
export type Rotation = { readonly secret: boolean; readonly url: boolean };

/**
 * Compares with what was last deployed. Cloudflare never gives a secret back, so a changed `version` (or a
 * secret that came or went) is the only sign that it shall change. A new reference under the same version
 * is not: variables get renamed without the secret behind them changing.
 */
export function rotations(previous: DesiredAccount | undefined): (desired: DesiredWebhook) => Rotation {
  const lastOf = lastDeployed(previous);
  return (desired) => {
    const before = lastOf(desired);
    if (!before) return { secret: false, url: false };
    return { secret: secretRotated(before.secret, desired.secret), url: urlRotated(before, desired) };
  };
}

/** Finds what an entry was when last deployed: by its pinned id, else under its name or an earlier one. */
export function lastDeployed(
  previous: DesiredAccount | undefined,
): (desired: DesiredWebhook) => DesiredWebhook | undefined {
  const byId = new Map<string, DesiredWebhook>();
  const byName = new Map<string, DesiredWebhook[]>();
  for (const webhook of previous?.webhooks ?? []) {
    if (webhook.id !== undefined) byId.set(bareId(webhook.id), webhook);
    byName.set(webhook.name, [...(byName.get(webhook.name) ?? []), webhook]);
  }
  return ({ id, name, previously }) => {
    if (id === undefined) return [name, ...previously].flatMap((n) => byName.get(n) ?? [])[0];
    const same = byId.get(bareId(id));
    if (same) return same;
    // One that is pinned to another id is another webhook.
    const named = [name, ...previously].flatMap((n) => byName.get(n) ?? []);
    return named.find((webhook) => webhook.id === undefined);
  };
}

function secretRotated(before: DesiredSecret | undefined, after: DesiredSecret | undefined): boolean {
  // Not to declare a secret any more is to stop managing it, not to remove it: `none` says that.
  if (after === undefined) return false;
  const had = before !== undefined && before.kind !== 'none';
  const has = after.kind !== 'none';
  return had !== has || versionOf(before) !== versionOf(after);
}

function urlRotated({ url: before }: DesiredWebhook, { url: after }: DesiredWebhook): boolean {
  return before.kind !== 'literal' && after.kind !== 'literal' && before.version !== after.version;
}

function versionOf(secret: DesiredSecret | undefined): unknown {
  return secret && 'version' in secret ? secret.version : undefined;
}

/** Does the file give a version, so that it matters whether there is something to compare it with? */
export function hasVersion({ secret, url }: DesiredWebhook): boolean {
  return versionOf(secret) !== undefined || (url.kind !== 'literal' && url.version !== undefined);
}
