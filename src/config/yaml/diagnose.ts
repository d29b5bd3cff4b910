import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Diagnostic } from '../../core/diagnostic.js';
import { isRecord } from '../../core/order.js';
import type { Part, Path, Place, Problem, Span } from '../problem.js';
import { excerptOf } from './excerpt.js';
import type { YamlDocument } from './read-yaml.js';

/** The limit for each document. So many problems usually have one cause. */
const MAX_PROBLEMS = 1000;

/**
 * Returns the problems of a document as messages, in the order of its text: all YAML errors, and those other
 * problems that do not merely follow from one. `places` finds the places they mention in other documents.
 */
export function diagnose(
  part: Part & Pick<YamlDocument, 'syntax' | 'value'>,
  others: readonly Problem[],
  places: Places,
): readonly Diagnostic[] {
  if (part.syntax.length + others.length === 0) return [];
  const { source, root } = part;
  const locator = places.of(part);
  const fields = isRecord(part.value) ? part.value : {};
  // The webhook that a policy names can be under a misspelled field, or in an entry without its dash.
  const isHidden = others.some(({ code, place }) => {
    if (code === 'unknown-field') return fieldOf(place) !== undefined && !Array.isArray(fields['webhooks']);
    if (code !== 'duplicate-key') return false;
    const [at] = locator.span(place);
    return /^['"]?(?:name|webhooks)\b/.test(source.text.slice(at, at + 10));
  });
  const known = isHidden ? others.filter(({ code }) => code !== 'unknown-webhook') : others;
  const own = withoutFollowOnProblems(known, part, locator);
  // A list whose first item has no dash is read as a mapping, and its second item as wrong indentation.
  const mapping = own.find(
    ({ code, place }) => code === 'wrong-type' && isRecord(fields[fieldOf(place) ?? '']),
  );
  const mappingAt = mapping ? locator.span(mapping.place)[0] : Infinity;
  const syntax = part.syntax.filter(({ place }) => {
    const [at] = locator.span(place);
    return at < mappingAt || !/^ *- /.test(source.text.slice(at, at + 200));
  });
  const problems = [...syntax, ...own];
  const placed = withoutCutNames(
    distinct(problems.map((problem) => ({ problem, span: locator.span(problem.place) }))),
  );
  // If there are too many, keep errors rather than warnings.
  const isError = (problem: Problem): number => (problem.severity === 'error' ? 0 : 1);
  if (placed.length > MAX_PROBLEMS) placed.sort((a, b) => isError(a.problem) - isError(b.problem));
  const left = placed.splice(MAX_PROBLEMS);
  placed.sort((a, b) => a.span[0] - b.span[0]);
  const shown = placed.map(({ problem, span }): Diagnostic => {
    const { line, col: column } = source.lines.linePos(span[0]);
    const hint = hintOf(problem, (place) => places.nameOf(place, part));
    return {
      severity: problem.severity,
      code: problem.code,
      file: source.file,
      line,
      column,
      message: problem.message,
      ...(hint !== undefined && { hint }),
      excerpt: excerptOf(source.text, root, span[0] - column + 1, span),
    };
  });
  const last = shown.at(-1);
  if (left.length === 0 || !last) return shown;
  const severity = left.some(({ problem }) => problem.severity === 'error') ? 'error' : 'warning';
  const message = `${left.length} more problems in this document are not shown`;
  const { file, line, column } = last;
  return [...shown, { severity, code: 'too-many-faults', file, line, column, message }];
}

/** Returns the name of a field of the document itself. */
function fieldOf(place: Place): string | undefined {
  if (place.kind === 'span' || place.path.length !== 1) return undefined;
  return String(place.path[0]);
}

/** Drops other problems of a name that YAML cuts, because they may only follow from the cut. */
function withoutCutNames(placed: readonly Placed[]): Placed[] {
  const cut = new Set(placed.flatMap(({ problem, span }) => (problem.code === 'cut-name' ? span[0] : [])));
  return placed.filter(({ problem, span }) => problem.code === 'cut-name' || !cut.has(span[0]));
}

type Placed = { readonly problem: Problem; readonly span: Span };

/** Drops repeated problems, which occur when several aliases refer to the same value. */
function distinct(placed: readonly Placed[]): Placed[] {
  const seen = new Set<string>();
  return placed.filter(({ problem, span }) => {
    const key = `${span[0]} ${problem.code} ${problem.message}`;
    return !seen.has(key) && seen.add(key);
  });
}

function hintOf(problem: Problem, name: (place: Place) => string): string | undefined {
  if (!problem.other) return problem.hint;
  const other = `${problem.other.what} ${name(problem.other.place)}.`;
  return problem.hint === undefined ? other : `${other} ${problem.hint}`;
}

/** Finds places in several documents. */
export class Places {
  readonly #locators = new Map<Part, Locator>();

  of(part: Part): Locator {
    const locator = this.#locators.get(part) ?? new Locator(part);
    this.#locators.set(part, locator);
    return locator;
  }

  /** Returns, for example, `hookwright.yaml:4:5`. */
  nameOf(place: Place, reported: Part): string {
    const part = place.part ?? reported;
    const { line, col } = part.source.lines.linePos(this.of(part).span(place)[0]);
    return `${part.source.file}:${line}:${col}`;
  }
}

/** Finds places in a parsed document. Created only if there is a problem to report. */
class Locator {
  readonly #byKey = new Map<YAMLMap, ReadonlyMap<unknown, Pair>>();

  constructor(private readonly part: Part) {}

  /** Returns the range to mark: for a mapping or list, its first key or bracket. */
  span(place: Place): Span {
    if (place.kind === 'span') return place.span;
    const found = this.#find(place.path);
    const key = found.key?.range;
    if (place.kind === 'key' && key) return [key[0], key[1]];
    const range = found.value?.range;
    if (range && range[1] > range[0]) return firstOf(found.value) ?? [range[0], range[1]];
    if (key) return [key[0], key[1]];
    return range ? [range[0], range[1]] : [this.part.start, this.part.start];
  }

  /** Returns the range of the field at the root that the place is in, up to the start of the next one. */
  rootSpan(place: Place): Span {
    if (place.kind === 'span') return place.span;
    const path = place.path.slice(0, 1);
    const key = this.span({ kind: 'key', path });
    const value = this.#find(path).value?.range ?? [this.part.start, this.part.start, this.part.start];
    return [Math.min(key[0], value[0]), Math.max(key[1], value[2])];
  }

  #find(path: Path): { key?: Node | undefined; value?: Node | undefined } {
    let value = this.#target(this.part.root);
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

  /** Keeps the first of duplicate keys, because its value is the one that is read. */
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
    if (isAlias(node)) return this.part.anchors.get(node.source)?.node ?? node;
    return isNode(node) ? node : undefined;
  }
}

function firstOf(node: Node | undefined): Span | undefined {
  if (isSeq(node) && node.range) return [node.range[0], node.range[0] + 1];
  if (!isMap(node) || !node.range) return undefined;
  if (node.flow) return [node.range[0], node.range[0] + 1];
  const key = node.items[0]?.key;
  return isScalar(key) && key.range ? [key.range[0], key.range[1]] : undefined;
}

/** Keeps only problems of entries and fields without a broken line: text near broken YAML is misread. */
function withoutFollowOnProblems(
  problems: readonly Problem[],
  { root, syntax, source: { text } }: Part & Pick<YamlDocument, 'syntax'>,
  locator: Locator,
): readonly Problem[] {
  const broken = syntax.flatMap(({ code, place }) =>
    place.kind === 'span' && code !== 'unknown-tag' ? [lineAround(text, place.span[0])] : [],
  );
  const first = broken[0];
  if (!first || problems.length === 0) return problems;
  const entries = entrySpans(root);
  // After an open bracket, the rest is misread.
  const open = syntax.find(({ code }) => code === 'open-bracket')?.place;
  const misreadFrom = open?.kind === 'span' ? open.span[0] : Infinity;
  return problems.filter(({ code, place }) => {
    if (place.kind !== 'span' && place.path.length === 0) return false;
    // The broken line can be the list, or a webhook in it.
    if (code === 'missing-webhooks' || code === 'unknown-webhook') return false;
    const [at] = locator.span(place);
    if (at >= misreadFrom) return false;
    // A field after a broken place can belong to a webhook that lost its indentation.
    const inEntry = entries.find(([from, to]) => at >= from && at < to);
    if (!inEntry && (place.kind === 'span' || place.kind === 'key') && at >= first[0]) return false;
    const [from, end] = inEntry ?? locator.rootSpan(place);
    // A missing field may be in the broken line that follows.
    const to = code === 'missing-field' ? end : end - 1;
    return !broken.some(([lineStart, lineEnd]) => lineEnd >= from && lineStart <= to);
  });
}

/** Returns the range of each item of `webhooks`, up to the start of whatever follows it. */
function entrySpans(root: Node | null): readonly Span[] {
  if (!isMap(root)) return [];
  const list = root.items.find(({ key }) => isScalar(key) && key.value === 'webhooks')?.value;
  if (!isSeq(list)) return [];
  return list.items.flatMap((item): Span[] => {
    const range = isNode(item) ? item.range : undefined;
    return range ? [[range[0], Math.max(range[2], range[0] + 1)]] : [];
  });
}

function lineAround(text: string, offset: number): Span {
  const end = text.indexOf('\n', offset);
  return [text.lastIndexOf('\n', offset - 1) + 1, end < 0 ? text.length : end];
}
