import { describe, expect, test } from '@jest/globals';
import { ACCOUNT, faultsOf, loadText, webhook } from './memory-files.js';

describe('values that are too long', () => {
  test.each<[string, string, string]>([
    [
      'a URL',
      `webhooks:\n  - { name: Ops, url: "https://a.example/${'x/'.repeat(5000)}" }`,
      'url: longer than 8192',
    ],
    ['a path', webhook(`    secret: { file: "${'x/'.repeat(5000)}" }`), 'file: longer than 4096'],
    ['a variable', webhook(`    secret: { env: ${'X'.repeat(300)} }`), 'env: longer than 255'],
  ])('%s is a problem of the file, not of the API', async (_, text, message) => {
    expect((await faultsOf(text)).join('\n')).toContain(`too-long: ${message}`);
  });

  test('a long name is truncated in a message', async () => {
    const name = 'Ops and on '.repeat(20).trim();
    const one = `  - { name: "${name}", url: "https://relay.example.com/cf" }\n`;
    const messages = (await faultsOf(`webhooks:\n${one}${one}`)).join('\n');
    expect(messages).toContain('"Ops and on Ops and on');
    expect(messages).toMatch(/duplicate name "Ops and on .*…"/);
    expect(messages).not.toContain(name);
  });
});

describe('secrets', () => {
  test('reports each file outside the allowed directories', async () => {
    const entry = (name: string): string =>
      `  - { name: ${name}, url: "https://relay.example.com/${name}", secret: { file: ../../hush } }\n`;
    const faults = await faultsOf(`webhooks:\n${entry('A')}${entry('B')}`);
    expect(
      faults.filter((line) => line.includes('secret-file-outside')).map((line) => line.split(':')[0]),
    ).toEqual(['2', '3']);
  });

  test('a literal that YAML reads as a number is an error even if literals are allowed', async () => {
    const faults = await faultsOf(webhook('    secret: 12345678'), { allowLiteralSecrets: true });
    expect(faults).toEqual(['4:13 wrong-type: secret: must be a string, not a number or boolean']);
  });

  test('hides the name of a variable that could be a secret', async () => {
    const faults = await faultsOf(webhook('    secret: { env: ops_token }'), { envAllow: ['OPS_*'] });
    expect(faults.join('\n')).toContain('env: the name is not allowed by HOOKWRIGHT_ENV_ALLOW');
  });
});

describe('the account of the environment', () => {
  const two = 'webhooks: []\n---\nwebhooks: []';

  test('is reported as missing for each document, and as declared twice', async () => {
    const { diagnostics } = await loadText(two, { accountId: '' });
    expect(diagnostics.map(({ code }) => code)).toContain('no-account-id');
    expect(diagnostics.map(({ message }) => message)).toContain(
      'the account of CLOUDFLARE_ACCOUNT_ID is declared twice',
    );
  });

  test('does not have to be valid if no account is needed', async () => {
    for (const accountId of ['', 'nonsense']) {
      expect(await faultsOf('webhooks: []', { accountId, needAccountId: false })).toEqual([]);
    }
    expect(await faultsOf(`account_id: ${ACCOUNT}\nwebhooks: []`, { accountId: 'nonsense' })).toEqual([]);
  });
});
