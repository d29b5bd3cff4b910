import type { DesiredRoute } from '../../core/desired.js';
import { bareId, idReference, isValidId } from '../../core/ids.js';
import type { Live, Policy } from '../../core/live.js';
import type { Matching } from '../../core/match.js';
import { compareText, groupBy } from '../../core/order.js';
import { templateIn } from '../../text/templates.js';
import { type Renames, renamedTo } from './import-update.js';
import { hasPublishableName, type Imported, type ImportRules, nameProblem } from './import-entries.js';

/** A policy as an entry of a desired-state file. */
export type ImportedRoute = {
  readonly name: string;
  readonly id?: string;
  readonly webhooks: readonly string[];
};

/** What to add to a document. */
export type Additions = Pick<Imported, 'entries' | 'ignored'> & { readonly routes: readonly ImportedRoute[] };

/** A policy that cannot be in the file: a plan would change it, or `validate` would refuse it. */
export type NotRoutable = { readonly id?: string; readonly name?: string; readonly reason: string };

/** A route in the file that differs from the live policy. */
export type DifferingRoute = {
  readonly route: DesiredRoute;
  readonly isLive: boolean;
  /** The policy's webhooks. Absent: it has no recipient or is not live, so the route must be removed. */
  readonly webhooks?: readonly string[];
};

export type ImportedRoutes = {
  readonly added: readonly ImportedRoute[];
  readonly skipped: readonly NotRoutable[];
  readonly differing: readonly DifferingRoute[];
};

export type RoutesOf = {
  readonly policies: readonly Policy[];
  readonly live: readonly Live[];
  /** How the file refers to each webhook that it manages, by ID without dashes. */
  readonly references: ReadonlyMap<string, string>;
  /** The routes in the file, with the new names of its entries. */
  readonly routes: readonly DesiredRoute[];
  /** Reports whether the names on the command line select a webhook that the policy uses. */
  readonly isSelected: (policy: Policy) => boolean;
};

/**
 * Returns how a file refers to the webhooks that it manages: by name, or by ID if the name is not unique.
 * `imported`: the additions for webhooks that are unlisted in `matching` (or live, without a file). `names`:
 * the new names of entries.
 */
export function referencesTo(
  imported: Imported,
  matching: Matching | undefined,
  unlisted: readonly Live[],
  names: Renames,
): ReadonlyMap<string, string> {
  const references = new Map<string, string>();
  const byId = ({ id }: Live): unknown => references.set(bareId(id), `id:${bareId(id)}`);
  const byName = (webhook: Live, name: string): unknown =>
    idReference(name) !== undefined ? byId(webhook) : references.set(bareId(webhook.id), name);
  const ignored = new Set(imported.ignored.map(({ id }) => id));
  const times = groupBy(matching?.matches ?? [], ({ desired }) => desired.name);
  for (const { desired, live, leftovers, duplicates, ambiguous } of matching?.matches ?? []) {
    ambiguous?.among.forEach(byId);
    const { name } = desired;
    const renamed = renamedTo(names, name);
    if (!live || renamed === undefined) continue;
    const isAlone = times.get(name)?.length === 1 && duplicates.every(({ id }) => ignored.has(bareId(id)));
    for (const webhook of [live, ...leftovers]) {
      if (isAlone) byName(webhook, renamed);
      else byId(webhook);
    }
  }
  const pinned = new Map(imported.entries.map(({ name, id }) => [name, id !== undefined]));
  for (const webhook of unlisted) {
    const isPinned = pinned.get(webhook.name);
    if (isPinned === undefined || ignored.has(bareId(webhook.id))) continue;
    if (isPinned) byId(webhook);
    else byName(webhook, webhook.name);
  }
  return references;
}

/** Returns the routes for the policies that use managed webhooks, so that the next plan is empty. */
export function importRoutes(
  { policies, live, references, routes, isSelected }: RoutesOf,
  rules: ImportRules,
): ImportedRoutes {
  const liveIds = new Set(live.map(({ id }) => bareId(id)));
  const byName = groupBy(policies, ({ name }) => name);
  const asDeclared = (reference: string): string => references.get(idReference(reference) ?? '') ?? reference;
  const added: ImportedRoute[] = [];
  const skipped: NotRoutable[] = [];
  const found = new Map<DesiredRoute, readonly string[]>();
  const silent = new Set<DesiredRoute>();
  const sorted = [...policies].sort(
    (a, b) => compareText(a.name, b.name) || compareText(bareId(a.id), bareId(b.id)),
  );
  for (const policy of sorted) {
    const { name } = policy;
    const id = bareId(policy.id);
    const several = (byName.get(name)?.length ?? 0) > 1;
    const used = [...new Set(policy.webhookIds.map(bareId))];
    const managed = used.flatMap((webhook) => references.get(webhook) ?? []);
    const route = routes.find((each) =>
      each.id === undefined ? each.name === name && !several : bareId(each.id) === id,
    );
    if (route) {
      const byHand = route.webhooks.filter((each) => {
        const webhook = idReference(each) ?? '';
        return used.includes(webhook) && !references.has(webhook);
      });
      const now = [...new Set([...managed, ...byHand])].sort(compareText);
      found.set(route, isSelected(policy) ? now : route.webhooks.map(asDeclared));
      if (now.length + policy.otherMechanisms === 0) silent.add(route);
      continue;
    }
    if (managed.length === 0 || !isSelected(policy)) continue;
    const dead = used.find((webhook) => !liveIds.has(webhook));
    const reason = routeProblem(policy, several, dead, rules);
    if (reason === undefined) {
      const webhooks = [...new Set(managed)].sort(compareText);
      added.push({ name, ...(several && { id }), webhooks });
    } else skipped.push({ id, reason, ...(hasPublishableName(name, rules) && { name }) });
  }
  const differing = routes.flatMap((route): DifferingRoute[] => {
    const webhooks = found.get(route);
    if (webhooks && silent.has(route)) return [{ route, isLive: true }];
    const listed = new Set(route.webhooks.map(asDeclared));
    if (webhooks?.length === listed.size && webhooks.every((each) => listed.has(each))) return [];
    // It is not known which one of several policies is meant.
    if (route.id === undefined && (byName.get(route.name)?.length ?? 0) > 1) return [];
    return [{ route, isLive: webhooks !== undefined, ...(webhooks && { webhooks }) }];
  });
  return { added, skipped, differing };
}

function routeProblem(
  { id, name }: Policy,
  several: boolean,
  dead: string | undefined,
  rules: ImportRules,
): string | undefined {
  const problem = nameProblem(name, rules);
  if (problem !== undefined) return problem;
  if (templateIn(name)) return 'its name contains a placeholder';
  if (several && !isValidId(bareId(id)))
    return 'it is one of several with this name, and its ID has an unknown format';
  return dead === undefined
    ? undefined
    : `it uses webhook ${dead}, which is not live: a plan would take it out`;
}
