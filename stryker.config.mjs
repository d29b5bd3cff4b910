/** `npm run mutate`: does a test fail for each small change of what decides? Not part of CI: it takes long. */
export default {
  packageManager: 'npm',
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  jest: { configFile: 'jest.mutation.config.mjs', enableFindRelatedTests: true },
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  mutate: [
    'src/core/{match,entry,diff,guards,policies,precondition,rotation,selection,order,marker,pattern,urls,digest,exit-codes}.ts',
    'src/apply/**/*.ts',
    'src/cloudflare/{exchange,verdict,limiter,quota-window,fair-queue}.ts',
  ],
  ignorePatterns: ['dist', 'coverage', 'reports', 'docs', 'examples'],
  concurrency: 2,
  timeoutMS: 20_000,
  reporters: ['clear-text', 'json', 'progress-append-only'],
  jsonReporter: { fileName: 'reports/mutation.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 90, low: 85, break: null },
};
