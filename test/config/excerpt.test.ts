import { describe, expect, test } from '@jest/globals';
import { loadText } from './memory-files.js';

/** Returns the excerpts of all diagnostics, each followed by a line that marks the place. */
async function shown(text: string): Promise<readonly string[]> {
  const { diagnostics } = await loadText(text);
  return diagnostics.map(({ excerpt }) => {
    const column = excerpt?.column ?? 1;
    return `${excerpt?.text ?? ''}\n${' '.repeat(column - 1)}${'~'.repeat(excerpt?.width ?? 0)}`;
  });
}

describe('shows the source line, but nothing that could be a secret', () => {
  test.each<[what: string, text: string, excerpt: string]>([
    ['a harmless line', 'unlisted: deleet\nwebhooks: []', 'unlisted: deleet\n          ~~~~~~'],
    [
      'a reference',
      'webhooks: [{ name: A, url: { env: URL_A, version: 3, x: canary } }]',
      'webhooks: [{ name: A, url: { env: URL_A, version: 3, …: … } }]\n                                                     ~',
    ],
    [
      'a chat URL',
      'webhooks:\n  - name: A\n    url: https://hooks.slack.com/services/T0/B0/canary # canary',
      `    url: https://hooks.slack.com/services/T0/B0/… # …\n         ${'~'.repeat(40)}`,
    ],
    [
      'a mark after a mask',
      'webhooks: [{ name: A, url: "https://a.example.com", secret: none, bar: canary, protect: 1 }]',
      'webhooks: [{ name: A, url: "https://a.example.com", secret: none, bar: …, protect: 1 }]\n' +
        `${' '.repeat(66)}~~~`,
    ],
    [
      'a literal secret',
      'webhooks:\n  - name: A\n    url: https://a.example.com\n    secret: canary',
      '    secret: …\n            ~',
    ],
    ['text that is not an entry', 'webhooks:\n  - canary canary', '  - …\n    ~'],
    [
      'a token as the name of a variable',
      'webhooks:\n  - name: A\n    url: https://a.example.com\n    secret: { env: xoxb-canary }',
      '    secret: { env: … }\n                   ~',
    ],
    ['a token as the name', 'absent: canary7Kq2Zx9LmN4pR7tV\nwebhooks: []', 'absent: …\n        ~'],
    [
      'a block',
      'webhooks:\n  - name: A\n    url: https://a.example.com\n    secret: |\n      name: canary\n',
      '    secret: …\n            ~',
    ],
    [
      'the name of a policy',
      'policies: [{ name: Origin, webhooks: [Opz] }]\nwebhooks: []',
      'policies: [{ name: Origin, webhooks: [Opz] }]\n                                      ~~~',
    ],
    [
      'fields that policies do not have',
      'policies: [{ name: Origin, webhooks: [], token: canary }]\nwebhooks: []',
      'policies: [{ name: Origin, webhooks: [], token: … }]\n                                         ~~~~~',
    ],
    [
      'a URL as it is written, if nothing in it is hidden',
      'webhooks:\n  - name: A\n    url: HTTP://Relay.Example.com/${X}',
      '    url: HTTP://Relay.Example.com/${X}\n         ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~',
    ],
    ['a tab', 'foo:\tcanary\nwebhooks: []', 'foo: …\n~~~'],
  ])('%s', async (_what, text, excerpt) => {
    expect((await shown(text))[0]).toBe(excerpt);
  });

  test('shortens a long line to the part around the place', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `name${i}`).join(', ');
    const [excerpt = ''] = await shown(`webhooks: []\nignore: [${names}, "id:12", ${names}]`);
    const [line = '', mark = ''] = excerpt.split('\n');
    expect(line.length).toBeLessThan(170);
    expect(line).toMatch(/^….*…$/);
    expect(line.slice(mark.indexOf('~'), mark.length)).toBe('"id:12"');
  });

  test('does not include a Windows line ending', async () => {
    expect((await shown('foo: 1\r\nwebhooks: []\r\n'))[0]).toBe('foo: …\n~~~');
  });
});

const C = 'canary';
const AROUND = 'webhooks:\n  - name: A\n    url: https://a.example.com\n    ';

describe('no part of a diagnostic contains a secret', () => {
  test.each([
    `${AROUND}secret: ${C}`,
    `${AROUND}secret: "${C}`,
    `${AROUND}secret: ${C}: ${C}`,
    `${AROUND}secret: [${C}, {${C}: ${C}}]`,
    `${AROUND}secret: { ${C}: ${C} }`,
    `${AROUND}secret: { env: "${C} x" }`,
    `${AROUND}secret: { env: ${C}-x, file: "${C}://x" }`,
    `${AROUND}secret: *${C}`,
    `${AROUND}secret: &${C} 1`,
    `${AROUND}secret: !${C} 1`,
    `${AROUND}secret: >\n  ${C}\n    - name: ${C}`,
    `${AROUND}secret: ${C}\n     name: ${C}\n  url: ${C}`,
    `${AROUND}secret: @${C}`,
    `${AROUND}secret: %${C}`,
    `${AROUND}secret: '${C}' ${C}`,
    `${AROUND}secret:${C}\n    foo: 1`,
    `${AROUND}\tsecret: ${C}`,
    `${AROUND}secert: ${C}`,
    `${AROUND}version: ${C}`,
    `${AROUND}secret: { env: A, version: "${C} ${C}", b: 1 }`,
    `foo: {name: ${C}, url: ${C}, id: ${C}}\nwebhooks: []`,
    `strategy: { secret: ${C} }\nwebhooks: []`,
    `webhooks: [{ name: A, url: "https://${C}:${C}@a.example.com/?token=${C}#key=${C}" }, 1]`,
    `webhooks: [{ name: A, url: "${C}" }]`,
    `webhooks: [{ name: A, url: "a.example.com/${C}" }]`,
    `webhooks: [{ name: A, url: "ftp://a.example.com/${C}" }]`,
    `webhooks: [{ name: A, url: https://hooks.slack.com/services/T0/B0/${C}, 1: 2 }`,
    `webhooks: [{ name: "https://hooks.slack.com/services/T0/B0/${C} [hookwright: replaces 0a1b2c3d]", url: "https://a.example.com" }]`,
    `%${C}\n---\nwebhooks: [1]`,
    `- ${C}`,
    C,
    `${C}7: 1`,
    `name: ${C}7 ${C}: x: y`.repeat(40),
  ])('%j', async (text) => {
    const { diagnostics } = await loadText(text);
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(JSON.stringify(diagnostics)).not.toContain(C);
  });
});
