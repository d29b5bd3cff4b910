import { SHARED } from './jest.config.mjs';

const all = (percent) => ({ lines: percent, branches: percent, functions: percent, statements: percent });

/** All tests, as in CI. With --coverage, fails if coverage drops below the limits here. */
export default {
  ...SHARED,
  coverageThreshold: {
    './src/core/': all(100),
    './src/apply/': all(95),
    './src/config/': all(95),
    global: all(90),
  },
};
