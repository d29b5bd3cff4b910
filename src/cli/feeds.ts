import type { Feeds } from '../render/routing-graph.js';
import type { Planned } from './planner.js';

/** Which policies feed which webhooks, of the accounts whose policies were listed. */
export function feedsOf({ accounts }: Planned): readonly Feeds[] {
  return [...accounts].flatMap(([accountId, { policies, live }]) => {
    if (!policies) return [];
    return {
      accountId,
      policies: policies.map(({ id, name, webhookIds }) => ({ id, name, webhookIds })),
      webhooks: live.map(({ id, name }) => ({ id, name })),
    };
  });
}
