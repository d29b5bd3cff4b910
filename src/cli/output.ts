import { wrappedFor, type Io } from './io.js';

export type Level = 'error' | 'warn' | 'info' | 'debug';
const LEVELS: readonly Level[] = ['error', 'warn', 'info', 'debug'];

/** stdout is the result, stderr is everything else. */
export class Output {
  #hasResult = false;
  #hasLoss = false;
  #mayHaveWritten = false;

  constructor(
    private readonly io: Io,
    private readonly level: Level,
  ) {}

  /** Has something been written to stdout? */
  get hasResult(): boolean {
    return this.#hasResult;
  }

  /** Was something that was asked for (the result, a report, events) not written down? */
  get hasLoss(): boolean {
    return this.#hasLoss;
  }

  /** Has a change of an account been started? */
  get mayHaveWritten(): boolean {
    return this.#mayHaveWritten;
  }

  noteLoss(): void {
    this.#hasLoss = true;
  }

  noteWrite(): void {
    this.#mayHaveWritten = true;
  }

  result(text: string): void {
    this.#hasResult ||= text !== '';
    if (text !== '') this.io.stdout.write(withNewline(text));
  }

  log(level: Level, text: string): void {
    if (LEVELS.indexOf(level) <= LEVELS.indexOf(this.level) && text !== '')
      this.io.stderr.write(wrappedFor(withNewline(text), this.io.stderr));
  }

  /** Where a line is redrawn in place; as it is. */
  redraw(text: string): void {
    this.io.stderr.write(text);
  }
}

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
