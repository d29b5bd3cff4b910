import { atKey, atValue, fault, type Fault, type Path } from '../problem.js';

/** What kind of value this is, for a message; never the value. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'number') return 'a number';
  if (typeof value === 'boolean') return `the boolean ${String(value)}`;
  return 'a mapping';
}

/** What a field must be; `items` for those of a list. */
const WANTED: Readonly<Record<string, { readonly value: string; readonly items?: string }>> = {
  ignore: { value: 'a list of names and patterns', items: 'a string' },
  absent: { value: 'a list of names', items: 'a string' },
  strategy: { value: 'a mapping with url and secret' },
  webhooks: { value: 'a list', items: 'a mapping with name and url' },
  name: { value: 'a string' },
  id: { value: 'a string' },
  previously: { value: 'a list of names', items: 'a string' },
  protect: { value: 'true or false' },
};

/** `name: must be a string, not a number`. */
export function typeFault(path: Path, value: unknown): Fault {
  const field = path.findLast((step) => typeof step === 'string') ?? '';
  if (path.length === 0) {
    const message = `a document must be a mapping, not ${kindOf(value)}`;
    return fault(atValue(), 'wrong-type', message, 'Start with "webhooks:", the list of webhooks.');
  }
  if (field === 'webhooks' && path.length === 1 && value === null) {
    const hint =
      'To delete all webhooks, write "webhooks: []". An empty value is refused because the file may be truncated.';
    return fault(atKey(...path), 'missing-webhooks', 'webhooks: the list is missing', hint);
  }
  const isItem = typeof path.at(-1) === 'number';
  const wanted = WANTED[field];
  const wantedText = (isItem ? wanted?.items : wanted?.value) ?? 'of a different type';
  return wrongType(path, isItem && field === 'webhooks' ? 'a webhook' : field, wantedText, value);
}

/** The same for a field of which only the caller knows what it must be. */
export function wrongType(path: Path, label: string, wanted: string, value: unknown): Fault {
  const subject = label === 'a webhook' ? `${label} must be` : `${label}: must be`;
  const place = value === null ? atKey(...path) : atValue(...path);
  const scalar = typeof value === 'number' || typeof value === 'boolean';
  const quote = wanted.startsWith('a string') && scalar ? 'Quote it.' : undefined;
  const single =
    wanted.startsWith('a list') && typeof value === 'string' ? 'Write it as a list: [value]' : undefined;
  return fault(place, 'wrong-type', `${subject} ${wanted}, not ${kindOf(value)}`, quote ?? single);
}
