import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from '@jest/globals';
import { systemClock, type Io, type OutputStream } from '../../src/cli/io.js';
import { main } from '../../src/main.js';
import type { Clock } from '../../src/core/ports.js';

/** A JavaScript file, such as `dist/hookwright.cjs`, to spawn instead of calling `main`. */
const BIN = process.env['HOOKWRIGHT_BIN'];

/** For tests that a spawned command cannot run, because they need a terminal or a clock. */
export const testInProcess: typeof test.skip = BIN === undefined ? test : test.skip;

export type CliOptions = {
  /** The working directory. Default: an empty one. */
  readonly cwd?: string;
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | (AsyncIterable<string> & { destroy?: () => void });
  /** Whether stdin, stdout and stderr are a terminal. In process only. */
  readonly tty?: boolean;
  readonly columns?: number;
  /** In process only. */
  readonly clock?: Clock;
};

export type CliResult = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A running command. */
export type Running = {
  readonly done: Promise<CliResult>;
  /** Returns what it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly signal: (name: 'SIGINT' | 'SIGTERM') => void;
};

/** Runs the command and waits for its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).done;
}

/** Starts the command: in process, or as a child process if HOOKWRIGHT_BIN is set. */
export function startCli(args: readonly string[], options: CliOptions = {}): Running {
  return BIN === undefined ? callMain(args, options) : spawnBin(path.resolve(BIN), args, options);
}

function callMain(args: readonly string[], options: CliOptions): Running {
  const { env = {}, tty = false, columns, clock = systemClock } = options;
  const written = { stdout: '', stderr: '' };
  const listeners = new Set<Parameters<Io['onSignal']>[0]>();
  const sink = (name: 'stdout' | 'stderr'): OutputStream => ({
    isTTY: tty,
    ...(columns !== undefined && { columns }),
    write: (text) => void (written[name] += text),
  });
  const run = async (): Promise<CliResult> => {
    const code = await main(args, {
      env,
      cwd: options.cwd ?? (await emptyFolder()),
      stdout: sink('stdout'),
      stderr: sink('stderr'),
      stdin: Object.assign(chunks(options.stdin ?? ''), {
        isTTY: tty,
        destroy: () => typeof options.stdin === 'object' && options.stdin.destroy?.(),
      }),
      clock,
      onSignal: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      onCrash: () => () => undefined,
    });
    return { code, ...written };
  };
  return {
    done: run(),
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    signal: (name) => {
      for (const listener of [...listeners]) listener(name);
    },
  };
}

function spawnBin(bin: string, args: readonly string[], options: CliOptions): Running {
  const { env = {}, tty = false, clock } = options;
  if (tty || clock) throw new Error('a spawned command has neither a terminal nor a clock: testInProcess');
  const written = { stdout: '', stderr: '' };
  const early: NodeJS.Signals[] = [];
  let send = (name: NodeJS.Signals): void => void early.push(name);
  const run = async (): Promise<CliResult> => {
    const cwd = options.cwd ?? (await emptyFolder());
    const searchPath = process.env['PATH'] ?? '';
    const child = spawn(process.execPath, [bin, ...args], { cwd, env: { PATH: searchPath, ...env } });
    send = (name) => void child.kill(name);
    early.forEach(send);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => (written[name] += text));
    }
    child.stdin.on('error', () => undefined);
    void (async () => {
      for await (const text of chunks(options.stdin ?? '')) child.stdin.write(text);
      child.stdin.end();
    })();
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { code, ...written };
  };
  return {
    done: run(),
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    signal: (name) => send(name),
  };
}

async function* chunks(text: string | AsyncIterable<string>): AsyncGenerator<string> {
  if (typeof text !== 'string') yield* text;
  else if (text !== '') yield await Promise.resolve(text);
}

/** Creates a directory below the system's temporary directory, which the system cleans up. */
export function emptyFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'hookwright-test-'));
}
