import { HookwrightError } from '../core/errors.js';
import { bareId } from '../core/ids.js';
import type { Live } from '../core/live.js';
import { markedName, shortMarkedName } from '../core/marker.js';
import type { Outcome } from '../core/outcome.js';
import {
  unreachable,
  type AccountPlan,
  type Action,
  type Create,
  type Delete,
  type Replace,
  type Update,
} from '../core/plan.js';
import { isNamedBy } from '../core/selection.js';
import { createOnce } from './create.js';
import { Progress } from './progress.js';
import { createBody, keepBody, moveBody, putOnce } from './put.js';
import { removeOnce } from './remove.js';
import { createMarked, finishReplaces, tryInPlace, type Begun } from './replace.js';
import { failure, type Session } from './session.js';
import { attempt } from './settle.js';
import { settleTwins, type Created, type Settled } from './twins.js';
import { verify } from './verify.js';

export type AccountResult = {
  readonly outcomes: readonly Outcome[];
  readonly discrepancies: readonly string[];
};

/**
 * Carries out the actions of one account: creates, updates and the first half of replaces; then twins are
 * settled and replaces finished; deletes only if all of that succeeded; last, a list that proves the result.
 */
export async function applyAccount(session: Session, plan: AccountPlan): Promise<AccountResult> {
  const progress = new Progress(session.account, session.tell);
  const { actions } = plan;
  if (actions.length === 0) return { outcomes: [], discrepancies: [] };
  const deletes = actions.filter((action): action is Delete => action.kind === 'delete');
  const changes = actions.filter((action) => action.kind !== 'delete');

  const first = new FirstHalf(session, progress);
  await Promise.all(changes.map((action) => session.limit(() => first.run(action))));

  // With creates alone the list that proves the result serves for the twins as well.
  const early = first.begun.length > 0 || deletes.length > 0;
  const settled = early ? await first.settle() : undefined;
  await finishReplaces(session, progress, first.standing(settled));
  await runDeletes(session, progress, plan, deletes, progress.allApplied(changes));

  const discrepancies = session.kill.aborted
    ? []
    : await prove(session, progress, actions, early ? undefined : first);
  for (const action of actions) {
    if (!progress.of(action)) progress.skipped(action, 'Interrupted before it was finished.', 'interrupted');
  }
  return { outcomes: progress.outcomes(actions), discrepancies };
}

async function prove(
  session: Session,
  progress: Progress,
  actions: readonly Action[],
  first: FirstHalf | undefined,
): Promise<string[]> {
  const settled = await first?.settle();
  return verify(session, progress, actions, settled?.list);
}

/** A replace that has begun; without a survivor it created one, which the next list shows. */
type Opened = { readonly action: Replace; readonly survivor?: Live; readonly created?: Created };

/** Everything that adds or changes a webhook and takes none away. */
class FirstHalf {
  readonly created: Created[] = [];
  readonly begun: Opened[] = [];

  constructor(
    private readonly session: Session,
    private readonly progress: Progress,
  ) {}

  async run(action: Exclude<Action, Delete>): Promise<void> {
    if (this.session.stop.aborted)
      return this.progress.skipped(action, 'Interrupted before it began.', 'interrupted');
    this.progress.begin(action);
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

  async #create(action: Create): Promise<void> {
    const credentials = this.session.credentialsOf(action.after);
    const step = await createOnce(this.session, createBody(action.name, credentials));
    if (!step.ok) return this.progress.failed(action, step);
    this.created.push({ action, id: step.value, names: new Set([action.name]), url: credentials.url });
    this.progress.applied(action, { id: step.value });
  }

  async #update(action: Update): Promise<void> {
    const credentials = this.session.credentialsOf(action.after);
    const inPlace = action.because.some((reason) => reason === 'url-in-place' || reason === 'url-rotated');
    const body = inPlace
      ? moveBody(action.after, credentials)
      : keepBody(action.after, credentials, action.before);
    const step = await putOnce(this.session, action.before, body);
    if (!step.ok) return this.progress.failed(action, step);
    const blind = action.because.some((reason) => reason === 'secret-rotated' || reason === 'url-rotated');
    const note = 'Cloudflare never shows a secret: that it was changed in place cannot be verified.';
    this.progress.applied(action, { id: action.id, ...(blind && { note }) });
  }

  async #replace(action: Replace): Promise<void> {
    if (action.survivor) {
      this.begun.push({ action, survivor: action.survivor });
      return;
    }
    if (action.method === 'auto') {
      const put = await tryInPlace(this.session, action);
      if (put && !put.ok) return this.progress.failed(action, put);
      if (put) return this.progress.applied(action, { id: action.id, did: 'update' });
      this.progress.step(action, 'the url did not move in place, replacing it');
    }
    const step = await createMarked(this.session, action);
    if (!step.ok) return this.progress.failed(action, step);
    this.progress.step(action, `created the new one as ${JSON.stringify(step.value.name)}`);
    const names = new Set([markedName(action.name), shortMarkedName(action.name), action.name]);
    const created = { action, id: step.value.id, names, url: this.session.credentialsOf(action.after).url };
    this.created.push(created);
    this.begun.push({ action, created });
  }

  /** Settles the twins of what was created. `undefined`: nothing was, or the list could not be had. */
  async settle(): Promise<Settled | undefined> {
    if (this.created.length === 0 || this.session.kill.aborted) return undefined;
    const settled = await this.session.limit(() => settleTwins(this.session, this.created));
    if (settled instanceof HookwrightError) {
      // No replace goes on without it; what it created stays under its marker.
      for (const { action, created } of this.begun) {
        if (created) this.progress.failed(action, failure('failed', settled, true), created.id);
      }
      return undefined;
    }
    for (const { action, id } of this.created) {
      const failed = settled.failures.get(bareId(id));
      const kept = settled.kept.get(bareId(id));
      if (failed) this.progress.failed(action, { ...failed, wrote: true }, id);
      else if (kept) this.progress.keptInstead(action, kept.id);
    }
    return settled;
  }

  /** Which webhook stands for each begun replace, now that twins are settled. */
  standing(settled: Settled | undefined): Begun[] {
    return this.begun.flatMap(({ action, survivor, created }) => {
      if (survivor) return [{ action, survivor }];
      if (!created || this.progress.of(action)) return [];
      const kept = settled?.kept.get(bareId(created.id));
      if (kept) return [{ action, survivor: kept }];
      const message = 'The new webhook was created but is not in the list; the old one was left as it is.';
      this.progress.failed(action, failure('failed', { code: 'not-verified', message }, true), created.id);
      return [];
    });
  }
}

/** Deletes come last, and only if everything before succeeded; none that a policy has come to use meanwhile. */
async function runDeletes(
  session: Session,
  progress: Progress,
  plan: AccountPlan,
  deletes: readonly Delete[],
  clear: boolean,
): Promise<void> {
  if (deletes.length === 0) return;
  if (session.stop.aborted)
    return deletes.forEach((each) => progress.skipped(each, 'Interrupted before it began.', 'interrupted'));
  if (!clear) {
    const message = 'Nothing is deleted, because another change of this account did not succeed.';
    return deletes.forEach((each) => progress.skipped(each, message));
  }
  const policies = await attempt(() => session.reader.listPolicies(session.account));
  if (policies instanceof HookwrightError) {
    return deletes.forEach((each) => progress.failed(each, failure('failed', policies, false)));
  }
  const used = new Map(
    policies.flatMap((policy) => policy.webhookIds.map((id) => [bareId(id), policy.name])),
  );
  const allowed = new Set(
    plan.overrides.filter(({ flag }) => flag === '--allow-detach').map(({ name }) => name),
  );
  await Promise.all(
    deletes.map((action) =>
      session.limit(async () => {
        if (session.stop.aborted)
          return progress.skipped(action, 'Interrupted before it began.', 'interrupted');
        progress.begin(action);
        const user = used.get(bareId(action.id));
        if (user !== undefined && !isNamedBy(allowed, action.before)) {
          const message = `Policy ${JSON.stringify(user)} uses it by now; deleting it would cut those alerts.`;
          return progress.failed(action, failure('failed', { code: 'in-use', message }, false));
        }
        const step = await removeOnce(session, action.id);
        return step.ok ? progress.applied(action) : progress.failed(action, step);
      }),
    ),
  );
}
