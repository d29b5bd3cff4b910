/** Header names in lower case, as Node gives them. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What one policy of the rate limit says in one answer. */
export type Quota = {
  readonly name: string;
  readonly remaining: number;
  /** Whole seconds until the window ends, rounded up. */
  readonly resetSeconds: number;
  /** How many requests a window takes, where the answer says so. */
  readonly size?: number;
};

/** The documented windows are of five minutes; a server that says otherwise by far is not believed. */
const LONGEST_RESET_SECONDS = 600;

/**
 * Reads `Ratelimit: "default";r=50;t=30` and `Ratelimit-Policy: "default";q=100;w=60`, each possibly a
 * comma list (https://developers.cloudflare.com/fundamentals/api/reference/limits/). What cannot be read
 * is left out: a server need not send these headers.
 */
export function parseQuotas(headers: AnswerHeaders): readonly Quota[] {
  const policies = items(headers['ratelimit-policy']);
  return items(headers['ratelimit']).flatMap(({ name, values }) => {
    const remaining = values.get('r');
    const resetSeconds = values.get('t');
    if (remaining === undefined || resetSeconds === undefined || resetSeconds > LONGEST_RESET_SECONDS)
      return [];
    // Cloudflare's own example calls the one policy by two names.
    const policy =
      policies.find((each) => each.name === name) ?? (policies.length === 1 ? policies[0] : undefined);
    const size = policy?.values.get('q');
    return [{ name, remaining, resetSeconds, ...(size === undefined ? {} : { size }) }];
  });
}

/** `retry-after` in milliseconds: whole seconds or a date; `undefined` where there is none that makes sense. */
export function parseRetryAfter(headers: AnswerHeaders, now: number): number | undefined {
  const text = first(headers['retry-after'])?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The first value of a header. */
export function first(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

type Item = { readonly name: string; readonly values: ReadonlyMap<string, number> };

function items(header: string | readonly string[] | undefined): readonly Item[] {
  if (header === undefined) return [];
  const text = typeof header === 'string' ? header : header.join(',');
  return text.split(',').map((item) => {
    const [name = '', ...pairs] = item.split(';').map((part) => part.trim());
    const values = new Map<string, number>();
    for (const pair of pairs) {
      const [key = '', value = ''] = pair.split('=');
      if (/^\d{1,9}$/.test(value)) values.set(key, Number(value));
    }
    return { name: name.replaceAll('"', ''), values };
  });
}
