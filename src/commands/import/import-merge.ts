import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  Scalar,
  type YAMLSeq,
} from 'yaml';
import schema from '../../../schemas/hookwright.schema.json' with { type: 'json' };
import { readYaml } from '../../config/yaml/read-yaml.js';
import { isRecord } from '../../core/order.js';
import { canonicalJson } from '../../saved-plan/digest.js';
import { forTerminal, jsonText } from '../../text/untrusted.js';
import type { ImportedEntry, NotImportable } from './import-entries.js';
import type { Additions, ImportedRoute } from './import-routes.js';
import { plainUrl } from './import-update.js';

/**
 * Returns the text with entries added to the document at `index`. Usually inserts them after the last entry
 * and changes no other byte. The YAML library rewrites lists in `[ ]`, which keeps values, order and
 * comments. Returns `undefined` if neither way results in exactly the wanted entries.
 */
export function mergeInto(text: string, index: number, additions: Additions): string | undefined {
  const wanted = expected(text, index, additions);
  return [insertEntries, rewritten]
    .map((way) => way(text, index, additions))
    .find((result) => result !== undefined && wanted !== undefined && values(result) === wanted);
}

/**
 * Returns the text with one of its documents changed, keeping its comments. `change` receives the document as
 * a plain value, and replaces list items to remove with `undefined`. Returns `undefined` if the result would
 * not match exactly.
 */
export function changeDocument(
  text: string,
  index: number,
  change: (document: unknown) => unknown,
): string | undefined {
  const documents = plainDocuments(text);
  const root = documentsOf(text)[index]?.contents;
  if (!documents || !isMap(root)) return undefined;
  const before = documents[index];
  const after = change(before);
  const edits = editsOf(root, before, after, text);
  const result = edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((whole, { start, end, by }) => whole.slice(0, start) + by + whole.slice(end), text);
  return values(result) === canonicalJson(documents.with(index, withoutRemoved(after))) ? result : undefined;
}

type Edit = { readonly start: number; readonly end: number; readonly by: string };

/** Returns the edits to the text that change the value of a node from `before` to `after`. */
function editsOf(node: unknown, before: unknown, after: unknown, text: string): readonly Edit[] {
  if (canonicalJson(before) === canonicalJson(after ?? null)) return [];
  if (isMap(node) && isRecord(before) && isRecord(after))
    return node.items.flatMap(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : '';
      const child = after[name];
      const isEmptied = isSeq(value) && Array.isArray(child) && child.length > 0 && child.every(isRemoved);
      return isEmptied ? whole(value, [], text) : editsOf(value, before[name], child, text);
    });
  if (isSeq(node) && Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return [
      ...removals(text, node, after.map(isRemoved)),
      ...node.items.flatMap((item, i) =>
        isRemoved(after[i]) ? [] : editsOf(item, before[i], after[i], text),
      ),
    ];
  return whole(node, after, text);
}

function whole(node: unknown, value: unknown, text: string): readonly Edit[] {
  const [start, end] = [startOf(node), endOf(node)];
  if (start === undefined || end === undefined) return [];
  return [{ start, end: text[end - 1] === '\n' ? end - 1 : end, by: inline(value) }];
}

/** Returns a string, a reference or a list on one line. */
function inline(value: unknown): string {
  if (typeof value === 'string') return scalar(value);
  if (Array.isArray(value))
    return `[${value
      .filter((item) => !isRemoved(item))
      .map(inline)
      .join(', ')}]`;
  const pairs = isRecord(value) ? Object.entries(value) : [];
  return `{ ${pairs.map(([key, item]) => `${key}: ${inline(item)}`).join(', ')} }`;
}

/** Returns the edits that remove items. In a block list, removes whole lines but keeps comments above. */
function removals(text: string, list: YAMLSeq, removed: readonly boolean[]): readonly Edit[] {
  return list.items.flatMap((item, i): Edit[] => {
    const start = startOf(item);
    if (!removed[i] || start === undefined) return [];
    if (!list.flow) {
      const place = placeAfter(text, item);
      return place ? [{ start: lineStart(text, start), end: place.at, by: '' }] : [];
    }
    // In brackets, remove one comma with each run of items: the last one, or the one before the run.
    if (i > 0 && removed[i - 1]) return [];
    const next = removed.indexOf(false, i);
    const [before, end] = [
      endOf(list.items[i - 1]),
      next < 0 ? endOf(list.items.at(-1)) : startOf(list.items[next]),
    ];
    return end === undefined ? [] : [{ start: next < 0 ? (before ?? start) : start, end, by: '' }];
  });
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

const isRemoved = (value: unknown): boolean => value === undefined;

function withoutRemoved(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isRemoved(item)).map(withoutRemoved);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutRemoved(item)]));
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

function expected(text: string, index: number, additions: Additions): string | undefined {
  const documents = plainDocuments(text);
  const before = documents?.[index];
  if (!documents || !isRecord(before)) return undefined;
  const after = {
    ...before,
    ...Object.fromEntries(
      itemsOf(additions)
        .filter(({ key, items }) => key === 'webhooks' || items.length > 0)
        .map(({ key, items }) => [key, [...listOf(before[key]), ...items.map(({ plain }) => plain)]]),
    ),
  };
  return canonicalJson(documents.with(index, after));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

type AddedItem = { readonly plain: unknown; readonly lines: readonly string[]; readonly comment?: string };

/** Returns the items to add to each list of a document. */
function itemsOf({ entries, ignored, routes }: Additions): readonly {
  readonly key: 'webhooks' | 'ignore' | 'policies';
  readonly items: readonly AddedItem[];
}[] {
  return [
    { key: 'ignore', items: ignored.map(ignoreItem) },
    { key: 'webhooks', items: entries.map(entryItem) },
    { key: 'policies', items: routes.map(routeItem) },
  ];
}

/** Lets the YAML library write the whole document. */
function rewritten(text: string, index: number, additions: Additions): string | undefined {
  const document = documentsOf(text)[index];
  const root = document?.contents;
  if (!document?.range || !isMap(root) || !isSeq(root.get('webhooks', true))) return undefined;
  for (const { key, items } of itemsOf(additions)) {
    if (items.length > 0 && !root.has(key)) document.setIn([key], document.createNode([]));
    for (const item of items) document.addIn([key], nodeOf(document, item));
  }
  const start = index === 0 ? 0 : document.range[0];
  const made = document.toString({ lineWidth: 0 });
  return (
    text.slice(0, start) +
    (text.includes('\r\n') ? made.replaceAll('\n', '\r\n') : made) +
    text.slice(document.range[2])
  );
}

function nodeOf(document: Document, { plain, comment }: AddedItem): Node {
  if (comment === undefined) return document.createNode(plain);
  const node = new Scalar(plain);
  node.type = 'QUOTE_DOUBLE';
  node.comment = ` ${comment}`;
  return node;
}

/** Inserts lines for new items into the text, or returns `undefined` if that is not simple. */
function insertEntries(text: string, index: number, additions: Additions): string | undefined {
  let result: string | undefined = text;
  for (const { key, items } of itemsOf(additions)) {
    if (result !== undefined && items.length > 0) result = insertItems(result, index, key, items);
  }
  return result;
}

/** Inserts the items. A list that does not exist yet goes after the webhooks. */
function insertItems(
  text: string,
  index: number,
  list: string,
  items: readonly AddedItem[],
): string | undefined {
  const root = documentsOf(text)[index]?.contents;
  if (!isMap(root) || root.flow) return undefined;
  const isNew = !root.has(list);
  const pair = root.items.find(({ key }) => isScalar(key) && key.value === (isNew ? 'webhooks' : list));
  if (!pair || !isScalar(pair.key) || !isSeq(pair.value)) return undefined;
  const { key, value } = pair;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const margin = ' '.repeat(key.range[0] - lineStart(text, key.range[0]));
  const last = value.items.at(-1);
  const place =
    last === undefined ? placeOfEmpty(text, value, margin) : placeAfter(text, value.flow ? null : last);
  if (!place) return undefined;
  if (isNew) return insert(text, place.at, `${margin}${list}:${eol}${block(items, `${margin}  `, eol)}`, eol);
  const shorter = place.text ?? text;
  return insert(shorter, place.at - (text.length - shorter.length), block(items, place.indent, eol), eol);
}

type InsertionPoint = {
  /** The text without the brackets of an empty list. Absent: there are none. */
  readonly text?: string;
  /** Where to insert lines, in the original text. */
  readonly at: number;
  readonly indent: string;
};

/** Returns the place after an item of a block list and its comments. */
function placeAfter(text: string, last: unknown): InsertionPoint | undefined {
  if (!(isMap(last) || isScalar(last)) || !last.range) return undefined;
  const start = last.range[0];
  const dash = /^( *)- +$/.exec(text.slice(lineStart(text, start), start));
  const end = endOf(last);
  if (!dash || end === undefined) return undefined;
  const indent = dash[1] ?? '';
  let at = lineEnd(text, text[end - 1] === '\n' ? end - 1 : end);
  for (;;) {
    const remark = /^( *)#/.exec(text.slice(at, lineEnd(text, at)));
    if (!remark || (remark[1] ?? '').length <= indent.length) return { at, indent };
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

/** Words that are not strings in YAML 1.2 or older versions. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const LONGEST_REMARK = 100;

/** Returns a YAML scalar that every parser reads as exactly this text. Escapes invisible characters. */
export function scalar(text: string): string {
  const plain =
    /^[A-Za-z](?:[\w ./()+-]*[\w./()+-])?$/.test(text) || /^https?:\/\/[\w./~@=&%+-]*[\w/]$/.test(text);
  return plain && !WORDS.test(text) ? text : jsonText(text, 0);
}

/** Quotes an ID that could be read as a number: 32 digits, or digits with an `e`. */
function hexScalar(id: string): string {
  return /[a-df]/.test(id) ? id : `"${id}"`;
}

/** Returns an entry as an item of a block list: `- name: …`, `  url: …`. */
function entryItem({ name, id, url, secret }: ImportedEntry): AddedItem {
  const plain = {
    name,
    ...(id !== undefined && { id }),
    url: plainUrl(url),
    ...(secret !== undefined && { secret: { env: secret } }),
  };
  const lines = [
    ...nameLines(name, id),
    url.kind === 'literal'
      ? `  url: ${scalar(url.url)}`
      : `  url: { env: ${url.env} } # ${remark(url.shown)}`,
    ...(secret === undefined ? [] : [`  secret: { env: ${secret} }`]),
  ];
  return { plain, lines };
}

function routeItem(route: ImportedRoute): AddedItem {
  const { name, id, webhooks } = route;
  return {
    plain: route,
    lines: [...nameLines(name, id), `  webhooks: [${webhooks.map(scalar).join(', ')}]`],
  };
}

function nameLines(name: string, id: string | undefined): readonly string[] {
  return [`- name: ${scalar(name)}`, ...(id === undefined ? [] : [`  id: ${hexScalar(id)}`])];
}

function ignoreItem(webhook: NotImportable): AddedItem {
  const plain = `id:${webhook.id}`;
  const comment = ignoreRemark(webhook);
  return { plain, comment, lines: [`- "${plain}" # ${comment}`] };
}

/** Returns why it is ignored, and its name if it can be shown. */
function ignoreRemark({ name, reason }: NotImportable): string {
  return name === undefined ? reason : remark(`${reason}: ${jsonText(name.slice(0, LONGEST_REMARK), 0)}`);
}

function remark(text: string): string {
  const shown = forTerminal(text);
  return shown.length > LONGEST_REMARK ? `${shown.slice(0, LONGEST_REMARK)}…` : shown;
}

const HEAD = `\
# yaml-language-server: $schema=${schema.$id}
#
# Written by hookwright import from the live webhooks. Cloudflare never returns secrets, so import cannot tell
# whether a generic webhook has one: add "secret: { env: NAME }" if it has one, "secret: none" if it has none.
`;

const UNLISTED = `\
# Webhooks that are not in this file are kept. To make the file the only source of truth, change this to
# "delete" and read the plan before you apply.
unlisted: keep
`;

/** Returns a whole file for one account. */
export function newFile(accountId: string, additions: Additions): string {
  return `${HEAD}${newDocument(accountId, additions)}`;
}

/** Returns a document without the comments at the start, to add after other documents. */
export function newDocument(accountId: string, additions: Additions): string {
  const lists = itemsOf(additions).map(({ key, items }) => {
    if (items.length > 0) return `${key}:\n${block(items)}`;
    return key === 'webhooks' ? 'webhooks: []\n' : '';
  });
  return `account_id: ${hexScalar(accountId)}\n${UNLISTED}${lists.join('')}`;
}

/** Returns indented list items. */
function block(items: readonly AddedItem[], indent = '  ', eol = '\n'): string {
  return items.flatMap(({ lines }) => lines.map((line) => `${indent}${line}${eol}`)).join('');
}
