import { describe, expect, test } from '@jest/globals';
import { faultsOf, loadText, webhook } from './memory-files.js';

const HEAD = 'webhooks:\n  - name: Ops\n';
const URL_LINE = '    url: https://a.example.com\n';

describe('YAML errors, reworded, with their place', () => {
  test.each<[what: string, text: string, faults: readonly string[]]>([
    [
      'a tab in each line',
      'webhooks:\n\t- name: a\n\t  url: b\n\t  id: c\n',
      ['2:1 tab: a tab in the indentation'],
    ],
    ['a tab', `${HEAD}\turl: https://a.example.com\n`, ['3:1 tab: a tab in the indentation']],
    [
      'an open quote',
      `webhooks:\n  - name: "Ops\n${URL_LINE}`,
      ['2:11 open-quote: a string that starts with " has no closing "'],
    ],
    ['an open bracket', `ignore: [a, b\n${HEAD}${URL_LINE}`, ['1:9 open-bracket: a [ has no closing ]']],
    ['an open brace', 'webhooks:\n  - { name: a\n', ['2:5 open-bracket: a { has no closing }']],
    ['a bracket too many', 'webhooks: []]\n', ['1:13 yaml-syntax: unexpected character']],
    ['wrong indentation', `${HEAD}   url: https://a.example.com\n`, ['3:1 yaml-syntax: wrong indentation']],
    [
      'too much indentation',
      `${HEAD}      url: https://a.example.com\n`,
      ['2:11 yaml-syntax: this and the next line are read as one key'],
    ],
    [
      'no space after the colon',
      'webhooks:\n  - name:a\n    url: b\n',
      ['2:5 yaml-syntax: this and the next line are read as one key'],
    ],
    [
      'two fields on one line',
      `webhooks:\n  - name: a: b\n${URL_LINE}`,
      ['2:11 yaml-syntax: a second "key: value" on one line'],
    ],
    [
      'a reserved character',
      `webhooks:\n  - name: @ops\n${URL_LINE}`,
      ['2:11 yaml-syntax: an unquoted string cannot start with this character'],
    ],
    [
      'an unknown escape',
      'webhooks: [{ name: "\\q", url: "https://a.example.com" }]',
      ['1:21 yaml-syntax: unknown escape in a double-quoted string'],
    ],
    [
      'a merge conflict',
      `<<<<<<< HEAD\n${HEAD}${URL_LINE}=======\nwebhooks: []\n>>>>>>> b\n`,
      ['1:1 merge-conflict: an unresolved merge conflict'],
    ],
    [
      'a merge conflict in the list',
      `webhooks:\n<<<<<<< HEAD\n${HEAD}${URL_LINE}=======\n>>>>>>> b\n`,
      ['2:1 merge-conflict: an unresolved merge conflict'],
    ],
    [
      'a loop of a template',
      'webhooks:\n{{- range .x }}\n- name: {{ .n }}\n{{- end }}\n',
      ['2:1 placeholder: a template {{ … }} that is not filled in'],
    ],
    [
      'a loop of another template',
      'webhooks:\n{% for x in y %}\n- name: a\n{% endfor %}\n',
      ['2:1 placeholder: a template {% … %} that is not filled in'],
    ],
    [
      'a field twice',
      webhook('    url: https://b.example.com'),
      ['4:5 duplicate-key: the field "url" appears twice'],
    ],
    [
      'an unknown tag',
      'webhooks: [{ name: !env OPS, url: "https://a.example.com" }]',
      ['1:20 unknown-tag: unknown YAML tag'],
    ],
    [
      'an undefined alias',
      webhook('    secret: *ops'),
      ['4:13 dangling-alias: an alias (*name) to an undefined anchor'],
    ],
    [
      'an undefined alias as a name',
      'webhooks:\n  - name: *ops\n    url: https://a.example.com',
      ['2:11 dangling-alias: an alias (*name) to an undefined anchor'],
    ],
    [
      'a template',
      'webhooks:\n  - name: a\n    url: https://a.example.com\n    id: {{ id }}\n',
      ['4:10 placeholder: a template {{ … }} that is not filled in'],
    ],
    ['a key that is a list', '[a]: b\nwebhooks: []', ['1:1 non-text-key: a key must be a string']],
    ['a key that is a number', '1: a\nwebhooks: []', ['1:1 unknown-field: unknown field']],
    [
      'an alias in itself',
      'webhooks: &w [*w]',
      ['1:15 alias-loop: an alias inside the value that it refers to'],
    ],
    ['an empty file', '', ['1:1 empty-file: this file is empty']],
    ['only comments', '# a\n---\n', ['1:1 empty-file: this file is empty']],
    [
      'an empty document',
      'webhooks: []\n---\n---\nwebhooks: []',
      ['2:4 empty-document: this document is empty'],
    ],
  ])('%s', async (_what, text, faults) => {
    const options = text.includes('---\nwebhooks') ? { needAccountId: false } : {};
    const found = await faultsOf(text, options);
    expect(
      found.filter((line) => !line.includes('duplicate-account') && !line.includes('wrong-type: a webhook')),
    ).toEqual(faults);
  });

  test.each<[what: string, bytes: Uint8Array, fault: object]>([
    [
      'Latin-1',
      Buffer.from('# é\nwebhooks: [] # caf\u00e9', 'latin1'),
      { line: 1, column: 3, code: 'encoding' },
    ],
    [
      'Latin-1 in a later line',
      Buffer.concat([Buffer.from('# é\n# a'), Buffer.from([0xe9])]),
      { line: 2, column: 4 },
    ],
    [
      'UTF-16',
      Buffer.from('\ufeffwebhooks: []', 'utf16le'),
      { code: 'encoding', message: 'the file is UTF-16, not UTF-8' },
    ],
    ['a NUL byte', Buffer.from('webhooks:\n  a\0'), { line: 2, column: 4, code: 'encoding' }],
    ['17 MB', Buffer.alloc(17 * 1024 * 1024, 0x20), { code: 'too-large', line: 1 }],
  ])('%s', async (_what, bytes, expected) => {
    const { diagnostics } = await loadText(bytes);
    expect(diagnostics).toMatchObject([{ severity: 'error', ...expected }]);
  });

  test('ignores a UTF-8 byte order mark', async () => {
    expect(await faultsOf('\ufefffoo: 1\nwebhooks: []')).toEqual(['1:1 unknown-field: unknown field "foo"']);
  });
});

test.each([
  [
    'webhooks:\n  - name: A\n   url: b\n',
    'Here, fields start in column 1 or 5, and items (-) start in column 3.',
  ],
  [
    'webhooks:\n  - name: A\n     url: b\n',
    'Here, fields start in column 1 or 5, and items (-) start in column 3.',
  ],
  ['a: 1\n\n b: 2\n', 'indent the next line less. Here, fields start in column 1.'],
  ['webhooks: []\n - a\n', 'Here, fields start in column 1.'],
  [
    `${HEAD}${URL_LINE}    secret:\n      env: A\n       version: 1\n`,
    'Here, fields start in column 1, 5 or 7, and items (-) start in column 3.',
  ],
  [`${HEAD}${URL_LINE} - name: B\n   url: b`, 'and items (-) start in column 3.'],
  [`${HEAD}${URL_LINE}  unlisted: keep`, 'Here, fields start in column 1 or 5'],
  ['- a\n   - b: c\n  -d: e', 'Here, items (-) start in column 1.'],
])('the hint for wrong indentation says which columns fit: %j', async (text, columns) => {
  const { diagnostics } = await loadText(text);
  expect(diagnostics.map(({ hint }) => hint)).toContainEqual(expect.stringContaining(columns));
});

const EIGHT = `
account_id: 023e105f4ecef8ad9ca31a8372d0c353
unlisted: deleet
webhooks:
  - name: Ops
    url: https://hooks.slack.com/services/T0/B0/canary
    secert: { env: OPS_TOKEN }
  - name: Ops
    url: relay.example.com
    url: https://relay.example.com
  - name: Broken: here
    url: https://relay.example.com
  - name: Last
    url: https://relay.example.com
    secret: canary
    id: 12
`;

test('reports all eight errors of a file', async () => {
  expect(await faultsOf(EIGHT)).toEqual([
    '3:11 bad-value: unlisted: must be "delete" or "keep"',
    '6:10 url-token: url: contains a Slack token',
    '7:5 unknown-field: unknown field "secert": did you mean "secret"?',
    '8:11 duplicate-name: duplicate name "Ops"',
    '9:10 bad-url: url: not an absolute http or https URL',
    '10:5 duplicate-key: the field "url" appears twice',
    '11:11 yaml-syntax: a second "key: value" on one line',
    '15:13 literal-secret: secret: a literal secret',
    '16:9 wrong-type: id: must be a string, not a number',
  ]);
});

describe('one mistake is one error, whose hint is what to write', () => {
  const list = [
    'webhooks:',
    '  - name: A',
    '    url: https://a.example',
    '  - name: B',
    '    url: https://b.example',
    '    secret: { env: B_SECRET }',
    '  - name: C',
    '    url: https://c.example',
    'policies:',
    '  - name: P',
    '    webhooks: [B]',
  ].join('\n');

  test.each([
    ['the first item without its dash', '  - name: A', '    name: A', [2, 'starts with "- name:"']],
    ['an item without its dash', '  - name: B', '    name: B', [4, 'write "- " before its first field']],
    [
      'an item that starts in the column of the dash',
      '  - name: B',
      '  name: B',
      [4, 'write "- " before it.'],
    ],
    ['the last such item', '  - name: C', '  name: C', [7, 'write "- " before it.']],
    ['no space after the first dash', '  - name: A', '  -name: A', [2, 'Write a space after the "-".']],
    ['no space after a dash', '  - name: B', '  -name: B', [4, 'Write a space after the "-".']],
    ['a misspelled list', 'webhooks:\n', 'webhook:\n', [1, 'A document has']],
    ['an open bracket', '{ env: B_SECRET }', '{ env: B_SECRET', [6, 'Close it']],
    ['an open list', '[B]', '[B', [11, 'Close it']],
  ] as const)('%s', async (_, right, wrong, [line, hint]) => {
    const { diagnostics } = await loadText(list.replace(right, wrong));
    expect(diagnostics.map((each) => [each.line, each.hint])).toEqual([
      [line, expect.stringContaining(hint)],
    ]);
  });

  test('but what is repeated without a second name is reported each time', async () => {
    const text =
      'webhooks:\n  - name: A\n    url: https://a.example\n    url: x\n    secret: none\n    secret: none\n';
    const { diagnostics } = await loadText(text);
    expect(diagnostics.map(({ line }) => line)).toEqual([4, 6]);
  });

  test('and a broken line in another list is reported too', async () => {
    const text = list.replace('  - name: B', '  name: B').replace('  - name: P', '  - name: P: Q');
    const { diagnostics } = await loadText(text);
    expect(diagnostics.map(({ line }) => line)).toEqual([4, 10]);
  });
});
