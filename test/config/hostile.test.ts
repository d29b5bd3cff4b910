import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadText } from './memory-files.js';

const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefghijkl')
  .map(
    (name, i) =>
      `${name}: &${name} [${Array(9)
        .fill(`*${'abcdefghijkl'.charAt(i)}`)
        .join(',')}]`,
  )
  .join('\n')}\nwebhooks: []`;

describe('reports hostile files quickly', () => {
  test.each<[what: string, text: string, code: string]>([
    ['200,000 brackets', '['.repeat(200_000), 'too-deep'],
    ['100,000 dashes', '- '.repeat(100_000), 'too-deep'],
    ['20,000 nested mappings', '{a: '.repeat(20_000), 'too-deep'],
    [
      '2,000 levels of indentation',
      Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      'too-deep',
    ],
    ['an alias bomb', bomb, 'alias-bomb'],
    [
      '20,000 aliases of an invalid webhook',
      `webhooks:\n - &a { name: x }\n${' - *a\n'.repeat(50_000)}`,
      'missing-field',
    ],
    ['a string of 3 MB', `webhooks:\n  - ${'x'.repeat(3e6)}`, 'wrong-type'],
    ['3 MB in quotes', `webhooks:\n  - name: A\n    url: "${'x'.repeat(3e6)}"`, 'too-long'],
    ['5,000 invalid entries', `webhooks: [${'1,'.repeat(5_000)}]`, 'too-many-faults'],
    [
      '10,000 keys',
      `${Array.from({ length: 10_000 }, (_, i) => `k${i}: 1`).join('\n')}\nwebhooks: []`,
      'too-many-faults',
    ],
    ['too many values', `webhooks: [${'1,'.repeat(1_100_000)}]`, 'too-large'],
    ['an open quote before 100,000 lines', `a: "${'x\n'.repeat(100_000)}`, 'open-quote'],
    ['20,000 tags', '!a '.repeat(20_000), 'yaml-syntax'],
  ])('%s', async (_what, text, code) => {
    const { diagnostics } = await loadText(text);
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain(code);
    expect(diagnostics.length).toBeLessThanOrEqual(1001);
    for (const diagnostic of diagnostics) expect(JSON.stringify(diagnostic).length).toBeLessThan(1000);
  });

  test('too many warnings are not an error', async () => {
    const items = Array.from({ length: 1100 }, (_, i) => `{ name: n${i}, url: "http://a.example.com" }`);
    const { diagnostics } = await loadText(`webhooks: [${items.join(', ')}]`);
    expect(diagnostics.at(-1)).toMatchObject({ severity: 'warning', code: 'too-many-faults' });
  });

  test('does not drop an error in favor of warnings', async () => {
    const items = Array.from({ length: 1100 }, (_, i) => `{ name: n${i}, url: "http://a.example.com" }`);
    const { diagnostics } = await loadText(`webhooks: [${items.join(', ')}, 1]`);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toMatchObject([
      { code: 'wrong-type' },
    ]);
  });
});

const PIECES = [
  'webhooks:',
  'name:',
  'url:',
  'secret:',
  'env:',
  'version:',
  'ignore:',
  'foo:',
  'strategy:',
  'previously:',
  '- ',
  '\n',
  '\n  ',
  '\n    ',
  '\t',
  ' ',
  ': ',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  "'",
  '|',
  '>',
  '#',
  '&a ',
  '*a',
  '!t ',
  '---\n',
  '...',
  '%',
  '? ',
  '<<',
  '__proto__:',
  'https://a.example.com',
  'none',
  '1',
  'null',
  '~',
  '\r\n',
  '@',
  '\\',
];

describe('for any text', () => {
  const isDiagnostic = { severity: expect.any(String), line: expect.any(Number), column: expect.any(Number) };

  test('reads it or reports a problem, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array(), fc.string({ unit: 'binary' })), async (text) => {
        const { accounts, diagnostics } = await loadText(text);
        expect(diagnostics.length + accounts.length).toBeGreaterThan(0);
        for (const diagnostic of diagnostics) expect(diagnostic).toMatchObject(isDiagnostic);
      }),
      { numRuns: 300 },
    );
  });

  test.each(['\n  - ? s3cr3t-canary', '\n  - s3cr3t-canary: [A]', '\npolicies:\n  - s3cr3t-canary: [A]'])(
    'what may be a name used as a key is not shown if it may be a secret: %j',
    async (more) => {
      const { diagnostics } = await loadText(`webhooks:\n  - name: A\n    secret: x${more}`);
      expect(diagnostics.map(({ message }) => message)).toContain('unknown field');
      expect(JSON.stringify(diagnostics)).not.toContain('s3cr3t-canary');
    },
  );

  test('almost valid YAML: shows no secret, and each place is in the text', async () => {
    const secret = fc.constantFrom('s3cr3t-canary', 'secret: s3cr3t-canary', '"s3cr3t-canary"');
    const piece = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...PIECES) },
      { weight: 1, arbitrary: secret },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        const text = `webhooks:\n  - name: A\n    secret: s3cr3t-canary${pieces.join('')}`;
        const { diagnostics } = await loadText(text);
        const lines = text.split('\n');
        for (const diagnostic of diagnostics) {
          expect(diagnostic.line).toBeLessThanOrEqual(lines.length);
          expect(diagnostic.column).toBeLessThanOrEqual((lines[diagnostic.line - 1] ?? '').length + 1);
          if (!named(text)) expect(JSON.stringify(diagnostic)).not.toContain('s3cr3t-canary');
        }
      }),
      { numRuns: 600 },
    );
  });
});

/** Text that is written as a name can be shown. */
function named(text: string): boolean {
  return /(?:name|ignore|previously):[^]*s3cr3t/.test(text.slice(text.indexOf('s3cr3t-canary') + 13));
}
