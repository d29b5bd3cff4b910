import type { HookwrightError } from './errors.js';
import type { AccountId, PolicyId, WebhookId } from './ids.js';
import type { Live, Policy } from './live.js';
import type { Secret } from './secret.js';

/** The variables of a process, given as a value. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The values that an entry of the file refers to. They stay wrapped until the wire. */
export type Credentials = {
  readonly url: string | Secret;
  /** Absent: the body has no `secret`. */
  readonly secret?: Secret;
};

/** What is sent in POST and PUT of a webhook. */
export type WebhookBody = Credentials & { readonly name: string };

/** Reads retry by themselves; they throw a {@link HookwrightError} when they give up. */
export interface Reader {
  /** All webhooks of the account. A response whose result is not a list is an error, never an empty account. */
  listWebhooks(account: AccountId): Promise<readonly Live[]>;
  /** `undefined`: there is no such webhook. */
  getWebhook(account: AccountId, id: WebhookId): Promise<Live | undefined>;
  listPolicies(account: AccountId): Promise<readonly Policy[]>;
  /** `undefined`: there is no such policy. */
  getPolicy(account: AccountId, id: PolicyId): Promise<Policy | undefined>;
}

/**
 * How a write was answered. `refused`: Cloudflare said no, nothing happened. `unknown`: it may have
 * happened. A write that certainly was not sent, or was answered 429, is sent again by the client.
 */
export type WriteAnswer<T> =
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'refused'; readonly error: HookwrightError }
  | { readonly status: 'unknown'; readonly error: HookwrightError };

/**
 * `abandon`: if the write is still waiting to be sent when this aborts (for the rate limit, say), it is not
 * sent and answered `refused` with the code `interrupted`.
 */
export type WriteOptions = { readonly abandon?: AbortSignal };

/** Each call is one write. None repeats itself after an unknown answer, none throws for an answer. */
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

/** Time, so that tests need not wait. Milliseconds. */
export interface Clock {
  /** The time of day, for dates. It can be set at any moment, so no duration is measured with it. */
  now(): number;
  /** The time since some fixed moment, for durations and deadlines. It never jumps. */
  monotonic(): number;
  /** Ends early, without an error, when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
