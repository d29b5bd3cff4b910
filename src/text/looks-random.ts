/** No shorter string looks random. */
export const MIN_RANDOM_LENGTH = 16;

/**
 * Reports whether a string looks like a token rather than a word: a long run that mixes letters with digits,
 * or upper and lower case as no word does. IDs that services publish (`T000`, `1234567890`) are shorter.
 */
export function looksRandom(segment: string): boolean {
  if (segment.length < MIN_RANDOM_LENGTH) return false;
  return (
    segment.split(/[-_.~:%+]/).some(randomRun) ||
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(segment) ||
    manyMixedRuns(segment)
  );
}

function randomRun(run: string): boolean {
  if (run.length >= 12 && /\d/.test(run) && /[a-z]/.test(run) && /[A-Z]/.test(run)) return true;
  if (run.length >= 16 && /\d/.test(run) && /[a-z]/i.test(run)) return true;
  if (run.length >= 20 && /^\d+$/.test(run)) return true;
  if (run.length >= 32 && /^([a-z]+|[A-Z]+)$/.test(run)) return true;
  return run.length >= 16 && caseChanges(run) >= 5;
}

/** Reports whether a token whose alphabet has `-` or `_` splits into short runs, most of them mixed. */
function manyMixedRuns(segment: string): boolean {
  const runs = segment.split(/[-_.~]/);
  const mixed = runs.filter((run) => (/\d/.test(run) && /[a-z]/i.test(run)) || caseChanges(run) >= 3);
  return segment.length >= 20 && mixed.reduce((sum, run) => sum + run.length, 0) * 2 > segment.length;
}

/** Counts changes of case that do not occur in a `camelCaseWord`. */
function caseChanges(run: string): number {
  if (/^[a-z]*([A-Z][a-z]{2,})*$/.test(run)) return 0;
  let changes = 0;
  for (let i = 1; i < run.length; i += 1) {
    if (/[a-z]/.test(run.charAt(i - 1)) !== /[a-z]/.test(run.charAt(i))) changes += 1;
  }
  return changes;
}
