import type { DesiredAccount, DesiredWebhook } from './desired.js';
import { bareId, idsIn } from './ids.js';
import { baseNameIndex } from './leftovers.js';
import type { Live } from './live.js';

/** Returns the current and the previous names of an entry. */
export function namesOfEntry({
  name,
  previously,
}: Pick<DesiredWebhook, 'name' | 'previously'>): readonly string[] {
  return [name, ...previously];
}

/** Yields the names that the file gives to webhooks: of entries, previous ones, and those under `absent`. */
export function* givenNames({ webhooks, absent }: DesiredAccount): Generator<string> {
  for (const webhook of webhooks) yield* namesOfEntry(webhook);
  yield* absent;
}

/**
 * Returns which live webhooks hookwright must ignore. Exact names in the file (declared, previous, absent)
 * and IDs in the file (pinned, absent) win over a pattern; an exact name or an `id:` under `ignore` always
 * applies. A leftover counts under its final name.
 */
export function ignoring(desired: DesiredAccount): (live: Live) => boolean {
  if (desired.ignore.length === 0) return () => false;
  const ids = idsIn(desired.ignore);
  const exact = new Set(desired.ignore.filter((i) => !hasWildcard(i)));
  const patterns = desired.ignore.filter(hasWildcard);
  const given = new Set(givenNames(desired));
  const givenIds = new Set([...idsIn(desired.absent), ...desired.webhooks.flatMap(({ id }) => id ?? [])]);
  const baseOf = baseNameIndex([...given, ...exact]);
  return (live) => {
    if (ids.has(bareId(live.id))) return true;
    const name = baseOf(live.name);
    if (exact.has(name) || given.has(name) || givenIds.has(bareId(live.id))) return exact.has(name);
    return patterns.some((pattern) => matchesPattern(pattern, name));
  };
}

/** Returns which names `--target` selects. A target that is a webhook's exact name selects only that one. */
export function targeting(targets: readonly string[], names: ReadonlySet<string>): (name: string) => boolean {
  if (targets.length === 0) return () => true;
  const patterns = targets.filter((target) => !names.has(target));
  return (name) => targets.includes(name) || patterns.some((pattern) => matchesPattern(pattern, name));
}

/** Reports whether `--target` selects this entry, by its current or a previous name. */
export function targetsEntry(
  isTarget: (name: string) => boolean,
  entry: Pick<DesiredWebhook, 'name' | 'previously'>,
): boolean {
  return isTarget(entry.name) || entry.previously.some(isTarget);
}

/** Reports whether a list of names from a flag (`NAME` or `id:ID`) contains this webhook. */
export function isNamedBy(names: ReadonlySet<string>, live: Live): boolean {
  return names.size > 0 && (names.has(live.name) || names.has(`id:${bareId(live.id)}`));
}

/** Reports whether the text contains `*` or `?`. */
export function hasWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/**
 * Reports whether the whole text matches the pattern. `*` matches any characters, `?` matches one; everything
 * else is literal and case-sensitive. Takes at most pattern length × text length steps.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const wanted = Array.from(pattern);
  const given = Array.from(text);
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < given.length) {
    if (wanted[p] === '*') {
      star = p;
      resume = t;
      p += 1;
    } else if (wanted[p] === '?' || wanted[p] === given[t]) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      // Backtrack: let the last star match one character more.
      p = star + 1;
      resume += 1;
      t = resume;
    } else {
      return false;
    }
  }
  while (wanted[p] === '*') p += 1;
  return p === wanted.length;
}
