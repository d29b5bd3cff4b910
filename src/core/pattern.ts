/** Does the text hold `*` or `?`, so that it can stand for several names? */
export function hasWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/**
 * Does the whole text fit the pattern? `*` is any run of characters, `?` one character; all else is literal
 * and case counts. At most pattern length × text length steps, whatever the input.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const wanted = Array.from(pattern);
  const given = Array.from(text);
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < given.length) {
    if (wanted[p] === '*') {
      star = p;
      resume = t;
      p += 1;
    } else if (wanted[p] === '?' || wanted[p] === given[t]) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      // The last star takes one character more.
      p = star + 1;
      resume += 1;
      t = resume;
    } else {
      return false;
    }
  }
  while (wanted[p] === '*') p += 1;
  return p === wanted.length;
}
