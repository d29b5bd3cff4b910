import { shellWord } from '../text/layout.js';
import type { AccountId } from './ids.js';
import type { HiddenUrl } from './live.js';
import type { Secret } from './secret.js';

/** Any YAML scalar as it is written, without quotes. It is only compared; changing it rotates the value. */
export type Version = string;

/** Where to find a value that is not in the desired-state file. */
export type Reference =
  | { readonly kind: 'env'; readonly env: string; readonly version?: Version }
  /** `file` is as written, `path` is absolute. */
  | { readonly kind: 'file'; readonly file: string; readonly path: string; readonly version?: Version };

export type DesiredUrl =
  | { readonly kind: 'literal'; readonly url: string }
  /** A URL that is itself a credential. `value` is absent if it cannot be read. */
  | (Reference & { readonly value?: Secret })
  /** Only in a saved plan: a literal URL that looks like a credential. */
  | HiddenUrl;

export type DesiredSecret =
  | Reference
  /** Only under `--allow-literal-secrets`. */
  | { readonly kind: 'literal'; readonly value: Secret }
  /** `secret: none`: the file declares that the webhook has no secret. */
  | { readonly kind: 'none' };

/** The desired webhook: the part of an entry that is sent to Cloudflare. */
export type Spec = {
  readonly name: string;
  readonly url: DesiredUrl;
  /** Absent: the file does not say whether there is a secret. */
  readonly secret?: DesiredSecret;
};

export type DesiredWebhook = Spec & {
  /** Pins one live webhook; without dashes, lowercase. */
  readonly id?: string;
  /** Previous names, most recent first. */
  readonly previously: readonly string[];
  /** Whether deleting or replacing it is refused. */
  readonly protect: boolean;
};

export type UrlStrategy = 'replace' | 'in-place';
export type SecretStrategy = 'replace' | 'in-place';
export type Strategy = { readonly url: UrlStrategy; readonly secret: SecretStrategy };

/** Which webhooks an existing policy sends to: the only part of a policy that hookwright manages. */
export type DesiredRoute = {
  readonly name: string;
  /** Picks one of several policies with this name; without dashes, lowercase. */
  readonly id?: string;
  /** Names of entries of this account, or `id:…`. */
  readonly webhooks: readonly string[];
};

/** The desired webhooks of an account. */
export type DesiredAccount = {
  readonly accountId: AccountId;
  /** A name for the account, shown wherever its ID is shown. */
  readonly label?: string;
  /** Whether to delete or keep live webhooks that are not in the file. Absent: undecided. */
  readonly unlisted?: 'delete' | 'keep';
  /** Names, patterns (`*`, `?`) and `id:…` of webhooks that are never changed or counted. */
  readonly ignore: readonly string[];
  /** Names and `id:…` of webhooks that must not exist: each is a reviewed deletion. */
  readonly absent: readonly string[];
  readonly strategy: Strategy;
  readonly webhooks: readonly DesiredWebhook[];
  /** Absent: the file has no `policies`, so no route is managed. */
  readonly routes?: readonly DesiredRoute[];
  /** The file that describes it, as in messages: `hookwright.yaml`, or {@link STDIN}. */
  readonly file: string;
  /** Where the document starts, for messages: `hookwright.yaml:1`. */
  readonly source: string;
};

/** What messages call standard input. */
export const STDIN = '<stdin>';

/** Returns ` -f FILE`, as typed in a shell; empty for standard input, which cannot be written. */
export function fileFlag(file: string): string {
  return file === STDIN ? '' : ` -f ${shellWord(file)}`;
}
