import { type Node, visit, type YAMLError } from 'yaml';
import type { DiagnosticCode } from '../../core/diagnostic.js';
import { atSpan, error, type Problem } from '../problem.js';

/** `misread`: how much of the text after it is then read as something else; absent: the rest of its line. */
type Explained = readonly [code: DiagnosticCode, message: string, hint: string, misread?: 'list' | undefined];

/**
 * Returns the problems that the YAML parser found, reworded because its messages quote the text, which may
 * contain a secret. In the order of the text; only the first of each line, because the others follow from it.
 */
export function explainSyntax(
  problems: readonly YAMLError[],
  text: string,
  root: Node | null,
): readonly Problem[] {
  const conflict = /^<{7} /m.exec(text);
  if (conflict) {
    const hint =
      'Choose one of the two versions and remove the lines that start with <<<<<<<, ======= and >>>>>>>.';
    const place = atSpan(conflict.index, conflict.index + 7);
    return [error(place, 'merge-conflict', 'an unresolved merge conflict', hint)];
  }
  // A line that a template engine should have replaced: {{- range .x }}, {% for x in y %}.
  const template = problems.length > 0 ? /^[ \t]*(\{\{|\{%)/m.exec(text) : null;
  if (template) {
    const end = template.index + template[0].length;
    return [error(atSpan(end - 2, end), ...unfilled(template[1] === '{{' ? '{{ … }}' : '{% … %}'))];
  }
  const found: Problem[] = [];
  let lineEnd = -1;
  for (const problem of [...problems].sort(byPlace)) {
    const explanation = explainProblem(problem, text);
    if (!explanation) continue;
    const [code, message, hint, misread] = explanation;
    const seen = Math.min(Math.max(problem.pos[0], 0), text.length);
    const start = startOf(code, root, seen, text);
    if (start <= lineEnd) continue;
    const end = start === seen ? Math.max(start, problem.pos[1]) : start + 1;
    lineEnd = endOfLine(text, start);
    const isCut = code === 'open-bracket' && /\s#\S/.test(text.slice(start, lineEnd));
    found.push(error(atSpan(start, end), code, message, isCut ? CUT_HINT : hint));
    if (misread === 'list') lineEnd = endOfList(text, start);
    if (MISREAD_AFTER.has(code)) break;
  }
  return found;
}

/** What follows is read as part of a text or list without an end, or of a line before a tab. */
const MISREAD_AFTER: ReadonlySet<DiagnosticCode> = new Set(['open-quote', 'open-bracket', 'tab']);

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}

/** Returns the end of the last line after the one at `offset` that is indented as much or more. */
function endOfList(text: string, offset: number): number {
  const indent = indentAt(text, text.lastIndexOf('\n', offset - 1) + 1);
  let end = endOfLine(text, offset);
  while (end < text.length && indentAt(text, end + 1) >= indent) end = endOfLine(text, end + 1);
  return end;
}

function indentAt(text: string, lineStart: number): number {
  return /^ */.exec(text.slice(lineStart, lineStart + 200))?.[0].length ?? 0;
}

function byPlace(a: YAMLError, b: YAMLError): number {
  return a.pos[0] - b.pos[0] || Number(b.code === CROSSES_LINES) - Number(a.code === CROSSES_LINES);
}

/** If two problems are at the same place, this one explains more. */
const CROSSES_LINES = 'MULTILINE_IMPLICIT_KEY';

/** Returns where an open quote or bracket starts. The parser reports where it should have ended. */
function startOf(code: string, root: Node | null, seen: number, text: string): number {
  const isQuote = code === 'open-quote';
  if (!root || (!isQuote && code !== 'open-bracket')) return seen;
  let start = seen;
  visit(root, {
    Scalar: (_, { range, type }) => {
      if (isQuote && range && range[0] < seen && seen <= range[1] && type?.startsWith('QUOTE'))
        start = range[0];
    },
    Collection: (_, { range, flow }) => {
      const isOpen = flow && range && range[0] < seen && !/[\]}]/.test(text[range[1] - 1] ?? '');
      if (!isQuote && isOpen) start = range[0];
    },
  });
  return start;
}

/** Returns `undefined` if there is nothing to report to the user. */
function explainProblem(problem: YAMLError, text: string): Explained | undefined {
  const code = problem.code;
  if (code === 'NON_STRING_KEY' && text.slice(problem.pos[0] - 1, problem.pos[0] + 1) === '{{')
    return unfilled('{{ … }}');
  if (code === 'TAG_RESOLVE_FAILED') {
    const hint = 'Custom tags such as !include or !vault are not supported. Write the value without a tag.';
    return ['unknown-tag', 'unknown YAML tag', hint];
  }
  if (problem.name === 'YAMLWarning') return undefined;
  const open = /(?:end with a|closing) (["'\]}])/.exec(problem.message)?.[1];
  if (open === '"' || open === "'") {
    return ['open-quote', `a string that starts with ${open} has no closing ${open}`, QUOTE_HINT];
  }
  if (open !== undefined) {
    return ['open-bracket', `a ${open === ']' ? '[' : '{'} has no closing ${open}`, BRACKET_HINT];
  }
  const start = problem.pos[0];
  const isIndent =
    code === 'BAD_INDENT' ||
    problem.message.startsWith('Sequence item without') ||
    (AS_KEY.has(code) && /^ *- /.test(text.slice(start, start + 200)));
  const [message, hint] = isIndent ? BAD_INDENT : (SENTENCES[code] ?? OTHER);
  const { columns, items } =
    isIndent || code === CROSSES_LINES ? columnsBefore(start, isIndent, text) : NO_COLUMNS;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const line = text.slice(lineStart, lineStart + 200);
  if (code === CROSSES_LINES && /^ *-\w+:/.test(line)) return NO_SPACE_AFTER_DASH;
  if (isIndent && items.has(indentAt(text, lineStart) + 1) && !/^ *- /.test(line)) {
    return /^ *-/.test(line)
      ? NO_SPACE_AFTER_DASH
      : ['yaml-syntax', NO_DASH, `If an item starts here, write "- " before it.${columns}`, 'list'];
  }
  return [CODES[code] ?? 'yaml-syntax', message, hint + columns];
}

/** The parser reports these for an item whose dash is not in the column of its list. */
const AS_KEY: ReadonlySet<string> = new Set(['BLOCK_AS_IMPLICIT_KEY', CROSSES_LINES]);

function startingIn(columns: ReadonlySet<number>, what: string): readonly string[] {
  const [first, ...others] = [...columns].sort((a, b) => b - a).map(String);
  if (first === undefined) return [];
  const either = others.length === 0 ? first : `${others.reverse().join(', ')} or ${first}`;
  return [`${what} start in column ${either}`];
}

const NO_DASH = 'a line in the column of the list that does not start with "- "';
const NO_SPACE_AFTER_DASH: Explained = [
  'yaml-syntax',
  'no space after the "-"',
  'Write a space after the "-".',
  'list',
];

/** The columns as a sentence, and those of items. */
type Columns = { readonly columns: string; readonly items: ReadonlySet<number> };
const NO_COLUMNS: Columns = { columns: '', items: new Set() };

/** A line can have more lines above it than are worth reading. */
const MAX_LINES_ABOVE = 200;

/** Returns in which columns a line can start, after the line at `offset`, or (`isWrong`) instead of it. */
function columnsBefore(offset: number, isWrong: boolean, text: string): Columns {
  const fields = new Set<number>();
  const items = new Set<number>();
  let least = Infinity;
  const newline = text.indexOf('\n', offset);
  let end = isWrong ? text.lastIndexOf('\n', offset - 1) : newline;
  for (let i = 0; i < MAX_LINES_ABOVE && end >= 0 && least > 1; i += 1) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    const line = /^( *)((?:- +)*)([^\s#].*)$/.exec(text.slice(start, end));
    end = start - 1;
    const [, { length: indent } = '', { length: dashes } = '', rest = ''] = line ?? [];
    if (!line || indent >= least) continue;
    least = indent + 1;
    if (dashes > 0) items.add(least);
    if (/:(?:\s|$)/.test(rest)) fields.add(least + dashes);
  }
  const parts = [...startingIn(fields, 'fields'), ...startingIn(items, 'items (-)')];
  return { columns: parts.length === 0 ? '' : ` Here, ${parts.join(', and ')}.`, items };
}

const QUOTE_HINT = 'Close it, or double the quote inside single quotes.';
const CUT_HINT = 'The text after " #" is a comment. Quote a string that contains #.';
const BRACKET_HINT = 'Close it, and check the commas between the values.';

const CODES: Partial<Record<YAMLError['code'], DiagnosticCode>> = {
  RESOURCE_EXHAUSTION: 'too-deep',
  TAB_AS_INDENT: 'tab',
  NON_STRING_KEY: 'non-text-key',
};

const BAD_INDENT = [
  'wrong indentation',
  'Fields of one mapping, and items of one list, must start in the same column.',
] as const;

const OTHER = ['this is not valid YAML', 'Check the indentation, quotes and brackets.'] as const;

const unfilled = (template: string): readonly [DiagnosticCode, string, string] => [
  'placeholder',
  `a template ${template} that is not filled in`,
  'Templates are not expanded. Fill it in before hookwright reads the file, or write { env: NAME } for a URL or secret.',
];

const SENTENCES: Partial<Record<YAMLError['code'], readonly [message: string, hint: string]>> = {
  ALIAS_PROPS: ['an alias (*name) cannot have an anchor or a tag', 'Remove the & or ! before it.'],
  BAD_ALIAS: ['an anchor or alias needs a name', 'Quote a string that starts with * or &.'],
  BAD_DIRECTIVE: [
    'a line that starts with % is a YAML directive, and this directive is unknown',
    'Remove it.',
  ],
  BAD_DQ_ESCAPE: [
    'unknown escape in a double-quoted string',
    'Write \\\\ for a backslash, or use single quotes.',
  ],
  BAD_PROP_ORDER: ['misplaced anchor or tag', 'Put it directly before its value.'],
  BAD_SCALAR_START: ['an unquoted string cannot start with this character', 'Quote the string.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second "key: value" on one line',
    'Start a new line for it, or quote a string that contains ": ".',
  ],
  BLOCK_IN_FLOW: [
    'a "- item" or indented mapping inside [ ] or { }',
    'Inside brackets, separate values with commas.',
  ],
  KEY_OVER_1024_CHARS: [
    'a key of more than 1,024 characters',
    'Check for a missing quote or line break before it.',
  ],
  MISSING_CHAR: ['missing colon, comma or space', 'A field is "key: value", with a space after the colon.'],
  MULTILINE_IMPLICIT_KEY: [
    'this and the next line are read as one key',
    'Add the missing colon and space, or indent the next line less.',
  ],
  MULTIPLE_ANCHORS: ['a value can have only one anchor (&name)', 'Quote a string that starts with &.'],
  MULTIPLE_TAGS: ['a value can have only one tag (!name)', 'Quote a string that starts with !.'],
  NON_STRING_KEY: ['a key must be a string', 'Quote it.'],
  RESOURCE_EXHAUSTION: ['nested too deeply', 'A desired-state file has at most 5 levels.'],
  TAB_AS_INDENT: [
    'a tab in the indentation',
    'YAML does not allow tabs for indentation. Use spaces in the whole file.',
  ],
  UNEXPECTED_TOKEN: ['unexpected character', 'Check the indentation, quotes, brackets and commas before it.'],
};
