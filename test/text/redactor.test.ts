import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newRedactor } from '../../src/core/urls.js';
import { Redactor } from '../../src/text/redactor.js';

function redactorFor(...secrets: string[]): Redactor {
  const redactor = newRedactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}

const hex = (digits: number) => (char: string) => char.charCodeAt(0).toString(16).padStart(digits, '0');
const unicode = (text: string): string =>
  [...Array(text.length).keys()].map((at) => `\\u${hex(4)(text[at] ?? '')}`).join('');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const json = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Each returns text that must be hidden. */
const encodings: Record<string, (secret: string) => string> = {
  plain: (secret) => secret,
  'upper case': (secret) => secret.toUpperCase(),
  'lower case': (secret) => secret.toLowerCase(),
  base64,
  'base64 without padding': (secret) => base64(secret).replaceAll('=', ''),
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
  'base64 of JSON': (secret) => base64(JSON.stringify({ secret })),
  'base64 twice': (secret) => base64(base64(secret)),
  hex: (secret) => Buffer.from(secret).toString('hex'),
  'hex, upper case': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
  encodeURIComponent: (secret) => encodeURIComponent(secret),
  'percent, lower case': (secret) => encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
  'percent, every byte': (secret) => Buffer.from(secret).toString('hex').replace(/../g, '%$&'),
  'percent, twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  form: (secret) => new URLSearchParams({ v: secret }).toString().slice(2),
  JSON: json,
  'JSON, twice': (secret) => json(json(secret)),
  'JSON, three times': (secret) => json(json(json(secret))),
  'JSON with escaped slashes': (secret) => json(secret).replaceAll('/', '\\/'),
  'JSON, all escaped': unicode,
  'JSON, ASCII only': (secret) =>
    Array.from(json(secret), (char) => (char > '~' ? unicode(char) : char)).join(''),
  'JSON of a url': (secret) => json(encodeURIComponent(secret)),
  'UTF-8 bytes': (secret) => Buffer.from(secret).toString('hex').replace(/../g, '\\x$&'),
  'UTF-8 bytes, octal': (secret) =>
    Array.from(Buffer.from(secret), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
  'a path as Git writes it': (secret) =>
    Array.from(Buffer.from(secret), (byte) =>
      byte > 0x20 && byte < 0x7f && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\${byte.toString(8).padStart(3, '0')}`,
    ).join(''),
  'JavaScript, bytes': (secret) =>
    Buffer.from(secret)
      .toString('latin1')
      .replace(/[^]/g, (c) => `\\x${hex(2)(c)}`),
  HTML: (secret) =>
    secret
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
  'HTML, all by number': (secret) => Array.from(secret, (char) => `&#${char.codePointAt(0)};`).join(''),
};
/** These escape bytes as Latin-1, so characters outside ASCII are ambiguous. */
const ASCII_ONLY = new Set(['JavaScript, bytes']);

/** Well-formed: without lone surrogates, which have no encoding. */
const secretsOf = (unit: 'grapheme' | 'grapheme-ascii', minLength: number, maxLength: number) =>
  fc
    .string({ unit, minLength, maxLength })
    .filter((text) => text.trim().length >= minLength && !text.includes('…') && !/^\s*https?:/i.test(text));

// The replacement character for invalid bytes can also be a real character.
test.each(
  Object.entries(encodings)
    .filter(([name]) => !ASCII_ONLY.has(name))
    .flatMap(([name, encode]) =>
      ['\ufffd      !', 'a\ufffdb\ufffdc\ufffdd\ufffd'].map((secret) => [name, secret, encode] as const),
    ),
)('%s: %j is hidden', (_, secret, encode) => {
  const form = encode(secret);
  expect(redactorFor(secret).redact(`> ${form} <`)).not.toContain(form);
});

describe.each(Object.entries(encodings))('%s', (name, encode) => {
  const unit = ASCII_ONLY.has(name) ? 'grapheme-ascii' : 'grapheme';

  test('a known secret is hidden, whatever is around it', () => {
    fc.assert(
      fc.property(
        secretsOf(unit, 8, 64),
        fc.string({ unit: 'binary' }),
        fc.string(),
        (secret, before, after) => {
          const form = encode(secret);
          const shown = redactorFor(secret).redact(`${before} ${form} ${after}`);
          expect(shown).not.toContain(form);
          expect(shown).toContain('…');
        },
      ),
    );
  });

  test('any part of it with 8 or more characters is hidden', () => {
    fc.assert(
      fc.property(secretsOf('grapheme-ascii', 12, 40), fc.nat(), fc.nat(), (secret, from, more) => {
        const start = from % (secret.length - 7);
        const part = secret.slice(start, start + 8 + (more % (secret.length - start - 7)));
        // A part that contains escapes can be shorter when they are decoded.
        fc.pre(part.trim() !== '' && !/[%&\\]/.test(part));
        const form = encode(part);
        expect(redactorFor(secret).redact(`it is ${form} here`)).not.toContain(form);
      }),
    );
  });

  test('a secret of 4 to 7 characters is hidden as a whole', () => {
    fc.assert(
      fc.property(secretsOf('grapheme-ascii', 4, 7), (secret) => {
        const form = encode(secret);
        const shown = redactorFor(secret).redact(`it is ${form} here`);
        expect(shown).not.toContain(form);
      }),
    );
  });
});

test('within a longer base64 text, at any alignment', () => {
  fc.assert(
    fc.property(secretsOf('grapheme', 8, 40), fc.string(), fc.string(), (secret, before, after) => {
      const shown = redactorFor(secret).redact(base64(before + secret + after));
      expect(shown).toContain('…');
      // Only characters that share bits with their neighbors are left.
      const rest = Buffer.byteLength(before + after);
      expect(shown.replaceAll('…', '').length).toBeLessThanOrEqual(Math.ceil(((rest + 2) * 4) / 3) + 6);
    }),
  );
});

test('many secrets at once; overlapping ones become one', () => {
  fc.assert(
    fc.property(
      fc.array(secretsOf('grapheme', 4, 20), { maxLength: 8 }),
      fc.array(fc.nat()),
      (all, picks) => {
        const text = picks.map((pick) => all[pick % Math.max(1, all.length)] ?? '').join('');
        const shown = redactorFor(...all).redact(text);
        for (const secret of all) expect(shown).not.toContain(secret);
      },
    ),
  );
  expect(redactorFor('abcd1234', '1234wxyz').redact('<abcd1234wxyz>')).toBe('<…>');
  expect(redactorFor('abcd', 'abcdefgh').redact('abcdefgh abcd')).toBe('… …');
});

test('values too short to be secrets, and blanks, do not change the text', () => {
  const text = 'abc a     b         c';
  expect(redactorFor('a', 'abc', '          ', '').redact(text)).toBe(text);
});

test('parts shorter than 8 characters do not change the text', () => {
  const text = 'the production of live messages failed';
  expect(redactorFor('live-and-let-die', 'messenger', 'product').redact(text)).toBe(
    'the …ion of live messages failed',
  );
});

describe('a whole URL that is secret', () => {
  const redactor = redactorFor(
    'https://hooks.slack.com/services/T000/B000/xyzTOKEN',
    'HTTPS://u:pa55word@h.example:443/a/../b?key=valuevalue',
    'https://Xq7ZpL2mVw9RtY4uKc8N.in.example.com/',
    'https://relay.example.com/in/tok3n?x=1',
    'https://u:p4ss@short.example/',
  );
  test.each([
    ['https://hooks.slack.com/services/T000/B000/xyzTOKEN', 'https://hooks.slack.com/…'],
    ['hooks.slack.com/services/T000', 'hooks.slack.com/…'],
    ['https://hooks.slack.com/', 'https://hooks.slack.com/'],
    ['https://hooks.slack.com.', 'https://hooks.slack.com.'],
    ['/services/T000/B000/xyzTOKEN', '/…'],
    ['token xyzTOKEN', 'token …'],
    ['pa55word', '…'],
    ['key=valuevalue', '…'],
    ['valuevalue', '…'],
    ['https://h.example/b', 'https://h.example/…'],
    ['https://h.example/', 'https://h.example/'],
    ['at h.example/b?key=va', 'at h.example…'],
    ['xq7zpl2mvw9rty4ukc8n.in.example.com', '….in.example.com'],
    ['https://relay.example.com/in/tok3n', 'https://relay.example.com/…'],
    ['relay.example.com/in/tok3n', 'relay.example.com/…'],
    ['tok3n', '…'],
    ['p4ss', '…'],
    ['the word in of a path', 'the word in of a path'],
  ])('%s', (text, shown) => {
    expect(redactor.redact(text)).toBe(shown);
  });

  test('every part of a random URL is hidden, in upper and lower case', () => {
    const parts = fc.array(
      fc.string({ unit: fc.constantFrom('a', 'Z', '0', '9', '-', '.', '_', '~'), minLength: 8 }),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    fc.assert(
      fc.property(parts, parts, fc.boolean(), (segments, values, upper) => {
        const query = values.map((value, i) => `k${i}=${value}`).join('&');
        const redactor = redactorFor(`https://relay.example.com/${segments.join('/')}?${query}`);
        for (const part of [...segments, ...values]) {
          const quoted = upper ? part.toUpperCase() : part;
          expect(redactor.redact(`no such thing as "${quoted}"`)).toBe('no such thing as "…"');
        }
      }),
    );
  });
});

test.each([
  [
    'see https://hooks.slack.com/services/T1/B1/abcdef, please.',
    'see https://hooks.slack.com/services/T1/B1/…, please.',
  ],
  ['(https://u:p@h.example/x?token=v)', '(https://…@h.example/x?token=…)'],
  ['"https:\\/\\/h.example\\/x?token=v"', '"https://h.example/x?token=…"'],
  ['Could not reach http://127.0.0.1:9 (refused)', 'Could not reach http://127.0.0.1:9 (refused)'],
  ['plain https://relay.example.com/cf?env=live stays', 'plain https://relay.example.com/cf?env=live stays'],
  ['Authorization: Bearer abc', 'Authorization: Bearer …'],
  ['{"x-auth-key": "abc", "a": 1}', '{"x-auth-key": "…", "a": 1}'],
  ['sent Bearer abcdefgh-123 to', 'sent Bearer … to'],
  ['cf-webhook-auth=abc', 'cf-webhook-auth=…'],
  ['Invalid format for Authorization header', 'Invalid format for Authorization header'],
])('unknown secrets are recognized by their form: %s', (text, shown) => {
  expect(newRedactor().redact(text)).toBe(shown);
});

test('without showUrl, only scheme and host are shown', () => {
  const redactor = new Redactor();
  expect(
    redactor.redact('at https://u:p@h.example:8443/x?k=v, http://127.0.0.1:9 or https:\\/\\/h.example\\/x'),
  ).toBe('at https://h.example:8443/…, http://127.0.0.1:9 or https://h.example/…');
});

test('a known secret in a URL leaves the rest readable', () => {
  expect(redactorFor('s3cr3t').redact('https://h.example/s3cr3t/x?env=a')).toBe(
    'https://h.example/…/x?env=a',
  );
});

test('a secret that contains escapes is found as it is, and with its escapes decoded', () => {
  const redactor = redactorFor('a%41b&amp;c\\u0041');
  for (const text of ['a%41b&amp;c\\u0041', 'aAb&cA-x', 'a%2541b&amp;amp;c\\\\u0041'])
    expect(redactor.redact(`<${text}>`)).toMatch(/^<…(?:-x)?>$/);
  expect(redactor.redact('<a%2541b%26amp%3Bc%5Cu0041>')).toBe('<…>');
});

test.each([
  ['a percent sign', '100 % of %zz, %e9, %f0%28%8c%28'],
  ['an invalid code', '&#x110000; &#9999999; \\u{ffffff} \\ud800'],
  ['a trailing backslash', 'C:\\'],
])('text with invalid escapes is unchanged: %s', (_name, text) => {
  expect(redactorFor('s3cr3t-value').redact(text)).toBe(text);
});
