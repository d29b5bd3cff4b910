/**
 * Makes untrusted text safe: names, URLs, API messages. Each function is for one kind of output and keeps the
 * text readable; characters that would be invisible or interpreted are shown as escapes.
 */

// Controls, format characters (bidi, zero-width, tags), lone surrogates, line and paragraph separators,
// non-characters. The two presentation selectors stay, because common emoji end in one.
const INVISIBLE = String.raw`(?![\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]`;

// Most texts contain none of them, and compiling the expression takes 3 ms, 10% of the start of Node.
const PRINTABLE_ASCII = /^[\n -~]*$/;
let unseen: RegExp | undefined;

function escapeInvisible(text: string, escape: (char: string) => string): string {
  unseen ??= new RegExp(INVISIBLE, 'gu');
  return text.replace(unseen, escape);
}

// CI systems run `::command::` at the start of a line, and `##[command]`, `##vso[…]` anywhere in it
// (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
const COLON_COMMAND = /(^|\s)::/g;
const HASH_COMMAND = /##(?=\w*\[)/g;

function codePointEscape(char: string): string {
  const hex = Number(char.codePointAt(0)).toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}

/**
 * Returns one line of text for a terminal or a CI log: control, bidi, zero-width and other invisible characters
 * become visible escapes (`\u001b`), and workflow commands are broken up.
 */
export function forTerminal(text: string): string {
  const seen = PRINTABLE_ASCII.test(text)
    ? text.replaceAll('\n', codePointEscape)
    : escapeInvisible(text, codePointEscape);
  return seen.replace(COLON_COMMAND, '$1\\u003a:').replace(HASH_COMMAND, '\\u0023#');
}

/**
 * Returns text for HTML or XML 1.0 content and quoted attributes. Characters that XML excludes become escapes.
 */
export function forHtml(text: string): string {
  return forTerminal(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/**
 * Returns text for Markdown (GitHub and GitLab), also in HTML blocks and tables: nothing in it is markup, a
 * link, a mention or a reference. Entities alone do not prevent mentions, because these are detected in the
 * rendered text; an empty comment after the sign does.
 */
export function forMarkdown(text: string): string {
  return forTerminal(text)
    .replace(/[\\`*_{}[\]<>()#+!|~@&:=$^%"]|^[-\d]+[.)]?|(?<=www)\./gi, entities)
    .replace(/&#(?:33|35|36|37|38|58|64|94|126);/g, '$&<!-- -->')
    .replace(/\b(gh-)(?=\d)/gi, '$1<!-- -->');
}

function entities(text: string): string {
  return text.replace(/[^\w\s]|_/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Returns a name or value as Markdown code, where mentions and references are not detected. */
export function markdownCode(text: string): string {
  return `<code>${forMarkdown(text)}</code>`;
}

/** Returns text for the message of a GitHub workflow command; line breaks are kept. */
export function forWorkflow(text: string): string {
  return text
    .split('\n')
    .map(forTerminal)
    .join('\n')
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A');
}

/** Returns text for a property (`file=…`) of a GitHub workflow command. */
export function forWorkflowProperty(text: string): string {
  return forWorkflow(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Returns each UTF-16 unit as `\u` and four digits, as JSON and YAML read it. */
export function utf16Escape(chars: string): string {
  return chars.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Returns the value as one JSON document without loss: whatever {@link forTerminal} would escape in a string
 * is written as a `\u` escape. With `indent` 0, on a single line.
 */
export function jsonText(value: unknown, indent = 2): string {
  const text = value === undefined ? 'null' : JSON.stringify(value, null, indent);
  // A raw line feed can only come from JSON.stringify's layout: those in strings are already escaped.
  const seen = PRINTABLE_ASCII.test(text)
    ? text
    : escapeInvisible(text, (char) => (char === '\n' ? char : utf16Escape(char)));
  return seen.replace(HASH_COMMAND, '\\u0023#');
}
