import type { ErrorCode } from './errors.js';
import type { AccountId, PolicyId, WebhookId } from './ids.js';
import type { ActionKind, Resource } from './plan.js';

/** `skipped`: not begun, on purpose; `unknown`: sent, and no answer or read tells whether it happened. */
export type OutcomeStatus = 'applied' | 'failed' | 'skipped' | 'unknown';

/** How one planned action ended. */
export type Outcome = {
  readonly accountId: AccountId;
  readonly kind: ActionKind;
  readonly resource: Resource;
  readonly name: string;
  /** Of the webhook that exists now (create, update, replace) or existed (delete), or of the policy. */
  readonly id?: WebhookId | PolicyId;
  readonly status: OutcomeStatus;
  /** Did any write of this action reach Cloudflare? */
  readonly wrote: boolean;
  /** Its effect was live before this run, so nothing was sent: it is counted apart. */
  readonly already?: true;
  /** What is unknown, for example that an in-place rotation cannot be verified. */
  readonly note?: string;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
};

/** The result of an apply. */
export type ApplyResult = {
  readonly outcomes: readonly Outcome[];
  /** What could not be verified, in sentences. Empty: everything was verified. */
  readonly discrepancies: readonly { readonly accountId: AccountId; readonly message: string }[];
  /** Set if a signal ended the apply early. */
  readonly interrupted?: 'SIGINT' | 'SIGTERM';
};

/** What apply tells while it goes on: for progress, CI lines and `--events`. Holds no secret. */
export type ApplyEvent =
  | { readonly type: 'apply-started'; readonly total: number }
  | {
      readonly type: 'action-started';
      readonly accountId: AccountId;
      readonly kind: ActionKind;
      readonly resource: Resource;
      readonly name: string;
      readonly id?: WebhookId | PolicyId;
    }
  | {
      readonly type: 'action-step';
      readonly accountId: AccountId;
      readonly kind: ActionKind;
      readonly resource: Resource;
      readonly name: string;
      /** For people: `created the new webhook`, `switched policy "Origin errors"`. */
      readonly step: string;
    }
  | { readonly type: 'action-ended'; readonly outcome: Outcome }
  | { readonly type: 'waiting'; readonly reason: 'rate-limit'; readonly milliseconds: number }
  | { readonly type: 'waiting-ended' }
  | { readonly type: 'interrupted'; readonly signal: 'SIGINT' | 'SIGTERM' }
  | {
      readonly type: 'twin-withdrawn';
      readonly accountId: AccountId;
      readonly name: string;
      readonly id: WebhookId;
    }
  | {
      readonly type: 'apply-ended';
      readonly applied: number;
      readonly failed: number;
      readonly skipped: number;
      readonly unknown: number;
      /** Accounts whose result could not be read back. */
      readonly discrepancies: number;
    };

export type OnEvent = (event: ApplyEvent) => void;
