import type { ErrorCode } from '../../core/errors.js';
import { forTerminal } from '../../text/untrusted.js';
import { count, wrap } from '../../text/layout.js';
import type { Style } from '../../text/style.js';

/** One check. `unknown`: it could not be checked, which is not a problem. */
export type Check = {
  /** Stable, kebab-case: `read-webhooks`. */
  readonly check: string;
  readonly status: 'ok' | 'problem' | 'unknown';
  /** The result, as a sentence. */
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
  /** For a problem: determines the exit code. */
  readonly code?: ErrorCode;
};

export type DoctorTextOptions = { readonly style: Style; readonly width?: number };

const INDENT = ' '.repeat(9);

/** Renders one line for each check, followed by what to do if needed. */
export function renderDoctor(checks: readonly Check[], { style, width = 80 }: DoctorTextOptions): string {
  const paint = { ok: style.success, problem: style.error, unknown: style.dim };
  const lines = checks.map(({ status, message, hint }) => {
    const word = status === 'unknown' ? '-' : status;
    const text = wrap(forTerminal(message), width, INDENT, word.padEnd(INDENT.length));
    const first = paint[status](text.slice(0, word.length)) + text.slice(word.length);
    return hint === undefined ? first : `${first}\n${wrap(forTerminal(hint), width, INDENT)}`;
  });
  const problems = checks.filter(({ status }) => status === 'problem').length;
  const closing =
    problems === 0
      ? style.success('No problems found.')
      : style.error(`${count(problems, 'problem')} found.`);
  return `${lines.join('\n')}\n\n${closing}\n`;
}

/** Returns the checks as one JSON document with stable keys. */
export function doctorDocument(checks: readonly Check[]): unknown {
  return {
    ok: checks.every(({ status }) => status !== 'problem'),
    checks: checks.map(({ check, status, message, hint, code }) => ({
      check,
      status,
      message,
      ...(hint !== undefined && { hint }),
      ...(code !== undefined && { code }),
    })),
  };
}
