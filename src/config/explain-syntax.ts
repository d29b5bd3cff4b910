import type { YAMLError } from 'yaml';
import type { Fault } from './fault.js';

type Explained = Omit<Fault, 'place'>;

/**
 * A problem that the YAML parser found, in words of our own: the parser's quote the text, which may hold a secret.
 * `undefined`: nothing a user need care about.
 */
export function explainSyntax(problem: YAMLError): Explained | undefined {
  const code = problem.code;
  if (code === 'TAG_RESOLVE_FAILED') {
    const hint = 'Custom tags such as !include or !vault are not understood. Write the value without a tag.';
    return error('unknown-tag', 'unknown YAML tag', hint);
  }
  if (problem.name === 'YAMLWarning') return undefined;
  if (code === 'MISSING_CHAR') return missing(problem.message);
  const [message, hint] = SENTENCES[code] ?? OTHER;
  return error(CODES[code] ?? 'yaml-syntax', message, hint);
}

function error(code: string, message: string, hint: string): Explained {
  return { severity: 'error', code, message, hint };
}

function missing(message: string): Explained {
  const quote = /closing (["'])/.exec(message)?.[1];
  if (quote)
    return error('yaml-syntax', `a text that starts with ${quote} has no closing ${quote}`, QUOTE_HINT);
  if (message.includes('must end with a }'))
    return error('yaml-syntax', 'a { has no closing }', BRACKET_HINT);
  if (message.includes('must end with a ]'))
    return error('yaml-syntax', 'a [ has no closing ]', BRACKET_HINT);
  return error('yaml-syntax', 'something is missing here: a colon, a comma, or a space', MISSING_HINT);
}

const QUOTE_HINT = 'Close it, or double the quote inside single quotes.';
const BRACKET_HINT = 'Close it, and mind the commas between the values.';
const MISSING_HINT = 'A field is "key: value", with a space after the colon.';

const CODES: Partial<Record<YAMLError['code'], string>> = {
  RESOURCE_EXHAUSTION: 'too-deep',
  TAB_AS_INDENT: 'tab',
  NON_STRING_KEY: 'non-text-key',
};

const OTHER: readonly [string, string] = [
  'this is not valid YAML',
  'Check the indentation, quotes and brackets.',
];

const SENTENCES: Partial<Record<YAMLError['code'], readonly [message: string, hint: string]>> = {
  ALIAS_PROPS: ['an alias (*name) cannot have an anchor or a tag', 'Remove the & or ! before it.'],
  BAD_ALIAS: ['an anchor or alias needs a name', 'Text that starts with * or & must be in quotes.'],
  BAD_DIRECTIVE: ['a line that starts with % is a YAML directive, and this one is not known', 'Remove it.'],
  BAD_DQ_ESCAPE: [
    'unknown escape in a text in double quotes',
    'Write \\\\ for a backslash, or use single quotes.',
  ],
  BAD_INDENT: ['wrong indentation', 'Fields of one map, and items of one list, start in the same column.'],
  BAD_PROP_ORDER: ['an anchor or tag stands in the wrong place', 'It goes right before its value.'],
  BAD_SCALAR_START: ['text cannot start with this character', 'Put the text in quotes.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second "key: value" on one line',
    'Start a new line for it, or put text that holds ": " in quotes.',
  ],
  BLOCK_IN_FLOW: ['a "- item" or indented map inside of [ ] or { }', 'Inside brackets, separate by commas.'],
  KEY_OVER_1024_CHARS: [
    'a key of more than 1024 characters',
    'Is a quote or a line break missing before it?',
  ],
  MULTILINE_IMPLICIT_KEY: [
    'this line is neither "key: value" nor a "- item"',
    'A colon with a space after it is missing, or the indentation is wrong.',
  ],
  MULTIPLE_ANCHORS: [
    'a value can have only one anchor (&name)',
    'Text that starts with & must be in quotes.',
  ],
  MULTIPLE_TAGS: ['a value can have only one tag (!name)', 'Text that starts with ! must be in quotes.'],
  NON_STRING_KEY: ['a key must be text', 'Put it in quotes.'],
  RESOURCE_EXHAUSTION: ['nested too deeply', 'A desired-state file is at most five levels deep.'],
  TAB_AS_INDENT: ['a tab in the indentation', 'YAML is indented with spaces.'],
  UNEXPECTED_TOKEN: [
    'this cannot stand here',
    'Check the indentation, quotes, brackets and commas before it.',
  ],
};
