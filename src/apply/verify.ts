import { attempt, type ErrorCode, type HookwrightError } from '../core/errors.js';
import { bareId } from '../core/ids.js';
import type { Live } from '../core/live.js';
import { isWebhookAction, type Action, type WebhookAction } from '../core/plan.js';
import { revealed } from '../core/secret.js';
import { isReference, matchesLiveUrl, shownUrl } from '../core/urls.js';
import type { Progress } from './progress.js';
import { failure, readUntil, type Session } from './session.js';

type Mismatch = { readonly code: ErrorCode; readonly message: string };

/**
 * Compares every applied webhook action with a list. A change that Cloudflare reported as successful but did
 * not make becomes a failure. `list`: one that was read after the last write, if any. Lists again while a
 * list that does not show a change may lag. Returns what could not be verified, in sentences.
 */
export async function verify(
  session: Session,
  progress: Progress,
  actions: readonly Action[],
  list: readonly Live[] | undefined,
): Promise<string[]> {
  const applied = actions.filter(isWebhookAction).filter((action) => progress.hasEnded(action, 'applied'));
  if (!actions.some((action) => progress.wrote(action))) return [];
  if (session.kill.aborted)
    return ['Interrupted before the result could be read back, so it is not verified.'];
  let last = list;
  const proves = (webhooks: readonly Live[]): boolean => {
    last = webhooks;
    return findMismatches(session, progress, applied, webhooks).length === 0;
  };
  const read = (): Promise<readonly Live[]> => session.reader.listWebhooks(session.account);
  const seen =
    list && proves(list)
      ? undefined
      : await attempt(() => session.limit(() => readUntil(session, read, proves)));
  for (const [action, wrong] of last ? findMismatches(session, progress, applied, last) : []) {
    progress.failed(action, failure('failed', wrong, { wrote: true }));
  }
  return seen && !seen.ok ? [notVerified(seen.error)] : [];
}

function notVerified(error: HookwrightError): string {
  return `The result could not be read back, so it is not verified: ${error.message}`;
}

function findMismatches(
  session: Session,
  progress: Progress,
  applied: readonly WebhookAction[],
  list: readonly Live[],
): (readonly [WebhookAction, Mismatch])[] {
  const byId = new Map(list.map((webhook) => [bareId(webhook.id), webhook]));
  return applied.flatMap((action) => {
    const mismatch = mismatchOf(session, progress, action, byId);
    return mismatch ? [[action, mismatch] as const] : [];
  });
}

function mismatchOf(
  session: Session,
  progress: Progress,
  action: WebhookAction,
  byId: ReadonlyMap<string, Live>,
): Mismatch | undefined {
  if (action.kind === 'delete') {
    return byId.has(bareId(action.id))
      ? { code: 'not-verified', message: 'The webhook is still in the list after its deletion.' }
      : undefined;
  }
  const webhook = byId.get(bareId(progress.of(action)?.id ?? ''));
  if (!webhook) return { code: 'not-verified', message: 'The webhook is not in the list after the apply.' };
  if (webhook.name !== action.name) {
    return {
      code: 'not-moved',
      message: `Cloudflare reported success, but the name is still ${JSON.stringify(webhook.name)}.`,
    };
  }
  const { url } = session.credentialsOf(action.after);
  if (!matchesLiveUrl(revealed(url), webhook)) {
    return {
      code: 'not-moved',
      message: `Cloudflare reported success, but the URL is still ${shownUrl(webhook, isReference(action.after.url))}. To replace the webhook, set "strategy: { url: replace }".`,
    };
  }
  const left = action.kind === 'replace' && action.retire.find(({ id }) => byId.has(bareId(id)));
  return left
    ? { code: 'not-verified', message: `The old webhook (ID ${left.id}) is still in the list.` }
    : undefined;
}
