import schema from '../../../schemas/hookwright.schema.json' with { type: 'json' };
import type { ImportedEntry, Imported, NotImportable } from './import-entries.js';
import { forTerminal, jsonText } from '../../text/untrusted.js';

/** Words that YAML, or an older YAML, reads as something else than text. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const LONGEST_REMARK = 100;

/** Text as a YAML scalar that every reader takes for exactly this text; what is unseen is written as an escape. */
export function scalar(text: string): string {
  const plain =
    /^[A-Za-z](?:[\w ./()+-]*[\w./()+-])?$/.test(text) || /^https?:\/\/[\w./~@=&%+-]*[\w/]$/.test(text);
  return plain && !WORDS.test(text) ? text : jsonText(text, 0);
}

/** 32 hex digits; `12345678901234567890123456789012` and `…e…` would be read as numbers. */
function hexScalar(id: string): string {
  return /[a-df]/.test(id) ? id : `"${id}"`;
}

/** The entry as an item of a block list, each line without its indent: `- name: …`, `  url: …`. */
export function entryLines({ name, id, url, secret }: ImportedEntry): readonly string[] {
  return [
    `- name: ${scalar(name)}`,
    ...(id === undefined ? [] : [`  id: ${hexScalar(id)}`]),
    url.kind === 'literal'
      ? `  url: ${scalar(url.url)}`
      : `  url: { env: ${url.env} } # ${remark(url.shown)}`,
    ...(secret === undefined ? [] : [`  secret: { env: ${secret} }`]),
  ];
}

/** An item of `ignore`. */
export function ignoreLine(webhook: NotImportable): string {
  return `- "id:${webhook.id}" # ${ignoreRemark(webhook)}`;
}

/** Why it is ignored, and its name if that may be said. */
export function ignoreRemark({ name, reason }: NotImportable): string {
  return name === undefined ? reason : remark(`${reason}: ${jsonText(name.slice(0, LONGEST_REMARK), 0)}`);
}

function remark(text: string): string {
  const shown = forTerminal(text);
  return shown.length > LONGEST_REMARK ? `${shown.slice(0, LONGEST_REMARK)}…` : shown;
}

const HEAD = `\
# yaml-language-server: $schema=${schema.$id}
#
# Written by hookwright import from the live webhooks. Cloudflare never returns secrets, so import cannot tell
# whether a generic webhook has one: add "secret: { env: NAME }" if it has one, "secret: none" if it has none.
`;

const UNLISTED = `\
# Webhooks that are not in this file are kept. To make the file the only source of truth, change this to
# "delete" and read the plan before you apply.
unlisted: keep
`;

/** A whole file for one account. */
export function newFile(accountId: string, imported: Imported): string {
  return `${HEAD}${newDocument(accountId, imported)}`;
}

/** The same without the comments at the top, to follow other documents. */
export function newDocument(accountId: string, { entries, ignored }: Imported): string {
  const ignore = ignored.length === 0 ? '' : `ignore:\n${block(ignored.map((each) => [ignoreLine(each)]))}`;
  const list = entries.length === 0 ? 'webhooks: []\n' : `webhooks:\n${block(entries.map(entryLines))}`;
  return `account_id: ${hexScalar(accountId)}\n${UNLISTED}${ignore}${list}`;
}

/** Items of a list, indented. */
export function block(items: readonly (readonly string[])[], indent = '  ', eol = '\n'): string {
  return items
    .flat()
    .map((line) => `${indent}${line}${eol}`)
    .join('');
}
