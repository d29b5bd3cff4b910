import type { PolicyId, WebhookId } from './ids.js';

/** A webhook as the list endpoint returns it, without unknown fields. */
export type Live = {
  readonly id: WebhookId;
  readonly name: string;
  /** For chat services, without the token that Cloudflare has moved out of it. */
  readonly url: string;
  /** Whether it belongs to an entry whose URL is a reference. If so, only scheme and host are shown. */
  readonly urlIsSecret?: true;
  /** `slack`, `generic`, …: Cloudflare derives it from the URL. Unknown values are accepted. */
  readonly type: string;
  /** RFC 3339 with a varying number of fractional digits. Null if the API returned none. */
  readonly createdAt?: string | null;
  readonly lastSuccess?: string | null;
  readonly lastFailure?: string | null;
};

/** A URL that is not known here. For a credential URL, a saved plan contains only this. */
export type HiddenUrl = {
  readonly kind: 'hidden';
  readonly host: string;
  /** SHA-256 of the normal form. */
  readonly sha256: string;
};

/** A live webhook in a plan, which can be a saved plan. */
export type PlannedLive = Omit<Live, 'url'> & { readonly url: string | HiddenUrl };

/** A notification policy: the parts that hookwright uses. */
export type Policy = {
  readonly id: PolicyId;
  readonly name: string;
  readonly enabled: boolean;
  /** The IDs in `mechanisms.webhooks`, in the API's order. */
  readonly webhookIds: readonly WebhookId[];
  /** The number of email addresses, PagerDuty services and other recipients that are not webhooks. */
  readonly otherMechanisms: number;
  /** The whole object as the API returned it. A PUT must send all of it. */
  readonly raw: Readonly<Record<string, unknown>>;
};
