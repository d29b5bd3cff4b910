import type { ApplyResult, Outcome } from '../core/outcome.js';
import type { Plan } from '../core/plan.js';
import { forMarkdown } from '../text/untrusted.js';
import { byteLength, fill } from './budget.js';
import { MARKDOWN_LIMIT } from './markdown.js';
import { mdMessage, mdName, placeIn, refusals, section, type Place } from './markdown-parts.js';
import { DEED, didKind, verdict } from './outcome-words.js';

/** By this a later run finds its own comment again. */
export const APPLY_MARKER = '<!-- hookwright:apply -->';

export type ApplyMarkdownOptions = {
  /** Bytes; as for a plan if not given. */
  readonly limit?: number;
};

/** What an apply came to, worst first; what went well is folded. */
export function renderApplyMarkdown(
  plan: Plan,
  result: ApplyResult,
  { limit = MARKDOWN_LIMIT }: ApplyMarkdownOptions = {},
): string {
  const where = placeIn(plan);
  const { complete, sentence } = verdict(result, plan);
  const head = `${APPLY_MARKER}\n## hookwright apply: ${complete ? 'complete' : 'incomplete'}\n\n${forMarkdown(sentence)}\n`;
  const bad = [
    ...refusals(plan, where),
    ...section('Failed', lines(result, 'failed', where)),
    ...section('Unknown', lines(result, 'unknown', where)),
    ...section('Not verified', discrepancies(result, where)),
    ...section('Skipped', lines(result, 'skipped', where)),
  ];
  const good = lines(result, 'applied', where);
  const reserve = 500;
  const worst = fill(bad, limit - byteLength(head) - reserve);
  const rest = fill(worst.left > 0 ? [] : good, limit - byteLength(head) - byteLength(worst.text) - reserve);
  const folded = rest.text
    ? `\n<details><summary>Applied (${good.length})</summary>\n\n${rest.text}\n</details>\n`
    : '';
  const left =
    bad.length + good.length - shownOf(bad, worst.left) - (rest.text ? shownOf(good, rest.left) : 0);
  const cut =
    left > 0 ? `\n**This comment is truncated: ${left} entries are not shown.** See the job log.\n` : '';
  return `${head}${cut}${worst.text}${folded}`;
}

function shownOf(pieces: readonly string[], left: number): number {
  return pieces.length - left;
}

function lines(result: ApplyResult, status: Outcome['status'], where: Place): readonly string[] {
  return result.outcomes
    .filter((outcome) => outcome.status === status)
    .map((outcome) => {
      const deed = DEED[status === 'applied' ? didKind(outcome) : outcome.kind];
      const why = outcome.error
        ? `: ${mdMessage(outcome.error.message)} (${forMarkdown(outcome.error.code)})`
        : '';
      const note = outcome.note === undefined ? '' : `: ${mdMessage(outcome.note)}`;
      return `- ${deed} of ${mdName(outcome.name)}${where(outcome.accountId)}${why}${note}\n`;
    });
}

function discrepancies(result: ApplyResult, where: Place): readonly string[] {
  return result.discrepancies.map(({ accountId, message }) => `- ${mdMessage(message)}${where(accountId)}\n`);
}
