import { type FieldChange, fieldChanges, unseenDifference, valueText } from '../core/field-changes.js';
import type { AccountId } from '../core/ids.js';
import type { ApplyResult, Outcome } from '../core/outcome.js';
import type { ShownAction as Action, ShownPlan as Plan } from '../core/plan.js';
import { clip, nameList } from '../text/layout.js';
import { forMarkdown, markdownCode } from '../text/untrusted.js';
import { ACTION_NOUN, conclusion, nextStep } from './apply-text.js';
import {
  noChangesText,
  planCounts,
  quietAccountsText,
  sideEffectLines,
  totalsText,
  unchangedText,
} from './totals.js';
import {
  type AccountName,
  accountsOf,
  accountText,
  actionNotes,
  KIND_WORDS,
  type SharedNote,
  type SharedNotes,
  sharedNotes,
  SYMBOLS,
  willText,
  WORST_FIRST,
  resourcePrefix,
} from './wording.js';

/** Identifies the comment for later runs. */
export const PLAN_MARKER = '<!-- hookwright:plan -->';

/** GitHub refuses a comment of 65,536 characters; this leaves room for text that a workflow adds. */
export const MARKDOWN_LIMIT = 65_000;

/** Number of actions whose details are open, the most severe first; the others are folded. */
const UNFOLDED = 10;

/**
 * Renders the plan as a comment, guards and deletions first. If it is too long, the details are left out,
 * then the rest is truncated, with a note at the top.
 */
export function renderPlanMarkdown(plan: Plan, digest: string): string {
  const tail = ending(plan);
  const head = heading(plan, digest);
  const room = MARKDOWN_LIMIT - byteLength(head) - byteLength(tail) - byteLength(cutNote(0, 0)) - 40;
  const detailed = pieces(plan, actionDetails);
  const whole = fill(detailed, room);
  if (whole.left === 0) return `${head}${whole.text}${tail}`;
  const brief = pieces(plan, actionLine);
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

function heading(plan: Plan, digest: string): string {
  const { summary, actions, guards, isEmpty } = planCounts(plan);
  const unchanged = isEmpty ? 'no changes' : 'not every account could be read';
  const title = actions + guards > 0 ? totalsText(summary) : unchanged;
  const lines = [PLAN_MARKER, `## hookwright plan: ${title}`, ...onlyAccount(plan)];
  if (guards > 0) lines.push('', '**Refused:** nothing will be applied to an account that a guard blocks.');
  if (isEmpty) lines.push('', noChangesText(plan));
  lines.push('', `Digest: ${markdownCode(digest)}`, '');
  return lines.join('\n');
}

/** Renders the actions with `show`, which gets how many were shown before. */
function pieces(plan: Plan, show: typeof actionDetails): readonly string[] {
  const where = placeIn(plan);
  let shown = 0;
  const actions = WORST_FIRST.flatMap((kind) =>
    section(
      KIND_WORDS[kind].replace(/^./, (first) => first.toUpperCase()),
      plan.accounts.flatMap((account) =>
        account.actions
          .filter((action) => action.kind === kind)
          .map((action) => show(action, where(account.accountId), shown++)),
      ),
    ),
  );
  const shared = notes(plan);
  return [...refusals(plan, where), ...actions, ...shared.warnings, ...shared.notes, ...accounts(plan)];
}

/** Renders the warnings and the other notes. */
function notes(plan: Plan): Readonly<Record<keyof SharedNotes, readonly string[]>> {
  const shared = sharedNotes(plan, mdMessage, mdAccount);
  const items = (all: readonly SharedNote[]): readonly string[] => all.map(({ text }) => `- ${text}\n`);
  return {
    warnings: section('Warnings', items(shared.warnings)),
    notes: section('Notes', items(shared.notes)),
  };
}

function accounts(plan: Plan): readonly string[] {
  if (plan.accounts.length < 2) return [];
  const busy = plan.accounts.filter(({ actions, guards }) => actions.length + guards.length > 0);
  return section(
    'Accounts with changes',
    busy.map((account) => `- ${mdAccount(account)}: ${totalsText(account.summary)}\n`),
  );
}

function ending(plan: Plan): string {
  const counted = [unchangedText(plan), quietAccountsText(plan)].filter((text) => text !== '');
  const lines = [
    ...sideEffectLines(plan, (names) => nameList(names, mdName, 10)),
    ...counted.map((text) => `${text}.`),
  ];
  return lines.length > 0 ? `\n${lines.join('\n\n')}\n` : '';
}

const NAME_LENGTH = 60;
const VALUE_LENGTH = 300;
const MESSAGE_LENGTH = 1500;

/** Returns a name as Markdown code, truncated if it is very long. */
const mdName = (name: string): string => markdownCode(clip(name, NAME_LENGTH) || '""');
/** Returns a message, which can quote untrusted names, as Markdown. */
const mdMessage = (message: string): string => forMarkdown(clip(message, MESSAGE_LENGTH));

const mdAccount = (account: AccountName): string =>
  accountText(account, (label) => forMarkdown(clip(label, NAME_LENGTH)), markdownCode);

/** Returns the account of a plan with only one, for below the heading. */
function onlyAccount(plan: Plan): readonly string[] {
  const [account, ...others] = accountsOf(plan);
  return account && others.length === 0 ? ['', `Account: ${mdAccount(account)}`] : [];
}

/** Names the account if there are several accounts. */
type Place = (accountId: AccountId) => string;

function placeIn(plan: Plan): Place {
  const all = accountsOf(plan);
  const named = (id: AccountId): string =>
    mdAccount(all.find(({ accountId }) => accountId === id) ?? { accountId: id });
  return (accountId) => (all.length > 1 ? ` in account ${named(accountId)}` : '');
}

function actionHead(action: Action, where: string): string {
  return `<code>${SYMBOLS[action.kind].trim()}</code> ${resourcePrefix(action)}${mdName(action.name)}${where} ${willText(action, forMarkdown)}`;
}

/** Renders one line for the action. */
function actionLine(action: Action, where: string): string {
  return `- ${actionHead(action, where)}\n`;
}

/** Renders one line that unfolds to the changed fields and the policies; the first ones are unfolded. */
function actionDetails(action: Action, where: string, shown: number): string {
  const rows = fieldChanges(action).map(changeRow);
  const id = action.kind === 'create' ? [] : [`- id ${mdName(action.id)}\n`];
  const more = actionNotes(action, (name) => clip(name, NAME_LENGTH)).map(
    (line) => `- ${forMarkdown(clip(line, MESSAGE_LENGTH))}\n`,
  );
  const table = rows.length > 0 ? `| field | before | after |\n|---|---|---|\n${rows.join('')}\n` : '';
  const list = [...id, ...more].join('');
  return `<details${shown < UNFOLDED ? ' open' : ''}><summary>${actionHead(action, where)}</summary>\n\n${table}${list}\n</details>\n\n`;
}

function changeRow(change: FieldChange): string {
  const cell = (value: FieldChange['before']): string =>
    value ? markdownCode(clip(valueText(value), VALUE_LENGTH)) : '';
  const unseen = unseenDifference(change);
  const why = [
    ...(unseen === undefined ? [] : [unseen]),
    ...(change.forcesReplacement ? ['forces replacement'] : []),
  ];
  const after = `${cell(change.after)}${why.length > 0 ? ` (${why.join(', ')})` : ''}`;
  return `| ${change.field} | ${cell(change.before)} | ${after} |\n`;
}

/** Adds a heading before the first piece. */
function section(title: string, pieces: readonly string[]): readonly string[] {
  return pieces.map((piece, i) => (i === 0 ? `\n### ${title} (${pieces.length})\n\n${piece}` : piece));
}

/** Renders the guards and the accounts that could not be read. */
function refusals(plan: Plan, where: Place): readonly string[] {
  const guards = plan.accounts.flatMap(({ accountId, guards: found }) =>
    found.map(
      ({ code, message }) => `- **${forMarkdown(code)}**${where(accountId)}: ${mdMessage(message)}\n`,
    ),
  );
  const failures = plan.failures.map(
    (failure) =>
      `- account ${mdAccount(failure)} (${forMarkdown(failure.error.code)}): ${mdMessage(failure.error.message)}\n`,
  );
  return [...section('Refused by a guard', guards), ...section('Could not be read', failures)];
}

/** As many of the most important pieces as fit, and how many are left out. */
export type Filled = { readonly text: string; readonly left: number };

/** Returns the length in UTF-8 bytes, which is at least the number of UTF-16 units. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * Returns the first pieces that fit into `budget` bytes, and how many are left out. It never splits a piece,
 * and stops at the first that does not fit.
 */
function fill(pieces: readonly string[], budget: number): Filled {
  const kept: string[] = [];
  let used = 0;
  for (const piece of pieces) {
    used += byteLength(piece);
    if (used > budget) break;
    kept.push(piece);
  }
  return { text: kept.join(''), left: pieces.length - kept.length };
}

/** Identifies the comment for later runs. */
export const APPLY_MARKER = '<!-- hookwright:apply -->';

/** Renders the result of an apply, failures first; applied actions are folded. */
export function renderApplyMarkdown(plan: Plan, result: ApplyResult): string {
  const where = placeIn(plan);
  const { complete, sentence } = conclusion(plan, result);
  const title = `## hookwright apply: ${complete ? 'complete' : 'incomplete'}`;
  const head = [APPLY_MARKER, title, ...onlyAccount(plan), '', forMarkdown(sentence), ''].join('\n');
  const bad = [
    ...refusals(plan, where),
    ...section('Failed', lines(result, 'failed', where)),
    ...section('Unknown', lines(result, 'unknown', where)),
    ...section('Not verified', discrepancies(result, where)),
    ...section('Skipped', lines(result, 'skipped', where)),
    ...notes(plan).warnings,
  ];
  const good = lines(result, 'applied', where);
  const advice = nextStep(plan, result, mdName);
  const next = advice === undefined ? '' : `\n${advice}\n`;
  const room = MARKDOWN_LIMIT - byteLength(head + next) - 500;
  const worst = fill(bad, room);
  const rest = fill(worst.left > 0 ? [] : good, room - byteLength(worst.text));
  const folded = rest.text
    ? `\n<details><summary>Applied (${good.length})</summary>\n\n${rest.text}\n</details>\n`
    : '';
  const left = worst.left > 0 ? worst.left + good.length : rest.left;
  const cut =
    left > 0 ? `\n**This comment is truncated: ${left} entries are not shown.** See the job log.\n` : '';
  const quiet = quietAccountsText(plan);
  return `${head}${cut}${worst.text}${next}${folded}${quiet ? `\n${quiet}.\n` : ''}`;
}

function lines(result: ApplyResult, status: Outcome['status'], where: Place): readonly string[] {
  return result.outcomes
    .filter((outcome) => outcome.status === status)
    .map((outcome) => {
      const noun = ACTION_NOUN[outcome.kind];
      const why = outcome.error
        ? `: ${mdMessage(outcome.error.message)} (${forMarkdown(outcome.error.code)})`
        : '';
      const note = outcome.note === undefined ? '' : `: ${mdMessage(outcome.note)}`;
      return `- ${noun} of ${resourcePrefix(outcome)}${mdName(outcome.name)}${where(outcome.accountId)}${why}${note}\n`;
    });
}

function discrepancies(result: ApplyResult, where: Place): readonly string[] {
  return result.discrepancies.map(({ accountId, message }) => {
    const place = where(accountId).trim();
    return `- ${place === '' ? '' : `${place}: `}${mdMessage(message)}\n`;
  });
}
