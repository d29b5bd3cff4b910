import type { PolicyId, WebhookId } from './ids.js';

/** A webhook as the list endpoint answers it. Unknown extra fields are dropped. */
export type Live = {
  readonly id: WebhookId;
  readonly name: string;
  /** For chat services without the token that Cloudflare took out of it. */
  readonly url: string;
  /** The url belongs to an entry that has it by reference: it is shown as scheme and host only. */
  readonly urlIsSecret?: true;
  /** `slack`, `generic`, …: Cloudflare derives it from the url; new values are carried, not refused. */
  readonly type: string;
  /** RFC 3339 with a varying number of fractional digits, as answered; absent or null where the API gave none. */
  readonly createdAt?: string | null;
  readonly lastSuccess?: string | null;
  readonly lastFailure?: string | null;
};

/** A url that is not known here: of one that is a credential, a saved plan has only this. */
export type HiddenUrl = {
  readonly kind: 'hidden';
  readonly host: string;
  /** Of the normal form. */
  readonly sha256: string;
};

/** A live webhook as a plan saw it, which may be a plan that was saved. */
export type PlannedLive = Omit<Live, 'url'> & { readonly url: string | HiddenUrl };

/** A notification policy, as far as hookwright looks at it. */
export type Policy = {
  readonly id: PolicyId;
  readonly name: string;
  readonly enabled: boolean;
  /** The ids of `mechanisms.webhooks`, as answered, in order. */
  readonly webhookIds: readonly WebhookId[];
  /** The number of email addresses, PagerDuty services and other mechanisms it has beside webhooks. */
  readonly otherMechanisms: number;
  /** The whole object as answered. A PUT sends back all of it. */
  readonly raw: Readonly<Record<string, unknown>>;
};
