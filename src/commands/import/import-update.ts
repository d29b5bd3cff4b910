import type { DesiredAccount } from '../../core/desired.js';
import { bareId } from '../../core/ids.js';
import { isReservedName } from '../../core/leftovers.js';
import type { Match } from '../../core/match.js';
import { isRecord } from '../../core/order.js';
import { desiredUrl, isReference, matchesLiveUrl, originOf } from '../../core/urls.js';
import {
  entryOf,
  hasPublishableName,
  importProblem,
  type ImportRules,
  publishableUrl,
} from './import-entries.js';

/** How an entry or a route in the file differs from the live state of an account. */
export type Difference = {
  /** As the beginning of a sentence. */
  readonly text: string;
  /** What must be the same in all accounts of the entry. */
  readonly gist: unknown;
  /** Returns the change to the live state. */
  readonly change: () => ItemChange;
};

/** How to change an entry or a route in the file. */
export type ItemChange = {
  /** What was changed, or why it cannot be, as the beginning of a sentence. */
  readonly text: string;
  /** Returns the changed item, or `undefined` to remove it. Absent: the item does not change. */
  readonly edit?: (item: Item) => Item | undefined;
  /** Present if the name of the entry changes. `to` is `undefined` if the entry is removed. */
  readonly renamed?: readonly [from: string, to: string | undefined];
};

type Item = Readonly<Record<string, unknown>>;

/** Returns the removal of an item that differs as `text` says. */
export function removal(text: string): ItemChange {
  return { text: `${text}, so its entry was removed`, edit: () => undefined };
}

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

/**
 * Returns how the entry differs. `undefined`: it does not, or it is not known what it refers to. `rulesFor`:
 * the rules for a change, which depend on the other entries.
 */
export function entryDifference(
  { desired: entry, live, leftovers, ambiguous }: Match,
  rules: Pick<ImportRules, 'isPublishable'>,
  rulesFor: () => ImportRules,
): Difference | undefined {
  const quoted = JSON.stringify(entry.name);
  if (ambiguous) return undefined;
  if (leftovers.length > 0 || (live && isReservedName(live.name))) {
    const text = `${quoted} is being replaced; run "hookwright apply" to finish the replacement`;
    return { text, gist: 'unfinished', change: () => ({ text }) };
  }
  if (!live) {
    const text = `${quoted} is not live`;
    return { text, gist: 'not-live', change: () => ({ ...removal(text), renamed: [entry.name, undefined] }) };
  }
  const url = desiredUrl(entry);
  const isRenamed = live.name !== entry.name;
  const isMoved = url !== undefined && !matchesLiveUrl(url, live);
  if (!isRenamed && !isMoved) return undefined;
  const shownName = hasPublishableName(live.name, rules) ? JSON.stringify(live.name) : 'not shown';
  const shownUrl = isReference(entry.url) ? originOf(live.url) : publishableUrl(live.url, rules);
  const differing = [
    ...(isRenamed ? [`has another live name: ${shownName}`] : []),
    ...(isMoved ? [`has another live url: ${shownUrl}`] : []),
  ];
  const text = `${quoted} ${differing.join(' and ')}`;
  const change = (): ItemChange => {
    if (isMoved && isReference(entry.url)) {
      const where = entry.url.kind === 'env' ? `variable ${entry.url.env}` : `file ${entry.url.file}`;
      return {
        text: `${quoted} has another live URL (${shownUrl}): correct the ${where}, which contains it`,
      };
    }
    const isPinned = entry.id !== undefined;
    const others = rulesFor();
    const problem = importProblem(live, isPinned, others);
    if (problem !== undefined) return { text: `${text}, but ${problem}` };
    const changed = [
      ...(isRenamed ? [`-> ${shownName}`] : []),
      ...(isMoved ? [`now has the live url ${shownUrl}`] : []),
    ];
    const newUrl = isMoved ? entryOf(live, isPinned, others).url : undefined;
    const variable =
      typeof newUrl === 'object'
        ? `; set variable ${newUrl.env} to the whole URL where "hookwright apply" runs`
        : '';
    return {
      text: `${quoted} ${changed.join(', which ')}${variable}`,
      edit: ({ previously, ...item }) => ({
        ...item,
        name: live.name,
        ...(newUrl && { url: newUrl }),
        ...(Array.isArray(previously) && {
          previously: previously.map((each: unknown) => (each === live.name ? undefined : each)),
        }),
      }),
      ...(isRenamed && { renamed: [entry.name, live.name] as const }),
    };
  };
  return { text, gist: [isRenamed, isMoved, live.name, live.url], change };
}

/** The new names of entries; `undefined` for one that is removed. */
export type Renames = ReadonlyMap<string, string | undefined>;

/** Returns the name that an entry has afterwards. */
export function renamedTo(names: Renames, name: string): string | undefined {
  return names.has(name) ? names.get(name) : name;
}

type ListName = 'webhooks' | 'policies';

/** Returns a key that identifies an item of a document. */
export function itemKey(
  list: ListName,
  { name, id }: { readonly name?: unknown; readonly id?: unknown },
): string {
  return JSON.stringify([list, name, typeof id === 'string' ? bareId(id) : null]);
}

/** Returns the entries or the routes of a document. */
export function itemsIn(document: unknown, list: ListName): readonly Item[] {
  const items: unknown = isRecord(document) ? document[list] : undefined;
  return Array.isArray(items) ? items.filter(isRecord) : [];
}

/** Returns the document with the edits, by {@link itemKey}. List items to remove become `undefined`. */
export function changedDocument(
  document: unknown,
  edits: ReadonlyMap<string, NonNullable<ItemChange['edit']>>,
  names: Renames,
): unknown {
  if (!isRecord(document)) return document;
  const lists = (['webhooks', 'policies'] as const).filter((list) => list in document);
  const changed = lists.map((list) => {
    const items = itemsIn(document, list).map((item) => {
      const edit = edits.get(itemKey(list, item)) ?? inNewNames;
      return edit(item, names);
    });
    return [list, items];
  });
  return { ...document, ...Object.fromEntries(changed) };
}

/** Returns a route with the new names of its webhooks. An entry has no webhooks. */
function inNewNames(item: Item, names: Renames): Item {
  const { webhooks } = item;
  if (!Array.isArray(webhooks)) return item;
  return {
    ...item,
    webhooks: webhooks.map((each: unknown) => (typeof each === 'string' ? renamedTo(names, each) : each)),
  };
}
