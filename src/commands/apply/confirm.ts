import type { Io } from '../../cli/io.js';

/** Asks on stderr and reads one line. Only `yes` is a yes. */
export async function confirm(io: Io, question: string, signal: AbortSignal): Promise<boolean> {
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
    // A terminal that is still being read would keep the process alive when all is done.
    io.stdin.destroy?.();
  }
  return !signal.aborted && text.split('\n', 1)[0]?.trim() === 'yes';
}
