import { failed, success, type Result } from '../core/errors.js';
import type { PolicyId, WebhookId } from '../core/ids.js';
import type { Live, Policy } from '../core/live.js';
import type { WebhookBody } from '../core/ports.js';
import type { Redactor } from '../text/redactor.js';
import { isRecord } from '../core/order.js';
import { hiddenParts } from '../core/urls.js';

/** The decoded value, or what is wrong with the wire data. */
export type Decoded<T> = Result<T, string>;

/** Whether the account can use one kind of destination. */
export type Eligibility = {
  /** `webhooks`, `email`, `pagerduty`. */
  readonly mechanism: string;
  readonly type: string;
  readonly eligible: boolean;
  readonly ready: boolean;
};

/** What Cloudflare reports about the API token in use. */
export type TokenStatus = {
  /** `active`, `disabled`, `expired`. */
  readonly status: string;
  /** RFC 3339; absent if the token does not expire. */
  readonly expiresOn?: string;
};

type Fields = Readonly<Record<string, unknown>>;

class DecodeError extends Error {}

/**
 * Decodes a webhook. The published schema makes every field optional, and recorded responses contain null
 * timestamps
 * (https://developers.cloudflare.com/api/resources/alerting/subresources/destinations/subresources/webhooks/),
 * so only the ID is required. Unknown fields are dropped, unknown types are kept.
 */
export function decodeWebhook(raw: unknown): Decoded<Live> {
  return decoded(() => webhook(raw));
}

/** Decodes a policy; `raw` keeps every field. */
export function decodePolicy(raw: unknown): Decoded<Policy> {
  return decoded(() => policy(raw));
}

/** Decodes all entries or none: a plan from half a list would create duplicates or delete too much. */
export function decodeList<T>(raw: unknown, one: (entry: unknown) => Decoded<T>): Decoded<readonly T[]> {
  if (!Array.isArray(raw)) return failed('its result is not a list');
  const values: T[] = [];
  for (const [index, entry] of raw.entries()) {
    const decodedEntry = one(entry);
    if (!decodedEntry.ok) {
      return failed(`entry ${index + 1} of ${raw.length} in its list: ${decodedEntry.error}`);
    }
    values.push(decodedEntry.value);
  }
  return success(values);
}

/**
 * Flattens `{webhooks: [{eligible, ready, type}], …}`; a mechanism with one entry can come without a list.
 */
export function decodeEligible(raw: unknown): Decoded<readonly Eligibility[]> {
  return decoded(() =>
    Object.entries(fields(raw)).flatMap(([mechanism, list]) =>
      (Array.isArray(list) ? list : [list]).map((entry: unknown) => {
        const each = fields(entry);
        const type = text(each, 'type');
        return { mechanism, type, eligible: each['eligible'] === true, ready: each['ready'] === true };
      }),
    ),
  );
}

export function decodeTokenStatus(raw: unknown): Decoded<TokenStatus> {
  return decoded(() => {
    const token = fields(raw);
    const expiresOn = token['expires_on'];
    return { status: text(token, 'status'), ...(typeof expiresOn === 'string' ? { expiresOn } : {}) };
  });
}

/** Decodes the ID in the response to a create, which contains little else. */
export function decodeCreatedId(raw: unknown): Decoded<WebhookId> {
  return decoded(() => id(fields(raw)) as WebhookId);
}

/** A shorter part of a literal URL can be a word of other texts. */
const MIN_HIDDEN_PART = 8;

/**
 * Returns the body of a POST or PUT, with secrets in plain text. Adds them, and what is hidden of a literal URL,
 * to the redactor.
 */
export function encodeWebhook(body: WebhookBody, redactor: Redactor): string {
  const { name, url, secret } = body;
  const parts = typeof url === 'string' ? hiddenParts(url) : [];
  for (const part of parts) if (part.length >= MIN_HIDDEN_PART) redactor.add(part);
  if (typeof url !== 'string') redactor.add(url.reveal());
  if (secret) redactor.add(secret.reveal());
  const open = { name, url: typeof url === 'string' ? url : url.reveal() };
  return JSON.stringify(secret ? { ...open, secret: secret.reveal() } : open);
}

function decoded<T>(decode: () => T): Decoded<T> {
  try {
    return success(decode());
  } catch (error) {
    if (error instanceof DecodeError) return failed(error.message);
    throw error;
  }
}

function webhook(raw: unknown): Live {
  const each = fields(raw);
  return {
    id: id(each) as WebhookId,
    name: text(each, 'name'),
    url: text(each, 'url'),
    type: text(each, 'type'),
    createdAt: time(each['created_at']),
    lastSuccess: time(each['last_success']),
    lastFailure: time(each['last_failure']),
  };
}

function policy(raw: unknown): Policy {
  const each = fields(raw);
  const mechanisms = fields(each['mechanisms'] ?? {}, 'its mechanisms are');
  const { webhooks, ...others } = mechanisms;
  const used = webhooks ?? [];
  if (!Array.isArray(used)) throw new DecodeError('its mechanisms.webhooks is not a list');
  return {
    id: id(each) as PolicyId,
    name: text(each, 'name'),
    enabled: each['enabled'] !== false,
    webhookIds: used.map((entry: unknown) => id(fields(entry, 'a webhook in it is')) as WebhookId),
    otherMechanisms: Object.values(others).reduce<number>(
      (sum, list) => sum + (Array.isArray(list) ? list.length : 0),
      0,
    ),
    raw: each,
  };
}

function fields(raw: unknown, subject = 'it is'): Fields {
  if (!isRecord(raw)) throw new DecodeError(`${subject} not an object`);
  return raw;
}

function id(from: Fields): string {
  const value = from['id'];
  if (typeof value !== 'string' || value === '') throw new DecodeError('it has no id');
  return value;
}

function text(from: Fields, key: string): string {
  const value = from[key] ?? '';
  if (typeof value !== 'string') throw new DecodeError(`its ${key} is not a string`);
  return value;
}

function time(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
