#!/usr/bin/env node
import { interruptedBy, systemClock, type Interruption, type Io } from './cli/io.js';
import { main } from './main.js';
import { outputStreamFor } from './cli/standard-streams.js';

// Counts as failed until the command has ended and set another exit code.
process.exitCode = 1;

/** What ended a command that does not handle signals itself. */
let endedBy: Interruption | undefined;

const direct = process.platform !== 'win32';

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  stdout: outputStreamFor({ fd: 1, direct, open: () => process.stdout }),
  stderr: outputStreamFor({ fd: 2, direct, open: () => process.stderr }),
  // Created only when read, because it adds 3 ms to the start.
  get stdin() {
    return process.stdin;
  },
  clock: systemClock,
  onSignal: (listener) => {
    process.on('SIGINT', listener);
    process.on('SIGTERM', listener);
    return () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    };
  },
  onCrash: (listener) => {
    const atEnd = (): void => listener(new Error('hookwright ended before it had a result.'));
    const atSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
      if (process.listenerCount(signal) > 1) return;
      endedBy = interruptedBy(signal);
      listener(endedBy.error);
    };
    process.on('uncaughtException', listener);
    process.on('beforeExit', atEnd);
    process.on('SIGINT', atSignal);
    process.on('SIGTERM', atSignal);
    return () => {
      process.off('SIGINT', atSignal);
      process.off('SIGTERM', atSignal);
      process.off('uncaughtException', listener);
      process.off('beforeExit', atEnd);
    };
  },
};

// CommonJS has no top-level await. `main` never rejects, and its output has been flushed, so anything still
// open (a name lookup, a connection to a silent proxy) does not have to finish.
void main(process.argv.slice(2), io).then((code) => process.exit(endedBy?.exit ?? code));
