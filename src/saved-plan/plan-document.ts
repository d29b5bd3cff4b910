import type { Version } from '../core/desired.js';
import type { FieldChange } from '../core/field-changes.js';
import type { AccountId, PolicyId, WebhookId } from '../core/ids.js';
import type { Live } from '../core/live.js';
import type { ApplyResult, Outcome } from '../core/outcome.js';
import type {
  AccountFailure,
  ActionKind,
  PolicyRef,
  Resource,
  RouteTarget,
  ShownAccountPlan,
  Summary,
} from '../core/plan.js';

/** Incremented when a reader of older documents would misread a new one. */
export const FORMAT_VERSION = 1;

export type ReferenceDocument =
  | { readonly env: string; readonly version?: Version }
  /** `path`: relative to the working directory of the plan, unless `file` is absolute; not part of the digest. */
  | { readonly file: string; readonly path?: string; readonly version?: Version };
/** `sha256`: of the normalized URL; only in a saved plan, because it allows short URLs to be guessed. */
type UrlObject = ReferenceDocument | { readonly host: string; readonly sha256?: string };
type SecretObject = ReferenceDocument | { readonly literal: true } | { readonly unknown: true };

/** A URL with nothing to hide, else its host, else a reference. */
export type UrlDocument = string | UrlObject;

/** `unknown`: Cloudflare never returns secrets. */
export type SecretDocument = 'none' | SecretObject;

/** A name, a URL, a secret (`none` is a plain string here) or the names of webhooks. */
export type SideDocument = string | UrlObject | SecretObject | readonly string[];

export type ChangeDocument = Pick<FieldChange, 'field'> & {
  /** `null`: the webhook does not exist. */
  readonly before: SideDocument | null;
  readonly after: SideDocument | null;
};

export type LiveDocument = Pick<Live, 'id' | 'name' | 'type'> & {
  readonly url: UrlDocument;
  readonly created_at?: string | null;
};

export type SpecDocument = {
  readonly name: string;
  readonly url: UrlDocument;
  readonly secret?: SecretDocument;
};

/** The webhooks that a policy uses. */
export type RoutesDocument = { readonly webhooks: readonly RouteTarget[] };

export type ActionDocument = {
  readonly kind: ActionKind;
  readonly resource: Resource;
  readonly name: string;
  readonly id?: WebhookId | PolicyId;
  /** Stable, for scripts: `renamed`, `url-changed+secret-rotated`. */
  readonly reason: string;
  readonly changes: readonly ChangeDocument[];
  readonly policies?: readonly PolicyRef[];
  /** What apply needs to carry out the action, and its precondition. */
  readonly before?: LiveDocument | RoutesDocument;
  readonly after?: SpecDocument | RoutesDocument;
  readonly retire?: readonly LiveDocument[];
  readonly survivor?: LiveDocument;
};

/** Something about an account, as it is in a document. */
export type Documented<T extends { readonly accountId: AccountId }> = Omit<T, 'accountId'> & {
  readonly account_id: AccountId;
};

type SameInPlan = 'label' | 'summary' | 'guards' | 'notes' | 'overrides';
export type AccountDocument = Pick<ShownAccountPlan, SameInPlan> & {
  readonly account_id: AccountId;
  readonly actions: readonly ActionDocument[];
  /** The IDs that were live when the plan was made; absent if no action depends on them. */
  readonly live_ids?: readonly WebhookId[];
  /** Live webhooks that the plan leaves alone although they have the name of an action. */
  readonly ignored_ids?: readonly WebhookId[];
  /** Unlisted webhooks that `--target` keeps from being deleted. */
  readonly unlisted_ids?: readonly WebhookId[];
};

export type PlanDocument = {
  readonly format_version: typeof FORMAT_VERSION;
  readonly digest?: string;
  readonly summary: Summary;
  readonly accounts: readonly AccountDocument[];
  readonly failures: readonly Documented<AccountFailure>[];
  /** Present if an account could not be read: the first failure. */
  readonly error?: AccountFailure['error'];
  /** The desired-state files of a saved plan, relative to the working directory; absent: the default file. */
  readonly files?: readonly string[];
  /** SHA-256 of everything else in a saved plan. */
  readonly checksum?: string;
};

export type ApplyDocument = PlanDocument & {
  readonly outcomes: readonly Documented<Outcome>[];
  readonly discrepancies: readonly Documented<ApplyResult['discrepancies'][number]>[];
} & Pick<ApplyResult, 'interrupted'>;
