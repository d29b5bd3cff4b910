import { attempt, type ErrorCode, type Result, success } from '../core/errors.js';
import { bareId, bareIds, type WebhookId } from '../core/ids.js';
import { idDigits, isReservedName, parseLeftover } from '../core/leftovers.js';
import type { Live } from '../core/live.js';
import { compareAge, grouped } from '../core/order.js';
import type { Create, Replace } from '../core/plan.js';
import type { Credentials } from '../core/ports.js';
import { revealed } from '../core/secret.js';
import { displayUrl, involvesSecret, isReference, matchesLiveUrl } from '../core/urls.js';
import { shellQuoted } from '../text/layout.js';
import { utf16Escape } from '../text/untrusted.js';
import { failure, type Failure, readUntil, type Session } from './session.js';
import { switchPolicy, usersOf } from './switch-policies.js';
import { removeOnce } from './writes.js';

/** The maximum number of rounds of looking for policies that use a duplicate. */
const MAX_ROUNDS = 3;

/** A webhook that this apply created, with the values that identify its duplicates. */
export type CreatedWebhook = {
  readonly action: Create | Replace;
  readonly id: WebhookId;
  /** False if a response was lost: this webhook, or another one like it, may be of this run or of another. */
  readonly isOwn: boolean;
  /** The name that was sent. */
  readonly name: string;
  readonly url: Credentials['url'];
};

/** Which webhook to keep for each one that was created, by its ID without dashes. */
export type DuplicateResolution = {
  readonly list: readonly Live[];
  readonly kept: ReadonlyMap<string, Live>;
  readonly failures: ReadonlyMap<string, Failure>;
};

/**
 * When an apply looks for duplicates. `isFirst`: the account was not checked before. `isLast`: it is not
 * checked again, so a duplicate that remains is a failure.
 */
export type Look = { readonly isFirst: boolean; readonly isLast: boolean };

/**
 * Lists the account after the creates and checks each new webhook. Deletes one again that Cloudflare stores
 * in a different form: nothing uses it, and no later plan would recognize it. Of identical new webhooks the
 * oldest is kept, and each run deletes only its own, so that two runs choose the same one.
 */
export async function resolveDuplicates(
  session: Session,
  created: readonly CreatedWebhook[],
  { isFirst, isLast }: Look,
): Promise<Result<DuplicateResolution>> {
  // After a lost response, the webhook of another run, or of the first POST, may not be in the list yet.
  const isCertain = !isFirst || created.every(({ isOwn }) => isOwn);
  const isOver = (found: Newcomers, mine: CreatedWebhook): boolean => {
    const { own, identical } = found.like(mine);
    return own !== undefined && !(isLast && remains(mine, own, identical));
  };
  const listed = await attempt(() =>
    readUntil(
      session,
      async () => new Newcomers(session, await session.reader.listWebhooks(session.account), created),
      (found) => isCertain && created.every((mine) => isOver(found, mine)),
    ),
  );
  if (!listed.ok) return listed;
  const newcomers = listed.value;
  const kept = new Map<string, Live>();
  const failures = new Map<string, Failure>();
  const deleted = new Set<string>();
  for (const mine of created) {
    const result = await resolveOne(session, mine, { newcomers, deleted, isLast });
    if (result === undefined) continue;
    if ('ok' in result) failures.set(bareId(mine.id), result);
    else kept.set(bareId(mine.id), result);
  }
  const list = newcomers.list.filter(({ id }) => !deleted.has(bareId(id)));
  return success({ list, kept, failures });
}

/** The webhooks of a list that are new since the plan, or have their name since. */
class Newcomers {
  readonly #byId: ReadonlyMap<string, Live>;
  readonly #byPlace: ReadonlyMap<string, readonly Live[]>;
  /** What this run created does not compete with itself: IDs can start with the same digits. */
  readonly #created: ReadonlySet<string>;

  constructor(
    session: Session,
    readonly list: readonly Live[],
    created: readonly CreatedWebhook[],
  ) {
    this.#created = bareIds(created);
    this.#byId = new Map(list.map((webhook) => [bareId(webhook.id), webhook]));
    const places = [...this.#byId].flatMap(([id, webhook]) =>
      placesOf(webhook.name, session.baseline.get(id)).map((place) => [place, webhook] as const),
    );
    this.#byPlace = grouped(places);
  }

  /** Returns this webhook as listed, the others for the same entry, and those of them with the same URL. */
  like({ id, name, url, action }: CreatedWebhook): {
    readonly own?: Live | undefined;
    readonly others: readonly Live[];
    readonly identical: readonly Live[];
  } {
    const own = this.#byId.get(bareId(id));
    const places = [
      `named ${name}`,
      `named ${action.name}`,
      `for ${action.name}`,
      ...(action.kind === 'replace' ? [`replaces ${idDigits(action.id)}`] : []),
    ];
    const found = new Set(places.flatMap((place) => this.#byPlace.get(place) ?? []));
    const others = [...found].filter((webhook) => !this.#created.has(bareId(webhook.id)));
    const sent = revealed(url);
    return { own, others, identical: others.filter((webhook) => matchesLiveUrl(sent, webhook)) };
  }
}

/** Returns what a webhook is for. `before`: its name in the plan, if it was live then. */
function placesOf(name: string, before: string | undefined): readonly string[] {
  // Another run can have finished a replacement, whose leftover the plan did not take as the entry's.
  if (before !== undefined) return isReservedName(before) ? [`for ${name}`] : [];
  const leftover = parseLeftover(name);
  return [`named ${name}`, ...(leftover ? [`for ${leftover.name}`, `replaces ${leftover.replaces}`] : [])];
}

/**
 * Reports whether another run still has to delete an identical webhook. If `created_at` does not show which
 * is older, that run can have ended before this one started.
 */
function remains({ isOwn }: CreatedWebhook, own: Live, identical: readonly Live[]): boolean {
  return isOwn && identical.length > 0 && identical.every((webhook) => compareAge(own, webhook) < 0);
}

/** Returns the webhook to keep for this one, why it failed, or `undefined` if it is not in the list. */
async function resolveOne(
  session: Session,
  mine: CreatedWebhook,
  { newcomers, deleted, isLast }: { newcomers: Newcomers; deleted: Set<string>; isLast: boolean },
): Promise<Live | Failure | undefined> {
  const { own, others: competing, identical } = newcomers.like(mine);
  const url = revealed(mine.url);
  if (!own) {
    // Another run of the same plan may have deleted it in favor of its own.
    const [first] = identical.toSorted(compareAge);
    return first && (involvesSecret(mine.action.after) ? concurrent(session, mine) : first);
  }
  if (!isNamed(mine, own.name) || !matchesLiveUrl(url, own)) {
    return deleteDuplicate(session, own, deleted, undefined, keptDifferently(mine, own));
  }
  if (competing.length > identical.length)
    return deleteDuplicate(session, own, deleted, undefined, conflicting(mine));
  if (isLast && remains(mine, own, identical)) return duplicated(mine, identical);
  const [first, ...others] = [own, ...identical].sort(compareAge);
  if (!first || others.length === 0) return own;
  const surplus = others.filter((webhook) => (mine.isOwn ? webhook === own : isNamed(mine, webhook.name)));
  for (const webhook of surplus) {
    const failed = await deleteDuplicate(session, webhook, deleted, first);
    if (failed) return failed;
  }
  const isClear = mine.isOwn && first === own;
  // Another run's webhook may have a different secret.
  return isClear || !involvesSecret(mine.action.after) ? first : concurrent(session, mine);
}

/** Reports whether a webhook that this or another run created can have this name. */
function isNamed({ action, name }: CreatedWebhook, liveName: string): boolean {
  if (liveName === name || liveName === action.name) return true;
  return parseLeftover(liveName)?.name === action.name;
}

/** Why a new webhook cannot stay, and what to do after it is deleted. */
type Reason = { readonly code: ErrorCode; readonly why: string; readonly next: string };

/**
 * Deletes a webhook that this run created, after switching the policies that use it to `stays`. If there is
 * none to switch to, the webhook stays too. Returns `reason` with the result, or why it could not be deleted.
 */
async function deleteDuplicate(
  session: Session,
  webhook: Live,
  deleted: Set<string>,
  stays: Live | undefined,
  reason?: Reason,
): Promise<Failure | undefined> {
  const failed = (fate: string): Failure | undefined =>
    reason &&
    failure(
      'failed',
      { code: reason.code, message: `${reason.why} ${fate} ${reason.next}` },
      { wrote: true },
    );
  const users = await movePoliciesOff(session, webhook, stays);
  const what = `${reason ? 'The new webhook' : 'The duplicate'} (ID ${webhook.id})`;
  if (users === 'used') return failed(`${what} was not deleted, because a policy uses it.`);
  if (users) return users;
  const removed = await removeOnce(session, webhook.id);
  if (!removed.ok) {
    const { code, message } = removed.error;
    const fate = `${what} could not be deleted: ${message} Delete it in Cloudflare, or list "id:${webhook.id}" under "absent".`;
    return failed(fate) ?? { ...removed, error: { code, message: fate } };
  }
  deleted.add(bareId(webhook.id));
  const { account, emit } = session;
  emit({ type: 'twin-withdrawn', accountId: account, name: webhook.name, id: webhook.id });
  return failed('The new webhook was deleted again.');
}

/**
 * Deletes a new webhook that could not be put into use, so that repeated runs do not leave more and more.
 * Returns whether it was deleted.
 */
export async function deleteUnused(session: Session, webhook: Live): Promise<boolean> {
  const deleted = new Set<string>();
  await deleteDuplicate(session, webhook, deleted, undefined);
  return deleted.size > 0;
}

/** Switches policies until none is left: the run that created the duplicate may still be adding it. */
async function movePoliciesOff(
  session: Session,
  webhook: Live,
  stays: Live | undefined,
): Promise<Failure | 'used' | undefined> {
  const swaps = new Map([[bareId(webhook.id), stays?.id ?? webhook.id]]);
  for (let round = 0; ; round += 1) {
    const users = await attempt(() => usersOf(session, swaps, { switched: round > 0 }));
    if (!users.ok) return failure('failed', users.error, { wrote: true });
    if (users.value.length === 0) return undefined;
    if (!stays) return 'used';
    if (round >= MAX_ROUNDS) {
      const message =
        'Something keeps adding a duplicate of the new webhook to policies, so the duplicate was not deleted. Stop it, then run apply again.';
      return failure('failed', { code: 'in-use', message }, { wrote: true });
    }
    for (const policy of users.value) {
      const moved = await switchPolicy(session, policy.id, { swaps, remove: new Set(), add: [] });
      if (!moved.ok) return moved;
    }
  }
}

function concurrent({ account }: Session, { action }: CreatedWebhook): Failure {
  const message =
    `Another apply created ${JSON.stringify(action.name)} at the same time. Its webhook may have another secret, so this one was not put in its place. ` +
    `If the secret may differ, run apply --replace ${shellQuoted(`${account}:${action.name}`)}.`;
  return failure('failed', { code: 'concurrent-apply', message }, { wrote: true });
}

function duplicated({ action }: CreatedWebhook, identical: readonly Live[]): Failure {
  const ids = identical.map(({ id }) => JSON.stringify(`id:${id}`)).join(', ');
  const message =
    `Another apply created ${JSON.stringify(action.name)} at the same time and has not deleted it again. ` +
    `If no other apply is running, list ${ids} under "absent" and run apply again.`;
  return failure('failed', { code: 'concurrent-apply', message }, { wrote: true });
}

function conflicting({ action }: CreatedWebhook): Reason {
  return {
    code: 'concurrent-apply',
    why: `Another apply created ${JSON.stringify(action.name)} with another URL at the same time.`,
    next: 'Run plan to see which one is right.',
  };
}

function keptDifferently({ name, url, action }: CreatedWebhook, own: Live): Reason {
  const isRef = isReference(action.after.url);
  const [sent, stored] = [parseLeftover(name), parseLeftover(own.name)];
  // The file contains the name without the marker of a replacement.
  const [is, was] = sent && stored ? [stored.name, sent.name] : [own.name, name];
  // Names that differ only in Unicode form look the same; YAML in double quotes reads the escapes.
  const looksSame = is.normalize('NFKC') === was.normalize('NFKC');
  const spelled = (text: string): string =>
    looksSame ? JSON.stringify(text).replace(/[^ -~]/g, utf16Escape) : JSON.stringify(text);
  const parts = [
    ...(own.name === name ? [] : [`the name as ${spelled(is)} instead of ${spelled(was)}`]),
    ...(matchesLiveUrl(revealed(url), own)
      ? []
      : [
          isRef
            ? 'the URL in another form'
            : `the URL as ${displayUrl(own.url)} instead of ${displayUrl(revealed(url))}`,
        ]),
  ];
  return {
    code: 'kept-differently',
    why: `Cloudflare keeps ${parts.join(' and ')}.`,
    next:
      sent && !stored
        ? 'A replacement needs this name until the old webhook is deleted. Shorten the name in the file, or change the webhook in place with "strategy".'
        : 'Write it in the file as Cloudflare keeps it, then run apply again.',
  };
}
