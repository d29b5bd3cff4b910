import { isMap, isScalar, isSeq } from 'yaml';
import type { Node } from 'yaml';
import type { Fault, Place, Span } from '../problem.js';
import { Locator } from './locate.js';
import type { YamlDocument } from '../yaml/parse-yaml.js';

/**
 * Where the YAML itself is broken, what stands around the broken place is read otherwise than it was meant:
 * of all other faults only those of webhooks and fields that are whole are told.
 */
export function sureFaults(
  faults: readonly Fault[],
  { root, start, syntax }: YamlDocument,
  text: string,
): readonly Fault[] {
  const broken = syntax.flatMap(({ code, place }) =>
    place.kind === 'span' && code !== 'unknown-tag' ? [lineAround(text, place.span[0])] : [],
  );
  const first = broken[0];
  if (!first || faults.length === 0) return faults;
  const locator = new Locator(root, start);
  const entries = entrySpans(root);
  return faults.filter(({ code, place }) => {
    if (place.kind !== 'span' && place.path.length === 0) return false;
    // A field behind a broken place can be one of a webhook that lost its indentation.
    const at = locator.span(place)[0];
    const inEntry = entries.find(([from, to]) => at >= from && at < to);
    if (!inEntry && (place.kind === 'span' || place.kind === 'key') && at >= first[0]) return false;
    const [from, end] = inEntry ?? rootSpan(locator, place);
    // What is missing may stand in the broken line right behind.
    const to = code === 'missing-field' ? end : end - 1;
    return !broken.some(([lineStart, lineEnd]) => lineEnd >= from && lineStart <= to);
  });
}

/** Where each item of the list `webhooks` starts and where the next thing does. */
function entrySpans(root: Node | null): readonly Span[] {
  if (!isMap(root)) return [];
  const list = root.items.find(({ key }) => isScalar(key) && key.value === 'webhooks')?.value;
  if (!isSeq(list)) return [];
  return list.items.flatMap((item): Span[] => {
    const range = isMap(item) || isSeq(item) || isScalar(item) ? item.range : undefined;
    return range ? [[range[0], Math.max(range[2], range[0] + 1)]] : [];
  });
}

function rootSpan(locator: Locator, place: Place): Span {
  if (place.kind === 'span') return place.span;
  const path = place.path.slice(0, 1);
  const key = locator.span({ kind: 'key', path });
  const value = locator.whole(path);
  return [Math.min(key[0], value[0]), Math.max(key[1], value[1])];
}

function lineAround(text: string, offset: number): Span {
  const end = text.indexOf('\n', offset);
  return [text.lastIndexOf('\n', offset - 1) + 1, end < 0 ? text.length : end];
}
