import type { Diagnostic } from '../../core/diagnostic.js';
import { excerptOf } from '../yaml/excerpt.js';
import type { Fault, Place, Span } from '../problem.js';
import { Locator } from './locate.js';
import type { YamlDocument } from '../yaml/parse-yaml.js';
import type { Source } from '../yaml/source.js';
import { sureFaults } from './sure-faults.js';

/** Of one file; so many faults have one cause. */
const MOST = 1000;

/** What is wrong with the YAML of a document, and those of the other faults that are sure then; in the order of the text. */
export function diagnose(
  source: Source,
  document: YamlDocument,
  others: readonly Fault[],
): readonly Diagnostic[] {
  const faults = [...document.syntax, ...sureFaults(others, document, source.text)];
  const locator = new Locator(document.root, document.start);
  const placed = distinct(faults.map((fault) => ({ fault, span: locator.span(fault.place) })));
  // Errors first, so that none is lost among warnings where there are too many.
  const isError = (fault: Fault): number => (fault.severity === 'error' ? 0 : 1);
  if (placed.length > MOST) placed.sort((a, b) => isError(a.fault) - isError(b.fault));
  const left = placed.splice(MOST);
  placed.sort((a, b) => a.span[0] - b.span[0]);
  const shown = placed.map(({ fault, span }): Diagnostic => {
    const { line, column, start } = source.lines().at(span[0]);
    const hint = hintOf(fault, (place) => placeName(source, locator, place));
    return {
      severity: fault.severity,
      code: fault.code,
      file: source.file,
      line,
      column,
      message: fault.message,
      ...(hint !== undefined && { hint }),
      excerpt: excerptOf(source.text, document.root, start, span),
    };
  });
  const last = shown.at(-1);
  if (left.length === 0 || !last) return shown;
  const severity = left.some(({ fault }) => fault.severity === 'error') ? 'error' : 'warning';
  const message = `${left.length} more problems in this document are not shown`;
  const { file, line, column } = last;
  return [...shown, { severity, code: 'too-many-faults', file, line, column, message }];
}

type Placed = { readonly fault: Fault; readonly span: Span };

/** What several aliases stand for has its faults once. */
function distinct(placed: readonly Placed[]): Placed[] {
  const seen = new Set<string>();
  return placed.filter(({ fault, span }) => {
    const key = `${span[0]} ${fault.code} ${fault.message}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** `hookwright.yaml:4:5` of a place in a document. */
function placeName(source: Source, locator: Locator, place: Place): string {
  const { line, column } = source.lines().at(locator.span(place)[0]);
  return `${source.file}:${line}:${column}`;
}

function hintOf(fault: Fault, name: (place: Place) => string): string | undefined {
  if (!fault.other) return fault.hint;
  const other = `${fault.other.what} ${name(fault.other.place)}.`;
  return fault.hint === undefined ? other : `${other} ${fault.hint}`;
}
