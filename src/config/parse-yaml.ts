import { Composer, Lexer, Parser } from 'yaml';
import type { Document, Node, YAMLError } from 'yaml';
import { atSpan, fault, type Fault } from './fault.js';
import { explainSyntax } from './explain-syntax.js';

/** A list of 100,000 webhooks has about 3 million; a few bytes each would otherwise fill the memory. */
const MAX_LEXEMES = 4_000_000;

/** One YAML document of a file, before anything in it is understood. */
export type YamlDocument = {
  /** `null` if there is nothing in it. */
  readonly root: Node | null;
  /** Where its content starts. */
  readonly start: number;
  /** What is wrong with its YAML, in order. Only the first fault of a line: the others follow from it. */
  readonly syntax: readonly Fault[];
};

/**
 * The documents of a YAML 1.2 stream. Never throws.
 * Duplicate keys, aliases and types are not looked at here: see `to-value.ts`.
 */
export function parseYaml(text: string): readonly YamlDocument[] {
  const composer = new Composer({ strict: true, uniqueKeys: false, merge: false, prettyErrors: false });
  const documents: YamlDocument[] = [];
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > MAX_LEXEMES) return [tooLarge()];
    for (const token of parser.next(lexeme)) {
      for (const document of composer.next(token)) documents.push(readDocument(document, text));
    }
  }
  for (const token of parser.end()) {
    for (const document of composer.next(token)) documents.push(readDocument(document, text));
  }
  for (const document of composer.end()) documents.push(readDocument(document, text));
  const stray = composer.streamInfo().errors;
  if (stray.length > 0) documents.push({ root: null, start: 0, syntax: explain(stray, text) });
  return documents;
}

function readDocument(document: Document.Parsed, text: string): YamlDocument {
  const root = document.contents;
  const problems = [...document.errors, ...document.warnings];
  return {
    root: isNothing(root) ? null : root,
    start: root?.range[0] ?? document.range[0],
    syntax: problems.length === 0 ? [] : explain(problems, text),
  };
}

/** The parser gives a document without content a scalar of no width. */
function isNothing(root: Node | null): boolean {
  return root === null || (root.range?.[0] === root.range?.[1] && !root.anchor && !root.tag);
}

function explain(problems: readonly YAMLError[], text: string): readonly Fault[] {
  const faults: Fault[] = [];
  const sorted = [...problems].sort((a, b) => a.pos[0] - b.pos[0]);
  let lineEnd = -1;
  let exhausted = false;
  for (const problem of sorted) {
    const start = Math.min(Math.max(problem.pos[0], 0), text.length);
    if (problem.code === 'RESOURCE_EXHAUSTION') {
      if (exhausted) continue;
      exhausted = true;
    } else if (start <= lineEnd) {
      continue;
    }
    const explained = explainSyntax(problem);
    if (!explained) continue;
    faults.push({ ...explained, place: atSpan(start, Math.max(start, problem.pos[1])) });
    lineEnd = text.indexOf('\n', start);
    if (lineEnd < 0) lineEnd = text.length;
  }
  return faults;
}

function tooLarge(): YamlDocument {
  const message = 'the file has too many values';
  const hint = 'Split it into several files and pass their folder.';
  return { root: null, start: 0, syntax: [fault(atSpan(0, 0), 'too-large', message, hint)] };
}
