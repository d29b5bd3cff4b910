import equal from 'fast-deep-equal';
import type { DesiredAccount, DesiredWebhook } from './desired.js';
import { bareId } from './ids.js';
import { baseNameIndex, idDigits, isReplacementOf, parseLeftover } from './leftovers.js';
import type { Live, Policy } from './live.js';
import { compareAge, groupBy, oldest } from './order.js';
import { lastDeployed } from './rotation.js';
import { ignoring } from './selection.js';
import { desiredUrl, comparableUrl, identifies, matchesLiveUrl } from './urls.js';

/** Why it is not known which live webhook an entry means. */
export type Ambiguity =
  /** Several live webhooks have its name, or an earlier one. */
  | 'several'
  /** The entry is new in the file, and the webhook with its name has another URL. */
  | 'new-entry'
  /** An unfinished replacement is live, and so is a webhook with the entry's name that it does not replace. */
  | 'leftover';

/** A desired webhook and what was found for it. */
export type Match = {
  readonly desired: DesiredWebhook;
  /** The live webhook that the entry means; absent: there is none, or it is not known which. */
  readonly live?: Live;
  /** Other live webhooks with the same name and URL; oldest first. */
  readonly twins: readonly Live[];
  /** Webhooks that unfinished replacements of this one made; oldest first. */
  readonly leftovers: readonly Live[];
  /** Live webhooks that it could mean. They are left alone. */
  readonly ambiguous?: { readonly among: readonly Live[]; readonly why: Ambiguity };
  /** The file pins an id that is not live. */
  readonly pinMissing?: boolean;
};

export type Matching = {
  readonly matches: readonly Match[];
  /** Live webhooks that must not exist. */
  readonly absent: readonly Live[];
  /** Live webhooks that the file does not name. */
  readonly unlisted: readonly Live[];
  readonly ignored: readonly Live[];
  /** The choice between twins depends on policies, which were not given. */
  readonly wantsPolicies: boolean;
};

export type MatchContext = {
  readonly policies?: readonly Policy[] | undefined;
  /** What was last deployed, if that is known. */
  readonly previous?: DesiredAccount | undefined;
};

/**
 * Finds for each desired webhook the live one that it means, by the first rule that holds: pinned id; same name; a
 * previous name; same URL, if only one is left on both sides. What an unfinished replacement left is found afterwards,
 * by the id in its name. Nothing is guessed: where several fit, the entry is `ambiguous`.
 */
export function match(desired: DesiredAccount, live: readonly Live[], context: MatchContext = {}): Matching {
  return new Matcher(desired, live, context).run();
}

/** The part of a match that is found before leftovers are looked at. */
type Found = Pick<Match, 'live' | 'ambiguous'> & { readonly twins?: readonly Live[] };

class Matcher {
  readonly #desired: DesiredAccount;
  readonly #context: MatchContext;
  readonly #ignored: readonly Live[];
  readonly #absentById: readonly Live[];
  readonly #candidates: readonly Live[];
  readonly #leftovers: readonly Live[];
  readonly #byName: ReadonlyMap<string, readonly Live[]>;
  readonly #byId: ReadonlyMap<string, Live>;
  /** By the first digits of the id that they replace. */
  readonly #leftoversByReplaced: ReadonlyMap<string | undefined, readonly Live[]>;
  /** Leftovers, by entry, whose replaced webhook is gone. */
  readonly #orphans: ReadonlyMap<DesiredWebhook, readonly Live[]>;
  readonly #found = new Map<DesiredWebhook, Found>();
  readonly #taken = new Set<Live>();
  readonly #isNew: (desired: DesiredWebhook) => boolean;
  #wantsPolicies = false;

  constructor(desired: DesiredAccount, live: readonly Live[], context: MatchContext) {
    this.#desired = desired;
    this.#context = context;
    const isIgnored = ignoring(desired);
    const absentIds = idsIn(desired.absent);
    const mine = live.filter((webhook) => !isIgnored(webhook));
    this.#ignored = live.filter(isIgnored);
    this.#absentById = mine.filter(({ id }) => absentIds.has(bareId(id)));
    const open = mine.filter((webhook) => !absentIds.has(bareId(webhook.id)));
    this.#candidates = open.filter(({ name }) => parseLeftover(name) === undefined);
    this.#leftovers = open.filter(({ name }) => parseLeftover(name) !== undefined).sort(compareAge);
    this.#byName = groupBy(this.#candidates, ({ name }) => name);
    this.#byId = new Map(open.map((webhook) => [bareId(webhook.id), webhook]));
    this.#leftoversByReplaced = groupBy(this.#leftovers, replacedBy);
    this.#orphans = this.#orphansOf(live);
    const last = lastDeployed(context.previous);
    this.#isNew = (webhook) => context.previous !== undefined && last(webhook) === undefined;
  }

  run(): Matching {
    const open = this.#desired.webhooks.filter((webhook) => !this.#byPin(webhook));
    const unnamed = open.filter((webhook) => !this.#byNames(webhook, [webhook.name]));
    const fresh = unnamed.filter((webhook) => !this.#byNames(webhook, webhook.previously));
    this.#byUrl(fresh);
    const matches = this.#desired.webhooks.map((webhook) => this.#withLeftovers(webhook));

    const absentNames = new Set(this.#desired.absent);
    const baseOf = baseNameIndex(absentNames);
    const left = [...this.#candidates, ...this.#leftovers].filter((webhook) => !this.#taken.has(webhook));
    const isAbsent = ({ name }: Live): boolean => absentNames.has(baseOf(name));
    return {
      matches,
      absent: [...this.#absentById, ...left.filter(isAbsent)],
      unlisted: left.filter((webhook) => !isAbsent(webhook)),
      ignored: this.#ignored,
      wantsPolicies: this.#wantsPolicies,
    };
  }

  #byPin(desired: DesiredWebhook): boolean {
    if (desired.id === undefined) return false;
    const live = this.#byId.get(bareId(desired.id));
    if (live) this.#take(desired, { live });
    return true;
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

  /** Of several with one name: the one with the same URL; of twins the one that policies use, else the oldest. */
  #choose(desired: DesiredWebhook, candidates: readonly [Live, ...Live[]]): Found {
    const [first, ...others] = candidates;
    const url = desiredUrl(desired);
    if (others.length === 0) {
      const isOther = url !== undefined && !matchesLiveUrl(url, first);
      return isOther && this.#isNew(desired) ? ambiguous(candidates, 'new-entry') : { live: first };
    }
    // Without the URL of the entry, webhooks that are alike are still twins.
    const isAlike = (webhook: Live): boolean =>
      url === undefined
        ? webhook.url === first.url && webhook.type === first.type
        : matchesLiveUrl(url, webhook);
    const [alike, ...twins] = candidates.filter(isAlike);
    if (!alike || (url === undefined && twins.length < others.length))
      return ambiguous(candidates, 'several');
    if (twins.length === 0) return { live: alike };
    if (!this.#context.policies) this.#wantsPolicies = true;
    const used = new Set(this.#context.policies?.flatMap(({ webhookIds }) => webhookIds.map(bareId)));
    const [firstUsed, ...othersUsed] = [alike, ...twins].filter(({ id }) => used.has(bareId(id)));
    const live = firstUsed ? oldest([firstUsed, ...othersUsed]) : oldest([alike, ...twins]);
    return { live, twins: [alike, ...twins].filter((webhook) => webhook !== live).sort(compareAge) };
  }

  /**
   * A rename by hand: the only one left on each side that has this URL. Of a chat service what is kept of it tells which
   * webhook it is, or it is no sign of a rename. An entry with an orphaned leftover was not renamed by hand.
   */
  #byUrl(fresh: readonly DesiredWebhook[]): void {
    if (this.#desired.unlisted !== 'delete' || fresh.length === 0) return;
    const absentNames = new Set(this.#desired.absent);
    const left = this.#candidates.filter(
      (live) => !this.#taken.has(live) && !absentNames.has(live.name) && identifies(live.url, live.type),
    );
    const lives = groupBy(left, ({ url }) => comparableUrl(url));
    const wanted = groupBy(
      fresh.flatMap((desired) => {
        const url = desiredUrl(desired);
        return url !== undefined && !this.#orphans.has(desired) ? [{ desired, url: comparableUrl(url) }] : [];
      }),
      ({ url }) => url,
    );
    for (const [url, [entry, ...moreEntries]] of wanted) {
      const [live, ...moreLive] = lives.get(url) ?? [];
      if (!entry || !live || moreEntries.length + moreLive.length > 0) continue;
      if (this.#keepsSecret(entry.desired, live)) this.#take(entry.desired, { live });
    }
  }

  /** A short name can be that of several entries: without the webhook that it replaces it belongs to none. */
  #orphansOf(live: readonly Live[]): Map<DesiredWebhook, readonly Live[]> {
    const liveDigits = new Set<string | undefined>(live.map(({ id }) => idDigits(id)));
    const orphans = this.#leftovers.filter((webhook) => !liveDigits.has(replacedBy(webhook)));
    const pairs = orphans.flatMap((webhook) => {
      const [entry, ...others] = this.#desired.webhooks.filter((desired) => isLeftoverOf(desired, webhook));
      return entry && others.length === 0 ? [{ entry, webhook }] : [];
    });
    return new Map(
      [...groupBy(pairs, ({ entry }) => entry)].map(([entry, mine]) => [
        entry,
        mine.map(({ webhook }) => webhook),
      ]),
    );
  }

  /** A rename keeps the secret that is live: right only if none is declared, or the one that was declared for it. */
  #keepsSecret({ secret }: DesiredWebhook, live: Live): boolean {
    if (secret === undefined || secret.kind === 'none') return true;
    const before = this.#context.previous?.webhooks.filter(({ name }) => name === live.name) ?? [];
    return before.length === 1 && equal(before[0]?.secret, secret);
  }

  #take(desired: DesiredWebhook, found: Found): void {
    this.#found.set(desired, found);
    for (const webhook of [...(found.live ? [found.live] : []), ...(found.ambiguous?.among ?? [])]) {
      this.#taken.add(webhook);
    }
  }

  /**
   * Adds what unfinished replacements left. A leftover is the entry's if it says that it replaces the webhook that the
   * entry found; or if that webhook is gone, and the entry found nothing, or only a webhook with another URL while the
   * leftover has the entry's URL. If none of the two can be told to be the entry's, neither is touched.
   */
  #withLeftovers(desired: DesiredWebhook): Match {
    const { live, ambiguous: unclear, twins = [] } = this.#found.get(desired) ?? {};
    const pinMissing = desired.id !== undefined && !live && { pinMissing: true };
    const gone = (this.#orphans.get(desired) ?? []).filter((webhook) => !this.#taken.has(webhook));
    if (unclear || pinMissing) {
      this.#chain(desired, [...(unclear?.among ?? []), ...gone]);
      return { desired, twins, leftovers: [], ...(unclear && { ambiguous: unclear }), ...pinMissing };
    }
    if (gone.length === 0 || desired.id !== undefined) return this.#matched(desired, live, twins);
    if (live) {
      const url = desiredUrl(desired);
      const isOther = url !== undefined && !matchesLiveUrl(url, live);
      const isReplaced = this.#replacing(desired, live).length > 0;
      if (isReplaced || !isOther || !gone.every((webhook) => matchesLiveUrl(url, webhook))) {
        this.#chain(desired, [live, ...gone]);
        return { desired, twins, leftovers: [], ...ambiguous([live, ...gone], 'leftover') };
      }
      // The webhook that has the name is someone else's.
      for (const webhook of [live, ...twins]) this.#taken.delete(webhook);
    }
    const [only, ...others] = gone;
    return others.length === 0
      ? this.#matched(desired, only, [])
      : this.#matched(desired, undefined, [], gone);
  }

  #matched(
    desired: DesiredWebhook,
    live: Live | undefined,
    twins: readonly Live[],
    known: readonly Live[] = [],
  ): Match {
    const leftovers = this.#chain(desired, [...(live ? [live] : []), ...known])
      .filter((webhook) => webhook !== live)
      .sort(compareAge);
    return { desired, ...(live && { live }), twins, leftovers };
  }

  /** Takes these webhooks, the entry's leftovers that replace one of them, what replaces those, and so on. */
  #chain(desired: DesiredWebhook, start: readonly Live[]): Live[] {
    const chain = new Set(start);
    // What is added to a set while it is iterated comes up as well.
    for (const replaced of chain) {
      for (const webhook of this.#replacing(desired, replaced)) chain.add(webhook);
    }
    for (const webhook of chain) this.#taken.add(webhook);
    return [...chain];
  }

  /** The entry's leftovers that say that they replace this webhook. */
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

function idsIn(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.filter((name) => name.startsWith('id:')).map((name) => bareId(name.slice(3))));
}

function isLeftoverOf({ name, previously }: DesiredWebhook, webhook: Live): boolean {
  return [name, ...previously].some((known) => isReplacementOf(known, webhook.name));
}

/** Finds the live webhooks of entries that were in the file when it was last deployed and no longer are. */
export function removedSince(
  previous: DesiredAccount | undefined,
  desired: DesiredAccount,
  now: Pick<Matching, 'matches' | 'unlisted'>,
  policies: readonly Policy[] | undefined,
): Set<Live> {
  if (!previous) return new Set();
  const still = new Set(desired.webhooks.flatMap(({ name, previously }) => [name, ...previously]));
  const stillPinned = new Set(desired.webhooks.flatMap(({ id }) => id ?? []));
  const gone = previous.webhooks.filter(({ name, id }) =>
    id === undefined ? !still.has(name) : !stillPinned.has(id),
  );
  return findPreviousLive({ ...previous, webhooks: gone }, now, policies);
}

/** Finds what was protected when last deployed, by name and by its live webhook, unless its deletion was reviewed. */
export function protectedBefore(
  previous: DesiredAccount | undefined,
  desired: DesiredAccount,
  now: Pick<Matching, 'matches' | 'unlisted'>,
  policies: readonly Policy[] | undefined,
): { readonly wasProtected: ReadonlySet<string>; readonly protectedLive: ReadonlySet<Live> } {
  if (!previous) return { wasProtected: new Set(), protectedLive: new Set() };
  // An entry that is still in the file, under this name or as an earlier one, was not removed.
  const known = new Set([
    ...desired.absent,
    ...desired.webhooks.flatMap(({ name, previously }) => [name, ...previously]),
  ]);
  const webhooks = previous.webhooks.filter(({ protect, name }) => protect && !known.has(name));
  return {
    wasProtected: new Set(webhooks.map(({ name }) => name)),
    protectedLive: findPreviousLive({ ...previous, webhooks }, now, policies),
  };
}

/** Finds the unlisted webhooks of these entries, what interrupted replacements left of them included. */
function findPreviousLive(
  previous: DesiredAccount,
  now: Pick<Matching, 'matches' | 'unlisted'>,
  policies: readonly Policy[] | undefined,
): Set<Live> {
  // Beside what the file still has, so that none of it is looked for again in what only looks like it.
  const had = now.matches.flatMap(({ live, leftovers, ambiguous: unclear }) => [
    ...(live ? [live] : []),
    ...leftovers,
    ...(unclear?.among ?? []),
  ]);
  const known = [...had, ...now.unlisted];
  const { matches } = match({ ...previous, unlisted: 'keep', ignore: [], absent: [] }, known, { policies });
  const found = matches.flatMap(({ live, leftovers }) => [...(live ? [live] : []), ...leftovers]);
  const unlisted = new Set(now.unlisted);
  return new Set(found.filter((webhook) => unlisted.has(webhook)));
}
