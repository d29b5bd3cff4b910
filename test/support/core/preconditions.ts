import { describe, expect, test } from '@jest/globals';
import type { DesiredAccount, DesiredWebhook, Spec } from '../../../src/core/desired.js';
import type { DiffOptions } from '../../../src/core/diff.js';
import { bareId } from '../../../src/core/ids.js';
import type { Live, Policy } from '../../../src/core/live.js';
import { desiredUrl } from '../../../src/core/urls.js';
import type { AccountPlan, ShownAccountPlan } from '../../../src/core/plan.js';
import { planFromDocument } from '../../../src/saved-plan/decode.js';
import { urlHash } from '../../../src/saved-plan/digest.js';
import { savedDocument } from '../../../src/saved-plan/encode.js';
import type { PlanDocument } from '../../../src/saved-plan/plan-document.js';
import { checkPreconditions } from '../../../src/saved-plan/precondition.js';
import { account, desired, envSecret, live, URL_1, URL_3 } from './builders.js';
import { planOf, decisions } from './planning.js';

/** A saved plan, and the live state when it is applied. */
export type PreconditionCase = {
  readonly what: string;
  readonly file: readonly DesiredWebhook[];
  readonly more?: Partial<DesiredAccount>;
  readonly options?: Partial<DiffOptions>;
  /** When planned, and when applied. */
  readonly then: readonly Live[];
  readonly now: readonly Live[];
  /** When planned; and when applied, if they have changed. */
  readonly policies?: readonly Policy[];
  readonly policiesNow?: readonly Policy[];
  /** When applied: the value of each variable that contains a URL. */
  readonly value?: string;
  readonly decisions: readonly string[];
};

export const old = live(1, 'Ops', URL_1);
/** An unrelated webhook, which must make no difference. */
export const crowd = live(50, 'Other', URL_3);
/** The previous state before `rotated`. */
export const previous = account([desired('Ops', URL_1, { secret: envSecret(1) })]);
export const rotated = desired('Ops', URL_1, { secret: envSecret(2) });

/** Returns the plan as read from its file. Literal URLs that it omits come from the desired state. */
function reread(plan: AccountPlan): ShownAccountPlan {
  const literals = plan.actions.flatMap((action) =>
    action.resource === 'webhook' && 'after' in action && action.after.url.kind === 'literal'
      ? [action.after.url.url]
      : [],
  );
  const document = savedDocument({ accounts: [plan], failures: [] }, '/repo');
  const { accounts } = planFromDocument(JSON.parse(JSON.stringify(document)) as PlanDocument, {
    literalUrl: (_, __, hash) => literals.find((url) => urlHash(url) === hash),
    secretPath: (path) => `/repo/${path}`,
  });
  const [only] = accounts;
  if (!only) throw new Error('The saved plan has no account.');
  return only;
}

/** Checks each action of a saved plan, which knows only what is written in it. */
export function recheck(
  saved: AccountPlan,
  now: readonly Live[],
  policies: readonly Policy[] = [],
  value = '',
): string[] {
  const plan = reread(saved);
  const ignored = new Set(plan.ignoredIds?.map(bareId));
  return decisions(
    checkPreconditions({
      actions: plan.actions,
      live: now,
      policies,
      wasLive: new Set(plan.liveIds?.map(bareId)),
      isIgnored: ({ id }) => ignored.has(bareId(id)),
      unlisted: new Set(plan.unlistedIds?.map(bareId)),
      urlOf: (spec: Spec) => desiredUrl(spec) ?? value,
    }),
  );
}

/** Tests each case, with the lists in any order. */
export function checkSaved(kind: string, cases: readonly PreconditionCase[]): void {
  describe(`a saved ${kind}`, () => {
    test.each(cases)(
      '$what',
      ({ file, more, options, then, now, policies = [], decisions: expected, ...rest }) => {
        const plan = planOf(account(file, more), then, options, policies);
        const policiesNow = rest.policiesNow ?? policies;
        expect(recheck(plan, now, policiesNow, rest.value)).toEqual(expected);
        expect(recheck(plan, now.toReversed(), policiesNow.toReversed(), rest.value)).toEqual(expected);
      },
    );
  });
}
