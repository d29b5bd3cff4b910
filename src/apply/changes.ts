import { bareId, type WebhookId } from '../core/ids.js';
import type { Live } from '../core/live.js';
import {
  unreachable,
  type Create,
  type Delete,
  type Replace,
  type UpdateWebhook,
  type WebhookAction,
  setsUrl,
} from '../core/plan.js';
import { type CreatedWebhook, type DuplicateResolution, type Look, resolveDuplicates } from './duplicates.js';
import type { Progress } from './progress.js';
import { createReplacement, type StartedReplacement, UNVERIFIABLE_NOTE } from './replace.js';
import { failure, interrupted, isKilled, type Session } from './session.js';
import { bodyKeepingUrl, wholeBody, createOnce, putOnce, UNVERIFIABLE_REASONS } from './writes.js';

/** A started replacement. Without a survivor, it created a webhook, which the next list shows. */
type PendingReplacement = {
  readonly action: Replace;
  readonly survivor?: Live;
  readonly created?: CreatedWebhook;
};

/** Runs everything that adds or changes a webhook, but deletes none. */
export class Changes {
  readonly #session: Session;
  readonly #progress: Progress;
  readonly #created: CreatedWebhook[] = [];
  readonly #pending: PendingReplacement[] = [];
  /** The current webhook of each entry, by the entry's name. */
  readonly #ids = new Map<string, WebhookId>();
  /** Whether the last list failed, so that a duplicate of another apply would not be known. */
  isUnchecked = false;

  constructor(session: Session, progress: Progress) {
    this.#session = session;
    this.#progress = progress;
  }

  /** Reports whether any replacement is pending. */
  get hasReplacements(): boolean {
    return this.#pending.length > 0;
  }

  /** Returns the webhook that this run created for an entry, if it still exists. */
  idOf(name: string): WebhookId | undefined {
    return this.#ids.get(name);
  }

  /** Creates or updates a webhook, or creates the new webhook of a replacement. */
  async run(action: Exclude<WebhookAction, Delete>): Promise<void> {
    if (this.#session.stop.aborted) return this.#notStarted(action);
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

  /** Resolves duplicates of created webhooks, unless there are none or the list cannot be read. */
  async resolve(look: Look): Promise<DuplicateResolution | undefined> {
    const session = this.#session;
    const created = this.#created.filter(({ action }) => this.#stands(action));
    if (created.length === 0 || session.kill.aborted) return undefined;
    const check = (): ReturnType<typeof resolveDuplicates> =>
      session.limit(() => resolveDuplicates(session, created, look));
    let resolved = await check();
    if (!resolved.ok && look.isLast && !isKilled(session)) resolved = await check();
    this.isUnchecked = !resolved.ok && look.isLast;
    if (!resolved.ok) {
      // Replacements cannot continue without it. Their new webhooks keep the replacement name.
      for (const { action, created: mine } of this.#pending) {
        if (mine && !this.#progress.of(action))
          this.#progress.failed(action, failure('failed', resolved.error, { wrote: true }), mine.id);
      }
      return undefined;
    }
    const resolution = resolved.value;
    for (const { action, id } of created) {
      const failed = resolution.failures.get(bareId(id));
      const kept = resolution.kept.get(bareId(id));
      if (failed) this.#progress.failed(action, failed, id);
      else if (kept) this.#progress.kept(action, kept.id);
      if (failed) this.#ids.delete(action.name);
      else if (kept) this.#ids.set(action.name, kept.id);
    }
    return resolution;
  }

  /** Returns the current webhook of each pending replacement, after duplicates are resolved. */
  started(resolution: DuplicateResolution | undefined): StartedReplacement[] {
    return this.#pending.flatMap(({ action, survivor, created }): StartedReplacement[] => {
      if (survivor && this.#session.stop.aborted) {
        this.#notStarted(action);
        return [];
      }
      if (survivor) return [{ action, survivor }];
      if (!created || this.#progress.of(action)) return [];
      const kept = resolution?.kept.get(bareId(created.id));
      if (kept) return [{ action, survivor: kept, created: true }];
      this.#progress.failed(action, failure('failed', this.#whyNotListed(), { wrote: true }), created.id);
      return [];
    });
  }

  /** Reports whether the action has not failed. A replacement has no outcome until it is finished. */
  #stands(action: WebhookAction): boolean {
    const outcome = this.#progress.of(action);
    return outcome === undefined || outcome.status === 'applied';
  }

  async #create(action: Create): Promise<void> {
    const credentials = this.#session.credentialsOf(action.after);
    const body = wholeBody(action.name, credentials);
    const step = await createOnce(this.#session, body, { abandon: this.#session.stop });
    if (!step.ok) return this.#progress.failed(action, step);
    const { id, isOwn } = step.value;
    this.#created.push({ action, id, isOwn, name: action.name, url: credentials.url });
    this.#ids.set(action.name, id);
    this.#progress.applied(action, { id });
  }

  async #update(action: UpdateWebhook): Promise<void> {
    const credentials = this.#session.credentialsOf(action.after);
    const body = setsUrl(action.because)
      ? wholeBody(action.after.name, credentials)
      : bodyKeepingUrl(action.after, credentials, action.before);
    const step = await putOnce(this.#session, action.before, body, { abandon: this.#session.stop });
    if (!step.ok) return this.#progress.failed(action, step);
    const isBlind = action.because.some((reason) => UNVERIFIABLE_REASONS.has(reason));
    this.#progress.applied(action, { id: action.id, ...(isBlind && { note: UNVERIFIABLE_NOTE }) });
  }

  async #replace(action: Replace): Promise<void> {
    if (action.survivor) {
      this.#pending.push({ action, survivor: action.survivor });
      return;
    }
    const step = await createReplacement(this.#session, action);
    if (!step.ok) return this.#progress.failed(action, step);
    const { id, isOwn, name } = step.value;
    this.#progress.markWritten(action);
    this.#progress.step(action, `created the new webhook as ${JSON.stringify(name)}`);
    const { url } = this.#session.credentialsOf(action.after);
    const created: CreatedWebhook = { action, id, isOwn, name, url };
    this.#created.push(created);
    this.#ids.set(action.name, id);
    this.#pending.push({ action, created });
  }

  #notStarted(action: WebhookAction): void {
    this.#progress.skipped(action, 'Interrupted before it started.', 'interrupted');
  }

  #whyNotListed(): { code: 'not-verified' | 'interrupted'; message: string } {
    const rest = 'the old webhook was not changed. Run apply again to continue.';
    if (!this.#session.kill.aborted) {
      return { code: 'not-verified', message: `The new webhook was created but is not in the list; ${rest}` };
    }
    const { message } = interrupted(`Interrupted after the new webhook was created; ${rest}`);
    return { code: 'interrupted', message };
  }
}
