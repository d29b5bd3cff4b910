import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { makeFlag } from '../../src/cli/flags.js';
import { REPORT_KINDS } from '../../src/cli/flags.js';
import { readPage, ROOT } from '../docs/pages.js';
import { fileOf, withAccount } from '../support/site.js';

/** Every place that has to know a kind of report, asked about every kind. */
test.each(REPORT_KINDS)('%s is in the help and in the reference', (kind) => {
  expect(makeFlag('report').description).toMatch(new RegExp(`\\b${kind}\\b`));
  expect(readPage('docs/reference.md')).toContain(`\n- \`${kind}\`: `);
});

test.each(REPORT_KINDS)('plan writes %s', (kind) =>
  withAccount({ files: fileOf('  - { name: A, url: "https://a.example/" }\n') }, async ({ run, read }) => {
    await run(['plan', '--report', `${kind}=report`]);
    expect((await read('report')).length).toBeGreaterThan(10);
  }),
);

/** What must not get through a report: secrets, what a terminal obeys. These tests have to try each kind. */
test.each(['leaks', 'naughty-names', 'outputs'])('test/cli/%s.test.ts tries every kind', (name) => {
  expect(readFileSync(path.join(ROOT, `test/cli/${name}.test.ts`), 'utf8')).toContain(
    "import { REPORT_KINDS } from '../../src/cli/flags.js';",
  );
});
