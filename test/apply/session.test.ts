import { describe, expect, test } from '@jest/globals';
import { readUntil } from '../../src/apply/session.js';
import { attempt, failed, success } from '../../src/core/errors.js';
import { CUT, inTurn, scripted } from '../support/apply/scripted.js';

/** Reads until the value is 9, and returns the pauses. */
async function reading(settleMs: number, ...values: readonly number[]) {
  const scene = scripted({}, { settleMs });
  const slept: number[] = [];
  const sleep = scene.clock.sleep.bind(scene.clock);
  scene.clock.sleep = (milliseconds, signal) => {
    expect(signal).toBe(scene.session.kill);
    slept.push(milliseconds);
    return sleep(milliseconds, signal);
  };
  const read = inTurn(...values);
  const value = await readUntil(scene.session, read, (each) => each === 9);
  return { value, reads: read.asked.length, slept };
}

describe('a read that should show a write', () => {
  test('is not repeated once it does', async () => {
    expect(await reading(10_000, 9)).toEqual({ value: 9, reads: 1, slept: [] });
    expect(await reading(10_000, 1, 2, 9, 3)).toEqual({ value: 9, reads: 3, slept: [200, 400] });
  });

  test('is repeated in pauses that double up to 2 s, until the time is over', async () => {
    expect(await reading(8000, 1)).toEqual({
      value: 1,
      reads: 8,
      slept: [200, 400, 800, 1600, 2000, 2000, 1000],
    });
  });

  test('is not repeated if there is no time for it', async () => {
    expect(await reading(0, 1, 9)).toEqual({ value: 1, reads: 1, slept: [] });
  });

  test('is not repeated after the second signal', async () => {
    const { session, kill } = scripted({});
    kill.abort();
    const read = inTurn(1, 9);
    expect(await readUntil(session, read, (each) => each === 9)).toBe(1);
  });
});

test('attempt returns the error of a read; a bug is thrown', async () => {
  expect(await attempt(inTurn(5))).toEqual(success(5));
  expect(await attempt(inTurn(CUT))).toEqual(failed(CUT));
  await expect(attempt(inTurn(new TypeError('a bug')))).rejects.toThrow('a bug');
});
