import type { DesiredAccount, DesiredWebhook, Spec, Strategy } from './desired.js';
import { guards } from './guards.js';
import { bareId } from './ids.js';
import { namesDuringReplacement } from './leftovers.js';
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
  Update,
  UpdateReason,
} from './plan.js';
import { lastDeployed, protectedBefore, removedSince, type Rotation, rotations } from './previous.js';
import { ignoring, isNamedBy, targeting, targetsEntry } from './selection.js';
import { involvesSecret, sameUrl } from './urls.js';

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
  const matching = match(desired, live, policies);
  const names = new Set([...desired.webhooks, ...live].map(({ name }) => name));
  const isTarget = targeting(options.targets, names);
  const { previous } = options;

  const rotationOf = rotations(previous);
  const lastOf = lastDeployed(previous);
  const matches = matching.matches
    .filter(({ desired: webhook }) => targetsEntry(isTarget, webhook))
    .sort(
      (a, b) =>
        compareText(a.desired.name, b.desired.name) || compareText(a.desired.id ?? '', b.desired.id ?? ''),
    );
  const changes: Action[] = [];
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
      hadSecret: (lastOf(webhook)?.secret ?? NO_SECRET).kind !== 'none',
    });
    if (action) changes.push(action);
    else if (found.live) unchanged += 1;
  }

  const removals = leaving(desired, matching, { previous, policies, isTarget });
  const actions = withPolicies([...changes, ...removals.deletes], policies ?? []).sort(byKindNameId);
  const plan: AccountPlan = {
    accountId: desired.accountId,
    actions,
    guards: guards({
      desired,
      actions,
      matches,
      undecided: removals.undecided,
      liveCount: live.length - matching.ignored,
      ...protectedBefore(previous, desired, matching.unlisted, policies),
      allowDelete: options.allowDelete,
      allowDetach: options.allowDetach,
    }),
    notes: notes({ matches, actions, hasPrevious: previous !== undefined }),
    overrides: overridesOf(actions, options),
    summary: {
      ...countKinds(actions),
      unchanged,
      ignored: matching.ignored,
      kept: removals.kept,
    },
    ...ignoredWithSameName(desired, live, actions),
  };
  const touchesPolicies = actions.some(({ kind }) => kind === 'delete' || kind === 'replace');
  return { plan, wantsPolicies: !policies && (matching.wantsPolicies || touchesPolicies) };
}

const NO_SECRET = { kind: 'none' } as const;

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
  const mine = unlisted
    .filter(({ name }) => isTarget(name))
    .sort((a, b) => compareText(a.name, b.name) || compareAge(a, b));
  const removed =
    desired.unlisted === 'delete' ? new Set<Live>() : removedSince(previous, desired, mine, policies);
  const because = (webhook: Live): DeleteReason | undefined =>
    removed.has(webhook) ? 'removed' : desired.unlisted === 'delete' ? 'unlisted' : undefined;
  const deletes = [
    ...absent.filter(({ name }) => isTarget(name)).map((webhook) => deletion(webhook, 'absent')),
    ...mine.flatMap((webhook) => {
      const reason = because(webhook);
      return reason ? [deletion(webhook, reason)] : [];
    }),
  ];
  const staying = mine.filter((webhook) => because(webhook) === undefined);
  return { deletes, undecided: desired.unlisted === undefined ? staying : [], kept: staying.length };
}

function deletion(before: Live, because: DeleteReason): Delete {
  return { kind: 'delete', name: before.name, id: before.id, because, before, policies: [] };
}

const KIND_ORDER: Readonly<Record<ActionKind, number>> = { create: 0, update: 1, replace: 2, delete: 3 };

function byKindNameId(a: Action, b: Action): number {
  const idOf = (action: Action): string => (action.kind === 'create' ? '' : bareId(action.id));
  return (
    KIND_ORDER[a.kind] - KIND_ORDER[b.kind] || compareText(a.name, b.name) || compareText(idOf(a), idOf(b))
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
    if (kind === 'create') return [];
    const given: [Override['flag'], boolean][] = [
      ['--allow-delete', kind === 'delete' && isNamedBy(options.allowDelete, action.before)],
      ['--allow-detach', kind === 'delete' && isNamedBy(options.allowDetach, action.before)],
      ['--rotate', kind !== 'delete' && isNamedBy(options.rotate, { ...action.before, name })],
      ['--replace', kind === 'replace' && options.replace.has(name)],
    ];
    return given.filter(([, used]) => used).map(([flag]) => ({ flag, name, id: action.id }));
  });
}

/** A saved plan has no file beside it that says what is ignored. */
function ignoredWithSameName(
  desired: DesiredAccount,
  live: readonly Live[],
  actions: readonly Action[],
): Pick<AccountPlan, 'ignoredIds'> {
  if (desired.ignore.length === 0 || actions.length === 0) return {};
  const names = new Set(actions.flatMap(({ name }) => namesDuringReplacement(name)));
  const isIgnored = ignoring(desired);
  const ids = live.filter((webhook) => names.has(webhook.name) && isIgnored(webhook)).map(({ id }) => id);
  return ids.length > 0 ? { ignoredIds: ids.sort(compareText) } : {};
}

export type EntryOptions = {
  readonly strategy: Strategy;
  readonly rotation: Rotation;
  /** Asked for by `--replace`. */
  readonly replaceRequested: boolean;
  /** The file last deployed declared a secret for it. */
  readonly hadSecret: boolean;
};

/** The action that brings one desired webhook about, or `undefined` if it is as it shall be. */
export function entryAction(found: Match, options: EntryOptions): Action | undefined {
  const { desired, live, marked } = found;
  if (found.ambiguous || found.pinMissing) return undefined;
  const after = specOf(desired);
  if (!live && marked.length === 0) return { kind: 'create', name: desired.name, because: 'new', after };
  if (marked.length > 0) return finishReplace(found, after, options);
  return live && changeOf(live, desired, after, options);
}

function changeOf(
  live: Live,
  desired: DesiredWebhook,
  after: Spec,
  options: EntryOptions,
): Action | undefined {
  const because = replaceReasons(live, desired, options);
  if (because.length === 0) return updateOf(live, desired, after, options);
  const moved = because.length === 1 && because[0] === 'url-changed';
  const auto = moved && options.strategy.url === 'auto' && !secretInvolved(live, desired, options);
  const common = { kind: 'replace', name: desired.name, id: live.id, because, before: live, after } as const;
  return { ...common, method: auto ? 'auto' : 'replace', retire: [live], policies: [] };
}

function updateOf(
  live: Live,
  desired: DesiredWebhook,
  after: Spec,
  options: EntryOptions,
): Update | undefined {
  const because = updateReasons(live, desired, options);
  if (because.length === 0) return undefined;
  return { kind: 'update', name: desired.name, id: live.id, because, before: live, after };
}

/** Why the webhook must give way to a new one. Empty: it need not. */
function replaceReasons(live: Live, desired: DesiredWebhook, options: EntryOptions): ReplaceReason[] {
  const { strategy, rotation, replaceRequested } = options;
  const reasons: ReplaceReason[] = [];
  if (urlDiffers(live, desired) && strategy.url !== 'in-place') reasons.push('url-changed');
  if (rotation.secret && strategy.secret === 'replace') reasons.push('secret-rotated');
  if (rotation.url && strategy.secret === 'replace') reasons.push('url-rotated');
  if (replaceRequested) reasons.push('requested');
  return reasons;
}

function updateReasons(live: Live, desired: DesiredWebhook, options: EntryOptions): UpdateReason[] {
  const { strategy, rotation } = options;
  const reasons: UpdateReason[] = [];
  if (live.name !== desired.name) reasons.push('renamed');
  if (urlDiffers(live, desired) && strategy.url === 'in-place') reasons.push('url-in-place');
  if (rotation.secret && strategy.secret === 'in-place') reasons.push('secret-rotated');
  if (rotation.url && strategy.secret === 'in-place') reasons.push('url-rotated');
  return reasons;
}

/**
 * An interrupted replace left webhooks behind. Of them all the one that fits the file survives; a marked one
 * first, as the rotation that was under way; of twins the oldest, so that two applies choose the same.
 */
function finishReplace(found: Match, after: Spec, options: EntryOptions): Action | undefined {
  const { desired, live, marked } = found;
  const survivor = survivorOf(found, options);
  const retire = [...(live ? [live] : []), ...marked].filter((webhook) => webhook !== survivor);
  const [before] = retire;
  // What the survivor still lacks goes along with the PUT that gives it its name.
  const inPlace = survivor ? updateReasons(survivor, desired, options).filter((r) => r !== 'renamed') : [];
  if (!before) {
    // Only the marked one is left: the old one is gone, the rename is missing.
    const because: UpdateReason[] = ['finish-replace', ...inPlace];
    return (
      survivor && { kind: 'update', name: desired.name, id: survivor.id, because, before: survivor, after }
    );
  }
  const common = {
    kind: 'replace',
    name: desired.name,
    id: before.id,
    before,
    after,
    retire,
    policies: [],
  } as const;
  if (survivor) {
    const lacks = inPlace.map((reason) => (reason === 'url-in-place' ? 'url-changed' : reason));
    const because: ReplaceReason[] = ['finish-replace', ...lacks];
    return { ...common, because, method: 'replace', survivor } satisfies Replace;
  }
  const because: ReplaceReason[] = live ? replaceReasons(live, desired, options) : ['url-changed'];
  return { ...common, because: [...because, 'finish-replace'], method: 'replace' } satisfies Replace;
}

function survivorOf({ desired, live, marked }: Match, options: EntryOptions): Live | undefined {
  const stays = live && replaceReasons(live, desired, options).length === 0 ? live : undefined;
  if (desired.id !== undefined) return stays;
  const fits = marked.find((webhook) => !urlDiffers(webhook, desired));
  if (fits ?? stays) return fits ?? stays;
  return live === undefined && options.strategy.url === 'in-place' ? marked[0] : undefined;
}

/** `false` as well where the url is in a variable that is not set here: it is not compared. */
function urlDiffers(live: Live, desired: DesiredWebhook): boolean {
  const wanted = desiredUrl(desired);
  return wanted !== undefined && !sameUrl(live.url, wanted);
}

/** Would a PUT of the url, answered with success, hand somebody a secret or need one? As far as can be known. */
function secretInvolved(live: Live, desired: DesiredWebhook, { hadSecret }: EntryOptions): boolean {
  const declared = desired.secret !== undefined && desired.secret.kind !== 'none';
  const { url } = desired;
  const inUrl = url.kind !== 'literal' || involvesSecret(url.url) || involvesSecret(live.url);
  return declared || hadSecret || inUrl || live.type !== 'generic';
}

function specOf({ name, url, secret }: DesiredWebhook): Spec {
  return { name, url, ...(secret && { secret }) };
}

/** Adds to each replace and delete the policies that use what goes. */
export function withPolicies(actions: readonly Action[], policies: readonly Policy[]): Action[] {
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
      return { ...action, policies: refs(usersOf([action.before]), (policy) => isOrphaned(policy, deleted)) };
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
