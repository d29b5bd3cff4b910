import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { displayUrl, hidesCredential, urlProblem } from '../../core/urls.js';
import { looksRandom } from '../../text/looks-random.js';
import { didYouMean } from '../../text/suggestions.js';
import type { Span } from '../problem.js';

/** A source line, masked so that it is safe to show. `column` and `width` mark the problem in it. */
export type Excerpt = { readonly text: string; readonly column: number; readonly width: number };

/** Longer lines are shortened to the part around the place. */
const MAX_LINE_LENGTH = 160;
const BEFORE = 60;

/** Returns the line of `span`, which starts at `lineStart`, with everything masked that could be a secret. */
export function excerptOf(source: string, root: Node | null, lineStart: number, span: Span): Excerpt {
  const window = windowOf(source, lineStart, span[0]);
  const next = source[window[1]];
  const isCut = next !== undefined && next !== '\n' && next !== '\r';
  let text = window[0] > lineStart ? HIDDEN : '';
  let from: number | undefined;
  let to = 0;
  for (const { start, end, text: shown } of piecesOf(source, root, window)) {
    // Within a masked piece, offsets have no place of their own.
    const columnOf = (offset: number, masked: number): number =>
      text.length + (shown === undefined ? Math.min(Math.max(0, offset - start), end - start) : masked);
    if (span[0] < end) from ??= columnOf(span[0], 0);
    if (span[1] > start && from !== undefined) to = columnOf(span[1], shown?.length ?? 0);
    text += shown ?? source.slice(start, end).replaceAll('\t', ' ');
  }
  from ??= text.length;
  return { text: isCut ? text + HIDDEN : text, column: from + 1, width: Math.max(1, to - from) };
}

function windowOf(source: string, lineStart: number, at: number): Span {
  let end = source.indexOf('\n', lineStart);
  if (end < 0) end = source.length;
  if (source[end - 1] === '\r' && end - 1 >= at) end -= 1;
  if (end - lineStart <= MAX_LINE_LENGTH) return [lineStart, end];
  const start = at - lineStart > BEFORE ? at - BEFORE : lineStart;
  return [start, Math.min(end, start + MAX_LINE_LENGTH)];
}

/** Returns adjacent pieces for the whole window. Masks a scalar that overlaps another one. */
function* piecesOf(source: string, root: Node | null, window: Span): Generator<Piece> {
  let at = window[0];
  const scalars = root ? scalarsIn(root, window, source) : [];
  for (const scalar of scalars.sort((a, b) => a.start - b.start)) {
    const start = Math.max(scalar.start, at);
    const end = Math.min(scalar.end, window[1]);
    if (end <= start) continue;
    yield* piecesBetween(source, at, start);
    // Scalars overlap only in text that does not parse, so their meaning is unknown.
    const isSure = scalar.start >= at || scalar.start < window[0];
    yield isSure ? { ...scalar, start, end } : { start, end, text: HIDDEN };
    at = end;
  }
  yield* piecesBetween(source, at, window[1]);
}

/** Yields the text between scalars. Masks comments, anchors, tags and text that did not parse. */
function* piecesBetween(source: string, from: number, to: number): Generator<Piece> {
  const between = /[\t ]+|^(?:---|\.\.\.)$|[-?:,{}[\]](?=[\s,{}[\]]|$)|[{}[\],]|#|[^\s,{}[\]]+/gm;
  for (const { 0: found, index } of source.slice(from, to).matchAll(between)) {
    const start = from + index;
    if (found === '#') {
      yield { start, end: to, text: `# ${HIDDEN}` };
      return;
    }
    const isKnown = /^(?:[\t ]+|---|\.\.\.|[-?:,{}[\]])$/.test(found);
    yield { start, end: start + found.length, ...(!isKnown && { text: HIDDEN }) };
  }
}

/** A part of a line, and the text to show for it. Without `text`, the source is shown. */
type Piece = { readonly start: number; readonly end: number; readonly text?: string };

/**
 * Which kind of value is expected: in `open` parts the field decides, a `reference` is the mapping under
 * `secret` or `url`, and under a `foreign` key any value may be a secret.
 */
type Zone = 'open' | 'policies' | 'reference' | 'strategy' | 'foreign';
type Context = { readonly zone: Zone; readonly field: string };

const PLAIN_FIELDS = new Set([
  'name',
  'label',
  'include',
  'previously',
  'ignore',
  'absent',
  'unlisted',
  'protect',
]);
const ID_FIELDS = new Set(['account_id', 'id']);
const REFERENCE_FIELDS = ['env', 'file', 'version'];
/** Keys that people write instead of `env` or `file`. */
const COMMON_MISTAKEN_KEYS = new Set([
  ...['value', 'from', 'ref', 'name', 'key', 'path', 'fromEnv', 'valueFrom', 'env_var', 'envVar'],
  ...['var', 'variable', 'environment', 'secret', 'token', 'default', 'url', 'literal', 'vault'],
]);
const STRATEGIES = ['replace', 'in-place', 'auto'];

/** Returns the scalars that overlap a range of the text, in order. The rest of the range is punctuation. */
function scalarsIn(root: Node, span: Span, source: string): Piece[] {
  const pieces: Piece[] = [];
  collect(root, { zone: 'open', field: '' });
  return pieces;

  function collect(node: unknown, context: Context): void {
    if (!overlaps(node, span)) return;
    if (isAlias(node)) hide(node);
    else if (isScalar(node)) pieces.push(scalarPiece(node, context, source));
    else if (isSeq(node)) for (const item of itemsFrom(node, span)) collect(item, context);
    else if (isMap(node)) collectMap(node, context);
  }

  function collectMap(map: YAMLMap, { zone }: Context): void {
    for (const { key, value } of itemsFrom(map, span)) {
      const text = isScalar(key) && typeof key.value === 'string' ? key.value : undefined;
      if (!isScalar(key) || text === undefined) hide(key);
      else if (overlaps(key, span)) {
        const [start, end] = key.range;
        pieces.push({ start, end, ...(!keyShown(text, zone) && { text: HIDDEN }) });
      }
      collect(value, { zone: below(zone, text ?? ''), field: text ?? '' });
    }
  }

  function hide(node: unknown): void {
    if (overlaps(node, span)) pieces.push({ start: node.range[0], end: node.range[1], text: HIDDEN });
  }
}

type Ranged = Node & { range: [number, number, number] };

function overlaps(node: unknown, [from, to]: Span): node is Ranged {
  if (!isNode(node) || !node.range) return false;
  return node.range[0] < to && node.range[1] > from;
}

/** Returns only the items that can overlap, because a file can have thousands. */
function itemsFrom<T>({ items }: { readonly items: readonly T[] }, [from, to]: Span): readonly T[] {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (startOf(items[middle]) <= from) low = middle + 1;
    else high = middle;
  }
  const found: T[] = [];
  for (let i = Math.max(0, low - 1); i < items.length; i += 1) {
    const item = items[i];
    if (item === undefined || startOf(item) >= to) break;
    found.push(item);
  }
  return found;
}

function startOf(item: unknown): number {
  const node = typeof item === 'object' && item !== null && 'key' in item ? item.key : item;
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function below(zone: Zone, key: string): Zone {
  if (zone === 'policies') return /^(?:name|id|webhooks)$/.test(key) ? zone : 'foreign';
  if (zone !== 'open') return zone;
  if (key === 'policies' || key === 'strategy') return key;
  if (key === 'url' || key === 'secret') return 'reference';
  return key === 'webhooks' || PLAIN_FIELDS.has(key) || ID_FIELDS.has(key) ? 'open' : 'foreign';
}

function keyShown(key: string, zone: Zone): boolean {
  if (zone === 'open' || zone === 'policies' || zone === 'strategy') return showableKey(key);
  return showableReferenceKey(key);
}

/** Reports whether a key under `secret` or `url` is safe to show. Any other word could be a pasted value. */
export function showableReferenceKey(key: string): boolean {
  if (REFERENCE_FIELDS.includes(key) || COMMON_MISTAKEN_KEYS.has(key)) return true;
  return showableKey(key) && didYouMean(key, REFERENCE_FIELDS) !== undefined;
}

function scalarPiece(node: Scalar & Ranged, { zone, field }: Context, source: string): Piece {
  const [start, end] = node.range;
  const text = typeof node.value === 'string' ? node.value : source.slice(start, end);
  if (source.slice(start, end).includes('\n')) return { start, end, text: HIDDEN };
  if (zone === 'reference' && field === 'url') {
    const isOpen = urlProblem(text) === undefined && !hidesCredential(text);
    return isOpen ? { start, end } : { start, end, text: excerptUrl(text) };
  }
  return valueShown(text, zone, field) ? { start, end } : { start, end, text: HIDDEN };
}

function valueShown(text: string, zone: Zone, field: string): boolean {
  if (field === 'env') return showableEnv(text);
  if (zone === 'strategy') return STRATEGIES.includes(text) || didYouMean(text, STRATEGIES) !== undefined;
  if (zone === 'reference') {
    if (field === 'secret') return text === 'none' || text === '';
    if (field === 'file') return /^[\w./~-]+$/.test(text) && showable(text);
    return field === 'version' && /^(?:\d{1,8}|\d{4}-\d\d(?:-\d\d)?|v\d{1,4}|true|false)$/.test(text);
  }
  if (zone === 'foreign') return false;
  if (ID_FIELDS.has(field)) return /^[0-9a-f]{1,33}$/i.test(text.replaceAll('-', '')) || shortWord(text);
  return (zone === 'policies' || PLAIN_FIELDS.has(field)) && showable(text);
}

function shortWord(text: string): boolean {
  return text.length < 16 && showable(text);
}

/** Replaces text that must not be shown. */
const HIDDEN = '…';

const LONGEST = 80;

/** Returns a quoted name for a message. Hides a name that looks like a token, which may have been pasted. */
export function shownName(name: string): string {
  const text = showable(name) ? name : HIDDEN;
  return `"${text.length > LONGEST ? `${text.slice(0, LONGEST)}${HIDDEN}` : text}"`;
}

/** Returns a quoted key for a message. */
export function shownKey(key: string): string {
  return `"${showableKey(key) ? key : HIDDEN}"`;
}

/** Reports whether a text (a name, a path) is safe to show where no secret belongs. */
function showable(text: string): boolean {
  if (text.length < 16) return true;
  if (text.includes('://')) return false;
  return !text.split(/\s+/).some(looksRandom) && !text.split(/[\s/\\,;=@"']+/).some(looksRandom);
}

/** Reports whether an unknown key is safe to show. Tokens have digits or are longer. */
export function showableKey(key: string): boolean {
  return /^(?:[A-Za-z_$<][A-Za-z_$<-]{0,23}|[a-z]+[12])$/.test(key) && !looksRandom(key);
}

/** Reports whether a text is safe to show as the name of an environment variable. */
export function showableEnv(text: string): boolean {
  return /^[A-Z_][A-Z0-9_]*$/.test(text) && !looksRandom(text);
}

/** Returns the URL as it is safe to show. Hides the whole text if it is not a URL. */
export function excerptUrl(text: string): string {
  if (urlProblem(text) !== undefined) return HIDDEN;
  const shown = displayUrl(text);
  return shown.length > LONGEST * 2 ? `${shown.slice(0, LONGEST * 2)}${HIDDEN}` : shown;
}
