import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { newFile } from '../../src/commands/import/import-merge.js';
import { openEditor, SERVER, type Editor, type Place } from './language-server.js';
import { serveSchemas } from './published-schemas.js';

jest.setTimeout(60_000);
const present = existsSync(SERVER);
if (!present) console.warn('The schema is not tried in an editor: yaml-language-server is not installed.');

const SCHEMA = pathToFileURL(path.resolve(import.meta.dirname, '../../schemas/hookwright.schema.json')).href;

/** A text and the place of the `¦` in it. */
function cursor(marked: string): { readonly text: string; readonly place: Place } {
  const before = marked.slice(0, marked.indexOf('¦')).split('\n');
  return {
    text: marked.replace('¦', ''),
    place: { line: before.length - 1, character: before.at(-1)?.length ?? 0 },
  };
}

(present ? describe : describe.skip)('in an editor, the schema', () => {
  let editor: Editor;
  beforeAll(async () => {
    editor = await openEditor('file:///repo/hookwright.yaml', { schema: SCHEMA });
  });
  afterAll(() => editor.close());

  async function completed(marked: string): Promise<readonly string[]> {
    const { text, place } = cursor(marked);
    await editor.type(text);
    const answer = (await editor.ask('completion', place)) as {
      readonly items: { readonly label: string }[];
    };
    return answer.items.map(({ label }) => label);
  }

  async function hovered(marked: string): Promise<string> {
    const { text, place } = cursor(marked);
    await editor.type(text);
    const answer = (await editor.ask('hover', place)) as {
      readonly contents: { readonly value: string };
    } | null;
    return answer?.contents.value ?? '';
  }

  test('finds nothing to say about a good file', async () => {
    const good =
      'unlisted: keep\nwebhooks:\n  - name: A\n    url: https://a.example/\n    secret: { env: A_SECRET }\n';
    expect(await editor.type(good)).toEqual([]);
  });

  test.each([
    ['an unknown field', 'webhooks:\n  - name: A\n    url: https://a.example/\n    secert: x\n', 3, /secert/],
    ['a missing list', 'unlisted: keep\n', 0, /webhooks/],
    ['a missing url', 'webhooks:\n  - name: A\n', 1, /url/],
    ['a value that is none of the few', 'unlisted: perhaps\nwebhooks: []\n', 0, /"delete"|"keep"/],
    ['an account id that is none', 'account_id: abc\nwebhooks: []\n', 0, /./],
  ])('underlines %s', async (_, text, line, message) => {
    const problems = await editor.type(text);
    expect(problems.map((problem) => problem.range.start.line)).toContain(line);
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message);
  });

  test.each([
    ['the top', 'webhooks: []\n¦', ['account_id', 'unlisted', 'ignore', 'absent', 'strategy']],
    ['a webhook', 'webhooks:\n  - name: A\n    ¦', ['url', 'secret', 'id', 'previously', 'protect']],
    ['unlisted', 'webhooks: []\nunlisted: ¦', ['delete', 'keep']],
    ['strategy.url', 'webhooks: []\nstrategy:\n  url: ¦', ['replace', 'in-place']],
    [
      'a secret',
      'webhooks:\n  - name: A\n    url: https://a.example/\n    secret:\n      ¦',
      ['env', 'file'],
    ],
  ])('completes %s', async (_, marked, labels) => {
    expect(await completed(marked)).toEqual(expect.arrayContaining(labels));
  });

  test.each([
    ['unlisted', 'web¦hooks: []\n', /should exist/],
    [
      'previously',
      'webhooks:\n  - name: A\n    url: https://a.example/\n    prev¦iously: [B]\n',
      /Earlier names|rename/i,
    ],
    [
      'protect',
      'webhooks:\n  - name: A\n    url: https://a.example/\n    pro¦tect: true\n',
      /deleted or replaced/i,
    ],
    ['unlisted', 'un¦listed: keep\nwebhooks: []\n', /not in this file/],
  ])('explains %s', async (_, marked, text) => {
    expect(await hovered(marked)).toMatch(text);
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
(present && hasOpenssl ? describe : describe.skip)('in a directory without the schema', () => {
  test("the first line of import's files is enough: the schema comes from its $id", async () => {
    const internet = await serveSchemas();
    const editor = await openEditor('file:///somewhere/else/hookwright.yaml', { network: internet });
    try {
      const head =
        newFile('023e105f4ecef8ad9ca31a8372d0c353', { entries: [], ignored: [], routes: [] }).split(
          '\n',
        )[0] ?? '';
      expect(await editor.type(`${head}\nwebhooks: []\n`)).toEqual([]);
      const problems = await editor.type(`${head}\nwebhooks: []\nunlistde: keep\n`);
      expect(problems.map(({ message }) => message).join('\n')).toMatch(/unlistde/);
      const answer = (await editor.ask('hover', { line: 1, character: 3 })) as {
        readonly contents: { readonly value: string };
      } | null;
      expect(answer?.contents.value).toMatch(/should exist/);
      expect(internet.asked()).toEqual(['raw.githubusercontent.com:443']);
    } finally {
      await editor.close();
      await internet.stop();
    }
  });
});
