import { bareId } from './ids.js';

/**
 * A replacement is created under a name that says whose place it takes: `Ops [hookwright: replaces 1dbdd679]`, with
 * the first digits of the id of the webhook that it replaces. What an interrupted replacement leaves behind is
 * therefore known by its name, and so is the one webhook that may give way to it.
 */
const LONG = / \[hookwright: replaces ([0-9a-f]{8})\]$/;
const SHORT = / \[hw:([0-9a-f]{8})\]$/;
const ID_DIGITS = 8;

/** What the name of a leftover says. */
export type Leftover = {
  /** The name that the webhook is to get; of the short form what is left of it. */
  readonly name: string;
  /** The first 8 digits of the id of the webhook that it replaces. */
  readonly replaces: string;
};

/** Returns the first 8 digits of an id. */
export function idDigits(id: string): string {
  return bareId(id).slice(0, ID_DIGITS);
}

/** Returns the name under which a replacement of this webhook is created. */
export function replacementName(name: string, replaced: string): string {
  return `${name} [hookwright: replaces ${idDigits(replaced)}]`;
}

/**
 * Returns the name for an API that refuses the long form (Cloudflare publishes no limit). For names of at least 15
 * bytes it is never longer than the name itself, in UTF-8 bytes.
 */
export function shortReplacementName(name: string, replaced: string): string {
  const marker = ` [hw:${idDigits(replaced)}]`;
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

/** Returns what the name of a leftover says, or `undefined` for any other name. */
export function parseLeftover(name: string): Leftover | undefined {
  // Cheap, because lists have thousands of names.
  if (!name.endsWith(']')) return undefined;
  const match = LONG.exec(name) ?? SHORT.exec(name);
  return match?.[1] === undefined ? undefined : { name: name.slice(0, match.index), replaces: match[1] };
}

/** Is this name reserved for replacements? */
export function isReservedName(name: string): boolean {
  return parseLeftover(name) !== undefined;
}

/** Is this the name of a replacement of a webhook called `name`? */
export function isReplacementOf(name: string, leftoverName: string): boolean {
  const leftover = parseLeftover(leftoverName);
  return (
    leftover !== undefined &&
    (leftover.name === name || leftoverName === shortReplacementName(name, leftover.replaces))
  );
}

/**
 * Finds, among the given names, the one that a live name counts under: itself, or for a leftover the name that it is to
 * get. A shortened name is used unchanged if none of them fits.
 */
export function baseNameIndex(names: Iterable<string>): (liveName: string) => string {
  const known = [...names].sort();
  const exact = new Set(known);
  return (liveName) => {
    const leftover = parseLeftover(liveName);
    if (!leftover || exact.has(liveName)) return liveName;
    if (LONG.test(liveName)) return leftover.name;
    return known.find((name) => shortReplacementName(name, leftover.replaces) === liveName) ?? leftover.name;
  };
}
