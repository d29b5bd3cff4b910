import type { AccountId } from '../core/ids.js';
import type { ApplyEvent, ApplyResult, Outcome, OutcomeStatus } from '../core/outcome.js';
import {
  type ActionKind,
  type Resource,
  type ShownPlan as Plan,
  totalSummary,
  unreachable,
} from '../core/plan.js';
import { count, waitingText, wrap } from '../text/layout.js';
import type { Style } from '../text/style.js';
import { forTerminal } from '../text/untrusted.js';
import type { Totals } from './totals.js';
import { type AccountName, resourcePrefix } from './wording.js';

export type ApplyTextOptions = {
  readonly style: Style;
  /** The accounts of the run. If there are several, the label or ID of the account precedes each name. */
  readonly accounts?: readonly AccountName[];
  /** Whether only the code of the error is shown, because {@link renderOutcomes} prints its message. */
  readonly brief?: boolean;
};

/** Renders an event as one line of a CI log, without a line feed; `undefined` if it needs no line. */
export function eventLine(event: ApplyEvent, options: ApplyTextOptions): string | undefined {
  const { style } = options;
  switch (event.type) {
    case 'action-started': {
      const id = event.id === undefined ? '' : ` ${idText(event.id)}`;
      return `${subject(event, options)}: ${ACTION_PROGRESSIVE[event.kind]}…${id}`;
    }
    case 'action-step':
      return `${subject(event, options)}: ${forTerminal(event.step)}`;
    case 'action-ended':
      return outcomeLine(event.outcome, { ...options, brief: true });
    case 'waiting':
      return waitingText(event.milliseconds);
    case 'interrupted':
      return `${style.warning(`${event.signal}:`)} finishing requests in flight and starting nothing new. Interrupt again to stop immediately.`;
    case 'twin-withdrawn':
      return `${subject(event, options)}: another apply created the same webhook; deleted the later duplicate ${idText(event.id)}`;
    case 'apply-started':
    case 'waiting-ended':
    case 'apply-ended':
      return undefined;
    default:
      return unreachable(event);
  }
}

type Named = { readonly accountId: AccountId; readonly name: string; readonly resource?: Resource };

function subject(named: Named, options: ApplyTextOptions): string {
  const shown = `${resourcePrefix(named)}${forTerminal(named.name) || '""'}`;
  return options.style.heading(`${accountPrefix(named.accountId, options, '/')}${shown}`);
}

function accountPrefix(id: AccountId, { accounts = [] }: ApplyTextOptions, separator: string): string {
  if (accounts.length < 2) return '';
  const label = accounts.find(({ accountId }) => accountId === id)?.label;
  return `${label === undefined ? id : forTerminal(label)}${separator}`;
}

const idText = (id: string): string => `[id=${forTerminal(id)}]`;

const ENDINGS: Readonly<Record<OutcomeStatus, string>> = {
  applied: 'complete',
  failed: 'failed',
  skipped: 'skipped',
  unknown: 'unknown',
};

/** Returns `Ops Slack: Creation complete [id=…]` or `Relay: Replacement failed: …`. */
export function outcomeLine(outcome: Outcome, options: ApplyTextOptions): string {
  const { style } = options;
  const applied = outcome.status === 'applied';
  const text = `${ACTION_NOUN[outcome.kind]} ${ENDINGS[outcome.status]}`;
  const paint = applied ? style.success : outcome.status === 'skipped' ? style.warning : style.error;
  const id = outcome.id === undefined || !applied ? '' : ` ${idText(outcome.id)}`;
  const note = outcome.note === undefined ? '' : ` (${forTerminal(outcome.note)})`;
  return `${subject(outcome, options)}: ${paint(text)}${id}${reason(outcome, options)}${note}`;
}

function reason({ error, status }: Outcome, { brief }: ApplyTextOptions): string {
  if (!error || (brief && error.code === status)) return '';
  return brief ? ` (${error.code})` : `: ${forTerminal(error.message)}`;
}

const WORST_FIRST: readonly OutcomeStatus[] = ['failed', 'unknown', 'skipped'];

export type OutcomesOptions = ApplyTextOptions & {
  readonly width?: number;
  /** With a plan, accounts that were refused or not read count as not done. */
  readonly plan?: Plan;
};

/** Renders what needs attention after an apply, failures first, and the closing line. */
export function renderOutcomes(result: ApplyResult, options: OutcomesOptions): string {
  const { style, width = 80 } = options;
  const lines: string[] = [];
  for (const status of WORST_FIRST) {
    for (const outcome of result.outcomes) {
      if (outcome.status === status) lines.push(wrap(outcomeLine(outcome, options), width, '    ', '  '));
    }
  }
  for (const outcome of result.outcomes) {
    if (outcome.status !== 'applied' || outcome.note === undefined) continue;
    lines.push(wrap(outcomeLine(outcome, options), width, '    ', '  '));
  }
  for (const { accountId, message } of result.discrepancies) {
    const where = accountPrefix(accountId, options, ': ');
    lines.push(wrap(`${where}${forTerminal(message)}`, width, '    ', '  '));
  }
  const { complete, sentence } = conclusion(result, options.plan);
  const paint = complete ? style.success : style.error;
  const closing = paint(wrap(sentence, width));
  // Another run helps only if something was started; a refusal itself says how to proceed.
  const failed = result.outcomes.some(({ status }) => status === 'failed');
  const open = result.outcomes.some(({ status }) => status !== 'applied') || result.discrepancies.length > 0;
  const again = failed ? 'Fix the errors above, then run apply again.' : 'Run apply again.';
  const next = open ? [wrap(`${again} It continues from the live state.`, width)] : [];
  const head = complete ? 'Notes:' : 'Problems:';
  const list = lines.length > 0 ? [`${head}\n\n${lines.join('\n')}\n`] : [];
  return `${[...list, closing, ...next].join('\n')}\n`;
}

/** The kind as a noun, as Terraform uses it: `Creation`. */
export const ACTION_NOUN: Readonly<Record<ActionKind, string>> = {
  create: 'Creation',
  update: 'Modification',
  replace: 'Replacement',
  delete: 'Destruction',
};

/** The kind in progress: `Creating`. */
const ACTION_PROGRESSIVE: Readonly<Record<ActionKind, string>> = {
  create: 'Creating',
  update: 'Modifying',
  replace: 'Replacing',
  delete: 'Destroying',
};

/** Counts what this run itself applied; a replacement counts as one add and one destroy. */
function appliedTotals(outcomes: readonly Outcome[]): Totals {
  const applied = outcomes
    .filter(({ status, already }) => status === 'applied' && !already)
    .map(({ kind }) => kind);
  const of = (...kinds: readonly ActionKind[]): number =>
    applied.filter((kind) => kinds.includes(kind)).length;
  return { add: of('create', 'replace'), change: of('update'), destroy: of('delete', 'replace') };
}

/** Counts the outcomes of each status. */
function statusCounts(outcomes: readonly Outcome[]): Readonly<Record<OutcomeStatus, number>> {
  const counts = { applied: 0, failed: 0, skipped: 0, unknown: 0 };
  for (const { status } of outcomes) counts[status] += 1;
  return counts;
}

/** The result of an apply. `sentence` is its last line. */
export type Conclusion = { readonly complete: boolean; readonly sentence: string };

/**
 * Returns `Apply complete!` only if every planned action is applied and the last list verified it. With a
 * plan, accounts that were refused or could not be read count as not done.
 */
export function conclusion(result: ApplyResult, plan?: Plan): Conclusion {
  const { add, change, destroy } = appliedTotals(result.outcomes);
  const counts = statusCounts(result.outcomes);
  const already = result.outcomes.filter((outcome) => outcome.already).length;
  const resources = `${add} added, ${change} changed, ${destroy} destroyed${already > 0 ? ` (${already} already done)` : ''}`;
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
