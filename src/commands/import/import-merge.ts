import { isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import schema from '../../../schemas/hookwright.schema.json' with { type: 'json' };
import { readYaml } from '../../config/yaml/read-yaml.js';
import { isRecord } from '../../core/order.js';
import { canonicalJson } from '../../saved-plan/digest.js';
import { forTerminal, jsonText } from '../../text/untrusted.js';
import type { NotImportable } from './import-entries.js';
import type { Additions } from './import-routes.js';

/**
 * Returns the text with items added to the lists of the document at `index`, which changes nothing else of it.
 * Returns `undefined` if the result would not have exactly the wanted items, for example if a list is an alias.
 */
export function mergeInto(text: string, index: number, additions: Additions): string | undefined {
  const lists = itemsOf(additions).filter(({ items }) => items.length > 0);
  const lines = text.endsWith('\n') ? text : text + eolOf(text);
  const root = readYaml(lines)[index]?.root;
  if (!isMap(root)) return undefined;
  return changed(lines, index, insertions(lines, root, lists), (document) => {
    const before = isRecord(document) ? document : {};
    const added = lists.map(({ key, items }) => {
      const list = Array.isArray(before[key]) ? before[key] : [];
      return [key, list.concat(items.map(({ plain }) => plain))];
    });
    return { ...before, ...Object.fromEntries(added) };
  });
}

/**
 * Returns the text with one of its documents changed, keeping its comments. `change` receives the document as
 * a plain value, and replaces list items to remove with `undefined`. Returns `undefined` if the result would
 * not match exactly.
 */
export function changeDocument(text: string, index: number, change: Change): string | undefined {
  const document = readYaml(text)[index];
  if (!document) return undefined;
  return changed(text, index, editsOf(document.root, document.value, change(document.value), text), change);
}

type Change = (document: unknown) => unknown;

/** Returns the edited text, or `undefined` if it does not differ by exactly this change of one document. */
function changed(text: string, index: number, edits: readonly Edit[], change: Change): string | undefined {
  const result = edited(text, edits);
  const wanted = readYaml(text).map(({ value }, i) => (i === index ? withoutRemoved(change(value)) : value));
  const documents = readYaml(result);
  const isWanted =
    documents.every(({ syntax }) => syntax.length === 0) &&
    canonicalJson(documents.map(({ value }) => value)) === canonicalJson(wanted);
  return isWanted ? result : undefined;
}

type Edit = { readonly start: number; readonly end: number; readonly by: string };

/** Edits at the same place stay in order. */
function edited(text: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => a.start - b.start)
    .reduceRight((whole, { start, end, by }) => whole.slice(0, start) + by + whole.slice(end), text);
}

/** Returns the edits to the text that change the value of a node from `before` to `after`. */
function editsOf(node: unknown, before: unknown, after: unknown, text: string): readonly Edit[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  if (isMap(node) && isRecord(before) && isRecord(after))
    return node.items.flatMap(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : '';
      const child = after[name];
      const isEmptied = isSeq(value) && Array.isArray(child) && child.length > 0 && child.every(isRemoved);
      if (!isEmptied) return editsOf(value, before[name], child, text);
      // A block list may start below its key; brackets must be indented more.
      const indent = columnOf(text, value) > columnOf(text, key) ? '' : '  ';
      return whole(value, [], text).map((edit) => ({ ...edit, by: indent + edit.by }));
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
  // After an anchor, a name without quotes would look cut.
  const isAnchored = isScalar(node) && node.anchor !== undefined && typeof value === 'string';
  const by = isAnchored ? jsonText(value, 0) : inline(value);
  return [{ start, end: text[end - 1] === '\n' ? end - 1 : end, by }];
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
      const column = columnOf(text, list);
      let line = lineStart(text, start);
      // The dash can be on a line above the item.
      while (line > 0 && text[line + column] !== '-') line = lineStart(text, line - 1);
      return [{ start: line, end: lineAfter(text, item, column), by: '' }];
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

type AddedItem = { readonly plain: unknown; readonly comment?: string | undefined };

type AddedList = { readonly key: 'ignore' | 'webhooks' | 'policies'; readonly items: readonly AddedItem[] };

/** Returns the items to add to each list of a document. */
function itemsOf({ entries, ignored, routes }: Additions): readonly AddedList[] {
  return [
    {
      key: 'ignore',
      items: ignored.map((webhook) => ({ plain: `id:${webhook.id}`, comment: ignoreRemark(webhook) })),
    },
    {
      key: 'webhooks',
      items: entries.map(({ shown, ...plain }) => ({ plain, comment: shown && remark(shown) })),
    },
    { key: 'policies', items: routes.map((plain) => ({ plain })) },
  ];
}

/** Returns the edits that insert items. Lists that do not exist yet go after the webhooks. */
function insertions(text: string, root: YAMLMap, lists: readonly AddedList[]): readonly Edit[] {
  const eol = eolOf(text);
  const margin = ' '.repeat(columnOf(text, root));
  const insert = (at: number, by: string): Edit => ({ start: at, end: at, by });
  const inBrackets = (items: readonly AddedItem[]): string =>
    items
      .map(
        ({ plain, comment }) =>
          inline(plain) + (comment === undefined ? '' : ` # ${comment}${eol}${margin}  `),
      )
      .join(', ');
  const extended = lists.flatMap(({ key, items }): Edit[] => {
    const list = root.get(key, true);
    if (!isSeq(list) || !list.range) return [];
    const column = columnOf(text, list);
    if (!list.flow) return [insert(lineAfter(text, list, column), block(items, ' '.repeat(column), eol))];
    const [start, end] = list.range;
    if (!root.flow && /^\[\s*\]$/.test(text.slice(start, end))) {
      // `webhooks: []  # none yet` keeps the comment.
      const brackets = { start: text.slice(0, start).trimEnd().length, end, by: '' };
      return [brackets, insert(lineEnd(text, end), block(items, `${margin}  `, eol))];
    }
    const last = endOf(list.items.at(-1));
    return [
      last === undefined ? insert(start + 1, inBrackets(items)) : insert(last, `, ${inBrackets(items)}`),
    ];
  });
  const webhooks = root.get('webhooks', true);
  const added = lists.flatMap(({ key, items }): Edit[] => {
    if (root.has(key)) return [];
    if (root.flow) return [insert(endOf(webhooks) ?? 0, `, ${key}: [${inBrackets(items)}]`)];
    const lines = `${margin}${key}:${eol}${block(items, `${margin}  `, eol)}`;
    return [insert(lineAfter(text, webhooks, columnOf(text, webhooks)), lines)];
  });
  return [...extended, ...added];
}

/** Returns the start of the line after a node and the comments that belong to it, which start after `column`. */
function lineAfter(text: string, node: unknown, column: number): number {
  const end = endOf(node) ?? 0;
  let at = lineEnd(text, text[end - 1] === '\n' ? end - 1 : end);
  for (;;) {
    const remark = /^( *)#/.exec(text.slice(at, lineEnd(text, at)));
    if (!remark || (remark[1] ?? '').length <= column) return at;
    at = lineEnd(text, at);
  }
}

/** Returns how far the start of a node is from the start of its line. */
function columnOf(text: string, node: unknown): number {
  const start = startOf(node) ?? 0;
  return start - lineStart(text, start);
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

/** Returns the line end of a text. */
export function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** Text, URLs, and IDs that cannot be read as a number: not only digits, nor digits with an `e` or `b`. */
const PLAIN = [
  /^[A-Za-z](?:[\w ./()+-]*[\w./()+-])?$/,
  /^https?:\/\/[\w./~@=&%+-]*[\w/]$/,
  /^(?=.*[acdf])[0-9a-f]{32}$/,
];
/** Words that are not strings in YAML 1.2 or older versions. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const MAX_REMARK_LENGTH = 100;

/** Returns a YAML scalar that every parser reads as exactly this text. Escapes invisible characters. */
export function scalar(text: string): string {
  const isPlain = PLAIN.some((form) => form.test(text)) && !WORDS.test(text);
  return isPlain ? text : jsonText(text, 0);
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
  return `account_id: ${scalar(accountId)}\n${UNLISTED}${lists.join('')}`;
}

/** Returns indented list items. */
function block(items: readonly AddedItem[], indent = '  ', eol = '\n'): string {
  return items.flatMap((item) => linesOf(item).map((line) => `${indent}${line}${eol}`)).join('');
}

/** Returns an item of a block list: `- name: …`, `  url: …`. The comment of an entry is about its URL. */
function linesOf({ plain, comment }: AddedItem): readonly string[] {
  const remark = comment === undefined ? '' : ` # ${comment}`;
  if (!isRecord(plain)) return [`- ${inline(plain)}${remark}`];
  return Object.entries(plain).map(
    ([key, value], i) => `${i === 0 ? '-' : ' '} ${key}: ${inline(value)}${key === 'url' ? remark : ''}`,
  );
}
