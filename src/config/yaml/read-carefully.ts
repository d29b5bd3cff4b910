import { parseYaml } from './parse-yaml.js';
import type { ReadDocument } from './read-yaml.js';
import { toValue } from './to-value.js';

/** The documents of any file, with where everything stands in them; see {@link ReadDocument}. */
export function parseWithPositions(text: string): readonly ReadDocument[] {
  const documents = parseYaml(text);
  const last = documents.findLastIndex(({ root, syntax }) => root !== null || syntax.length > 0);
  return documents.slice(0, last + 1).map((document) => {
    const { root, start, syntax } = document;
    const { value, faults: unread } = root === null ? { value: undefined, faults: [] } : toValue(root);
    return { value, isEmpty: root === null, start, syntax, unread, nodes: () => Promise.resolve(document) };
  });
}
