import type { DesiredAccount, DesiredWebhook } from './desired.js';
import { bareId } from './ids.js';
import { baseNameIndex } from './leftovers.js';
import type { Live } from './live.js';

/**
 * Finds the live webhooks that hookwright must not touch. Names that the file gives exactly (declared, previous, absent)
 * win over a pattern; an exact `ignore` and an `id:` always hold. A leftover counts under the name that it is to get.
 */
export function ignoring(desired: DesiredAccount): (live: Live) => boolean {
  if (desired.ignore.length === 0) return () => false;
  const ids = new Set(desired.ignore.filter((i) => i.startsWith('id:')).map((i) => bareId(i.slice(3))));
  const exact = new Set(desired.ignore.filter((i) => !hasWildcard(i)));
  const patterns = desired.ignore.filter(hasWildcard);
  const given = new Set(desired.absent);
  for (const { name, previously } of desired.webhooks) [name, ...previously].forEach((n) => given.add(n));
  const baseOf = baseNameIndex([...given, ...exact]);
  return (live) => {
    if (ids.has(bareId(live.id))) return true;
    const name = baseOf(live.name);
    if (exact.has(name) || given.has(name)) return exact.has(name);
    return patterns.some((pattern) => matchesPattern(pattern, name));
  };
}

/** Which names `--target` selects. A target that is some webhook's exact name means only that one. */
export function targeting(targets: readonly string[], names: ReadonlySet<string>): (name: string) => boolean {
  if (targets.length === 0) return () => true;
  const patterns = targets.filter((target) => !names.has(target));
  return (name) => targets.includes(name) || patterns.some((pattern) => matchesPattern(pattern, name));
}

/** Does `--target` select this entry of the file? By the name that it has, or had. */
export function targetsEntry(
  isTarget: (name: string) => boolean,
  { name, previously }: Pick<DesiredWebhook, 'name' | 'previously'>,
): boolean {
  return [name, ...previously].some(isTarget);
}

/** Does a list of names, as flags give them (`NAME` or `id:ID`), name this webhook? */
export function isNamedBy(names: ReadonlySet<string>, live: Live): boolean {
  return names.size > 0 && (names.has(live.name) || names.has(`id:${bareId(live.id)}`));
}

/** Does the text hold `*` or `?`, so that it can stand for several names? */
export function hasWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/**
 * Does the whole text fit the pattern? `*` is any run of characters, `?` one character; all else is literal
 * and case counts. At most pattern length × text length steps, whatever the input.
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
      // The last star takes one character more.
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
