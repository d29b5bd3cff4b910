import { HookwrightError, type ErrorCode } from '../core/errors.js';
import { bareId, type WebhookId } from '../core/ids.js';
import type { Live, Policy } from '../core/live.js';
import { markedName, shortMarkedName } from '../core/marker.js';
import type { Replace } from '../core/plan.js';
import { createOnce } from './create.js';
import type { Progress } from './progress.js';
import { createBody, isAsSent, keepBody, moveBody, putOnce } from './put.js';
import { removeOnce } from './remove.js';
import { repoint, usesAny } from './repoint.js';
import { failure, type Failure, type Session, type Step } from './session.js';
import { attempt } from './settle.js';

/** A replace whose new webhook is there. */
export type Begun = { readonly action: Replace; readonly survivor: Live };

/** Policies may be put on the old webhook while they are being moved: so often is looked again. */
const MAX_ROUNDS = 3;

/** Errors of a PUT that a replace would only run into again. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['access-denied', 'not-found', 'wrong-address', 'interrupted']);

/** Creates the new webhook under the marker name; under the short one if the API refuses the long. */
export async function createMarked(
  session: Session,
  { name, after }: Replace,
): Promise<Step<{ id: WebhookId; name: string }>> {
  const credentials = session.credentialsOf(after);
  const long = await createOnce(session, createBody(markedName(name), credentials));
  if (long.ok) return { ok: true, value: { id: long.value, name: markedName(name) } };
  if (long.error.code !== 'api-refused' || session.stop.aborted) return long;
  const short = await createOnce(session, createBody(shortMarkedName(name), credentials));
  return short.ok ? { ok: true, value: { id: short.value, name: shortMarkedName(name) } } : short;
}

/** One PUT instead of a replace. `undefined`: the url did not move, so replace it. */
export async function tryInPlace(session: Session, action: Replace): Promise<Step<void> | undefined> {
  const body = moveBody(action.after, session.credentialsOf(action.after));
  const put = await putOnce(session, action.before, body);
  // A no is not the end: the webhook is as before and can still be replaced.
  if (!put.ok) return put.status === 'failed' && !FINAL.has(put.error.code) ? undefined : put;
  // Read once: should it move later after all, it is deleted all the same, and nothing is lost.
  const live = await attempt(() => session.reader.getWebhook(session.account, action.id));
  if (live instanceof HookwrightError) return failure('unknown', live, true);
  return live && isAsSent(live, body) ? put : undefined;
}

/**
 * Carries the begun replaces of an account to their end: policies move, the old ones go, the new ones get
 * their names. All in step, because several may share a policy.
 */
export async function finishReplaces(
  session: Session,
  progress: Progress,
  begun: readonly Begun[],
): Promise<void> {
  const moved = await movePolicies(session, progress, begun);
  await Promise.all(moved.map((each) => session.limit(() => retireAndRename(session, progress, each))));
}

/** Moves every policy off the old webhooks, and gives the replaces for which that is seen to be so. */
async function movePolicies(
  session: Session,
  progress: Progress,
  begun: readonly Begun[],
): Promise<readonly Begun[]> {
  let open = begun;
  const fail = (each: readonly Begun[], error: Failure): void => {
    for (const { action, survivor } of each) progress.failed(action, { ...error, wrote: true }, survivor.id);
    open = open.filter((other) => !each.includes(other));
  };
  for (let round = 0; open.length > 0; round += 1) {
    const policies = await attempt(() => session.limit(() => session.reader.listPolicies(session.account)));
    if (policies instanceof HookwrightError) {
      fail(open, failure('failed', policies, true));
      break;
    }
    const swaps = swapsOf(open);
    const users = policies.filter((policy) => usesAny(policy, swaps));
    if (users.length === 0) break;
    if (round >= MAX_ROUNDS) {
      const message = 'Policies keep being put on the old webhook; it was not deleted.';
      fail(concerned(open, users), failure('failed', { code: 'in-use', message }, true));
      break;
    }
    const move = async (policy: Policy): Promise<Step<unknown>> =>
      session.limit(() => repoint(session, policy.id, swaps));
    const steps = await Promise.all(users.map(async (policy) => ({ policy, step: await move(policy) })));
    for (const { policy, step } of steps) {
      if (!step.ok) fail(concerned(open, [policy]), step);
      else
        for (const { action } of concerned(open, [policy]))
          progress.step(action, `moved policy ${JSON.stringify(policy.name)}`);
    }
  }
  return open;
}

function swapsOf(begun: readonly Begun[]): Map<string, WebhookId> {
  return new Map(
    begun.flatMap(({ action, survivor }) =>
      action.retire.map(({ id }) => [bareId(id), survivor.id] as const),
    ),
  );
}

function concerned(begun: readonly Begun[], policies: readonly Policy[]): Begun[] {
  return begun.filter((each) => policies.some((policy) => usesAny(policy, swapsOf([each]))));
}

async function retireAndRename(
  session: Session,
  progress: Progress,
  { action, survivor }: Begun,
): Promise<void> {
  for (const old of action.retire) {
    const removed = await removeOnce(session, old.id);
    if (!removed.ok) return progress.failed(action, { ...removed, wrote: true }, survivor.id);
    progress.step(action, 'deleted the old one');
  }
  const credentials = session.credentialsOf(action.after);
  // A survivor that does not have the url yet is one that shall get it in place.
  const moves = !isAsSent({ ...survivor, name: action.name }, createBody(action.name, credentials));
  const body = moves ? moveBody(action.after, credentials) : keepBody(action.after, credentials, survivor);
  if (survivor.name !== action.name || moves) {
    const renamed = await putOnce(session, survivor, body);
    if (!renamed.ok) return progress.failed(action, { ...renamed, wrote: true }, survivor.id);
  }
  progress.applied(action, { id: survivor.id });
}
