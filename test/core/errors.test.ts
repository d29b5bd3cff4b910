import { describe, expect, test } from '@jest/globals';
import { attempt, HookwrightError } from '../../src/core/errors.js';

test('an error has a code, a message and a cause', () => {
  const cause = new Error('reset');
  const error = new HookwrightError('network', 'No connection.', { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: 'HookwrightError', code: 'network', message: 'No connection.', cause });
});

describe('attempt', () => {
  test('returns the value, or the error that the user can act on', async () => {
    expect(await attempt(() => Promise.resolve(1))).toEqual({ ok: true, value: 1 });
    const error = new HookwrightError('network', 'cut');
    expect(await attempt(() => Promise.reject(error))).toEqual({ ok: false, error });
  });

  test('throws a bug', async () => {
    await expect(attempt(() => Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug');
  });
});
