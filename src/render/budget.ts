/** Pieces of a document, worst news first, of which as many are kept as fit. */
export type Filled = { readonly text: string; readonly left: number };

/** Bytes of the text in UTF-8; never fewer than its UTF-16 units. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * The first pieces that fit into `budget` bytes, in order, and how many are left out. A piece is never cut
 * in the middle, and after the first that does not fit none follows: what is shown is a true beginning.
 */
export function fill(pieces: readonly string[], budget: number): Filled {
  const kept: string[] = [];
  let used = 0;
  for (const piece of pieces) {
    used += byteLength(piece);
    if (used > budget) break;
    kept.push(piece);
  }
  return { text: kept.join(''), left: pieces.length - kept.length };
}
