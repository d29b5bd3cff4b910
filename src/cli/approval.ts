import { usageError } from '../core/errors.js';
import { type Io, isInteractive } from './io.js';
import type { Run } from './run.js';

export type Question = {
  /** `Do you want to …?`, with what would happen in indented lines below it. */
  readonly text: string;
  /** Ends the error if the run cannot ask: what to do, and what was not done. */
  readonly otherwise: string;
  /** Ends the wait for an answer. */
  readonly stop?: AbortSignal;
  /** Called before the question. */
  readonly show?: () => void;
};

/**
 * Asks for approval. `given`: by `--auto-approve`, at once; `asked`: by a `yes` at the prompt, so time has
 * passed. Throws `usage` if the run is not interactive.
 */
export async function approve(
  { io, options }: Run,
  { text, otherwise, stop = new AbortController().signal, show }: Question,
): Promise<'given' | 'asked' | 'no'> {
  if (options.autoApprove) return stop.aborted ? 'no' : 'given';
  if (!isInteractive(io) || options.file?.includes('-')) {
    throw usageError(`Cannot ask for approval because this run is not interactive. ${otherwise}`);
  }
  show?.();
  // The question refers to the plan, which is on its way to stdout.
  await io.stdout.flush?.();
  const question = `\n${text}\n  Only 'yes' will be accepted to approve.\n\n  Enter a value: `;
  const yes = await confirm(io, question, stop);
  // The line feed of an answer is on the screen already.
  io.stderr.write(stop.aborted ? '\n\n' : '\n');
  return yes && !stop.aborted ? 'asked' : 'no';
}

/** Asks on stderr and reads one line. Only `yes` approves. */
async function confirm(io: Io, question: string, signal: AbortSignal): Promise<boolean> {
  io.stderr.write(question);
  const answer = io.stdin[Symbol.asyncIterator]();
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) return resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  let text = '';
  try {
    while (!text.includes('\n')) {
      const next = await Promise.race([answer.next(), aborted]);
      if (!next || next.done) break;
      text += typeof next.value === 'string' ? next.value : Buffer.from(next.value).toString('utf8');
    }
  } finally {
    // While stdin is a terminal that is being read, the process would not exit.
    io.stdin.destroy?.();
  }
  return !signal.aborted && text.split('\n', 1)[0]?.trim() === 'yes';
}
