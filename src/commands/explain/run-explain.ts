import { HookwrightError } from '../../core/errors.js';
import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { explainedCodes, explanationsOf, nearestCode } from './explanations.js';
import { wrap } from '../../text/layout.js';
import { widthOf } from '../../cli/io.js';
import type { Run } from '../../cli/run.js';

/** Explains an error, guard or note code: what it means, why, and what to do. */
export function explain({ argument = '', io, out, style }: Run): Promise<ExitCode> {
  const found = explanationsOf(argument);
  if (found.length === 0) throw new HookwrightError('usage', unknown(argument));
  const width = widthOf(io.stdout, 100);
  const parts = found.map(({ group, explanation: [means, why, fix] }) => {
    const head = `${style.heading(argument)} ${style.dim(`(${group.one})`)}`;
    const texts = [means, `Why: ${why}`, `What to do: ${fix}`];
    return [head, ...texts.map((text) => wrap(text, width, '  '))].join('\n\n');
  });
  out.result(parts.join('\n\n'));
  return Promise.resolve(EXIT.done);
}

function unknown(code: string): string {
  const meant = nearestCode(code) ?? explainedCodes().find((each) => code.length > 2 && each.includes(code));
  const rest =
    meant === undefined
      ? `\nKnown codes: ${explainedCodes().join(', ')}.`
      : ` Did you mean "${meant}"? See: hookwright explain ${meant}`;
  return `Unknown code ${JSON.stringify(code)}.${rest}`;
}
