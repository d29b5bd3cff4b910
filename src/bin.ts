#!/usr/bin/env node
import { systemClock, type Io } from './cli/io.js';
import { main } from './main.js';
import { outputStreamFor } from './cli/standard-streams.js';

const direct = process.platform !== 'win32';
const stderr = outputStreamFor({ fd: 2, direct, open: () => process.stderr });
const stdout = outputStreamFor({
  fd: 1,
  direct,
  open: () => process.stdout,
  // A disk that is full, say.
  onFailure: ({ code, message }) => {
    stderr.write(`Error: The result could not be written (${code ?? message}).\n`);
    process.once('exit', () => {
      if (process.exitCode === 0) process.exitCode = 1;
    });
  },
});

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  stdout,
  stderr,
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
};

// Not awaited at the top level, which CommonJS does not have. It never rejects.
void main(process.argv.slice(2), io).then((code) => {
  process.exitCode = code;
});
