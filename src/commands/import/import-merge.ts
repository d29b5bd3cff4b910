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
  const lists = itemsOf(additions).filter(({ items }) => items.length > 0);
  const change = (document: unknown): unknown => {
    const before = isRecord(document) ? document : {};
    const added = lists.map(({ key, items }) => {
      const list = Array.isArray(before[key]) ? before[key] : [];
      return [key, list.concat(items.map(({ plain }) => plain))];
    });
    return { ...before, ...Object.fromEntries(added) };
  };
  return [insertItems, rewritten]
    .map((way) => way(text, index, lists))
    .find((result) => result !== undefined && isChanged(text, result, index, change));
}

/**
 * Returns the text with one of its documents changed, keeping its comments. `change` receives the document as
 * a plain value, and replaces list items to remove with `undefined`. Returns `undefined` if the result would
 * not match exactly.
 */
export function changeDocument(text: string, index: number, change: Change): string | undefined {
  const document = readYaml(text)[index];
  if (!document) return undefined;
  const result = edited(text, editsOf(document.root, document.value, change(document.value), text));
  return isChanged(text, result, index, change) ? result : undefined;
}

type Change = (document: unknown) => unknown;

/** Reports whether the result differs from the text by exactly this change of one document. */
function isChanged(text: string, result: string, index: number, change: Change): boolean {
  const wanted = readYaml(text).map(({ value }, i) => (i === index ? withoutRemoved(change(value)) : value));
  const documents = readYaml(result);
  return (
    documents.every(({ syntax }) => syntax.length === 0) &&
    canonicalJson(documents.map(({ value }) => value)) === canonicalJson(wanted)
  );
}

type Edit = { readonly start: number; readonly end: number; readonly by: string };

function edited(text: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((whole, { start, end, by }) => whole.slice(0, start) + by + whole.slice(end), text);
}

/** Returns the edits to the text that change the value of a node from `before` to `after`. */
function editsOf(node: unknown, before: unknown, after: unknown, text: string): readonly Edit[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
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

type AddedItem = { readonly plain: unknown; readonly lines: readonly string[]; readonly comment?: string };

type AddedList = { readonly key: 'ignore' | 'webhooks' | 'policies'; readonly items: readonly AddedItem[] };

/** Returns the items to add to each list of a document. */
function itemsOf({ entries, ignored, routes }: Additions): readonly AddedList[] {
  return [
    { key: 'ignore', items: ignored.map(ignoreItem) },
    { key: 'webhooks', items: entries.map(entryItem) },
    { key: 'policies', items: routes.map(routeItem) },
  ];
}

/** Lets the YAML library write the whole document. */
function rewritten(text: string, index: number, lists: readonly AddedList[]): string | undefined {
  const document = parseAllDocuments(text, { uniqueKeys: false })[index];
  const root = document?.contents;
  if (!document?.range || !isMap(root) || !isSeq(root.get('webhooks', true))) return undefined;
  for (const { key, items } of lists) {
    if (!root.has(key)) document.setIn([key], document.createNode([]));
    for (const item of items) document.addIn([key], nodeOf(document, item));
  }
  const start = index === 0 ? 0 : document.range[0];
  const made = document.toString({ lineWidth: 0 }).replaceAll('\n', eolOf(text));
  return text.slice(0, start) + made + text.slice(document.range[2]);
}

function nodeOf(document: Document, { plain, comment }: AddedItem): Node {
  if (comment === undefined) return document.createNode(plain);
  const node = new Scalar(plain);
  node.type = 'QUOTE_DOUBLE';
  node.comment = ` ${comment}`;
  return node;
}

/**
 * Inserts lines for new items. Lists that do not exist yet go after the webhooks. Returns `undefined` if that
 * is not simple.
 */
function insertItems(text: string, index: number, lists: readonly AddedList[]): string | undefined {
  const root = readYaml(text)[index]?.root;
  if (!isMap(root) || root.flow) return undefined;
  const eol = eolOf(text);
  const isNew = ({ key }: AddedList): boolean => !root.has(key);
  const edits: Edit[] = [];
  for (const { key, value } of root.items) {
    const name = isScalar(key) ? key.value : undefined;
    const items = lists.flatMap((list) => (list.key === name ? list.items : []));
    const newLists = name === 'webhooks' ? lists.filter(isNew) : [];
    if (items.length + newLists.length === 0) continue;
    const start = startOf(key) ?? 0;
    const margin = ' '.repeat(start - lineStart(text, start));
    const place = placeIn(text, value, margin);
    if (!place) return undefined;
    const { at, indent, brackets } = place;
    const lines = [
      block(items, indent, eol),
      ...newLists.map((list) => `${margin}${list.key}:${eol}${block(list.items, `${margin}  `, eol)}`),
    ];
    const by = (text[at - 1] === '\n' ? '' : eol) + lines.join('');
    edits.push({ start: at, end: at, by }, ...(brackets && items.length > 0 ? [brackets] : []));
  }
  return edited(text, edits);
}

/** Where to insert lines for new items of a list. */
type InsertionPoint = {
  readonly at: number;
  readonly indent: string;
  /** Removes the brackets of an empty list. */
  readonly brackets?: Edit;
};

function placeIn(text: string, list: unknown, margin: string): InsertionPoint | undefined {
  if (!isSeq(list)) return undefined;
  if (list.items.length > 0) return list.flow ? undefined : placeAfter(text, list.items.at(-1));
  // `webhooks: []  # none yet` keeps the comment.
  const [start, end] = list.range ?? [0, 0];
  const at = lineEnd(text, end);
  if (!/^\[\s*\][ \t]*(#.*)?\r?\n?$/.test(text.slice(start, at))) return undefined;
  const brackets = { start: text.slice(0, start).trimEnd().length, end, by: '' };
  return { at, indent: `${margin}  `, brackets };
}

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

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** Words that are not strings in YAML 1.2 or older versions. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const MAX_REMARK_LENGTH = 100;

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
  return name === undefined ? reason : remark(`${reason}: ${jsonText(name.slice(0, MAX_REMARK_LENGTH), 0)}`);
}

function remark(text: string): string {
  const shown = forTerminal(text);
  return shown.length > MAX_REMARK_LENGTH ? `${shown.slice(0, MAX_REMARK_LENGTH)}…` : shown;
}

const HEAD = `\
# yaml-language-server: $schema=${schema.$id}
#
# Written by hookwright import. Cloudflare never returns secrets: if a generic
# webhook has one, add "secret: { env: NAME }"; if it has none, "secret: none".
`;

const UNLISTED = `\
# Webhooks that are not in this file are kept. To delete them, change this to
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
