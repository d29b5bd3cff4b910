import { didYouMean } from '../../text/suggestions.js';
import { ERRORS } from './explain-errors.js';
import { ENTRY_FAULTS } from './explain-entries.js';
import { FILE_FAULTS } from './explain-files.js';
import { GUARDS, NOTES } from './explain-plan.js';
import type { Explanation } from './explanation.js';

export type ExplanationGroup = {
  readonly title: string;
  /** The singular, shown after a code. */
  readonly one: string;
  /** What a code of this group means for the run. */
  readonly about: string;
  readonly codes: Readonly<Record<string, Explanation>>;
};

/** Every code that hookwright prints, in the order of the troubleshooting page. */
export const EXPLANATIONS: readonly ExplanationGroup[] = [
  { title: 'Errors', one: 'error', about: 'An error ends the command or the action.', codes: ERRORS },
  {
    title: 'Guards',
    one: 'guard',
    about: 'A guard refuses a plan before anything is written. The plan is still shown. Exit code 6.',
    codes: GUARDS,
  },
  { title: 'Plan notes', one: 'plan note', about: 'A note does not stop anything.', codes: NOTES },
  {
    title: 'File errors',
    one: 'file error',
    about: 'The file, or its YAML, cannot be understood. Exit code 3.',
    codes: FILE_FAULTS,
  },
  {
    title: 'Entry errors',
    one: 'entry error',
    about: 'A value is not valid. Exit code 3. Some are warnings, which do not stop anything.',
    codes: ENTRY_FAULTS,
  },
];

export type Found = { readonly group: ExplanationGroup; readonly explanation: Explanation };

/** The explanations of a code: `in-use` is both an error and a guard. Empty for an unknown code. */
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

/** Returns the known code that a misspelled code is closest to. */
export function nearestCode(code: string): string | undefined {
  return didYouMean(code, explainedCodes());
}
