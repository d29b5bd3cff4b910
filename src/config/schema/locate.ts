import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Node, Pair, YAMLMap } from 'yaml';
import type { Path, Place, Span } from '../problem.js';
import { nodesOf } from '../yaml/walk.js';

/** Finds places in a parsed document. Made only when there is a fault to report. */
export class Locator {
  readonly #root: Node | null;
  readonly #start: number;
  readonly #byKey = new Map<YAMLMap, ReadonlyMap<unknown, Pair>>();
  #anchors: Map<string, Node> | undefined;

  /** `start`: where a document without content is. */
  constructor(root: Node | null, start: number) {
    this.#root = root;
    this.#start = start;
  }

  /** Of a map or list this is its first key or bracket. */
  span(place: Place): Span {
    if (place.kind === 'span') return place.span;
    const found = this.#find(place.path);
    const key = found.key?.range;
    if (place.kind === 'key' && key) return [key[0], key[1]];
    const range = found.value?.range;
    if (range && range[1] > range[0]) return firstOf(found.value) ?? [range[0], range[1]];
    if (key) return [key[0], key[1]];
    return range ? [range[0], range[1]] : [this.#start, this.#start];
  }

  /** All of the value, to where the next one starts. */
  whole(path: Path): Span {
    const range = this.#find(path).value?.range;
    return range ? [range[0], range[2]] : [this.#start, this.#start];
  }

  #find(path: Path): { key?: Node | undefined; value?: Node | undefined } {
    let value = this.#target(this.#root);
    let key: Node | undefined;
    for (const step of path) {
      if (isMap(value)) {
        const pair = this.#pairs(value).get(step);
        if (!pair) break;
        key = isScalar(pair.key) ? pair.key : undefined;
        value = this.#target(pair.value);
      } else if (isSeq(value)) {
        key = undefined;
        value = this.#target(value.items[Number(step)]);
      } else {
        break;
      }
    }
    return { key, value };
  }

  /** Of a key that stands twice, the first: it is the one whose value is read. */
  #pairs(map: YAMLMap): ReadonlyMap<unknown, Pair> {
    const known = this.#byKey.get(map);
    if (known) return known;
    const pairs = new Map<unknown, Pair>();
    for (const pair of map.items) {
      if (isScalar(pair.key) && !pairs.has(pair.key.value)) pairs.set(pair.key.value, pair);
    }
    this.#byKey.set(map, pairs);
    return pairs;
  }

  #target(node: unknown): Node | undefined {
    if (isAlias(node)) {
      this.#anchors ??= anchorsOf(this.#root);
      return this.#anchors.get(node.source) ?? node;
    }
    return isScalar(node) || isMap(node) || isSeq(node) ? node : undefined;
  }
}

function anchorsOf(root: Node | null): Map<string, Node> {
  const anchors = new Map<string, Node>();
  for (const node of nodesOf(root)) {
    if (!isAlias(node) && node.anchor !== undefined && !anchors.has(node.anchor))
      anchors.set(node.anchor, node);
  }
  return anchors;
}

function firstOf(node: Node | undefined): Span | undefined {
  if (isSeq(node) && node.range) return [node.range[0], node.range[0] + 1];
  if (!isMap(node) || !node.range) return undefined;
  if (node.flow) return [node.range[0], node.range[0] + 1];
  const key = node.items[0]?.key;
  return isScalar(key) && key.range ? [key.range[0], key.range[1]] : undefined;
}
