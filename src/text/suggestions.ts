/** Longer words are not checked: they are rarely misspelled, and the distance costs length × length. */
const LONGEST = 64;

/** Returns the most similar candidate, if one is similar enough. Case is ignored. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const most = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (candidate === word || Math.abs(candidate.length - word.length) > most) continue;
    const found = distance(wanted, candidate.toLowerCase());
    // Of one letter everything is a misspelling.
    if (found <= most && found < least && found < candidate.length) {
      best = candidate;
      least = found;
    }
  }
  return best;
}

/** Damerau-Levenshtein (optimal string alignment): insert, delete, change and swap of neighbors cost 1 each. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(at(row, j - 1) + 1, at(last, j) + 1, at(last, j - 1) + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, at(before, j - 2) + 1);
      row.push(least);
    }
    before = last;
    last = row;
  }
  return at(last, b.length);
}

/** Every index is in range. */
function at(row: readonly number[], index: number): number {
  return Number(row[index]);
}
