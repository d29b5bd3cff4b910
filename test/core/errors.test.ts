import { expect, test } from '@jest/globals';
import { HookwrightError } from '../../src/core/errors.js';

test('an error has a code, a message and a cause', () => {
  const cause = new Error('reset');
  const error = new HookwrightError('network', 'No connection.', { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: 'HookwrightError', code: 'network', message: 'No connection.', cause });
});
