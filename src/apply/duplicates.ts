import { HookwrightError } from '../core/errors.js';
import { bareId, bareIds, type WebhookId } from '../core/ids.js';
import type { Live } from '../core/live.js';
import { compareAge } from '../core/order.js';
import type { Action } from '../core/plan.js';
import type { Credentials } from '../core/ports.js';
import { revealed } from '../core/secret.js';
import { sameUrl } from '../core/urls.js';
import { repoint, usersOf } from './switch-policies.js';
import type { Swaps } from './policy-body.js';
import { removeOnce } from './writes.js';
import { tryRead, failure, type Failure, readUntil, type Session } from './session.js';

/** So often is looked whether a policy uses a twin. */
const MAX_ROUNDS = 3;

/** A webhook that this apply created, and what a twin of it would look like. */
export type CreatedWebhook = {
  readonly action: Action;
  readonly id: WebhookId;
  /** Its own name, and for a replace the names that the same replace of another apply may bear by now. */
  readonly names: ReadonlySet<string>;
  readonly url: Credentials['url'];
};

/** Which webhook stands now for each that was created, by its id without dashes. */
export type DuplicateResolution = {
  readonly list: readonly Live[];
  readonly kept: ReadonlyMap<string, Live>;
  readonly failures: ReadonlyMap<string, Failure>;
};

/**
 * Lists the account after the creates. Of identical twins, none of which was there when the plan was made,
 * the oldest stays and the others are withdrawn by whoever sees them: two applies at once choose the same.
 */
export async function resolveDuplicates(
  session: Session,
  created: readonly CreatedWebhook[],
): Promise<DuplicateResolution | HookwrightError> {
  const list = await tryRead(() =>
    readUntil(
      session,
      () => session.reader.listWebhooks(session.account),
      (webhooks) => containsAll(webhooks, created),
    ),
  );
  if (list instanceof HookwrightError) return list;
  const kept = new Map<string, Live>();
  const failures = new Map<string, Failure>();
  const newcomers = new Map<string, Live[]>();
  for (const webhook of list) {
    if (session.baseline.has(bareId(webhook.id))) continue;
    newcomers.set(webhook.name, [...(newcomers.get(webhook.name) ?? []), webhook]);
  }
  const withdrawn = new Set<Live>();
  for (const mine of created) {
    const [first, ...twins] = [...mine.names]
      .flatMap((name) => newcomers.get(name) ?? [])
      .filter(({ url }) => isSameDestination(url, mine))
      .sort(compareAge);
    if (!first) continue;
    kept.set(bareId(mine.id), first);
    for (const twin of twins) {
      const failed = await deleteDuplicate(session, twin, first);
      if (failed) failures.set(bareId(mine.id), failed);
      else withdrawn.add(twin);
    }
  }
  return { list: list.filter((webhook) => !withdrawn.has(webhook)), kept, failures };
}

function containsAll(list: readonly Live[], created: readonly CreatedWebhook[]): boolean {
  const ids = bareIds(list);
  return created.every(({ id }) => ids.has(bareId(id)));
}

function isSameDestination(live: string, { url }: CreatedWebhook): boolean {
  return sameUrl(live, revealed(url));
}

/** Takes a twin away, after moving whatever policy somebody put on it. */
async function deleteDuplicate(session: Session, twin: Live, kept: Live): Promise<Failure | undefined> {
  const moved = await movePoliciesOff(session, new Map([[bareId(twin.id), kept.id]]));
  if (moved) return moved;
  const removed = await removeOnce(session, twin.id);
  if (!removed.ok) return removed;
  const { account, emit } = session;
  emit({ type: 'twin-withdrawn', accountId: account, name: twin.name, id: twin.id });
  return undefined;
}

/** Moves policies until none is left: the apply that created the twin may be moving them to it right now. */
async function movePoliciesOff(session: Session, swaps: Swaps): Promise<Failure | undefined> {
  for (let round = 0; ; round += 1) {
    const users = await tryRead(() => usersOf(session, swaps, round > 0));
    if (users instanceof HookwrightError) return failure('failed', users, true);
    if (users.length === 0) return undefined;
    if (round >= MAX_ROUNDS) {
      const message =
        'Something keeps adding a duplicate of the new webhook to policies, so the duplicate was not deleted.';
      return failure('failed', { code: 'in-use', message }, true);
    }
    for (const policy of users) {
      const moved = await repoint(session, policy.id, swaps);
      if (!moved.ok) return moved;
    }
  }
}
