import type {
  DesiredAccount,
  DesiredSecret,
  DesiredUrl,
  DesiredWebhook,
  Version,
} from '../../../src/core/desired.js';
import type { AccountId, PolicyId, WebhookId } from '../../../src/core/ids.js';
import { replacementName, shortReplacementName } from '../../../src/core/leftovers.js';
import type { Live, Policy } from '../../../src/core/live.js';
import { Secret } from '../../../src/core/secret.js';

export const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353' as AccountId;
export const URL_1 = 'https://relay.example.com/one';
export const URL_2 = 'https://relay.example.com/two';
export const URL_3 = 'https://relay.example.com/three';

/** Returns the n-th webhook ID: 32 hex digits, unique in the first 8, which leftovers have in their names. */
export const id = (n: number): WebhookId => n.toString(16).padStart(8, '0').padEnd(32, '0') as WebhookId;

/** Returns the n of {@link id}, whatever form the ID is in. */
export const numberOf = (text: string): number => Number.parseInt(text.replaceAll('-', '').slice(0, 8), 16);

/** Returns the same ID as {@link id}, as an uppercase UUID. */
export const dashedId = (n: number): WebhookId =>
  id(n)
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    .toUpperCase() as WebhookId;

/** Returns a live webhook; a higher number is younger. */
export function live(n: number, name: string, url = URL_1, more: Partial<Live> = {}): Live {
  const createdAt = new Date(Date.UTC(2025, 0, 1) + n * 1000).toISOString();
  return { id: id(n), name, url, type: 'generic', createdAt, lastSuccess: null, lastFailure: null, ...more };
}

/** Returns a live webhook that an unfinished replacement of the webhook with number `replaces` created. */
export function leftover(
  n: number,
  name: string,
  replaces: number,
  url = URL_1,
  more: Partial<Live> = {},
): Live {
  return live(n, replacementName(name, id(replaces)), url, more);
}

/** Does the same with the short name, for an API that refuses the long one. */
export function shortLeftover(n: number, name: string, replaces: number, url = URL_1): Live {
  return live(n, shortReplacementName(name, id(replaces)), url);
}

/** Returns a desired webhook that does not declare a secret. */
export function desired(
  name: string,
  url: string | DesiredUrl = URL_1,
  more: Partial<Omit<DesiredWebhook, 'name' | 'url'>> = {},
): DesiredWebhook {
  const wanted: DesiredUrl = typeof url === 'string' ? { kind: 'literal', url } : url;
  return { name, url: wanted, previously: [], protect: false, ...more };
}

/** Returns a URL from a variable. Without a value, the variable is not set. */
export function envUrl(value?: string, version?: Version | number, env = 'RELAY_URL'): DesiredUrl {
  return {
    kind: 'env',
    env,
    ...(version !== undefined && { version: String(version) }),
    ...(value !== undefined && { value: new Secret(value) }),
  };
}

export function envSecret(version?: Version | number, env = 'TOKEN'): DesiredSecret {
  return { kind: 'env', env, ...(version !== undefined && { version: String(version) }) };
}

/** Returns an account that deletes unlisted webhooks and replaces changed ones: the strictest case. */
export function account(
  webhooks: readonly DesiredWebhook[],
  more: Partial<DesiredAccount> = {},
): DesiredAccount {
  return {
    accountId: ACCOUNT,
    unlisted: 'delete',
    ignore: [],
    absent: [],
    strategy: { url: 'replace', secret: 'replace' },
    webhooks,
    file: 'hookwright.yaml',
    source: 'hookwright.yaml:1',
    ...more,
  };
}

/** Returns a policy with an email address and the webhooks with these numbers. */
export function policy(n: number, webhooks: readonly number[], more: Partial<Policy> = {}): Policy {
  return {
    id: id(1000 + n) as string as PolicyId,
    name: `Policy ${n}`,
    enabled: true,
    webhookIds: webhooks.map(id),
    otherMechanisms: 1,
    raw: {},
    ...more,
  };
}
