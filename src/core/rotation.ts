import type { DesiredAccount, DesiredSecret, DesiredWebhook } from './desired.js';
import { bareId } from './ids.js';
import { isReference } from './urls.js';

/** What the file asks to set again although nothing that can be read differs. */
export type Rotation = { readonly secret: boolean; readonly url: boolean };

/**
 * Compares with what was last deployed. Cloudflare never returns a secret, so a changed `version` is the only sign that it
 * must be set again. A new reference under the same version is not: variables get renamed without a new secret in them.
 */
export function rotations(previous: DesiredAccount | undefined): (desired: DesiredWebhook) => Rotation {
  const lastOf = lastDeployed(previous);
  return (desired) => {
    const before = lastOf(desired);
    if (!before) return { secret: false, url: false };
    return { secret: secretRotated(before.secret, desired.secret), url: urlRotated(before, desired) };
  };
}

/** Finds an entry as it was last deployed: by its pinned id, else under its name or an earlier one. */
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

/**
 * A secret that is no longer declared stays live: `none` says that it must go. A secret that is added without a version
 * is not sent, because it may be the one that is live.
 */
function secretRotated(before: DesiredSecret | undefined, after: DesiredSecret | undefined): boolean {
  if (after === undefined) return false;
  if (after.kind === 'none') return before !== undefined && before.kind !== 'none';
  return versionOf(before) !== versionOf(after);
}

function urlRotated({ url: before }: DesiredWebhook, { url: after }: DesiredWebhook): boolean {
  return isReference(before) && isReference(after) && before.version !== after.version;
}

function versionOf(secret: DesiredSecret | undefined): unknown {
  return secret && 'version' in secret ? secret.version : undefined;
}

/** Does the file give a version, so that it matters whether there is something to compare it with? */
export function hasVersion({ secret, url }: DesiredWebhook): boolean {
  return versionOf(secret) !== undefined || (isReference(url) && url.version !== undefined);
}
