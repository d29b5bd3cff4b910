import { HookwrightError } from '../core/errors.js';
import { bareId } from '../core/ids.js';
import type { Live } from '../core/live.js';
import { namesDuringReplacement } from '../core/leftovers.js';
import {
  unreachable,
  type Action,
  type Create,
  type Delete,
  type Replace,
  type Update,
} from '../core/plan.js';
import {
  UNVERIFIABLE_REASONS,
  createBody,
  createOnce,
  bodyKeepingUrl,
  bodyChangingUrl,
  putOnce,
} from './writes.js';
import type { Progress } from './progress.js';
import { UNVERIFIABLE_NOTE, createMarked, tryInPlace, type StartedReplacement } from './replace.js';
import { failure, interrupted, type Session } from './session.js';
import { resolveDuplicates, type CreatedWebhook, type DuplicateResolution } from './duplicates.js';

/** A replace that has begun; without a survivor it created one, which the next list shows. */
type PendingReplacement = {
  readonly action: Replace;
  readonly survivor?: Live;
  readonly created?: CreatedWebhook;
};

/** Everything that adds or changes a webhook and takes none away. */
export class Changes {
  readonly #session: Session;
  readonly #progress: Progress;
  readonly #created: CreatedWebhook[] = [];
  readonly #begun: PendingReplacement[] = [];

  constructor(session: Session, progress: Progress) {
    this.#session = session;
    this.#progress = progress;
  }

  /** Is there a replace that goes on? */
  get anyBegun(): boolean {
    return this.#begun.length > 0;
  }

  /** Creates, updates, or does the first half of a replace. */
  async run(action: Exclude<Action, Delete>): Promise<void> {
    if (this.#session.stop.aborted) return this.#notBegun(action);
    this.#progress.begin(action);
    switch (action.kind) {
      case 'create':
        return this.#create(action);
      case 'update':
        return this.#update(action);
      case 'replace':
        return this.#replace(action);
      default:
        return unreachable(action);
    }
  }

  /** Settles the twins of what was created. `undefined`: nothing was, or the list could not be had. */
  async settle(): Promise<DuplicateResolution | undefined> {
    const session = this.#session;
    if (this.#created.length === 0 || session.kill.aborted) return undefined;
    const settled = await session.limit(() => resolveDuplicates(session, this.#created));
    if (settled instanceof HookwrightError) {
      // No replace goes on without it; what it created stays under its marker.
      for (const { action, created } of this.#begun) {
        if (created) this.#progress.failed(action, failure('failed', settled, true), created.id);
      }
      return undefined;
    }
    for (const { action, id } of this.#created) {
      const failed = settled.failures.get(bareId(id));
      const kept = settled.kept.get(bareId(id));
      if (failed) this.#progress.failed(action, failed, id);
      else if (kept) this.#progress.keptInstead(action, kept.id);
    }
    return settled;
  }

  /** Which webhook stands for each begun replace, now that twins are settled. */
  standing(settled: DuplicateResolution | undefined): StartedReplacement[] {
    return this.#begun.flatMap(({ action, survivor, created }) => {
      if (survivor && this.#session.stop.aborted) {
        this.#notBegun(action);
        return [];
      }
      if (survivor) return [{ action, survivor }];
      if (!created || this.#progress.of(action)) return [];
      const kept = settled?.kept.get(bareId(created.id));
      if (kept) return [{ action, survivor: kept }];
      this.#progress.failed(action, failure('failed', this.#whyNotStanding(), true), created.id);
      return [];
    });
  }

  async #create(action: Create): Promise<void> {
    const credentials = this.#session.credentialsOf(action.after);
    const body = createBody(action.name, credentials);
    const step = await createOnce(this.#session, body, { abandon: this.#session.stop });
    if (!step.ok) return this.#progress.failed(action, step);
    this.#created.push({ action, id: step.value, names: namesOf(action), url: credentials.url });
    this.#progress.applied(action, { id: step.value });
  }

  async #update(action: Update): Promise<void> {
    const credentials = this.#session.credentialsOf(action.after);
    const inPlace = action.because.some((reason) => reason === 'url-in-place' || reason === 'url-rotated');
    const body = inPlace
      ? bodyChangingUrl(action.after, credentials)
      : bodyKeepingUrl(action.after, credentials, action.before);
    const step = await putOnce(this.#session, action.before, body, { abandon: this.#session.stop });
    if (!step.ok) return this.#progress.failed(action, step);
    const blind = action.because.some((reason) => UNVERIFIABLE_REASONS.has(reason));
    this.#progress.applied(action, { id: action.id, ...(blind && { note: UNVERIFIABLE_NOTE }) });
  }

  async #replace(action: Replace): Promise<void> {
    if (action.survivor) {
      this.#begun.push({ action, survivor: action.survivor });
      return;
    }
    if (action.method === 'auto') {
      const put = await tryInPlace(this.#session, this.#progress, action);
      if (put && !put.ok) return this.#progress.failed(action, put);
      if (put) return this.#progress.applied(action, { id: action.id, did: 'update' });
      this.#progress.step(action, 'the in-place update did not change the url; replacing the webhook');
    }
    const step = await createMarked(this.#session, action);
    if (!step.ok) return this.#progress.failed(action, step);
    this.#progress.markWritten(action);
    this.#progress.step(action, `created the new webhook as ${JSON.stringify(step.value.name)}`);
    const { url } = this.#session.credentialsOf(action.after);
    const created = { action, id: step.value.id, names: namesOf(action), url };
    this.#created.push(created);
    this.#begun.push({ action, created });
  }

  #notBegun(action: Action): void {
    this.#progress.skipped(action, 'Interrupted before it started.', 'interrupted');
  }

  #whyNotStanding(): { code: 'not-verified' | 'interrupted'; message: string } {
    const left = 'the old webhook was not changed. Run apply again to continue.';
    if (!this.#session.kill.aborted) {
      return { code: 'not-verified', message: `The new webhook was created but is not in the list; ${left}` };
    }
    const { message } = interrupted(`Interrupted after the new webhook was created; ${left}`);
    return { code: 'interrupted', message };
  }
}

/** Another apply may be creating it, or replacing an older one by it: in one step or the other. */
function namesOf({ name }: Create | Replace): ReadonlySet<string> {
  return new Set(namesDuringReplacement(name));
}
