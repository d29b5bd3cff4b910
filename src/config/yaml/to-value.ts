import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { displayUrl, looksRandom, parseUrl } from '../../core/urls.js';
import { atSpan, fault, type Problem, type Place } from '../problem.js';

/** How many values aliases may stand for, all together: enough for one in each of 30,000 webhooks. */
const MAX_ALIASED = 100_000;

/** What an anchor names: its value and how many values that is. `undefined` while it is being read. */
type Anchored = { readonly value: unknown; readonly size: number } | undefined;

/** Plain values, and what in the document has none. A value that has none is left out, and so is its key. */
export type Plain = { readonly value: unknown; readonly faults: readonly Problem[] };

/** The plain value of a document, as JSON has it. Of documents that `parseYaml` gave: those are not deep. Aliases share their value, so a bomb of them stays small. */
export function toValue(root: Node): Plain {
  const reader = new ValueReader();
  const value = reader.read(root);
  return { value, faults: reader.faults };
}

class ValueReader {
  readonly faults: Problem[] = [];
  readonly #anchors = new Map<string, Anchored>();
  #count = 0;
  #aliased = 0;

  read(node: unknown): unknown {
    if (isAlias(node)) return this.#alias(node);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
    const anchor = node.anchor;
    if (anchor === undefined) return this.#plain(node);
    const before = this.#count;
    this.#anchors.set(anchor, undefined);
    const value = this.#plain(node);
    this.#anchors.set(anchor, { value, size: this.#count - before });
    return value;
  }

  #plain(node: Node): unknown {
    this.#count += 1;
    if (isScalar(node)) {
      const { value } = node;
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
      if (value === null) return null;
      return this.#no(node, 'unknown-tag', 'unsupported type of value', 'Quote it.');
    }
    if (isMap(node)) return this.#map(node);
    if (isSeq(node)) return node.items.map((item) => this.read(item));
    return null;
  }

  #map(node: YAMLMap): unknown {
    const value: Record<string, unknown> = {};
    const places = new Map<string, Place>();
    for (const pair of node.items) {
      if (!isPair(pair)) continue;
      const key = this.#key(pair.key);
      if (key === undefined) continue;
      if (Object.hasOwn(value, key)) {
        this.#duplicate(key, pair.key, places, node);
        continue;
      }
      const read = this.read(pair.value);
      if (key === '__proto__') Object.defineProperty(value, key, { value: read, enumerable: true });
      else value[key] = read;
    }
    return value;
  }

  #key(key: unknown): string | undefined {
    if (isScalar(key) && typeof key.value === 'string') return key.value;
    this.#no(
      key,
      'non-text-key',
      'a key must be a string',
      'Quote it. A template {{ … }} must be quoted, too.',
    );
    return undefined;
  }

  #duplicate(key: string, node: unknown, places: Map<string, Place>, map: YAMLMap): void {
    if (places.size === 0) {
      for (const pair of map.items) {
        if (!isScalar(pair.key) || typeof pair.key.value !== 'string') continue;
        if (!places.has(pair.key.value)) places.set(pair.key.value, placeOf(pair.key));
      }
    }
    const place = places.get(key);
    const message = `the field ${shownKey(key)} appears twice`;
    const hint = 'Keep one of the two.';
    this.faults.push({
      ...fault(placeOf(node), 'duplicate-key', message, hint),
      ...(place && { other: { what: 'The first one is at', place } }),
    });
  }

  #alias(node: Alias): unknown {
    if (!this.#anchors.has(node.source)) {
      const hint = 'Define it before with &name, or quote a string that starts with *.';
      return this.#no(node, 'dangling-alias', 'an alias (*name) to an undefined anchor', hint);
    }
    const target = this.#anchors.get(node.source);
    if (!target)
      return this.#no(node, 'alias-loop', 'an alias inside the value that it refers to', 'Remove it.');
    this.#count += target.size;
    this.#aliased += target.size;
    if (this.#aliased <= MAX_ALIASED) return target.value;
    if (this.#aliased - target.size > MAX_ALIASED) return undefined;
    const hint = 'All aliases of a document together can expand to 100,000 values. Write some of them out.';
    return this.#no(node, 'alias-bomb', 'the aliases expand to too many values', hint);
  }

  #no(node: unknown, code: string, message: string, hint: string): undefined {
    this.faults.push(fault(placeOf(node), code, message, hint));
    return undefined;
  }
}

function placeOf(node: unknown): Place {
  const range = isScalar(node) || isAlias(node) || isMap(node) || isSeq(node) ? node.range : undefined;
  return range ? atSpan(range[0], range[1]) : atSpan(0, 0);
}

/** Stands for what is not shown. */
export const HIDDEN = '…';

const LONGEST = 80;

/** A name for a message, in quotes. What looks like a token is not shown: names are pasted wrongly, too. */
export function shownName(name: string): string {
  const text = showable(name) ? name : HIDDEN;
  return `"${text.length > LONGEST ? `${text.slice(0, LONGEST)}${HIDDEN}` : text}"`;
}

/** A key for a message, in quotes. */
export function shownKey(key: string): string {
  return `"${showableKey(key) ? key : HIDDEN}"`;
}

/** May a text that stands where no secret belongs (a name, a path) be shown? */
export function showable(text: string): boolean {
  if (text.length < 16) return true;
  if (text.includes('://')) return false;
  return !text.split(/\s+/).some(looksRandom) && !text.split(/[\s/\\,;=@"']+/).some(looksRandom);
}

/** May an unknown key be shown? Letters only: a pasted token has digits, or is longer. */
export function showableKey(key: string): boolean {
  return /^(?:[A-Za-z_$<][A-Za-z_$<-]{0,23}|[a-z]+[12])$/.test(key) && !looksRandom(key);
}

/** May the text be shown where the name of an environment variable belongs? */
export function showableEnv(text: string): boolean {
  return /^[A-Z_][A-Z0-9_]*$/.test(text) && !looksRandom(text);
}

/** The url as it may be shown; what is no http url is hidden whole. */
export function shownUrl(text: string): string {
  const url = parseUrl(text);
  if (!url || !/^https?:$/.test(url.protocol)) return HIDDEN;
  const shown = displayUrl(text);
  return shown.length > LONGEST * 2 ? `${shown.slice(0, LONGEST * 2)}${HIDDEN}` : shown;
}
