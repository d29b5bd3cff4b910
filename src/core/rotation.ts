import type { DesiredAccount, DesiredSecret, DesiredUrl, DesiredWebhook } from './desired.js';
import { bareId } from './ids.js';
import type { Live } from './live.js';
import { groupBy } from './order.js';
import { namesOfEntry } from './selection.js';
import { isReference } from './urls.js';

/** What to set again although no readable value differs. */
export type Rotation = { readonly secret: boolean; readonly url: boolean };

/**
 * Compares with the previous state. Cloudflare never returns a secret, so a changed `version` is the only
 * sign to set it again. A new reference with the same version is not a sign, because variables can be renamed
 * while their secret stays the same.
 */
export function rotations(
  previous: DesiredAccount | undefined,
): (desired: DesiredWebhook, live?: Live) => Rotation {
  const lastOf = lastDeployed(previous);
  return (desired, live) => {
    const before = lastOf(desired, live);
    if (!before) return { secret: false, url: false };
    return { secret: secretRotated(before.secret, desired.secret), url: urlRotated(before, desired) };
  };
}

/**
 * Finds an entry in the previous state: by its pinned ID, else by its name or a previous name. A newly pinned
 * entry can also be found by the current name of its webhook.
 */
export function lastDeployed(
  previous: DesiredAccount | undefined,
): (desired: DesiredWebhook, live?: Live) => DesiredWebhook | undefined {
  if (!previous) return () => undefined;
  const byId = new Map<string, DesiredWebhook>();
  for (const webhook of previous.webhooks) {
    if (webhook.id !== undefined) byId.set(bareId(webhook.id), webhook);
  }
  const byName = groupBy(previous.webhooks, ({ name }) => name);
  return (entry, live) => {
    const names = namesOfEntry(entry);
    const named = (all: readonly string[]): DesiredWebhook[] => all.flatMap((name) => byName.get(name) ?? []);
    if (entry.id === undefined) return named(names)[0];
    const same = byId.get(bareId(entry.id));
    if (same) return same;
    // An entry that is pinned to another ID is a different webhook.
    return named(live ? [...names, live.name] : names).find((webhook) => webhook.id === undefined);
  };
}

/**
 * A secret that is no longer declared stays live; only `none` removes it. A secret that is added without a
 * version is not sent, because it may already be live.
 */
function secretRotated(before: DesiredSecret | undefined, after: DesiredSecret | undefined): boolean {
  if (after === undefined) return false;
  if (after.kind === 'none') return before !== undefined && before.kind !== 'none';
  return versionOf(before) !== versionOf(after);
}

function urlRotated({ url: before }: DesiredWebhook, { url: after }: DesiredWebhook): boolean {
  return isReference(before) && isReference(after) && before.version !== after.version;
}

/** Returns the variable or file of a reference without its version; `undefined` if it is none. */
export function referenceOf(value: DesiredUrl | DesiredSecret | undefined): string | undefined {
  if (value?.kind === 'env') return `env ${value.env}`;
  return value?.kind === 'file' ? `file ${value.file}` : undefined;
}

/** Reports whether both secrets have the same reference and version. The directory of a file does not count. */
export function isSameSecret(a: DesiredSecret | undefined, b: DesiredSecret | undefined): boolean {
  const reference = referenceOf(a);
  return reference !== undefined && reference === referenceOf(b) && versionOf(a) === versionOf(b);
}

function versionOf(secret: DesiredSecret | undefined): unknown {
  return secret && 'version' in secret ? secret.version : undefined;
}

/** Reports whether the entry has a version, which is useless without a previous state to compare with. */
export function hasVersion({ secret, url }: DesiredWebhook): boolean {
  return versionOf(secret) !== undefined || (isReference(url) && url.version !== undefined);
}
