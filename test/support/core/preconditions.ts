import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredWebhook } from '../../../src/core/desired.js';
import type { DiffOptions } from '../../../src/core/diff.js';
import type { Live } from '../../../src/core/live.js';
import { checkPreconditions } from '../../../src/saved-plan/precondition.js';
import { account, desired, envSecret, live, URL_1, URL_3 } from './builders.js';
import { planOf, told } from './planning.js';

/** A saved plan, and what is live when it is carried out. */
export type PreconditionCase = {
  readonly what: string;
  readonly file: readonly DesiredWebhook[];
  readonly more?: Partial<DesiredAccount>;
  readonly options?: Partial<DiffOptions>;
  /** When planned, and when applied. */
  readonly then: readonly Live[];
  readonly now: readonly Live[];
  readonly told: readonly string[];
};

export const old = live(1, 'Ops', URL_1);
/** Somebody else, who must make no difference. */
export const crowd = live(50, 'Other', URL_3);
/** What was deployed before `rotated`. */
export const previous = account([desired('Ops', URL_1, { secret: envSecret(1) })]);
export const rotated = desired('Ops', URL_1, { secret: envSecret(2) });

/** A test for each case, whatever the order of the list. */
export function checkSaved(kind: string, cases: readonly PreconditionCase[]): void {
  describe(`a saved ${kind}`, () => {
    test.each(cases)('$what', ({ file, more, options, then, now, told: expected }) => {
      const { actions } = planOf(account(file, more), then, options);
      expect(told(checkPreconditions(actions, now))).toEqual(expected);
      expect(told(checkPreconditions(actions, now.toReversed()))).toEqual(expected);
    });
  });
}
