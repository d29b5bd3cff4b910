import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { outputStreamFor } from '../../src/cli/standard-streams.js';
import { emptyFolder } from '../support/cli.js';

/** Replaces Node's stream of the file descriptor. */
function fakeStream(terminal?: { readonly columns: number }): {
  readonly open: () => NodeJS.WriteStream;
  readonly stream: PassThrough;
  readonly opened: () => number;
} {
  let opened = 0;
  const stream = Object.assign(new PassThrough(), terminal && { isTTY: true, ...terminal });
  const open = (): NodeJS.WriteStream => {
    opened += 1;
    return stream as unknown as NodeJS.WriteStream;
  };
  return { open, stream, opened: () => opened };
}

const testPosix = process.platform === 'win32' ? test.skip : test;

testPosix('a file is written to without opening a stream', async () => {
  const file = path.join(await emptyFolder(), 'out');
  const fd = openSync(file, 'w');
  const { open, opened } = fakeStream();
  const sink = outputStreamFor({ fd, direct: true, open });
  expect([sink.isTTY, sink.columns]).toEqual([false, undefined]);
  sink.write('one\n');
  sink.write('zwölf\n');
  closeSync(fd);
  expect([readFileSync(file, 'utf8'), opened()]).toEqual(['one\nzwölf\n', 0]);
});

testPosix(
  'what does not fit into a full pipe, and everything after it, goes through the stream, in order',
  async () => {
    const fifo = path.join(await emptyFolder(), 'pipe');
    execFileSync('mkfifo', [fifo]);
    const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const { open, stream, opened } = fakeStream();
    const sink = outputStreamFor({ fd, direct: true, open });
    const text = Array.from({ length: 40_000 }, (_, i) => `line ${i} ö`).join('\n');
    sink.write(text);
    sink.write('\nlast');
    const buffer = Buffer.alloc(1_000_000);
    const direct = buffer.subarray(0, readSync(fd, buffer));
    closeSync(fd);
    const rest = stream.read() as Uint8Array;
    expect(direct.length).toBeGreaterThan(0);
    expect(Buffer.concat([direct, rest]).toString()).toBe(`${text}\nlast`);
    expect(opened()).toBe(1);
  },
);

testPosix('a write error is reported once, and nothing is written after it', async () => {
  const file = path.join(await emptyFolder(), 'out');
  closeSync(openSync(file, 'w'));
  const fd = openSync(file, 'r');
  const { open, opened } = fakeStream();
  const sink = outputStreamFor({ fd, direct: true, open });
  expect(await sink.flush?.()).toBeUndefined();
  sink.write('a');
  sink.write('b');
  closeSync(fd);
  expect([(await sink.flush?.())?.code, opened()]).toEqual(['EBADF', 0]);
});

testPosix('a reader that closes the stream is not a failure, a full disk is', async () => {
  for (const [code, expected] of [
    ['EPIPE', undefined],
    ['ENOSPC', 'ENOSPC'],
  ] as const) {
    const { open, stream } = fakeStream({ columns: 99 });
    // There is no such descriptor, so Node's stream must report the error.
    const sink = outputStreamFor({ fd: 987_654, direct: true, open });
    expect([sink.isTTY, sink.columns]).toEqual([true, 99]);
    stream.emit('error', Object.assign(new Error(code), { code }));
    sink.write('nothing more');
    expect([(await sink.flush?.())?.code, stream.read()]).toEqual([expected, null]);
  }
});

testPosix('what does not fit into a full pipe is waited for', async () => {
  const { open, stream } = fakeStream({ columns: 99 });
  const sink = outputStreamFor({ fd: 987_654, direct: true, open });
  sink.write('x'.repeat(100_000));
  let arrived = false;
  const flushed = sink.flush?.().then(() => (arrived = true));
  await new Promise(setImmediate);
  expect(arrived).toBe(false);
  stream.resume();
  await flushed;
  expect(arrived).toBe(true);
});
