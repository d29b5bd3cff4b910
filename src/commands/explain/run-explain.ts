import page from '../../../docs/troubleshooting.md';
import { HookwrightError } from '../../core/errors.js';
import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { wrap } from '../../text/layout.js';
import { didYouMean } from '../../text/suggestions.js';
import { widthOf } from '../../cli/io.js';
import type { Run } from '../../cli/run.js';

/** A section of the troubleshooting page about one code. */
export type Explanation = {
  readonly code: string;
  /** The kind of code: `error`, `guard`, `plan note`. */
  readonly kind: string;
  /** Without Markdown syntax: what it means, why, and what to do. */
  readonly paragraphs: readonly string[];
};

/** The sections of the page, in its order. A code such as `in-use`, both an error and a guard, has two. */
export const EXPLANATIONS: readonly Explanation[] = page
  .split('\n## ')
  .slice(1)
  .flatMap((group) => {
    const [intro = '', ...sections] = group.split('\n### ');
    const kind = (intro.split('\n')[0] ?? '').toLowerCase().replace(/s$/, '');
    return sections.map((section) => {
      const [code = '', ...paragraphs] = section
        .trim()
        .replaceAll(/\*\*|`/g, '')
        .split('\n\n');
      return { code, kind, paragraphs };
    });
  });

/** All codes, without duplicates. */
export const CODES: readonly string[] = [...new Set(EXPLANATIONS.map(({ code }) => code))];

/** Explains an error, guard or note code: what it means, why, and what to do. */
export function explain({ args: [argument = ''], io, out, style }: Run): Promise<ExitCode> {
  const found = EXPLANATIONS.filter(({ code }) => code === argument);
  if (found.length === 0) throw new HookwrightError('usage', unknown(argument));
  const width = widthOf(io.stdout, 100);
  const texts = found.flatMap(({ code, kind, paragraphs }) => [
    `${style.heading(code)} ${style.dim(`(${kind})`)}`,
    ...paragraphs.map((text) => wrap(text, width, '  ')),
  ]);
  out.result(texts.join('\n\n'));
  return Promise.resolve(EXIT.done);
}

function unknown(argument: string): string {
  const meant =
    didYouMean(argument, CODES) ?? CODES.find((code) => argument.length > 2 && code.includes(argument));
  const rest =
    meant === undefined
      ? `\nKnown codes: ${CODES.join(', ')}.`
      : ` Did you mean "${meant}"? See: hookwright explain ${meant}`;
  return `Unknown code ${JSON.stringify(argument)}.${rest}`;
}
