import type { DesiredAccount, DesiredWebhook } from '../../core/desired.js';
import { bareId } from '../../core/ids.js';
import { isReservedName } from '../../core/leftovers.js';
import type { Live } from '../../core/live.js';
import type { Match } from '../../core/match.js';
import { isRecord } from '../../core/order.js';
import { desiredUrl, isReference, matchesLiveUrl, originOf } from '../../core/urls.js';
import {
  entryOf,
  hasPublishableName,
  importProblem,
  type ImportedEntry,
  type ImportRules,
  publishableUrl,
} from './import-entries.js';

/** How an entry in the file differs from its live webhook. */
export type Difference = { readonly entry: DesiredWebhook } & (
  | { readonly kind: 'not-live' | 'unfinished' }
  | { readonly kind: 'changed'; readonly live: Live; readonly fields: readonly ('name' | 'url')[] }
);

/** How to change an entry in the file. */
export type EntryChange =
  | { readonly kind: 'remove' }
  | { readonly kind: 'set'; readonly name: string; readonly url?: ImportedEntry['url'] };

/**
 * Returns the account as import matches it: also by URL if the file keeps unlisted webhooks or the entry has a
 * secret, so that a webhook that was renamed does not get a second entry. Only the file changes, so nothing is
 * lost if it is a different webhook.
 */
export function foundByUrl(desired: DesiredAccount): DesiredAccount {
  return {
    ...desired,
    unlisted: 'delete',
    webhooks: desired.webhooks.map((webhook) => ({ ...webhook, secret: { kind: 'none' } })),
  };
}

/** Returns how the entry differs. `undefined`: it does not, or it is not known what it refers to. */
export function differenceOf({ desired: entry, live, leftovers, ambiguous }: Match): Difference | undefined {
  if (ambiguous) return undefined;
  if (leftovers.length > 0 || (live && isReservedName(live.name))) return { entry, kind: 'unfinished' };
  if (!live) return { entry, kind: 'not-live' };
  const url = desiredUrl(entry);
  const fields = [
    ...(live.name === entry.name ? [] : (['name'] as const)),
    ...(url === undefined || matchesLiveUrl(url, live) ? [] : (['url'] as const)),
  ];
  return fields.length === 0 ? undefined : { entry, kind: 'changed', live, fields };
}

/** Returns a key that identifies an entry of an account. */
export function entryKey({ name, id }: { readonly name: unknown; readonly id?: unknown }): string {
  return JSON.stringify([name, typeof id === 'string' ? bareId(id) : null]);
}

/**
 * Describes the live state, as the end of a sentence that starts with the name of the entry. `isDone`: the entry has
 * been changed to it.
 */
export function differenceText(
  difference: Difference,
  rules: Pick<ImportRules, 'isPublishable'>,
  isDone = false,
): string {
  switch (difference.kind) {
    case 'not-live':
      return 'is not live';
    case 'unfinished':
      return 'is being replaced; run "hookwright apply" to finish the replacement';
    case 'changed': {
      const { live, fields, entry } = difference;
      const name = hasPublishableName(live.name, rules) ? JSON.stringify(live.name) : 'not shown';
      const url = isReference(entry.url) ? originOf(live.url) : publishableUrl(live.url, rules);
      if (isDone)
        return fields
          .map((field) => (field === 'name' ? `-> ${name}` : `now has the live url ${url}`))
          .join(', which ');
      return fields
        .map((field) => `has another live ${field}: ${field === 'name' ? name : url}`)
        .join(' and ');
    }
  }
}

/**
 * Returns the change that makes the entry match the live webhook, or why there is none, as the end of a
 * sentence. `rules`: about the other entries.
 */
export function changeFor(difference: Difference, rules: ImportRules): EntryChange | string {
  if (difference.kind !== 'changed')
    return difference.kind === 'not-live' ? { kind: 'remove' } : differenceText(difference, rules);
  const { entry, live, fields } = difference;
  if (fields.includes('url') && isReference(entry.url)) {
    const where = entry.url.kind === 'env' ? `variable ${entry.url.env}` : `file ${entry.url.file}`;
    return `has another live URL (${originOf(live.url)}): correct the ${where}, which contains it`;
  }
  const isPinned = entry.id !== undefined;
  const declared = new Map([...rules.declared].map(([name, pinned]) => [name, pinned && isPinned]));
  const problem = importProblem(live, isPinned, { ...rules, declared });
  if (problem !== undefined) return `${differenceText(difference, rules)}, but ${problem}`;
  return {
    kind: 'set',
    name: live.name,
    ...(fields.includes('url') && { url: entryOf(live, isPinned, rules).url }),
  };
}

/** The new names of entries that are renamed; `undefined` for one that is removed. */
export type Renames = ReadonlyMap<string, string | undefined>;

/** Returns the name that an entry has afterwards. */
export function renamedTo(names: Renames, name: string): string | undefined {
  return names.has(name) ? names.get(name) : name;
}

/** The changes that `--update` makes in one document. */
export type DocumentChanges = {
  /** By {@link entryKey}. */
  readonly webhooks: ReadonlyMap<string, EntryChange>;
  readonly names: Renames;
  /** The webhooks of routes, by {@link entryKey}. `undefined`: the policy is not live. */
  readonly routes: ReadonlyMap<string, readonly string[] | undefined>;
};

/** Returns the document with the changes. List items to remove become `undefined`. */
export function changedDocument(document: unknown, { webhooks, names, routes }: DocumentChanges): unknown {
  if (!isRecord(document)) return document;
  const renamed = (item: unknown): unknown => (typeof item === 'string' ? renamedTo(names, item) : item);
  return {
    ...document,
    ...eachItem(document, 'webhooks', (entry) => {
      const change = webhooks.get(entryKey(entry));
      if (!change) return entry;
      if (change.kind === 'remove') return undefined;
      const { name, url } = change;
      const { previously } = entry;
      return {
        ...entry,
        name,
        ...(url && { url: plainUrl(url) }),
        ...(Array.isArray(previously) && {
          previously: previously.map((item: unknown) => (item === name ? undefined : item)),
        }),
      };
    }),
    ...eachItem(document, 'policies', (route) => {
      const key = entryKey(route);
      if (!routes.has(key)) {
        const list = Array.isArray(route.webhooks) ? route.webhooks : [];
        return { ...route, webhooks: list.map(renamed) };
      }
      const list = routes.get(key);
      return list && { ...route, webhooks: list };
    }),
  };
}

type Item = Readonly<Record<string, unknown>> & { readonly name: unknown; readonly webhooks?: unknown };

function eachItem(
  document: Readonly<Record<string, unknown>>,
  key: string,
  change: (item: Item) => unknown,
): Readonly<Record<string, unknown>> {
  const list = document[key];
  if (!Array.isArray(list)) return {};
  return {
    [key]: list.map((item: unknown) => (isRecord(item) ? change({ name: undefined, ...item }) : item)),
  };
}

/** Returns the URL as it is written in a file. */
export function plainUrl(url: ImportedEntry['url']): unknown {
  return url.kind === 'literal' ? url.url : { env: url.env };
}
