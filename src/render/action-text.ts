import type { Action } from '../core/plan.js';
import { unreachable } from '../core/plan.js';
import { forTerminal } from '../text/untrusted.js';
import {
  fieldChanges,
  onlyCredentialDiffers,
  secretText,
  valueText,
  type FieldChange,
  type FieldValue,
} from '../core/field-changes.js';
import { columns, quote, wrap } from '../text/layout.js';
import type { Style } from '../text/style.js';
import { reasonText, remarks, SYMBOLS, willText } from './wording.js';

const FIELD_WIDTH = 6;

/** One action as Terraform shows a resource: a comment that says what and why, then the changed fields. */
export function actionText(action: Action, style: Style, width: number): string {
  const paint = painter(action, style);
  const reason = reasonText(action);
  const what = `${quote(action.name)} ${willText(action)}${reason ? `: ${reason}` : ''}`;
  const lines = [
    style.heading(wrap(what, width, '  # ')),
    `${paint(SYMBOLS[action.kind])} webhook ${quote(action.name)}`,
  ];
  if (action.kind !== 'create') lines.push(`        ${'id'.padEnd(FIELD_WIDTH)} = ${quote(action.id)}`);
  for (const change of fieldChanges(action)) lines.push(changeText(change, action, style, width));
  if (action.kind === 'replace' && action.after.secret && !action.because.includes('secret-rotated')) {
    lines.push(`        ${'secret'.padEnd(FIELD_WIDTH)} = ${forTerminal(secretText(action.after.secret))}`);
  }
  for (const remark of remarks(action, quote)) {
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
