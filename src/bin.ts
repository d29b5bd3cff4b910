#!/usr/bin/env node
import { systemClock, type Io } from './cli/io.js';
import { main } from './main.js';
import { outputStreamFor } from './cli/standard-streams.js';

// Until the command has ended, and says otherwise, it has failed.
process.exitCode = 1;

const direct = process.platform !== 'win32';

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  stdout: outputStreamFor({ fd: 1, direct, open: () => process.stdout }),
  stderr: outputStreamFor({ fd: 2, direct, open: () => process.stderr }),
  // Made only when it is read: that costs a start 3 ms.
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
    process.on('uncaughtException', listener);
    process.on('beforeExit', atEnd);
    return () => {
      process.off('uncaughtException', listener);
      process.off('beforeExit', atEnd);
    };
  },
};

// Not awaited at the top level, which CommonJS does not have. It never rejects, and all that it wrote has arrived, so
// that whatever is still open (a name lookup, a connection to a proxy that is silent) need not be waited for.
void main(process.argv.slice(2), io).then((code) => process.exit(code));
