import type { DesiredRoute } from '../../core/desired.js';
import { bareId, idReference, isValidId } from '../../core/ids.js';
import type { Live, Policy } from '../../core/live.js';
import { compareNames, compareText, groupBy } from '../../core/order.js';
import { templateIn } from '../../text/templates.js';
import type { ComparedAccount } from './import-target.js';
import { type Difference, itemKey, removal } from './import-update.js';
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

export type ImportedRoutes = {
  readonly added: readonly ImportedRoute[];
  readonly skipped: readonly NotRoutable[];
  /** The routes in the file that differ from the live policies, by {@link itemKey}. */
  readonly differing: ReadonlyMap<string, Difference>;
};

/**
 * Returns how a file refers to each webhook that it manages, by ID without dashes: by name, or by ID if the name
 * is not unique. `imported`: the additions for the unlisted webhooks.
 */
function referencesTo(
  { matching: { matches, unlisted }, isSelected }: ComparedAccount,
  imported: Imported,
): ReadonlyMap<string, string> {
  const references = new Map<string, string>();
  const byId = ({ id }: Live): unknown => references.set(bareId(id), `id:${bareId(id)}`);
  const byName = (webhook: Live, name: string): unknown =>
    idReference(name) !== undefined ? byId(webhook) : references.set(bareId(webhook.id), name);
  const ignored = new Set(imported.ignored.map(({ id }) => id));
  const pinned = new Map(imported.entries.map(({ name, id }) => [name, id !== undefined]));
  const times = groupBy(matches, ({ desired }) => desired.name);
  for (const { desired, live, leftovers, duplicates, ambiguous } of matches) {
    ambiguous?.among.forEach(byId);
    if (!live) continue;
    const { name } = desired;
    const isAlone =
      times.get(name)?.length === 1 &&
      !pinned.has(name) &&
      duplicates.every(({ id }) => ignored.has(bareId(id)));
    for (const webhook of [live, ...leftovers]) {
      if (isAlone) byName(webhook, name);
      else byId(webhook);
    }
  }
  for (const webhook of unlisted.filter(isSelected)) {
    const isPinned = pinned.get(webhook.name);
    if (isPinned === undefined || ignored.has(bareId(webhook.id))) continue;
    if (isPinned) byId(webhook);
    else byName(webhook, webhook.name);
  }
  return references;
}

/**
 * Returns the routes for the policies that use managed webhooks, so that the next plan is empty. The names on the
 * command line select a policy by the webhooks that it uses. In `account`, entries already have their new names.
 */
export function importRoutes(
  account: ComparedAccount,
  imported: Imported,
  rules: ImportRules,
): ImportedRoutes {
  const { policies, live, desired } = account;
  if (!policies) return { added: [], skipped: [], differing: new Map() };
  const routes = desired?.routes ?? [];
  const references = referencesTo(account, imported);
  const selected = new Set(live.filter(account.isSelected).map(({ id }) => bareId(id)));
  const selectsAll = selected.size === live.length;
  const isSelected = ({ webhookIds }: Policy): boolean =>
    selectsAll || webhookIds.some((id) => selected.has(bareId(id)));
  const liveIds = new Set(live.map(({ id }) => bareId(id)));
  const byName = groupBy(policies, ({ name }) => name);
  const asDeclared = (reference: string): string => references.get(idReference(reference) ?? '') ?? reference;
  const added: ImportedRoute[] = [];
  const skipped: NotRoutable[] = [];
  /** `undefined`: the policy has no recipient. */
  const found = new Map<DesiredRoute, readonly string[] | undefined>();
  for (const policy of [...policies].sort(compareNames)) {
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
      const isSilent = now.length + policy.otherMechanisms === 0;
      found.set(route, isSilent ? undefined : isSelected(policy) ? now : route.webhooks.map(asDeclared));
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
  const differing = routes.flatMap((route) => {
    const webhooks = found.get(route);
    const listed = new Set(route.webhooks.map(asDeclared));
    // Its policy uses no webhook by which it could be selected.
    if (!webhooks && !selectsAll && ![...listed].some((name) => account.isSelected({ name }))) return [];
    if (webhooks?.length === listed.size && webhooks.every((each) => listed.has(each))) return [];
    // It is not known which one of several policies is meant.
    if (route.id === undefined && (byName.get(route.name)?.length ?? 0) > 1) return [];
    return [[itemKey('policies', route), routeDifference(route.name, found.has(route), webhooks)] as const];
  });
  return { added, skipped, differing: new Map(differing) };
}

/** `webhooks`: absent if the policy has no recipient or is not live. */
function routeDifference(name: string, isLive: boolean, webhooks?: readonly string[]): Difference {
  const policy = `policy ${JSON.stringify(name)}`;
  if (!webhooks) {
    const text = `${policy} ${isLive ? 'has no recipient' : 'does not exist'}`;
    return { text, gist: null, change: () => removal(text) };
  }
  const list = webhooks.map((each) => JSON.stringify(each)).join(', ') || 'none of the webhooks';
  const text = `${policy} sends to ${list}`;
  return { text, gist: webhooks, change: () => ({ text, edit: (route) => ({ ...route, webhooks }) }) };
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
