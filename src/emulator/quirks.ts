import { usageError } from '../core/errors.js';

/** `values`: the values as in the help. `parse` returns `undefined` for any other text. */
type Quirk<Value> = {
  readonly about: string;
  readonly initial: Value;
  readonly values: string;
  readonly parse: (text: string) => Value | undefined;
};

/** `block`: how long requests over the limit are refused: the rest of the window, or a full window. */
export type Rate = {
  readonly limit: number;
  readonly windowMs: number;
  readonly block?: 'rest' | 'full';
  /** Whether the ratelimit headers are sent; true by default. */
  readonly headers?: boolean;
};

function choice<const V extends string>(about: string, ...values: [V, ...V[]]): Quirk<V> {
  const parse = (text: string): V | undefined => values.find((value) => value === text);
  return { about, initial: values[0], values: values.join('|'), parse };
}

function amount(about: string): Quirk<number> {
  return { about, initial: 0, values: 'N', parse: parseCount };
}

function duration(about: string): Quirk<number> {
  return { about, initial: 0, values: 'MS', parse: parseMs };
}

function rateLimit(about: string): Quirk<Rate | 'off'> {
  return { about, initial: 'off', values: 'off|REQUESTS/MS', parse: parseRate };
}

/**
 * Behavior of the real API that is not known or may change. The first value is the most probable
 * and the default. Sources: https://developers.cloudflare.com/notifications/get-started/configure-webhooks/,
 * https://github.com/cloudflare/terraform-provider-cloudflare/issues/2266 (PUT keeps the URL).
 */
export const QUIRKS = {
  'put-url': choice('what a PUT does to the URL', 'kept', 'applied'),
  'put-secret': choice(
    'what a PUT does to the secret; cleared: a PUT without a secret erases it',
    'kept',
    'applied',
    'cleared',
  ),
  'put-test': choice('whether a PUT sends a test message', 'on', 'off'),
  'test-refusal': choice('the response if a test message fails', '400', '422'),
  'put-policy': choice('what a PUT does to a policy', 'replaced', 'merged'),
  'delete-unknown': choice('the response of DELETE for an unknown webhook', '15000', '404'),
  'delete-policy': choice('what happens to policies that use a deleted webhook', 'detach', 'keep', 'refuse'),
  'delete-result': choice('the result of a DELETE', 'id', 'null', 'none'),
  ids: choice('how IDs are written in responses', 'dashless', 'dashed'),
  'split-urls': choice('removal of the credential from chat URLs', 'on', 'off'),
  'split-secret': choice('the secret for a chat URL without its credential', 'optional', 'required'),
  'gchat-query': choice('what remains of the query of a Google Chat URL', 'dropped', 'key-kept'),
  'type-from-body': choice('a type in the request body', 'ignored', 'honored'),
  'duplicate-names': choice('two webhooks with the same name', 'allowed', 'refused'),
  'http-urls': choice('http: URLs', 'allowed', 'refused'),
  eligible: choice('whether the account can use webhooks', 'yes', 'no'),
  'eligible-shape': choice('a mechanism in destinations/eligible', 'object', 'array'),
  order: choice('the order of lists', 'stable', 'shuffled'),
  'created-digits': choice('fractional digits of created_at', 'varied', '0', '3', '6'),
  'destination-test': choice('where test messages are sent', 'off', 'loopback'),
  'name-limit': amount('maximum length of a name; 0: no limit'),
  'denied-every': amount('every Nth request is denied with 403 and code 10000; 0: none'),
  'list-lag': duration('delay until creates and deletes are visible in the list'),
  'get-lag': duration('the same, in GET of one webhook'),
  'put-lag': duration('delay until a PUT of a webhook is visible'),
  'policy-lag': duration('delay until a write of a policy is visible'),
  'test-delay': duration('delay until POST policies/{id}/test changes last_success or last_failure'),
  'rate-status': choice('the status of a rate-limited response (code 971)', '429', '200'),
  rate: rateLimit('rate limit, for example 1200/300s'),
} as const;

type QuirkName = keyof typeof QUIRKS;

/** One value for each quirk. */
export type Quirks = { readonly [Name in QuirkName]: (typeof QUIRKS)[Name]['initial'] };

const NAMES = Object.keys(QUIRKS) as QuirkName[];

/** The most probable behavior of the real API. */
export const DEFAULT_QUIRKS = Object.fromEntries(
  NAMES.map((name) => [name, QUIRKS[name].initial]),
) as unknown as Quirks;

/**
 * Reads `put-url=applied,list-lag=2s`. Times are milliseconds unless they end in `s`; other quirks
 * keep their default.
 * @throws HookwrightError `usage`, with the names of the quirks.
 */
export function parseQuirks(text: string): Quirks {
  const parsed: Record<string, unknown> = { ...DEFAULT_QUIRKS };
  const seen = new Set<string>();
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim();
    const quirk: Quirk<unknown> | undefined = NAMES.includes(name as QuirkName)
      ? QUIRKS[name as QuirkName]
      : undefined;
    if (!quirk)
      throw usageError(
        `unknown quirk "${name}"; it must be one of ${NAMES.join(', ')}. See: hookwright emulator --help --all`,
      );
    if (seen.has(name)) throw usageError(`quirk "${name}" is set twice`);
    seen.add(name);
    const value = equals < 0 ? undefined : quirk.parse(part.slice(equals + 1).trim());
    if (value === undefined) throw usageError(`quirk "${name}" must be ${quirk.values}, not "${part}"`);
    parsed[name] = value;
  }
  return parsed as Quirks;
}

/** Returns the table of quirks for `--help`: name, values (the default first), description. */
export function formatQuirksHelp(): string {
  return NAMES.map((name) => `  ${name}=${QUIRKS[name].values}\n      ${QUIRKS[name].about}`).join('\n');
}

function parseRate(text: string): Rate | 'off' | undefined {
  if (text === 'off') return text;
  const slash = text.indexOf('/');
  const limit = parseCount(text.slice(0, Math.max(0, slash)));
  const windowMs = parseMs(text.slice(slash + 1));
  return slash > 0 && limit && windowMs ? { limit, windowMs } : undefined;
}

function parseCount(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function parseMs(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d+)?)(ms|s)?$/.exec(text);
  return match ? Math.round(Number(match[1]) * (match[2] === 's' ? 1000 : 1)) : undefined;
}

/** The day of a recorded response, so that seeded webhooks are older than those that a test creates. */
const SEEDED_FROM = Date.parse('2025-03-12T17:31:52.000Z');

/**
 * Creates timestamps as Cloudflare writes them: microseconds without trailing zeros, so the number of digits
 * varies (`2025-03-12T17:31:52.88075Z`). They are all different unless the quirk asks for fewer digits.
 */
export class TimestampSource {
  #last = 0;
  #count = 0;
  #seeded = 0;

  constructor(
    readonly now: () => number,
    private readonly digits: Quirks['created-digits'],
  ) {}

  next(): string {
    this.#count += 1;
    const micros = this.now() * 1000 + ((this.#count * 370) % 1000);
    this.#last = Math.max(this.#last + 1, micros);
    return this.#write(this.#last);
  }

  /** Returns past times, each about 1 minute after the previous one. */
  seeded(): string {
    this.#seeded += 1;
    return this.#write(SEEDED_FROM * 1000 + this.#seeded * 60_880_750);
  }

  #write(micros: number): string {
    const seconds = new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19);
    const fraction = String(micros % 1_000_000).padStart(6, '0');
    const shown =
      this.digits === 'varied' ? fraction.replace(/0+$/, '') : fraction.slice(0, Number(this.digits));
    return shown === '' ? `${seconds}Z` : `${seconds}.${shown}Z`;
  }
}
