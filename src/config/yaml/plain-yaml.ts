import { type CST, Lexer, Parser } from 'yaml';
import { MAX_TOKENS } from './lexemes.js';

/** One document of a file: its value as JSON has it, and where its content starts. */
export type PlainDocument = { readonly value: unknown; readonly start: number };

/** A valid file is five levels deep. */
const MAX_DEPTH = 8;

/** What YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema) reads as a number. */
const NUMBER =
  /^(?:[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN))$/;
const SMALL_INTEGER = /^\d{1,15}$/;
const FIRST_OF_NO_TEXT = new Set('-+.0123456789~nNtTfF');
const NO_TEXT = new Set(['~', 'null', 'Null', 'NULL', 'True', 'TRUE', 'False', 'FALSE']);
const NO_PLAIN_START = new Set(',%|>@`\t');

/**
 * The documents of a file that is written as most are: block lists and maps, values on one line, no anchors, tags,
 * escapes or merge keys. `undefined` if there is anything else in it, or anything wrong: `parse-yaml.ts` reads that,
 * and keeps where everything stands, which costs as much again as all the rest.
 */
export function parsePlainFast(text: string): readonly PlainDocument[] | undefined {
  const documents: PlainDocument[] = [];
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > MAX_TOKENS) return undefined;
    for (const token of parser.next(lexeme)) if (!take(token, documents)) return undefined;
  }
  for (const token of parser.end()) if (!take(token, documents)) return undefined;
  return documents.length === 0 ? undefined : documents;
}

function take(token: CST.Token, documents: PlainDocument[]): boolean {
  if (token.type === 'comment' || token.type === 'newline' || token.type === 'space') return true;
  if (token.type !== 'document' || token.value?.type !== 'block-map') return false;
  const first = token.start[0];
  const marked = first?.type === 'doc-start';
  const gap = gapIn(token.start, marked ? 1 : 0);
  if (gap === undefined || (marked && gap !== 'line') || gapIn(token.end) === undefined) return false;
  const value = mapOf(token.value, MAX_DEPTH);
  if (value === undefined) return false;
  documents.push({ value, start: token.value.offset });
  return true;
}

function mapOf({ items, indent }: CST.BlockMap, depth: number): Record<string, unknown> | undefined {
  const map: Record<string, unknown> = {};
  for (const { start, key, sep, value } of items) {
    if (gapIn(start) === undefined) return undefined;
    // Behind the last entry: comments only.
    if (!key && !sep) continue;
    if (!key || !('indent' in key) || key.indent !== indent) return undefined;
    if (!put(map, key, sep, value, depth)) return undefined;
  }
  return map;
}

/** Adds `key: value`, if both are plain and the key is new. */
function put(
  map: Record<string, unknown>,
  key: CST.Token,
  sep: readonly CST.SourceToken[] | undefined,
  value: CST.Token | undefined,
  depth: number,
): boolean {
  const name = scalarOf(key);
  if (typeof name !== 'string' || name === '<<' || name === '__proto__') return false;
  if (name.length > 1000 || name in map) return false;
  if (sep?.[0]?.type !== 'map-value-ind' || !value) return false;
  const read = valueOf(value, gapIn(sep, 1), depth);
  if (read === undefined) return false;
  map[name] = read;
  return true;
}

function listOf({ items }: CST.BlockSequence, depth: number): unknown[] | undefined {
  const list: unknown[] = [];
  for (const { start, value } of items) {
    const dash = start.findIndex(({ type }) => type === 'seq-item-ind');
    if (dash < 0 && !value && gapIn(start) !== undefined) continue;
    if (dash < 0 || !value || gapIn(start.slice(0, dash)) === undefined) return undefined;
    const gap = gapIn(start, dash + 1);
    // What follows the dash in its line is as good as below it.
    const read = valueOf(value, value.type === 'block-map' && gap === 'space' ? 'line' : gap, depth);
    if (read === undefined) return undefined;
    list.push(read);
  }
  return list;
}

/** `gap`: what stands between it and its key or dash. */
function valueOf(token: CST.Token, gap: Gap | undefined, depth: number): unknown {
  if (gap === undefined || gap === 'none' || depth === 0) return undefined;
  if (token.type === 'block-map') return gap === 'line' ? mapOf(token, depth - 1) : undefined;
  if (token.type === 'block-seq') return gap === 'line' ? listOf(token, depth - 1) : undefined;
  if (gap !== 'space') return undefined;
  return token.type === 'flow-collection' ? flowOf(token, depth - 1) : scalarOf(token);
}

/** `{ env: NAME }` and `[a, b]`, on one line. */
function flowOf({ start, items, end }: CST.FlowCollection, depth: number): unknown {
  const isMap = start.source === '{';
  const map: Record<string, unknown> = {};
  const list: unknown[] = [];
  const [close, ...behind] = end;
  if (close?.source !== (isMap ? '}' : ']') || gapIn(behind) === undefined || behind[0]?.type === 'comment')
    return undefined;
  for (const [i, { start: before, key, sep, value }] of items.entries()) {
    if (i > 0 && before[0]?.type !== 'comma') return undefined;
    if (!isInLine(gapIn(before, i > 0 ? 1 : 0))) return undefined;
    if (isMap) {
      if (!key || !isInLine(gapIn(endOf(value))) || !put(map, key, sep, value, depth)) return undefined;
      continue;
    }
    if (key || sep || !value || !isInLine(gapIn(endOf(value)))) return undefined;
    const read = valueOf(value, 'space', depth);
    if (read === undefined) return undefined;
    list.push(read);
  }
  return isMap ? map : list;
}

function endOf(token: CST.Token | undefined): readonly CST.SourceToken[] {
  return token && 'end' in token && token.type !== 'flow-collection' ? (token.end ?? []) : [];
}

function scalarOf(token: CST.Token): unknown {
  if (
    token.type !== 'scalar' &&
    token.type !== 'single-quoted-scalar' &&
    token.type !== 'double-quoted-scalar'
  )
    return undefined;
  const { source, end } = token;
  if (
    source.includes('\n') ||
    (end && end.length > 0 && (end[0]?.type === 'comment' || gapIn(end) === undefined))
  )
    return undefined;
  if (token.type === 'scalar') return plainOf(source);
  const quote = token.type === 'single-quoted-scalar' ? "'" : '"';
  if (source.length < 2 || !source.endsWith(quote)) return undefined;
  const inner = source.slice(1, -1);
  if (quote === "'") return inner.replaceAll("''", "'");
  return inner.includes('\\') ? undefined : inner;
}

function plainOf(source: string): unknown {
  const first = source.charAt(0);
  if (first === '' || NO_PLAIN_START.has(first)) return undefined;
  if (!FIRST_OF_NO_TEXT.has(first)) return source;
  if (source === 'true') return true;
  if (source === 'false') return false;
  if (SMALL_INTEGER.test(source)) return Number(source);
  return NO_TEXT.has(source) || NUMBER.test(source) ? undefined : source;
}

/** What lies between two things: nothing, spaces and comments in the line, or the end of the line. */
type Gap = 'none' | 'space' | 'line';

/** `undefined` if there is more than blanks and comments, or a tab, or a comment that nothing separates. */
function gapIn(tokens: readonly CST.SourceToken[] = [], from = 0): Gap | undefined {
  let gap: Gap = 'none';
  for (let i = from; i < tokens.length; i += 1) {
    const token = tokens[i];
    if (token?.type === 'newline') gap = 'line';
    else if (token?.type === 'space' && !token.source.includes('\t')) gap = gap === 'line' ? 'line' : 'space';
    else if (token?.type !== 'comment' || (i === from && from > 0)) return undefined;
  }
  return gap;
}

function isInLine(gap: Gap | undefined): boolean {
  return gap === 'none' || gap === 'space';
}
