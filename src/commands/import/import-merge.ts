import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { readYaml } from '../../config/yaml/read-yaml.js';
import { canonicalJson } from '../../saved-plan/digest.js';
import type { Imported, ImportedEntry } from './import-entries.js';
import { block, entryLines, ignoreLine, ignoreRemark } from './import-yaml.js';

/**
 * Returns the text with entries added to the document at `index`. Usually inserts them after the last entry
 * and changes no other byte. The YAML library rewrites lists in `[ ]` and an existing `ignore`, which keeps
 * values, order and comments. Returns `undefined` if neither way results in exactly the wanted entries.
 */
export function mergeInto(text: string, index: number, imported: Imported): string | undefined {
  const wanted = expected(text, index, imported);
  return [insertEntries, rewritten]
    .map((way) => way(text, index, imported))
    .find((result) => result !== undefined && wanted !== undefined && values(result) === wanted);
}

/** Returns all documents as plain values, to compare them, or `undefined` if the YAML is broken. */
function plainDocuments(text: string): unknown[] | undefined {
  const documents = readYaml(text);
  if (documents.some(({ syntax }) => syntax.length > 0)) return undefined;
  return documents.map(({ value }) => value ?? null);
}

function values(text: string): string | undefined {
  const documents = plainDocuments(text);
  return documents && canonicalJson(documents);
}

function expected(text: string, index: number, { entries, ignored }: Imported): string | undefined {
  const documents = plainDocuments(text);
  const before = documents?.[index];
  if (!documents || typeof before !== 'object' || before === null) return undefined;
  const { webhooks, ignore } = before as { readonly webhooks?: unknown; readonly ignore?: unknown };
  const added = ignored.map(({ id }) => `id:${id}`);
  const after = {
    ...before,
    webhooks: [...listOf(webhooks), ...entries.map(plainEntry)],
    ...(added.length > 0 && { ignore: [...listOf(ignore), ...added] }),
  };
  return canonicalJson(documents.with(index, after));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function plainEntry({ name, id, url, secret }: ImportedEntry): Record<string, unknown> {
  return {
    name,
    ...(id !== undefined && { id }),
    url: url.kind === 'literal' ? url.url : { env: url.env },
    ...(secret !== undefined && { secret: { env: secret } }),
  };
}

/** Lets the YAML library write the whole document. */
function rewritten(text: string, index: number, { entries, ignored }: Imported): string | undefined {
  const document = documentsOf(text)[index];
  const root = document?.contents;
  if (!document?.range || !isMap(root) || !isSeq(root.get('webhooks', true))) return undefined;
  for (const entry of entries) document.addIn(['webhooks'], document.createNode(plainEntry(entry)));
  if (ignored.length > 0) addIgnored(document, root, ignored);
  const start = index === 0 ? 0 : document.range[0];
  const made = document.toString({ lineWidth: 0 });
  return (
    text.slice(0, start) +
    (text.includes('\r\n') ? made.replaceAll('\n', '\r\n') : made) +
    text.slice(document.range[2])
  );
}

function addIgnored(document: Document, root: YAMLMap, ignored: Imported['ignored']): void {
  if (!isSeq(root.get('ignore', true))) document.setIn(['ignore'], document.createNode([]));
  for (const each of ignored) {
    const item = new Scalar(`id:${each.id}`);
    item.type = 'QUOTE_DOUBLE';
    item.comment = ` ${ignoreRemark(each)}`;
    document.addIn(['ignore'], item);
  }
}

/** Inserts lines for new entries into the text, or returns `undefined` if that is not simple. */
function insertEntries(text: string, index: number, { entries, ignored }: Imported): string | undefined {
  const root = documentsOf(text)[index]?.contents;
  if (!isMap(root) || root.flow) return undefined;
  const key = root.items.find((item) => isScalar(item.key) && item.key.value === 'webhooks')?.key;
  const list = root.get('webhooks', true);
  if (!isScalar(key) || !isSeq(list) || (ignored.length > 0 && root.has('ignore'))) return undefined;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const margin = ' '.repeat(key.range[0] - lineStart(text, key.range[0]));
  const place = list.items.length === 0 ? placeOfEmpty(text, list, margin) : placeAfter(text, list);
  if (!place) return undefined;
  const added = entries.length === 0 ? '' : block(entries.map(entryLines), place.indent, eol);
  const lines = block(
    ignored.map((each) => [ignoreLine(each)]),
    `${margin}  `,
    eol,
  );
  const ignore = ignored.length === 0 ? '' : `${margin}ignore:${eol}${lines}`;
  if (entries.length === 0) return insert(text, place.at, ignore, eol);
  return insert(place.text, place.at - (text.length - place.text.length), added + ignore, eol);
}

type InsertionPoint = {
  /** The text, without the brackets of an empty list. */
  readonly text: string;
  /** Where to insert lines, in the original text. */
  readonly at: number;
  readonly indent: string;
};

/** Returns the place after the last entry and its comments. */
function placeAfter(text: string, list: YAMLSeq): InsertionPoint | undefined {
  const last = list.items.at(-1);
  if (list.flow || !(isMap(last) || isScalar(last)) || !last.range) return undefined;
  const start = last.range[0];
  const dash = /^( *)- +$/.exec(text.slice(lineStart(text, start), start));
  const end = endOf(last);
  if (!dash || end === undefined) return undefined;
  const indent = dash[1] ?? '';
  let at = lineEnd(text, text[end - 1] === '\n' ? end - 1 : end);
  for (;;) {
    const remark = /^( *)#/.exec(text.slice(at, lineEnd(text, at)));
    if (!remark || (remark[1] ?? '').length <= indent.length) return { text, at, indent };
    at = lineEnd(text, at);
  }
}

/** Removes the brackets of `webhooks: []  # none yet` and keeps the comment. */
function placeOfEmpty(text: string, list: YAMLSeq, margin: string): InsertionPoint | undefined {
  const [start, end] = list.range ?? [0, 0];
  const at = lineEnd(text, end);
  const rest = text.slice(end, at);
  if (!/^\[\s*\]$/.test(text.slice(start, end)) || !/^[ \t]*(#.*)?\r?\n?$/.test(rest)) return undefined;
  const head = text.slice(0, start).replace(/[ \t]+$/, '');
  return { text: head + rest + text.slice(at), at, indent: `${margin}  ` };
}

function insert(text: string, at: number, lines: string, eol: string): string {
  const before = text.slice(0, at);
  return before + (before === '' || before.endsWith('\n') ? '' : eol) + lines + text.slice(at);
}

/** Returns the end of the last value in the node. A block collection's range extends to what follows it. */
function endOf(node: unknown): number | undefined {
  if (isMap(node) && !node.flow) {
    const pair = node.items.at(-1);
    return endOf(pair?.value) ?? endOf(pair?.key);
  }
  if (isSeq(node) && !node.flow) return endOf(node.items.at(-1));
  return (node as Node | null | undefined)?.range?.[1];
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** Returns the start of the next line. */
function lineEnd(text: string, at: number): number {
  const feed = text.indexOf('\n', at);
  return feed < 0 ? text.length : feed + 1;
}

/** Never throws because of the text. The documents contain the errors. */
function documentsOf(text: string): readonly Document.Parsed[] {
  const documents = parseAllDocuments(text, { uniqueKeys: false });
  return Array.isArray(documents) ? documents : [];
}
