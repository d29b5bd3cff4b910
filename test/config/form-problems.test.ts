import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, faultsOf, loadText, webhook } from './memory-files.js';

const ok = 'name: Ops, url: "https://relay.example.com/cf"';
const one = (fields: string): string => `webhooks: [{ ${ok}, ${fields} }]`;
const URL_ITEM = (url: string): string => `webhooks: [{ name: Ops, url: ${url} }]`;

describe('problems of form, with their place', () => {
  test.each<[what: string, text: string, faults: readonly string[]]>([
    [
      'a misspelled field',
      webhook('    secert: { env: A }'),
      ['4:5 unknown-field: unknown field "secert": did you mean "secret"?'],
    ],
    [
      'a misspelled required field is not missing as well',
      'webhooks:\n  - nmae: a\n    url: https://a.example.com',
      ['2:5 unknown-field: unknown field "nmae": did you mean "name"?'],
    ],
    ['an unknown field of the document', 'foo: 1\nwebhooks: []', ['1:1 unknown-field: unknown field "foo"']],
    [
      'an item whose key is its name',
      'webhooks: []\npolicies:\n  - Origin errors: [Ops]\n',
      ['3:5 unknown-field: unknown field "Origin errors"'],
    ],
    [
      'no space after a colon in a mapping',
      'webhooks: [{name:Ops, url: {env:OPS_URL}}]',
      ['1:13 unknown-field: no space after "name:"', '1:29 unknown-field: no space after "env:"'],
    ],
    [
      'a field that may be in a merged mapping',
      'x-b: &b { url: "https://a.example.com" }\nwebhooks:\n  - name: A\n    <<: *b',
      ['4:5 unknown-field: unknown field "<<"'],
    ],
    ['a merge key', webhook('    <<: { id: 1 }'), ['4:5 unknown-field: unknown field "<<"']],
    ['__proto__', '__proto__: { a: 1 }\nwebhooks: []', ['1:1 unknown-field: unknown field "__proto__"']],
    ['no webhooks', 'unlisted: keep', ['1:1 missing-webhooks: missing field "webhooks"']],
    [
      'webhooks without a value',
      'unlisted: keep\nwebhooks:\n',
      ['2:1 missing-webhooks: webhooks: the list is missing'],
    ],
    [
      'webhooks as a mapping',
      'webhooks:\n  a: 1',
      ['2:3 wrong-type: webhooks: must be a list, not a mapping'],
    ],
    ['a list as the document', '- a', ['1:1 wrong-type: a document must be a mapping, not a list']],
    ['a string as the document', 'hello', ['1:1 wrong-type: a document must be a mapping, not a string']],
    [
      'an entry that is a string',
      'webhooks:\n  - a',
      ['2:5 wrong-type: a webhook must be a mapping with name and url, not a string'],
    ],
    [
      'an empty entry',
      'webhooks:\n  -\n',
      ['2:4 wrong-type: a webhook must be a mapping with name and url, not empty'],
    ],
    ['no name', 'webhooks:\n  - url: https://a.example.com', ['2:5 missing-field: missing field "name"']],
    ['no URL', 'webhooks:\n  - name: a', ['2:5 missing-field: missing field "url"']],
    [
      'a name that is a number',
      'webhooks: [{ name: 12, url: "https://a.example.com" }]',
      ['1:20 wrong-type: name: must be a string, not a number'],
    ],
    [
      'an empty name',
      'webhooks: [{ name: " ", url: "https://a.example.com" }]',
      ['1:20 empty: name: must not be empty'],
    ],
    [
      'a name without a value',
      'webhooks:\n  - name:\n    url: https://a.example.com',
      ['2:5 wrong-type: name: must be a string, not empty'],
    ],
    [
      'a URL that is a number',
      URL_ITEM('42'),
      ['1:30 wrong-type: url: must be a string, { env: NAME } or { file: PATH }, not a number'],
    ],
    [
      'a URL that is a list',
      URL_ITEM('[a]'),
      ['1:30 wrong-type: url: must be a string, { env: NAME } or { file: PATH }, not a list'],
    ],
    ['an empty URL', URL_ITEM('""'), ['1:30 empty: url: must not be empty']],
    [
      'an empty mapping as the URL',
      URL_ITEM('{}'),
      ['1:30 missing-field: url: must be a string, { env: NAME } or { file: PATH }'],
    ],
    [
      'a misspelled env',
      URL_ITEM('{ evn: A }'),
      ['1:32 unknown-field: unknown field "evn": did you mean "env"?'],
    ],
    [
      'a URL with env and file',
      URL_ITEM('{ env: A, file: b }'),
      ['1:40 env-and-file: url: use either env or file, not both'],
    ],
    [
      'an invalid variable name',
      URL_ITEM('{ env: $A }'),
      ['1:37 bad-env-name: env: not the name of an environment variable'],
    ],
    [
      'an env that is not a string',
      URL_ITEM('{ env: [A] }'),
      ['1:37 wrong-type: env: must be the name of a variable, not a list'],
    ],
    [
      'a version that is a list',
      URL_ITEM('{ env: A, version: [1] }'),
      ['1:49 wrong-type: version: must be a string, a number or a boolean, not a list'],
    ],
    [
      'a secret with env and file',
      one('secret: { env: A, file: b }'),
      ['1:80 env-and-file: secret: use either env or file, not both'],
    ],
    [
      'a secret without a value',
      webhook('    secret:'),
      ['4:5 wrong-type: secret: must be { env: NAME }, { file: PATH } or none, not empty'],
    ],
    [
      'an empty mapping as the secret',
      one('secret: {}'),
      ['1:70 missing-field: secret: must be { env: NAME }, { file: PATH } or none'],
    ],
    ['a secret with value', one('secret: { value: abc }'), ['1:72 unknown-field: unknown field "value"']],
    ['an empty file', one('secret: { file: "" }'), ['1:78 empty: file: must not be empty']],
    [
      'an unknown word',
      'unlisted: deleet\nwebhooks: []',
      ['1:11 bad-value: unlisted: must be "delete" or "keep"'],
    ],
    ['not a word', 'unlisted: true\nwebhooks: []', ['1:11 bad-value: unlisted: must be "delete" or "keep"']],
    ['nothing', 'unlisted:\nwebhooks: []', ['1:1 bad-value: unlisted: must be "delete" or "keep"']],
    [
      'a variable of 300 characters',
      `webhooks: [{ name: Ops, url: { env: ${'A_'.repeat(150)} } }]`,
      ['1:37 too-long: env: longer than 255 characters'],
    ],
    [
      'a file that is not a string',
      one('secret: { file: 1 }'),
      ['1:78 wrong-type: file: must be a string, not a number'],
    ],
    [
      'a type of YAML 1.1',
      '%YAML 1.1\n---\nignore: [!!binary aGk=]\nwebhooks: []',
      ['3:19 unknown-tag: unsupported type of value', '3:19 wrong-type: ignore: must be a string, not empty'],
    ],
    [
      'an unknown strategy',
      'strategy: { url: inplace }\nwebhooks: []',
      ['1:18 bad-value: url: must be "replace" or "in-place"'],
    ],
    [
      'a strategy for something else',
      'strategy: { uri: replace }\nwebhooks: []',
      ['1:13 unknown-field: unknown field "uri": did you mean "url"?'],
    ],
    [
      'protect as a string',
      one('protect: maybe'),
      ['1:71 wrong-type: protect: must be true or false, not a string'],
    ],
    [
      'one name instead of a list',
      'absent: Old\nwebhooks: []',
      ['1:9 wrong-type: absent: must be a list of names, not a string'],
    ],
    [
      'a number among names',
      one('previously: [1]'),
      ['1:75 wrong-type: previously: must be a string, not a number'],
    ],
    ['an empty name among names', 'ignore: [""]\nwebhooks: []', ['1:10 empty: ignore: must not be empty']],
    ['an invalid ID', one('id: 12-34'), ['1:66 bad-id: id: not a valid webhook ID']],
    [
      'an invalid account ID',
      'account_id: abc\nwebhooks: []',
      ['1:13 bad-account-id: account_id: not a valid account ID'],
    ],
    [
      'an account ID of digits',
      'account_id: 12345678901234567890123456789012\nwebhooks: []',
      ['1:13 wrong-type: account_id: must be a string or a list, not a number'],
    ],
    ['no account in the list', 'account_id: []\nwebhooks: []', ['1:13 empty: account_id: the list is empty']],
    [
      'an invalid account among valid ones',
      `account_id: [${ACCOUNT}, x]\nwebhooks: []`,
      ['1:48 bad-account-id: account_id: not a valid account ID'],
    ],
    [
      'a name of 3 MB',
      `webhooks: [{ name: ${'x'.repeat(3e6)}, url: "https://a.example.com" }]`,
      ['1:20 too-long: name: longer than 1000 characters'],
    ],
    [
      'a URL of 9 KB',
      URL_ITEM(`"https://a.example.com/${'x'.repeat(9000)}"`),
      [
        '1:30 too-long: url: longer than 8192 characters',
        '1:30 warning url-credential: url: looks like a credential: https://a.example.com/…',
      ],
    ],
  ])('%s', async (_what, text, faults) => {
    expect(await faultsOf(text)).toEqual(faults);
  });
});

describe('a document of another tool', () => {
  test.each([
    [
      'apiVersion: v1\nkind: Secret\nmetadata: {}\nspec: {}\nstatus: {}\ntype: a',
      'apiVersion, kind, metadata, spec, status and 1 more',
    ],
    ['name: CI\non: push\njobs: {}', 'name, on, jobs'],
    ['x-a: 1\nservices: {}', 'services'],
    ['hooks: []', 'hooks'],
  ])('%j', async (text, fields) => {
    const faults = await faultsOf(`webhooks: []\n---\n${text}`);
    expect(faults).toEqual([
      expect.stringContaining(`missing-webhooks: not a desired-state file (its fields: ${fields})`),
    ]);
  });

  test('does not show a key that could be a secret', async () => {
    expect(await faultsOf('hunter2hunter2: a')).toEqual(['1:1 missing-webhooks: not a desired-state file']);
  });

  test.each(['x-a: 1', 'webhook: []', 'name: Ops\nurl: https://a.example.com', 'unlisted: keep'])(
    'not %j',
    async (text) => {
      expect((await faultsOf(text)).join('\n')).not.toContain('not a desired-state file');
    },
  );
});

describe('hints say what to do', () => {
  test.each([
    ['unlisted: keep', 'no webhooks, write "webhooks: []"'],
    ['webhooks:', 'To declare no webhooks, write "webhooks: []"'],
    ['webhooks:\nunlisted: keep', 'run hookwright import with -f and this file'],
    ['include: [a.yaml]', 'if all webhooks are in the included files, which count too'],
    [webhook('    previously: Pager'), 'Write it as a list: [Pager]'],
    [webhook('    previously: "a: b"'), 'Write it as a list: ["a: b"]'],
    [webhook('    previously: Zq81xLmP0sWvT7Zq81xLmP0sWvT7'), 'Write it as a list: [VALUE]'],
    ['webhooks: https://relay.example.com/cf', 'Write each webhook as an item of a list'],
    ['webhooks:\n  - Ops: https://relay.example.com/cf', 'write "- name: NAME"'],
    ['webhooks: []\npolicies:\n  - Origin errors: [Ops]', 'its list as "webhooks: [NAME]"'],
    ['name: a\nwebhooks: []', '"name" belongs to a webhook'],
    [webhook('    unlisted: keep'), '"unlisted" belongs at the top level'],
    [webhook('    type: slack'), 'Cloudflare derives the type'],
    [webhook('    <<: {}'), 'Merge keys are not part of YAML 1.2'],
    ['strategy: { url: auto }\nwebhooks: []', 'Write "replace", or remove the field.'],
    ['unlisted: deleet\nwebhooks: []', 'Did you mean "delete"?'],
    ['webhooks: [{ name: true, url: "https://a.example.com" }]', 'Quote it.'],
    [webhook('    secret: { value: abc }'), 'Never put the secret itself in the file'],
    [webhook('    secret: false'), 'secret: none if there is no secret'],
    ['unlisted: purge\nwebhooks: []', 'deleted (delete) or left alone (keep)'],
    ['policies:\n  Origin: [Ops]\nwebhooks: []', 'Write each policy as an item of a list'],
    ['webhooks:\n  - name: A\n    url: “https://a.example/”', 'straight quotes'],
    ['webhooks:\n  - name: A\n    url: https://${HOST}/x', 'url: { env: NAME }'],
    ['webhooks:\n  - name: A\n    url: ${OPS_URL}', 'url: { env: OPS_URL }'],
    ['include: ["teams/*.yaml"]\nwebhooks: []', 'List each file.'],
  ])('%j', async (text, hint) => {
    const { diagnostics } = await loadText(text);
    expect(diagnostics[0]?.hint).toContain(hint);
  });
});

describe('a policy that lists a name of no webhook', () => {
  const listing = (name: string): string =>
    `ignore: [Left alone]\nabsent: [Old]\nwebhooks: [{ ${ok}, previously: [Chat] }, { name: A, url: "https://a.example" }]\n` +
    `policies: [{ name: Origin, webhooks: [${name}] }]`;
  test.each([
    ['Opps', 'Did you mean "Ops"?'],
    ['B', '"id:" and the ID of one that is not managed'],
    ['Chat', 'now named "Ops"'],
    ['Old', 'listed under "absent"'],
    ['Left alone', 'Write "id:" and its ID'],
    ['b115d5ec15c641ee8b7692c449b5227b', 'write "id:" before it'],
  ])('%s', async (name, hint) => {
    const { diagnostics } = await loadText(listing(name));
    expect(diagnostics).toMatchObject([{ code: 'unknown-webhook', hint: expect.stringContaining(hint) }]);
  });
});
