import { HookwrightError, type ErrorCode } from '../core/errors.js';
import type { WebhookId } from '../core/ids.js';
import type { Live } from '../core/live.js';
import { markedName, shortMarkedName } from '../core/leftovers.js';
import type { Replace } from '../core/plan.js';
import {
  UNVERIFIABLE_REASONS,
  createBody,
  createOnce,
  isAsSent,
  bodyKeepingUrl,
  bodyChangingUrl,
  putOnce,
  removeOnce,
} from './writes.js';
import type { Progress } from './progress.js';
import { tryRead, failure, type Session, type Step } from './session.js';

/** A replace whose new webhook is there. */
export type StartedReplacement = { readonly action: Replace; readonly survivor: Live };

/** Errors of a PUT that a replace would only run into again. */
const NOT_WORTH_REPLACING: ReadonlySet<ErrorCode> = new Set([
  'access-denied',
  'not-found',
  'wrong-address',
  'interrupted',
]);

/** Creates the new webhook under the marker name; under the short one if the API refuses the long. */
export async function createMarked(
  session: Session,
  { name, after, method }: Replace,
): Promise<Step<{ id: WebhookId; name: string }>> {
  const credentials = session.credentialsOf(after);
  // After a PUT in place this is not the beginning any more.
  const first = method === 'auto' ? {} : { abandon: session.stop };
  const long = await createOnce(session, createBody(markedName(name), credentials), first);
  if (long.ok) return { ok: true, value: { id: long.value, name: markedName(name) } };
  if (long.error.code !== 'api-refused' || session.stop.aborted) return long;
  const short = await createOnce(session, createBody(shortMarkedName(name), credentials));
  return short.ok ? { ok: true, value: { id: short.value, name: shortMarkedName(name) } } : short;
}

/** One PUT instead of a replace. `undefined`: the url did not move, so replace it. */
export async function tryInPlace(
  session: Session,
  progress: Progress,
  action: Replace,
): Promise<Step<void> | undefined> {
  const body = bodyChangingUrl(action.after, session.credentialsOf(action.after));
  const put = await putOnce(session, action.before, body, { abandon: session.stop });
  if (put.ok || put.wrote) progress.markWritten(action);
  // A no is not the end: the webhook is as before and can still be replaced.
  if (!put.ok) return put.status === 'failed' && !NOT_WORTH_REPLACING.has(put.error.code) ? undefined : put;
  // Read once: should it move later after all, it is deleted all the same, and nothing is lost.
  const live = await tryRead(() => session.reader.getWebhook(session.account, action.id));
  if (live instanceof HookwrightError) return failure('unknown', live, true);
  return live && isAsSent(live, body) ? put : undefined;
}

/** The end of a replace, when no policy uses the old ones any more: they go, the new one gets its name. */
export async function retireAndRename(
  session: Session,
  progress: Progress,
  { action, survivor }: StartedReplacement,
): Promise<void> {
  for (const old of action.retire) {
    const removed = await removeOnce(session, old.id);
    if (!removed.ok) return progress.failed(action, removed, survivor.id);
    progress.markWritten(action);
    progress.step(action, 'deleted the old webhook');
  }
  const credentials = session.credentialsOf(action.after);
  // A survivor that does not have the url yet is one that shall get it in place.
  const moves = !isAsSent({ ...survivor, name: action.name }, createBody(action.name, credentials));
  // A survivor was not created for a rotation that is named: it is one that shall get the secret in place.
  const rotates =
    action.survivor !== undefined && action.because.some((reason) => UNVERIFIABLE_REASONS.has(reason));
  if (survivor.name !== action.name || moves || rotates) {
    const body =
      moves || rotates
        ? bodyChangingUrl(action.after, credentials)
        : bodyKeepingUrl(action.after, credentials, survivor);
    const renamed = await putOnce(session, survivor, body);
    if (!renamed.ok) return progress.failed(action, renamed, survivor.id);
  }
  progress.applied(action, { id: survivor.id, ...(rotates && { note: UNVERIFIABLE_NOTE }) });
}

/** Of an action whose secret was changed in place. */
export const UNVERIFIABLE_NOTE =
  'Cloudflare never returns secrets, so this in-place change cannot be verified.';
