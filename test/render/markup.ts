/**
 * Checks that XML (or HTML written like it) is well-formed: tags nest, attributes are quoted, no stray `<` or
 * `&`. Returns all start tags, or throws.
 */
export function readMarkup(text: string, empty: readonly string[] = []): readonly string[] {
  const open: string[] = [];
  const tags: string[] = [];
  let at = 0;
  const token = /<(?:\?[^>]*\?|!doctype html|(\/?)([a-zA-Z][\w-]*)((?:\s+[\w-]+(?:="[^"<]*")?)*)\s*(\/?))>/g;
  for (const match of text.matchAll(token)) {
    checkText(text.slice(at, match.index), open.at(-1));
    at = match.index + match[0].length;
    const [whole, close, name, attributes, selfClosed] = match;
    if (name === undefined) continue;
    if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(attributes ?? '')) throw new Error(`stray & in ${whole}`);
    if (close) {
      const expected = open.pop();
      if (expected !== name) throw new Error(`</${name}> closes <${expected ?? 'nothing'}>`);
      continue;
    }
    tags.push(whole);
    if (!selfClosed && !empty.includes(name)) open.push(name);
  }
  checkText(text.slice(at), open.at(-1));
  if (open.length > 0) throw new Error(`never closed: ${open.join(', ')}`);
  return tags;
}

function checkText(text: string, inside: string | undefined): void {
  if (inside === 'style') return;
  if (/[<]|&(?!(?:amp|lt|gt|quot|#39);)/.test(text))
    throw new Error(`stray markup in ${JSON.stringify(text)}`);
}
