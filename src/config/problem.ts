import type { DiagnosticCode } from '../core/diagnostic.js';
import type { Source } from './yaml/source.js';

/** The path to a value in a document: `['webhooks', 0, 'url']`. */
export type Path = readonly (string | number)[];

/** A range in a text: two offsets, the second one after the last character. */
export type Span = readonly [start: number, end: number];

/** One YAML document of a file, as far as needed to find places in it. */
export type Part = {
  readonly source: Source;
  /** Returns the range to mark: for a mapping or list, its first key or bracket. */
  readonly spanOf: (place: Place) => Span;
};

/** A value, its key, or a range of the text. Resolved to a line and column only for a message. */
export type Place = {
  /** Absent: the document that the problem is reported for. */
  readonly part?: Part;
} & (
  | { readonly kind: 'value'; readonly path: Path }
  | { readonly kind: 'key'; readonly path: Path }
  | { readonly kind: 'span'; readonly span: Span }
);

/** An error or warning about a document, before its line and column are known. */
export type Problem = {
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  readonly place: Place;
  /** A single line that contains no value that could be a secret. */
  readonly message: string;
  readonly hint?: string;
  /** Another place that the problem involves; shown before the hint. */
  readonly other?: { readonly what: string; readonly place: Place };
};

export const atValue = (...path: Path): Place => ({ kind: 'value', path });
export const atKey = (...path: Path): Place => ({ kind: 'key', path });
export const atSpan = (start: number, end: number): Place => ({ kind: 'span', span: [start, end] });

/** Returns an error; see {@link Problem}. */
export function error(
  place: Place,
  code: DiagnosticCode,
  message: string,
  hint?: string,
  other?: Problem['other'],
): Problem {
  return {
    severity: 'error',
    code,
    place,
    message,
    ...(hint !== undefined && { hint }),
    ...(other && { other }),
  };
}

/** Returns a warning; see {@link Problem}. */
export function warning(...args: Parameters<typeof error>): Problem {
  return { ...error(...args), severity: 'warning' };
}
