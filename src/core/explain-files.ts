import type { Explanation } from './explanation.js';

/** Codes of diagnostics about the file and its YAML. A test holds them against what `src/config` can say. */
export const FILE_FAULTS: Readonly<Record<string, Explanation>> = {
  'no-file': [
    'There is no such file, or no *.yaml or *.yml below the folder.',
    'Without -f it is hookwright.yaml in the working directory.',
    'Check -f, or let hookwright import write a file from what is live.',
  ],
  unreadable: ['A file is there and cannot be read.', 'Permissions, most often.', 'Make it readable.'],
  'too-large': [
    'A file of more than 16 MB.',
    'No list of webhooks is that long.',
    'Check -f, or split the file and pass the folder.',
  ],
  encoding: ['A file is not UTF-8.', 'UTF-16, or bytes that are no text.', 'Save it as UTF-8.'],
  'empty-file': [
    'There is nothing in a file.',
    'It could be cut, so nothing is deleted for it.',
    'Write webhooks: [] if there shall be none at all.',
  ],
  'empty-document': [
    'There is nothing between two --- lines.',
    'Each document describes one account.',
    'Remove the line, or write the document.',
  ],
  'too-many-faults': [
    'A document has more than 1,000 faults; the rest is not shown.',
    'So many have one cause.',
    'Mend the first ones and validate again.',
  ],
  'merge-conflict': [
    'The file holds an unresolved merge conflict.',
    'Lines start with <<<<<<<, ======= or >>>>>>>.',
    'Choose one of the two versions and remove those lines.',
  ],
  tab: ['A tab is used for indentation.', 'YAML is indented with spaces.', 'Replace the tabs by spaces.'],
  'open-quote': [
    'A text that starts with a quote has no closing one.',
    'All that follows is read as part of it.',
    'Close it, or double the quote inside of single quotes.',
  ],
  'open-bracket': [
    'A [ or { is not closed.',
    'All that follows is read as part of it.',
    'Close it, and mind the commas.',
  ],
  'yaml-syntax': [
    'This is not valid YAML.',
    'Indentation, a missing colon, an unquoted special character.',
    'The message says which; put text with ": " or " #" in quotes.',
  ],
  'too-deep': [
    'The file is nested too deeply.',
    'A desired-state file is at most five levels deep.',
    'Check the indentation and brackets.',
  ],
  'unknown-tag': [
    'A YAML tag such as !include or !vault.',
    'hookwright reads plain YAML only, so that a file means the same everywhere.',
    'Write the value without a tag; secrets are { env: NAME } or { file: PATH }.',
  ],
  'non-text-key': [
    'A key is no text.',
    'A number, a list, or a template {{ … }} that was not filled in.',
    'Put it in quotes, or fill in the template before.',
  ],
  'duplicate-key': [
    'A field stands twice in one map.',
    'Which of the two counts would be a guess.',
    'Keep one of them.',
  ],
  'dangling-alias': [
    'An alias (*name) of an anchor that is not defined before it.',
    'Text that starts with * is an alias in YAML.',
    'Define it with &name, or put the text in quotes.',
  ],
  'alias-loop': ['An alias stands inside of what it is an alias of.', 'It would never end.', 'Remove it.'],
  'alias-bomb': [
    'The aliases of a document stand for more than 100,000 values together.',
    'A few lines can blow up to gigabytes.',
    'Write some of them out.',
  ],
  'wrong-type': [
    'A value is of the wrong kind: a list for a text, a number for a name.',
    'Unquoted yes, 123 or 2024-01-01 are no text in YAML.',
    'Put text in quotes; the message says what is wanted.',
  ],
  'unknown-field': [
    'A field that hookwright does not know.',
    'Often a misspelling, or a field at the wrong level.',
    'The message suggests the field that was probably meant.',
  ],
  'missing-field': ['A field that is needed is missing.', 'Each webhook has a name and a url.', 'Add it.'],
  'missing-webhooks': [
    'The list of webhooks is missing or null.',
    'It could be a cut file, so nothing is deleted for it.',
    'Write webhooks: [] if there shall be none at all.',
  ],
  'bad-value': ['A value is none of those that the field takes.', 'The message lists them.', 'Choose one.'],
  empty: ['A value is empty.', 'An empty name, url or list means nothing.', 'Fill it in, or leave it out.'],
  'too-long': ['A value is longer than the field takes.', 'No real value is.', 'Shorten it.'],
};
