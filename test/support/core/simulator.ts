import type { Spec } from '../../../src/core/desired.js';
import { bareId, type WebhookId } from '../../../src/core/ids.js';
import type { Live, Policy } from '../../../src/core/live.js';
import { desiredUrl } from '../../../src/core/urls.js';
import { unreachable, type Action, type RouteTarget, type UpdatePolicy } from '../../../src/core/plan.js';
import { urlCredential } from '../../../src/core/urls.js';
import { id } from './builders.js';

export type World = { readonly live: readonly Live[]; readonly policies: readonly Policy[] };

/** What PUT does with a URL, which is disputed. */
export type PutUrl = 'kept' | 'applied';

/** Sorts webhooks before routes before deletions. */
const ORDER = (action: Action): number =>
  action.kind === 'delete' ? 2 : action.resource === 'policy' ? 1 : 0;

/** Returns the account after an apply, as plain data: a second, much simpler definition of each action. */
export function simulate(world: World, actions: readonly Action[], putUrl: PutUrl): World {
  const successors = new Map<string, WebhookId>();
  const created = new Map<string, WebhookId>();
  return actions
    .toSorted((a, b) => ORDER(a) - ORDER(b))
    .reduce(
      (before, action, n) => step(before, action, { fresh: 10_000 + n, putUrl, successors, created }),
      world,
    );
}

type Context = {
  readonly fresh: number;
  readonly putUrl: PutUrl;
  /** Which webhook replaced which. */
  readonly successors: Map<string, WebhookId>;
  /** The webhook of each entry, by the entry's name. */
  readonly created: Map<string, WebhookId>;
};

function step(world: World, action: Action, context: Context): World {
  const { fresh, putUrl, successors, created } = context;
  switch (action.kind) {
    case 'create':
      created.set(action.name, id(fresh));
      return { ...world, live: [...world.live, made(action.after, fresh)] };
    case 'update':
      return action.resource === 'policy'
        ? route(world, action, context)
        : put(world, action.id, action.after, putUrl);
    case 'delete':
      return without(world, [action.before]);
    case 'replace': {
      const { survivor } = action;
      const grown = survivor ? world : { ...world, live: [...world.live, made(action.after, fresh)] };
      const heir = survivor?.id ?? id(fresh);
      created.set(action.name, heir);
      for (const webhook of action.retire) successors.set(bareId(webhook.id), heir);
      const policies = grown.policies.map((policy) => ({
        ...policy,
        webhookIds: [...new Set(policy.webhookIds.map((used) => successors.get(bareId(used)) ?? used))],
      }));
      return put(without({ ...grown, policies }, action.retire), heir, action.after, putUrl);
    }
    default:
      return unreachable(action);
  }
}

function route(world: World, action: UpdatePolicy, { successors, created }: Context): World {
  const idOf = ({ id: known, name }: RouteTarget): WebhookId | undefined =>
    known === undefined ? created.get(name) : (successors.get(bareId(known)) ?? known);
  const webhookIds = action.after.flatMap((target) => idOf(target) ?? []);
  return {
    ...world,
    policies: world.policies.map((policy) =>
      policy.id === action.id ? { ...policy, webhookIds: [...new Set(webhookIds)] } : policy,
    ),
  };
}

function made({ name, url }: Spec, n: number): Live {
  const createdAt = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
  return { id: id(n), name, url: kept(desiredUrl({ url }) ?? ''), type: 'generic', createdAt };
}

function kept(url: string): string {
  const parts = urlCredential(url);
  return parts && !parts.destination.keepsCredential ? parts.url : url;
}

function put(world: World, webhook: string, { name, url }: Spec, putUrl: PutUrl): World {
  const wanted = desiredUrl({ url });
  const moved = putUrl === 'applied' && wanted !== undefined ? { url: kept(wanted) } : {};
  const live = world.live.map((each) =>
    bareId(each.id) === bareId(webhook) ? { ...each, name, ...moved } : each,
  );
  return { ...world, live };
}

function without({ live, policies }: World, gone: readonly Live[]): World {
  const ids = new Set(gone.map((webhook) => bareId(webhook.id)));
  return {
    live: live.filter((webhook) => !ids.has(bareId(webhook.id))),
    policies: policies.map((policy) => ({
      ...policy,
      webhookIds: policy.webhookIds.filter((used) => !ids.has(bareId(used))),
    })),
  };
}
