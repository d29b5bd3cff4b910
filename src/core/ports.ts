import type { HookwrightError } from './errors.js';
import type { AccountId, PolicyId, WebhookId } from './ids.js';
import type { Live, Policy } from './live.js';
import type { Secret } from './secret.js';

/** The variables of a process, given as a value. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The values that an entry of the file refers to. They stay wrapped until they are sent. */
export type Credentials = {
  readonly url: string | Secret;
  /** Absent: the request body has no `secret`. */
  readonly secret?: Secret;
};

/** The body of a POST or PUT of a webhook. */
export type WebhookBody = Credentials & { readonly name: string };

/** Reads retry automatically. They throw a {@link HookwrightError} when they give up. */
export interface Reader {
  /** Lists all webhooks of the account. A response without a list is an error, never an empty account. */
  listWebhooks(account: AccountId): Promise<readonly Live[]>;
  /** Returns `undefined` if there is no such webhook. */
  getWebhook(account: AccountId, id: WebhookId): Promise<Live | undefined>;
  listPolicies(account: AccountId): Promise<readonly Policy[]>;
  /** Returns `undefined` if there is no such policy. */
  getPolicy(account: AccountId, id: PolicyId): Promise<Policy | undefined>;
}

/**
 * The result of a write. `refused`: Cloudflare rejected it, and nothing happened. `unknown`: it may have
 * happened. The client repeats only writes that certainly had no effect.
 */
export type WriteAnswer<T> =
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'refused'; readonly error: HookwrightError }
  | { readonly status: 'unknown'; readonly error: HookwrightError };

/**
 * `abandon`: if this aborts while the write waits to be sent (for the rate limit, for example), the write is
 * not sent and the result is `refused` with the code `interrupted`.
 */
export type WriteOptions = { readonly abandon?: AbortSignal };

/** Each call is one write. It is not repeated after an unknown result, and no response makes it throw. */
export interface Writer {
  createWebhook(
    account: AccountId,
    body: WebhookBody,
    options?: WriteOptions,
  ): Promise<WriteAnswer<WebhookId>>;
  updateWebhook(
    account: AccountId,
    id: WebhookId,
    body: WebhookBody,
    options?: WriteOptions,
  ): Promise<WriteAnswer<void>>;
  deleteWebhook(account: AccountId, id: WebhookId, options?: WriteOptions): Promise<WriteAnswer<void>>;
  updatePolicy(
    account: AccountId,
    id: PolicyId,
    body: Readonly<Record<string, unknown>>,
  ): Promise<WriteAnswer<void>>;
}

/** Time, so that tests do not have to wait. In milliseconds. */
export interface Clock {
  /** Returns the time of day, for dates. It can be reset at any time, so do not measure durations with it. */
  now(): number;
  /** Returns the time since a fixed moment, for durations and deadlines. It never jumps. */
  monotonic(): number;
  /** Sleeps. Returns early, without an error, when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The defaults of the flags and of the library's options with these names. */
export const RUN_DEFAULTS = {
  parallelism: 10,
  timeoutMs: 30_000,
  retries: 4,
  retryDelayMs: 500,
  settleMs: 10_000,
} as const;
