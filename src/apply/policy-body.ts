import equal from 'fast-deep-equal';
import { bareId, type WebhookId } from '../core/ids.js';
import { compareText, isRecord } from '../core/order.js';

/** Which webhook id gives way to which; the keys without dashes. */
export type Swaps = ReadonlyMap<string, WebhookId>;

/** A policy as the API gives it. */
export type RawPolicy = Readonly<Record<string, unknown>>;

/** What must become of the webhooks of one policy. */
export type PolicyEdit = {
  readonly swaps: Swaps;
  /** Ids, without dashes, that are taken out. */
  readonly remove: ReadonlySet<string>;
  readonly add: readonly WebhookId[];
};

/** Returns the policy after the edit: each id that gives way replaced where it stands, none twice. */
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

/** Returns all that GET returned but what the server sets itself. */
export function bodyOf(raw: RawPolicy): RawPolicy {
  return Object.fromEntries(
    Object.entries(raw).filter(([key]) => !['id', 'created', 'modified'].includes(key)),
  );
}

/** Is `after` what `wanted` asks for, as far as it matters? See {@link comparable}. */
export function isSamePolicy(after: RawPolicy, wanted: RawPolicy): boolean {
  return equal(comparable(after), comparable(wanted));
}

/** The fields in which two forms of a policy differ. */
export function differingFields(a: RawPolicy, b: RawPolicy): string[] {
  const [x, y] = [comparable(a), comparable(b)];
  return [...new Set([...Object.keys(x), ...Object.keys(y)])].filter((key) => !equal(x[key], y[key])).sort();
}

/** The server derives them from other fields, so they never count. */
const DERIVED: ReadonlySet<string> = new Set(['conditions']);

/**
 * A policy in the form in which two are compared: the API reorders lists, and leaves out what is empty or
 * writes it as null (https://github.com/cloudflare/terraform-provider-cloudflare/pull/6316, …/issues/7342).
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
 * Of a webhook only the id counts: what else is shown beside it belongs to the webhook, not to the policy. An email
 * address is not an id, so it is compared as it is.
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

/** Keys and lists in one order, whatever order they came in. */
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
