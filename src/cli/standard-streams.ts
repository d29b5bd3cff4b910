import { fstatSync, writeSync } from 'node:fs';
import type { OutputStream } from './io.js';

export type StandardStream = {
  readonly fd: number;
  /** Whether files and pipes can be written directly. On Windows, Node's stream handles them differently. */
  readonly direct: boolean;
  /** Opens Node's own stream. */
  readonly open: () => NodeJS.WriteStream;
};

/**
 * Writes to a standard stream. Files and pipes are written directly, as Node's stream would, because opening
 * that stream takes 2 ms. It is opened for a terminal, for its width, and for a pipe that is full.
 */
export function outputStreamFor({ fd, direct, open }: StandardStream): OutputStream {
  const atOnce = direct && isFileOrPipe(fd);
  let stream: NodeJS.WriteStream | undefined;
  let failed: NodeJS.ErrnoException | undefined;

  function fail(error: NodeJS.ErrnoException): void {
    failed ??= error;
  }

  function opened(): NodeJS.WriteStream {
    stream ??= open().on('error', fail);
    return stream;
  }

  return {
    write(text) {
      if (failed) return;
      const rest = atOnce && !stream ? writeNow(fd, text, fail) : text;
      if (rest.length > 0) opened().write(rest);
    },
    async flush() {
      await new Promise<void>((resolve) => {
        if (failed || !stream) return resolve();
        stream.write('', (error) => {
          if (error) fail(error);
          resolve();
        });
      });
      // A reader that closed the pipe (`hookwright plan | head`) has what it wanted.
      return failed?.code === 'EPIPE' ? undefined : failed;
    },
    get isTTY() {
      return atOnce ? false : opened().isTTY;
    },
    get columns() {
      return atOnce ? undefined : opened().columns;
    },
  };
}

/** Returns what did not fit into a full non-blocking pipe. */
function writeNow(fd: number, text: string, fail: (error: NodeJS.ErrnoException) => void): Uint8Array {
  let rest: Uint8Array = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
  } catch (error) {
    const known = error as NodeJS.ErrnoException;
    if (known.code === 'EAGAIN') return rest;
    fail(known);
    return new Uint8Array();
  }
  return rest;
}

function isFileOrPipe(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    // Node uses sockets as the pipes of its child processes.
    return stat.isFile() || stat.isFIFO() || stat.isSocket();
  } catch {
    // The stream is closed; Node's stream reports the error.
    return false;
  }
}
