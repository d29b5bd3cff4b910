import { isRecord } from '../core/order.js';

/** One entry of `errors`; the API leaves `code` out of some, such as those about webhooks. */
export type ApiError = { readonly code?: number; readonly message: string };

/** The body of an answer, as far as it can be understood. */
export type Envelope = {
  /** Only `envelope` is an answer of the API: an object with a boolean `success`. */
  readonly form: 'envelope' | 'json' | 'html' | 'text' | 'empty';
  readonly success: boolean;
  readonly errors: readonly ApiError[];
  readonly result: unknown;
  readonly resultInfo: unknown;
};

const NOTHING = { success: false, errors: [], result: undefined, resultInfo: undefined };

/** Never throws, whatever the text. */
export function parseEnvelope(text: string): Envelope {
  const json = parseJson(text);
  if (json === undefined) return { form: formOf(text), ...NOTHING };
  if (!isRecord(json) || typeof json['success'] !== 'boolean') {
    return { form: 'json', ...NOTHING, errors: isRecord(json) ? errorsOf(json['errors']) : [] };
  }
  return {
    form: 'envelope',
    success: json['success'],
    errors: errorsOf(json['errors']),
    result: json['result'],
    resultInfo: json['result_info'],
  };
}

/** The numeric codes of all errors. */
export function codesOf(envelope: Envelope): readonly number[] {
  return envelope.errors.flatMap((error) => (error.code === undefined ? [] : [error.code]));
}

function parseJson(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return undefined;
  }
}

function formOf(text: string): 'html' | 'text' | 'empty' {
  const start = text.slice(0, 1000).trim().toLowerCase();
  if (start === '') return 'empty';
  return start.startsWith('<') ? 'html' : 'text';
}

/** With the entries of `error_chain`, where the API says what exactly is wrong with a token. */
function errorsOf(raw: unknown): readonly ApiError[] {
  if (!Array.isArray(raw)) return [];
  return raw.slice(0, 20).flatMap((each: unknown) => {
    if (!isRecord(each)) return [];
    const { code, message, error_chain: chain } = each;
    const error = {
      message: typeof message === 'string' ? message : '',
      ...(typeof code === 'number' ? { code } : {}),
    };
    const inner = Array.isArray(chain) ? chain.slice(0, 20).filter(isRecord) : [];
    return [error, ...errorsOf(inner.map(({ code, message }) => ({ code, message })))];
  });
}

/** What a list answer says about further pages; today's API says nothing, as its lists have one page. */
export type PageInfo = {
  readonly page?: number;
  readonly totalPages?: number;
  readonly totalCount?: number;
};

export type Page<T> = { readonly items: readonly T[]; readonly info: PageInfo };

/** Far more than any account has; a server that never ends its list must not keep a run waiting forever. */
const MAX_PAGES = 1000;

export function decodePageInfo(raw: unknown): PageInfo {
  if (!isRecord(raw)) return {};
  const { page, total_pages: totalPages, total_count: totalCount } = raw;
  return {
    ...(typeof page === 'number' ? { page } : {}),
    ...(typeof totalPages === 'number' ? { totalPages } : {}),
    ...(typeof totalCount === 'number' ? { totalCount } : {}),
  };
}

/** Is there more than this first page? */
export function hasMore<T>(first: Page<T>): boolean {
  return (first.info.totalPages ?? 1) > 1 || (first.info.totalCount ?? 0) > first.items.length;
}

/** All of a list, or why its pages do not make one. */
export type AllPages<T> = { readonly items: readonly T[] } | { readonly inconsistent: string };

/**
 * Reads the pages after the first. Fails closed: to take a part of a list for the whole would create
 * webhooks twice.
 */
export async function readAllPages<T extends { readonly id: string }>(
  first: Page<T>,
  fetchPage: (page: number) => Promise<Page<T>>,
): Promise<AllPages<T>> {
  const all = [...first.items];
  const { totalPages, totalCount } = first.info;
  const done = (page: number): boolean =>
    totalPages !== undefined && totalPages > 1 ? page >= totalPages : all.length >= (totalCount ?? 0);
  for (let page = 2; !done(page - 1); page += 1) {
    if (page > MAX_PAGES) return { inconsistent: `the list has more than ${MAX_PAGES} pages` };
    const { items, info } = await fetchPage(page);
    if (items.length === 0) return { inconsistent: `page ${page} of the list is empty` };
    if (info.page !== undefined && info.page !== page) {
      return { inconsistent: `page ${page} was requested, but page ${info.page} was returned` };
    }
    if (info.totalPages !== totalPages || info.totalCount !== totalCount) {
      return { inconsistent: 'the list changed while its pages were read' };
    }
    all.push(...items);
  }
  if (new Set(all.map((item) => item.id)).size !== all.length) {
    return { inconsistent: 'the pages contain the same ID twice' };
  }
  if (totalCount !== undefined && all.length !== totalCount) {
    return { inconsistent: `the pages contain ${all.length} entries, but the API announced ${totalCount}` };
  }
  return { items: all };
}
