import { isRecord } from '../core/order.js';

/** One entry of `errors`; some have no `code`, such as those about webhooks. */
export type ApiError = { readonly code?: number; readonly message: string };

/** The body of a response, as far as it is understood. */
export type Envelope = {
  /** Only `envelope` comes from the API: an object with a boolean `success`. */
  readonly form: 'envelope' | 'json' | 'html' | 'text' | 'empty';
  readonly success: boolean;
  readonly errors: readonly ApiError[];
  readonly result: unknown;
  readonly resultInfo: unknown;
};

const NOTHING = { success: false, errors: [], result: undefined, resultInfo: undefined };

/** Parses the body of a response; never throws. */
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

/** Returns the numeric codes of all errors. */
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

/** Includes the entries of `error_chain`, where the API says what exactly is wrong with a token. */
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

/** What a list response says about further pages. Today this is absent, because lists have one page. */
export type PageInfo = Readonly<Record<'page' | 'totalPages' | 'totalCount', number | undefined>>;

export type Page<T> = { readonly items: readonly T[]; readonly info: PageInfo };

/** Far more than any account has; it stops a server whose list never ends. */
const MAX_PAGES = 1000;

export function decodePageInfo(raw: unknown): PageInfo {
  const { page, total_pages: totalPages, total_count: totalCount } = isRecord(raw) ? raw : {};
  const known = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
  return { page: known(page), totalPages: known(totalPages), totalCount: known(totalCount) };
}

/**
 * Reads the pages after the first, if there are any. Returns all items, or why the pages do not fit together: a
 * partial list taken as complete would create duplicate webhooks.
 */
export async function readAllPages<T extends { readonly id: string }>(
  first: Page<T>,
  fetchPage: (page: number) => Promise<Page<T>>,
): Promise<{ readonly items: readonly T[] } | { readonly inconsistent: string }> {
  const all = [...first.items];
  const { totalPages, totalCount } = first.info;
  const done = (page: number): boolean =>
    totalPages !== undefined && totalPages > 1 ? page >= totalPages : all.length >= (totalCount ?? 0);
  if (done(1)) return first;
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
