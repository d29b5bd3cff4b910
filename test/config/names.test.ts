import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { faultsOf, loadText } from './memory-files.js';

const listed = (item: string): string =>
  `webhooks:\n  - name: Ops\n    url: https://a.example.com\n    previously:\n      - ${item}\n`;

describe('a name that YAML cuts', () => {
  test.each<[what: string, text: string, problems: readonly string[]]>([
    [
      'a comment that touches a name',
      'webhooks:\n  - name: Discord #alerts\n    url: https://a.example.com',
      ['2:11 cut-name: YAML reads "#" as a comment, and only "Discord" as the name'],
    ],
    [
      'an anchor in a name',
      'webhooks:\n  - name: &ops team\n    url: https://a.example.com',
      ['2:16 cut-name: YAML reads "&" as an anchor, and only "team" as the name'],
    ],
    [
      'an anchor and no name',
      'webhooks:\n  - name: &Ops\n    url: https://a.example.com',
      ['2:15 cut-name: YAML reads "&" as an anchor, so the name is empty'],
    ],
    [
      'a comment and no name',
      'webhooks:\n  - name: #ops\n    url: https://a.example.com',
      ['2:11 cut-name: YAML reads "#" as a comment, so the name is empty'],
    ],
    [
      'an anchor and no name under previously',
      listed('&Ops'),
      ['5:13 cut-name: YAML reads "&" as an anchor, so the name is empty'],
    ],
    [
      'in a label',
      'label: Team #1\nwebhooks: []',
      ['1:8 cut-name: YAML reads "#" as a comment, and only "Team" as the name'],
    ],
    ['no list', 'webhooks: #none', ['1:1 missing-webhooks: webhooks: the list is missing']],
    [
      'under previously',
      listed('Ops  #old'),
      ['5:9 cut-name: YAML reads "#" as a comment, and only "Ops" as the name'],
    ],
    [
      'under absent',
      'absent:\n  - Ops\t#old\nwebhooks: []',
      ['2:5 cut-name: YAML reads "#" as a comment, and only "Ops" as the name'],
    ],
    [
      'under ignore',
      'ignore:\n  - dash-* #all\nwebhooks: []',
      ['2:5 cut-name: YAML reads "#" as a comment, and only "dash-*" as the name'],
    ],
    [
      'in policies',
      'policies:\n  - name: Origin #1\n    webhooks:\n      - id:b115d5ec15c641ee8b7692c449b5227b #ops\nwebhooks: []',
      [
        '2:11 cut-name: YAML reads "#" as a comment, and only "Origin" as the name',
        '4:9 cut-name: YAML reads "#" as a comment, and only "…" as the name',
      ],
    ],
    [
      'through an alias to a value under x-',
      'x-names: &e [&a B]\nwebhooks: [{ name: A, url: "https://a.example.com", previously: *e }]\nabsent: *e',
      ['1:17 cut-name: YAML reads "&" as an anchor, and only "B" as the name'],
    ],
    [
      'aliases to one name',
      'x-name: &n Ops #1\nabsent: [*n]\npolicies: [{ name: *n, webhooks: [] }]\nwebhooks: []',
      ['1:12 cut-name: YAML reads "#" as a comment, and only "Ops" as the name'],
    ],
  ])('%s', async (_what, text, problems) => {
    expect(await faultsOf(text)).toEqual(problems);
  });

  test.each([
    'webhooks:\n  - name: Ops # alerts\n    url: https://a.example.com',
    'webhooks:\n  - name: "Ops #alerts"\n    url: https://a.example.com',
    "webhooks:\n  - name: 'Ops' #alerts\n    url: https://a.example.com",
    'webhooks:\n  - name: Ops#alerts\n    url: https://a.example.com',
    'webhooks:\n  - name: &a "Ops"\n    url: https://a.example.com',
    'x-name: &a Ops # alerts\nwebhooks:\n  - name: *a\n    url: https://a.example.com',
    'webhooks:\n  - name: Ops\n    #alerts\n    url: https://a.example.com',
    'absent:\n  - Old\n  #- Older\nwebhooks: []',
    'absent: # all\n  - Old\nwebhooks: []',
    'x-notes: [{ name: &a b }, { name: c #d\n }]\nwebhooks: []',
  ])('but not %j', async (text) => {
    expect(await faultsOf(text)).toEqual([]);
  });

  test('in brackets, the comment includes the bracket', async () => {
    const { diagnostics } = await loadText('absent: [Ops #old]\nwebhooks: []');
    expect(diagnostics[0]).toMatchObject({ code: 'open-bracket', line: 1, column: 9 });
    expect(diagnostics[0]?.hint).toContain('Quote a string that contains #.');
  });
});

describe('a placeholder in a name', () => {
  test.each([
    'ops-${STACK}',
    '{{ env }}',
    '##ENV##',
    '@@ENV@@',
    '$(X)',
    '$STACK',
    'a $STACK b',
    '${{ env.X }}',
  ])('%s', async (name) => {
    const text = `label: "${name}"\nabsent: ["a ${name}"]\nignore: ["${name}*"]\nwebhooks: [{ name: "b ${name}", url: "https://a.example.com", previously: ["c ${name}"] }]\npolicies: [{ name: "${name}", webhooks: ["b ${name}"] }]`;
    const found = await faultsOf(text);
    expect(found.map((line) => line.split(': ')[0])).toEqual([
      '1:8 placeholder',
      '2:10 placeholder',
      '3:10 placeholder',
      '4:20 placeholder',
      expect.stringMatching(/^4:\d+ placeholder$/),
      '5:20 placeholder',
      expect.stringMatching(/^5:\d+ placeholder$/),
    ]);
  });

  test.each(['Costs 5$', 'US$ alerts', '#1', '## Ops', 'a@@b', '{ops}', '$5', 'US$A', '$ops', '()'])(
    'but not %s',
    async (name) => {
      expect(await faultsOf(`webhooks: [{ name: "${name}", url: "https://a.example.com" }]`)).toEqual([]);
    },
  );
});

describe('a name means what a reader sees', () => {
  /** Characters that are special in YAML, text that looks like other types, and words. */
  const piece = fc.constantFrom(
    ...[
      '#',
      ' #',
      '# ',
      '&',
      '*',
      '!',
      '%',
      '@',
      '`',
      '"',
      "'",
      '|',
      '>',
      '-',
      '- ',
      '?',
      ':',
      ': ',
      ',',
      '[',
      ']',
      '{',
      '}',
    ],
    ...[
      '~',
      'null',
      'true',
      'no',
      '1',
      '1.10',
      '0x1f',
      '.inf',
      '2026-01-01',
      '\\',
      '/',
      '<<',
      '=',
      '$',
      '$A',
      '{{',
      '}}',
      '##',
    ],
    ...['Ops', 'team', 'é', '🚨', ' ', '  ', '\t', 'a', 'B'],
  );
  const written = fc.array(piece, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));

  /** Returns the name that someone sees after `name: ` who knows nothing of YAML except comments. */
  function seen(text: string): string {
    const [before = ''] = text.split(/\s#(?=\s|$)/);
    return before.trim();
  }

  /** Also matches quotes after an anchor or a tag, which are not part of the quoted text. */
  const isQuoted = (text: string): boolean => /^\s*(?:[&!]\S*\s+)*["']/.test(text);

  test('for an unquoted name that validate accepts', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(written, async (text) => {
        const { accounts, diagnostics } = await loadText(
          `webhooks:\n  - name: ${text}\n    url: https://a.example.com\n`,
        );
        if (diagnostics.some(({ severity }) => severity === 'error')) return;
        accepted += 1;
        const name = accounts[0]?.webhooks[0]?.name ?? '';
        if (!isQuoted(text)) expect(name).toBe(seen(text));
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });

  test('for unquoted names in a list', async () => {
    await fc.assert(
      fc.asyncProperty(written, async (text) => {
        const { accounts, diagnostics } = await loadText(`absent:\n  - ${text}\nwebhooks: []\n`);
        if (diagnostics.some(({ severity }) => severity === 'error')) return;
        if (!isQuoted(text)) expect(accounts[0]?.absent).toEqual([seen(text)]);
      }),
      { numRuns: 2000 },
    );
  });
});
