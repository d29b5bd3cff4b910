/** Compiled by swc, not type-checked: `npm run types` does that. */
export const SHARED = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '\\.md$': '<rootDir>/test/support/markdown.mjs',
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript' },
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  collectCoverageFrom: ['src/**/*.ts', '!src/bin.ts', '!src/action/start.ts'],
  coverageReporters: ['text-summary', 'json-summary'],
  testTimeout: 30_000,
  maxWorkers: '100%',
};

/** Slow tests (faults, processes, browsers) run only in `npm run test:all`, and so in CI. */
export const SLOW = [
  'test/model/',
  'test/faults/',
  'test/gitops/',
  'test/live/',
  'test/editor/',
  'test/library/',
  'test/docs/tutorial',
  'test/package/',
  'test/render/html-browser',
  'test/cli/leaks',
  'test/cli/hostile-api',
  'test/commands/import-property',
  'test/config/hostile',
  'test/core/laws',
  'test/apply/signals',
  'test/apply/replace.test',
];

/** `npm test`: the quick tests, which take less than a minute. */
export default { ...SHARED, testPathIgnorePatterns: ['/node_modules/', ...SLOW] };
