import type { DesiredAccount, DesiredRoute } from './desired.js';
import { bareId, bareIds, idReference } from './ids.js';
import type { Live, Policy } from './live.js';
import { type Match, type Matching } from './match.js';
import { compareNames, compareText, groupBy } from './order.js';
import type { ActionKind, Guard, RouteTarget, UpdatePolicy } from './plan.js';

export type RoutesInput = {
  readonly desired: DesiredAccount;
  readonly live: readonly Live[];
  readonly policies: readonly Policy[];
  readonly matching: Matching;
  /** Unlisted webhooks that are deleted because they were removed from the file. */
  readonly removed: ReadonlySet<Live>;
  /** What this plan does to webhooks, by ID without dashes. */
  readonly actions: ReadonlyMap<string, ActionKind>;
  /** Reports whether the policy with this name is selected. */
  readonly isTarget: (name: string) => boolean;
};

export type Routes = {
  readonly updates: readonly UpdatePolicy[];
  readonly guards: readonly Guard[];
};

/**
 * Compares the policies in the file with the live ones. A policy's list is complete for webhooks that the
 * file manages and, under `unlisted: delete`, for unlisted ones. Ignored webhooks and, under `keep`, unlisted
 * ones stay. IDs that are not live are removed.
 */
export function routes(input: RoutesInput): Routes {
  const { desired, policies, isTarget } = input;
  const context = contextOf(input);
  const sorted = [...(desired.routes ?? [])].sort(compareNames);
  const found = sorted.map((route) => ({ route, policy: policyOf(route, policies) }));
  const times = new Map<Policy | Guard, number>();
  for (const { policy } of found) times.set(policy, (times.get(policy) ?? 0) + 1);
  const results = found.flatMap(({ route, policy }): (UpdatePolicy | Guard)[] => {
    if (!selectsRoute(route, policy, isTarget)) return [];
    if ('code' in policy) return [policy];
    const result = times.get(policy) === 1 ? routeOf(route, policy, context) : routedTwice(route, policy);
    return result ? [result] : [];
  });
  return {
    updates: results.flatMap((each) => ('code' in each ? [] : [each])),
    guards: results.flatMap((each) => ('code' in each ? [each] : [])),
  };
}

function selectsRoute(
  route: DesiredRoute,
  policy: Policy | Guard,
  isTarget: RoutesInput['isTarget'],
): boolean {
  return isTarget(route.name) || (!('code' in policy) && isTarget(policy.name));
}

/** Returns the webhook names in the selected routes, because a route needs webhooks that exist. */
export function routedNames({
  desired,
  policies,
  isTarget,
}: Pick<RoutesInput, 'desired' | 'policies' | 'isTarget'>): ReadonlySet<string> {
  const selected = (desired.routes ?? []).filter((route) =>
    selectsRoute(route, policyOf(route, policies), isTarget),
  );
  return new Set(selected.flatMap(({ webhooks }) => webhooks));
}

/** What all routes of an account share. */
type Context = {
  readonly liveById: ReadonlyMap<string, Live>;
  readonly matchesByName: ReadonlyMap<string, readonly Match[]>;
  /** Webhooks that stay although a route does not list them, by ID without dashes. */
  readonly staying: ReadonlyMap<string, NonNullable<RouteTarget['kept']>>;
  readonly matchesById: ReadonlyMap<string, Match>;
  /** IDs, without dashes, of webhooks that policies use. */
  readonly used: ReadonlySet<string>;
  /** Entry names by their leftovers' IDs, without dashes: a policy that uses a leftover uses the entry. */
  readonly entryOfLeftover: ReadonlyMap<string, string>;
} & Pick<RoutesInput, 'actions'>;

function contextOf({ desired, live, policies, matching, removed, actions }: RoutesInput): Context {
  const kept = desired.unlisted === 'delete' ? [] : matching.unlisted.filter((each) => !removed.has(each));
  return {
    actions,
    liveById: new Map(live.map((webhook) => [bareId(webhook.id), webhook])),
    matchesByName: groupBy(matching.matches, (found) => found.desired.name),
    staying: new Map([
      ...matching.ignored.map(({ id }) => [bareId(id), 'ignored'] as const),
      ...kept.map(({ id }) => [bareId(id), 'unlisted'] as const),
    ]),
    matchesById: new Map(
      matching.matches.flatMap((found) => (found.live ? [[bareId(found.live.id), found] as const] : [])),
    ),
    used: new Set(policies.flatMap(({ webhookIds }) => webhookIds.map(bareId))),
    entryOfLeftover: new Map(
      matching.matches.flatMap(({ desired: { name }, leftovers }) =>
        leftovers.map(({ id }) => [bareId(id), name] as const),
      ),
    ),
  };
}

function routeOf(route: DesiredRoute, policy: Policy, context: Context): UpdatePolicy | Guard | undefined {
  const wanted = new Map<string, RouteTarget>();
  for (const name of [...route.webhooks].sort(compareText)) {
    const target = targetOf(name, route, context);
    if ('code' in target) return target;
    wanted.set(targetKey(target), target);
  }
  const before = [...new Map(policy.webhookIds.map((id) => [bareId(id), id])).values()]
    .map((id) => ({ id, name: context.liveById.get(bareId(id))?.name ?? '' }))
    .sort(byNameAndId);
  const used = bareIds(before);
  // By the webhook, because a route can list another one with the name by its ID.
  const entryOf = ({ id, name }: RouteTarget): string | undefined =>
    id === undefined ? name : context.matchesById.get(bareId(id))?.desired.name;
  const names = new Set([...wanted.values()].map(entryOf));
  // After an interrupted replacement, a policy may already send to the leftover, which counts as the entry.
  const switched = new Set<string | undefined>();
  const staying = before.flatMap((target): RouteTarget[] => {
    const id = bareId(target.id);
    const entry = context.entryOfLeftover.get(id);
    const kept = context.staying.get(id);
    if (wanted.has(id)) return [];
    if (entry === undefined || !names.has(entry)) return kept ? [{ ...target, kept }] : [];
    switched.add(entry);
    return [{ ...target, name: nameAfter(target, entry, context) }];
  });
  const listed = [...wanted].filter(([key, target]) => used.has(key) || !switched.has(entryOf(target)));
  const after = [...listed.map(([, target]) => target), ...staying].sort(byNameAndId);
  if (after.length === 0 && policy.otherMechanisms === 0) return silenced(policy);
  const { added, removed } = routeChanges({ before, after });
  if (added.length + removed.length === 0) return undefined;
  const duplicated = removed
    .flatMap((target) => context.matchesById.get(targetKey(target)) ?? [])
    .find(({ duplicates }) =>
      duplicates.some((duplicate) => !wanted.has(bareId(duplicate.id)) && isKeptInUse(duplicate, context)),
    );
  if (duplicated)
    return severalWebhooks(duplicated.desired.name, 'would no longer send to', route, among(duplicated));
  const { name, id } = policy;
  return { kind: 'update', resource: 'policy', name, id, because: 'routes', before, after };
}

function policyOf({ name, id }: DesiredRoute, policies: readonly Policy[]): Policy | Guard {
  const found = policies.filter((policy) =>
    id === undefined ? policy.name === name : bareId(policy.id) === bareId(id),
  );
  const [first, ...others] = found;
  if (first && others.length === 0) return first;
  if (!first) return noSuchPolicy(name, id, policies);
  return {
    code: 'ambiguous-name',
    names: [name],
    message:
      `${found.length} policies are named ${JSON.stringify(name)}: ${idList(found)}. ` +
      'Add the "id" of the right policy to the entry under "policies".',
  };
}

function routedTwice(route: DesiredRoute, { name, id }: Policy): Guard {
  return {
    code: 'ambiguous-name',
    names: [route.name],
    message: `Several entries under "policies" are for policy ${JSON.stringify(name)} (ID ${id}). Merge them into one.`,
  };
}

function noSuchPolicy(name: string, id: string | undefined, policies: readonly Policy[]): Guard {
  const known = policies.map((policy) => JSON.stringify(policy.name)).sort(compareText);
  const list =
    known.length === 0
      ? 'The account has no policies.'
      : `Its policies are: ${[...new Set(known)].join(', ')}.`;
  const what = id === undefined ? `named ${JSON.stringify(name)}` : `with ID ${id} (${JSON.stringify(name)})`;
  return {
    code: 'no-such-policy',
    names: [name],
    message: `The account has no policy ${what}. ${list} Correct the entry under "policies", or create the policy in Cloudflare first.`,
  };
}

function targetOf(reference: string, route: DesiredRoute, context: Context): RouteTarget | Guard {
  const id = idReference(reference);
  if (id !== undefined) return targetById({ reference, id }, route, context);
  const matches = context.matchesByName.get(reference) ?? [];
  const candidates = matches.flatMap(among);
  const [only, ...others] = candidates;
  if (others.length > 0 || matches.length > 1) return severalWebhooks(reference, 'lists', route, candidates);
  return only ? { name: nameAfter(only, reference, context), id: only.id } : { name: reference };
}

/**
 * Returns the entry's name, or the live one if this plan does not change the webhook, which `--target` can
 * omit.
 */
function nameAfter({ id, name }: Pick<Live, 'id' | 'name'>, entry: string, { actions }: Context): string {
  return actions.has(bareId(id)) ? entry : name;
}

/** Reports whether a duplicate stays in use. The next plan would then take it as the entry's webhook. */
function isKeptInUse({ id }: Live, { used, staying }: Context): boolean {
  return used.has(bareId(id)) && staying.has(bareId(id));
}

/** Returns all live webhooks that the entry could refer to. */
function among({ live, duplicates, ambiguous }: Match): readonly Live[] {
  return [...(live ? [live] : []), ...duplicates, ...(ambiguous?.among ?? [])];
}

function severalWebhooks(
  name: string,
  verb: 'lists' | 'would no longer send to',
  route: DesiredRoute,
  candidates: readonly Live[],
): Guard {
  const byId = verb === 'lists' ? 'Write the right one as "id:ID" under "policies", or list' : 'List';
  return {
    code: 'ambiguous-name',
    names: [name],
    message:
      `Policy ${JSON.stringify(route.name)} ${verb} ${JSON.stringify(name)}, and several webhooks have this name: ` +
      `${idList(candidates)}. ${byId} the others by ID under "ignore" or "absent".`,
  };
}

function targetById(
  { reference, id }: { readonly reference: string; readonly id: string },
  route: DesiredRoute,
  context: Context,
): RouteTarget | Guard {
  const live = context.liveById.get(id);
  const action = context.actions.get(id);
  const isGoing = action === 'delete' || action === 'replace';
  if (live && !isGoing) return { name: live.name, id: live.id };
  const lists = `Policy ${JSON.stringify(route.name)} lists ${reference}, but`;
  if (!live)
    return {
      code: 'pinned',
      names: [route.name],
      message: `${lists} the account has no such webhook. Correct the ID, or remove it.`,
    };
  return action === 'delete'
    ? {
        code: 'in-use',
        names: [live.name],
        message: `${lists} this plan deletes that webhook. Remove the ID, or keep the webhook: add it to the file, or list it under "ignore".`,
      }
    : {
        code: 'pinned',
        names: [route.name],
        message: `${lists} this plan replaces that webhook, which changes its ID. Write the name of its entry instead.`,
      };
}

function idList(items: readonly { readonly id: string }[]): string {
  return [...bareIds(items)]
    .sort(compareText)
    .map((id) => `ID ${id}`)
    .join(', ');
}

function silenced({ name }: Policy): Guard {
  return {
    code: 'policy-silenced',
    names: [name],
    message:
      `Policy ${JSON.stringify(name)} would have no recipient left, and Cloudflare refuses such a policy (17102). ` +
      'List a webhook for it under "policies", or add another recipient or disable the policy in Cloudflare and remove it from the file.',
  };
}

/** Returns the key of a policy's webhook: its ID without dashes, or `new:NAME` if it is not live yet. */
export function targetKey({ id, name }: RouteTarget): string {
  return id === undefined ? `new:${name}` : bareId(id);
}

/** Returns the keys of the webhooks that a policy sends to once these updates are made. */
export function targetsAfter(updates: readonly UpdatePolicy[]): (policy: Policy) => readonly string[] {
  const routed = new Map(updates.map(({ id, after }) => [bareId(id), after.map(targetKey)]));
  return ({ id, webhookIds }) => routed.get(bareId(id)) ?? webhookIds.map(bareId);
}

function byNameAndId(a: RouteTarget, b: RouteTarget): number {
  return compareText(a.name, b.name) || compareText(targetKey(a), targetKey(b));
}

/** Returns the webhooks that a route adds and removes. */
export function routeChanges({ before, after }: Pick<UpdatePolicy, 'before' | 'after'>): {
  readonly added: readonly RouteTarget[];
  readonly removed: readonly RouteTarget[];
} {
  const [had, has] = [new Set(before.map(targetKey)), new Set(after.map(targetKey))];
  return {
    added: after.filter((target) => !had.has(targetKey(target))),
    removed: before.filter((target) => !has.has(targetKey(target))),
  };
}
