import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Path, Place, Span } from '../problem.js';

/** The nodes that have an anchor, by its name. */
export type Anchors = ReadonlyMap<string, { readonly node: Node } | undefined>;

/**
 * Returns what finds places in a document: the range to mark, which is the first key or bracket of a mapping or
 * list. A place that does not exist is at `start`.
 */
export function locatorOf(root: Node | null, start: number, anchors: Anchors): (place: Place) => Span {
  const known = new Map<YAMLMap, ReadonlyMap<unknown, Pair>>();
  return (place) => {
    if (place.kind === 'span') return place.span;
    const found = find(place.path);
    const key = found.key?.range;
    if (place.kind === 'key' && key) return [key[0], key[1]];
    const range = found.value?.range;
    if (range && range[1] > range[0]) return firstOf(found.value) ?? [range[0], range[1]];
    if (key) return [key[0], key[1]];
    return range ? [range[0], range[1]] : [start, start];
  };

  function find(path: Path): { key?: Node | undefined; value?: Node | undefined } {
    let value = target(root);
    let key: Node | undefined;
    for (const step of path) {
      if (isMap(value)) {
        const pairs = known.get(value) ?? firstPairs(value);
        known.set(value, pairs);
        const pair = pairs.get(step);
        if (!pair) break;
        key = isScalar(pair.key) ? pair.key : undefined;
        value = target(pair.value);
      } else if (isSeq(value)) {
        key = undefined;
        value = target(value.items[Number(step)]);
      } else {
        break;
      }
    }
    return { key, value };
  }

  function target(node: unknown): Node | undefined {
    if (isAlias(node)) return anchors.get(node.source)?.node ?? node;
    return isNode(node) ? node : undefined;
  }
}

/** Returns the pairs of a mapping by key. Of duplicate keys, the first counts. */
export function firstPairs(map: YAMLMap): ReadonlyMap<unknown, Pair> {
  const pairs = new Map<unknown, Pair>();
  for (const pair of map.items) {
    if (isScalar(pair.key) && !pairs.has(pair.key.value)) pairs.set(pair.key.value, pair);
  }
  return pairs;
}

function firstOf(node: Node | undefined): Span | undefined {
  if (isSeq(node) && node.range) return [node.range[0], node.range[0] + 1];
  if (!isMap(node) || !node.range) return undefined;
  if (node.flow) return [node.range[0], node.range[0] + 1];
  const key = node.items[0]?.key;
  return isScalar(key) && key.range ? [key.range[0], key.range[1]] : undefined;
}
