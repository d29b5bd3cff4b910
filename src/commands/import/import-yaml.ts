import schema from '../../../schemas/hookwright.schema.json' with { type: 'json' };
import type { ImportedEntry, NotImportable } from './import-entries.js';
import type { Additions, ImportedRoute } from './import-routes.js';
import { forTerminal, jsonText } from '../../text/untrusted.js';

/** Words that are not strings in YAML 1.2 or older versions. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const LONGEST_REMARK = 100;

/** Returns a YAML scalar that every parser reads as exactly this text. Escapes invisible characters. */
export function scalar(text: string): string {
  const plain =
    /^[A-Za-z](?:[\w ./()+-]*[\w./()+-])?$/.test(text) || /^https?:\/\/[\w./~@=&%+-]*[\w/]$/.test(text);
  return plain && !WORDS.test(text) ? text : jsonText(text, 0);
}

/** Quotes an ID that could be read as a number: 32 digits, or digits with an `e`. */
function hexScalar(id: string): string {
  return /[a-df]/.test(id) ? id : `"${id}"`;
}

/** Returns an entry as an item of a block list, as lines without indentation: `- name: …`, `  url: …`. */
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

/** Returns the route as an item of `policies`. */
export function routeLines({ name, id, webhooks }: ImportedRoute): readonly string[] {
  return [
    `- name: ${scalar(name)}`,
    ...(id === undefined ? [] : [`  id: ${hexScalar(id)}`]),
    `  webhooks: [${webhooks.map(scalar).join(', ')}]`,
  ];
}

/** Returns an item of `ignore`. */
export function ignoreLine(webhook: NotImportable): string {
  return `- "id:${webhook.id}" # ${ignoreRemark(webhook)}`;
}

/** Returns why it is ignored, and its name if it can be shown. */
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

/** Returns a whole file for one account. */
export function newFile(accountId: string, additions: Additions): string {
  return `${HEAD}${newDocument(accountId, additions)}`;
}

/** Returns a document without the comments at the start, to add after other documents. */
export function newDocument(accountId: string, { entries, ignored, routes }: Additions): string {
  const ignore = ignored.length === 0 ? '' : `ignore:\n${block(ignored.map((each) => [ignoreLine(each)]))}`;
  const list = entries.length === 0 ? 'webhooks: []\n' : `webhooks:\n${block(entries.map(entryLines))}`;
  const policies = routes.length === 0 ? '' : `policies:\n${block(routes.map(routeLines))}`;
  return `account_id: ${hexScalar(accountId)}\n${UNLISTED}${ignore}${list}${policies}`;
}

/** Returns indented list items. */
export function block(items: readonly (readonly string[])[], indent = '  ', eol = '\n'): string {
  return items
    .flat()
    .map((line) => `${indent}${line}${eol}`)
    .join('');
}
