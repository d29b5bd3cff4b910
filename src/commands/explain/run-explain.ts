import page from '../../../docs/troubleshooting.md';
import { usageError } from '../../core/errors.js';
import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { groupBy } from '../../core/order.js';
import { wrap } from '../../text/layout.js';
import { didYouMean } from '../../text/suggestions.js';
import { widthOf } from '../../cli/io.js';
import type { Run } from '../../cli/run.js';

/** A section of the troubleshooting page about one code. */
export type Explanation = {
  readonly code: string;
  /** The kinds of code: `error`, `guard`, `plan note`. */
  readonly kinds: readonly string[];
  /** What it means, and what to do, without Markdown syntax. */
  readonly meaning: string;
  readonly fix: string;
};

/**
 * The sections of the page, in its order, one for each code of `### open-quote, open-bracket`. A code of two
 * kinds has one: `### in-use (also error)`.
 */
export const EXPLANATIONS: readonly Explanation[] = page
  .split('\n## ')
  .slice(1)
  .flatMap((group) => {
    const [intro = '', ...sections] = group.split('\n### ');
    const kind = (intro.split('\n')[0] ?? '').toLowerCase().replace(/s$/, '');
    return sections.flatMap((section) => {
      const [heading = '', meaning = '', ...fix] = section.trim().replaceAll('`', '').split('\n\n');
      const [codes = '', also] = heading.split(/ \(also |\)/);
      const kinds = also === undefined ? [kind] : [kind, also];
      return codes.split(', ').map((code) => ({ code, kinds, meaning, fix: fix.join('\n\n') }));
    });
  });

export const CODES: readonly string[] = EXPLANATIONS.map(({ code }) => code);

/** Explains an error, guard or note code: what it means, and what to do. Without a code, lists all. */
export function explain({ args: [argument], io, out, style }: Run): Promise<ExitCode> {
  const width = widthOf(io.stdout, 100);
  if (argument === undefined) {
    const byKind = groupBy(EXPLANATIONS, ({ kinds: [kind = ''] }) => kind);
    const lists = [...byKind].map(([kind, list]) => {
      const codes = wrap(list.map(({ code }) => code).join(', '), width, '  ');
      return `${style.heading(`Codes of ${kind}s`)}\n${codes}`;
    });
    out.result([...lists, 'To explain one, run: hookwright explain CODE'].join('\n\n'));
    return Promise.resolve(EXIT.done);
  }
  const found = EXPLANATIONS.find(({ code }) => code === argument);
  if (!found) throw usageError(unknown(argument));
  const texts = [
    `${style.heading(found.code)} ${style.dim(`(${found.kinds.join(', ')})`)}`,
    wrap(found.meaning, width, '  '),
    wrap(`Fix: ${found.fix}`, width, '  '),
  ];
  out.result(texts.join('\n\n'));
  return Promise.resolve(EXIT.done);
}

function unknown(argument: string): string {
  const meant =
    didYouMean(argument, CODES) ?? CODES.find((code) => argument.length > 2 && code.includes(argument));
  const rest =
    meant === undefined
      ? ' To list all codes, run: hookwright explain'
      : ` Did you mean "${meant}"? See: hookwright explain ${meant}`;
  return `Unknown code ${JSON.stringify(argument)}.${rest}`;
}
