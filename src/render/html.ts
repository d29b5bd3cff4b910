import type { AccountPlan, Action, ActionKind, Plan } from '../core/plan.js';
import { forHtml } from '../text/untrusted.js';
import { fieldChanges, onlyCredentialDiffers, valueText, type FieldChange } from '../core/field-changes.js';
import { feedGraph, type Feeds } from './routing-graph.js';
import { renderPicture } from './picture.js';
import { CSS } from './html-style.js';
import { nameList } from '../text/layout.js';
import { quietText, sideEffectLines, totalsText, weigh } from './totals.js';
import { reasonText, remarks, SYMBOLS, willText } from './wording.js';

export type HtmlOptions = {
  readonly digest?: string;
  /** For the picture; an account without feeds has none. */
  readonly feeds?: readonly Feeds[];
};

// Nothing may be fetched or run; the page's own style and an empty icon are all it has.
const CSP =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** The plan as one page that needs nothing from anywhere: what refuses, the picture, then each action. */
export function renderPlanHtml(plan: Plan, options: HtmlOptions = {}): string {
  const { summary, actions, guards } = weigh(plan);
  const quiet = quietText(plan);
  const nothing = actions + guards + plan.failures.length === 0;
  const title = actions + guards > 0 ? `Plan: ${totalsText(summary)}` : nothing ? 'No changes' : 'Plan';
  const effects = sideEffectLines(plan, (names) => nameList(names, code));
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${CSP}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<link rel="icon" href="data:,">',
    `<title>hookwright: ${title}</title>`,
    `<style>${CSS}</style>`,
    '</head>',
    '<body>',
    `<h1>${title}</h1>`,
    ...(nothing ? ['<p>No changes. Your webhooks match the desired state.</p>'] : []),
    ...(quiet ? [`<p>${quiet}.</p>`] : []),
    ...effects.map((line) => `<p>${line}</p>`),
    ...refusals(plan),
    ...plan.accounts.flatMap((account) => accountHtml(account, plan, options.feeds ?? [])),
    ...(options.digest === undefined ? [] : [`<p class="dim">Digest ${code(options.digest)}</p>`]),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const code = (text: string): string => `<code>${forHtml(text) || '&quot;&quot;'}</code>`;

function list(kind: string, title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const lines = items.map((item) => `<li>${item}</li>`);
  return [`<section class="${kind}">`, `<h2>${title}</h2>`, '<ul>', ...lines, '</ul>', '</section>'];
}

function refusals(plan: Plan): readonly string[] {
  const guards = plan.accounts.flatMap(({ accountId, guards: found }) =>
    found.map(
      (guard) =>
        `<strong>${forHtml(guard.code)}</strong> (account ${code(accountId)}): ${forHtml(guard.message)}`,
    ),
  );
  const failures = plan.failures.map(
    ({ accountId, error }) =>
      `account ${code(accountId)}: ${forHtml(error.message)} (${forHtml(error.code)})`,
  );
  return [...list('bad', 'Refused by a guard', guards), ...list('bad', 'Could not be read', failures)];
}

const WORST_FIRST: readonly ActionKind[] = ['delete', 'replace', 'update', 'create'];

function accountHtml(account: AccountPlan, plan: Plan, feeds: readonly Feeds[]): readonly string[] {
  const feed = feeds.find(({ accountId }) => accountId === account.accountId);
  const busy = account.actions.length + account.notes.length > 0;
  if (!busy && !(feed && plan.accounts.length === 1)) return [];
  const sorted = WORST_FIRST.flatMap((kind) => account.actions.filter((action) => action.kind === kind));
  return [
    `<h2>Account ${code(account.accountId)}</h2>`,
    `<p>${totalsText(account.summary)}.</p>`,
    ...(feed ? figure(feed, account) : []),
    ...sorted.map(actionHtml),
    ...list(
      'warn',
      'Warnings',
      account.notes.map(({ message }) => forHtml(message)),
    ),
  ];
}

function figure(feed: Feeds, account: AccountPlan): readonly string[] {
  const graph = feedGraph(feed, account);
  if (graph.webhooks.length === 0) return [];
  const more = graph.leftOut > 0 ? ` ${graph.leftOut} more are not drawn.` : '';
  return [
    '<figure>',
    renderPicture(graph),
    '<figcaption>Policies on the left notify the webhooks on the right. + is created, ~ updated, -/+ replaced, ' +
      '- destroyed; dashed line: switched to the new webhook; dotted line: removed.' +
      `${more}</figcaption>`,
    '</figure>',
  ];
}

function actionHtml(action: Action): string {
  const reason = reasonText(action);
  const sign = SYMBOLS[action.kind].trim();
  const rows = fieldChanges(action).map(changeHtml);
  const id = action.kind === 'create' ? '' : `<dt>id</dt><dd>${code(action.id)}</dd>`;
  const more = remarks(action, (name) => `"${name}"`).map((line) => `<p>${forHtml(line)}</p>`);
  return (
    `<details class="${action.kind}" open><summary><span class="sign">${sign}</span> ${code(action.name)} ` +
    `${willText(action)}${reason ? `: ${forHtml(reason)}` : ''}</summary>` +
    `<dl>${id}${rows.join('')}</dl>${more.join('')}</details>`
  );
}

function changeHtml(change: FieldChange): string {
  const sides = [change.before, change.after].flatMap((value) => (value ? [code(valueText(value))] : []));
  const notes = [
    ...(onlyCredentialDiffers(change) ? ['(credential differs)'] : []),
    ...(change.forcesReplacement ? ['<span class="forces">forces replacement</span>'] : []),
  ];
  return `<dt>${change.field}</dt><dd>${[sides.join(' → '), ...notes].join(' ')}</dd>`;
}
