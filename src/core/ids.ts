declare const brand: unique symbol;

/** 32 lowercase hexadecimal digits. */
export type AccountId = string & { readonly [brand]: 'AccountId' };
/** As the API returned it: 32 hexadecimal digits, with or without dashes. Compare with {@link bareId}. */
export type WebhookId = string & { readonly [brand]: 'WebhookId' };
/** As the API returned it: 32 hexadecimal digits, with or without dashes. */
export type PolicyId = string & { readonly [brand]: 'PolicyId' };

/**
 * Returns an ID in lowercase, without dashes. The API has returned both forms, and policies refer to webhooks
 * without dashes (https://github.com/cloudflare/terraform-provider-cloudflare/issues/6455).
 */
export function bareId(id: string): string {
  return id.replaceAll('-', '').toLowerCase();
}

/** Returns the ID in `id:ID`, without dashes, whether it is valid or not. Returns `undefined` for a name. */
export function idReference(text: string): string | undefined {
  return text.startsWith('id:') ? bareId(text.slice(3)) : undefined;
}

/** Returns the IDs in a list of names and `id:ID`, without dashes. */
export function idsIn(list: readonly string[]): ReadonlySet<string> {
  return new Set(list.flatMap((text) => idReference(text) ?? []));
}

/** Reports whether an ID without dashes has the form that Cloudflare uses. */
export function isValidId(bare: string): boolean {
  return /^[0-9a-f]{32}$/.test(bare);
}

/** Returns the IDs without dashes. */
export function bareIds(list: readonly { readonly id: string }[]): ReadonlySet<string> {
  return new Set(list.map(({ id }) => bareId(id)));
}

/** Returns the names by ID without dashes. */
export function namesById(
  list: readonly { readonly id: string; readonly name: string }[],
): ReadonlyMap<string, string> {
  return new Map(list.map(({ id, name }) => [bareId(id), name]));
}

/** Parses an account ID with or without dashes, in any case. Returns `undefined` if it is not valid. */
export function parseAccountId(text: string): AccountId | undefined {
  const bare = bareId(text);
  return isValidId(bare) ? (bare as AccountId) : undefined;
}
