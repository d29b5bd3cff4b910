import { closeSync, constants, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../config/disk.js';
import type { ApplyEvent, OnEvent } from '../core/outcome.js';
import { eventLine } from '../render/apply-text.js';
import { advance, NO_PROGRESS, progressLine, type ProgressState } from '../render/progress-line.js';
import type { AccountName } from '../render/wording.js';
import { renderEvent } from '../saved-plan/encode.js';
import type { Style } from '../text/style.js';
import { isInteractive, styleFor, whyLost, widthOf } from './io.js';
import { makeFolder } from './write-file.js';
import type { Run } from './run.js';

const CLEAR_LINE = '\r\u001b[2K';
const REDRAW_MS = 1000;

/**
 * Reports the progress of an apply: a live line on a terminal that can redraw it; otherwise, as in CI, a line
 * for each action; NDJSON for `--events`.
 */
export class Reporter {
  /** Whether the prompt waits for an answer. Its end says how an interrupted run ended. */
  isAsking = false;
  readonly #live: boolean;
  readonly #style: Style;
  readonly #file: EventsFile | undefined;
  #state: ProgressState = NO_PROGRESS;
  #waitingSince = 0;
  #drawn = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly run: Run,
    private readonly accounts: readonly AccountName[],
  ) {
    const { io, options } = run;
    this.#style = styleFor(io, io.stderr, options);
    this.#live = isInteractive(io) && io.env['TERM'] !== 'dumb' && options.quiet !== true;
    this.#file = options.events === undefined ? undefined : this.#open(options.events);
    if (this.#live) {
      this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
      this.#timer.unref();
    }
  }

  readonly emit: OnEvent = (event: ApplyEvent) => {
    const { io, out } = this.run;
    if (event.type === 'action-started') out.mayHaveWritten = true;
    const time = new Date(io.clock.now()).toISOString();
    this.#file?.append(renderEvent(event, time));
    this.#state = advance(this.#state, event);
    if (event.type === 'waiting') this.#waitingSince = io.clock.monotonic();
    const line =
      event.type === 'interrupted' && this.#state.total === 0
        ? this.#stopping()
        : eventLine(event, { style: this.#style, accounts: this.accounts });
    this.#erase();
    const failed =
      event.type === 'interrupted' || (event.type === 'action-ended' && event.outcome.status !== 'applied');
    // A log has one line per action; on a terminal, the list of problems is enough for skipped and interrupted
    // actions.
    const isExtra =
      event.type === 'action-started' ||
      (event.type === 'action-ended' &&
        (event.outcome.status === 'skipped' || event.outcome.error?.code === 'interrupted'));
    if (line !== undefined && (!this.#live || !isExtra)) out.log(failed ? 'error' : 'info', line);
    this.#draw();
  };

  /** Removes the live line and closes the file. Further calls do nothing. */
  close(): void {
    clearInterval(this.#timer);
    this.#erase();
    this.#file?.close();
  }

  #open(file: string): EventsFile {
    const { io, out } = this.run;
    return new EventsFile(path.resolve(io.cwd, file), (reason) => {
      this.#erase();
      out.log(
        'error',
        `Error: Cannot write the events file ${file} (${reason}). The run continues without it.`,
      );
      out.hasLoss = true;
    });
  }

  /** Before the first write there is nothing to finish. On a terminal, the current line shows `^C`. */
  #stopping(): string | undefined {
    if (this.isAsking) return undefined;
    const mark = this.#style.warning('Interrupted:');
    return `${isInteractive(this.run.io) ? '\n' : ''}${mark} stopping; nothing has been written. Interrupt again to stop immediately.`;
  }

  #erase(): void {
    if (this.#drawn) this.run.out.redraw(CLEAR_LINE);
    this.#drawn = false;
  }

  #draw(): void {
    if (!this.#live || this.#state.total === 0) return;
    const { io, out } = this.run;
    const waited = io.clock.monotonic() - this.#waitingSince;
    const width = widthOf(io.stderr, 200);
    this.#drawn = true;
    out.redraw(CLEAR_LINE + progressLine(this.#state, { style: this.#style, width, waited }));
  }
}

/** How long the end of a run waits for a slow reader. */
const LAST_WAIT_MS = 1000;
/** How much is buffered for a slow reader. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

/** The file of `--events`. A write error is reported once; it never blocks or stops a run. */
export class EventsFile {
  #fd: number | undefined;
  #pending = Buffer.alloc(0);

  constructor(
    file: string,
    private readonly onFailure: (reason: string) => void,
  ) {
    // A pipe without a reader must not block, neither on open nor when it is full.
    const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
    this.#attempt(() => {
      makeFolder(path.dirname(file));
      // Windows has no such pipes and no O_NONBLOCK, which then counts as 0 here.
      this.#fd = openSync(file, O_APPEND | O_CREAT | O_NONBLOCK | O_WRONLY, 0o666);
    });
  }

  append(text: string): void {
    if (this.#fd === undefined) return;
    this.#pending = Buffer.concat([this.#pending, Buffer.from(text)]);
    this.#attempt(() => this.#write());
    if (this.#pending.length > MAX_PENDING_BYTES) this.#fail('its reader does not keep up');
  }

  /** Writes what is left and closes the file. Further calls do nothing. */
  close(): void {
    const pause = new Int32Array(new SharedArrayBuffer(4));
    for (let waited = 0; this.#pending.length > 0 && waited < LAST_WAIT_MS; waited += 10) {
      Atomics.wait(pause, 0, 0, 10);
      this.#attempt(() => this.#write());
    }
    if (this.#pending.length > 0) this.#fail('its reader does not keep up');
    if (this.#fd !== undefined) this.#attempt(() => closeSync(this.#fd ?? -1));
    this.#fd = undefined;
  }

  #write(): void {
    while (this.#fd !== undefined && this.#pending.length > 0) {
      this.#pending = this.#pending.subarray(writeSync(this.#fd, this.#pending));
    }
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') this.#fail(whyLost(error));
    }
  }

  #fail(reason: string): void {
    this.#pending = Buffer.alloc(0);
    const fd = this.#fd;
    this.#fd = undefined;
    this.onFailure(reason);
    if (fd === undefined) return;
    try {
      closeSync(fd);
    } catch {
      // It is already reported that the file is incomplete.
    }
  }
}
