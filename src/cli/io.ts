import { setTimeout as pause } from 'node:timers/promises';
import { errorCode, systemReason } from '../config/disk.js';
import { HookwrightError } from '../core/errors.js';
import { type ExitCode, exitOfSignal } from '../core/exit-codes.js';
import type { Clock, Environment } from '../core/ports.js';
import { fold } from '../text/layout.js';
import { ansiStyle, plainStyle, type Style } from '../text/style.js';
import type { Options } from './flags.js';

export type OutputStream = {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Waits until all output has arrived. Returns why some was lost, unless the reader closed the pipe. */
  flush?(): Promise<NodeJS.ErrnoException | undefined>;
};

/** Everything that a run can access: streams, clock, environment. */
export type Io = {
  readonly env: Environment;
  /** Absolute. */
  readonly cwd: string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** `destroy` closes it: nothing more will be read. */
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean; destroy?(): void };
  readonly clock: Clock;
  /** Calls back on SIGINT and SIGTERM until the returned function is called. */
  readonly onSignal: (listener: (signal: 'SIGINT' | 'SIGTERM') => void) => () => void;
  /**
   * Calls back if the process would end without a result: an uncaught error, nothing left to wait for, or a
   * signal while {@link onSignal} has no listener.
   */
  readonly onCrash: (listener: (error: Error) => void) => () => void;
};

/** How a signal ends a command that does not handle signals itself. */
export type Interruption = { readonly error: HookwrightError; readonly exit: ExitCode };

export function interruptedBy(signal: 'SIGINT' | 'SIGTERM'): Interruption {
  const error = new HookwrightError('interrupted', 'Interrupted before there was a result.');
  return { error, exit: exitOfSignal(signal) };
}

/** Returns the width to write in: the stream's, at most `most`. A terminal of unknown width reports 0. */
export function widthOf({ columns }: OutputStream, most: number): number {
  return Math.min(Math.max(columns === undefined || columns === 0 ? 80 : columns, 40), most);
}

/** Wraps prose between words for a terminal; in a log, a message stays on one line. */
export function wrappedFor(text: string, stream: OutputStream): string {
  return stream.isTTY ? fold(text, widthOf(stream, 120)) : text;
}

/** Reports whether someone can answer. In CI no one can, even with a terminal. */
export function isInteractive(io: Io): boolean {
  return io.stderr.isTTY === true && !isSet(io.env['CI']) && io.stdin.isTTY === true;
}

/**
 * Returns how text for the stream is highlighted. The first that is set decides: --no-color and NO_COLOR
 * (https://no-color.org), FORCE_COLOR (https://force-color.org), CLICOLOR_FORCE
 * (https://bixense.com/clicolors), then whether the stream is a terminal.
 */
export function styleFor(io: Io, stream: OutputStream, options: Options): Style {
  return wantsColor(io, stream, options) ? ansiStyle : plainStyle;
}

function wantsColor({ env }: Io, stream: OutputStream, { color }: Options): boolean {
  if (color === false || env['NO_COLOR']) return false;
  const { FORCE_COLOR: force } = env;
  if (force !== undefined && force !== '') return isSet(force);
  if (isSet(env['CLICOLOR_FORCE'])) return true;
  return stream.isTTY === true && !isSet(env['CI']) && env['TERM'] !== 'dumb';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value.toLowerCase() !== 'false';
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds, signal) =>
    pause(milliseconds, undefined, signal && { signal }).catch(() => undefined),
};

export type Level = 'error' | 'warn' | 'info' | 'debug';
const LEVELS: readonly Level[] = ['error', 'warn', 'info', 'debug'];

/** Writes the result to stdout and everything else to stderr. */
export class Output {
  /** Whether anything has been written to stdout. */
  hasResult = false;
  /** Whether the reports contain the result. */
  hasReports = false;
  /** Whether requested output (the result, a report, events) could not be written. */
  hasLoss = false;
  /** Whether a change in an account has started. */
  mayHaveWritten = false;

  constructor(
    private readonly io: Io,
    private readonly level: Level,
  ) {}

  result(text: string): void {
    this.hasResult ||= text !== '';
    if (text !== '') this.io.stdout.write(withNewline(text));
  }

  log(level: Level, text: string): void {
    if (LEVELS.indexOf(level) <= LEVELS.indexOf(this.level) && text !== '')
      this.io.stderr.write(wrappedFor(withNewline(text), this.io.stderr));
  }

  /** Writes text that redraws a line in place, unchanged. */
  redraw(text: string): void {
    this.io.stderr.write(text);
  }
}

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** Returns why output could not be written. */
export function whyLost(error: unknown): string {
  return systemReason(error) ?? (errorCode(error) || 'unknown reason');
}
