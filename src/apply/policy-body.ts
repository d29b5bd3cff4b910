import equal from 'fast-deep-equal';
import { bareId, type WebhookId } from '../core/ids.js';
import { compareText, isRecord } from '../core/order.js';

/** Which webhook ID replaces which. The keys have no dashes. */
export type Swaps = ReadonlyMap<string, WebhookId>;

/** A policy as the API returns it. */
export type RawPolicy = Readonly<Record<string, unknown>>;

/** How to change the webhooks of one policy. */
export type PolicyEdit = {
  readonly swaps: Swaps;
  /** IDs to remove, without dashes. */
  readonly remove: ReadonlySet<string>;
  readonly add: readonly WebhookId[];
};

/** Returns the edited policy. A replaced ID keeps its position, and no ID is listed twice. */
export function edited(raw: RawPolicy, { swaps, remove, add }: PolicyEdit): RawPolicy {
  const mechanisms = isRecord(raw['mechanisms']) ? raw['mechanisms'] : {};
  const entries = Array.isArray(mechanisms['webhooks']) ? mechanisms['webhooks'].filter(isRecord) : [];
  const seen = new Set<string>();
  const put = (entry: RawPolicy, id: string): RawPolicy[] => {
    if (seen.has(bareId(id))) return [];
    seen.add(bareId(id));
    return [{ ...entry, id }];
  };
  const staying = entries.flatMap((entry) => {
    const old = String(entry['id']);
    if (remove.has(bareId(old))) return [];
    return put(entry, swaps.get(bareId(old)) ?? old);
  });
  const added = add.flatMap((id) => put({}, swaps.get(bareId(id)) ?? id));
  return { ...raw, mechanisms: { ...mechanisms, webhooks: [...staying, ...added] } };
}

/** Returns everything that GET returned except the fields that the server sets. */
export function bodyOf(raw: RawPolicy): RawPolicy {
  return Object.fromEntries(
    Object.entries(raw).filter(([key]) => !['id', 'created', 'modified'].includes(key)),
  );
}

/** Reports whether both policies are equal in all fields that matter; see {@link comparable}. */
export function isSamePolicy(after: RawPolicy, wanted: RawPolicy): boolean {
  return equal(comparable(after), comparable(wanted));
}

/** Lists the fields in which two policies differ. */
export function differingFields(a: RawPolicy, b: RawPolicy): string[] {
  const [x, y] = [comparable(a), comparable(b)];
  return [...new Set([...Object.keys(x), ...Object.keys(y)])].filter((key) => !equal(x[key], y[key])).sort();
}

/** Not compared, because the server derives them from other fields. */
const DERIVED: ReadonlySet<string> = new Set(['conditions']);

/**
 * Returns the form in which policies are compared: the API reorders lists, and omits empty values or returns
 * them as null (https://github.com/cloudflare/terraform-provider-cloudflare/pull/6316, …/issues/7342).
 */
function comparable(raw: RawPolicy): RawPolicy {
  const mechanisms = isRecord(raw['mechanisms']) ? raw['mechanisms'] : {};
  const plainIds = Object.entries(mechanisms).map(
    ([kind, list]) => [kind, withPlainIds(kind, list)] as const,
  );
  const filled = { ...nonEmpty(bodyOf(raw)), mechanisms: nonEmpty(Object.fromEntries(plainIds)) };
  return sortedKeys(Object.fromEntries(Object.entries(filled).filter(([key]) => !DERIVED.has(key))));
}

/**
 * Keeps only the ID of a webhook, because its other fields do not belong to the policy. An email address is
 * not an ID, so it is compared as it is.
 */
function withPlainIds(kind: string, list: unknown): unknown {
  if (!Array.isArray(list)) return list;
  if (kind === 'email') return list;
  return list.map((entry: unknown) => {
    if (!isRecord(entry)) return entry;
    const id = bareId(String(entry['id']));
    return kind === 'webhooks' ? id : { ...entry, id };
  });
}

function nonEmpty(record: RawPolicy): RawPolicy {
  return Object.fromEntries(Object.entries(record).filter(([, each]) => !isEmpty(each)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Sorts keys and lists. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted).sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)));
  }
  return isRecord(value) ? sortedKeys(value) : value;
}

function sortedKeys(record: RawPolicy): RawPolicy {
  const keys = Object.keys(record).sort(compareText);
  return Object.fromEntries(keys.map((key) => [key, sorted(record[key])]));
}
