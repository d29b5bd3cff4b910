import type { DesiredAccount, DesiredRoute } from './desired.js';
import { bareId, type WebhookId } from './ids.js';
import type { Live, Policy } from './live.js';
import type { Match, Matching } from './match.js';
import { compareText } from './order.js';
import type { Guard, RouteTarget, UpdatePolicy } from './plan.js';

export type RoutesInput = {
  readonly desired: DesiredAccount;
  readonly live: readonly Live[];
  readonly policies: readonly Policy[];
  readonly matching: Matching;
};

export type Routes = {
  readonly updates: readonly UpdatePolicy[];
  readonly guards: readonly Guard[];
};

/**
 * Compares the policies that the file names with the live ones. A policy's list is complete for webhooks that the file
 * manages and, under `unlisted: delete`, for unlisted ones; ignored webhooks and, under `keep`, unlisted ones stay. Ids
 * that are not live are taken out.
 */
export function routes(input: RoutesInput): Routes {
  const updates: UpdatePolicy[] = [];
  const guards: Guard[] = [];
  const context = contextOf(input);
  for (const route of input.desired.routes ?? []) {
    const result = routeOf(route, input.policies, context);
    if ('code' in result) guards.push(result);
    else if (result.update) updates.push(result.update);
  }
  return { updates, guards };
}

/** What every route of an account needs. */
type Context = {
  readonly liveById: ReadonlyMap<string, Live>;
  readonly matchByName: ReadonlyMap<string, Match>;
  /** Ids, without dashes, that a route does not list and that stay all the same. */
  readonly staying: ReadonlyMap<string, NonNullable<RouteTarget['kept']>>;
  /** The entry's name for ids, without dashes, of leftovers: a policy that uses one uses the entry. */
  readonly entryOfLeftover: ReadonlyMap<string, Match>;
};

function contextOf({ desired, live, matching }: RoutesInput): Context {
  const kept = desired.unlisted === 'delete' ? [] : matching.unlisted;
  return {
    liveById: new Map(live.map((webhook) => [bareId(webhook.id), webhook])),
    matchByName: new Map(matching.matches.map((found) => [found.desired.name, found])),
    staying: new Map([
      ...matching.ignored.map(({ id }) => [bareId(id), 'ignored'] as const),
      ...kept.map(({ id }) => [bareId(id), 'unlisted'] as const),
    ]),
    entryOfLeftover: new Map(
      matching.matches.flatMap((found) => found.leftovers.map(({ id }) => [bareId(id), found] as const)),
    ),
  };
}

function routeOf(
  route: DesiredRoute,
  policies: readonly Policy[],
  context: Context,
): { readonly update?: UpdatePolicy } | Guard {
  const policy = policyOf(route, policies);
  if ('code' in policy) return policy;
  const wanted: RouteTarget[] = [];
  for (const name of route.webhooks) {
    const target = targetOf(name, route, context);
    if ('code' in target) return target;
    wanted.push(target);
  }
  const before = policy.webhookIds.map((id) => ({ id, name: context.liveById.get(bareId(id))?.name ?? '' }));
  const listed = new Set(wanted.flatMap(({ id }) => (id === undefined ? [] : [bareId(id)])));
  // A policy that an interrupted replacement has already switched sends to the leftover, which stands for the entry.
  const listedNames = new Set(wanted.map(({ name }) => name));
  const staying = before.flatMap((target): RouteTarget[] => {
    const id = bareId(target.id);
    if (listed.has(id)) return [];
    const entry = context.entryOfLeftover.get(id)?.desired.name;
    if (entry !== undefined && listedNames.has(entry)) return [target];
    const kept = context.staying.get(id);
    return kept ? [{ ...target, kept }] : [];
  });
  const switched = new Set(
    staying.flatMap(({ id, kept }) =>
      id === undefined || kept ? [] : [context.entryOfLeftover.get(bareId(id))?.desired.name],
    ),
  );
  const after = [...wanted.filter(({ name }) => !switched.has(name)), ...staying];
  if (after.length === 0 && policy.otherMechanisms === 0) return silenced(policy);
  if (isSameSet(before, after)) return {};
  return {
    update: {
      kind: 'update',
      resource: 'policy',
      name: policy.name,
      id: policy.id,
      because: 'routes',
      before: before.sort(byNameAndId),
      after: after.sort(byNameAndId),
    },
  };
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
      `${found.length} policies are named ${JSON.stringify(name)}: ${found.map((policy) => `ID ${policy.id}`).join(', ')}. ` +
      'Add the "id" of the right policy to the entry under "policies".',
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
  if (reference.startsWith('id:')) {
    const live = context.liveById.get(bareId(reference.slice(3)));
    if (live) return { name: live.name, id: live.id };
    return {
      code: 'pinned',
      names: [route.name],
      message: `Policy ${JSON.stringify(route.name)} lists ${reference}, but the account has no such webhook. Correct the ID, or remove it.`,
    };
  }
  const found = context.matchByName.get(reference);
  if (found && (found.twins.length > 0 || found.ambiguous)) {
    const among = [...(found.live ? [found.live] : []), ...found.twins, ...(found.ambiguous?.among ?? [])];
    return {
      code: 'ambiguous-name',
      names: [reference],
      message:
        `Policy ${JSON.stringify(route.name)} lists ${JSON.stringify(reference)}, and several live webhooks match it: ` +
        `${among.map(({ id }) => `ID ${id}`).join(', ')}. Write the right one as "id:ID" under "policies", or list the others by ID under "ignore" or "absent".`,
    };
  }
  const id: WebhookId | undefined = found?.live?.id;
  return { name: reference, ...(id !== undefined && { id }) };
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

/** Compares as sets: ids without dashes; a webhook that is not live yet by its name. */
function isSameSet(a: readonly RouteTarget[], b: readonly RouteTarget[]): boolean {
  const [x, y] = [new Set(a.map(keyOf)), new Set(b.map(keyOf))];
  return x.size === y.size && [...x].every((key) => y.has(key));
}

function keyOf({ id, name }: RouteTarget): string {
  return id === undefined ? `name:${name}` : bareId(id);
}

function byNameAndId(a: RouteTarget, b: RouteTarget): number {
  return compareText(a.name, b.name) || compareText(bareId(a.id ?? ''), bareId(b.id ?? ''));
}

/** Returns what a route adds and takes out. */
export function routeChanges({ before, after }: Pick<UpdatePolicy, 'before' | 'after'>): {
  readonly added: readonly RouteTarget[];
  readonly removed: readonly RouteTarget[];
} {
  const [had, has] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))];
  return {
    added: after.filter((target) => !had.has(keyOf(target))),
    removed: before.filter((target) => !has.has(keyOf(target))),
  };
}
