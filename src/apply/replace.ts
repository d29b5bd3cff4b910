import { success } from '../core/errors.js';
import { isReservedName, replacementName, shortReplacementName } from '../core/leftovers.js';
import type { Live } from '../core/live.js';
import type { Replace } from '../core/plan.js';
import type { Progress } from './progress.js';
import type { Session, Step } from './session.js';
import {
  bodyKeepingUrl,
  wholeBody,
  type CreatedOnce,
  createOnce,
  isAsSent,
  putOnce,
  removeOnce,
  UNVERIFIABLE_REASONS,
} from './writes.js';

/** A replacement whose new webhook is live. `created`: by this run. */
export type StartedReplacement = {
  readonly action: Replace;
  readonly survivor: Live;
  readonly created?: true;
};

/** Creates the new webhook with the replacement name, or the short one if the API refuses the long one. */
export async function createReplacement(
  session: Session,
  { name, id, after }: Replace,
): Promise<Step<CreatedOnce & { readonly name: string }>> {
  const credentials = session.credentialsOf(after);
  const create = async (marked: string): Promise<Step<CreatedOnce & { readonly name: string }>> => {
    const step = await createOnce(session, wholeBody(marked, credentials), { abandon: session.stop });
    return step.ok ? success({ ...step.value, name: marked }) : step;
  };
  const long = await create(replacementName(name, id));
  if (long.ok || long.error.code !== 'api-refused' || session.stop.aborted) return long;
  return create(shortReplacementName(name, id));
}

/** Finishes a replacement when no policy uses the old webhooks: deletes them and renames the new webhook. */
export async function retireAndRename(
  session: Session,
  progress: Progress,
  { action, survivor }: StartedReplacement,
): Promise<void> {
  for (const old of action.retire) {
    const removed = await removeOnce(session, old.id);
    if (!removed.ok) return progress.failed(action, removed, survivor.id);
    progress.markWritten(action);
    const what = isReservedName(old.name) ? `leftover ${JSON.stringify(old.name)}` : 'old webhook';
    progress.step(action, `deleted the ${what}`);
  }
  const credentials = session.credentialsOf(action.after);
  // A survivor without the desired URL gets it in place.
  const moves = !isAsSent({ ...survivor, name: action.name }, wholeBody(action.name, credentials));
  // A survivor existed before this rotation, so it gets the secret in place.
  const rotates =
    action.survivor !== undefined && action.because.some((reason) => UNVERIFIABLE_REASONS.has(reason));
  if (survivor.name !== action.name || moves || rotates) {
    const body =
      moves || rotates
        ? wholeBody(action.after.name, credentials)
        : bodyKeepingUrl(action.after, credentials, survivor);
    const renamed = await putOnce(session, survivor, body);
    if (!renamed.ok) return progress.failed(action, renamed, survivor.id);
  }
  progress.applied(action, { id: survivor.id, ...(rotates && { note: UNVERIFIABLE_NOTE }) });
}

/** The note for an action that changed a secret in place. */
export const UNVERIFIABLE_NOTE =
  'Cloudflare never returns secrets, so this in-place change cannot be verified.';
