import { isMap, isNode, isSeq, type Pair } from 'yaml';
import type { Diagnostic } from '../../core/diagnostic.js';
import { isRecord } from '../../core/order.js';
import type { Part, Place, Problem, Span } from '../problem.js';
import { excerptOf } from './excerpt.js';
import { firstPairs } from './locate.js';
import type { YamlDocument } from './read-yaml.js';

type DiagnosedPart = Part & Pick<YamlDocument, 'root' | 'syntax' | 'value'>;

/** The limit for each document. So many problems usually have one cause. */
const MAX_PROBLEMS = 1000;

/**
 * Returns the problems of a document as messages, in the order of its text: all YAML errors, and those other
 * problems that do not merely follow from one.
 */
export function diagnose(part: DiagnosedPart, others: readonly Problem[]): readonly Diagnostic[] {
  if (part.syntax.length + others.length === 0) return [];
  const { source, root, spanOf } = part;
  const fields = isRecord(part.value) ? part.value : {};
  // The webhook that a policy names can be under a misspelled field, or in an entry without its dash.
  const isHidden = others.some(({ code, place }) => {
    if (code === 'unknown-field') return fieldOf(place) !== undefined && !Array.isArray(fields['webhooks']);
    if (code !== 'duplicate-key') return false;
    const [at] = spanOf(place);
    return /^['"]?(?:name|webhooks)\b/.test(source.text.slice(at, at + 10));
  });
  const known = isHidden ? others.filter(({ code }) => code !== 'unknown-webhook') : others;
  const own = withoutFollowOnProblems(known, part);
  // A list whose first item has no dash is read as a mapping, and its second item as wrong indentation.
  const mapping = own.find(
    ({ code, place }) => code === 'wrong-type' && isRecord(fields[fieldOf(place) ?? '']),
  );
  const mappingAt = mapping ? spanOf(mapping.place)[0] : Infinity;
  const syntax = part.syntax.filter(({ place }) => {
    const [at] = spanOf(place);
    return at < mappingAt || !/^ *- /.test(source.text.slice(at, at + 200));
  });
  const problems = [...syntax, ...own];
  const placed = withoutCutNames(
    distinct(problems.map((problem) => ({ problem, span: spanOf(problem.place) }))),
  );
  // If there are too many, keep errors rather than warnings.
  const isError = (problem: Problem): number => (problem.severity === 'error' ? 0 : 1);
  if (placed.length > MAX_PROBLEMS) placed.sort((a, b) => isError(a.problem) - isError(b.problem));
  const left = placed.splice(MAX_PROBLEMS);
  placed.sort((a, b) => a.span[0] - b.span[0]);
  const shown = placed.map(({ problem, span }): Diagnostic => {
    const { line, col: column } = source.lines.linePos(span[0]);
    const hint = hintOf(problem, part);
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

function hintOf({ hint, other }: Problem, reported: Part): string | undefined {
  if (!other) return hint;
  const sentence = `${other.what} ${nameOf(other.place, other.place.part ?? reported)}.`;
  return hint === undefined ? sentence : `${sentence} ${hint}`;
}

/** Returns, for example, `hookwright.yaml:4:5`. */
function nameOf(place: Place, { source, spanOf }: Part): string {
  const { line, col } = source.lines.linePos(spanOf(place)[0]);
  return `${source.file}:${line}:${col}`;
}

/** Keeps only problems of entries and fields without a broken line: text near broken YAML is misread. */
function withoutFollowOnProblems(
  problems: readonly Problem[],
  { root, syntax, source: { text }, spanOf }: DiagnosedPart,
): readonly Problem[] {
  const broken = syntax.flatMap(({ code, place }) =>
    place.kind === 'span' && code !== 'unknown-tag' ? [lineAround(text, place.span[0])] : [],
  );
  const first = broken[0];
  if (!first || problems.length === 0) return problems;
  const fields = isMap(root) ? firstPairs(root) : new Map<unknown, Pair>();
  const entries = entrySpans(fields.get('webhooks')?.value);
  // After an open bracket, the rest is misread.
  const open = syntax.find(({ code }) => code === 'open-bracket')?.place;
  const misreadFrom = open?.kind === 'span' ? open.span[0] : Infinity;
  return problems.filter(({ code, place }) => {
    if (place.kind !== 'span' && place.path.length === 0) return false;
    // The broken line can be the list, or a webhook in it.
    if (code === 'missing-webhooks' || code === 'unknown-webhook') return false;
    const [at] = spanOf(place);
    if (at >= misreadFrom) return false;
    // A field after a broken place can belong to a webhook that lost its indentation.
    const inEntry = entries.find(([from, to]) => at >= from && at < to);
    if (!inEntry && (place.kind === 'span' || place.kind === 'key') && at >= first[0]) return false;
    const [from, end] = inEntry ?? rootSpan(place, fields);
    // A missing field may be in the broken line that follows.
    const to = code === 'missing-field' ? end : end - 1;
    return !broken.some(([lineStart, lineEnd]) => lineEnd >= from && lineStart <= to);
  });
}

/** Returns the range of the field at the root that the place is in, up to the start of the next one. */
function rootSpan(place: Place, fields: ReadonlyMap<unknown, Pair>): Span {
  if (place.kind === 'span') return place.span;
  const pair = fields.get(place.path[0]);
  const [key, value] = [pair?.key, pair?.value].map((node) => (isNode(node) ? node.range : undefined));
  return [key?.[0] ?? 0, value?.[2] ?? key?.[1] ?? Infinity];
}

/** Returns the range of each item of `webhooks`, up to the start of whatever follows it. */
function entrySpans(list: unknown): readonly Span[] {
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
