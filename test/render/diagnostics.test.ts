import { describe, expect, test } from '@jest/globals';
import type { Diagnostic, DiagnosticCode } from '../../src/core/diagnostic.js';
import { renderAnnotations, renderDiagnostics, renderDiagnosticsJson } from '../../src/render/diagnostics.js';
import { renderSarif } from '../../src/render/sarif.js';
import { plainStyle } from '../../src/text/style.js';
import { HOSTILE, UNSEEN } from './fixtures.js';

const unknownField: Diagnostic = {
  severity: 'error',
  code: 'unknown-field',
  file: 'hookwright.yaml',
  line: 4,
  column: 5,
  message: 'unknown field "secert"',
  hint: 'A webhook has name, url, secret, … Did you mean "secret"?',
  excerpt: { text: '    secert: { env: OPS_TOKEN }', column: 5, width: 6 },
};
const plainHttp: Diagnostic = {
  severity: 'warning',
  code: 'http-url',
  file: 'hookwright.yaml',
  line: 2,
  column: 3,
  message: 'http: url',
};

test('text: sorted, with the source line and a caret', () => {
  expect(renderDiagnostics([unknownField, plainHttp], plainStyle)).toBe(`\
hookwright.yaml:2:3: warning: http: url (http-url)

hookwright.yaml:4:5: error: unknown field "secert" (unknown-field)
  4 |     secert: { env: OPS_TOKEN }
    |     ^~~~~~
  A webhook has name, url, secret, … Did you mean "secret"?
`);
});

test('text: several errors are counted at the end, without the warnings', () => {
  const text = renderDiagnostics([unknownField, { ...unknownField, line: 5 }, plainHttp], plainStyle);
  expect(text.split('\n').slice(-3)).toEqual(['', 'Error: 2 errors in the desired state.', '']);
});

test.each([
  ['a tab', '\tname: x', 2, 4, '    |  ^~~~'],
  ['wide characters', '名前: xy', 5, 2, '    |       ^~'],
  ['an escape', '\u001b: xy', 4, 2, '    |         ^~'],
  ['an empty range at the end', 'ab', 3, 0, '    |   ^'],
])('the caret is under its text after %s', (_what, text, column, width, expected) => {
  const out = renderDiagnostics([{ ...unknownField, column, excerpt: { text, column, width } }], plainStyle);
  expect(out.split('\n')[2]).toBe(expected);
});

test('sorted by file, line, column, code', () => {
  const at = (file: string, line: number, column: number, code: DiagnosticCode = 'bad-id'): Diagnostic => ({
    ...plainHttp,
    file,
    line,
    column,
    code,
  });
  const mixed = [at('b', 1, 1), at('a', 2, 1), at('a', 1, 2), at('a', 1, 1, 'tab'), at('a', 1, 1)];
  const order = JSON.parse(renderDiagnosticsJson(mixed)) as { diagnostics: Diagnostic[] };
  expect(order.diagnostics.map(({ file, line, column, code }) => `${file}${line}${column}${code}`)).toEqual([
    'a11bad-id',
    'a11tab',
    'a12bad-id',
    'a21bad-id',
    'b11bad-id',
  ]);
});

test('GitHub annotations', () => {
  expect(renderAnnotations([unknownField, plainHttp])).toBe(
    '::warning file=hookwright.yaml,line=2,col=3,title=http-url::http: url\n' +
      '::error file=hookwright.yaml,line=4,col=5,title=unknown-field::unknown field "secert"' +
      '%0AA webhook has name, url, secret, … Did you mean "secret"?\n',
  );
});

test('JSON: only warnings are valid, an error is not', () => {
  expect(JSON.parse(renderDiagnosticsJson([plainHttp]))).toMatchObject({ valid: true });
  expect(JSON.parse(renderDiagnosticsJson([unknownField]))).toEqual({
    format_version: 1,
    valid: false,
    diagnostics: [
      {
        severity: 'error',
        code: 'unknown-field',
        file: 'hookwright.yaml',
        line: 4,
        column: 5,
        message: 'unknown field "secert"',
        hint: unknownField.hint,
      },
    ],
    error: { code: 'invalid-file', message: '1 error in the desired state.' },
  });
});

describe('SARIF', () => {
  test('a run with rules and results', () => {
    expect(JSON.parse(renderSarif([unknownField, plainHttp], '1.2.3'))).toEqual({
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'hookwright',
              version: '1.2.3',
              rules: [
                { id: 'http-url', shortDescription: { text: 'http url' } },
                { id: 'unknown-field', shortDescription: { text: 'unknown field' } },
              ],
            },
          },
          columnKind: 'utf16CodeUnits',
          results: [
            {
              ruleId: 'http-url',
              ruleIndex: 0,
              level: 'warning',
              message: { text: 'http: url' },
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'hookwright.yaml' },
                    region: { startLine: 2, startColumn: 3 },
                  },
                },
              ],
            },
            {
              ruleId: 'unknown-field',
              ruleIndex: 1,
              level: 'error',
              message: { text: `${unknownField.message}\n${unknownField.hint ?? ''}` },
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'hookwright.yaml' },
                    region: { startLine: 4, startColumn: 5 },
                  },
                },
              ],
            },
          ],
        },
      ],
    });
  });

  test.each([
    ['./webhooks/a b.yaml', 'webhooks/a%20b.yaml'],
    ['a\\b.yaml', 'a/b.yaml'],
    ['C:\\a\\b.yaml', 'file:///C:/a/b.yaml'],
    ['/etc/x.yaml', 'file:///etc/x.yaml'],
    ['\ud800', '%EF%BF%BD'],
  ])('the path %j is the URI %j', (file, uri) => {
    expect(renderSarif([{ ...plainHttp, file }], '1.2.3')).toContain(`"uri": "${uri}"`);
  });

  test('a message does not contain a link', () => {
    const document: unknown = JSON.parse(
      renderSarif([{ ...plainHttp, message: 'see [x](http://y) [z]' }], '1.2.3'),
    );
    expect(document).toHaveProperty('runs.0.results.0.message.text', 'see \\[x\\](http://y) [z]');
  });
});

test.each(HOSTILE)('hostile text %# stays on its line in text and annotations', (name) => {
  const bad = {
    ...unknownField,
    file: name,
    message: name,
    hint: name,
    excerpt: { text: name, column: 1, width: 3 },
  };
  const text = renderDiagnostics([bad], plainStyle);
  expect(text.split('\n').length).toBeLessThanOrEqual(4 + name.split('\n').length);
  expect(text).not.toMatch(UNSEEN);
  expect(text).not.toMatch(/^\s*::/m);
  const annotation = renderAnnotations([bad]);
  expect(annotation.trimEnd()).not.toContain('\n');
  expect(annotation).toMatch(/^::error file=[^:,]*,line=4,col=5,title=unknown-field::/);
});
