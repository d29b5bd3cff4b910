import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import type { Diagnostic } from '../../src/core/diagnostic.js';
import { renderGitlab } from '../../src/render/totals.js';
import { renderDiagnosticsJUnit, renderPlanJUnit } from '../../src/render/junit.js';
import { renderSarif } from '../../src/render/sarif.js';
import { account, create, HOSTILE, mixedPlan, mixedResult, OTHER, plan } from './fixtures.js';

const faultOf = (text: string, severity: Diagnostic['severity'] = 'error'): Diagnostic => ({
  severity,
  code: 'unknown-field',
  file: text,
  line: 4,
  column: 5,
  message: text,
  hint: text,
  excerpt: { text: '    secert: x', column: 5, width: 6 },
});
const DIAGNOSTICS: readonly (readonly Diagnostic[])[] = [
  [],
  [faultOf('webhooks/a b.yaml'), faultOf('./b.yaml', 'warning')],
  HOSTILE.map((text) => faultOf(text)),
];

// Large packages that are used for a single file or call; without them, these tests are skipped.
const require = createRequire(import.meta.url);
const SARIF_SCHEMA = found('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const XMLLINT = found('xmllint-wasm');

function found(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    console.warn(`Not checked against a published schema: ${name} is not installed.`);
    return undefined;
  }
}

type Xmllint = {
  readonly validateXML: (
    input: object,
  ) => Promise<{ readonly valid: boolean; readonly errors: readonly unknown[] }>;
};

(SARIF_SCHEMA === undefined ? describe.skip : describe)('SARIF', () => {
  let validate: ValidateFunction;
  beforeAll(() => {
    // Draft 4: newer drafts differ here only in `id` and `$schema`.
    const { $schema, id, ...schema } = JSON.parse(readFileSync(SARIF_SCHEMA ?? '', 'utf8')) as Record<
      string,
      unknown
    >;
    expect([$schema, id]).toEqual([
      expect.stringContaining('draft-04'),
      expect.stringContaining('sarif-2.1.0'),
    ]);
    validate = new Ajv({
      strict: false,
      validateFormats: false,
      unicodeRegExp: false,
      allErrors: true,
    }).compile(schema);
  });

  test.each(DIAGNOSTICS.map((found) => [found.length, found] as const))(
    '%i problems are valid SARIF 2.1.0',
    (_, found) => {
      validate(JSON.parse(renderSarif(found, '1.2.3')));
      expect(validate.errors ?? []).toEqual([]);
    },
  );

  test('the schema rejects an invalid document', () => {
    expect(validate({ version: '2.1.0', runs: [{ results: [{ level: 'bad' }] }] })).toBe(false);
  });
});

(XMLLINT === undefined ? describe.skip : describe)('JUnit', () => {
  const schema = readFileSync(path.join(import.meta.dirname, 'junit.xsd'), 'utf8');
  const faults = async (contents: string): Promise<readonly unknown[]> => {
    const { validateXML } = require(XMLLINT ?? '') as Xmllint;
    const { valid, errors } = await validateXML({
      xml: [{ fileName: 'junit.xml', contents }],
      schema: [schema],
    });
    return valid ? [] : errors;
  };
  const result = mixedResult();
  const failures = [{ accountId: OTHER, error: { code: 'network', message: 'down' } }];

  test.each([
    ...DIAGNOSTICS.map((found) => ['validation', renderDiagnosticsJUnit(found)]),
    ['a plan', renderPlanJUnit({ ...mixedPlan(), failures })],
    ['a plan with hostile names', renderPlanJUnit(plan(account(HOSTILE.map((name) => create(name)))))],
    ['an apply', renderPlanJUnit(mixedPlan(), result)],
  ])('%s is valid', async (_, text) => {
    expect(await faults(text)).toEqual([]);
  });

  test('the schema rejects an invalid document', async () => {
    expect(await faults('<testsuites name="x" tests="many" failures="0" errors="0"/>')).not.toEqual([]);
  });
});

test('GitLab: three integers with the names that its parser reads, on one line', () => {
  // https://docs.gitlab.com/user/infrastructure/iac/mr_integration/ shows the jq filter; there is no schema.
  const validate = new Ajv({}).compile({
    type: 'object',
    required: ['create', 'update', 'delete'],
    additionalProperties: false,
    properties: Object.fromEntries(
      ['create', 'update', 'delete'].map((name) => [name, { type: 'integer', minimum: 0 }]),
    ),
  });
  for (const text of [renderGitlab(mixedPlan()), renderGitlab(plan())]) {
    expect(validate(JSON.parse(text))).toBe(true);
    expect(text).toMatch(/^\{.*\}\n$/);
  }
});
