import { type FieldChange, fieldChanges, unseenDifference, valueText } from '../core/field-changes.js';
import type {
  ShownAccountPlan as AccountPlan,
  ShownAction as Action,
  ShownPlan as Plan,
} from '../core/plan.js';
import { nameList } from '../text/layout.js';
import { forHtml } from '../text/untrusted.js';
import { renderPicture } from './picture.js';
import { routingGraph, type AccountRouting } from './routing-graph.js';
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
  type SharedNote,
  sharedNotes,
  SYMBOLS,
  willText,
  WORST_FIRST,
  resourcePrefix,
} from './wording.js';

export type HtmlOptions = {
  readonly digest?: string;
  /** The data of the routing graphs; an account without it has none. */
  readonly routing?: readonly AccountRouting[];
};

// The page cannot fetch or run anything; it has only its own style and an empty icon.
const CSP =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** Renders the plan as one self-contained page: guards and errors, the pictures, then each action. */
export function renderPlanHtml(plan: Plan, options: HtmlOptions = {}): string {
  const { summary, actions, guards, isEmpty } = planCounts(plan);
  const quiet = unchangedText(plan);
  const title = actions + guards > 0 ? `Plan: ${totalsText(summary)}` : isEmpty ? 'No changes' : 'Plan';
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
    ...(isEmpty ? [`<p>${noChangesText(plan)}</p>`] : []),
    ...(quiet ? [`<p>${quiet}.</p>`] : []),
    ...effects.map((line) => `<p>${line}</p>`),
    ...refusals(plan),
    ...plan.accounts.flatMap((account) => accountHtml(account, plan, options)),
    ...rest(plan),
    ...(options.digest === undefined ? [] : [`<p class="dim">Digest ${code(options.digest)}</p>`]),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const name = (account: AccountName): string => accountText(account, forHtml, code);
const code = (text: string): string => `<code>${forHtml(text) || '&quot;&quot;'}</code>`;

function list(kind: string, title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const lines = items.map((item) => `<li>${item}</li>`);
  return [`<section class="${kind}">`, `<h2>${title}</h2>`, '<ul>', ...lines, '</ul>', '</section>'];
}

function refusals(plan: Plan): readonly string[] {
  const guards = plan.accounts.flatMap((account) =>
    account.guards.map(
      (guard) =>
        `<strong>${forHtml(guard.code)}</strong> in account ${name(account)}: ${forHtml(guard.message)}`,
    ),
  );
  const failures = plan.failures.map(
    (failure) =>
      `account ${name(failure)}: ${forHtml(failure.error.message)} (${forHtml(failure.error.code)})`,
  );
  return [...list('bad', 'Refused by a guard', guards), ...list('bad', 'Could not be read', failures)];
}

function accountHtml(account: AccountPlan, plan: Plan, { routing = [] }: HtmlOptions): readonly string[] {
  const own = routing.find(({ accountId }) => accountId === account.accountId);
  if (account.actions.length === 0 && accountsOf(plan).length > 1) return [];
  const sorted = WORST_FIRST.flatMap((kind) => account.actions.filter((action) => action.kind === kind));
  return [
    `<h2>Account ${name(account)}</h2>`,
    `<p>${totalsText(account.summary)}.</p>`,
    ...(own ? figure(own, account) : []),
    ...sorted.map(actionHtml),
  ];
}

/** Renders what concerns no action: each warning once, and the number of accounts without changes. */
function rest(plan: Plan): readonly string[] {
  const quiet = quietAccountsText(plan);
  const { warnings, notes } = sharedNotes(plan, forHtml, name);
  const texts = (all: readonly SharedNote[]): readonly string[] => all.map(({ text }) => text);
  return [
    ...list('warn', 'Warnings', texts(warnings)),
    ...list('note', 'Notes', texts(notes)),
    ...(quiet ? [`<p>${quiet}.</p>`] : []),
  ];
}

function figure(routing: AccountRouting, account: AccountPlan): readonly string[] {
  const graph = routingGraph(routing, account);
  if (graph.webhooks.length === 0) return [];
  const more = graph.leftOut > 0 ? ` ${graph.leftOut} others are not drawn.` : '';
  return [
    '<figure>',
    renderPicture(graph),
    '<figcaption>Policies on the left notify the webhooks on the right. + is created, ~ updated, -/+ replaced, ' +
      '- destroyed; dashed line: switched to the new webhook; dotted line: removed; thick line: added.' +
      `${more}</figcaption>`,
    '</figure>',
  ];
}

function actionHtml(action: Action): string {
  const sign = SYMBOLS[action.kind].trim();
  const rows = fieldChanges(action).map(changeHtml);
  const id = action.kind === 'create' ? '' : `<dt>id</dt><dd>${code(action.id)}</dd>`;
  const more = actionNotes(action, (name) => `"${name}"`).map((line) => `<p>${forHtml(line)}</p>`);
  return (
    `<details class="${action.kind}" open><summary><span class="sign">${sign}</span> ${resourcePrefix(action)}${code(action.name)} ` +
    `${willText(action, forHtml)}</summary>` +
    `<dl>${id}${rows.join('')}</dl>${more.join('')}</details>`
  );
}

function changeHtml(change: FieldChange): string {
  const sides = [change.before, change.after].flatMap((value) => (value ? [code(valueText(value))] : []));
  const unseen = unseenDifference(change);
  const notes = [
    ...(unseen === undefined ? [] : [`(${unseen})`]),
    ...(change.forcesReplacement ? ['<span class="forces">forces replacement</span>'] : []),
  ];
  return `<dt>${change.field}</dt><dd>${[sides.join(' → '), ...notes].join(' ')}</dd>`;
}

/** The style sheet: light and dark, from phones to wide screens, and for print. */
const CSS = `
:root { color-scheme: light dark; --bg: #fff; --fg: #1c1e21; --dim: #5c636a; --line: #d0d5da; --box: #f5f6f8;
  --add: #1a7f37; --change: #9a6700; --destroy: #c4272f; --move: #0a5fc2; }
@media (prefers-color-scheme: dark) { :root { --bg: #14171a; --fg: #e4e7ea; --dim: #9aa3ab; --line: #3a4148;
  --box: #1e2327; --add: #4cc26a; --change: #e0b13c; --destroy: #ff7b72; --move: #6cb2ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; background: var(--bg); color: var(--fg);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
code, .picture text { font-family: ui-monospace, monospace; }
code { font-size: .9em; }
ul { padding-left: 1.2rem; }
figure { margin: 1rem 0; }
figcaption, .dim { color: var(--dim); font-size: .9rem; }
section.bad { border-left: 4px solid var(--destroy); padding-left: .8rem; }
section.warn { border-left: 4px solid var(--change); padding-left: .8rem; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: .4rem .7rem; }
summary { cursor: pointer; }
.sign { font-weight: bold; font-family: ui-monospace, monospace; }
.create > summary .sign { color: var(--add); }
.update > summary .sign, .replace > summary .sign { color: var(--change); }
.delete > summary .sign, .forces, .bad strong { color: var(--destroy); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem .8rem; margin: .5rem 0; }
dt { color: var(--dim); }
dd { margin: 0; }
.picture { display: block; width: 100%; max-width: 540px; height: auto; }
.picture text { font-size: 11px; fill: var(--fg); }
.picture text.sign { text-anchor: middle; }
.picture rect { fill: var(--box); stroke: var(--line); stroke-width: 1; }
.picture path { fill: none; stroke: var(--dim); stroke-width: 1.3; }
.picture .tip { fill: var(--dim); stroke: none; }
.picture .create rect { stroke: var(--add); stroke-width: 2; stroke-dasharray: 5 3; }
.picture .update rect, .picture .replace rect { stroke: var(--change); stroke-width: 2; }
.picture .delete rect, .picture .missing rect { stroke: var(--destroy); stroke-width: 2; stroke-dasharray: 2 3; }
.picture .create .sign { fill: var(--add); }
.picture .update .sign, .picture .replace .sign { fill: var(--change); }
.picture .delete .sign, .picture .missing .sign { fill: var(--destroy); }
.picture .moved path { stroke: var(--move); stroke-dasharray: 6 3; }
.picture .added path { stroke: var(--add); stroke-width: 2.5; }
.picture .cut path { stroke: var(--destroy); stroke-dasharray: 2 3; }
.picture .moved .tip { fill: var(--move); stroke: none; }
.picture .added .tip { fill: var(--add); stroke: none; }
.picture .cut .tip { fill: var(--destroy); stroke: none; }
@media print { details { break-inside: avoid; } }
`;
