import {
  type FieldChange,
  fieldChanges,
  type FieldValue,
  unseenDifference,
  secretText,
  valueText,
} from '../core/field-changes.js';
import {
  type AccountFailure,
  type ShownAccountPlan as AccountPlan,
  type ShownAction as Action,
  type ActionKind,
  type Guard,
  type ShownPlan as Plan,
} from '../core/plan.js';
import { columns, count, nameList, quote, wrap } from '../text/layout.js';
import { groupBy } from '../core/order.js';
import type { Style } from '../text/style.js';
import { forTerminal } from '../text/untrusted.js';
import {
  noChangesText,
  type PlanCounts,
  planCounts,
  quietAccountsText,
  sideEffectLines,
  totalsText,
  unchangedText,
} from './totals.js';
import {
  accountList,
  type AccountName,
  accountsOf,
  accountText,
  actionNotes,
  KIND_WORDS,
  MAX_MESSAGES,
  namesByAccount,
  type SharedNote,
  sharedNotes,
  SYMBOLS,
  willText,
  WORST_FIRST,
  resourcePrefix,
} from './wording.js';

export type PlanTextOptions = {
  readonly style: Style;
  /** Columns to wrap prose at. */
  readonly width: number;
  readonly digest?: string;
  /** Whether the plan was saved, so that it can be stale. */
  readonly saved?: boolean;
};

type Context = Pick<PlanTextOptions, 'style' | 'width'>;

/** Renders the whole plan for a terminal: legend, actions, warnings, totals, then guards and errors. */
export function renderPlanText(plan: Plan, options: PlanTextOptions): string {
  const { style } = options;
  const several = accountsOf(plan).length > 1;
  const counts = planCounts(plan);
  const parts: string[] = [];
  if (counts.actions > 0) parts.push(legend(plan, options));
  for (const each of plan.accounts) parts.push(...actionParts(each, options));
  if (!several && counts.actions === 0) {
    for (const each of plan.accounts) parts.push(accountHeading(each, style));
  }
  parts.push(...noteParts(plan, options));
  if (several) parts.push(accountTotals(plan, options));
  parts.push(closing(plan, counts, options));
  parts.push(...guardParts(plan, options));
  for (const failure of plan.failures) parts.push(failureText(failure, options));
  if (options.digest !== undefined) parts.push(`${style.dim('Digest:')} ${forTerminal(options.digest)}`);
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function legend(plan: Plan, { style, saved }: PlanTextOptions): string {
  const used = new Set(plan.accounts.flatMap((account) => account.actions.map((action) => action.kind)));
  const paint = paints(style);
  const lines = WORST_FIRST.toReversed()
    .filter((kind) => used.has(kind))
    .map((kind) => `${paint[kind](SYMBOLS[kind])} ${KIND_WORDS[kind]}`);
  const refused = plan.accounts.every(({ actions, guards }) => actions.length === 0 || guards.length > 0);
  const head = saved
    ? 'The saved plan contains the following actions:'
    : `hookwright ${refused ? 'would' : 'will'} perform the following actions:`;
  return [head, '', ...lines].join('\n');
}

function paints({ add, change, destroy }: Style): Readonly<Record<ActionKind, Style['add']>> {
  return { create: add, update: change, replace: change, delete: destroy };
}

const accountName = (account: AccountName): string => accountText(account, forTerminal);

function accountHeading(account: AccountPlan, style: Style): string {
  return style.heading(`Account ${accountName(account)}`);
}

function actionParts(account: AccountPlan, { style, width }: Context): readonly string[] {
  if (account.actions.length === 0) return [];
  const actions = account.actions.map((action) => actionText(action, style, width));
  return [accountHeading(account, style), ...actions];
}

function noteParts(plan: Plan, { style, width }: Context): readonly string[] {
  const { warnings, notes } = sharedNotes(plan, forTerminal, accountName, MAX_MESSAGES);
  const render = (head: string, paint: Style['dim'], { text, about }: SharedNote): string => {
    const first = wrap(`${head} ${text}`, width, '  ', '').replace(head, paint(head));
    return [first, ...namesByAccount(about).map((line) => wrap(line, width, '    ', '  '))].join('\n');
  };
  return [
    ...warnings.map((warning) => render('Warning:', style.warning, warning)),
    ...notes.map((note) => render('Note:', style.dim, note)),
  ];
}

/** Renders one line for each account with something to report; the others are counted. */
function accountTotals(plan: Plan, { style, width }: Context): string {
  const lines: string[] = [];
  const quiet = quietAccountsText(plan);
  for (const account of plan.accounts) {
    const refused = account.guards.length > 0;
    if (account.actions.length === 0 && !refused) continue;
    const name = `  ${accountName(account)}`;
    const totals = `  ${totalsText(account.summary)}${refused ? `  ${style.error('(refused)')}` : ''}`;
    lines.push(columns(name + totals) <= width ? name + totals : `${name}\n    ${totals}`);
  }
  for (const failure of plan.failures) {
    lines.push(`  ${accountName(failure)}  ${style.error('could not be read')}`);
  }
  if (quiet) lines.push(`  ${quiet}`);
  return ['Accounts:', ...lines].join('\n');
}

function closing(plan: Plan, counts: PlanCounts, { style, width }: Context): string {
  const lines: string[] = [];
  const quiet = unchangedText(plan);
  if (counts.isEmpty) {
    const text = style.success(noChangesText(plan));
    return quiet ? `${quiet}.\n\n${text}` : text;
  }
  if (counts.actions > 0 || counts.guards > 0) {
    lines.push(style.heading(`Plan: ${totalsText(counts.summary)}.`));
  } else if (plan.accounts.length > 0) {
    lines.push('No changes in the accounts that could be read.');
  }
  if (quiet) lines.push(`${quiet}.`);
  for (const line of sideEffectLines(plan, (names) => nameList(names, quote))) {
    lines.push(wrap(line, width, '  ', ''));
  }
  return lines.join('\n');
}

type Refusal = { readonly guard: Guard; readonly account: AccountPlan };

/**
 * Renders each message of a guard once, with the accounts that it refused. If a guard refused many accounts for
 * different reasons, lists the accounts and names, then one message as an example.
 */
function guardParts(plan: Plan, context: Context): readonly string[] {
  const refused = plan.accounts.flatMap((account) => account.guards.map((guard) => ({ guard, account })));
  return [...groupBy(refused, ({ guard }) => guard.code).values()].flatMap((same) => {
    const messages = [...groupBy(same, ({ guard }) => guard.message).values()];
    const accounts = new Set(same.map(({ account }) => account)).size;
    const isLong = Math.min(messages.length, accounts) > MAX_MESSAGES;
    return (isLong ? [same] : messages).map((each) => refusalText(each, context));
  });
}

function refusalText(refusals: readonly [Refusal, ...Refusal[]], context: Context): string {
  const [first, ...others] = refusals;
  const isLong = others.some(({ guard }) => guard.message !== first.guard.message);
  const accounts = [...new Set(refusals.map(({ account }) => account))];
  const where = isLong ? count(accounts.length, 'account') : accountList(accounts);
  const head = errorHead(`Error: refused by guard ${first.guard.code}`, `in ${where}`, context);
  const text = wrap(forTerminal(first.guard.message), context.width, '  ', isLong ? '  For example: ' : '  ');
  const about = refusals.map(({ guard, account }) => ({ account, names: guard.names }));
  if (!isLong) return `${head}\n\n${text}`;
  const lines = namesByAccount(about).map((line) => wrap(line, context.width, '    ', '  '));
  const rest = wrap('For the others, run plan with --account ID.', context.width, '  ');
  return [head, '', ...lines, '', text, rest].join('\n');
}

function failureText(failure: AccountFailure, context: Context): string {
  const { error } = failure;
  const title = `Error: account ${accountName(failure)} could not be read`;
  const head = errorHead(title, `(${forTerminal(error.code)})`, context);
  return `${head}\n\n${wrap(forTerminal(error.message), context.width, '  ')}`;
}

/** Puts the detail on a line of its own if it does not fit beside the title. */
function errorHead(title: string, detail: string, { style, width }: Context): string {
  const whole = `${title} ${detail}`;
  return style.error(columns(whole) <= width ? whole : `${title}\n${wrap(detail, width, '  ')}`);
}

const FIELD_WIDTH = 6;

/** Renders an action as Terraform shows a resource: a comment with what and why, then the changed fields. */
function actionText(action: Action, style: Style, width: number): string {
  const paint = paints(style)[action.kind];
  const what = `${resourcePrefix(action)}${quote(action.name)} ${willText(action, String)}`;
  const lines = [
    style.heading(wrap(what, width, '  # ')),
    `${paint(SYMBOLS[action.kind])} ${action.resource} ${quote(action.name)}`,
  ];
  if (action.kind !== 'create') lines.push(`        ${'id'.padEnd(FIELD_WIDTH)} = ${quote(action.id)}`);
  for (const change of fieldChanges(action)) lines.push(changeText(change, action, style, width));
  if (action.kind === 'replace' && action.after.secret && !action.because.includes('secret-rotated')) {
    lines.push(`        ${'secret'.padEnd(FIELD_WIDTH)} = ${forTerminal(secretText(action.after.secret))}`);
  }
  for (const note of actionNotes(action, quote)) {
    lines.push(wrap(note, width, '        # ').replace('# ', `${style.dim('#')} `));
  }
  return lines.join('\n');
}

function shown(value: FieldValue): string {
  return value.kind === 'name' ? quote(value.name) : forTerminal(valueText(value));
}

function changeText(change: FieldChange, action: Action, style: Style, width: number): string {
  const symbol = change.before && change.after ? '~' : change.after ? '+' : '-';
  const paint = symbol === '~' ? style.change : paints(style)[action.kind];
  const head = `      ${paint(symbol)} ${change.field.padEnd(FIELD_WIDTH)} = `;
  const unseen = unseenDifference(change);
  const why = [
    ...(unseen === undefined ? [] : [`(${unseen})`]),
    ...(change.forcesReplacement ? [style.destroy('# forces replacement')] : []),
  ].join(' ');
  const after = change.after ? shown(change.after) : '';
  if (!change.before) return `${head}${after}`;
  const before = shown(change.before);
  if (!change.after) return `${head}${before}`;
  const tail = `-> ${after}${why ? ` ${why}` : ''}`;
  const fits = 8 + FIELD_WIDTH + 3 + columns(`${before} ${tail}`) <= width;
  return fits ? `${head}${before} ${tail}` : `${head}${before}\n${' '.repeat(8 + FIELD_WIDTH)}${tail}`;
}
