import type { Clock, Environment } from '../core/ports.js';
import { fold } from '../text/layout.js';

export type OutputStream = {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Waits until everything written has arrived. Returns why something was lost; a closed reader does not count. */
  flush?(): Promise<NodeJS.ErrnoException | undefined>;
};

/** The world that a run of the command sees; tests give another. */
export type Io = {
  readonly env: Environment;
  /** Absolute. */
  readonly cwd: string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** `destroy` lets go of it: nothing more will be read. */
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean; destroy?(): void };
  readonly clock: Clock;
  /** Calls back on SIGINT and SIGTERM until the returned function is called. */
  readonly onSignal: (listener: (signal: 'SIGINT' | 'SIGTERM') => void) => () => void;
  /** Calls back if the process would end without a result: for an uncaught error, or with nothing left to wait for. */
  readonly onCrash: (listener: (error: Error) => void) => () => void;
};

/** How wide to write: what the sink says, at most `most`. A terminal that does not know says 0. */
export function widthOf({ columns }: OutputStream, most: number): number {
  return Math.min(Math.max(columns === undefined || columns === 0 ? 80 : columns, 40), most);
}

/** Prose as the sink shows it best: broken between words on a terminal, a message a line in a log. */
export function wrappedFor(text: string, sink: OutputStream): string {
  return sink.isTTY ? fold(text, widthOf(sink, 120)) : text;
}

/** May this run redraw lines and ask? Not in CI, even if it offers a terminal. */
export function isInteractive(io: Io): boolean {
  return io.stderr.isTTY === true && !isSet(io.env['CI']) && io.stdin.isTTY === true;
}

/**
 * Returns whether the output is in color. The first that is set decides: --no-color and NO_COLOR (https://no-color.org), then FORCE_COLOR
 * (https://force-color.org) and CLICOLOR_FORCE (https://bixense.com/clicolors), then whether a person reads it.
 */
export function wantsColor({ env }: Io, sink: OutputStream, noColor: boolean): boolean {
  if (noColor || env['NO_COLOR']) return false;
  const { FORCE_COLOR: force } = env;
  if (force !== undefined && force !== '') return isSet(force);
  if (isSet(env['CLICOLOR_FORCE'])) return true;
  return sink.isTTY === true && !isSet(env['CI']) && env['TERM'] !== 'dumb';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value.toLowerCase() !== 'false';
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(end, milliseconds);
      function end(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      }
      signal?.addEventListener('abort', end);
    }),
};
