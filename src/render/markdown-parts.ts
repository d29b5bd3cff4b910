import type { Action, Plan } from '../core/plan.js';
import { forMarkdown, markdownCode } from '../text/untrusted.js';
import { fieldChanges, onlyCredentialDiffers, valueText, type FieldChange } from '../core/field-changes.js';
import { clip } from '../text/layout.js';
import { reasonText, remarks, SYMBOLS, willText } from './wording.js';

const NAME_LENGTH = 60;
const VALUE_LENGTH = 300;
const MESSAGE_LENGTH = 1500;

/** A name as Markdown code, cut if it is very long. */
export const mdName = (name: string): string => markdownCode(clip(name, NAME_LENGTH) || '""');
/** Prose that may quote strangers. */
export const mdMessage = (message: string): string => forMarkdown(clip(message, MESSAGE_LENGTH));

/** Where something is, if there are several accounts to tell apart. */
export type Place = (accountId: string) => string;

export function placeIn(plan: Plan): Place {
  const several = plan.accounts.length + plan.failures.length > 1;
  return (accountId) => (several ? ` (account ${markdownCode(accountId)})` : '');
}

function actionHead(action: Action, where: string): string {
  const reason = reasonText(action);
  const why = reason ? `: ${forMarkdown(reason)}` : '';
  return `<code>${SYMBOLS[action.kind].trim()}</code> ${mdName(action.name)} ${willText(action)}${why}${where}`;
}

/** One line per action. */
export function actionLine(action: Action, where: string): string {
  return `- ${actionHead(action, where)}\n`;
}

/** One line per action that unfolds to the changed fields and the policies. */
export function actionDetails(action: Action, where: string): string {
  const rows = fieldChanges(action).map(changeRow);
  const id = action.kind === 'create' ? [] : [`- id ${mdName(action.id)}\n`];
  const more = remarks(action, (name) => clip(name, NAME_LENGTH)).map(
    (line) => `- ${forMarkdown(clip(line, MESSAGE_LENGTH))}\n`,
  );
  const table = rows.length > 0 ? `| field | before | after |\n|---|---|---|\n${rows.join('')}\n` : '';
  const list = [...id, ...more].join('');
  return `<details><summary>${actionHead(action, where)}</summary>\n\n${table}${list}\n</details>\n\n`;
}

function changeRow(change: FieldChange): string {
  const cell = (value: FieldChange['before']): string =>
    value ? markdownCode(clip(valueText(value), VALUE_LENGTH)) : '';
  const why = [
    ...(onlyCredentialDiffers(change) ? ['credential differs'] : []),
    ...(change.forcesReplacement ? ['forces replacement'] : []),
  ];
  const after = `${cell(change.after)}${why.length > 0 ? ` (${why.join(', ')})` : ''}`;
  return `| ${change.field} | ${cell(change.before)} | ${after} |\n`;
}

/** A heading in front of the first of some pieces. */
export function section(title: string, pieces: readonly string[]): readonly string[] {
  return pieces.map((piece, i) => (i === 0 ? `\n### ${title} (${pieces.length})\n\n${piece}` : piece));
}

/** The guards and the accounts that could not be read. */
export function refusals(plan: Plan, where: Place): readonly string[] {
  const guards = plan.accounts.flatMap(({ accountId, guards: found }) =>
    found.map(
      ({ code, message }) => `- **${forMarkdown(code)}**${where(accountId)}: ${mdMessage(message)}\n`,
    ),
  );
  const failures = plan.failures.map(
    ({ accountId, error }) =>
      `- account ${markdownCode(accountId)} (${forMarkdown(error.code)}): ${mdMessage(error.message)}\n`,
  );
  return [...section('Refused by a guard', guards), ...section('Could not be read', failures)];
}
