import { bareId } from './ids.js';
import type { Live } from './live.js';

/** Compares by UTF-16 code units, so that the order is the same in any locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Named = { readonly name: string; readonly id?: string };

/** Compares by name, then by ID; an item without an ID comes first. */
export function compareNames(a: Named, b: Named): number {
  return compareText(a.name, b.name) || compareText(bareId(a.id ?? ''), bareId(b.id ?? ''));
}

type Aged = Pick<Live, 'id' | 'createdAt'>;

/**
 * Compares by age, oldest first, then by ID. `created_at` has a varying number of fractional digits
 * (`…52.88075Z`, `…06.720721Z`), so it is compared as time, not as text. An item without it comes last.
 */
export function compareAge(a: Aged, b: Aged): number {
  return compareTime(a.createdAt, b.createdAt) || compareText(bareId(a.id), bareId(b.id));
}

/** Compares RFC 3339 times with any number of fractional digits. What is not a time comes last. */
export function compareTime(a: string | null | undefined, b: string | null | undefined): number {
  const [x, y] = [instant(a), instant(b)];
  return x.seconds - y.seconds || compareText(x.fraction, y.fraction);
}

function instant(time: string | null | undefined): { seconds: number; fraction: string } {
  const match = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/i.exec(time ?? '');
  const milliseconds = Date.parse(`${match?.[1] ?? ''}${match?.[3] ?? 'Z'}`);
  const seconds = Number.isNaN(milliseconds) ? Number.MAX_SAFE_INTEGER : milliseconds / 1000;
  return { seconds, fraction: (match?.[2] ?? '').padEnd(12, '0') };
}

/** Returns the oldest item. */
export function oldest<T extends Aged>(items: readonly [T, ...T[]]): T {
  return items.reduce((first, item) => (compareAge(item, first) < 0 ? item : first));
}

/** Reports whether the value is an object other than an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Groups the items by key, in the order in which the keys first occur. No group is empty. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, [T, ...T[]]> {
  return grouped(items.map((item) => [keyOf(item), item]));
}

/** Groups values that are paired with their keys, as {@link groupBy} does. */
export function grouped<K, V>(pairs: readonly (readonly [K, V])[]): Map<K, [V, ...V[]]> {
  const groups = new Map<K, [V, ...V[]]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}
