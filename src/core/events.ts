import type { AccountId, WebhookId } from './ids.js';
import type { Outcome } from './outcome.js';
import type { ActionKind } from './plan.js';

/** What apply tells while it goes on: for progress, CI lines and `--events`. Holds no secret. */
export type ApplyEvent =
  | { readonly type: 'apply-started'; readonly total: number }
  | {
      readonly type: 'action-started';
      readonly accountId: AccountId;
      readonly kind: ActionKind;
      readonly name: string;
      readonly id?: WebhookId;
    }
  | {
      readonly type: 'action-step';
      readonly accountId: AccountId;
      readonly kind: ActionKind;
      readonly name: string;
      /** For people: `created the new one`, `moved policy "Origin errors"`. */
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
