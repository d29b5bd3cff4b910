import {
  type FieldChange,
  fieldChanges,
  type FieldValue,
  onlyCredentialDiffers,
  secretText,
  valueText,
} from '../core/field-changes.js';
import {
  type AccountFailure,
  type AccountPlan,
  type Action,
  type ActionKind,
  type Plan,
  unreachable,
} from '../core/plan.js';
import { columns, count, nameList, quote, wrap } from '../text/layout.js';
import type { Style } from '../text/style.js';
import { forTerminal } from '../text/untrusted.js';
import { unchangedText, sideEffectLines, totalsText, planCounts } from './totals.js';
import { KIND_WORDS, reasonText, actionNotes, SYMBOLS, willText } from './wording.js';

export type PlanTextOptions = {
  readonly style: Style;
  /** Columns to wrap prose at; 80 if not given. */
  readonly width?: number;
  readonly digest?: string;
  /** Whether each account has a heading with its ID; by default only if there are several accounts. */
  readonly showAccount?: boolean;
};

type Context = { readonly style: Style; readonly width: number; readonly showAccount: boolean };

const KINDS: readonly ActionKind[] = ['create', 'update', 'replace', 'delete'];

/** Renders the whole plan for a terminal: legend, actions, warnings, totals, and last guards and errors. */
export function renderPlanText(plan: Plan, options: PlanTextOptions): string {
  const { style } = options;
  const several = plan.accounts.length + plan.failures.length > 1;
  const context: Context = {
    style,
    width: options.width ?? 80,
    showAccount: options.showAccount ?? several,
  };
  const weight = planCounts(plan);
  const parts: string[] = [];
  if (weight.actions > 0) parts.push(legend(plan, style));
  for (const account of plan.accounts) parts.push(...accountParts(account, context));
  if (several) parts.push(accountTotals(plan, context));
  parts.push(closing(plan, weight, context));
  for (const account of plan.accounts) parts.push(...guardParts(account, context));
  for (const failure of plan.failures) parts.push(failureText(failure, context));
  if (options.digest !== undefined) parts.push(style.dim(`Digest: ${forTerminal(options.digest)}`));
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function legend(plan: Plan, style: Style): string {
  const used = new Set(plan.accounts.flatMap((account) => account.actions.map((action) => action.kind)));
  const paint = { create: style.add, update: style.change, replace: style.change, delete: style.destroy };
  const lines = KINDS.filter((kind) => used.has(kind)).map(
    (kind) => `${paint[kind](SYMBOLS[kind])} ${KIND_WORDS[kind]}`,
  );
  const refused = plan.accounts.every(({ actions, guards }) => actions.length === 0 || guards.length > 0);
  const head = `hookwright ${refused ? 'would' : 'will'} perform the following actions:`;
  return [head, '', ...lines].join('\n');
}

function accountParts(account: AccountPlan, context: Context): readonly string[] {
  const parts = account.actions.map((action) => actionText(action, context.style, context.width));
  for (const note of account.notes) {
    const text = wrap(forTerminal(`Warning: ${note.message}`), context.width, '  ', '');
    parts.push(text.replace('Warning:', context.style.warning('Warning:')));
  }
  if (parts.length === 0 || !context.showAccount) return parts;
  return [context.style.heading(`Account ${account.accountId}`), ...parts];
}

/** One line per account with something to report; the others are counted. */
function accountTotals(plan: Plan, { style }: Context): string {
  const lines: string[] = [];
  let quiet = 0;
  for (const account of plan.accounts) {
    const refused = account.guards.length > 0;
    if (account.actions.length === 0 && !refused) {
      quiet += 1;
      continue;
    }
    const totals = `  ${account.accountId}  ${totalsText(account.summary)}`;
    lines.push(refused ? `${totals}  ${style.error('(refused)')}` : totals);
  }
  for (const { accountId } of plan.failures) {
    lines.push(`  ${accountId}  ${style.error('could not be read')}`);
  }
  if (quiet > 0) lines.push(`  ${count(quiet, 'account')} without changes`);
  return ['Accounts:', ...lines].join('\n');
}

function closing(plan: Plan, weight: ReturnType<typeof planCounts>, { style, width }: Context): string {
  const lines: string[] = [];
  if (weight.actions + weight.guards + plan.failures.length === 0) {
    const counts = unchangedText(plan);
    const text = style.success('No changes. Your webhooks match the desired state.');
    return counts ? `${counts}.\n\n${text}` : text;
  }
  if (weight.actions > 0 || weight.guards > 0) {
    lines.push(style.heading(`Plan: ${totalsText(weight.summary)}.`));
  } else if (plan.accounts.length > 0) {
    lines.push('No changes in the accounts that could be read.');
  }
  const quiet = unchangedText(plan);
  if (quiet) lines.push(`${quiet}.`);
  for (const line of sideEffectLines(plan, (names) => nameList(names, quote))) {
    lines.push(wrap(line, width));
  }
  return lines.join('\n');
}

function guardParts(account: AccountPlan, context: Context): readonly string[] {
  const where = context.showAccount ? ` (account ${account.accountId})` : '';
  return account.guards.map((guard) => {
    const head = context.style.error(`Error: refused by guard ${guard.code}${where}`);
    return `${head}\n\n${wrap(forTerminal(guard.message), context.width, '  ')}`;
  });
}

function failureText({ accountId, error }: AccountFailure, { style, width }: Context): string {
  const head = style.error(`Error: account ${accountId} could not be read (${forTerminal(error.code)})`);
  return `${head}\n\n${wrap(forTerminal(error.message), width, '  ')}`;
}

const FIELD_WIDTH = 6;

/** Renders one action as Terraform shows a resource: a comment with what and why, then the changed fields. */
function actionText(action: Action, style: Style, width: number): string {
  const paint = painter(action, style);
  const reason = reasonText(action);
  const what = `${quote(action.name)} ${willText(action)}${reason ? `: ${reason}` : ''}`;
  const lines = [
    style.heading(wrap(what, width, '  # ')),
    `${paint(SYMBOLS[action.kind])} ${action.resource} ${quote(action.name)}`,
  ];
  if (action.kind !== 'create') lines.push(`        ${'id'.padEnd(FIELD_WIDTH)} = ${quote(action.id)}`);
  for (const change of fieldChanges(action)) lines.push(changeText(change, action, style, width));
  if (action.kind === 'replace' && action.after.secret && !action.because.includes('secret-rotated')) {
    lines.push(`        ${'secret'.padEnd(FIELD_WIDTH)} = ${forTerminal(secretText(action.after.secret))}`);
  }
  for (const remark of actionNotes(action, quote)) {
    lines.push(wrap(remark, width, '        # ').replace('# ', `${style.dim('#')} `));
  }
  return lines.join('\n');
}

function painter(action: Action, style: Style): (text: string) => string {
  switch (action.kind) {
    case 'create':
      return style.add;
    case 'update':
    case 'replace':
      return style.change;
    case 'delete':
      return style.destroy;
    default:
      return unreachable(action);
  }
}

function shown(value: FieldValue): string {
  return value.kind === 'name' ? quote(value.name) : forTerminal(valueText(value));
}

function changeText(change: FieldChange, action: Action, style: Style, width: number): string {
  const symbol = change.before && change.after ? '~' : change.after ? '+' : '-';
  const paint = symbol === '~' ? style.change : painter(action, style);
  const head = `      ${paint(symbol)} ${change.field.padEnd(FIELD_WIDTH)} = `;
  const why = [
    ...(onlyCredentialDiffers(change) ? ['(credential differs)'] : []),
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
