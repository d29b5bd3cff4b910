import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { displayUrl, hidesCredential, urlProblem } from '../../core/urls.js';
import { looksRandom } from '../../text/looks-random.js';
import { didYouMean } from '../../text/suggestions.js';
import type { Span } from '../problem.js';

/** A source line, masked so that it is safe to show. `column` and `width` mark the problem in it. */
export type Excerpt = { readonly text: string; readonly column: number; readonly width: number };

/** Longer lines are shortened to the part around the place. */
const LONGEST_LINE = 160;
const BEFORE = 60;

/** Returns the line of `span`, which starts at `lineStart`, with everything masked that could be a secret. */
export function excerptOf(source: string, root: Node | null, lineStart: number, span: Span): Excerpt {
  const window = windowOf(source, lineStart, span[0]);
  const masked = new MaskedLine(source, window, span);
  const pieces = root ? piecesIn(root, window, source) : [];
  pieces.sort((a, b) => a.start - b.start);
  for (const piece of pieces) masked.add(piece);
  return masked.finish(window[0] > lineStart);
}

function windowOf(source: string, lineStart: number, at: number): Span {
  let end = source.indexOf('\n', lineStart);
  if (end < 0) end = source.length;
  if (source[end - 1] === '\r' && end - 1 >= at) end -= 1;
  if (end - lineStart <= LONGEST_LINE) return [lineStart, end];
  const start = at - lineStart > BEFORE ? at - BEFORE : lineStart;
  return [start, Math.min(end, start + LONGEST_LINE)];
}

/** Builds a line from left to right, and tracks where the marked part ends up. */
class MaskedLine {
  readonly #source: string;
  readonly #window: Span;
  readonly #mark: Span;
  #text = '';
  #at: number;
  #markStart: number | undefined;
  #markEnd = 0;

  constructor(source: string, window: Span, mark: Span) {
    this.#source = source;
    this.#window = window;
    this.#mark = mark;
    this.#at = window[0];
  }

  add(piece: Piece): void {
    const start = Math.max(piece.start, this.#at);
    const end = Math.min(piece.end, this.#window[1]);
    if (end <= start) return;
    // Pieces overlap only in text that does not parse, so their meaning is unknown.
    const sure = piece.start >= this.#at || piece.start < this.#window[0];
    this.#gap(start);
    this.#put(start, end, sure ? piece.text : HIDDEN);
  }

  finish(cut: boolean): Excerpt {
    this.#gap(this.#window[1]);
    const more = this.#source[this.#window[1]];
    const prefix = cut ? HIDDEN : '';
    const suffix = more === undefined || more === '\n' || more === '\r' ? '' : HIDDEN;
    const from = this.#markStart ?? this.#text.length;
    return {
      text: prefix + this.#text + suffix,
      column: prefix.length + from + 1,
      width: Math.max(1, this.#markEnd - from),
    };
  }

  /** Adds the text between scalars. Hides comments, anchors, tags and text that did not parse. */
  #gap(end: number): void {
    const between = /[\t ]+|^(?:---|\.\.\.)$|[-?:,{}[\]](?=[\s,{}[\]]|$)|[{}[\],]|#|[^\s,{}[\]]+/gm;
    const stretch = this.#source.slice(this.#at, end);
    const base = this.#at;
    for (const match of stretch.matchAll(between)) {
      const start = base + match.index;
      const known = /^(?:[\t ]+|---|\.\.\.|[-?:,{}[\]])$/.test(match[0]);
      if (match[0] === '#') {
        this.#put(start, end, `# ${HIDDEN}`);
        return;
      }
      this.#put(start, start + match[0].length, known ? undefined : HIDDEN);
    }
    this.#at = Math.max(this.#at, end);
  }

  #put(start: number, end: number, text: string | undefined): void {
    const shown = text ?? this.#source.slice(start, end).replaceAll('\t', ' ');
    const place = this.#text.length;
    const [from, to] = this.#mark;
    if (from < end && this.#markStart === undefined) {
      this.#markStart = place + (text === undefined ? Math.max(0, from - start) : 0);
      this.#markEnd = this.#markStart;
    }
    this.#text += shown;
    if (to > start && this.#markStart !== undefined) {
      this.#markEnd = place + (text === undefined ? Math.min(shown.length, to - start) : shown.length);
    }
    this.#at = end;
  }
}

/** A scalar of a line, and the text to show for it. Without `text`, the source is shown. */
export type Piece = { readonly start: number; readonly end: number; readonly text?: string };

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
  'strategy',
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
function piecesIn(root: Node, span: Span, source: string): Piece[] {
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
      collect(value, below(zone, text ?? ''));
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

function below(zone: Zone, key: string): Context {
  if (zone === 'strategy' || zone === 'reference') return { zone, field: key };
  if (zone === 'policies') return { zone: /^(?:name|id|webhooks)$/.test(key) ? zone : 'foreign', field: key };
  if (zone === 'open' && key === 'policies') return { zone: 'policies', field: key };
  if (zone === 'open' && key === 'strategy') return { zone: 'strategy', field: key };
  if (key === 'url' || key === 'secret')
    return { zone: zone === 'open' ? 'reference' : 'foreign', field: key };
  const known = key === 'webhooks' || PLAIN_FIELDS.has(key) || ID_FIELDS.has(key);
  return { zone: zone === 'open' && known ? 'open' : 'foreign', field: key };
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
    return isOpen ? { start, end } : { start, end, text: shownUrl(text) };
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
export function shownUrl(text: string): string {
  if (urlProblem(text) !== undefined) return HIDDEN;
  const shown = displayUrl(text);
  return shown.length > LONGEST * 2 ? `${shown.slice(0, LONGEST * 2)}${HIDDEN}` : shown;
}
