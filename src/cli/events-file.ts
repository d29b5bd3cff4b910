import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { errorCode } from '../config/disk.js';

/** How long the end of a run waits for a reader that is slow. */
const LAST_WAIT_MS = 1000;
/** So much is kept for a reader that is slow. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

/** The file of `--events`. What cannot be written to it is reported once; it never holds up or stops a run. */
export class EventsFile {
  #fd: number | undefined;
  #pending = Buffer.alloc(0);

  constructor(
    path: string,
    private readonly onFailure: (reason: string) => void,
  ) {
    // A pipe that nobody reads must not block: neither when it is opened nor when it is full.
    const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
    this.#attempt(() => {
      // Windows, which has no such pipes, has no O_NONBLOCK either: it counts as 0 here.
      this.#fd = openSync(path, O_APPEND | O_CREAT | O_NONBLOCK | O_WRONLY, 0o666);
    });
  }

  append(text: string): void {
    if (this.#fd === undefined) return;
    this.#pending = Buffer.concat([this.#pending, Buffer.from(text)]);
    this.#attempt(() => this.#write());
    if (this.#pending.length > MAX_PENDING_BYTES) this.#fail('its reader does not keep up');
  }

  /** Again it does nothing. */
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
      const code = errorCode(error);
      if (code !== 'EAGAIN') this.#fail(code || 'unknown reason');
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
      // It has been reported that the file is not complete.
    }
  }
}
