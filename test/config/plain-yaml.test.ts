import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseWithPositions } from '../../src/config/yaml/read-carefully.js';
import { parsePlainFast } from '../../src/config/yaml/plain-yaml.js';

const FILE = `# The webhooks of one account
account_id: 023e105f4ecef8ad9ca31a8372d0c353 # production
unlisted: keep
ignore: [dash-*, "id:1dbdd679dc554259b0d1928b787d0dab"]
strategy:
  url: in-place

webhooks:
  # The relay
  - name: Relay
    url: https://relay.example.com/cf#a
    protect: true

  - name: 'It''s Slack'
    url: { env: SLACK_URL, version: 2 }
    previously:
      - Old
      - "Older still"
  -
    name: Third
    url: https://third.example
# The end
---
account_id: "123e105f4ecef8ad9ca31a8372d0c353"
webhooks: []
`;

/** What makes YAML more than lists and maps of short texts, and what makes it wrong. */
const PIECES = [
  ...[
    'name',
    'url',
    'webhooks',
    '- ',
    '-',
    ': ',
    ':',
    '\n',
    '\n  ',
    '\n    ',
    '\n- ',
    '\n  - name: a',
    ' ',
    '  ',
  ],
  ...[
    'a',
    'b c',
    '"q"',
    "'s'",
    "'it''s'",
    '"\\n"',
    '1',
    '007',
    '1e3',
    '0x1f',
    '.5',
    '1.',
    '-1',
    '+',
    '-.inf',
    '~',
  ],
  ...[
    'null',
    'true',
    'False',
    '<<',
    '__proto__',
    'toString',
    '#',
    ' # c',
    '\t',
    '{',
    '}',
    '[',
    ']',
    ',',
    ', ',
  ],
  ...[
    '{ env: A }',
    '[a, b]',
    '[]',
    '{}',
    '{a: 1, b}',
    '&x ',
    '*x',
    '!t ',
    '|\n',
    '>-\n',
    '? ',
    '%',
    '@',
    '`',
    '---\n',
  ],
  ...[
    '\n---\n',
    '\n...\n',
    '\r\n',
    '\ufeff',
    'é',
    '"',
    "'",
    'https://a.example/x?y=z',
    '\n\n',
    '\n# c\n',
    '\\',
  ],
];

describe('plain YAML', () => {
  test('law: what is read quickly is what is read with care, and has no fault', () => {
    const lines = FILE.split('\n');
    const changed = fc
      .tuple(
        fc.array(fc.tuple(fc.nat(lines.length), fc.nat(60), fc.constantFrom(...PIECES), fc.nat(4)), {
          maxLength: 3,
        }),
        fc.nat(lines.length),
        fc.nat(lines.length),
      )
      .map(([edits, from, to]) => {
        const text = [...lines];
        for (const [line, column, piece, cut] of edits) {
          const old = text[line] ?? '';
          text[line] = old.slice(0, column) + piece + old.slice(column + cut);
        }
        return [...text.slice(0, from), ...text.slice(Math.min(from, to))].join('\n');
      });
    const random = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join(''));
    let plain = 0;
    fc.assert(
      fc.property(fc.oneof(changed, random), (text) => {
        const quick = parsePlainFast(text);
        if (!quick) return;
        plain += 1;
        const careful = parseWithPositions(text);
        expect(careful.flatMap(({ syntax, unread }) => [...syntax, ...unread])).toEqual([]);
        expect(careful.map(({ value, start }) => ({ value, start }))).toEqual(quick);
      }),
      { numRuns: 6000 },
    );
    expect(plain).toBeGreaterThan(300);
  });

  test('a file as people write them is plain', () => {
    expect(parsePlainFast(FILE)?.map(({ value }) => value)).toEqual([
      {
        account_id: '023e105f4ecef8ad9ca31a8372d0c353',
        unlisted: 'keep',
        ignore: ['dash-*', 'id:1dbdd679dc554259b0d1928b787d0dab'],
        strategy: { url: 'in-place' },
        webhooks: [
          { name: 'Relay', url: 'https://relay.example.com/cf#a', protect: true },
          { name: "It's Slack", url: { env: 'SLACK_URL', version: 2 }, previously: ['Old', 'Older still'] },
          { name: 'Third', url: 'https://third.example' },
        ],
      },
      { account_id: '123e105f4ecef8ad9ca31a8372d0c353', webhooks: [] },
    ]);
  });

  test.each([
    ['an anchor', 'webhooks: &a []'],
    ['an escape', 'name: "a\\n"'],
    ['a block of text', 'name: |\n  a'],
    ['a duplicate key', 'a: 1\na: 2'],
    ['a merge key', 'a: { b: 1 }\n<<: x'],
    ['a number that is no small integer', 'version: 1.5'],
    ['nothing', ''],
    ['nothing but a comment', '# later'],
    ['a list at the top', '- a'],
    ['broken YAML', 'a: [b'],
    ['a key without a value', 'webhooks:'],
    ['a text on two lines', 'name: a\n  b'],
    ['a tab', 'a:\tb'],
  ])('%s is read with care', (_what, text) => {
    expect(parsePlainFast(text)).toBeUndefined();
  });
});
