import type { AccountId } from './ids.js';
import type { HiddenUrl } from './live.js';
import type { Secret } from './secret.js';

/** Any YAML scalar as it is written, without quotes. It is only compared: change it to rotate. */
export type Version = string;

/** Where a value is that is not in the desired-state file. */
export type Reference =
  | { readonly kind: 'env'; readonly env: string; readonly version?: Version }
  /** `file` is as written, `path` is absolute. */
  | { readonly kind: 'file'; readonly file: string; readonly path: string; readonly version?: Version };

export type DesiredUrl =
  | { readonly kind: 'literal'; readonly url: string }
  /** A URL that is itself a credential. `value` is absent where it cannot be read. */
  | (Reference & { readonly value?: Secret })
  /** Only in a saved plan: a literal URL that looks like a credential. */
  | HiddenUrl;

export type DesiredSecret =
  | Reference
  /** Only under `--allow-literal-secrets`. */
  | { readonly kind: 'literal'; readonly value: Secret }
  /** `secret: none`: the file says that there is no secret. */
  | { readonly kind: 'none' };

/** The desired webhook: the part of an entry that is sent to Cloudflare. */
export type Spec = {
  readonly name: string;
  readonly url: DesiredUrl;
  /** Absent: the file does not say whether there is one. */
  readonly secret?: DesiredSecret;
};

export type DesiredWebhook = Spec & {
  /** Pins one live webhook; without dashes, lower case. */
  readonly id?: string;
  /** Earlier names, most recent first. */
  readonly previously: readonly string[];
  /** Never deleted or replaced. */
  readonly protect: boolean;
};

export type UrlStrategy = 'replace' | 'in-place';
export type SecretStrategy = 'replace' | 'in-place';
export type Strategy = { readonly url: UrlStrategy; readonly secret: SecretStrategy };

/** Which webhooks an existing policy sends to: the part of a policy that is managed. */
export type DesiredRoute = {
  readonly name: string;
  /** Picks one of several policies with this name; without dashes, lower case. */
  readonly id?: string;
  /** Names of entries of this account, or `id:…`. */
  readonly webhooks: readonly string[];
};

/** The desired webhooks of an account. */
export type DesiredAccount = {
  readonly accountId: AccountId;
  /** How people call the account; shown wherever its ID is. */
  readonly label?: string;
  /** Absent: the file has not decided what becomes of live webhooks that it does not name. */
  readonly unlisted?: 'delete' | 'keep';
  /** Names, patterns (`*`, `?`) and `id:…`: never touched, never counted. */
  readonly ignore: readonly string[];
  /** Names and `id:…` that must not exist: a reviewed deletion. */
  readonly absent: readonly string[];
  readonly strategy: Strategy;
  readonly webhooks: readonly DesiredWebhook[];
  /** Absent: the file has no `policies`, and no route is managed. */
  readonly routes?: readonly DesiredRoute[];
  /** Where the document starts, for messages: `hookwright.yaml:1`. */
  readonly source: string;
};
