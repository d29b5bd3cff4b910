import type { CST } from 'yaml';

/** A valid file is five levels deep. */
const MAX_DEPTH = 50;

/**
 * Where a document becomes nested too deeply, if it does.
 * To be asked before a document is composed: the composer goes down by recursion, and near the end of the stack
 * Node.js can die of a regular expression.
 */
export function tooDeepAt(document: CST.Document): number | undefined {
  let level: readonly CST.Token[] = document.value ? [document.value] : [];
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    level = level.flatMap(collectionsIn);
    if (level.length === 0) return undefined;
  }
  return level[0]?.offset;
}

function collectionsIn(token: CST.Token): CST.Token[] {
  const found: CST.Token[] = [];
  if (!('items' in token)) return found;
  for (const { key, value } of token.items) {
    if (key && 'items' in key) found.push(key);
    if (value && 'items' in value) found.push(value);
  }
  return found;
}
