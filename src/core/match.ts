import type { DesiredAccount, DesiredWebhook } from './desired.js';
import { bareId } from './ids.js';
import type { Live, Policy } from './live.js';
import { markedEntryIndex } from './leftovers.js';
import { compareAge, groupBy, oldest } from './order.js';
import { ignoring } from './selection.js';
import { identifies, normalUrl, sameUrl } from './urls.js';

/** A desired webhook and what was found for it. */
export type Match = {
  readonly desired: DesiredWebhook;
  /** The live webhook that it names; absent: there is none, or it cannot be told which. */
  readonly live?: Live;
  /** Webhooks that an interrupted replace of this one left under a marked name; oldest first. */
  readonly marked: readonly Live[];
  /** Several live webhooks that it may mean. They are left alone. */
  readonly ambiguous?: readonly Live[];
  /** The file pins an id that is not live. */
  readonly pinMissing?: boolean;
};

export type Matching = {
  readonly matches: readonly Match[];
  /** Live webhooks that the file wants gone by name. */
  readonly absent: readonly Live[];
  /** Live webhooks that the file does not name. */
  readonly unlisted: readonly Live[];
  readonly ignored: number;
  /** The choice between twins hangs on policies, which were not given. */
  readonly wantsPolicies: boolean;
};

/**
 * Finds for each desired webhook the live one that it is, by the first rule that holds:
 * pinned id; same name; a previous name; same url, if only one is left on both sides.
 */
export function match(
  desired: DesiredAccount,
  live: readonly Live[],
  policies?: readonly Policy[],
): Matching {
  return new Matcher(desired, live, policies).run();
}

class Matcher {
  readonly #desired: DesiredAccount;
  readonly #policies: readonly Policy[] | undefined;
  readonly #byName = new Map<string, Live[]>();
  readonly #marked = new Map<string, Live[]>();
  readonly #pinned = new Map<string, Live>();
  readonly #found = new Map<DesiredWebhook, Live>();
  readonly #ambiguous = new Map<DesiredWebhook, readonly Live[]>();
  readonly #taken = new Set<Live>();
  readonly #candidates: readonly Live[];
  readonly #ignored: number;
  #wantsPolicies = false;

  constructor(desired: DesiredAccount, live: readonly Live[], policies: readonly Policy[] | undefined) {
    this.#desired = desired;
    this.#policies = policies;
    const ignored = ignoring(desired);
    const mine = live.filter((webhook) => !ignored(webhook));
    this.#ignored = live.length - mine.length;
    this.#candidates = this.#setMarkedAside(mine);
    for (const webhook of this.#candidates) {
      const same = this.#byName.get(webhook.name);
      if (same) same.push(webhook);
      else this.#byName.set(webhook.name, [webhook]);
    }
  }

  run(): Matching {
    const open = this.#desired.webhooks.filter((webhook) => !this.#byPin(webhook));
    const unnamed = open.filter((webhook) => !this.#byNames(webhook, [webhook.name]));
    const fresh = unnamed.filter((webhook) => !this.#byNames(webhook, webhook.previously));
    this.#byUrl(fresh);

    const absentNames = new Set(this.#desired.absent);
    const left = this.#candidates.filter((webhook) => !this.#taken.has(webhook));
    return {
      matches: this.#desired.webhooks.map((webhook) => this.#matchOf(webhook)),
      absent: left.filter((webhook) => absentNames.has(webhook.name)),
      unlisted: left.filter((webhook) => !absentNames.has(webhook.name)),
      ignored: this.#ignored,
      wantsPolicies: this.#wantsPolicies,
    };
  }

  #matchOf(desired: DesiredWebhook): Match {
    const live = this.#found.get(desired);
    const ambiguous = this.#ambiguous.get(desired);
    const marked = this.#marked.get(desired.name) ?? [];
    const pinMissing = desired.id !== undefined && !live;
    return {
      desired,
      marked,
      ...(live && { live }),
      ...(ambiguous && { ambiguous }),
      ...(pinMissing && { pinMissing }),
    };
  }

  /**
   * Marked webhooks belong to the entry they were made for, if the file names exactly one such entry; those
   * of an earlier name as long as that is what the entry goes by.
   */
  #setMarkedAside(live: readonly Live[]): readonly Live[] {
    const { webhooks } = this.#desired;
    const pins = new Set(webhooks.flatMap(({ id }) => (id === undefined ? [] : [bareId(id)])));
    const declared = new Set(webhooks.flatMap(({ name, previously }) => [name, ...previously]));
    const named = new Set(live.map(({ name }) => name));
    const entryOf = markedEntryIndex(
      webhooks.map(({ name, previously }) => ({ name, previously: named.has(name) ? [] : previously })),
    );
    const rest: Live[] = [];
    for (const webhook of live) {
      const pinned = pins.size > 0 && pins.has(bareId(webhook.id));
      if (pinned) this.#pinned.set(bareId(webhook.id), webhook);
      const entry = pinned || declared.has(webhook.name) ? undefined : entryOf(webhook.name);
      if (entry === undefined) rest.push(webhook);
      else this.#marked.set(entry, [...(this.#marked.get(entry) ?? []), webhook].sort(compareAge));
    }
    return rest;
  }

  #byPin(desired: DesiredWebhook): boolean {
    if (desired.id === undefined) return false;
    const live = this.#pinned.get(bareId(desired.id));
    if (live) this.#take(desired, live);
    return true;
  }

  #byNames(desired: DesiredWebhook, names: readonly string[]): boolean {
    for (const name of names) {
      const candidates = (this.#byName.get(name) ?? []).filter((webhook) => !this.#taken.has(webhook));
      const [first, ...others] = candidates;
      if (!first) continue;
      const choice = others.length === 0 ? first : this.#choose(desired, [first, ...others]);
      if (choice) this.#take(desired, choice);
      else this.#setAside(desired, candidates);
      return true;
    }
    return false;
  }

  /** Among several of one name: the one with the same url; of twins the one in use, else the oldest. */
  #choose(desired: DesiredWebhook, candidates: readonly [Live, ...Live[]]): Live | undefined {
    const url = desiredUrl(desired);
    // With a url that is not known here, twins are still twins.
    const [first, ...others] = candidates.filter((webhook) => sameUrl(webhook.url, url ?? candidates[0].url));
    if (!first || (url === undefined && others.length + 1 < candidates.length)) return undefined;
    if (others.length === 0) return first;
    if (!this.#policies) this.#wantsPolicies = true;
    const used = new Set(this.#policies?.flatMap((policy) => policy.webhookIds.map(bareId)));
    const [firstUsed, ...othersUsed] = [first, ...others].filter((webhook) => used.has(bareId(webhook.id)));
    return firstUsed ? oldest([firstUsed, ...othersUsed]) : oldest([first, ...others]);
  }

  /** A rename by hand: the only one left over on each side that has this url, its credential included. */
  #byUrl(fresh: readonly DesiredWebhook[]): void {
    if (this.#desired.unlisted !== 'delete' || fresh.length === 0) return;
    const absentNames = new Set(this.#desired.absent);
    const left = this.#candidates.filter((live) => !this.#taken.has(live) && !absentNames.has(live.name));
    const lives = groupBy(left, (webhook) => normalUrl(webhook.url));
    const wanted = groupBy(
      // An entry that an interrupted replace left a marked webhook for is not new.
      fresh.flatMap((desired) => {
        const url = desiredUrl(desired);
        const open = url !== undefined && identifies(url) && !this.#marked.has(desired.name);
        return open ? [{ desired, url: normalUrl(url) }] : [];
      }),
      ({ url }) => url,
    );
    for (const [url, [entry, ...moreEntries]] of wanted) {
      const [live, ...moreLive] = lives.get(url) ?? [];
      if (entry && live && moreEntries.length + moreLive.length === 0) this.#take(entry.desired, live);
    }
  }

  #take(desired: DesiredWebhook, live: Live): void {
    this.#found.set(desired, live);
    this.#taken.add(live);
  }

  #setAside(desired: DesiredWebhook, candidates: readonly Live[]): void {
    this.#ambiguous.set(desired, candidates.toSorted(compareAge));
    for (const webhook of candidates) this.#taken.add(webhook);
  }
}

/** The url that the entry asks for, or `undefined` where it is in a variable that is not set here. */
export function desiredUrl({ url }: Pick<DesiredWebhook, 'url'>): string | undefined {
  return url.kind === 'literal' ? url.url : url.value?.reveal();
}
