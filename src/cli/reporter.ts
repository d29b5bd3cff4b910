import path from 'node:path';
import type { ApplyEvent, OnEvent } from '../core/outcome.js';
import { eventLine } from '../render/apply-text.js';
import { renderEvent } from '../saved-plan/encode.js';
import { advance, NO_PROGRESS, progressLine, type ProgressState } from '../render/progress-line.js';
import type { AccountName } from '../render/wording.js';
import { ansiStyle, plainStyle, type Style } from '../text/style.js';
import { EventsFile } from './events-file.js';
import { isInteractive, wantsColor, widthOf } from './io.js';
import type { Run } from './run.js';

const CLEAR_LINE = '\r\u001b[2K';
const REDRAW_MS = 1000;

/** Tells what apply does while it does it: a live line on a terminal, lines in CI, NDJSON for `--events`. */
export class Reporter {
  readonly #run: Run;
  readonly #live: boolean;
  readonly #accounts: readonly AccountName[];
  readonly #style: Style;
  readonly #file: EventsFile | undefined;
  #state: ProgressState = NO_PROGRESS;
  #waitingSince = 0;
  #drawn = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(run: Run, accounts: readonly AccountName[]) {
    this.#run = run;
    this.#accounts = accounts;
    const { io, options } = run;
    this.#style = wantsColor(io, io.stderr, options.color === false) ? ansiStyle : plainStyle;
    this.#live = isInteractive(io) && options.quiet !== true;
    this.#file = options.events === undefined ? undefined : this.#open(options.events);
    if (this.#live) {
      this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
      this.#timer.unref();
    }
  }

  readonly emit: OnEvent = (event: ApplyEvent) => {
    const { io, out } = this.#run;
    if (event.type === 'action-started') out.noteWrite();
    const time = new Date(io.clock.now()).toISOString();
    this.#file?.append(renderEvent(event, time));
    this.#state = advance(this.#state, event);
    if (event.type === 'waiting') this.#waitingSince = io.clock.monotonic();
    const line =
      event.type === 'interrupted' && this.#state.total === 0
        ? this.#stopping(event.signal)
        : eventLine(event, { style: this.#style, accounts: this.#accounts });
    if (this.#live) this.#erase();
    const failed = event.type === 'action-ended' && event.outcome.status !== 'applied';
    if (line !== undefined && (!this.#live || event.type !== 'action-started'))
      out.log(failed ? 'error' : 'info', line);
    this.#draw();
  };

  /** Removes the live line and closes the file; again it does nothing. */
  close(): void {
    clearInterval(this.#timer);
    if (this.#live) this.#erase();
    this.#file?.close();
  }

  #open(file: string): EventsFile {
    const { io, out } = this.#run;
    return new EventsFile(path.resolve(io.cwd, file), (reason) => {
      if (this.#live) this.#erase();
      out.log(
        'error',
        `Error: Cannot write the events file ${file} (${reason}). The run continues without it.`,
      );
      out.noteLoss();
    });
  }

  /** Before the first write there is nothing to finish. At the prompt the line is begun already. */
  #stopping(signal: string): string {
    const mark = this.#style.warning(`${signal}:`);
    return `${this.#live ? '\n' : ''}${mark} stopping; nothing has been written. Interrupt again to stop immediately.`;
  }

  #erase(): void {
    if (this.#drawn) this.#run.out.redraw(CLEAR_LINE);
    this.#drawn = false;
  }

  #draw(): void {
    if (!this.#live || this.#state.total === 0) return;
    const { io, out } = this.#run;
    const waited = io.clock.monotonic() - this.#waitingSince;
    const width = widthOf(io.stderr, 200);
    this.#drawn = true;
    out.redraw(CLEAR_LINE + progressLine(this.#state, { style: this.#style, width, waited }));
  }
}
