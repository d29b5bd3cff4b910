import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';

/** All nodes of a document, in the order of the text, keys included. Depth costs no stack. */
export function* nodesOf(root: Node | null): Generator<Node> {
  const left: unknown[] = [root];
  while (left.length > 0) {
    const node = left.pop();
    if (isAlias(node) || isScalar(node)) yield node;
    if (isSeq(node)) {
      yield node;
      for (let i = node.items.length - 1; i >= 0; i -= 1) left.push(node.items[i]);
    } else if (isMap(node)) {
      yield node;
      for (let i = node.items.length - 1; i >= 0; i -= 1) left.push(node.items[i]?.value, node.items[i]?.key);
    }
  }
}
