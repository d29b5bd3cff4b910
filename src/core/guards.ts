import { shellQuoted } from '../text/layout.js';
import { type DesiredWebhook, fileFlag, type Spec } from './desired.js';
import { bareId } from './ids.js';
import { isReservedName } from './leftovers.js';
import type { Live } from './live.js';
import type { Ambiguity, FoundAgain, Match } from './match.js';
import type { Compared } from './notes.js';
import type { Action, Delete, Guard, GuardCode, Replace, ShownAction } from './plan.js';
import { isNamedBy } from './selection.js';
import { desiredUrl, isReference, needsSecret, shownUrl } from './urls.js';

export type GuardInput = Compared & {
  /** Unlisted live webhooks, if the file does not say whether to keep or delete them. */
  readonly undecided: readonly Live[];
  /** Removed entries that could have been several of the unlisted webhooks. */
  readonly unclear: FoundAgain['unclear'];
  /** The number of live webhooks, without ignored ones and leftovers. */
  readonly liveCount: number;
  /** Names that were protected in the previous state. */
  readonly wasProtected: ReadonlySet<string>;
  /** Live webhooks that were protected in the previous state, even if they have a different name now. */
  readonly protectedLive: ReadonlySet<Live>;
  readonly allowDelete: ReadonlySet<string>;
  readonly allowDetach: ReadonlySet<string>;
  /** What a suggested flag needs before a name. */
  readonly flagPrefix: string;
  /** Guards that block routes. */
  readonly routed: readonly Guard[];
};

/** Returns the reasons not to apply this account's plan. Each says what it blocks and how to proceed. */
export function guards(input: GuardInput): Guard[] {
  return [
    ...unlistedUndecided(input),
    ...ambiguousNames(input),
    ...changedDuplicates(input),
    ...pinned(input),
    ...protectedOnes(input),
    ...secretsNeeded(input.actions),
    ...input.routed,
    ...inUse(input),
    ...tooManyDeletes(input),
  ];
}

const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');

function guard(code: GuardCode, names: readonly string[], message: string): Guard[] {
  return names.length === 0 ? [] : [{ code, message, names: [...new Set(names)] }];
}

function unlistedUndecided({ desired, undecided, flagPrefix }: GuardInput): Guard[] {
  const names = undecided.map(({ name }) => name);
  // Without it, import also adds the webhooks of the other accounts.
  const account = flagPrefix === '' ? '' : ` --account ${desired.accountId}`;
  return guard(
    'unlisted-undecided',
    names,
    `The account has webhooks that are not in the file: ${quoted(names)}. ` +
      `List them under "ignore", or set "unlisted: keep" or "unlisted: delete". ` +
      `To add them to the file, run: hookwright import${fileFlag(desired.file)}${account}`,
  );
}

function ambiguousNames({ matches, unclear }: GuardInput): Guard[] {
  return [
    ...matches.flatMap(({ desired, ambiguous }) => {
      if (!ambiguous) return [];
      return guard('ambiguous-name', [desired.name], ambiguityText(desired, ambiguous.why, ambiguous.among));
    }),
    ...unclear.flatMap(({ desired, among }) =>
      guard(
        'ambiguous-name',
        [desired.name],
        `${JSON.stringify(desired.name)} was removed from the file, and ${among.length} live webhooks could be the one to delete: ${listOf(among, desired)}. ` +
          'List each by ID ("id:…"), under "absent" to delete it or under "ignore" to keep it.',
      ),
    ),
  ];
}

function listOf(among: readonly Live[], desired: DesiredWebhook): string {
  return among.map((live) => describe(live, desired)).join('; ');
}

function ambiguityText(desired: DesiredWebhook, why: Ambiguity, among: readonly Live[]): string {
  const name = JSON.stringify(desired.name);
  const list = listOf(among, desired);
  switch (why) {
    case 'several':
      return (
        `${among.length} live webhooks match ${name}, and neither their URLs nor the policies identify one: ${list}. ` +
        'List the others by ID ("id:…") under "absent" or "ignore", or add the "id" of the right one to the entry, which is then never replaced.'
      );
    case 'new-entry':
      return (
        `${name} is new in the file, but the account already has a webhook with this name and another URL: ${list}. ` +
        'To take it over, first deploy the entry with this URL, then change the URL; to leave it alone, list it by ID ("id:…") under "ignore", or under "absent" to delete it.'
      );
    case 'leftover':
      return (
        `An unfinished replacement of ${name} is live, and so is a webhook with this name that it does not replace: ${list}. ` +
        'A secret cannot be read, so hookwright cannot know which one works. Check which one receives alerts, and list the other by ID ("id:…") under "absent".'
      );
  }
}

/** Refuses changes to duplicates: they can only be kept, because a change would affect only one of them. */
function changedDuplicates({ changes }: GuardInput): Guard[] {
  return [...changes.keys()].flatMap(({ desired, live, duplicates }) => {
    if (!live || duplicates.length === 0) return [];
    const list = listOf([live, ...duplicates], desired);
    return guard(
      'ambiguous-name',
      [desired.name],
      `${duplicates.length + 1} live webhooks have the name and URL of ${JSON.stringify(desired.name)}, and this plan would change one of them: ${list}. ` +
        'List the others by ID ("id:…") under "absent" or "ignore", or add an "id" to the entry, which is then never replaced.',
    );
  });
}

function describe(live: Live, desired: DesiredWebhook): string {
  const { id, name, createdAt } = live;
  const called = name === desired.name ? '' : `${JSON.stringify(name)}, `;
  const url = shownUrl(live, isReference(desired.url));
  return `ID ${bareId(id)} (${called}${url}, created ${createdAt ?? 'at an unknown time'})`;
}

/**
 * Refuses to create a webhook without a secret if its service rejects alerts without one. `urlOf`: the URL of
 * an entry, if it is known here.
 */
export function secretsNeeded(
  actions: readonly ShownAction[],
  urlOf: (spec: Spec) => string | undefined = desiredUrl,
): Guard[] {
  const names = actions.flatMap((action) => {
    const creates = action.kind === 'create' || (action.kind === 'replace' && !action.survivor);
    if (!creates || action.after.secret !== undefined) return [];
    const url = urlOf(action.after);
    return url !== undefined && needsSecret(url) ? [action.name] : [];
  });
  return guard(
    'secret-needed',
    names,
    `No alert can arrive without a secret: ${quoted(names)}. ` +
      'Add secret: { env: NAME } to each entry (for Slack or Discord, the last part of the URL), or "secret: none" if that is intended.',
  );
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
        `${quoted([name])} is pinned to ID ${id}, but the account has no such webhook, or the file ignores it. ` +
          `Correct the "id", or remove it to match by name.`,
      );
    }),
    ...replaced.flatMap(({ name, id }) =>
      guard(
        'pinned',
        [name],
        `${quoted([name])} is pinned to ID ${id}, but this plan would replace it, which changes its ID. ` +
          'Undo the change, or remove the "id" to allow the replacement.',
      ),
    ),
  ];
}

/** Returns the replacements that delete an entry's own webhook, not only leftovers, which no one needs. */
function replacesOfLive(actions: readonly Action[], matches: readonly Match[]): Replace[] {
  const replaces = actions.filter((action) => action.kind === 'replace');
  if (replaces.length === 0) return [];
  const found = new Set(matches.flatMap(({ live }) => live ?? []));
  return replaces.filter(({ survivor, retire }) => !survivor || retire.some((webhook) => found.has(webhook)));
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
        'Undo the change, or remove "protect: true" in a separate commit to allow the replacement.',
    ),
    ...guard(
      'protected',
      removed.map(({ name }) => name),
      `Protected webhooks were removed from the file: ${quoted(removed.map(({ name }) => name))}. ` +
        `Restore them, or list them by name or ID ("id:…") under "absent" to delete them.`,
    ),
  ];
}

function inUse({ actions, allowDetach, flagPrefix }: GuardInput): Guard[] {
  return deletesOf(actions)
    .filter((action) => action.policies.length > 0 && !isNamedBy(allowDetach, action.before))
    .flatMap(({ name, policies }) => {
      const users = policies.map(
        (policy) => JSON.stringify(policy.name) + (policy.orphaned ? ' (its last recipient)' : ''),
      );
      const last = policies.flatMap(({ name: user, orphaned }) => (orphaned ? [user] : []));
      const remedy =
        last.length > 0
          ? `Give ${quoted(last)} another webhook under "policies", or another recipient in Cloudflare`
          : 'Take it out of these policies under "policies" or in Cloudflare';
      return guard(
        'in-use',
        [name],
        `${quoted([name])} is used by ${policies.length === 1 ? 'policy' : 'policies'} ${users.join(', ')}; ` +
          `deleting it would silently stop those alerts. ${remedy} first, or pass --allow-detach ${shellQuoted(flagPrefix + name)}.`,
      );
    });
}

/**
 * Refuses to delete more than min(10, max(3, 25% of live)) webhooks, or all of them. Leftovers do not count,
 * except that the account is not empty if one of them stays as an entry's webhook.
 */
function tooManyDeletes({ actions, matches, liveCount, allowDelete, flagPrefix }: GuardInput): Guard[] {
  const deletes = deletesOf(actions).filter(({ before }) => !isReservedName(before.name));
  const limit = Math.min(10, Math.max(3, liveCount / 4));
  const found = matches.some(({ live, leftovers }) => live !== undefined || leftovers.length > 0);
  const stays = found || actions.some(({ kind }) => kind === 'create');
  const empties = deletes.length > 0 && deletes.length === liveCount && !stays;
  if (deletes.length <= limit && !empties) return [];
  const unlisted = deletes.filter(({ because }) => because !== 'absent');
  const unnamed = unlisted.filter(({ before }) => !isNamedBy(allowDelete, before));
  const flags = [...new Set(unlisted.map(({ name }) => `--allow-delete ${shellQuoted(flagPrefix + name)}`))];
  return guard(
    'too-many-deletes',
    unnamed.map(({ name }) => name),
    `${empties ? 'The plan would delete every webhook in the account' : `The plan deletes ${deletes.length} of ${liveCount} webhooks`}. ` +
      `If this is intended, list each webhook under "absent", or pass ${flags.join(' ')}.`,
  );
}
