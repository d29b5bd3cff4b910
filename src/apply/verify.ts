import { HookwrightError, type ErrorCode } from '../core/errors.js';
import { bareId } from '../core/ids.js';
import type { Live } from '../core/live.js';
import { oldest } from '../core/order.js';
import type { Action } from '../core/plan.js';
import { revealed } from '../core/secret.js';
import { displayUrl, sameUrl } from '../core/urls.js';
import type { Progress } from './progress.js';
import { tryRead, failure, readUntil, type Session } from './session.js';

type Mismatch = { readonly code: ErrorCode; readonly message: string };

/**
 * Holds every applied action against a list: what Cloudflare answered with success and did not do becomes a
 * failure. `list` is one that was read after the last write, if there is any; a list that disproves an action
 * is read again while it may lag. Gives what could not be proven, in sentences.
 */
export async function verify(
  session: Session,
  progress: Progress,
  actions: readonly Action[],
  list: readonly Live[] | undefined,
): Promise<string[]> {
  const applied = actions.filter((action) => progress.of(action)?.status === 'applied');
  if (!actions.some((action) => progress.wrote(action))) return [];
  if (session.kill.aborted)
    return ['Interrupted before the result could be read back, so it is not verified.'];
  const proves = (webhooks: readonly Live[]): boolean =>
    findWrong(session, progress, applied, webhooks).size === 0;
  const read = (): Promise<readonly Live[]> => session.reader.listWebhooks(session.account);
  const seen =
    list && proves(list) ? list : await tryRead(() => session.limit(() => readUntil(session, read, proves)));
  if (seen instanceof HookwrightError) return [notProven(seen)];
  for (const [action, wrong] of findWrong(session, progress, applied, seen)) {
    progress.failed(action, failure('failed', wrong, true), progress.of(action)?.id);
  }
  const byId = indexOf(seen);
  for (const action of applied) {
    const standing =
      action.kind === 'delete' ? undefined : findSurvivingDuplicate(session, progress, action, byId);
    if (standing) progress.keptInstead(action, standing.id);
  }
  return [];
}

function notProven(error: HookwrightError): string {
  return `The result could not be read back, so it is not verified: ${error.message}`;
}

function indexOf(list: readonly Live[]): ReadonlyMap<string, Live> {
  return new Map(list.map((webhook) => [bareId(webhook.id), webhook]));
}

function findWrong(
  session: Session,
  progress: Progress,
  applied: readonly Action[],
  list: readonly Live[],
): Map<Action, Mismatch> {
  const byId = indexOf(list);
  const wrongs = new Map<Action, Mismatch>();
  for (const action of applied) {
    const wrong = mismatchOf(session, progress, action, byId);
    if (wrong) wrongs.set(action, wrong);
  }
  return wrongs;
}

function mismatchOf(
  session: Session,
  progress: Progress,
  action: Action,
  byId: ReadonlyMap<string, Live>,
): Mismatch | undefined {
  if (action.kind === 'delete') {
    return byId.has(bareId(action.id))
      ? { code: 'not-verified', message: 'The webhook is still in the list after its deletion.' }
      : undefined;
  }
  const outcome = progress.of(action);
  const webhook =
    (outcome?.id && byId.get(bareId(outcome.id))) ?? findSurvivingDuplicate(session, progress, action, byId);
  if (!webhook) return { code: 'not-verified', message: 'The webhook is not in the list after the apply.' };
  if (webhook.name !== action.name) {
    return {
      code: 'not-moved',
      message: `Cloudflare reported success, but the name is still ${JSON.stringify(webhook.name)}.`,
    };
  }
  const { url } = session.credentialsOf(action.after);
  if (!sameUrl(webhook.url, revealed(url))) {
    return {
      code: 'not-moved',
      message: `Cloudflare reported success, but the url is still ${displayUrl(webhook.url)}. To replace the webhook, set "strategy: { url: replace }".`,
    };
  }
  const left =
    action.kind === 'replace' &&
    outcome?.did !== 'update' &&
    action.retire.find(({ id }) => byId.has(bareId(id)));
  return left
    ? { code: 'not-verified', message: `The old webhook (ID ${left.id}) is still in the list.` }
    : undefined;
}

/** The twin that stands for what was created, if another apply has withdrawn that by now. */
function findSurvivingDuplicate(
  session: Session,
  progress: Progress,
  action: Exclude<Action, { kind: 'delete' }>,
  byId: ReadonlyMap<string, Live>,
): Live | undefined {
  const id = bareId(progress.of(action)?.id ?? '');
  if (action.kind === 'update' || byId.has(id)) return undefined;
  const { url } = session.credentialsOf(action.after);
  const wanted = revealed(url);
  const twins = [...byId.values()].filter(
    (webhook) =>
      webhook.name === action.name &&
      !session.baseline.has(bareId(webhook.id)) &&
      sameUrl(webhook.url, wanted),
  );
  const [first, ...others] = twins;
  return first && oldest([first, ...others]);
}
