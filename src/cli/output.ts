import { systemReason } from '../config/disk.js';
import { wrappedFor, type Io } from './io.js';

export type Level = 'error' | 'warn' | 'info' | 'debug';
const LEVELS: readonly Level[] = ['error', 'warn', 'info', 'debug'];

/** Writes the result to stdout and everything else to stderr. */
export class Output {
  /** Whether anything has been written to stdout. */
  hasResult = false;
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
export function whyLost(error: NodeJS.ErrnoException): string {
  return systemReason(error) ?? error.code ?? error.message;
}
