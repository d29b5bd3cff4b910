import { bareId, type AccountId, type PolicyId, type WebhookId } from '../core/ids.js';
import type { Live, Policy } from '../core/live.js';
import { compareText, groupBy } from '../core/order.js';
import type {
  ShownAccountPlan as AccountPlan,
  ActionKind,
  ShownPlan as Plan,
  RouteTarget,
} from '../core/plan.js';
import { routeChanges, targetKey } from '../core/routes.js';

/** Which policies of an account use which live webhooks: the data of its routing graph. */
export type AccountRouting = {
  readonly accountId: AccountId;
  readonly policies: readonly Pick<Policy, 'id' | 'name' | 'webhookIds'>[];
  readonly webhooks: readonly WebhookName[];
};

/** `missing`: a policy uses a webhook that does not exist. */
export type NodeState = ActionKind | 'same' | 'missing';

type WebhookName = Pick<Live, 'id' | 'name'>;

export type PolicyNode = { readonly key: string; readonly label: string };
export type WebhookNode = PolicyNode & { readonly state: NodeState };
export type RouteEdge = {
  readonly policy: string;
  readonly webhook: string;
  readonly state: 'same' | 'moved' | 'cut' | 'added';
};

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
    const policies = new Map<string, { id: PolicyId; name: string; webhookIds: Set<WebhookId> }>();
    const webhooks = new Map<string, WebhookName>();
    const add = (targets: readonly RouteTarget[], users: readonly Pick<Policy, 'id' | 'name'>[]): void => {
      for (const { id, name } of targets) {
        if (id !== undefined && name !== '') webhooks.set(bareId(id), { id, name });
      }
      for (const { id, name } of users) {
        const policy = policies.get(bareId(id)) ?? { id, name, webhookIds: new Set() };
        policies.set(bareId(id), policy);
        for (const target of targets) if (target.id !== undefined) policy.webhookIds.add(target.id);
      }
    };
    for (const action of actions) {
      if (action.resource === 'policy') {
        add(action.before, [action]);
        add(action.after, []);
      } else if (action.kind !== 'create') {
        add([action.before], action.kind === 'update' ? [] : action.policies);
      }
    }
    return {
      accountId,
      policies: Array.from(policies.values(), ({ id, name, webhookIds }) => ({
        id,
        name,
        webhookIds: [...webhookIds],
      })),
      webhooks: [...webhooks.values()],
    };
  });
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
    const { added, removed } = routeChanges(updates.get(policy) ?? { before: [], after: [] });
    const cut = new Set(removed.map(targetKey));
    const had = [...new Set(webhookIds.map(bareId))].map((webhook): RouteEdge => {
      const change = changes.get(webhook);
      const isCut = cut.has(webhook) || (change?.state === 'delete' && !change.moves);
      return { policy, webhook, state: isCut ? 'cut' : change?.moves ? 'moved' : 'same' };
    });
    return [
      ...had,
      ...added.map((target): RouteEdge => ({ policy, webhook: targetKey(target), state: 'added' })),
    ];
  });
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
