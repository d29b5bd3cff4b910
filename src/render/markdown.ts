import type { ActionKind, Plan } from '../core/plan.js';
import { markdownCode } from '../text/untrusted.js';
import { byteLength, fill } from './budget.js';
import { nameList } from '../text/layout.js';
import {
  actionDetails,
  actionLine,
  mdMessage,
  mdName,
  placeIn,
  refusals,
  section,
  type Place,
} from './markdown-parts.js';
import { quietText, sideEffectLines, totalsText, weigh } from './totals.js';

/** By this a later run finds its own comment again. */
export const PLAN_MARKER = '<!-- hookwright:plan -->';

/** GitHub refuses a comment of 65,536 characters; some room for what a workflow adds. */
export const MARKDOWN_LIMIT = 65_000;

export type MarkdownOptions = {
  readonly digest?: string;
  /** Bytes; {@link MARKDOWN_LIMIT} if not given. */
  readonly limit?: number;
};

const WORST_FIRST: readonly (readonly [ActionKind, string])[] = [
  ['delete', 'Destroy'],
  ['replace', 'Replace'],
  ['update', 'Update in-place'],
  ['create', 'Create'],
];

/**
 * The plan as a comment: what refuses and what is destroyed first, details folded. One that does not fit is
 * first told without details, then cut, and says so at its top.
 */
export function renderPlanMarkdown(plan: Plan, options: MarkdownOptions = {}): string {
  const limit = options.limit ?? MARKDOWN_LIMIT;
  const tail = ending(plan);
  const head = heading(plan, options.digest);
  const room = limit - byteLength(head) - byteLength(tail) - byteLength(cutNote(0, 0)) - 40;
  const detailed = pieces(plan, true);
  const whole = fill(detailed, room);
  if (whole.left === 0) return `${head}${whole.text}${tail}`;
  const brief = pieces(plan, false);
  const { text, left } = fill(brief, room);
  const note =
    left > 0 ? cutNote(left, brief.length) : '\nDetails are omitted because the comment would be too long.\n';
  const omitted = left > 0 ? `\n… and ${left} more.\n` : '';
  return `${head}${note}${text}${omitted}${tail}`;
}

function cutNote(left: number, total: number): string {
  return (
    `\n**This comment is truncated: ${left} of ${total} entries are not shown.** ` +
    'Do not approve the plan from this comment alone. Read the full plan in the job log or its artifacts.\n'
  );
}

function heading(plan: Plan, digest: string | undefined): string {
  const { summary, actions, guards } = weigh(plan);
  const title =
    actions + guards > 0
      ? totalsText(summary)
      : plan.failures.length > 0
        ? 'not every account could be read'
        : 'no changes';
  const lines = [PLAN_MARKER, `## hookwright plan: ${title}`];
  if (guards > 0) lines.push('', '**Refused:** nothing will be applied to an account that a guard blocks.');
  if (actions + guards + plan.failures.length === 0) {
    lines.push('', 'No changes. Your webhooks match the desired state.');
  }
  if (digest !== undefined) lines.push('', `Digest: ${markdownCode(digest)}`);
  return `${lines.join('\n')}\n`;
}

function pieces(plan: Plan, detailed: boolean): readonly string[] {
  const where = placeIn(plan);
  const show = detailed ? actionDetails : actionLine;
  const actions = WORST_FIRST.flatMap(([kind, title]) =>
    section(
      title,
      plan.accounts.flatMap((account) =>
        account.actions
          .filter((action) => action.kind === kind)
          .map((action) => show(action, where(account.accountId))),
      ),
    ),
  );
  return [...refusals(plan, where), ...actions, ...notes(plan, where), ...accounts(plan)];
}

function notes(plan: Plan, where: Place): readonly string[] {
  const found = plan.accounts.flatMap(({ accountId, notes: list }) =>
    list.map(({ message }) => `- ${mdMessage(message)}${where(accountId)}\n`),
  );
  return section('Warnings', found);
}

function accounts(plan: Plan): readonly string[] {
  if (plan.accounts.length < 2) return [];
  const busy = plan.accounts.filter(({ actions, guards }) => actions.length + guards.length > 0);
  return section(
    'Accounts with changes',
    busy.map(({ accountId, summary }) => `- ${markdownCode(accountId)}: ${totalsText(summary)}\n`),
  );
}

function ending(plan: Plan): string {
  const quiet = quietText(plan);
  const lines = [
    ...sideEffectLines(plan, (names) => nameList(names, mdName, 10)),
    ...(quiet ? [`${quiet}.`] : []),
  ];
  return lines.length > 0 ? `\n${lines.join('\n\n')}\n` : '';
}
