import { isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Document, Node, YAMLSeq } from 'yaml';
import type { Imported } from './import-entries.js';
import { block, entryLines, ignoreLine } from './import-yaml.js';

/** Puts the lines of new entries into the text, where that is simple; else `undefined`. */
export function spliced(text: string, index: number, { entries, ignored }: Imported): string | undefined {
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

type Spot = {
  /** The text without the brackets of an empty list. */
  readonly text: string;
  /** Where lines go, in the text as it was. */
  readonly at: number;
  readonly indent: string;
};

/** Behind the last entry and the remarks that belong to it. */
function placeAfter(text: string, list: YAMLSeq): Spot | undefined {
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

/** `webhooks: []  # none yet`: the brackets go, the remark stays. */
function placeOfEmpty(text: string, list: YAMLSeq, margin: string): Spot | undefined {
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

/** Where the last value in it ends; collections of their own end only before what comes next. */
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

/** Where the next line starts. */
function lineEnd(text: string, at: number): number {
  const feed = text.indexOf('\n', at);
  return feed < 0 ? text.length : feed + 1;
}

/** Never throws for what is in the text: faults are in the documents. */
export function documentsOf(text: string): readonly Document.Parsed[] {
  const documents = parseAllDocuments(text, { uniqueKeys: false });
  return Array.isArray(documents) ? documents : [];
}
