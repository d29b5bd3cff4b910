import { Composer, type CST, type Document, Lexer, type Node, Parser } from 'yaml';
import { tooDeepAt } from './depth.js';
import { atSpan, fault, type Problem } from '../problem.js';
import { explainSyntax } from './explain-syntax.js';
import { MAX_TOKENS } from './lexemes.js';

/** One YAML document of a file, before anything in it is understood. */
export type YamlDocument = {
  /** `null` if there is nothing in it. */
  readonly root: Node | null;
  /** Where its content starts. */
  readonly start: number;
  /** What is wrong with its YAML, in order. Only the first fault of a line: the others follow from it. */
  readonly syntax: readonly Problem[];
};

/**
 * The documents of a YAML 1.2 stream. Never throws.
 * Duplicate keys, aliases and types are not looked at here: see `to-value.ts`.
 */
export function parseYaml(text: string): readonly YamlDocument[] {
  const documents: YamlDocument[] = [];
  const composer = new Composer({ strict: true, uniqueKeys: false, merge: false, prettyErrors: false });
  const compose = (token: CST.Token): void => {
    const deep = token.type === 'document' ? tooDeepAt(token) : undefined;
    if (deep !== undefined) {
      documents.push(tooDeep(deep));
      return;
    }
    for (const document of composer.next(token)) documents.push(readDocument(document, text));
  };
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > MAX_TOKENS) return [tooLarge()];
    for (const token of parser.next(lexeme)) compose(token);
  }
  for (const token of parser.end()) compose(token);
  for (const document of composer.end()) documents.push(readDocument(document, text));
  const stray = composer.streamInfo().errors;
  if (stray.length > 0) documents.push({ root: null, start: 0, syntax: explainSyntax(stray, text, null) });
  // The composer gives a document only when it sees the next.
  return documents.sort((a, b) => a.start - b.start);
}

function readDocument(document: Document.Parsed, text: string): YamlDocument {
  const root = document.contents;
  const problems = [...document.errors, ...document.warnings];
  return {
    root: isNothing(root) ? null : root,
    start: root?.range[0] ?? document.range[0],
    syntax: problems.length === 0 ? [] : explainSyntax(problems, text, root),
  };
}

/** The parser gives a document without content a scalar of no width. */
function isNothing(root: Node | null): boolean {
  return root === null || (root.range?.[0] === root.range?.[1] && !root.anchor && !root.tag);
}

function tooDeep(start: number): YamlDocument {
  const hint = 'A desired-state file is at most five levels deep.';
  return {
    root: null,
    start,
    syntax: [fault(atSpan(start, start + 1), 'too-deep', 'nested too deeply', hint)],
  };
}

function tooLarge(): YamlDocument {
  const message = 'the file has too many values';
  const hint = 'Split it into several files and pass their folder.';
  return { root: null, start: 0, syntax: [fault(atSpan(0, 0), 'too-large', message, hint)] };
}
