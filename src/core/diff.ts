import type { DesiredAccount, DesiredWebhook, Spec, Strategy } from './desired.js';
import { type Change, guards } from './guards.js';
import { bareId } from './ids.js';
import { baseNameIndex, isReservedName } from './leftovers.js';
import type { Live, Policy } from './live.js';
import { desiredUrl, match, type Match, type Matching } from './match.js';
import { notes } from './notes.js';
import { compareAge, compareText } from './order.js';
import type {
  AccountPlan,
  Action,
  ActionKind,
  Delete,
  DeleteReason,
  Override,
  PolicyRef,
  Replace,
  ReplaceReason,
  Summary,
  UpdatePolicy,
  UpdateReason,
  UpdateWebhook,
  WebhookAction,
} from './plan.js';
import { protectedBefore, removedSince } from './previous.js';
import { type Rotation, rotations } from './rotation.js';
import { routeChanges, routes } from './routes.js';
import { isNamedBy, matchesPattern, targeting, targetsEntry } from './selection.js';
import { declaresSecret, hasCredentialUrl, matchesLiveUrl } from './urls.js';

/** What was asked for on the command line, narrowed to one account. */
export type DiffOptions = {
  /** Names or patterns; empty: all. */
  readonly targets: readonly string[];
  readonly rotate: ReadonlySet<string>;
  readonly replace: ReadonlySet<string>;
  readonly allowDelete: ReadonlySet<string>;
  readonly allowDetach: ReadonlySet<string>;
  /** What was last deployed; absent: not known, so versions are not compared. */
  readonly previous?: DesiredAccount;
};

export const NO_OPTIONS: DiffOptions = {
  targets: [],
  rotate: new Set(),
  replace: new Set(),
  allowDelete: new Set(),
  allowDetach: new Set(),
};

export type DiffInput = {
  readonly desired: DesiredAccount;
  readonly live: readonly Live[];
  /** Absent: not asked for yet. If the result `wantsPolicies`, diff again with them. */
  readonly policies?: readonly Policy[];
  readonly options: DiffOptions;
};

export type DiffResult = { readonly plan: AccountPlan; readonly wantsPolicies: boolean };

/** The plan for one account. Pure: the same for any order of either list, on any machine, at any time. */
export function diff({ desired, live, policies, options }: DiffInput): DiffResult {
  const { previous } = options;
  const matching = match(desired, live, { policies, previous });
  const names = new Set([...desired.webhooks, ...live].map(({ name }) => name));
  const isTarget = targeting(webhookTargets(options.targets), names);

  const rotationOf = rotations(previous);
  const matches = matching.matches
    .filter(({ desired: webhook }) => targetsEntry(isTarget, webhook))
    .sort(
      (a, b) =>
        compareText(a.desired.name, b.desired.name) || compareText(a.desired.id ?? '', b.desired.id ?? ''),
    );
  const changes: Change[] = [];
  let unchanged = 0;
  for (const found of matches) {
    const { desired: webhook } = found;
    const rotation = rotationOf(webhook);
    const rotate =
      options.rotate.has(webhook.name) ||
      (webhook.id !== undefined && options.rotate.has(`id:${webhook.id}`));
    const action = entryAction(found, {
      strategy: desired.strategy,
      rotation: { secret: rotation.secret || rotate, url: rotation.url },
      replaceRequested: options.replace.has(webhook.name),
    });
    if (action) changes.push({ found, action });
    else if (found.live) unchanged += 1;
  }

  const removals = leaving(desired, matching, { previous, policies, isTarget });
  const routed = policies ? routes({ desired, live, policies, matching }) : { updates: [], guards: [] };
  const isPolicyTarget = policyTargeting(options.targets);
  const updates = routed.updates.filter(({ name }) => isPolicyTarget(name));
  const actions = withPolicies(
    [...changes.map(({ action }) => action), ...removals.deletes],
    policies ?? [],
    updates,
  );
  const sorted = [...actions, ...updates].sort(byOrder);
  const plan: AccountPlan = {
    accountId: desired.accountId,
    actions: sorted,
    guards: guards({
      desired,
      actions: sorted,
      matches,
      changes,
      undecided: removals.undecided,
      liveCount: countable(live) - countable(matching.ignored),
      ...protectedBefore(previous, desired, matching.unlisted, policies),
      allowDelete: options.allowDelete,
      allowDetach: options.allowDetach,
      routed: routed.guards.filter(
        ({ names: [name = ''] }) => options.targets.length === 0 || isPolicyTarget(name),
      ),
    }),
    notes: notes({ desired, live, policies, matches, matching, actions: sorted, previous }),
    overrides: overridesOf(sorted, options),
    summary: {
      ...countKinds(sorted),
      unchanged,
      ignored: matching.ignored.length,
      kept: removals.kept,
    },
    ...(sorted.some(({ kind }) => kind !== 'delete') && {
      liveIds: live.map(({ id }) => id).sort(compareText),
    }),
    ...ignoredWithSameName(matching.ignored, sorted),
  };
  const touchesPolicies = sorted.some(({ kind }) => kind === 'delete' || kind === 'replace');
  const wanted = matching.wantsPolicies || touchesPolicies || desired.routes !== undefined;
  return { plan, wantsPolicies: !policies && wanted };
}

/** Leftovers do not count for the limit of deletes. */
function countable(webhooks: readonly Live[]): number {
  return webhooks.filter(({ name }) => !isReservedName(name)).length;
}

const POLICY_TARGET = 'policy:';

/** Returns the targets that select webhooks. If only policies are selected, no webhook is: an empty name fits none. */
function webhookTargets(targets: readonly string[]): readonly string[] {
  const mine = targets.filter((target) => !target.startsWith(POLICY_TARGET));
  return mine.length === 0 && targets.length > 0 ? [''] : mine;
}

/** Returns which policies `--target policy:PATTERN` selects; without any target, all. */
function policyTargeting(targets: readonly string[]): (name: string) => boolean {
  if (targets.length === 0) return () => true;
  const patterns = targets
    .filter((target) => target.startsWith(POLICY_TARGET))
    .map((t) => t.slice(POLICY_TARGET.length));
  return (name) => patterns.some((pattern) => pattern === name || matchesPattern(pattern, name));
}

type Leaving = {
  readonly deletes: readonly Delete[];
  readonly undecided: readonly Live[];
  readonly kept: number;
};

/** What becomes of the live webhooks that no entry of the file is. */
function leaving(
  desired: DesiredAccount,
  { absent, unlisted }: Matching,
  given: Pick<DiffInput, 'policies'> &
    Pick<DiffOptions, 'previous'> & { readonly isTarget: (name: string) => boolean },
): Leaving {
  const { previous, policies, isTarget } = given;
  const baseOf = baseNameIndex(
    desired.webhooks.flatMap(({ name, previously }) => [name, ...previously]).concat(desired.absent),
  );
  const isSelected = ({ name }: Live): boolean => isTarget(name) || isTarget(baseOf(name));
  const mine = unlisted.filter(isSelected).sort((a, b) => compareText(a.name, b.name) || compareAge(a, b));
  const removed =
    desired.unlisted === 'delete' ? new Set<Live>() : removedSince(previous, desired, mine, policies);
  const because = (webhook: Live): DeleteReason | undefined =>
    removed.has(webhook) ? 'removed' : desired.unlisted === 'delete' ? 'unlisted' : undefined;
  const deletes = [
    ...absent.filter(isSelected).map((webhook) => deletion(webhook, 'absent')),
    ...mine.flatMap((webhook) => {
      const reason = because(webhook);
      return reason ? [deletion(webhook, reason)] : [];
    }),
  ];
  const staying = mine.filter((webhook) => because(webhook) === undefined);
  return { deletes, undecided: desired.unlisted === undefined ? staying : [], kept: staying.length };
}

function deletion(before: Live, because: DeleteReason): Delete {
  return {
    kind: 'delete',
    resource: 'webhook',
    name: before.name,
    id: before.id,
    because,
    before,
    policies: [],
  };
}

const KIND_ORDER: Readonly<Record<ActionKind, number>> = { create: 0, update: 1, replace: 2, delete: 3 };

/** Webhooks before policies; creates, updates, replaces, deletes; then by name and id. */
function byOrder(a: Action, b: Action): number {
  const idOf = (action: Action): string => (action.kind === 'create' ? '' : bareId(action.id));
  return (
    compareText(b.resource, a.resource) ||
    KIND_ORDER[a.kind] - KIND_ORDER[b.kind] ||
    compareText(a.name, b.name) ||
    compareText(idOf(a), idOf(b))
  );
}

function countKinds(actions: readonly Action[]): Pick<Summary, ActionKind> {
  const counts = { create: 0, update: 0, replace: 0, delete: 0 };
  for (const { kind } of actions) counts[kind] += 1;
  return counts;
}

function overridesOf(actions: readonly Action[], options: DiffOptions): Override[] {
  return actions.flatMap((action): Override[] => {
    const { kind, name } = action;
    if (action.kind === 'create' || action.resource === 'policy') return [];
    const given: [Override['flag'], boolean][] = [
      ['--allow-delete', kind === 'delete' && isNamedBy(options.allowDelete, action.before)],
      ['--allow-detach', kind === 'delete' && isNamedBy(options.allowDetach, action.before)],
      ['--rotate', kind !== 'delete' && isNamedBy(options.rotate, { ...action.before, name })],
      ['--replace', kind === 'replace' && options.replace.has(name)],
    ];
    return given.filter(([, used]) => used).map(([flag]) => ({ flag, name, id: action.id }));
  });
}

/** A saved plan has no file that says what is ignored. */
function ignoredWithSameName(
  ignored: readonly Live[],
  actions: readonly Action[],
): Pick<AccountPlan, 'ignoredIds'> {
  if (ignored.length === 0 || actions.length === 0) return {};
  const names = new Set(actions.map(({ name }) => name));
  const baseOf = baseNameIndex(names);
  const ids = ignored.filter(({ name }) => names.has(baseOf(name))).map(({ id }) => id);
  return ids.length > 0 ? { ignoredIds: ids.sort(compareText) } : {};
}

export type EntryOptions = {
  readonly strategy: Strategy;
  readonly rotation: Rotation;
  /** Asked for by `--replace`. */
  readonly replaceRequested: boolean;
};

/** Returns the action that brings one desired webhook about, or `undefined` if it is as it should be. */
export function entryAction(found: Match, options: EntryOptions): WebhookAction | undefined {
  const { desired, live, leftovers } = found;
  if (found.ambiguous || found.pinMissing) return undefined;
  const after = specOf(desired);
  if (leftovers.length > 0) return continueReplacement(found, after, options);
  if (!live) return { kind: 'create', resource: 'webhook', name: desired.name, because: 'new', after };
  const because = replaceReasons(live, desired, options);
  if (because.length === 0) return updateOf(live, desired, after, options);
  return replaceOf({ desired, after, because, retire: [live] });
}

/**
 * A replacement was interrupted before the old webhook was deleted. If the old one fits the file again, it stays. A
 * leftover takes its place only if everything about it can be read; a secret cannot, so then a new webhook is made from
 * the file and this run's values, and the old one and all leftovers give way to it.
 */
function continueReplacement(found: Match, after: Spec, options: EntryOptions): Replace | undefined {
  const { desired, live, leftovers } = found;
  const reasons = live ? replaceReasons(live, desired, options) : [];
  const fits = leftovers.filter((webhook) => !urlDiffers(webhook, desired));
  const isFixed = desired.id !== undefined || desired.protect;
  if (live && reasons.length === 0 && (fits.length === 0 || isFixed)) {
    const lacks = updateReasons(live, desired, options).filter(isLack).map(asReplaceReason);
    return replaceOf({
      desired,
      after,
      because: ['taken-back', ...lacks],
      retire: leftovers,
      survivor: live,
    });
  }
  const [only, ...others] = leftovers;
  const isReadable = !declaresSecret(desired) && !hasCredentialUrl(desired);
  if (live && only && others.length === 0 && fits.length === 1 && isReadable && !isFixed) {
    return replaceOf({ desired, after, because: ['finish-replace'], retire: [live], survivor: only });
  }
  const retire = [...(live ? [live] : []), ...leftovers];
  return replaceOf({ desired, after, because: [...reasons, 'finish-replace'], retire });
}

function replaceOf(given: {
  readonly desired: DesiredWebhook;
  readonly after: Spec;
  readonly because: readonly ReplaceReason[];
  readonly retire: readonly Live[];
  readonly survivor?: Live;
}): Replace | undefined {
  const { desired, after, because, retire, survivor } = given;
  const [before] = retire;
  if (!before) return undefined;
  return {
    kind: 'replace',
    resource: 'webhook',
    name: desired.name,
    id: before.id,
    because,
    before,
    after,
    retire,
    ...(survivor && { survivor }),
    policies: [],
  };
}

function updateOf(
  live: Live,
  desired: DesiredWebhook,
  after: Spec,
  options: EntryOptions,
): UpdateWebhook | undefined {
  const because = updateReasons(live, desired, options);
  if (because.length === 0) return undefined;
  return {
    kind: 'update',
    resource: 'webhook',
    name: desired.name,
    id: live.id,
    because,
    before: live,
    after,
  };
}

/** Returns why the webhook must give way to a new one; empty: it need not. */
function replaceReasons(live: Live, desired: DesiredWebhook, options: EntryOptions): ReplaceReason[] {
  const { strategy, rotation, replaceRequested } = options;
  const reasons: ReplaceReason[] = [];
  if (urlDiffers(live, desired) && strategy.url === 'replace') reasons.push('url-changed');
  if (rotation.secret && strategy.secret === 'replace') reasons.push('secret-rotated');
  if (rotation.url && strategy.secret === 'replace') reasons.push('url-rotated');
  if (replaceRequested) reasons.push('requested');
  return reasons;
}

function updateReasons(live: Live, desired: DesiredWebhook, options: EntryOptions): UpdateReason[] {
  const { strategy, rotation } = options;
  const reasons: UpdateReason[] = [];
  if (live.name !== desired.name) reasons.push(isReservedName(live.name) ? 'finish-replace' : 'renamed');
  if (urlDiffers(live, desired) && strategy.url === 'in-place') reasons.push('url-in-place');
  if (rotation.secret && strategy.secret === 'in-place') reasons.push('secret-rotated');
  if (rotation.url && strategy.secret === 'in-place') reasons.push('url-rotated');
  return reasons;
}

/** What a webhook that stays gets with the PUT that gives it its name. */
type Lack = 'url-in-place' | 'secret-rotated' | 'url-rotated';

function isLack(reason: UpdateReason): reason is Lack {
  return reason !== 'renamed' && reason !== 'finish-replace';
}

function asReplaceReason(lack: Lack): ReplaceReason {
  return lack === 'url-in-place' ? 'url-changed' : lack;
}

/** Returns `false` as well where the URL is not known here: then it is not compared. */
function urlDiffers(live: Live, desired: DesiredWebhook): boolean {
  const wanted = desiredUrl(desired);
  return wanted !== undefined && !matchesLiveUrl(wanted, live);
}

function specOf({ name, url, secret }: DesiredWebhook): Spec {
  return { name, url, ...(secret && { secret }) };
}

/** Adds to each replace and delete the policies that use what goes, and that this plan does not take it out of. */
export function withPolicies(
  actions: readonly WebhookAction[],
  policies: readonly Policy[],
  updates: readonly UpdatePolicy[] = [],
): WebhookAction[] {
  const takenOut = new Map(
    updates.map((update) => [
      bareId(update.id),
      new Set(routeChanges(update).removed.map(({ id }) => bareId(id ?? ''))),
    ]),
  );
  const keeps = (policy: Policy, id: string): boolean =>
    takenOut.get(bareId(policy.id))?.has(bareId(id)) !== true;
  const users = new Map<string, Policy[]>();
  for (const policy of policies) {
    for (const id of new Set(policy.webhookIds.map(bareId)))
      users.set(id, [...(users.get(id) ?? []), policy]);
  }
  const deleted = new Set(actions.flatMap((action) => (action.kind === 'delete' ? [bareId(action.id)] : [])));
  const usersOf = (webhooks: readonly Live[]): Policy[] => [
    ...new Set(webhooks.flatMap((webhook) => users.get(bareId(webhook.id)) ?? [])),
  ];
  return actions.map((action) => {
    if (action.kind === 'replace') return { ...action, policies: refs(usersOf(action.retire), () => false) };
    if (action.kind === 'delete') {
      const users = usersOf([action.before]).filter((policy) => keeps(policy, action.id));
      return { ...action, policies: refs(users, (policy) => isOrphaned(policy, deleted)) };
    }
    return action;
  });
}

function refs(policies: readonly Policy[], orphaned: (policy: Policy) => boolean): PolicyRef[] {
  return policies
    .map((policy) => ({ id: policy.id, name: policy.name, orphaned: orphaned(policy) }))
    .sort((a, b) => compareText(a.name, b.name) || compareText(bareId(a.id), bareId(b.id)));
}

function isOrphaned(policy: Policy, deleted: ReadonlySet<string>): boolean {
  return policy.otherMechanisms === 0 && policy.webhookIds.every((id) => deleted.has(bareId(id)));
}
