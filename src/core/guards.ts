import type { DesiredAccount } from './desired.js';
import type { Live } from './live.js';
import type { Match } from './match.js';
import type { Action, Delete, Guard, GuardCode, Replace } from './plan.js';
import { isNamedBy } from './selection.js';
import { displayUrl } from './urls.js';

export type GuardInput = {
  readonly desired: DesiredAccount;
  readonly actions: readonly Action[];
  readonly matches: readonly Match[];
  /** Unlisted live webhooks of which the file does not say what shall become. */
  readonly undecided: readonly Live[];
  /** How many live webhooks there are that are not ignored. */
  readonly liveCount: number;
  /** Names that were protected when last deployed. */
  readonly wasProtected: ReadonlySet<string>;
  /** Live webhooks that were protected then, under whatever name they have now. */
  readonly protectedLive: ReadonlySet<Live>;
  readonly allowDelete: ReadonlySet<string>;
  readonly allowDetach: ReadonlySet<string>;
};

/** The reasons not to apply this account's plan, each with what it stops and the ways on. */
export function guards(input: GuardInput): Guard[] {
  return [
    ...unlistedUndecided(input),
    ...ambiguousNames(input),
    ...pinned(input),
    ...protectedOnes(input),
    ...inUse(input),
    ...tooManyDeletes(input),
  ];
}

const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');

function guard(code: GuardCode, names: readonly string[], message: string): Guard[] {
  return names.length === 0 ? [] : [{ code, message, names: [...new Set(names)] }];
}

function unlistedUndecided({ undecided }: GuardInput): Guard[] {
  const names = undecided.map(({ name }) => name);
  return guard(
    'unlisted-undecided',
    names,
    `The account has webhooks that are not in the file: ${quoted(names)}. ` +
      `Add them to the file (hookwright import), list them under "ignore", ` +
      `or set "unlisted: keep" or "unlisted: delete".`,
  );
}

function ambiguousNames({ matches }: GuardInput): Guard[] {
  return matches.flatMap(({ desired, ambiguous }) => {
    if (!ambiguous) return [];
    const list = ambiguous.map(
      (live) => `ID ${live.id} (${displayUrl(live.url)}, created ${live.createdAt ?? 'at an unknown time'})`,
    );
    return guard(
      'ambiguous-name',
      [desired.name],
      `${list.length} live webhooks match ${quoted([desired.name])}, and neither their URLs nor the policies identify one: ` +
        `${list.join('; ')}. Add the "id" of the right one to the entry.`,
    );
  });
}

function pinned({ matches, actions }: GuardInput): Guard[] {
  const pins = new Set(
    matches.flatMap(({ desired, live }) => (desired.id !== undefined && live ? [live.id] : [])),
  );
  const replaced = replacesOfLive(actions, matches).filter((action) => pins.has(action.id));
  return [
    ...matches.flatMap(({ desired: { name, id }, live }) => {
      if (id === undefined || live) return [];
      return guard(
        'pinned',
        [name],
        `${quoted([name])} is pinned to ID ${id}, but the account has no such webhook. ` +
          `Correct the "id", or remove it to match by name.`,
      );
    }),
    ...replaced.flatMap(({ name, id }) =>
      guard(
        'pinned',
        [name],
        `${quoted([name])} is pinned to ID ${id}, but this plan would replace it, which changes its ID. ` +
          `Remove the "id", or set the strategy to "in-place".`,
      ),
    ),
  ];
}

/** Without those that only clear away what interrupted replaces left: that is nobody's to keep. */
function replacesOfLive(actions: readonly Action[], matches: readonly Match[]): Replace[] {
  const found = new Set(matches.flatMap(({ live }) => live ?? []));
  return actions.filter(
    (action): action is Replace =>
      action.kind === 'replace' && (!action.survivor || action.retire.some((webhook) => found.has(webhook))),
  );
}

function deletesOf(actions: readonly Action[]): Delete[] {
  return actions.filter((action): action is Delete => action.kind === 'delete');
}

function protectedOnes({ desired, actions, matches, wasProtected, protectedLive }: GuardInput): Guard[] {
  const now = new Set(desired.webhooks.filter(({ protect }) => protect).map(({ name }) => name));
  const replaced = replacesOfLive(actions, matches).filter(({ name }) => now.has(name));
  const removed = deletesOf(actions).filter(
    ({ name, because, before }) =>
      because !== 'absent' && (wasProtected.has(name) || protectedLive.has(before)),
  );
  return [
    ...guard(
      'protected',
      replaced.map(({ name }) => name),
      `Protected webhooks cannot be replaced: ${quoted(replaced.map(({ name }) => name))}. ` +
        `Undo the change, set the strategy to "in-place", or remove "protect: true" in a separate commit.`,
    ),
    ...guard(
      'protected',
      removed.map(({ name }) => name),
      `Protected webhooks were removed from the file: ${quoted(removed.map(({ name }) => name))}. ` +
        `Restore them, or list them under "absent" to delete them.`,
    ),
  ];
}

function inUse({ actions, allowDetach }: GuardInput): Guard[] {
  return deletesOf(actions)
    .filter((action) => action.policies.length > 0 && !isNamedBy(allowDetach, action.before))
    .flatMap(({ name, policies }) => {
      const users = policies.map(
        (policy) => JSON.stringify(policy.name) + (policy.orphaned ? ' (its last destination)' : ''),
      );
      return guard(
        'in-use',
        [name],
        `${quoted([name])} is used by ${policies.length === 1 ? 'policy' : 'policies'} ${users.join(', ')}; ` +
          `deleting it would silently stop those alerts. Remove it from the policies first, or pass --allow-detach ${JSON.stringify(name)}.`,
      );
    });
}

/** More than min(10, max(1, 25 %)) of the live webhooks, or the last ones. */
function tooManyDeletes({ actions, liveCount, allowDelete, desired }: GuardInput): Guard[] {
  const deletes = deletesOf(actions);
  const limit = Math.min(10, Math.max(1, liveCount / 4));
  const empties = deletes.length === liveCount && !actions.some(({ kind }) => kind === 'create');
  if (deletes.length <= limit && !empties) return [];
  const absent = new Set(desired.absent);
  const unnamed = deletes.filter(({ before, name }) => !absent.has(name) && !isNamedBy(allowDelete, before));
  const names = unnamed.map(({ name }) => name);
  return guard(
    'too-many-deletes',
    names,
    `${empties ? 'The plan would delete every webhook in the account' : `The plan deletes ${deletes.length} of ${liveCount} webhooks`}. ` +
      `If this is intended, list each webhook under "absent", or pass ${names.map((name) => `--allow-delete ${JSON.stringify(name)}`).join(' ')}.`,
  );
}
