import { SHARED } from './jest.config.mjs';

/** The tests for the file that `test/mutation/run.mjs` has mutated. */
export default {
  ...SHARED,
  testMatch: (process.env.MUTATE_TESTS ?? '').split(' ').map((name) => `<rootDir>/${name}`),
  setupFiles: ['<rootDir>/test/mutation/properties.mjs'],
  testTimeout: 5_000,
};
