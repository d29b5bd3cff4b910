declare const brand: unique symbol;

/** 32 lower-case hex digits. */
export type AccountId = string & { readonly [brand]: 'AccountId' };
/** As the API gave it: 32 hex digits, with or without dashes. Compare with {@link bareId}. */
export type WebhookId = string & { readonly [brand]: 'WebhookId' };
/** As the API gave it: 32 hex digits, with or without dashes. */
export type PolicyId = string & { readonly [brand]: 'PolicyId' };

/**
 * An id without dashes, in lower case.
 * The API has answered both forms over time and policies refer to webhooks without dashes
 * (https://github.com/cloudflare/terraform-provider-cloudflare/issues/6455).
 */
export function bareId(id: string): string {
  return id.replaceAll('-', '').toLowerCase();
}

/** The ids of these, without dashes. */
export function bareIds(list: readonly { readonly id: string }[]): ReadonlySet<string> {
  return new Set(list.map(({ id }) => bareId(id)));
}

/** The text as an account id, or `undefined` if it is not 32 hex digits (dashes and case are forgiven). */
export function parseAccountId(text: string): AccountId | undefined {
  const bare = bareId(text);
  return /^[0-9a-f]{32}$/.test(bare) ? (bare as AccountId) : undefined;
}
