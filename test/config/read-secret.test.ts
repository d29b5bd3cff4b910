import { describe, expect, test } from '@jest/globals';
import { readValue } from '../../src/config/secrets/read-secret.js';
import { checkSecretValue } from '../../src/config/secrets/read-secret.js';
import { failed } from '../../src/core/errors.js';
import { Secret } from '../../src/core/secret.js';

const BAD: readonly (readonly [value: string, reason: string])[] = [
  ['', 'is empty'],
  ['   ', 'is empty'],
  ['abc\n', 'contains a newline'],
  ['abc\r\ndef', 'contains a newline'],
  ['a\0b', 'contains a NUL character'],
  ['\ufefftoken', 'starts with a byte order mark'],
  [' token', 'starts or ends with a space'],
  ['token\t', 'starts or ends with a space'],
  ['token\u00a0', 'starts or ends with a space'],
  ['"token"', 'is in quotes'],
  ["'token'", 'is in quotes'],
  ...(
    [
      ['op://vault/item/field', '1Password (run hookwright with "op run")'],
      ['vault:secret/data/ops#token', 'Vault (have it resolved before hookwright runs)'],
      ['ref+vault://secret/ops#/token', 'vals (run hookwright with "vals exec")'],
      [
        'arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbCdEf',
        'AWS (have it resolved before hookwright runs)',
      ],
      [
        'projects/p/secrets/ops/versions/1',
        'Google Secret Manager (have it resolved before hookwright runs)',
      ],
      ['file:///run/secrets/ops', 'a file (write { file: PATH } in the desired-state file)'],
      ['ENC[AES256_GCM,data:abc=,iv:def=,tag:ghi=,type:str]', 'SOPS (run hookwright with "sops exec-env")'],
      [
        '@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/x/)',
        'Azure Key Vault (have it resolved before hookwright runs)',
      ],
    ] as const
  ).map(([value, whose]) => [value, `is an unresolved reference of ${whose}`] as const),
  ...[
    'changeme',
    'CHANGE-ME',
    '<token>',
    '${TOKEN}',
    '$(TOKEN)',
    '{{ token }}',
    '##TOKEN##',
    'xxx',
    'XXXXXX',
    '***',
    '$TOKEN',
    '@@TOKEN@@',
    '${{ secrets.TOKEN }}',
    'null',
    'None',
    'undefined',
    'TODO',
    'REDACTED',
    '(sensitive value)',
    '[REDACTED]',
    'your-secret-here',
    'YOUR_TOKEN_HERE',
  ].map((value) => [value, 'is a placeholder, not a secret'] as const),
];

describe('a value that cannot be a secret', () => {
  test.each(BAD)('%j', (value, reason) => {
    expect(checkSecretValue(value)).toBe(reason);
  });

  test.each([
    'abc',
    'xx',
    'a<b>c',
    'x-y',
    'changeme2',
    'pass ${word}',
    '$2b$10$N9qo8uLOickgx2ZMRZoMye',
    'a"b',
    '(a)b',
    'nullable',
    'vaulted',
  ])('%j is accepted', (value) => {
    expect(checkSecretValue(value)).toBeUndefined();
  });
});

const noFile = (): Promise<undefined> => Promise.resolve(undefined);
const holding = (text: string | Uint8Array) => (): Promise<Uint8Array> => Promise.resolve(Buffer.from(text));
const FILE = { kind: 'file', file: 'secrets/ops', path: '/repo/secrets/ops' } as const;

describe('reads a secret', () => {
  test('from a variable', async () => {
    const reading = await readValue('secret', { kind: 'env', env: 'OPS' }, { OPS: 'token' }, noFile);
    expect(reading.ok && reading.value.reveal()).toBe('token');
  });

  test.each([
    ['token\n', 'token'],
    ['token\r\n', 'token'],
    ['token', 'token'],
  ])('from a file that contains %j', async (text, value) => {
    const reading = await readValue('secret', FILE, {}, holding(text));
    expect(reading.ok && reading.value.reveal()).toBe(value);
  });

  test('from the file itself, if literals are allowed', async () => {
    const reading = await readValue('secret', { kind: 'literal', value: new Secret('token') }, {}, noFile);
    expect(reading.ok && reading.value.reveal()).toBe('token');
  });
});

describe('the reason why a secret cannot be read does not contain its value', () => {
  test.each([
    [{ kind: 'env', env: 'OPS' }, {}, 'the environment variable OPS is not set'],
    [{ kind: 'env', env: 'toString' }, {}, 'the environment variable toString is not set'],
    [{ kind: 'env', env: 'OPS' }, { OPS: '' }, 'the environment variable OPS is empty'],
    [{ kind: 'env', env: 'a8Kq2Zx9LmN4pR7tV1wY' }, {}, 'the environment variable … is not set'],
  ] as const)('variable %j', async (reference, env, message) => {
    expect(await readValue('secret', reference, env, noFile)).toEqual(failed({ message, isMissing: true }));
  });

  test.each([
    ['absent', noFile, 'does not exist', true],
    ['only a newline', holding('\n'), 'is empty', true],
    ['two lines', holding('canary\ncanary\n'), 'contains a newline', false],
    ['two newlines', holding('canary\n\n'), 'contains a newline', false],
    ['a byte order mark', holding('\ufeffcanary'), 'starts with a byte order mark', false],
    ['not UTF-8', holding(new Uint8Array([0xff, 0x61])), 'is not UTF-8 text', false],
    ['not readable', () => Promise.reject(new Error('canary')), 'cannot be read', true],
  ])('file: %s', async (_what, readFile, reason, isMissing) => {
    const message = `the file secrets/ops ${reason}`;
    expect(await readValue('secret', FILE, {}, readFile)).toEqual(failed({ message, isMissing }));
  });

  test.each([
    ['ftp://x.example.com', 'is not an absolute http or https URL'],
    ['https://${HOST}/a', 'contains a placeholder'],
  ])('URL %j', async (RELAY_URL, reason) => {
    const reference = { kind: 'env', env: 'RELAY_URL' } as const;
    expect(await readValue('url', reference, { RELAY_URL }, noFile)).toEqual(
      failed({ message: `the environment variable RELAY_URL ${reason}`, isMissing: false }),
    );
  });
});
