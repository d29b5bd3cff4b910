import { isMap, isSeq, Scalar } from 'yaml';
import type { Document, YAMLMap } from 'yaml';
import { canonicalJson } from '../../saved-plan/canonical-json.js';
import type { Imported, ImportedEntry } from './import-entries.js';
import { documentsOf, spliced } from './import-splice.js';
import { ignoreRemark } from './import-yaml.js';
import { parseYaml } from '../../config/yaml/parse-yaml.js';
import { toValue } from '../../config/yaml/to-value.js';

/**
 * Returns the text with entries added to one of its documents, counted from 0. Usually they are inserted after the
 * last entry, and every other byte stays the same. The YAML library rewrites lists in `[ ]` and an existing `ignore`,
 * which keeps values, order and comments. Returns `undefined` if neither way gives exactly the wanted entries.
 */
export function mergeInto(text: string, index: number, imported: Imported): string | undefined {
  const wanted = expected(text, index, imported);
  return [spliced, rewritten]
    .map((way) => way(text, index, imported))
    .find((result) => result !== undefined && wanted !== undefined && values(result) === wanted);
}

/** All documents as plain values, to compare; `undefined` if the YAML is broken. */
function plainDocuments(text: string): unknown[] | undefined {
  const documents = parseYaml(text);
  if (documents.some(({ syntax }) => syntax.length > 0)) return undefined;
  return documents.map(({ root }) => (root ? toValue(root).value : null));
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

/** Has the library write the whole document. */
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
