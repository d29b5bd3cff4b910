import type { ErrorCode } from './errors.js';
import type { AccountId, WebhookId } from './ids.js';
import type { ActionKind } from './plan.js';

/** `skipped`: not begun, on purpose; `unknown`: sent, and no answer or read tells whether it happened. */
export type OutcomeStatus = 'applied' | 'failed' | 'skipped' | 'unknown';

/** How one planned action ended. */
export type Outcome = {
  readonly accountId: AccountId;
  readonly kind: ActionKind;
  readonly name: string;
  /** Of the webhook that exists now (create, update, replace) or existed (delete). */
  readonly id?: WebhookId;
  readonly status: OutcomeStatus;
  /** Did any write of this action reach Cloudflare? */
  readonly wrote: boolean;
  /** What was done, where that is not the planned kind: an `auto` replace that one PUT settled. */
  readonly did?: ActionKind;
  /** What cannot be told, for example that an in-place rotation cannot be verified. */
  readonly note?: string;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
};

/** The result of an apply. */
export type ApplyResult = {
  readonly outcomes: readonly Outcome[];
  /** What the last list showed to be otherwise than planned, in sentences. Empty: seen to be so. */
  readonly discrepancies: readonly { readonly accountId: AccountId; readonly message: string }[];
  /** Set if a signal ended the apply early. */
  readonly interrupted?: 'SIGINT' | 'SIGTERM';
};
