import type { Spec } from '../../../src/core/desired.js';
import { bareId } from '../../../src/core/ids.js';
import type { Live, Policy } from '../../../src/core/live.js';
import { desiredUrl } from '../../../src/core/match.js';
import { unreachable, type Action } from '../../../src/core/plan.js';
import { urlCredential } from '../../../src/core/urls.js';
import { id } from './builders.js';

export type World = { readonly live: readonly Live[]; readonly policies: readonly Policy[] };

/** What PUT does with a url, which is disputed. */
export type PutUrl = 'kept' | 'applied';

/** What an apply makes of the world, as pure data: a second, much simpler telling of what each action means. */
export function simulate(world: World, actions: readonly Action[], putUrl: PutUrl): World {
  return actions.reduce((before, action, n) => step(before, action, 10_000 + n, putUrl), world);
}

function step(world: World, action: Action, fresh: number, putUrl: PutUrl): World {
  switch (action.kind) {
    case 'create':
      return { ...world, live: [...world.live, made(action.after, fresh)] };
    case 'update':
      return put(world, action.id, action.after, putUrl);
    case 'delete':
      return without(world, [action.before]);
    case 'replace': {
      if (action.method === 'auto' && putUrl === 'applied')
        return put(world, action.id, action.after, putUrl);
      const { survivor } = action;
      const grown = survivor ? world : { ...world, live: [...world.live, made(action.after, fresh)] };
      const heir = survivor?.id ?? id(fresh);
      const gone = new Set(action.retire.map((webhook) => bareId(webhook.id)));
      const policies = grown.policies.map((policy) => ({
        ...policy,
        webhookIds: [...new Set(policy.webhookIds.map((used) => (gone.has(bareId(used)) ? heir : used)))],
      }));
      return put(without({ ...grown, policies }, action.retire), heir, action.after, putUrl);
    }
    default:
      return unreachable(action);
  }
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
