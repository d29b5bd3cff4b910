import {
  bare,
  baseName,
  cutName,
  isShared,
  leftoverOf,
  matchesPattern,
  needsSecret,
  sameUrl,
  usedBy,
  type Policy,
  type Webhook,
} from './forms.js';
import type { DesiredFile, Entry } from './script.js';

/** What a run knew when it planned. */
export type Known = {
  readonly file: DesiredFile;
  readonly previous?: DesiredFile;
  /** The list that it read. */
  readonly live: readonly Webhook[];
  readonly policies: readonly Policy[];
  /** Names passed with `--rotate` and `--replace`. */
  readonly renewed: ReadonlySet<string>;
  /** What a leftover replaces, by its ID, if its name does not say. */
  readonly replaces: ReadonlyMap<string, string>;
};

/** What the rules say about one entry. */
export type Found = {
  readonly entry: Entry;
  /** The entry's webhook. */
  readonly live?: Webhook;
  /** The entry's leftovers. */
  readonly leftovers: readonly Webhook[];
  /** Others with its name and URL. */
  readonly twins: readonly Webhook[];
  /** The webhooks that it could be, if that cannot be known. */
  readonly candidates: readonly Webhook[];
  /** Whether anything about it must change. */
  readonly changes: boolean;
};

export type Reading = {
  readonly found: readonly Found[];
  readonly absent: readonly Webhook[];
  /** Removed from the file since the previous state. */
  readonly removed: readonly Webhook[];
  readonly unlisted: readonly Webhook[];
  readonly ignored: readonly Webhook[];
  readonly routes: readonly RouteReading[];
  /** Guards that can refuse the plan. */
  readonly guards: ReadonlySet<string>;
};

/** What the rules say about a policy in the file. */
export type RouteReading = {
  readonly policy: Policy;
  /** The entries in its list. */
  readonly listed: readonly Found[];
  /** Live webhooks in its list, by their IDs. */
  readonly byId: readonly Webhook[];
  /** Webhooks that stay if the policy uses them. */
  readonly kept: readonly Webhook[];
  /** Webhooks that were removed from the file. */
  readonly leaving: readonly Webhook[];
};

/** Returns the webhooks that a policy can send to with its route. */
export function targetsOf({ listed, byId, kept, leaving }: Omit<RouteReading, 'policy'>): Webhook[] {
  const own = listed.flatMap(({ live, leftovers, candidates }) => [
    ...(live ? [live] : []),
    ...leftovers,
    ...candidates,
  ]);
  return [...own, ...byId, ...kept, ...leaving];
}

/**
 * The documented rules by which entries find their webhooks, implemented again as plainly as possible. Laws
 * use it to decide what may be changed; it never says what must happen.
 */
export function read(known: Known): Reading {
  const { file, previous, live } = known;
  const aside = setAside(file, live);
  const leftovers = aside.rest.filter(
    (webhook) => leftoverOf(webhook.name) !== undefined && !isPinned(file, webhook),
  );
  const candidates = aside.rest.filter((webhook) => !leftovers.includes(webhook));
  const taken = new Set<Webhook>();
  type Match = Pick<Found, 'live' | 'candidates'>;
  const matches = new Map<Entry, Match>();
  const take = (entry: Entry, webhook: Webhook): void => {
    taken.add(webhook);
    matches.set(entry, { live: webhook, candidates: [] });
  };
  const doubt = (entry: Entry, several: readonly Webhook[]): void => {
    several.forEach((webhook) => taken.add(webhook));
    matches.set(entry, { candidates: several });
  };
  const free = (name: string): Webhook[] =>
    candidates.filter((webhook) => webhook.name === name && !taken.has(webhook));

  for (const entry of file.entries) {
    const pinned = entry.pin === undefined ? undefined : aside.rest.find(({ id }) => bare(id) === entry.pin);
    if (pinned) take(entry, pinned);
    else if (entry.pin !== undefined) matches.set(entry, { candidates: [] });
  }
  for (const entry of file.entries.filter((each) => !matches.has(each))) {
    const named = free(entry.name);
    const same = named.filter(({ url }) => sameUrl(url, entry.url));
    const [only, ...others] = same.length > 0 ? same : named;
    if (!only) continue;
    const isNew = previous !== undefined && !previous.entries.some((before) => hasName(entry, before.name));
    if (isNew && same.length === 0) doubt(entry, named);
    else if (others.length === 0) take(entry, only);
    else if (same.length === 0) doubt(entry, named);
    else takeTwin(entry, same);
  }
  for (const entry of file.entries.filter((each) => !matches.has(each))) {
    const [name] = entry.previously.filter((each) => free(each).length > 0);
    const named = name === undefined ? [] : free(name);
    const [only, ...others] = named;
    if (only && others.length === 0) take(entry, only);
    else if (only) doubt(entry, named);
  }
  if (file.unlisted === 'delete') takeByUrl();

  /** Takes any duplicate if none of them has to change. Otherwise it is not known which one. */
  function takeTwin(entry: Entry, twins: readonly Webhook[]): void {
    const [first] = [...twins].sort((a, b) => rankOf(known, a) - rankOf(known, b));
    const isReplaced = leftovers.some((leftover) => {
      const replaced = replacedBy(known, leftover);
      return replaced === first && isLeftoverOf(file, entry, leftover.name);
    });
    const isRouted = file.routes?.some(({ webhooks }) => webhooks.includes(entry.name)) === true;
    if (first && !isReplaced && !isRouted && !changesOf(known, entry, first, [])) {
      take(entry, first);
      return;
    }
    doubt(entry, twins);
  }

  function takeByUrl(): void {
    const open = file.entries.filter((entry) => !matches.has(entry));
    // What an interrupted replacement left says more than a URL.
    const hasOrphan = (entry: Entry): boolean =>
      leftovers.some((each) => !replacedBy(known, each) && isLeftoverOf(file, entry, each.name));
    for (const entry of open.filter((each) => !hasOrphan(each))) {
      const left = candidates.filter(
        (webhook) =>
          !taken.has(webhook) && !file.absent.includes(webhook.name) && sameUrl(webhook.url, entry.url),
      );
      const rivals = open.filter((other) => sameUrl(other.url, entry.url));
      const [only] = left;
      if (!only || left.length > 1 || rivals.length > 1 || isShared(entry.url)) continue;
      const before = previous?.entries.find(({ name }) => name === only.name);
      const sameSecret = before?.secret === entry.secret && before.version === entry.version;
      if (typeof entry.secret !== 'number' || sameSecret) take(entry, only);
    }
  }

  const owned = new Set<Webhook>();
  const found = file.entries.map((entry): Found => {
    const match = matches.get(entry) ?? { candidates: [] };
    const mine = leftovers.filter(({ name }) => isLeftoverOf(file, entry, name));
    const isReplaced = (leftover: Webhook): Webhook | undefined => replacedBy(known, leftover);
    // A leftover of a leftover belongs to the same entry.
    const after = (first: readonly Webhook[]): readonly Webhook[] => {
      const next = mine.filter((leftover) => {
        const replaced = isReplaced(leftover);
        return replaced !== undefined && first.includes(replaced) && !first.includes(leftover);
      });
      return next.length === 0 ? first : after([...first, ...next]);
    };
    const ofFound = match.live ? after([match.live]).filter((webhook) => webhook !== match.live) : [];
    // If several entries match a truncated name, it belongs to none.
    const isAlone = ({ name }: Webhook): boolean =>
      file.entries.filter((each) => isLeftoverOf(file, each, name)).length === 1;
    const abandoned = after(
      mine.filter((leftover) => isReplaced(leftover) === undefined && isAlone(leftover)),
    );
    const fitting = abandoned.filter(({ url }) => sameUrl(url, entry.url));
    if (entry.pin !== undefined) return withChanges({ entry, ...match, leftovers: ofFound });
    if (match.candidates.length > 0)
      return withChanges({ entry, candidates: match.candidates, leftovers: [] });
    if (!match.live) return withChanges({ entry, leftovers: abandoned, candidates: [] });
    if (fitting.length > 0 && sameUrl(match.live.url, entry.url)) {
      return withChanges({ entry, leftovers: [], candidates: [match.live, ...fitting] });
    }
    // The webhook that was found is not the entry's: the leftover has the entry's URL, and what it replaces
    // no longer exists.
    if (fitting.length > 0 && ofFound.length === 0)
      return withChanges({ entry, leftovers: after(fitting), candidates: [] });
    return withChanges({ entry, ...match, leftovers: ofFound });
  });
  for (const each of found) {
    if (each.live) owned.add(each.live);
    for (const webhook of [...each.leftovers, ...each.candidates]) owned.add(webhook);
  }
  function withChanges(each: Omit<Found, 'changes' | 'twins'>): Found {
    const { entry, live: it, leftovers: mine } = each;
    const isTwin = (webhook: Webhook): boolean => webhook.name === it?.name && sameUrl(webhook.url, it.url);
    const twins = candidates.filter((webhook) => webhook !== it && isTwin(webhook));
    return { ...each, twins, changes: changesOf(known, entry, it, mine) };
  }

  const left = aside.rest.filter((webhook) => !owned.has(webhook));
  const isAbsent = (webhook: Webhook): boolean => {
    const { base = webhook.name, isShort = false } = leftoverOf(webhook.name) ?? {};
    if (file.absent.includes(base)) return true;
    const replaced = isShort ? replacedBy(known, webhook)?.name : undefined;
    return replaced !== undefined && file.absent.includes(replaced) && cutName(replaced) === base;
  };
  const absent = [...aside.absent, ...left.filter(isAbsent)];
  const unlisted = left.filter((webhook) => !absent.includes(webhook));
  const removed = unlisted.filter(({ name }) => hasLeft(known, name));
  const staying = file.unlisted === 'keep' ? unlisted : [];
  const routes = routesOf(known, found, {
    kept: [...aside.ignored, ...staying.filter((webhook) => !removed.includes(webhook))],
    leaving: staying.filter((webhook) => removed.includes(webhook)),
  });
  const reading = { found, absent, removed, unlisted, ignored: aside.ignored, routes };
  return { ...reading, guards: guardsOf(known, reading) };
}

/** A policy's list is complete, except for `kept`. Of policies with one name, the right one is not known. */
function routesOf(
  { file, live, policies }: Known,
  found: readonly Found[],
  others: Pick<RouteReading, 'kept' | 'leaving'>,
): RouteReading[] {
  return (file.routes ?? []).flatMap(({ policy: { id, name }, byId, webhooks, ids }) => {
    const [policy, ...alike] = policies.filter((each) => (byId ? each.id === id : each.name === name));
    if (!policy || alike.length > 0) return [];
    return [
      {
        policy,
        listed: found.filter(({ entry }) => webhooks.includes(entry.name)),
        byId: live.filter((webhook) => ids.includes(bare(webhook.id))),
        ...others,
      },
    ];
  });
}

/** Reports whether the policy would be left without any recipient. */
export function isSilenced({ policy, listed, byId, kept }: RouteReading): boolean {
  const used = usedBy(policy);
  const others = Object.entries(policy.mechanisms).some(
    ([kind, list]) => kind !== 'webhooks' && list.length > 0,
  );
  return !others && listed.length + byId.length === 0 && !kept.some(({ id }) => used.includes(bare(id)));
}

/** Reports whether this entry has or had this name. */
export function hasName({ name, previously }: Entry, other: string): boolean {
  return name === other || previously.includes(other);
}

/** The name in a short form may be truncated. */
function isLeftoverOf(file: DesiredFile, entry: Entry, name: string): boolean {
  const { base = name, isShort = false } = leftoverOf(name) ?? {};
  if (file.entries.some((each) => hasName(each, base))) return hasName(entry, base);
  return isShort && [entry.name, ...entry.previously].some((each) => cutName(each) === base);
}

function setAside(file: DesiredFile, live: readonly Webhook[]) {
  const ids = (list: readonly string[]): Set<string> =>
    new Set(list.flatMap((item) => (item.startsWith('id:') ? [bare(item.slice(3))] : [])));
  const [ignoredIds, absentIds] = [ids(file.ignore), ids(file.absent)];
  const given = new Set([
    ...file.absent,
    ...file.entries.flatMap(({ name, previously }) => [name, ...previously]),
  ]);
  const isIgnored = ({ id, name }: Webhook): boolean => {
    const base = baseName(name);
    const patterns = file.ignore.filter((item) => !item.startsWith('id:'));
    if (ignoredIds.has(bare(id)) || patterns.includes(base)) return true;
    const isGiven =
      given.has(base) || absentIds.has(bare(id)) || file.entries.some(({ pin }) => pin === bare(id));
    return !isGiven && patterns.some((pattern) => matchesPattern(pattern, base));
  };
  const ignored = live.filter(isIgnored);
  const absent = live.filter((webhook) => !ignored.includes(webhook) && absentIds.has(bare(webhook.id)));
  return {
    ignored,
    absent,
    rest: live.filter((webhook) => !ignored.includes(webhook) && !absent.includes(webhook)),
  };
}

function isPinned(file: DesiredFile, { id }: Webhook): boolean {
  return file.entries.some(({ pin }) => pin === bare(id));
}

/** Returns the live webhook that a leftover replaces. */
export function replacedBy(
  { live, replaces }: Pick<Known, 'live' | 'replaces'>,
  { id, name }: Webhook,
): Webhook | undefined {
  const digits = leftoverOf(name)?.replaces ?? replaces.get(bare(id));
  return digits === undefined ? undefined : live.find((webhook) => bare(webhook.id).startsWith(digits));
}

/** Ranks used webhooks first, then by age, then by ID. */
function rankOf({ policies, live }: Known, webhook: Webhook): number {
  const used = policies.some((policy) => usedBy(policy).includes(bare(webhook.id)));
  const byAge = [...live].sort(
    (a, b) => (a.created_at ?? '').localeCompare(b.created_at ?? '') || (bare(a.id) < bare(b.id) ? -1 : 1),
  );
  return byAge.indexOf(webhook) + (used ? 0 : live.length);
}

type Renewal = Pick<Known, 'previous' | 'renewed'>;

/** Reports whether the run must set the entry's secret again. */
export function isRotated(known: Renewal, entry: Entry): boolean {
  if (known.renewed.has(entry.name)) return true;
  const before = entryBefore(known, entry);
  if (!before) return false;
  const versionOf = ({ secret, version }: Entry): number | undefined =>
    typeof secret === 'number' ? version : undefined;
  const isRemoved = entry.secret === 'none' && typeof before.secret === 'number';
  const secret = isRemoved || (versionOf(entry) !== undefined && versionOf(before) !== versionOf(entry));
  return secret || (entry.urlByVariable && before.urlByVariable && before.urlVersion !== entry.urlVersion);
}

function entryBefore({ previous }: Renewal, entry: Entry): Entry | undefined {
  const isSame = (each: Entry): boolean => entry.pin !== undefined && each.pin === entry.pin;
  return previous?.entries.find((each) => isSame(each) || hasName(entry, each.name));
}

function changesOf(
  known: Known,
  entry: Entry,
  live: Webhook | undefined,
  leftovers: readonly Webhook[],
): boolean {
  if (leftovers.length > 0) return true;
  if (!live) return true;
  return live.name !== entry.name || !sameUrl(live.url, entry.url) || isRotated(known, entry);
}

function hasLeft({ file, previous }: Known, name: string): boolean {
  const base = baseName(name);
  if (!previous || file.entries.some((entry) => hasName(entry, base))) return false;
  return previous.entries.some((entry) => hasName(entry, base) || isLeftoverOf(previous, entry, name));
}

function guardsOf(known: Known, reading: Omit<Reading, 'guards'>): Set<string> {
  const { file, previous, live, policies } = known;
  const { found, absent, removed, unlisted, routes } = reading;
  const guards = new Set<string>();
  const deletes = [...absent, ...(file.unlisted === 'delete' ? unlisted : removed)];
  // A webhook is not in use if the policy is routed away from it.
  const routed = new Set(reading.routes.map(({ policy }) => policy));
  const used = new Set(policies.filter((policy) => !routed.has(policy)).flatMap(usedBy));
  const isNormal = ({ name }: Webhook): boolean => leftoverOf(name) === undefined;
  const count = live.filter(isNormal).length - reading.ignored.filter(isNormal).length;
  const isAbandoned = live.some(
    (webhook) => leftoverOf(webhook.name) !== undefined && !replacedBy(known, webhook),
  );
  if (isAbandoned || found.some(({ candidates }) => candidates.length > 0)) guards.add('ambiguous-name');
  if (found.some(({ entry, live: it, changes }) => entry.pin !== undefined && (!it || changes)))
    guards.add('pinned');
  if (found.some(({ entry, changes }) => entry.protect && changes)) guards.add('protected');
  if (previous?.entries.some(({ protect }) => protect)) guards.add('protected');
  if (deletes.some(({ id }) => used.has(bare(id)))) guards.add('in-use');
  if (deletes.length > Math.min(10, Math.max(3, count / 4)) || deletes.filter(isNormal).length >= count)
    guards.add('too-many-deletes');
  if (
    found.some(({ entry, changes }) => changes && needsSecret(entry.url) && typeof entry.secret !== 'number')
  ) {
    guards.add('secret-needed');
  }
  if (routes.length < (file.routes?.length ?? 0)) guards.add('ambiguous-name');
  // Which of several was the entry's is not known any more.
  if (removed.some((one) => removed.some((other) => one !== other && one.name === other.name)))
    guards.add('ambiguous-name');
  // Which duplicate belongs to the entry depends on what policies use, which a route may change.
  if (routes.length > 0 && found.some(({ twins }) => twins.length > 0)) guards.add('ambiguous-name');
  if (routes.some(isSilenced)) guards.add('policy-silenced');
  const changing = found.filter(({ changes }) => changes).flatMap((each) => [each.live, ...each.leftovers]);
  const named = routes.flatMap(({ byId }) => byId);
  const isGone = (id: string): boolean => !live.some((webhook) => bare(webhook.id) === id);
  if (file.routes?.some(({ ids }) => ids.some(isGone)) || named.some((webhook) => changing.includes(webhook)))
    guards.add('pinned');
  if (named.some((webhook) => deletes.includes(webhook))) guards.add('in-use');
  return guards;
}
