import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Redactor } from '../../src/core/redactor.js';
import { Secret } from '../../src/core/secret.js';

function redactorFor(...secrets: string[]): Redactor {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(new Secret(secret));
  return redactor;
}

const hex = (digits: number) => (char: string) => char.charCodeAt(0).toString(16).padStart(digits, '0');
const unicode = (text: string): string =>
  [...Array(text.length).keys()].map((at) => `\\u${hex(4)(text[at] ?? '')}`).join('');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const wellFormed = (text: string): string => Buffer.from(text).toString();

/** Each gives what must not be seen. */
const encodings: Record<string, (secret: string) => string> = {
  plain: (secret) => secret,
  base64,
  'base64 without padding': (secret) => base64(secret).replaceAll('=', ''),
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
  encodeURIComponent: (secret) => encodeURIComponent(wellFormed(secret)),
  'percent, lower case': (secret) =>
    encodeURIComponent(wellFormed(secret)).replace(/%../g, (code) => code.toLowerCase()),
  form: (secret) => new URLSearchParams({ v: wellFormed(secret) }).toString().slice(2),
  JSON: (secret) => JSON.stringify(secret).slice(1, -1),
  'JSON with escaped slashes': (secret) => JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
  'JSON, all escaped': unicode,
  'JSON, ASCII only': (secret) =>
    Array.from(JSON.stringify(secret).slice(1, -1), (char) => (char > '~' ? unicode(char) : char)).join(''),
  HTML: (secret) =>
    secret
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
};

const secrets = fc
  .oneof(
    fc.string({ minLength: 4, maxLength: 40 }),
    fc.string({ unit: 'binary', minLength: 4, maxLength: 20 }),
  )
  .filter((text) => text.trim().length >= 4 && !text.includes('…'));

describe.each(Object.entries(encodings))('%s', (_name, encode) => {
  test('a known secret is not seen, whatever stands around it', () => {
    fc.assert(
      fc.property(secrets, fc.string({ unit: 'binary' }), fc.string(), (secret, before, after) => {
        const form = encode(secret);
        const shown = redactorFor(secret).redact(before + form + after);
        expect(shown).not.toContain(form);
        expect(shown).toContain('…');
      }),
    );
  });
});

test('inside a longer base64 text, at any alignment', () => {
  fc.assert(
    fc.property(secrets, fc.string(), fc.string(), (secret, before, after) => {
      const shown = redactorFor(secret).redact(base64(before + secret + after));
      expect(shown).toContain('…');
      // All but the characters shared with the neighbours is gone.
      const size = Buffer.byteLength(secret);
      const rest = Buffer.byteLength(before + after);
      expect(shown.replaceAll('…', '').length).toBeLessThanOrEqual(Math.ceil(((rest + 2) * 4) / 3) + 6);
      expect(size).toBeGreaterThanOrEqual(4);
    }),
  );
});

test('many secrets at once, overlapping ones as one', () => {
  fc.assert(
    fc.property(fc.array(secrets, { maxLength: 8 }), fc.array(fc.nat()), (all, picks) => {
      const text = picks.map((pick) => all[pick % Math.max(1, all.length)] ?? '').join('');
      const shown = redactorFor(...all).redact(text);
      for (const secret of all) expect(shown).not.toContain(secret);
    }),
  );
  expect(redactorFor('abcd1234', '1234wxyz').redact('<abcd1234wxyz>')).toBe('<…>');
  expect(redactorFor('abcd', 'abcdefgh').redact('abcdefgh abcd')).toBe('… …');
});

test('values too short to be secrets, and blanks, leave the text alone', () => {
  expect(redactorFor('a', 'abc', '     ', '').redact('abc a     b')).toBe('abc a     b');
});

describe('a whole url that is secret', () => {
  const redactor = redactorFor(
    'https://hooks.slack.com/services/T000/B000/xyzTOKEN',
    'https://u:pa55word@h.example/a/b?key=valuevalue',
  );
  test.each([
    ['https://hooks.slack.com/services/T000/B000/xyzTOKEN', '…'],
    ['/services/T000/B000/xyzTOKEN', '/…'],
    ['token xyzTOKEN', 'token …'],
    ['pa55word', '…'],
    ['key=valuevalue', '…'],
    ['valuevalue', '…'],
    ['https://hooks.slack.com/services/T000/B000', 'https://hooks.slack.com/services/T000/B000'],
  ])('%s', (text, shown) => {
    expect(redactor.redact(text)).toBe(shown);
  });
});

test.each([
  [
    'see https://hooks.slack.com/services/T1/B1/abcdef, please.',
    'see https://hooks.slack.com/services/T1/B1/…, please.',
  ],
  ['(https://u:p@h.example/x?k=v)', '(https://…@h.example/x?k=…)'],
  ['"https:\\/\\/h.example\\/x?k=v"', '"https://h.example/x?k=…"'],
  ['Could not reach http://127.0.0.1:9 (refused)', 'Could not reach http://127.0.0.1:9 (refused)'],
  ['plain https://relay.example.com/cf stays', 'plain https://relay.example.com/cf stays'],
  ['Authorization: Bearer abc', 'Authorization: Bearer …'],
  ['{"x-auth-key": "abc", "a": 1}', '{"x-auth-key": "…", "a": 1}'],
  ['sent Bearer abcdefgh-123 to', 'sent Bearer … to'],
  ['cf-webhook-auth=abc', 'cf-webhook-auth=…'],
  ['Invalid format for Authorization header', 'Invalid format for Authorization header'],
])('unknown secrets by their looks: %s', (text, shown) => {
  expect(new Redactor().redact(text)).toBe(shown);
});

test('a known secret within a url leaves the url readable', () => {
  expect(redactorFor('s3cr3t').redact('https://h.example/s3cr3t/x?k=v')).toBe('https://h.example/…/x?k=…');
});

test.each([
  ['))))', ')'.repeat(300_000)],
  ['urls', 'https://'.repeat(40_000)],
  ['one url', `https://h.example/${'a/'.repeat(200_000)}`],
  ['blanks', `Bearer${' '.repeat(300_000)}x`],
  ['headers', 'authorization:'.repeat(20_000)],
  ['nearly the secret', 's3cr3'.repeat(60_000)],
  ['backslashes', `https:${'\\/'.repeat(150_000)}`],
])('a secret after hostile text is masked: %s', (_name, text) => {
  const redactor = redactorFor('s3cr3t-value');
  expect(redactor.redact(`${text} and s3cr3t-value`).endsWith(' and …')).toBe(true);
});

test('a secret that has a form too short to look for is masked in all the others', () => {
  // As the path of a url nothing is left of it.
  expect(redactorFor('ab/cd/../..').redact('it is ab/cd/../.. and the words stay')).toBe(
    'it is … and the words stay',
  );
});
