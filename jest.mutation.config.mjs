import { SHARED } from './jest.config.mjs';

/** The quick tests of what is mutated; those that start processes of their own tell nothing more. */
export default {
  ...SHARED,
  testMatch: ['<rootDir>/test/{core,apply,cloudflare}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', 'test/cloudflare/proxy.test.ts'],
};
