import { resolve } from 'node:path';
import type { Reference, Strategy, Version } from '../core/desired.js';
import { bareId } from '../core/ids.js';
import { isRecord } from '../core/order.js';
import type { Path, Place } from './problem.js';
import type { YamlDocument } from './yaml/read-yaml.js';
import type { Source } from './yaml/source.js';

/** Which document of which file: one object for each, also if several documents include it. */
export type DocumentId = {
  /** As shown in messages: a path from the working directory. */
  readonly file: string;
  readonly index: number;
};

/** A document of a file: it describes an account, or is included by one that does. */
export type DocumentPart = YamlDocument & {
  readonly id: DocumentId;
  readonly source: Source;
  /** The directory that its paths are relative to, absolute. */
  readonly folder: string;
};

export type DraftUrl = { readonly kind: 'literal'; readonly url: string } | Reference;

export type DraftSecret =
  Reference | { readonly kind: 'none' } | { readonly kind: 'literal'; readonly value: unknown };

/** An item of a list of mappings, without the fields that are missing or invalid. */
type DraftEntry = {
  readonly part: DocumentPart;
  readonly list: 'webhooks' | 'policies';
  /** Its index in the list of its part. */
  readonly index: number;
  readonly name?: string;
  /** Without dashes, lowercase. */
  readonly id?: string;
};

export type DraftWebhook = DraftEntry & {
  readonly url?: DraftUrl;
  readonly secret?: DraftSecret;
  readonly previously: readonly string[];
  readonly protect: boolean;
};

export type DraftRoute = DraftEntry & { readonly webhooks: readonly string[] };

/** An item of a list of strings. `text` is empty if the item is not a string. */
export type DraftItem = { readonly text: string; readonly place: Place };

/** A document without its invalid values, so that its meaning can be checked together with its form. */
export type Draft = {
  /** The document itself, without what it includes. */
  readonly part: DocumentPart;
  /** Including malformed ones. */
  readonly accountIds: readonly string[];
  /** Whether it has an `account_id`, even an invalid one. */
  readonly namesAccount: boolean;
  readonly label?: string;
  readonly unlisted?: 'delete' | 'keep';
  readonly ignore: readonly DraftItem[];
  readonly absent: readonly DraftItem[];
  readonly strategy: Strategy;
  readonly webhooks: readonly DraftWebhook[];
  /** Absent: the document has no `policies`. */
  readonly routes?: readonly DraftRoute[];
};

/**
 * Reads a document, and the lists of those that it includes. Reads any value, and loses nothing of one that
 * matches the schema.
 */
export function readDraft(part: DocumentPart, included: readonly DocumentPart[]): Draft {
  const map = fieldsOf(part.value);
  const { account_id: id, label, unlisted } = map;
  const { url, secret } = fieldsOf(map['strategy']);
  const parts = [part, ...included];
  const hasRoutes = parts.some(({ value }) => Array.isArray(fieldsOf(value)['policies']));
  return {
    part,
    accountIds: typeof id === 'string' ? [id] : texts(id),
    namesAccount: id !== undefined && id !== null,
    ...(typeof label === 'string' && { label }),
    ...((unlisted === 'delete' || unlisted === 'keep') && { unlisted }),
    ignore: parts.flatMap((each) => itemsOf(each, 'ignore')),
    absent: parts.flatMap((each) => itemsOf(each, 'absent')),
    webhooks: parts.flatMap(webhooksOf),
    ...(hasRoutes && { routes: parts.flatMap(routesOf) }),
    strategy: {
      url: url === 'in-place' ? url : 'replace',
      secret: secret === 'in-place' ? secret : 'replace',
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

/** Returns the items of a list of strings at the root. */
export function itemsOf(part: DocumentPart, field: string): readonly DraftItem[] {
  return texts(fieldsOf(part.value)[field]).map((text, i) => ({
    text,
    place: { kind: 'value', path: [field, i], part },
  }));
}

/** Returns the items of a list of mappings at the root. */
function mapsIn({ value }: DocumentPart, list: DraftEntry['list']): readonly Fields[] {
  const items = fieldsOf(value)[list];
  return Array.isArray(items) ? items.map(fieldsOf) : NOTHING;
}

function webhooksOf(part: DocumentPart): readonly DraftWebhook[] {
  return mapsIn(part, 'webhooks').map((map, index) => {
    const url = urlDraft(map['url'], part.folder);
    const secret = readSecretField(map['secret'], part.folder);
    return {
      part,
      list: 'webhooks',
      index,
      ...identityOf(map),
      ...(url && { url }),
      ...(secret && { secret }),
      previously: texts(map['previously']),
      protect: map['protect'] === true,
    };
  });
}

function routesOf(part: DocumentPart): readonly DraftRoute[] {
  return mapsIn(part, 'policies').map((map, index) => {
    return { part, list: 'policies', index, ...identityOf(map), webhooks: texts(map['webhooks']) };
  });
}

function identityOf({ name, id }: Fields): Pick<DraftEntry, 'name' | 'id'> {
  return {
    ...(typeof name === 'string' && name.trim() !== '' && { name }),
    ...(typeof id === 'string' && { id: bareId(id) }),
  };
}

/** Returns the place of a value in an entry. */
export function placeIn({ part, list, index }: DraftEntry, ...path: Path): Place {
  return { kind: 'value', path: [list, index, ...path], part };
}

function urlDraft(value: unknown, folder: string): DraftUrl | undefined {
  if (typeof value === 'string') return value === '' ? undefined : { kind: 'literal', url: value };
  return readReference(value, folder);
}

function readSecretField(value: unknown, folder: string): DraftSecret | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'none') return { kind: 'none' };
  return typeof value === 'object' ? readReference(value, folder) : { kind: 'literal', value };
}

function readReference(value: unknown, folder: string): Reference | undefined {
  if (!isRecord(value)) return undefined;
  const { env, file } = value;
  if (typeof env === 'string') return { kind: 'env', env, ...versionOf(value) };
  if (typeof file !== 'string' || file === '') return undefined;
  return { kind: 'file', file, path: resolve(folder, file), ...versionOf(value) };
}

function versionOf({ version }: Fields): { readonly version?: Version } {
  return typeof version === 'string' ? { version } : {};
}

const NOTHING: readonly never[] = [];

function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return NOTHING;
  return value.map((item: unknown) => (typeof item === 'string' ? item : ''));
}
