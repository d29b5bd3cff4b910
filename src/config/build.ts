import { resolve } from 'node:path';
import type { DesiredAccount, DesiredSecret, DesiredUrl, DesiredWebhook } from '../core/desired.js';
import { destinationOf } from '../core/destinations.js';
import type { AccountId } from '../core/ids.js';
import { bareId } from '../core/ids.js';
import { unreachable } from '../core/plan.js';
import { Secret } from '../core/secret.js';
import { parseUrl } from '../core/urls.js';
import type { Draft, DraftSecret, DraftUrl, DraftWebhook } from './draft.js';
import { atValue, fault, warning, type Fault } from './problem.js';
import { readUrl, type Environment } from './secrets/read-secret.js';

export type Built = { readonly webhooks: readonly DesiredWebhook[]; readonly faults: readonly Fault[] };

/** The webhooks of a draft that have a name and a url; urls from the environment are read. */
export function buildWebhooks(draft: Draft, base: string, env: Environment): Built {
  const faults: Fault[] = [];
  const webhooks: DesiredWebhook[] = [];
  for (const webhook of draft.webhooks) {
    if (webhook.name === undefined || webhook.url === undefined) continue;
    const secret = webhook.secret && buildSecret(webhook.secret, base);
    webhooks.push({
      name: webhook.name,
      url: buildUrl(webhook.url, webhook, env, faults),
      ...(secret && { secret }),
      ...(webhook.id !== undefined && { id: bareId(webhook.id) }),
      previously: webhook.previously,
      protect: webhook.protect,
    });
  }
  return { webhooks, faults };
}

/** The account that a draft describes; drafts for several accounts share their webhooks. */
export function buildAccount(
  accountId: AccountId,
  draft: Draft,
  webhooks: readonly DesiredWebhook[],
  source: string,
): DesiredAccount {
  const { unlisted, ignore, absent, strategy } = draft;
  return { accountId, ...(unlisted && { unlisted }), ignore, absent, strategy, webhooks, source };
}

function buildUrl(url: DraftUrl, webhook: DraftWebhook, env: Environment, faults: Fault[]): DesiredUrl {
  if (url.kind === 'literal') return url;
  // Unset or empty is usual in a plan, which needs no secrets; anything else that is no url is a mistake.
  if (!env[url.env]) return url;
  const reading = readUrl(url.env, env);
  if ('problem' in reading) {
    const place = atValue('webhooks', webhook.index, 'url', 'env');
    const hint = 'The URL is not compared in this plan, and apply will be refused.';
    faults.push(warning(place, 'url-env-unusable', `url: ${reading.problem}`, hint));
    return url;
  }
  const value = parseUrl(reading.secret.reveal());
  const takesNone = value && destinationOf(value)?.name === 'Slack workflow';
  if (takesNone && webhook.secret && webhook.secret.kind !== 'none') {
    const place = atValue('webhooks', webhook.index, 'secret');
    const hint = 'Cloudflare does not split such URLs: the URL is the credential. Remove the secret.';
    faults.push(fault(place, 'slack-workflow-secret', 'secret: not allowed with a Slack workflow URL', hint));
  }
  return { ...url, value: reading.secret };
}

function buildSecret(secret: DraftSecret, base: string): DesiredSecret | undefined {
  switch (secret.kind) {
    case 'none':
    case 'env':
      return secret;
    case 'file':
      return { ...secret, path: resolve(base, secret.file) };
    case 'literal':
      return typeof secret.value === 'string'
        ? { kind: 'literal', value: new Secret(secret.value) }
        : undefined;
    default:
      return unreachable(secret);
  }
}
