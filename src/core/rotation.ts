import type { DesiredAccount, DesiredSecret, DesiredWebhook } from './desired.js';

/** What the file asks to be set anew although nothing that can be read back differs. */
export type Rotation = { readonly secret: boolean; readonly url: boolean };

/**
 * Compares with what was last deployed. Cloudflare never gives a secret back, so a changed `version` (or a
 * secret that came or went) is the only sign that it shall change. A new reference under the same version
 * is not: variables get renamed without the secret behind them changing.
 */
export function rotations(previous: DesiredAccount | undefined): (desired: DesiredWebhook) => Rotation {
  if (!previous) return () => ({ secret: false, url: false });
  const byName = new Map(previous.webhooks.map((webhook) => [webhook.name, webhook]));
  const byId = new Map(previous.webhooks.flatMap((webhook) => (webhook.id ? [[webhook.id, webhook]] : [])));
  return (desired) => {
    const before =
      (desired.id !== undefined && byId.get(desired.id)) ||
      [desired.name, ...desired.previously].flatMap((name) => byName.get(name) ?? [])[0];
    if (!before) return { secret: false, url: false };
    return { secret: secretRotated(before.secret, desired.secret), url: urlRotated(before, desired) };
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
  return before.kind === 'env' && after.kind === 'env' && before.version !== after.version;
}

function versionOf(secret: DesiredSecret | undefined): unknown {
  return secret && 'version' in secret ? secret.version : undefined;
}

/** Does the file give a version, so that it matters whether there is something to compare it with? */
export function hasVersion({ secret, url }: DesiredWebhook): boolean {
  return versionOf(secret) !== undefined || (url.kind === 'env' && url.version !== undefined);
}
