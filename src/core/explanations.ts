import { didYouMean } from './did-you-mean.js';
import { ERRORS } from './explain-errors.js';
import { ENTRY_FAULTS } from './explain-entries.js';
import { FILE_FAULTS } from './explain-files.js';
import { GUARDS, NOTES } from './explain-plan.js';
import type { Explanation } from './explanation.js';

export type ExplanationGroup = {
  readonly title: string;
  /** What one of them is. */
  readonly one: string;
  /** Where such a code is met. */
  readonly about: string;
  readonly codes: Readonly<Record<string, Explanation>>;
};

/** Every code that hookwright prints, in the order of the troubleshooting page. */
export const EXPLANATIONS: readonly ExplanationGroup[] = [
  { title: 'Errors', one: 'error', about: 'They end a command or an action.', codes: ERRORS },
  {
    title: 'Guards',
    one: 'guard',
    about: 'They refuse a plan before anything is written; the plan is still shown. Exit code 6.',
    codes: GUARDS,
  },
  { title: 'Notes of a plan', one: 'note of a plan', about: 'They stop nothing.', codes: NOTES },
  {
    title: 'Faults of a file',
    one: 'fault of a file',
    about: 'The file, or its YAML, cannot be understood. Exit code 3.',
    codes: FILE_FAULTS,
  },
  {
    title: 'Faults of an entry',
    one: 'fault of an entry',
    about: 'A value is not what it should be. Some are warnings, which stop nothing.',
    codes: ENTRY_FAULTS,
  },
];

export type Found = { readonly group: ExplanationGroup; readonly explanation: Explanation };

/** The explanations of a code: `in-use` is both an error and a guard. Empty for a code that is not known. */
export function explanationsOf(code: string): readonly Found[] {
  return EXPLANATIONS.flatMap((group) => {
    const explanation = Object.hasOwn(group.codes, code) ? group.codes[code] : undefined;
    return explanation ? [{ group, explanation }] : [];
  });
}

/** Every code once, in order. */
export function explainedCodes(): readonly string[] {
  return [...new Set(EXPLANATIONS.flatMap(({ codes }) => Object.keys(codes)))];
}

/** The code that this one is probably a misspelling of. */
export function nearestCode(code: string): string | undefined {
  return didYouMean(code, explainedCodes());
}
