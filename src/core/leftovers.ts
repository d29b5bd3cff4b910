import { bareId } from './ids.js';

/**
 * A replacement is created with a name that contains the first digits of the ID of the webhook that it
 * replaces: `Ops [hookwright: replaces 1dbdd679]`. If it is interrupted, this name identifies the leftover
 * and the only webhook that it can replace.
 */
const LONG = / \[hookwright: replaces ([0-9a-f]{8})\]$/;
const SHORT = / \[hw:([0-9a-f]{8})\]$/;
const ID_DIGITS = 8;

/** The parts of a leftover's name. */
export type Leftover = {
  /** The final name; if the short form is used, as much of it as fits. */
  readonly name: string;
  /** The first 8 digits of the ID of the webhook that it replaces. */
  readonly replaces: string;
};

/** Returns the first 8 digits of an ID. */
export function idDigits(id: string): string {
  return bareId(id).slice(0, ID_DIGITS);
}

/** Returns the name to create a replacement of this webhook with. */
export function replacementName(name: string, replaced: string): string {
  return `${name} [hookwright: replaces ${idDigits(replaced)}]`;
}

/**
 * Returns a shorter name, in case the API refuses the long one (Cloudflare does not publish a limit). For
 * names of at least 15 UTF-8 bytes, it is never longer than the name itself.
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

/** Parses the name of a leftover. Returns `undefined` for any other name. */
export function parseLeftover(name: string): Leftover | undefined {
  // A quick check, because lists can contain thousands of names.
  if (!name.endsWith(']')) return undefined;
  const match = LONG.exec(name) ?? SHORT.exec(name);
  return match?.[1] === undefined ? undefined : { name: name.slice(0, match.index), replaces: match[1] };
}

/** Reports whether this name is reserved for replacements. */
export function isReservedName(name: string): boolean {
  return parseLeftover(name) !== undefined;
}

/** Reports whether `leftoverName` is the name of a replacement of a webhook called `name`. */
export function isReplacementOf(name: string, leftoverName: string): boolean {
  const leftover = parseLeftover(leftoverName);
  return (
    leftover !== undefined &&
    (leftover.name === name || leftoverName === shortReplacementName(name, leftover.replaces))
  );
}

/**
 * Returns a function that maps the name of a live webhook to its final name: a leftover gets the one of
 * `names` that it is to have; any other name stays the same. A shortened name that matches none or several
 * stays shortened.
 */
export function baseNameIndex(names: Iterable<string>): (liveName: string) => string {
  let exact: Set<string> | undefined;
  return (liveName) => {
    const leftover = parseLeftover(liveName);
    if (!leftover) return liveName;
    exact ??= new Set(names);
    if (exact.has(liveName)) return liveName;
    if (LONG.test(liveName)) return leftover.name;
    const [only, ...others] = [...exact].filter(
      (name) => shortReplacementName(name, leftover.replaces) === liveName,
    );
    return only !== undefined && others.length === 0 ? only : leftover.name;
  };
}
