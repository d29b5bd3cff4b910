import { isRecord } from './envelope.js';

/** What a list answer says about further pages; today's API says nothing, as its lists have one page. */
export type PageInfo = {
  readonly page?: number;
  readonly totalPages?: number;
  readonly totalCount?: number;
};

export type Page<T> = { readonly items: readonly T[]; readonly info: PageInfo };

/** Far more than any account has; a server that never ends its list must not keep us for ever. */
const MOST_PAGES = 1000;

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

/**
 * Reads the pages after the first. Fails closed: to take a part of a list for the whole would create
 * webhooks twice. Throws what `inconsistent` makes of the reason.
 */
export async function readAllPages<T extends { readonly id: string }>(
  first: Page<T>,
  fetchPage: (page: number) => Promise<Page<T>>,
  inconsistent: (why: string) => Error,
): Promise<readonly T[]> {
  const all = [...first.items];
  const { totalPages, totalCount } = first.info;
  const done = (page: number): boolean =>
    totalPages !== undefined && totalPages > 1 ? page >= totalPages : all.length >= (totalCount ?? 0);
  for (let page = 2; !done(page - 1); page += 1) {
    if (page > MOST_PAGES) throw inconsistent(`the list has more than ${MOST_PAGES} pages`);
    const { items, info } = await fetchPage(page);
    if (items.length === 0) throw inconsistent(`page ${page} of the list is empty`);
    if (info.page !== undefined && info.page !== page) {
      throw inconsistent(`page ${page} was requested, but page ${info.page} was returned`);
    }
    if (info.totalPages !== totalPages || info.totalCount !== totalCount) {
      throw inconsistent('the list changed while its pages were read');
    }
    all.push(...items);
  }
  if (new Set(all.map((item) => item.id)).size !== all.length) {
    throw inconsistent('the pages contain the same ID twice');
  }
  if (totalCount !== undefined && all.length !== totalCount) {
    throw inconsistent(`the pages contain ${all.length} entries, but the API announced ${totalCount}`);
  }
  return all;
}
