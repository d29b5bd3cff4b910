import { totalSummary, type ActionKind, type Plan } from '../core/plan.js';
import type { ApplyResult, Outcome, OutcomeStatus } from '../core/outcome.js';
import { count } from '../text/layout.js';
import type { Totals } from './totals.js';

/** The kind as Terraform names the deed: `Creation`. */
export const DEED: Readonly<Record<ActionKind, string>> = {
  create: 'Creation',
  update: 'Modification',
  replace: 'Replacement',
  delete: 'Destruction',
};

/** The kind while it goes on: `Creating`. */
export const DOING: Readonly<Record<ActionKind, string>> = {
  create: 'Creating',
  update: 'Modifying',
  replace: 'Replacing',
  delete: 'Destroying',
};

/** What was really done: an `auto` replace that one PUT settled is a change. */
export function didKind(outcome: Outcome): ActionKind {
  return outcome.did ?? outcome.kind;
}

/** Counts of what was applied, a replace as one add and one destroy. */
function appliedTotals(outcomes: readonly Outcome[]): Totals {
  const applied = outcomes.filter(({ status }) => status === 'applied').map(didKind);
  const of = (...kinds: readonly ActionKind[]): number =>
    applied.filter((kind) => kinds.includes(kind)).length;
  return { add: of('create', 'replace'), change: of('update'), destroy: of('delete', 'replace') };
}

/** How many outcomes have each status. */
function statusCounts(outcomes: readonly Outcome[]): Readonly<Record<OutcomeStatus, number>> {
  const counts = { applied: 0, failed: 0, skipped: 0, unknown: 0 };
  for (const { status } of outcomes) counts[status] += 1;
  return counts;
}

/** What an apply came to. `sentence` is its last line. */
export type Verdict = { readonly complete: boolean; readonly sentence: string };

/**
 * `Apply complete!` only if everything that was planned is applied and the last list showed it to be so.
 * With the plan at hand, accounts that were refused or could not be read count as not done.
 */
export function verdict(result: ApplyResult, plan?: Plan): Verdict {
  const { add, change, destroy } = appliedTotals(result.outcomes);
  const counts = statusCounts(result.outcomes);
  const resources = `${add} added, ${change} changed, ${destroy} destroyed`;
  const total = Math.max(result.outcomes.length, plan ? planned(plan) : 0);
  const refused = plan?.accounts.filter(({ guards }) => guards.length > 0).length ?? 0;
  const unread = plan?.failures.length ?? 0;
  const differ = result.discrepancies.length;
  const missing = total - result.outcomes.length;
  const complete = counts.applied === total && refused + unread + differ === 0 && !result.interrupted;
  if (complete) return { complete, sentence: `Apply complete! Resources: ${resources}.` };
  const rest = [
    ...(result.interrupted ? [`interrupted by ${result.interrupted}`] : []),
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.unknown > 0 ? [`${counts.unknown} unknown`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} skipped`] : []),
    ...(missing > 0 ? [`${missing} not started`] : []),
    ...(differ > 0 ? [`${count(differ, 'account')} not verified`] : []),
    ...(refused > 0 ? [`${count(refused, 'account')} refused by a guard`] : []),
    ...(unread > 0 ? [`${count(unread, 'account')} could not be read`] : []),
  ];
  if (total === 0) return { complete, sentence: `Nothing was applied: ${rest.join(', ')}.` };
  return {
    complete,
    sentence:
      `Apply incomplete: ${counts.applied} of ${count(total, 'action')} applied (${resources}); ` +
      `${rest.join(', ')}.`,
  };
}

function planned(plan: Plan): number {
  const { create, update, replace, delete: deletes } = totalSummary(plan.accounts);
  return create + update + replace + deletes;
}
