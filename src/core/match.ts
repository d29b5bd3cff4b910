import type { DesiredAccount, DesiredWebhook } from './desired.js';
import { bareId, idsIn } from './ids.js';
import {
  baseNameIndex,
  idDigits,
  isReplacementOf,
  isReservedName,
  type Leftover,
  parseLeftover,
} from './leftovers.js';
import type { Live, Policy } from './live.js';
import { compareAge, groupBy, grouped, oldest } from './order.js';
import { isSameSecret, lastDeployed } from './rotation.js';
import { givenNames, ignoring, namesOfEntry } from './selection.js';
import { desiredUrl, comparableUrl, identifies, matchesLiveUrl } from './urls.js';

/** Why it is not known which live webhook an entry refers to. */
export type Ambiguity =
  /** Several live webhooks have its name or a previous name, and neither the URL nor an ID selects one. */
  | 'several'
  /** The entry is new in the file, and the webhook with its name has another URL. */
  | 'new-entry'
  /** An unfinished replacement is live, and so is a webhook with this name that it does not replace. */
  | 'leftover';

/** A desired webhook and the live webhooks that were found for it. */
export type Match = {
  readonly desired: DesiredWebhook;
  /** The entry's live webhook. Absent: it does not exist, or it is not known which one it is. */
  readonly live?: Live;
  /** Other live webhooks with the same name and URL; oldest first. */
  readonly duplicates: readonly Live[];
  /** Webhooks that unfinished replacements of this one created; oldest first. */
  readonly leftovers: readonly Live[];
  /** Live webhooks that the entry could refer to. They are not changed. */
  readonly ambiguous?: { readonly among: readonly Live[]; readonly why: Ambiguity };
  /** Whether the file pins an ID that is not live. */
  readonly pinMissing?: boolean;
};

export type Matching = {
  readonly matches: readonly Match[];
  /** Live webhooks that must not exist. */
  readonly absent: readonly Live[];
  /** Live webhooks that are not in the file. */
  readonly unlisted: readonly Live[];
  readonly ignored: readonly Live[];
  /** Whether policies are needed to choose between duplicates. */
  readonly wantsPolicies: boolean;
};

export type MatchContext = {
  readonly policies?: readonly Policy[] | undefined;
  /** The previous state, if known. */
  readonly previous?: DesiredAccount | undefined;
  /** Other live webhooks, which match no entry: the leftover of one of them is not abandoned. */
  readonly others?: readonly Live[];
};

/**
 * Finds the live webhook of each entry by the first rule that applies: pinned ID; same name; a previous name;
 * same URL, if only one entry and one webhook with it are left. Then finds leftovers of unfinished
 * replacements by the ID in their names. Never guesses: if several webhooks match, the entry is `ambiguous`.
 */
export function match(desired: DesiredAccount, live: readonly Live[], context: MatchContext = {}): Matching {
  return new Matcher(desired, live, context).run();
}

/** The part of a match that is found before leftovers are considered. */
type Found = Pick<Match, 'live' | 'ambiguous'> & { readonly duplicates?: readonly Live[] };

class Matcher {
  readonly #desired: DesiredAccount;
  readonly #live: readonly Live[];
  readonly #context: MatchContext;
  readonly #ignored: Live[] = [];
  readonly #absentById: Live[] = [];
  readonly #candidates: Live[] = [];
  readonly #leftovers: Live[] = [];
  readonly #byName: ReadonlyMap<string, readonly Live[]>;
  /** By the first digits of the ID that they replace. */
  readonly #leftoversByReplaced: ReadonlyMap<string | undefined, readonly Live[]>;
  /** By entry: leftovers whose replaced webhook no longer exists. */
  readonly #abandoned: ReadonlyMap<DesiredWebhook, readonly Live[]>;
  readonly #found = new Map<DesiredWebhook, Found>();
  readonly #taken = new Set<Live>();
  readonly #isNew: (desired: DesiredWebhook) => boolean;
  #wantsPolicies = false;

  constructor(desired: DesiredAccount, live: readonly Live[], context: MatchContext) {
    this.#desired = desired;
    this.#live = live;
    this.#context = context;
    const isIgnored = ignoring(desired);
    const absentIds = idsIn(desired.absent);
    for (const webhook of live) {
      if (isIgnored(webhook)) this.#ignored.push(webhook);
      else if (absentIds.size > 0 && absentIds.has(bareId(webhook.id))) this.#absentById.push(webhook);
      else if (isReservedName(webhook.name)) this.#leftovers.push(webhook);
      else this.#candidates.push(webhook);
    }
    this.#byName = groupBy(this.#candidates, ({ name }) => name);
    this.#leftoversByReplaced = groupBy(this.#leftovers, replacedBy);
    this.#abandoned = this.#findAbandoned([...live, ...(context.others ?? [])]);
    const last = lastDeployed(context.previous);
    this.#isNew = (webhook) => context.previous !== undefined && last(webhook) === undefined;
  }

  run(): Matching {
    const unpinned = this.#byPins();
    const unnamed = unpinned.filter((webhook) => !this.#byNames(webhook, [webhook.name]));
    const fresh = unnamed.filter((webhook) => !this.#byNames(webhook, webhook.previously));
    this.#byUrl(fresh);
    const matches = this.#desired.webhooks.map((webhook) => this.#withLeftovers(webhook));

    const absentNames = new Set(this.#desired.absent);
    const baseOf = baseNameIndex(givenNames(this.#desired));
    const left = [...this.#candidates, ...this.#leftovers].filter((webhook) => !this.#taken.has(webhook));
    const isAbsent = ({ name }: Live): boolean => {
      const base = baseOf(name);
      if (!absentNames.has(base)) return false;
      const leftover = parseLeftover(name);
      // A truncated name can stand for several. Only the webhook that the leftover replaces shows which.
      return !leftover || [name, leftover.name, this.#nameOfReplaced(leftover)].includes(base);
    };
    return {
      matches,
      absent: [...this.#absentById, ...left.filter(isAbsent)],
      unlisted: left.filter((webhook) => !isAbsent(webhook)),
      ignored: this.#ignored,
      wantsPolicies: this.#wantsPolicies,
    };
  }

  #nameOfReplaced({ replaces }: Leftover): string | undefined {
    return this.#live.find(({ id }) => idDigits(id) === replaces)?.name;
  }

  /** Takes the webhooks of pinned entries. Returns the other entries. */
  #byPins(): readonly DesiredWebhook[] {
    let byId: Map<string, Live> | undefined;
    return this.#desired.webhooks.filter((webhook) => {
      if (webhook.id === undefined) return true;
      byId ??= new Map([...this.#candidates, ...this.#leftovers].map((each) => [bareId(each.id), each]));
      const live = byId.get(bareId(webhook.id));
      if (live) this.#take(webhook, { live });
      return false;
    });
  }

  #byNames(desired: DesiredWebhook, names: readonly string[]): boolean {
    for (const name of names) {
      const candidates = (this.#byName.get(name) ?? []).filter((webhook) => !this.#taken.has(webhook));
      const [first] = candidates;
      if (!first) continue;
      const isRename = name !== desired.name;
      this.#take(
        desired,
        isRename ? onlyOne(candidates) : this.#choose(desired, [first, ...candidates.slice(1)]),
      );
      return true;
    }
    return false;
  }

  /** Chooses the webhook with the entry's URL; of duplicates, the one that policies use, else the oldest. */
  #choose(desired: DesiredWebhook, candidates: readonly [Live, ...Live[]]): Found {
    const [first, ...others] = candidates;
    const url = desiredUrl(desired);
    if (others.length === 0) {
      const isOther = (): boolean => url !== undefined && !matchesLiveUrl(url, first);
      return this.#isNew(desired) && isOther() ? ambiguous(candidates, 'new-entry') : { live: first };
    }
    // If the entry's URL is not known, webhooks that look the same are duplicates.
    const isAlike = (webhook: Live): boolean =>
      url === undefined
        ? webhook.url === first.url && webhook.type === first.type
        : matchesLiveUrl(url, webhook);
    const [alike, ...duplicates] = candidates.filter(isAlike);
    if (!alike || (url === undefined && duplicates.length < others.length))
      return ambiguous(candidates, 'several');
    if (duplicates.length === 0) return { live: alike };
    this.#wantsPolicies = true;
    const used = new Set(this.#context.policies?.flatMap(({ webhookIds }) => webhookIds.map(bareId)));
    const [firstUsed, ...othersUsed] = [alike, ...duplicates].filter(({ id }) => used.has(bareId(id)));
    const live = firstUsed ? oldest([firstUsed, ...othersUsed]) : oldest([alike, ...duplicates]);
    return {
      live,
      duplicates: [alike, ...duplicates].filter((webhook) => webhook !== live).sort(compareAge),
    };
  }

  /**
   * Detects a manual rename: exactly one entry and one webhook with this URL are left. Skips URLs that
   * several webhooks of a chat service can share, and entries with an abandoned leftover that no other entry pins.
   */
  #byUrl(fresh: readonly DesiredWebhook[]): void {
    if (this.#desired.unlisted !== 'delete' || fresh.length === 0) return;
    const absentNames = new Set(this.#desired.absent);
    const left = this.#candidates.filter(
      (live) => !this.#taken.has(live) && !absentNames.has(live.name) && identifies(live.url, live.type),
    );
    const lives = groupBy(left, ({ url }) => comparableUrl(url));
    const wanted = fresh.flatMap((desired) => {
      const url = desiredUrl(desired);
      const isContinued = this.#abandoned.get(desired)?.some((webhook) => !this.#taken.has(webhook));
      return url !== undefined && !isContinued ? [[comparableUrl(url), desired] as const] : [];
    });
    for (const [url, [entry, ...moreEntries]] of grouped(wanted)) {
      const [live, ...moreLive] = lives.get(url) ?? [];
      if (!live || moreEntries.length + moreLive.length > 0) continue;
      if (this.#keepsSecret(entry, live)) this.#take(entry, { live });
    }
  }

  /**
   * Maps entries to their abandoned leftovers: those whose replaced webhook is gone. Skips one whose short name
   * matches several entries. A webhook whose ID is under `absent` is as good as gone: the entry cannot find it.
   */
  #findAbandoned(live: readonly Live[]): Map<DesiredWebhook, readonly Live[]> {
    if (this.#leftovers.length === 0) return new Map();
    const absent = new Set(this.#absentById);
    const staying = live.filter((webhook) => !absent.has(webhook));
    const liveDigits = new Set<string | undefined>(staying.map(({ id }) => idDigits(id)));
    const abandoned = this.#leftovers.filter((webhook) => !liveDigits.has(replacedBy(webhook)));
    const pairs = abandoned.flatMap((webhook) => {
      const [entry, ...others] = this.#desired.webhooks.filter((desired) => isLeftoverOf(desired, webhook));
      return entry && others.length === 0 ? [[entry, webhook] as const] : [];
    });
    return grouped(pairs);
  }

  /** A rename keeps the live secret, which is right only if the same one, or none, was declared before. */
  #keepsSecret({ secret }: DesiredWebhook, live: Live): boolean {
    if (secret === undefined || secret.kind === 'none') return true;
    const [only, ...others] = this.#context.previous?.webhooks.filter(({ name }) => name === live.name) ?? [];
    return only !== undefined && others.length === 0 && isSameSecret(only.secret, secret);
  }

  #take(desired: DesiredWebhook, found: Found): void {
    this.#found.set(desired, found);
    for (const webhook of [...(found.live ? [found.live] : []), ...(found.ambiguous?.among ?? [])]) {
      this.#taken.add(webhook);
    }
  }

  /**
   * Adds the leftovers of unfinished replacements. A leftover belongs to the entry if it replaces the webhook
   * that was found for the entry. If the replaced webhook no longer exists, the leftover belongs to the entry
   * if nothing was found, or only a webhook with a different URL while the leftover has the entry's URL. If
   * that does not decide between the two, neither is changed.
   */
  #withLeftovers(desired: DesiredWebhook): Match {
    const { live, ambiguous: unclear, duplicates = [] } = this.#found.get(desired) ?? {};
    const pinMissing = desired.id !== undefined && !live && { pinMissing: true };
    const gone = (this.#abandoned.get(desired) ?? []).filter((webhook) => !this.#taken.has(webhook));
    if (unclear || pinMissing) {
      this.#chain(desired, [...(unclear?.among ?? []), ...gone]);
      return { desired, duplicates, leftovers: [], ...(unclear && { ambiguous: unclear }), ...pinMissing };
    }
    if (gone.length === 0 || desired.id !== undefined) return this.#matched(desired, live, duplicates);
    if (live) {
      const url = desiredUrl(desired);
      const isOther = url !== undefined && !matchesLiveUrl(url, live);
      const isReplaced = this.#replacing(desired, live).length > 0;
      if (isReplaced || !isOther || !gone.every((webhook) => matchesLiveUrl(url, webhook))) {
        this.#chain(desired, [live, ...gone]);
        return { desired, duplicates, leftovers: [], ...ambiguous([live, ...gone], 'leftover') };
      }
      // The webhook with this name does not belong to the entry.
      for (const webhook of [live, ...duplicates]) this.#taken.delete(webhook);
    }
    const [only, ...others] = gone;
    return others.length === 0
      ? this.#matched(desired, only, [])
      : this.#matched(desired, undefined, [], gone);
  }

  #matched(
    desired: DesiredWebhook,
    live: Live | undefined,
    duplicates: readonly Live[],
    known: readonly Live[] = [],
  ): Match {
    if (this.#leftovers.length === 0) return { desired, ...(live && { live }), duplicates, leftovers: [] };
    const leftovers = this.#chain(desired, [...(live ? [live] : []), ...known])
      .filter((webhook) => webhook !== live)
      .sort(compareAge);
    return { desired, ...(live && { live }), duplicates, leftovers };
  }

  /** Takes these webhooks and the chain of the entry's leftovers that replace one of them or each other. */
  #chain(desired: DesiredWebhook, start: readonly Live[]): Live[] {
    const chain = new Set(start);
    // The loop also visits items that are added to the set during iteration.
    for (const replaced of chain) {
      for (const webhook of this.#replacing(desired, replaced)) chain.add(webhook);
    }
    for (const webhook of chain) this.#taken.add(webhook);
    return [...chain];
  }

  /** Returns the entry's leftovers that replace this webhook. */
  #replacing(desired: DesiredWebhook, { id }: Live): readonly Live[] {
    const leftovers = this.#leftoversByReplaced.get(idDigits(id)) ?? [];
    return leftovers.filter((webhook) => !this.#taken.has(webhook) && isLeftoverOf(desired, webhook));
  }
}

function replacedBy({ name }: Live): string | undefined {
  return parseLeftover(name)?.replaces;
}

function onlyOne(candidates: readonly Live[]): Found {
  const [first, ...others] = candidates;
  return first && others.length === 0 ? { live: first } : ambiguous(candidates, 'several');
}

function ambiguous(among: readonly Live[], why: Ambiguity): Required<Pick<Match, 'ambiguous'>> {
  return { ambiguous: { among: [...among].sort(compareAge), why } };
}

function isLeftoverOf(desired: DesiredWebhook, webhook: Live): boolean {
  return namesOfEntry(desired).some((known) => isReplacementOf(known, webhook.name));
}

/** Unlisted webhooks of entries of the previous state. */
export type FoundAgain = {
  readonly live: ReadonlySet<Live>;
  /** Entries that could have been several of the unlisted webhooks. None of them is in `live`. */
  readonly unclear: readonly { readonly desired: DesiredWebhook; readonly among: readonly Live[] }[];
};

export const NOTHING_FOUND: FoundAgain = { live: new Set(), unclear: [] };

/** Finds the live webhooks of entries that were removed from the file since the previous state. */
export function removedSince(
  previous: DesiredAccount | undefined,
  desired: DesiredAccount,
  now: Matching,
): FoundAgain {
  if (!previous) return NOTHING_FOUND;
  const still = new Set(desired.webhooks.flatMap(namesOfEntry));
  const stillPinned = new Set(desired.webhooks.flatMap(({ id }) => id ?? []));
  const wasPinned = new Set(previous.webhooks.flatMap(({ id }) => (id === undefined ? [] : bareId(id))));
  const wasNamed = new Set(previous.webhooks.map(({ name }) => name));
  // An entry can have been pinned and renamed at once. A webhook that still has its earlier name is then
  // another one.
  const pinnedSince = now.matches.flatMap(({ desired: { id, name }, live }) =>
    live?.name === name && id !== undefined && !wasPinned.has(bareId(id)) && !wasNamed.has(name) ? live : [],
  );
  const isPinned = (webhook: DesiredWebhook): boolean => {
    const url = desiredUrl(webhook);
    return url !== undefined && pinnedSince.some((live) => matchesLiveUrl(url, live));
  };
  const gone = previous.webhooks.filter((webhook) =>
    webhook.id === undefined ? !still.has(webhook.name) && !isPinned(webhook) : !stillPinned.has(webhook.id),
  );
  const pins = new Set(gone.flatMap(({ id }) => (id === undefined ? [] : [bareId(id)])));
  const baseOf = baseNameIndex(still);
  // A webhook under a name that the file still has, also as a previous one, was not removed with that entry.
  const isRemoved = ({ name, id }: Live): boolean => pins.has(bareId(id)) || !still.has(baseOf(name));
  return findPreviousLive({ ...previous, webhooks: gone }, desired, now, isRemoved);
}

/** Returns what was protected in the previous state, by name and live webhook, without reviewed deletions. */
export function protectedBefore(
  previous: DesiredAccount | undefined,
  desired: DesiredAccount,
  now: Matching,
): { readonly wasProtected: ReadonlySet<string>; readonly protectedLive: ReadonlySet<Live> } {
  if (!previous) return { wasProtected: new Set(), protectedLive: new Set() };
  // An entry that is still in the file, with this name or as a previous one, was not removed.
  const known = new Set(givenNames(desired));
  const stillPinned = new Set(desired.webhooks.flatMap(({ id }) => id ?? []));
  const isGone = ({ name, id }: DesiredWebhook): boolean =>
    !known.has(name) || (id !== undefined && !stillPinned.has(id) && !desired.absent.includes(name));
  const webhooks = previous.webhooks.filter((webhook) => webhook.protect && isGone(webhook));
  const { live, unclear } = findPreviousLive({ ...previous, webhooks }, desired, now);
  return {
    wasProtected: new Set(webhooks.flatMap(({ name }) => (known.has(name) ? [] : name))),
    protectedLive: new Set([...live, ...unclear.flatMap(({ among }) => among)]),
  };
}

/**
 * Returns the unlisted webhooks of these entries, including leftovers of interrupted replacements. `isOpen`: which
 * of them can belong to these entries.
 */
function findPreviousLive(
  previous: DesiredAccount,
  desired: DesiredAccount,
  now: Matching,
  isOpen: (webhook: Live) => boolean = () => true,
): FoundAgain {
  // Webhooks of the remaining entries are included, so that a removed entry matches its own webhook and no
  // similar one.
  const had = now.matches.flatMap(({ live, leftovers, ambiguous: unclear }) => [
    ...(live ? [live] : []),
    ...leftovers,
    ...(unclear?.among ?? []),
  ]);
  // A webhook whose ID is under `absent` is as good as gone.
  const goneIds = idsIn(desired.absent);
  const absent = now.absent.filter(({ id }) => !goneIds.has(bareId(id)));
  const [open, others] = [now.unlisted.filter(isOpen), now.unlisted.filter((webhook) => !isOpen(webhook))];
  const { matches } = match({ ...previous, unlisted: 'keep', ignore: [], absent: [] }, [...had, ...open], {
    others: [...others, ...now.ignored, ...absent],
  });
  const candidates = matches.map(({ desired: entry, live, duplicates, leftovers, ambiguous: unclear }) => ({
    desired: entry,
    among: unclear?.among ?? [...(live ? [live] : []), ...duplicates],
    leftovers,
  }));
  const isUnlisted = new Set(open);
  return {
    live: new Set(
      candidates
        .flatMap(({ among, leftovers }) => (among.length > 1 ? [] : [...among, ...leftovers]))
        .filter((webhook) => isUnlisted.has(webhook)),
    ),
    unclear: candidates
      .map(({ desired, among }) => ({ desired, among: among.filter((webhook) => isUnlisted.has(webhook)) }))
      .filter(({ among }) => among.length > 1),
  };
}
