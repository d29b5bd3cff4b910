import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  forHtml,
  forMarkdown,
  forTerminal,
  forWorkflow,
  forWorkflowProperty,
  jsonText,
  markdownCode,
} from '../../src/text/untrusted.js';

const UNSEEN = /(?![\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('\u001b', '\u202e', ':', '#', '[', '@', '\n', ' ', 'a', '\ud800', '`', '<', '|'),
  }),
);

describe('forTerminal', () => {
  test.each([
    ['plain text, ünïcödé and 🚀⚠️ stay', 'plain text, ünïcödé and 🚀⚠️ stay'],
    ['\u001b[31mred', '\\u001b[31mred'],
    ['a\nb\r\tc\u007f\u009b', 'a\\u000ab\\u000d\\u0009c\\u007f\\u009b'],
    ['\u200e\u200f\u202a\u202e\u2066\u2069\u061c', '\\u200e\\u200f\\u202a\\u202e\\u2066\\u2069\\u061c'],
    ['\u200b\u200c\u200d\ufeff\u2028\u2029', '\\u200b\\u200c\\u200d\\ufeff\\u2028\\u2029'],
    ['\ud800x', '\\ud800x'],
    ['\u{e0041}', '\\u{e0041}'],
    ['::error::x', '\\u003a:error::x'],
    ['  ::add-mask::x', '  \\u003a:add-mask::x'],
    ['http://[::1]/', 'http://[::1]/'],
    ['a##[error]b', 'a\\u0023#[error]b'],
    ['##vso[task.x]', '\\u0023#vso[task.x]'],
    ['## heading', '## heading'],
  ])('%j', (text, expected) => {
    expect(forTerminal(text)).toBe(expected);
  });

  test('law: nothing invisible, no workflow command, and a second call changes nothing', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const out = forTerminal(text);
        expect(out).not.toMatch(UNSEEN);
        expect(out).not.toMatch(/(^|\s)::|##\w*\[/);
        expect(forTerminal(out)).toBe(out);
      }),
    );
  });
});

describe('forMarkdown', () => {
  test('an empty comment follows the signs of mentions and references', () => {
    expect(forMarkdown('@octocat #12 GH-3')).toBe('&#64;<!-- -->octocat &#35;<!-- -->12 GH-<!-- -->3');
  });

  test.each([
    ['**b** `c` | d', '&#42;&#42;b&#42;&#42; &#96;c&#96; &#124; d'],
    ['https://evil.example/x', 'https&#58;<!-- -->//evil.example/x'],
    ['www.evil.example', 'www&#46;evil.example'],
    ['- item', '&#45; item'],
    ['1. item', '1&#46; item'],
    ['--- x', '&#45;&#45;&#45; x'],
    ['<b>', '&#60;b&#62;'],
    ['2025-03-12 done', '2025&#45;03&#45;12 done'],
  ])('%j', (text, expected) => {
    expect(forMarkdown(text)).toBe(expected);
  });

  test('law: no character with a meaning in Markdown or HTML is left', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const bare = forMarkdown(text)
          .replaceAll('<!-- -->', '')
          .replace(/&#\d+;/g, '');
        expect(bare).not.toMatch(/[\\`*_{}[\]<>()#+!|~@&:=$^%"\n]/);
        expect(bare).not.toMatch(UNSEEN);
      }),
    );
  });

  test('markdownCode', () => {
    expect(markdownCode('`a`')).toBe('<code>&#96;a&#96;</code>');
  });
});

test('forHtml: no markup, no quotes, nothing that XML cannot contain', () => {
  expect(forHtml(`<a b="c" d='e'>&\u0000\uffff`)).toBe(
    '&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\\u0000\\uffff',
  );
  expect(forHtml(']]>')).toBe(']]&gt;');
});

test('forWorkflow keeps line breaks as escapes; a property also has its own special characters escaped', () => {
  expect(forWorkflow('50 %\n::error::x')).toBe('50 %25%0A\\u003a:error::x');
  expect(forWorkflowProperty('C:\\a,b.yaml')).toBe('C%3A\\a%2Cb.yaml');
});

describe('jsonText', () => {
  test('law: one document with exact values, without invisible characters or commands in its text', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: 'binary' }),
        anyText,
        fc.constantFrom(0, 2),
        (value, text, indent) => {
          const out = jsonText({ value, text }, indent);
          expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify({ value, text })));
          expect(out.replaceAll('\n', '')).not.toMatch(UNSEEN);
          expect(out).not.toMatch(/##\w*\[/);
          if (indent === 0) expect(out).not.toContain('\n');
        },
      ),
    );
  });

  test('a value that JSON cannot represent is null; an astral format character is a pair of escapes', () => {
    expect(jsonText(undefined)).toBe('null');
    expect(jsonText('\u{e0041}')).toBe('"\\udb40\\udc41"');
  });
});
