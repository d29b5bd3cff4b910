import { bareId, type AccountId } from '../core/ids.js';
import type { Live, Policy } from '../core/live.js';
import { compareText, groupBy } from '../core/order.js';
import type {
  ShownAccountPlan as AccountPlan,
  ActionKind,
  ShownPlan as Plan,
  RouteTarget,
  UpdatePolicy,
} from '../core/plan.js';
import { routeChanges } from '../core/routes.js';

/** Which policies of an account use which live webhooks: the data of its routing graph. */
export type AccountRouting = {
  readonly accountId: AccountId;
  readonly policies: readonly Pick<Policy, 'id' | 'name' | 'webhookIds'>[];
  readonly webhooks: readonly WebhookName[];
};

/** `missing`: a policy uses a webhook that does not exist. */
export type NodeState = ActionKind | 'same' | 'missing';
export type EdgeState = 'same' | 'moved' | 'cut' | 'added';

type WebhookName = Pick<Live, 'id' | 'name'>;

export type PolicyNode = { readonly key: string; readonly label: string };
export type WebhookNode = PolicyNode & { readonly state: NodeState };
export type RouteEdge = { readonly policy: string; readonly webhook: string; readonly state: EdgeState };

export type RoutingGraph = {
  readonly policies: readonly PolicyNode[];
  readonly webhooks: readonly WebhookNode[];
  readonly edges: readonly RouteEdge[];
  /** How many webhooks and policies are left out for lack of space. */
  readonly leftOut: number;
};

/**
 * Returns the nodes and edges to draw, at most `most` on each side: what changes, the policies that
 * use it, and the other webhooks of those policies; if nothing changes, everything, starting with webhooks
 * that policies use. Both sides are sorted so that few edges cross.
 */
export function routingGraph(routing: AccountRouting, plan: AccountPlan, most = 40): RoutingGraph {
  const changes = changesById(plan);
  const every = edgesOf(routing, plan, changes);
  const everyNode = webhookNodes(routing, plan, changes, every);
  const { nodes, edges: all } = withContext(everyNode, every);
  const used = new Set(all.map(({ webhook }) => webhook));
  const rank = ({ key, state }: WebhookNode): number => (state !== 'same' ? 0 : used.has(key) ? 1 : 2);
  const webhooks = [...nodes]
    .sort((a, b) => rank(a) - rank(b) || compareText(a.label, b.label) || compareText(a.key, b.key))
    .slice(0, most);
  const row = new Map(webhooks.map(({ key }, i) => [key, i]));
  const edgesByPolicy = groupBy(all, ({ policy }) => policy);
  const policies = routing.policies
    .flatMap(({ id, name }) => {
      const at = middle(edgesByPolicy.get(bareId(id)) ?? [], row);
      return at === undefined ? [] : [{ key: bareId(id), label: name, at }];
    })
    .sort((a, b) => a.at - b.at || compareText(a.label, b.label))
    .map(({ key, label }) => ({ key, label }))
    .slice(0, most);
  const shown = new Set(policies.map(({ key }) => key));
  return {
    policies,
    webhooks,
    edges: all.filter(({ policy, webhook }) => shown.has(policy) && row.has(webhook)),
    leftOut:
      everyNode.length - webhooks.length + new Set(every.map(({ policy }) => policy)).size - policies.length,
  };
}

type Parts = { readonly nodes: readonly WebhookNode[]; readonly edges: readonly RouteEdge[] };

/** Returns changed webhooks, the policies that use them or whose routes change, and their other webhooks. */
function withContext(nodes: readonly WebhookNode[], edges: readonly RouteEdge[]): Parts {
  const changed = new Set(nodes.filter(({ state }) => state !== 'same').map(({ key }) => key));
  const policies = new Set(
    edges
      .filter(({ webhook, state }) => state !== 'same' || changed.has(webhook))
      .map(({ policy }) => policy),
  );
  if (changed.size + policies.size === 0) return { nodes, edges };
  const near = edges.filter(({ policy }) => policies.has(policy));
  const shown = new Set([...changed, ...near.map(({ webhook }) => webhook)]);
  return { nodes: nodes.filter(({ key }) => shown.has(key)), edges: near };
}

/**
 * Returns the routes in the plan: of webhooks that it replaces or deletes, and of policies that it updates.
 */
export function routingInPlan({ accounts }: Plan): readonly AccountRouting[] {
  return accounts.map(({ accountId, actions }) => {
    const uses = actions.flatMap((action): PolicyUse[] => {
      if (action.resource === 'policy') return [{ policy: action, webhooks: action.before.flatMap(withId) }];
      if (action.kind !== 'replace' && action.kind !== 'delete') return [];
      return action.policies.map((policy) => ({ policy, webhooks: [action.before] }));
    });
    const changed = actions.flatMap((action) => {
      if (action.resource === 'policy') return action.after.flatMap(withId);
      return action.kind === 'create' ? [] : [action.before];
    });
    const named = [...uses.flatMap(({ webhooks }) => webhooks), ...changed].filter(({ name }) => name !== '');
    const policies = [...groupBy(uses, ({ policy }) => bareId(policy.id)).values()];
    return {
      accountId,
      policies: policies.flatMap((own) =>
        own.slice(0, 1).map(({ policy: { id, name } }) => ({
          id,
          name,
          webhookIds: [...new Set(own.flatMap(({ webhooks }) => webhooks.map((webhook) => webhook.id)))],
        })),
      ),
      webhooks: [...groupBy(named, ({ id }) => bareId(id)).values()].flatMap((own) =>
        own.slice(0, 1).map(({ id, name }) => ({ id, name })),
      ),
    };
  });
}

type PolicyUse = {
  readonly policy: Pick<Policy, 'id' | 'name'>;
  readonly webhooks: readonly WebhookName[];
};

function withId({ id, name }: RouteTarget): WebhookName[] {
  return id === undefined ? [] : [{ id, name }];
}

/** Returns the mean row of the shown webhooks; `undefined` if none is shown. */
function middle(edges: readonly RouteEdge[], row: ReadonlyMap<string, number>): number | undefined {
  const rows = edges.map(({ webhook }) => row.get(webhook)).filter((at) => at !== undefined);
  return rows.length > 0 ? rows.reduce((sum, at) => sum + at, 0) / rows.length : undefined;
}

type Change = {
  readonly state: ActionKind;
  readonly label?: string;
  /** Policies are switched to the webhook that stays. */
  readonly moves?: true;
};

/** By the ID of a live webhook, without dashes. */
type Changes = ReadonlyMap<string, Change>;

function changesById({ actions }: AccountPlan): Changes {
  const changes = new Map<string, Change>();
  for (const action of actions) {
    if (action.kind === 'create' || action.resource === 'policy') continue;
    if (action.kind === 'replace') {
      for (const live of action.retire) changes.set(bareId(live.id), { state: 'delete', moves: true });
      if (action.survivor) changes.set(bareId(action.survivor.id), { state: 'update' });
    }
    const renamed = action.kind !== 'delete' && action.before.name !== action.name;
    const label = renamed ? { label: `${action.before.name} → ${action.name}` } : {};
    const moves = action.kind === 'replace' ? { moves: true as const } : {};
    changes.set(bareId(action.id), { state: action.kind, ...label, ...moves });
  }
  return changes;
}

function edgesOf(
  { policies }: AccountRouting,
  { actions }: AccountPlan,
  changes: Changes,
): readonly RouteEdge[] {
  const updates = new Map(
    actions.flatMap((action) => (action.resource === 'policy' ? [[bareId(action.id), action] as const] : [])),
  );
  return policies.flatMap(({ id, webhookIds }) => {
    const policy = bareId(id);
    const { added, removed } = routeKeys(updates.get(policy));
    const had = [...new Set(webhookIds.map(bareId))].map((webhook): RouteEdge => {
      const change = changes.get(webhook);
      const isCut = removed.has(webhook) || (change?.state === 'delete' && !change.moves);
      return { policy, webhook, state: isCut ? 'cut' : change?.moves ? 'moved' : 'same' };
    });
    return [...had, ...added.map((webhook): RouteEdge => ({ policy, webhook, state: 'added' }))];
  });
}

/** Returns the keys of the webhooks that a route adds and removes. */
function routeKeys(update: UpdatePolicy | undefined): {
  added: readonly string[];
  removed: ReadonlySet<string>;
} {
  const { added, removed } = routeChanges(update ?? { before: [], after: [] });
  return {
    added: added.map(({ id, name }) => (id === undefined ? `new:${name}` : bareId(id))),
    removed: new Set(removed.map(({ id }) => bareId(id ?? ''))),
  };
}

function webhookNodes(
  { webhooks }: AccountRouting,
  { actions }: AccountPlan,
  changes: Changes,
  edges: readonly RouteEdge[],
): readonly WebhookNode[] {
  const live = webhooks.map(({ id, name }) => {
    const key = bareId(id);
    const change = changes.get(key);
    return { key, label: change?.label ?? name, state: change?.state ?? 'same' } as const;
  });
  const known = new Set<string>(live.map(({ key }) => key));
  const missing = [...new Set(edges.map(({ webhook }) => webhook))]
    .filter((key) => !known.has(key) && !key.startsWith('new:'))
    .map((key) => ({ key, label: `missing: ${key}`, state: 'missing' }) as const);
  // A route can use the webhook that a replacement creates while only leftovers are live.
  const names = [
    ...actions.flatMap((action) => (action.kind === 'create' ? [`new:${action.name}`] : [])),
    ...edges.flatMap(({ webhook }) => (webhook.startsWith('new:') ? [webhook] : [])),
  ];
  const created = [...new Set(names)].map(
    (key) => ({ key, label: key.slice('new:'.length), state: 'create' }) as const,
  );
  return [...live, ...missing, ...created];
}
