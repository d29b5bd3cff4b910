import type { DesiredAccount, DesiredWebhook, Spec, Strategy } from './desired.js';
import { guards } from './guards.js';
import { bareId } from './ids.js';
import { baseNameIndex, isReservedName } from './leftovers.js';
import type { Live, Policy } from './live.js';
import { match, type Match, type Matching, NOTHING_FOUND, protectedBefore, removedSince } from './match.js';
import { notes } from './notes.js';
import { compareAge, compareNames, compareText, grouped } from './order.js';
import {
  type AccountPlan,
  type Action,
  type ActionKind,
  countKinds,
  type Delete,
  type DeleteReason,
  type Override,
  type PolicyRef,
  type Replace,
  type ReplaceReason,
  type UpdatePolicy,
  type UpdateReason,
  type UpdateWebhook,
  type WebhookAction,
} from './plan.js';
import { type Rotation, rotations } from './rotation.js';
import { routedNames, routes, targetsAfter } from './routes.js';
import { givenNames, isNamedBy, targeting, targetsEntry } from './selection.js';
import { desiredUrl, involvesSecret, isReference, matchesLiveUrl } from './urls.js';

/** Options from the command line, limited to one account. */
export type DiffOptions = {
  /** Names or patterns; if empty, all. */
  readonly targets: readonly string[];
  readonly rotate: ReadonlySet<string>;
  readonly replace: ReadonlySet<string>;
  readonly allowDelete: ReadonlySet<string>;
  readonly allowDetach: ReadonlySet<string>;
  /** What a suggested flag needs before a name: `ACCOUNT_ID:` if there are several accounts, else nothing. */
  readonly flagPrefix: string;
  /** The previous state. Absent: unknown, so versions are not compared. */
  readonly previous?: DesiredAccount;
};

export const NO_OPTIONS: DiffOptions = {
  targets: [],
  rotate: new Set(),
  replace: new Set(),
  allowDelete: new Set(),
  allowDetach: new Set(),
  flagPrefix: '',
};

export type DiffInput = {
  readonly desired: DesiredAccount;
  readonly live: readonly Live[];
  /** Absent: not requested yet. If the result says `wantsPolicies`, call diff again with them. */
  readonly policies?: readonly Policy[];
  readonly options: DiffOptions;
};

export type DiffResult = { readonly plan: AccountPlan; readonly wantsPolicies: boolean };

/** Returns the plan for one account. Pure: it depends neither on list order nor on machine or time. */
export function diff({ desired, live, policies, options }: DiffInput): DiffResult {
  const { previous } = options;
  const matching = match(desired, live, { policies, previous });
  const isTarget = webhookTargeting(options.targets, desired.webhooks, live);
  const isPolicyTarget = policyTargeting(options.targets, policies ?? []);
  const routed = routedNames({ desired, policies: policies ?? [], isTarget: isPolicyTarget });
  const matches = matching.matches
    .filter(({ desired: webhook, live: found }) => {
      const isNeeded = !found && routed.has(webhook.name);
      return isNeeded || targetsEntry(isTarget, webhook) || (found !== undefined && isTarget(found.name));
    })
    .sort((a, b) => compareNames(a.desired, b.desired));
  const changes = changesOf(matches, desired.strategy, options);

  const removed = desired.unlisted === 'delete' ? NOTHING_FOUND : removedSince(previous, desired, matching);
  const removals = leaving(desired, matching, { removed: removed.live, isTarget });
  const webhookActions = [...changes.values(), ...removals.deletes];
  const touched = touchedBy(webhookActions);
  const planned = policies
    ? routes({
        desired,
        live,
        policies,
        matching,
        removed: removed.live,
        actions: touched,
        isTarget: isPolicyTarget,
      })
    : { updates: [], guards: [] };
  const actions = withPolicies(webhookActions, policies ?? [], planned.updates);
  const sorted = [...actions, ...planned.updates].sort(byOrder);
  const compared = { desired, matches, changes, actions: sorted, flagPrefix: options.flagPrefix };
  const plan: AccountPlan = {
    accountId: desired.accountId,
    ...(desired.label !== undefined && { label: desired.label }),
    actions: sorted,
    guards: guards({
      ...compared,
      undecided: removals.undecided,
      unclear: removed.unclear.filter(({ among }) => among.some(({ name }) => isTarget(name))),
      liveCount: countable(live) - countable(matching.ignored),
      ...protectedBefore(previous, desired, matching),
      allowDelete: options.allowDelete,
      allowDetach: options.allowDetach,
      routed: planned.guards,
    }),
    notes: notes({ ...compared, live, policies, matching, previous }),
    overrides: overridesOf(sorted, options),
    summary: {
      ...countKinds(sorted),
      unchanged: matches.filter((found) => found.live && !changes.has(found)).length,
      ignored: matching.ignored.length,
      kept: removals.kept,
    },
    ...(sorted.some(({ kind }) => kind !== 'delete') && {
      liveIds: live.map(({ id }) => id).sort(compareText),
    }),
    ...untouchedWithSameName(live, matching.ignored, { actions: sorted, touched }),
    ...(desired.unlisted === 'delete' && untouchedUnlisted(matching.unlisted, sorted, touched)),
  };
  const touchesPolicies = sorted.some(({ kind }) => kind === 'delete' || kind === 'replace');
  const wanted = matching.wantsPolicies || touchesPolicies || desired.routes !== undefined;
  return { plan, wantsPolicies: !policies && wanted };
}

/** Returns the entries that change, each with its action. */
function changesOf(
  matches: readonly Match[],
  strategy: Strategy,
  { rotate, replace, previous }: DiffOptions,
): ReadonlyMap<Match, WebhookAction> {
  const rotationOf = rotations(previous);
  const changes = new Map<Match, WebhookAction>();
  for (const found of matches) {
    const { name, id, url, secret } = found.desired;
    const rotation = rotationOf(found.desired, found.live);
    const rotateRequested = rotate.has(name) || (id !== undefined && rotate.has(`id:${id}`));
    const isUrl = isReference(url) && (secret?.kind ?? 'none') === 'none';
    const action = entryAction(found, {
      strategy,
      rotation: {
        secret: rotation.secret || (rotateRequested && !isUrl),
        url: rotation.url || (rotateRequested && isUrl),
      },
      replaceRequested: replace.has(name),
    });
    if (action) changes.set(found, action);
  }
  return changes;
}

/** Returns what happens to each live webhook that an action changes or deletes, by ID without dashes. */
function touchedBy(actions: readonly WebhookAction[]): ReadonlyMap<string, ActionKind> {
  return new Map(
    actions.flatMap((action): readonly (readonly [string, ActionKind])[] => {
      if (action.kind === 'create') return [];
      if (action.kind !== 'replace') return [[bareId(action.id), action.kind]];
      const renamed = action.survivor ? [[bareId(action.survivor.id), 'update'] as const] : [];
      return [...renamed, ...action.retire.map(({ id }) => [bareId(id), action.kind] as const)];
    }),
  );
}

/** Counts webhooks for the limit on deletions, without leftovers. */
function countable(webhooks: readonly Live[]): number {
  return webhooks.filter(({ name }) => !isReservedName(name)).length;
}

const POLICY_TARGET = 'policy:';

type Named = { readonly name: string };

function webhookTargeting(
  targets: readonly string[],
  ...webhooks: readonly (readonly Named[])[]
): (name: string) => boolean {
  if (targets.length === 0) return () => true;
  const mine = targets.filter((target) => !target.startsWith(POLICY_TARGET));
  if (mine.length === 0) return () => false;
  return targeting(mine, new Set(webhooks.flat().map(({ name }) => name)));
}

/** Returns which policies `--target policy:PATTERN` selects; without any target, all. */
function policyTargeting(targets: readonly string[], policies: readonly Named[]): (name: string) => boolean {
  const mine = targets
    .filter((target) => target.startsWith(POLICY_TARGET))
    .map((target) => target.slice(POLICY_TARGET.length));
  if (mine.length === 0 && targets.length > 0) return () => false;
  return targeting(mine, new Set(policies.map(({ name }) => name)));
}

type Leaving = {
  readonly deletes: readonly Delete[];
  readonly undecided: readonly Live[];
  readonly kept: number;
};

/** Decides what happens to live webhooks that do not belong to any entry. */
function leaving(
  desired: DesiredAccount,
  { absent, unlisted }: Matching,
  {
    removed,
    isTarget,
  }: { readonly removed: ReadonlySet<Live>; readonly isTarget: (name: string) => boolean },
): Leaving {
  const baseOf = baseNameIndex(givenNames(desired));
  const isSelected = ({ name }: Live): boolean => isTarget(name) || isTarget(baseOf(name));
  const mine = unlisted.filter(isSelected).sort((a, b) => compareText(a.name, b.name) || compareAge(a, b));
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

/** Sorts by resource (webhooks first), kind (create, update, replace, delete), name, then ID. */
function byOrder(a: Action, b: Action): number {
  return compareText(b.resource, a.resource) || KIND_ORDER[a.kind] - KIND_ORDER[b.kind] || compareNames(a, b);
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

/**
 * Returns ignored webhooks with the name of an action, and others with the name of a create that `--target`
 * leaves as they are: a saved plan needs them to know that they do not count.
 */
function untouchedWithSameName(
  live: readonly Live[],
  ignored: readonly Live[],
  {
    actions,
    touched,
  }: { readonly actions: readonly Action[]; readonly touched: ReadonlyMap<string, ActionKind> },
): Pick<AccountPlan, 'ignoredIds'> {
  const names = new Set(actions.map(({ name }) => name));
  const created = new Set(actions.flatMap(({ kind, name }) => (kind === 'create' ? name : [])));
  if (created.size + ignored.length === 0 || names.size === 0) return {};
  const baseOf = baseNameIndex(names);
  const isIgnored = new Set(ignored);
  const untouched = live.filter((webhook) =>
    isIgnored.has(webhook)
      ? names.has(baseOf(webhook.name))
      : created.has(webhook.name) && !touched.has(bareId(webhook.id)),
  );
  const ids = untouched.map(({ id }) => id);
  return ids.length > 0 ? { ignoredIds: ids.sort(compareText) } : {};
}

/** Returns the unlisted webhooks that `--target` leaves alone, if an entry could be one of them under another name. */
function untouchedUnlisted(
  unlisted: readonly Live[],
  actions: readonly Action[],
  touched: ReadonlyMap<string, ActionKind>,
): Pick<AccountPlan, 'unlistedIds'> {
  if (!actions.some((action) => action.kind === 'create' && isReference(action.after.url))) return {};
  const untouched = unlisted.filter(({ id, name }) => !touched.has(bareId(id)) && !isReservedName(name));
  const ids = untouched.map(({ id }) => id);
  return ids.length > 0 ? { unlistedIds: ids.sort(compareText) } : {};
}

export type EntryOptions = {
  readonly strategy: Strategy;
  readonly rotation: Rotation;
  /** Requested with `--replace`. */
  readonly replaceRequested: boolean;
};

/** Returns the action that makes the live webhook match the entry, or `undefined` if it already does. */
function entryAction(found: Match, options: EntryOptions): WebhookAction | undefined {
  const { desired, live, leftovers } = found;
  if (found.ambiguous || found.pinMissing) return undefined;
  const after = specOf(desired);
  const [first, ...others] = leftovers;
  if (first) return continueReplacement(found, after, [first, ...others], options);
  if (!live) return { kind: 'create', resource: 'webhook', name: desired.name, because: 'new', after };
  const because = replaceReasons(live, desired, options);
  if (because.length === 0) return updateOf(live, desired, after, options);
  return replaceOf({ after, because, retire: [live] });
}

/**
 * Continues a replacement that was interrupted before the old webhook was deleted. If the old webhook matches
 * the file again, it stays. A leftover becomes the new webhook only if everything about it can be read. A
 * secret cannot be read, so in that case a new webhook is created, and the old webhook and all leftovers are
 * deleted.
 */
function continueReplacement(
  { desired, live }: Match,
  after: Spec,
  leftovers: readonly [Live, ...Live[]],
  options: EntryOptions,
): Replace {
  const reasons = live ? replaceReasons(live, desired, options) : [];
  const fits = leftovers.filter((webhook) => !urlDiffers(webhook, desired));
  const isFixed = desired.id !== undefined || desired.protect;
  if (live && reasons.length === 0 && (fits.length === 0 || isFixed)) {
    const lacks = updateReasons(live, desired, options).filter(isLack).map(asReplaceReason);
    return replaceOf({ after, because: ['taken-back', ...lacks], retire: leftovers, survivor: live });
  }
  const [only, ...others] = leftovers;
  if (live && others.length === 0 && fits.length === 1 && !involvesSecret(desired) && !isFixed) {
    return replaceOf({ after, because: ['finish-replace'], retire: [live], survivor: only });
  }
  const retire = live ? ([live, ...leftovers] as const) : leftovers;
  return replaceOf({ after, because: [...reasons, 'finish-replace'], retire });
}

function replaceOf(
  given: Pick<Replace, 'after' | 'because' | 'survivor'> & { readonly retire: readonly [Live, ...Live[]] },
): Replace {
  const { name } = given.after;
  const [before] = given.retire;
  return { kind: 'replace', resource: 'webhook', name, id: before.id, before, policies: [], ...given };
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

/** Returns the reasons to replace the webhook; empty if there are none. */
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
  const moves = urlDiffers(live, desired) || (rotation.url && desiredUrl(desired) === undefined);
  if (moves && strategy.url === 'in-place') reasons.push('url-in-place');
  if (rotation.secret && strategy.secret === 'in-place') reasons.push('secret-rotated');
  if (rotation.url && strategy.secret === 'in-place') reasons.push('url-rotated');
  return reasons;
}

/** What else is updated when a surviving webhook gets its name back. */
type Lack = 'url-in-place' | 'secret-rotated' | 'url-rotated';

function isLack(reason: UpdateReason): reason is Lack {
  return reason !== 'renamed' && reason !== 'finish-replace';
}

function asReplaceReason(lack: Lack): ReplaceReason {
  return lack === 'url-in-place' ? 'url-changed' : lack;
}

/** Reports whether the URLs differ. A desired URL that is not known here is not compared (`false`). */
function urlDiffers(live: Live, desired: DesiredWebhook): boolean {
  const wanted = desiredUrl(desired);
  return wanted !== undefined && !matchesLiveUrl(wanted, live);
}

function specOf({ name, url, secret }: DesiredWebhook): Spec {
  return { name, url, ...(secret && { secret }) };
}

/**
 * Adds the policies that an action changes: a replacement switches them, and a deletion removes the webhook
 * from them. Does not add policies that a route changes to no longer use the webhook.
 */
function withPolicies(
  actions: readonly WebhookAction[],
  policies: readonly Policy[],
  updates: readonly UpdatePolicy[],
): WebhookAction[] {
  const targetsOf = targetsAfter(updates);
  const pairs = policies.map((policy) => ({
    policy,
    now: new Set(policy.webhookIds.map(bareId)),
    later: new Set(targetsOf(policy)),
  }));
  const deleted = new Set(actions.flatMap((action) => (action.kind === 'delete' ? [bareId(action.id)] : [])));
  const usersLater = grouped(pairs.flatMap((pair) => [...pair.later].map((id) => [id, pair] as const)));
  const usersOf = ({ id }: { readonly id: string }): (typeof pairs)[number][] =>
    usersLater.get(bareId(id)) ?? [];
  return actions.map((action) => {
    if (action.kind === 'delete') {
      const isOrphaned = ({ policy, later }: (typeof pairs)[number]): boolean =>
        policy.otherMechanisms === 0 && [...later].every((id) => deleted.has(id));
      return {
        ...action,
        policies: usersOf(action)
          .map((user) => ({ ...refOf(user.policy), orphaned: isOrphaned(user) }))
          .sort(compareNames),
      };
    }
    if (action.kind !== 'replace') return action;
    const users = action.retire.flatMap((old) => usersOf(old).filter(({ now }) => now.has(bareId(old.id))));
    const refs = [...new Set(users)].map(({ policy }) => refOf(policy));
    return { ...action, policies: refs.sort(compareNames) };
  });
}

function refOf({ id, name }: Policy): PolicyRef {
  return { id, name, orphaned: false };
}
