import type { Node } from 'yaml';
import type { Span } from '../problem.js';
import { piecesIn, type Piece } from './mask.js';
import { HIDDEN } from './show.js';

/** A source line as it may be shown. `column` and `width` say what is marked in it; it can differ from the source. */
export type Excerpt = { readonly text: string; readonly column: number; readonly width: number };

/** Longer lines are shown around the place. */
const LONGEST_LINE = 160;
const BEFORE = 60;

/** The line of `span`, which starts at `lineStart`, with all masked that could be a secret. */
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

/** Puts a line together from left to right and keeps track of where the marked part comes to stand. */
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
    // Overlapping pieces come from text that does not parse: no telling what they are.
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

  /** What stands between scalars: punctuation is shown; comments, anchors, tags and what did not parse is not. */
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
