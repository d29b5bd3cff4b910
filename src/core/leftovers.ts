/**
 * The name of a webhook that is about to take another's place: `Ops [hookwright: new]`.
 * Whatever remains after an interruption says by its name what it is.
 */
const MARKER = ' [hookwright: new]';
const SHORT_LENGTH = ' [hw:000000]'.length;

export function markedName(name: string): string {
  return name + MARKER;
}

/**
 * A marked name that is never longer than the name itself (in UTF-8 bytes, for names of at least 13),
 * for an API that refuses the long one: Cloudflare publishes no limit. What is cut off is told apart by a hash.
 */
export function shortMarkedName(name: string): string {
  const marker = ` [hw:${hash24(name)}]`;
  const encoder = new TextEncoder();
  const room = Math.max(1, encoder.encode(name).length - marker.length);
  let kept = '';
  let used = 0;
  for (const character of name) {
    used += encoder.encode(character).length;
    if (used > room) break;
    kept += character;
  }
  return (kept || '~') + marker;
}

/** Every name that a webhook of this entry can bear, its replace under way included. */
export function namesDuringReplacement(name: string): readonly string[] {
  return [name, markedName(name), shortMarkedName(name)];
}

/** Can this name be a marked one at all? Cheap, for lists of thousands. */
function looksMarked(name: string): boolean {
  return (
    name.endsWith(MARKER) || (name.endsWith(']') && name.startsWith(' [hw:', name.length - SHORT_LENGTH))
  );
}

/** Is this name reserved for webhooks that take another's place? */
export function isReservedName(name: string): boolean {
  return name.endsWith(MARKER) || / \[hw:[0-9a-f]{6}\]$/.test(name);
}

/** Finds, among the given names, the one that a live name is the marked form of. */
export function markerIndex(names: Iterable<string>): (liveName: string) => string | undefined {
  const known = new Set(names);
  let short: Map<string, string> | undefined;
  return (liveName) => {
    if (!looksMarked(liveName)) return undefined;
    if (liveName.endsWith(MARKER)) {
      const base = liveName.slice(0, -MARKER.length);
      return known.has(base) ? base : undefined;
    }
    short ??= new Map([...known].map((name) => [shortMarkedName(name), name]));
    return short.get(liveName);
  };
}

type Named = { readonly name: string; readonly previously: readonly string[] };

/**
 * Finds the entry that a marked live name belongs to, under its name or an earlier one. Where several entries
 * bear the name it cannot be told whose it is.
 */
export function markedEntryIndex(entries: readonly Named[]): (liveName: string) => string | undefined {
  const owners = new Map<string, string | undefined>();
  const registerAccount = (name: string, owner: string | undefined): void => {
    owners.set(name, owners.has(name) ? undefined : owner);
  };
  for (const { name } of entries) registerAccount(name, name);
  const declared = new Set(owners.keys());
  for (const { name, previously } of entries) {
    for (const earlier of previously) if (!declared.has(earlier)) registerAccount(earlier, owners.get(name));
  }
  const baseOf = markerIndex(owners.keys());
  return (liveName) => {
    const base = baseOf(liveName);
    return base === undefined ? undefined : owners.get(base);
  };
}

/** FNV-1a, folded to 24 bits: tells names apart, protects nothing. */
function hash24(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return ((hash >>> 24) ^ (hash & 0xffffff)).toString(16).padStart(6, '0');
}
