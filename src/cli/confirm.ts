import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import type { Io } from './io.js';

/** Asks on stderr and reads one line. Only `yes` is a yes. */
export async function confirm(io: Io, question: string, signal: AbortSignal): Promise<boolean> {
  io.stderr.write(question);
  const lines = createInterface({ input: Readable.from(io.stdin) });
  try {
    const line = await new Promise<string | undefined>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(undefined));
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    return line?.trim() === 'yes';
  } finally {
    lines.close();
  }
}
