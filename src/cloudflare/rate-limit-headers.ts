/** Header names are in lower case, as Node returns them. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What one response says about one rate-limit policy. */
export type Quota = {
  readonly name: string;
  readonly remaining: number;
  /** Whole seconds until the window ends, rounded up. */
  readonly resetSeconds: number;
  /** How many requests a window allows, if the response says so. */
  readonly size?: number;
};

/** The documented windows last 5 minutes; a much longer one is ignored. */
const MAX_RESET_SECONDS = 600;

/**
 * Parses `Ratelimit: "default";r=50;t=30` and `Ratelimit-Policy: "default";q=100;w=60`; each can be a
 * comma-separated list (https://developers.cloudflare.com/fundamentals/api/reference/limits/). Invalid items
 * are left out: a server does not have to send these headers.
 */
export function parseQuotas(headers: AnswerHeaders): readonly Quota[] {
  const policies = items(headers['ratelimit-policy']);
  return items(headers['ratelimit']).flatMap(({ name, values }) => {
    const remaining = values.get('r');
    const resetSeconds = values.get('t');
    if (remaining === undefined || resetSeconds === undefined || resetSeconds > MAX_RESET_SECONDS) return [];
    // Cloudflare's own example gives the same policy two names.
    const policy =
      policies.find((each) => each.name === name) ?? (policies.length === 1 ? policies[0] : undefined);
    const size = policy?.values.get('q');
    return [{ name, remaining, resetSeconds, ...(size === undefined ? {} : { size }) }];
  });
}

/** Returns `retry-after` (whole seconds or a date) in milliseconds; `undefined` if missing or invalid. */
export function parseRetryAfter(headers: AnswerHeaders, now: number): number | undefined {
  const text = first(headers['retry-after'])?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Returns the first value of a header. */
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
