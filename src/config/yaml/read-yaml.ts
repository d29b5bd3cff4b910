import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type ParsedNode,
  Parser,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { DiagnosticCode } from '../../core/diagnostic.js';
import { atSpan, error, type Part, type Place, type Problem } from '../problem.js';
import { shownKey, shownName } from './excerpt.js';
import { explainSyntax } from './explain-syntax.js';
import { firstPairs, locatorOf } from './locate.js';

/** A list of 40,000 webhooks has about 1.5 million. More, even if they are short, could fill the memory. */
const MAX_TOKENS = 2_000_000;

/** The limit for nested collections and values. A valid file has at most 10. */
const MAX_OPEN = 100;

/** The limit for values from all aliases together: enough for one in each of 30,000 webhooks. */
const MAX_ALIASED = 100_000;

/** One YAML document of a file. */
export type YamlDocument = Pick<Part, 'spanOf'> & {
  /** `null` if the document is empty. */
  readonly root: Node | null;
  /** The offset where its content starts. */
  readonly start: number;
  /** Its value as JSON, without the parts that cannot be converted. */
  readonly value: unknown;
  /** YAML errors, in order. Only the first of each line, because the others usually follow from it. */
  readonly syntax: readonly Problem[];
  /** Parts that have no value, such as an alias to an undefined anchor. */
  readonly unread: readonly Problem[];
};

/** Reads the documents of a YAML 1.2 stream. Ignores empty ones after a closing `---`. Never throws. */
export function readYaml(text: string): readonly YamlDocument[] {
  const documents: YamlDocument[] = [];
  // The library's check for unique keys takes quadratic time, so ValueReader does it.
  const composer = new Composer({
    strict: true,
    stringKeys: true,
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
  });
  const tokens = tokensOf(text);
  let next = tokens.next();
  for (; !next.done; next = tokens.next()) {
    for (const document of composer.next(next.value)) documents.push(readDocument(document, text));
  }
  for (const document of composer.end()) documents.push(readDocument(document, text));
  const stray = composer.streamInfo().errors;
  if (stray.length > 0) documents.push(withoutContent(0, explainSyntax(stray, text, null)));
  if (next.value) documents.push(withoutContent(next.value.start, [next.value.problem]));
  // The composer returns a document only when it sees the next one.
  documents.sort((a, b) => a.start - b.start);
  const last = documents.findLastIndex(({ root, syntax }) => root !== null || syntax.length > 0);
  return documents.slice(0, last + 1);
}

type Refusal = { readonly start: number; readonly problem: Problem };

/**
 * Yields the tokens for the composer. Stops with a problem before too many values fill the memory or nesting
 * fills the stack: the composer is recursive, and Node.js can crash near the end of the stack.
 */
function* tokensOf(text: string): Generator<CST.Token, Refusal | undefined> {
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > MAX_TOKENS) {
      const hint = 'Split it into several files and pass their directory.';
      return { start: 0, problem: error(atSpan(0, 0), 'too-large', 'the file has too many values', hint) };
    }
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_OPEN) {
      const start = parser.offset;
      const hint = 'A desired-state file has at most 5 levels.';
      return { start, problem: error(atSpan(start - 1, start), 'too-deep', 'nested too deeply', hint) };
    }
  }
  yield* parser.end();
  return undefined;
}

function withoutContent(start: number, syntax: readonly Problem[]): YamlDocument {
  return {
    root: null,
    start,
    spanOf: locatorOf(null, start, new Map()),
    value: undefined,
    syntax,
    unread: [],
  };
}

function readDocument(document: Document.Parsed, text: string): YamlDocument {
  const { contents, errors, warnings } = document;
  const problems = [...errors, ...warnings];
  const syntax = problems.length === 0 ? [] : explainSyntax(problems, text, contents);
  const start = contents?.range[0] ?? document.range[0];
  if (contents === null || isNothing(contents)) return withoutContent(start, syntax);
  const reader = new ValueReader(text);
  const value = reader.readRoot(contents);
  const spanOf = locatorOf(contents, start, reader.anchors);
  return { root: contents, start, spanOf, value, syntax, unread: reader.problems };
}

/** Detects the scalar of zero width that the parser returns for a document without content. */
function isNothing({ range, anchor, tag }: ParsedNode): boolean {
  return range[0] === range[1] && !anchor && !tag;
}

/** The value of an anchor, its number of values, and their problems. `undefined` while it is being read. */
type Anchored =
  | {
      readonly node: Node;
      readonly value: unknown;
      readonly size: number;
      problems: readonly Problem[];
    }
  | undefined;

/** Fields whose strings are names, alone or in a list. */
const NAME_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'label',
  'previously',
  'ignore',
  'absent',
  'webhooks',
]);

/** Reads the plain value of a document. Aliases share their value, so an alias bomb uses little memory. */
class ValueReader {
  readonly problems: Problem[] = [];
  readonly anchors = new Map<string, Anchored>();
  #count = 0;
  #aliased = 0;

  constructor(private readonly text: string) {}

  /** Reads a document. Problems under a key that starts with `x-` count only where an alias refers to it. */
  readRoot(root: Node): unknown {
    return isMap(root) ? this.#map(root, true) : this.read(root);
  }

  read(node: unknown): unknown {
    if (isAlias(node)) return this.#alias(node);
    if (!isNode(node)) return null;
    const anchor = node.anchor;
    if (anchor === undefined) return this.#plain(node);
    const before = this.#count;
    const known = this.problems.length;
    this.anchors.set(anchor, undefined);
    const value = this.#plain(node);
    this.anchors.set(anchor, {
      node,
      value,
      size: this.#count - before,
      problems: this.problems.slice(known),
    });
    return value;
  }

  #plain(node: Node): unknown {
    this.#count += 1;
    if (isScalar(node)) {
      const { value } = node;
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
      if (value === null) return null;
      return this.#no(node, 'unknown-tag', 'unsupported type of value', 'Quote it.');
    }
    if (isMap(node)) return this.#map(node);
    if (isSeq(node)) return node.items.map((item) => this.read(item));
    return null;
  }

  #map(node: YAMLMap, isRoot = false): unknown {
    const value: Record<string, unknown> = {};
    let first: ReturnType<typeof firstPairs> | undefined;
    // After a second name, repeated fields are those of an entry without its dash.
    let isSecondEntry = false;
    for (const { key: keyNode, value: valueNode } of node.items) {
      // The composer reports a key that is not a string.
      if (!isScalar(keyNode) || typeof keyNode.value !== 'string') continue;
      const key = keyNode.value;
      if (Object.hasOwn(value, key)) {
        if (isSecondEntry) continue;
        isSecondEntry = key === 'name';
        first ??= firstPairs(node);
        this.#duplicate(key, keyNode, first.get(key)?.key);
        continue;
      }
      const known = this.problems.length;
      const before = key === 'version' ? this.#asWritten(valueNode) : this.read(valueNode);
      const isCut = NAME_FIELDS.has(key) && this.#checkNames(valueNode, key);
      // A name of which nothing is left must not be reported again as empty.
      const read = isCut && before === null ? undefined : before;
      if (isRoot && key.startsWith('x-')) this.problems.length = known;
      if (key === '__proto__') Object.defineProperty(value, key, { value: read, enumerable: true });
      else value[key] = read;
    }
    return value;
  }

  /** Returns a number or boolean as it is written, because the versions 1.1 and 1.10 differ. */
  #asWritten(node: unknown): unknown {
    const value = this.read(node);
    const scalar = this.#target(node);
    const isWord = typeof value === 'number' || typeof value === 'boolean';
    return isWord && isScalar(scalar) ? scalar.source : value;
  }

  /** Returns the node that an alias refers to. */
  #target(node: unknown): unknown {
    return isAlias(node) ? this.anchors.get(node.source)?.node : node;
  }

  /** Reports whether the value is a name that YAML has cut. */
  #checkNames(node: unknown, key: string): boolean {
    const target = this.#target(node);
    if (isSeq(target)) for (const item of target.items) this.#checkName(item);
    // A list that is missing is not a name.
    const isName = key === 'name' || (isScalar(target) && target.value !== null);
    return isName && this.#checkName(node);
  }

  /** Reports a name if YAML has read part of it, or all of it, as an anchor, a tag or a comment. */
  #checkName(item: unknown): boolean {
    const node = this.#target(item);
    if (!isScalar(node)) return false;
    const { value } = node;
    if (node.type !== 'PLAIN' || (typeof value !== 'string' && value !== null)) return false;
    const cut = this.#cutAt(node, isAlias(item));
    if (!cut) return false;
    const [mark, kind, hint] = cut;
    const rest = value === null ? 'so the name is empty' : `and only ${shownName(value)} as the name`;
    this.#no(node, 'cut-name', `YAML reads "${mark}" as ${kind}, ${rest}`, `Quote the whole name. ${hint}`);
    return true;
  }

  /** Returns the character that starts an anchor, tag or comment, what it starts, and a hint. */
  #cutAt(
    { anchor, tag, range, comment }: Scalar,
    hasAlias: boolean,
  ): readonly [mark: string, kind: string, hint: string] | undefined {
    // An alias shows that the anchor is intended.
    if (anchor !== undefined && !hasAlias)
      return ['&', 'an anchor', 'If an anchor is intended, quote the name after it.'];
    if (tag === '!' || tag?.startsWith('tag:yaml.org,2002:'))
      return ['!', 'a tag', 'A quoted name needs no tag.'];
    const touches =
      comment !== undefined && range && /^[ \t]*#\S/.test(this.text.slice(range[1], range[1] + 80));
    if (!touches) return undefined;
    return ['#', 'a comment', 'If a comment is intended, write a space after the #.'];
  }

  #duplicate(key: string, node: unknown, first: unknown): void {
    const message = `the field ${shownKey(key)} appears twice`;
    const other = { what: 'The first one is at', place: placeOf(first) };
    const hint = `Keep one of the two.${key === 'name' ? ' If a second entry starts here, write "- " before its first field.' : ''}`;
    this.problems.push(error(placeOf(node), 'duplicate-key', message, hint, other));
  }

  #alias(node: Alias): unknown {
    if (!this.anchors.has(node.source)) {
      const hint = 'Define it before with &name, or quote a string that starts with *.';
      return this.#no(node, 'dangling-alias', 'an alias (*name) to an undefined anchor', hint);
    }
    const target = this.anchors.get(node.source);
    if (!target)
      return this.#no(node, 'alias-loop', 'an alias inside the value that it refers to', 'Remove it.');
    this.problems.push(...target.problems);
    target.problems = [];
    this.#count += target.size;
    this.#aliased += target.size;
    if (this.#aliased <= MAX_ALIASED) return target.value;
    if (this.#aliased - target.size > MAX_ALIASED) return undefined;
    const hint = 'All aliases of a document together can expand to 100,000 values. Write some of them out.';
    return this.#no(node, 'alias-bomb', 'the aliases expand to too many values', hint);
  }

  #no(node: unknown, code: DiagnosticCode, message: string, hint: string): undefined {
    this.problems.push(error(placeOf(node), code, message, hint));
    return undefined;
  }
}

function placeOf(node: unknown): Place {
  const range = isNode(node) ? node.range : undefined;
  return range ? atSpan(range[0], range[1]) : atSpan(0, 0);
}
