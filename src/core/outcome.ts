import type { ErrorCode } from './errors.js';
import type { AccountId, PolicyId, WebhookId } from './ids.js';
import type { ActionKind, Resource, ShownAction, ShownPlan } from './plan.js';

/** `skipped`: not started, on purpose; `unknown`: sent, and neither response nor read shows the result. */
export type OutcomeStatus = 'applied' | 'failed' | 'skipped' | 'unknown';

/** The planned action that an outcome or an event is about. */
type Subject = {
  readonly accountId: AccountId;
  readonly kind: ActionKind;
  readonly resource: Resource;
  readonly name: string;
  /** The ID of the policy, or of the webhook that exists now (create, update, replace) or did (delete). */
  readonly id?: WebhookId | PolicyId;
};

/** Returns what identifies an action. The ID of a webhook that is to be created is not known. */
export function subjectOf(accountId: AccountId, action: ShownAction): Subject {
  const { kind, resource, name } = action;
  return { accountId, kind, resource, name, ...(action.kind !== 'create' && { id: action.id }) };
}

/** The outcome of one planned action. */
export type Outcome = Subject & {
  readonly status: OutcomeStatus;
  /** Whether any write of this action reached Cloudflare. */
  readonly wrote: boolean;
  /** Whether the change was live before this run, or another run made it at the same time. Counted separately. */
  readonly already?: true;
  /** What could not be checked, for example the result of an in-place rotation. */
  readonly note?: string;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
};

/** Returns the outcomes of the actions that a guard of their account stops. */
export function refusedOutcomes({ accounts }: ShownPlan): readonly Outcome[] {
  return accounts.flatMap(({ accountId, actions, guards: [guard] }) => {
    if (!guard) return [];
    const error = {
      code: 'refused-by-guard',
      message: `Not started, because guard ${guard.code} refuses this account.`,
    } as const;
    return actions.map((action): Outcome => ({
      ...subjectOf(accountId, action),
      status: 'skipped',
      wrote: false,
      error,
    }));
  });
}

/** The result of an apply. */
export type ApplyResult = {
  readonly outcomes: readonly Outcome[];
  /** What could not be verified, in sentences. If empty, everything was verified. */
  readonly discrepancies: readonly { readonly accountId: AccountId; readonly message: string }[];
  /** Set if a signal ended the apply early. */
  readonly interrupted?: 'SIGINT' | 'SIGTERM';
};

/** What apply reports while it runs: for progress, CI logs and `--events`. Contains no secret. */
export type ApplyEvent =
  | { readonly type: 'apply-started'; readonly total: number }
  | ({ readonly type: 'action-started' } & Subject)
  | (Omit<Subject, 'id'> & {
      readonly type: 'action-step';
      /** A description for people: `created the new webhook`, `switched policy "Origin errors"`. */
      readonly step: string;
    })
  /** `revised`: the action was reported as applied, and verifying showed that it was not. */
  | { readonly type: 'action-ended'; readonly outcome: Outcome; readonly revised?: true }
  | { readonly type: 'waiting'; readonly reason: 'rate-limit'; readonly milliseconds: number }
  | { readonly type: 'waiting-ended' }
  | { readonly type: 'interrupted'; readonly signal: 'SIGINT' | 'SIGTERM' }
  | {
      readonly type: 'twin-withdrawn';
      readonly accountId: AccountId;
      readonly name: string;
      readonly id: WebhookId;
    }
  | (Readonly<Record<OutcomeStatus, number>> & {
      readonly type: 'apply-ended';
      /** The number of accounts whose result could not be read back. */
      readonly discrepancies: number;
    });

export type OnEvent = (event: ApplyEvent) => void;
