import type { Explanation } from './explanation.js';

/** Codes of diagnostics about the file and its YAML. A test compares them with the codes of `src/config`. */
export const FILE_FAULTS: Readonly<Record<string, Explanation>> = {
  'no-file': [
    'The file does not exist, or the directory contains no *.yaml or *.yml file.',
    'Without -f, hookwright reads hookwright.yaml in the working directory.',
    'Check the path passed with -f, or write a file from the live webhooks with hookwright import.',
  ],
  unreadable: [
    'A file exists but cannot be read.',
    'Usually the permissions are missing.',
    'Make the file readable.',
  ],
  'too-large': [
    'A file is larger than 16 MB.',
    'Real lists of webhooks are much smaller.',
    'Check the path passed with -f, or split the file and pass the directory.',
  ],
  encoding: [
    'A file is not valid UTF-8.',
    'It may be UTF-16, or not a text file.',
    'Save the file as UTF-8.',
  ],
  'empty-file': [
    'A file is empty.',
    'The file may be truncated, so nothing is deleted because of it.',
    'To declare that there are no webhooks, write webhooks: [].',
  ],
  'empty-document': [
    'A document between two --- lines is empty.',
    'Each document describes the webhooks of an account.',
    'Remove the --- line, or add the document.',
  ],
  'too-many-faults': [
    'A document has more than 1,000 problems; the rest is not shown.',
    'So many problems usually have one cause.',
    'Fix the first ones and validate again.',
  ],
  'merge-conflict': [
    'The file contains an unresolved merge conflict.',
    'Lines start with <<<<<<<, ======= or >>>>>>>.',
    'Choose one of the two versions and remove those lines.',
  ],
  tab: [
    'A tab is used for indentation.',
    'YAML does not allow tabs for indentation.',
    'Replace the tabs with spaces.',
  ],
  'open-quote': [
    'A string that starts with a quote has no closing quote.',
    'Everything after the quote is read as part of the string.',
    'Close the quote, or double a quote inside single quotes.',
  ],
  'open-bracket': [
    'A [ or { is not closed.',
    'Everything after it is read as part of the list or mapping.',
    'Close it, and check the commas.',
  ],
  'yaml-syntax': [
    'This is not valid YAML.',
    'The usual causes are wrong indentation, a missing colon, or an unquoted special character.',
    'Correct what the message names. Quote strings that contain ": " or " #".',
  ],
  'too-deep': [
    'The file is nested too deeply.',
    'A desired-state file has at most 5 levels.',
    'Check the indentation and brackets.',
  ],
  'unknown-tag': [
    'A value has a YAML tag such as !include or !vault.',
    'hookwright reads plain YAML only, so that a file means the same everywhere.',
    'Write the value without a tag. Write a secret as { env: NAME } or { file: PATH }.',
  ],
  'non-text-key': [
    'A key is not a string.',
    'It is a number, a list, or a template {{ … }} that was not expanded.',
    'Quote the key, or expand the template first.',
  ],
  'duplicate-key': [
    'A field appears twice in one mapping.',
    'It is not clear which of the two is intended.',
    'Keep one of them.',
  ],
  'dangling-alias': [
    'An alias (*name) refers to an anchor that is not defined before it.',
    'A value that starts with * is an alias in YAML.',
    'Define the anchor with &name, or quote the value.',
  ],
  'alias-loop': [
    'An alias refers to a value that contains it.',
    'It would expand without end.',
    'Remove the alias.',
  ],
  'alias-bomb': [
    'The aliases of a document expand to more than 100,000 values.',
    'A few lines can expand to gigabytes.',
    'Replace some of the aliases with their values.',
  ],
  'wrong-type': [
    'A value has the wrong type, for example a list instead of a string, or a number instead of a name.',
    'Unquoted 123 and true are not strings in YAML; yes and 2024-01-01 are.',
    'Quote strings. The message says which type is expected.',
  ],
  'unknown-field': [
    'hookwright does not know this field.',
    'It is often misspelled or at the wrong level.',
    'Use the field that the message suggests, or remove it.',
  ],
  'missing-field': [
    'A required field is missing.',
    'Each webhook must have a name and a url.',
    'Add the field.',
  ],
  'missing-webhooks': [
    'The list of webhooks is missing or null.',
    'The file may be truncated, so nothing is deleted because of it.',
    'To declare that there are no webhooks, write webhooks: [].',
  ],
  'bad-value': [
    'A value is not one of those that the field allows.',
    'The message lists the allowed values.',
    'Use one of them.',
  ],
  empty: [
    'A value is empty.',
    'An empty name, URL or list has no meaning.',
    'Add a value, or remove the field.',
  ],
  'too-long': [
    'A value is longer than the field allows.',
    'Real values are much shorter.',
    'Shorten the value.',
  ],
};
