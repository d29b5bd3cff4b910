import { describe, expect, test } from '@jest/globals';
import { loadDesired, type Loaded } from '../../src/config/load.js';
import type { LoadOptions } from '../../src/config/load-options.js';
import { ACCOUNT, loadText, memoryFiles, OPTIONS, OTHER_ACCOUNT, webhook } from './memory-files.js';

const FULL = `
# yaml-language-server: $schema=./schemas/hookwright.schema.json
account_id: ${ACCOUNT.toUpperCase()}
unlisted: delete
ignore: ["dash-*", "id:1dbdd679dc554259b0d1928b787d0dab"]
absent: [Old pager]
strategy:
  url: in-place
  secret: in-place
webhooks:
  - name: Ops Slack
    url: https://hooks.slack.com/services/T000/B000
    secret: { env: OPS_SLACK_TOKEN, version: 2 }
    previously: [Ops chat]
    protect: true
  - name: Relay
    url: { env: RELAY_URL, version: 1 }
  - name: Pinned
    id: B115D5EC-15C6-41EE-8B76-92C449B5227B
    url: https://relay.example.com/cf
    secret: none
  - name: dash-main
    url: https://relay.example.com/dash
    secret: { file: secrets/ops }
`;

describe('converts a file to desired accounts', () => {
  test('with every field', async () => {
    const { accounts, diagnostics, counts } = await loadText(FULL);
    expect(diagnostics).toEqual([]);
    expect(counts).toEqual({ files: 1, documents: 1, webhooks: 4 });
    expect(accounts).toEqual([
      {
        accountId: ACCOUNT,
        unlisted: 'delete',
        ignore: ['dash-*', 'id:1dbdd679dc554259b0d1928b787d0dab'],
        absent: ['Old pager'],
        strategy: { url: 'in-place', secret: 'in-place' },
        file: 'hookwright.yaml',
        source: 'hookwright.yaml:3',
        webhooks: [
          {
            name: 'Ops Slack',
            url: { kind: 'literal', url: 'https://hooks.slack.com/services/T000/B000' },
            secret: { kind: 'env', env: 'OPS_SLACK_TOKEN', version: '2' },
            previously: ['Ops chat'],
            protect: true,
          },
          {
            name: 'Relay',
            url: { kind: 'env', env: 'RELAY_URL', version: '1' },
            previously: [],
            protect: false,
          },
          {
            name: 'Pinned',
            id: 'b115d5ec15c641ee8b7692c449b5227b',
            url: { kind: 'literal', url: 'https://relay.example.com/cf' },
            secret: { kind: 'none' },
            previously: [],
            protect: false,
          },
          {
            name: 'dash-main',
            url: { kind: 'literal', url: 'https://relay.example.com/dash' },
            secret: { kind: 'file', file: 'secrets/ops', path: '/repo/secrets/ops' },
            previously: [],
            protect: false,
          },
        ],
      },
    ]);
  });

  test('with default values', async () => {
    const { accounts } = await loadText('webhooks: []');
    const strategy = { url: 'replace', secret: 'replace' };
    const source = 'hookwright.yaml:1';
    expect(accounts).toEqual([
      { accountId: ACCOUNT, ignore: [], absent: [], strategy, webhooks: [], file: 'hookwright.yaml', source },
    ]);
  });

  test('a list of accounts results in one account each, with the same webhooks', async () => {
    const { accounts } = await loadText(`account_id: [${ACCOUNT}, ${OTHER_ACCOUNT}]\n${webhook()}`);
    expect(accounts.map(({ accountId }) => accountId)).toEqual([ACCOUNT, OTHER_ACCOUNT]);
    expect(accounts[1]?.webhooks).toBe(accounts[0]?.webhooks);
  });

  test('each document is an account, except an empty one at the end', async () => {
    const text = `account_id: ${ACCOUNT}\nwebhooks: []\n---\naccount_id: ${OTHER_ACCOUNT}\nwebhooks: []\n---\n---\n`;
    const { accounts, diagnostics } = await loadText(text);
    expect(diagnostics).toEqual([]);
    expect(accounts.map(({ source }) => source)).toEqual(['hookwright.yaml:1', 'hookwright.yaml:4']);
  });

  test('a document without an account ID is still checked and counted', async () => {
    const { accounts, diagnostics, counts } = await loadDesired(
      { ...OPTIONS, accountId: '', needAccountId: false },
      memoryFiles({ 'hookwright.yaml': webhook() }),
    );
    expect({ accounts, diagnostics }).toEqual({ accounts: [], diagnostics: [] });
    expect(counts).toEqual({ files: 1, documents: 1, webhooks: 1 });
  });

  test('aliases have the value of their anchors', async () => {
    const text = webhook(
      '    secret: &ops { env: OPS }',
      '  - name: B',
      '    url: https://b.example.com',
      '    secret: *ops',
    );
    const { accounts, diagnostics } = await loadText(text);
    expect(diagnostics).toEqual([]);
    expect(accounts[0]?.webhooks.map(({ secret }) => secret)).toEqual([
      { kind: 'env', env: 'OPS' },
      { kind: 'env', env: 'OPS' },
    ]);
  });

  test('10,000 aliases of one secret are not an alias bomb', async () => {
    const more = Array.from(
      { length: 10_000 },
      (_, i) => `  - { name: n${i}, url: "https://b.example.com", secret: *s }`,
    );
    const { accounts, diagnostics } = await loadText(webhook('    secret: &s { env: OPS }', ...more));
    expect(diagnostics).toEqual([]);
    expect(accounts[0]?.webhooks).toHaveLength(10_001);
  });

  test('reads scalars as in YAML 1.2: yes is a string', async () => {
    const { accounts } = await loadText('webhooks: [{ name: yes, url: "https://b.example.com" }]');
    expect(accounts[0]?.webhooks[0]?.name).toBe('yes');
  });
});

describe('a URL from the environment', () => {
  const text = 'webhooks: [{ name: Relay, url: { env: RELAY_URL } }]';

  test('is wrapped', async () => {
    const { accounts } = await loadText(text, { env: { RELAY_URL: 'https://relay.example.com/canary' } });
    const url = accounts[0]?.webhooks[0]?.url;
    expect(url?.kind === 'env' && url.value?.reveal()).toBe('https://relay.example.com/canary');
    expect(JSON.stringify(accounts)).not.toContain('canary');
  });

  test.each([[undefined], ['']])('is absent if the variable is %p, without a warning', async (RELAY_URL) => {
    const { accounts, diagnostics } = await loadText(text, { env: { RELAY_URL } });
    expect(diagnostics).toEqual([]);
    expect(accounts[0]?.webhooks[0]?.url).toEqual({ kind: 'env', env: 'RELAY_URL' });
  });

  test.each([
    ['https://acme.webhook.office.com/webhookb2/canary', ['retired-host']],
    ['http://relay.internal/canary', ['http-url', 'private-host']],
    ['https://relay.example.com:8443/canary', ['port']],
  ])('warns of the same hosts as a literal URL (%j)', async (RELAY_URL, codes) => {
    const { diagnostics } = await loadText(text, { env: { RELAY_URL } });
    expect(diagnostics).toMatchObject(codes.map((code) => ({ severity: 'warning', code })));
    expect(JSON.stringify(diagnostics)).not.toContain('canary');
  });

  test.each([
    ['canary', 'is not an absolute http or https URL'],
    ['https://relay.example.com/canary\n', 'contains a newline'],
    ['<canary>', 'is a placeholder, not a secret'],
    ['https:\\/\\/relay.example.com\\/canary', 'contains a backslash'],
    ['"https://relay.example.com/canary"', 'is in quotes'],
    ['https://relay.example.com/canary ', 'starts or ends with a space'],
    ['https:/relay.example.com/canary', 'is not an absolute http or https URL'],
    ['https://relay.example.com/canary,https://b.example', 'contains a second URL'],
    ['https://relay.example.com/${CANARY}', 'contains a placeholder'],
  ])('reports an invalid value (%j)', async (RELAY_URL, reason) => {
    const { accounts, diagnostics } = await loadText(text, { env: { RELAY_URL } });
    expect(diagnostics).toMatchObject([
      {
        severity: 'error',
        code: 'url-env-unusable',
        message: `url: the environment variable RELAY_URL ${reason}`,
      },
    ]);
    expect(JSON.stringify(diagnostics)).not.toContain('canary');
    expect(accounts[0]?.webhooks[0]?.url).toEqual({ kind: 'env', env: 'RELAY_URL' });
  });
});

describe('a URL from a file', () => {
  const text = 'webhooks: [{ name: Relay, url: { file: secrets/relay } }]';
  const load = (url: string | undefined, options: Partial<LoadOptions> = {}): Promise<Loaded> => {
    const files = memoryFiles({
      'hookwright.yaml': text,
      ...(url !== undefined && { 'secrets/relay': url }),
    });
    return loadDesired({ ...OPTIONS, readFile: (path) => files.readFile(path), ...options }, files);
  };
  const reference = { kind: 'file', file: 'secrets/relay', path: '/repo/secrets/relay' };

  test('is wrapped', async () => {
    const { accounts, diagnostics } = await load('https://relay.example.com/canary\n');
    const url = accounts[0]?.webhooks[0]?.url;
    expect(diagnostics).toEqual([]);
    expect(url).toMatchObject(reference);
    expect(url?.kind === 'file' && url.value?.reveal()).toBe('https://relay.example.com/canary');
    expect(JSON.stringify(accounts)).not.toContain('canary');
  });

  test.each([[undefined], [''], ['\n']])('is absent if the file is %j', async (url) => {
    const { accounts, diagnostics } = await load(url);
    expect(diagnostics).toEqual([]);
    expect(accounts[0]?.webhooks[0]?.url).toEqual(reference);
  });

  test('is not read if reading is not allowed', async () => {
    const files = memoryFiles({
      'hookwright.yaml': text.replace('secrets/relay', '../outside'),
      '../outside': 'https://canary.example',
    });
    const read: string[] = [];
    const readFile = (path: string): Promise<undefined> => Promise.resolve(void read.push(path));
    const { diagnostics } = await loadDesired({ ...OPTIONS, readFile }, files);
    expect(diagnostics.map(({ code }) => code)).toEqual(['secret-file-outside']);
    expect(read).toEqual([]);
  });

  test('is reported if it is not valid', async () => {
    const { diagnostics } = await load('canary');
    expect(diagnostics).toMatchObject([
      {
        code: 'url-env-unusable',
        message: 'url: the file secrets/relay is not an absolute http or https URL',
      },
    ]);
  });
});

describe('the account', () => {
  const twice = `account_id: ${ACCOUNT}\nwebhooks: []\n`;

  test('declared twice, in two files: names both places', async () => {
    const { diagnostics } = await loadDesired(
      { ...OPTIONS, paths: ['a.yaml', 'b.yaml'] },
      memoryFiles({ 'a.yaml': `\n${twice}`, 'b.yaml': twice }),
    );
    expect(diagnostics).toMatchObject([{ file: 'b.yaml', line: 1, column: 13, code: 'duplicate-account' }]);
    expect(diagnostics[0]?.hint).toContain('a.yaml:2');
  });

  test.each([
    [
      'the same ID twice in a list',
      `account_id: [${ACCOUNT}, ${ACCOUNT}]\nwebhooks: []`,
      '1:48 duplicate-account',
    ],
    [
      'with its label, which is not a second error',
      `label: Production\n${twice}---\nlabel: Production\n${twice}`,
      '6:13 duplicate-account',
    ],
    ['an ID and the fallback', `${twice}---\nwebhooks: []`, '4:1 duplicate-account'],
    ['two documents without an account', 'webhooks: []\n---\nwebhooks: []', '3:1 duplicate-account'],
  ])('declared twice: %s', async (_what, text, expected) => {
    const { diagnostics } = await loadText(text);
    expect(diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([expected]);
  });

  test.each([
    ['a.yaml', 'b.yaml'],
    ['b.yaml', 'a.yaml'],
  ])('declared twice, once by the fallback: %s first', async (...paths) => {
    const { diagnostics } = await loadDesired(
      { ...OPTIONS, paths },
      memoryFiles({ 'a.yaml': 'webhooks: []', 'b.yaml': twice }),
    );
    expect(diagnostics).toMatchObject([{ file: paths[1], code: 'duplicate-account' }]);
    expect(diagnostics[0]?.hint).toBe(
      `It is first declared at ${paths[0]}:1. The document at a.yaml:1 has no account_id, so it got this one from --account or CLOUDFLARE_ACCOUNT_ID. Add its account_id.`,
    );
  });

  test.each([undefined, ACCOUNT])(
    'only digits, not quoted: a single error, with CLOUDFLARE_ACCOUNT_ID %p',
    async (accountId) => {
      const text = `account_id: 12345678901234567890123456789012\nwebhooks: []\n---\nwebhooks: []\n`;
      const { diagnostics } = await loadText(text, {
        needAccountId: accountId !== undefined,
        ...(accountId && { accountId }),
      });
      expect(diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
        '1:13 account_id: must be a string or a list, not a number',
      ]);
    },
  );

  test.each([
    [undefined, 'no account_id, and CLOUDFLARE_ACCOUNT_ID is not set'],
    ['nonsense', 'no account_id, and CLOUDFLARE_ACCOUNT_ID is not an account ID'],
  ])('missing, and CLOUDFLARE_ACCOUNT_ID is %p', async (accountId, message) => {
    const { paths, needAccountId, allowLiteralSecrets, secretDirs, env } = OPTIONS;
    const rest = { paths, needAccountId, allowLiteralSecrets, secretDirs, env };
    const files = memoryFiles({ 'hookwright.yaml': '\nwebhooks: []' });
    const { diagnostics } = await loadDesired({ ...rest, ...(accountId && { accountId }) }, files);
    expect(diagnostics).toMatchObject([{ line: 2, column: 1, message }]);
  });
});

test('a version is the text as it is written, without quotes', async () => {
  const versions = [
    '1.1',
    '1.10',
    '0x10',
    '"1"',
    "'1'",
    '1',
    'true',
    '.inf',
    '2026-11-26',
    '20261126000000000001',
  ];
  const entry = (version: string, i: number): string =>
    `  - { name: n${i}, url: "https://a.example.com", secret: { env: A, version: ${version} } }\n`;
  const { accounts, diagnostics } = await loadText(
    `webhooks:\n${versions.map(entry).join('')}  - { name: by alias, url: "https://a.example.com", secret: { env: A, version: *v } }\n`.replace(
      'version: 1.10',
      'version: &v 1.10',
    ),
  );
  expect(diagnostics).toEqual([]);
  expect(accounts[0]?.webhooks.map(({ secret }) => secret)).toEqual(
    ['1.1', '1.10', '0x10', '1', '1', '1', 'true', '.inf', '2026-11-26', '20261126000000000001', '1.10'].map(
      (version) => ({ kind: 'env', env: 'A', version }),
    ),
  );
});
