import type { Diagnostic } from '../core/diagnostic.js';
import { compareText } from '../core/order.js';
import { forTerminal, forWorkflow, forWorkflowProperty, jsonText } from '../text/untrusted.js';
import { columns, count } from '../text/layout.js';
import type { Style } from '../text/style.js';

/** Sorts by file, line, column and code; by code unit, so the order is the same on every machine. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) =>
      compareText(a.file, b.file) || a.line - b.line || a.column - b.column || compareText(a.code, b.code),
  );
}

/**
 * Renders all errors and warnings as text: position, what is wrong, the code, the source line with a caret, and
 * the hint. Several errors are counted at the end.
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], style: Style): string {
  const errors = errorsIn(diagnostics);
  const parts = sortDiagnostics(diagnostics).map((diagnostic) => diagnosticText(diagnostic, style));
  if (errors > 1) parts.push(`${style.error('Error:')} ${errorCount(errors)}`);
  return parts.map((part) => `${part}\n`).join('\n');
}

function errorsIn(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.filter(({ severity }) => severity === 'error').length;
}

function errorCount(errors: number): string {
  return `${count(errors, 'error')} in the desired state.`;
}

function diagnosticText(diagnostic: Diagnostic, style: Style): string {
  const { severity, code, file, line, column, message, hint, excerpt } = diagnostic;
  const paint = severity === 'error' ? style.error : style.warning;
  const place = style.heading(`${forTerminal(file)}:${line}:${column}:`);
  const lines = [`${place} ${paint(`${severity}:`)} ${forTerminal(message)} (${code})`];
  if (excerpt) {
    const number = String(line);
    const shown = (text: string): string => forTerminal(text.replaceAll('\t', ' '));
    const start = Math.min(excerpt.column - 1, excerpt.text.length);
    const before = shown(excerpt.text.slice(0, start));
    const marked = shown(excerpt.text.slice(start, start + excerpt.width));
    const after = shown(excerpt.text.slice(start + excerpt.width));
    const mark = `^${'~'.repeat(Math.max(0, columns(marked) - 1))}`;
    lines.push(`  ${style.dim(`${number} |`)} ${before}${marked}${after}`);
    lines.push(
      `  ${style.dim(`${' '.repeat(number.length)} |`)} ${' '.repeat(columns(before))}${paint(mark)}`,
    );
  }
  if (hint !== undefined) lines.push(...hint.split('\n').map((part) => `  ${forTerminal(part)}`));
  return lines.join('\n');
}

/**
 * Renders them as GitHub annotations, one workflow command each
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
 */
export function renderAnnotations(diagnostics: readonly Diagnostic[]): string {
  return sortDiagnostics(diagnostics)
    .map(({ severity, code, file, line, column, message, hint }) => {
      const at = `file=${forWorkflowProperty(file)},line=${line},col=${column},title=${forWorkflowProperty(code)}`;
      const text = forTerminal(message) + (hint === undefined ? '' : `\n${hint}`);
      return `::${severity} ${at}::${forWorkflow(text)}\n`;
    })
    .join('');
}

/**
 * Renders them as one JSON document: `valid`, `diagnostics`, and an `error` if a file has errors. `counts`:
 * what was read, if nothing is wrong with it.
 */
export function renderDiagnosticsJson(
  diagnostics: readonly Diagnostic[],
  counts: Readonly<Record<string, number>> = {},
): string {
  const errors = errorsIn(diagnostics);
  const document = {
    format_version: 1,
    valid: errors === 0,
    ...counts,
    diagnostics: sortDiagnostics(diagnostics).map(
      ({ severity, code, file, line, column, message, hint }) => ({
        severity,
        code,
        file,
        line,
        column,
        message,
        ...(hint !== undefined && { hint }),
      }),
    ),
    ...(errors > 0 && {
      error: { code: 'invalid-file', message: errorCount(errors) },
    }),
  };
  return jsonText(document);
}
