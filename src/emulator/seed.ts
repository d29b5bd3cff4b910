import { kept } from './stored-form.js';
import type { AccountView } from './state.js';
import { plainId, type Mechanisms, type StoredPolicy, type StoredWebhook } from './stored.js';
import { splitRules, type World } from './context.js';

/** A webhook that is simply there. Without a `type`, url and secret are stored as a create would store them. */
export type WebhookSeed = Partial<StoredWebhook> & { readonly name: string; readonly url: string };

/** A policy that is simply there. */
export type PolicySeed = Partial<StoredPolicy> & {
  readonly name: string;
  /** Names or ids of webhooks. */
  readonly uses?: readonly string[];
  readonly email?: readonly string[];
  readonly pagerduty?: readonly string[];
};

/** @throws Error if a policy uses a webhook that is not there, or an id is there already. */
export function seed(
  world: World,
  accountId: string,
  webhooks: readonly WebhookSeed[],
  policies: readonly PolicySeed[],
): AccountView {
  const account = world.state.shelves(accountId);
  const added = webhooks.map((webhook) => completeWebhook(world, webhook));
  for (const webhook of added) {
    if (account.webhooks.get(webhook.id)) throw new Error(`webhook ${webhook.id} exists already`);
    account.webhooks.place(webhook.id, webhook);
  }
  const known = policies.some((policy) => policy.uses) ? [...added, ...account.webhooks.values()] : [];
  const addedPolicies = policies.map((policy) => completePolicy(world, policy, known));
  for (const policy of addedPolicies) {
    if (account.policies.get(policy.id)) throw new Error(`policy ${policy.id} exists already`);
    account.policies.place(policy.id, policy);
  }
  return { webhooks: added, policies: addedPolicies };
}

function completeWebhook(world: World, given: WebhookSeed): StoredWebhook {
  const { type, secret, ...rest } = given;
  const form =
    type === undefined
      ? kept(given.url, secret, splitRules(world.quirks))
      : { url: given.url, type, ...(secret === undefined ? {} : { secret }) };
  const blank = { created_at: world.stamps.seeded(), last_success: null, last_failure: null };
  return { ...blank, ...rest, ...form, id: plainId(given.id ?? world.newId()) };
}

function completePolicy(world: World, given: PolicySeed, known: readonly StoredWebhook[]): StoredPolicy {
  const { uses = [], email = [], pagerduty = [], ...rest } = given;
  const idOf = (use: string): string => {
    const found = known.find(({ id, name }) => name === use || id === plainId(use));
    if (!found) throw new Error(`policy "${given.name}" uses "${use}", which does not exist`);
    return found.id;
  };
  const mechanisms = {
    ...(email.length === 0 ? {} : { email: email.map((id) => ({ id })) }),
    ...(pagerduty.length === 0 ? {} : { pagerduty: pagerduty.map((id) => ({ id: plainId(id) })) }),
    ...(uses.length === 0 ? {} : { webhooks: uses.map((use) => ({ id: idOf(use) })) }),
    ...tidyMechanisms(given.mechanisms ?? {}),
  };
  const stamp = world.stamps.seeded();
  return {
    description: '',
    alert_type: 'universal_ssl_event_type',
    enabled: true,
    filters: {},
    conditions: {},
    created: stamp,
    modified: stamp,
    ...rest,
    mechanisms,
    id: plainId(given.id ?? world.newId()),
  };
}

/** Kinds without entries are left out, webhook ids lose their dashes, only ids are kept. */
export function tidyMechanisms(given: Mechanisms): Mechanisms {
  const filled = Object.entries(given).filter(([, list]) => list.length > 0);
  const write = (kind: string, id: string): string => (kind === 'webhooks' ? plainId(id) : id);
  return Object.fromEntries(
    filled.map(([kind, list]) => [kind, list.map(({ id }) => ({ id: write(kind, id) }))]),
  );
}
