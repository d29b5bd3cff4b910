import { type AccountId, bareId, type WebhookId } from '../core/ids.js';
import { type OnEvent, type Outcome, type OutcomeStatus, subjectOf } from '../core/outcome.js';
import type { Action } from '../core/plan.js';
import type { Failure } from './session.js';

type Ending = Partial<Pick<Outcome, 'id' | 'note' | 'error'>>;

/**
 * Records how each planned action ended. When the apply is over, every action has exactly one outcome. It is
 * reported as `action-ended`, and again if an action that was reported as applied turns out to have failed.
 */
export class Progress {
  readonly #outcomes = new Map<Action, Outcome>();
  readonly #wrote = new Set<Action>();

  constructor(
    readonly account: AccountId,
    readonly emit: OnEvent,
  ) {}

  begin(action: Action): void {
    this.emit({ type: 'action-started', ...subjectOf(this.account, action) });
  }

  step(action: Action, step: string): void {
    const { kind, resource, name } = action;
    this.emit({ type: 'action-step', accountId: this.account, kind, resource, name, step });
  }

  /** Records that a write of this action took effect, or may have: whatever its outcome, it is not undone. */
  markWritten(action: Action): void {
    this.#wrote.add(action);
  }

  /** `wrote`: false if nothing had to be changed. */
  applied(action: Action, { wrote = true, ...ending }: Ending & { readonly wrote?: boolean } = {}): void {
    if (wrote) this.markWritten(action);
    this.#end(action, 'applied', ending);
  }

  failed(action: Action, { status, error, wrote }: Failure, id?: WebhookId): void {
    if (wrote) this.markWritten(action);
    // An action that has written something was started.
    const begun = status === 'skipped' && this.#wrote.has(action);
    this.#end(action, begun ? 'failed' : status, { error, ...(id && { id }) });
  }

  skipped(action: Action, message: string, code: 'skipped' | 'interrupted' = 'skipped'): void {
    this.#end(action, 'skipped', { error: { code, message } });
  }

  /** Records the webhook that was kept. If another run created it, that run counts it. */
  kept(action: Action, id: WebhookId): void {
    const outcome = this.#outcomes.get(action);
    if (outcome?.status !== 'applied') return;
    const isOther = outcome.id !== undefined && bareId(outcome.id) !== bareId(id);
    this.#outcomes.set(action, { ...outcome, id, ...(isOther && { already: true }) });
  }

  of(action: Action): Outcome | undefined {
    return this.#outcomes.get(action);
  }

  /** Reports whether a write of this action took effect, or may have. */
  wrote(action: Action): boolean {
    return this.#wrote.has(action);
  }

  hasEnded(action: Action, status: OutcomeStatus): boolean {
    return this.#outcomes.get(action)?.status === status;
  }

  /** Reports whether all of these actions were applied. */
  allApplied(actions: readonly Action[]): boolean {
    return actions.every((action) => this.hasEnded(action, 'applied'));
  }

  outcomes(actions: readonly Action[]): Outcome[] {
    return actions.flatMap((action) => {
      const outcome = this.#outcomes.get(action);
      return outcome ? [{ ...outcome, wrote: this.#wrote.has(action) }] : [];
    });
  }

  #end(action: Action, status: OutcomeStatus, ending: Ending): void {
    const before = this.#outcomes.get(action);
    const id = ending.id ?? before?.id;
    const outcome: Outcome = {
      ...subjectOf(this.account, action),
      ...(id && { id }),
      status,
      wrote: this.#wrote.has(action),
      ...(ending.note && { note: ending.note }),
      ...(ending.error && { error: ending.error }),
    };
    this.#outcomes.set(action, outcome);
    this.emit({ type: 'action-ended', outcome, ...(before && { revised: true }) });
  }
}
