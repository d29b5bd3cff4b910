import type { ApplyEvent } from '../core/events.js';
import type { AccountId } from '../core/ids.js';
import type { ApplyResult, Outcome, OutcomeStatus } from '../core/outcome.js';
import { unreachable, type Plan } from '../core/plan.js';
import { forTerminal } from '../text/untrusted.js';
import { wrap } from '../text/layout.js';
import { DEED, didKind, DOING, verdict } from './outcome-words.js';
import type { Style } from '../text/style.js';
import { waitingText } from '../text/waiting.js';

export type ApplyTextOptions = {
  readonly style: Style;
  /** Put the account's id before each name: for plans of several accounts. */
  readonly showAccount?: boolean;
  /** Not why an action failed: that follows in {@link renderOutcomes}. */
  readonly brief?: boolean;
};

/** An event as one line of a CI log, without a line feed; `undefined` for those that need no line. */
export function eventLine(event: ApplyEvent, options: ApplyTextOptions): string | undefined {
  const { style } = options;
  switch (event.type) {
    case 'action-started': {
      const id = event.id === undefined ? '' : ` ${idText(event.id)}`;
      return `${subject(event, options)}: ${DOING[event.kind]}…${id}`;
    }
    case 'action-step':
      return `${subject(event, options)}: ${forTerminal(event.step)}`;
    case 'action-ended':
      return outcomeLine(event.outcome, options);
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

type Named = { readonly accountId: AccountId; readonly name: string };

function subject({ accountId, name }: Named, { style, showAccount }: ApplyTextOptions): string {
  const shown = forTerminal(name) || '""';
  return style.heading(showAccount ? `${accountId}/${shown}` : shown);
}

const idText = (id: string): string => `[id=${forTerminal(id)}]`;

const ENDINGS: Readonly<Record<OutcomeStatus, string>> = {
  applied: 'complete',
  failed: 'failed',
  skipped: 'skipped',
  unknown: 'unknown',
};

/** `Ops Slack: Creation complete [id=…]`, `Relay: Replacement failed: …` */
export function outcomeLine(outcome: Outcome, options: ApplyTextOptions): string {
  const { style } = options;
  const applied = outcome.status === 'applied';
  const deed = `${DEED[applied ? didKind(outcome) : outcome.kind]} ${ENDINGS[outcome.status]}`;
  const paint = applied ? style.success : outcome.status === 'skipped' ? style.warning : style.error;
  const id = outcome.id === undefined || !applied ? '' : ` ${idText(outcome.id)}`;
  const note = outcome.note === undefined ? '' : ` (${forTerminal(outcome.note)})`;
  const why = outcome.error && !options.brief ? `: ${forTerminal(outcome.error.message)}` : '';
  return `${subject(outcome, options)}: ${paint(deed)}${id}${why}${note}`;
}

const WORST_FIRST: readonly OutcomeStatus[] = ['failed', 'unknown', 'skipped'];

export type OutcomesOptions = ApplyTextOptions & {
  readonly width?: number;
  /** What was to be applied: accounts that were refused or not read then count as not done. */
  readonly plan?: Plan;
};

/** What is left to look at after an apply, worst first, and the closing line. */
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
    const where = options.showAccount ? `${accountId}: ` : '';
    lines.push(wrap(`${where}${forTerminal(message)}`, width, '    ', '  '));
  }
  const { complete, sentence } = verdict(result, options.plan);
  const paint = complete ? style.success : style.error;
  const closing = paint(wrap(sentence, width));
  // Running it again helps where something was begun; a refusal has its own way on.
  const failed = result.outcomes.some(({ status }) => status === 'failed');
  const open = result.outcomes.some(({ status }) => status !== 'applied') || result.discrepancies.length > 0;
  const again = failed ? 'Fix the errors above, then run apply again.' : 'Run apply again.';
  const next = open ? [wrap(`${again} It continues from the live state.`, width)] : [];
  const head = complete ? 'Notes:' : 'Problems:';
  const list = lines.length > 0 ? [`${head}\n\n${lines.join('\n')}\n`] : [];
  return `${[...list, closing, ...next].join('\n')}\n`;
}
