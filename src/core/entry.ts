import type { DesiredWebhook, Spec, Strategy } from './desired.js';
import type { Live } from './live.js';
import { desiredUrl, type Match } from './match.js';
import type { Action, Replace, ReplaceReason, Update, UpdateReason } from './plan.js';
import type { Rotation } from './rotation.js';
import { involvesSecret, sameUrl } from './urls.js';

export type EntryOptions = {
  readonly strategy: Strategy;
  readonly rotation: Rotation;
  /** Asked for by `--replace`. */
  readonly replaceRequested: boolean;
  /** The file last deployed declared a secret for it. */
  readonly hadSecret: boolean;
};

/** The action that brings one desired webhook about, or `undefined` if it is as it shall be. */
export function entryAction(found: Match, options: EntryOptions): Action | undefined {
  const { desired, live, marked } = found;
  if (found.ambiguous || found.pinMissing) return undefined;
  const after = specOf(desired);
  if (!live && marked.length === 0) return { kind: 'create', name: desired.name, because: 'new', after };
  if (marked.length > 0) return finishReplace(found, after, options);
  return live && changeOf(live, desired, after, options);
}

function changeOf(
  live: Live,
  desired: DesiredWebhook,
  after: Spec,
  options: EntryOptions,
): Action | undefined {
  const because = replaceReasons(live, desired, options);
  if (because.length === 0) return updateOf(live, desired, after, options);
  const moved = because.length === 1 && because[0] === 'url-changed';
  const auto = moved && options.strategy.url === 'auto' && !secretInvolved(live, desired, options);
  const common = { kind: 'replace', name: desired.name, id: live.id, because, before: live, after } as const;
  return { ...common, method: auto ? 'auto' : 'replace', retire: [live], policies: [] };
}

function updateOf(
  live: Live,
  desired: DesiredWebhook,
  after: Spec,
  options: EntryOptions,
): Update | undefined {
  const because = updateReasons(live, desired, options);
  if (because.length === 0) return undefined;
  return { kind: 'update', name: desired.name, id: live.id, because, before: live, after };
}

/** Why the webhook must give way to a new one. Empty: it need not. */
function replaceReasons(live: Live, desired: DesiredWebhook, options: EntryOptions): ReplaceReason[] {
  const { strategy, rotation, replaceRequested } = options;
  const reasons: ReplaceReason[] = [];
  if (urlDiffers(live, desired) && strategy.url !== 'in-place') reasons.push('url-changed');
  if (rotation.secret && strategy.secret === 'replace') reasons.push('secret-rotated');
  if (rotation.url && strategy.secret === 'replace') reasons.push('url-rotated');
  if (replaceRequested) reasons.push('requested');
  return reasons;
}

function updateReasons(live: Live, desired: DesiredWebhook, options: EntryOptions): UpdateReason[] {
  const { strategy, rotation } = options;
  const reasons: UpdateReason[] = [];
  if (live.name !== desired.name) reasons.push('renamed');
  if (urlDiffers(live, desired) && strategy.url === 'in-place') reasons.push('url-in-place');
  if (rotation.secret && strategy.secret === 'in-place') reasons.push('secret-rotated');
  if (rotation.url && strategy.secret === 'in-place') reasons.push('url-rotated');
  return reasons;
}

/**
 * An interrupted replace left webhooks behind. Of them all the one that fits the file survives; a marked one
 * first, as the rotation that was under way; of twins the oldest, so that two applies choose the same.
 */
function finishReplace(found: Match, after: Spec, options: EntryOptions): Action | undefined {
  const { desired, live, marked } = found;
  const survivor = survivorOf(found, options);
  const retire = [...(live ? [live] : []), ...marked].filter((webhook) => webhook !== survivor);
  const [before] = retire;
  // What the survivor still lacks goes along with the PUT that gives it its name.
  const inPlace = survivor ? updateReasons(survivor, desired, options).filter((r) => r !== 'renamed') : [];
  if (!before) {
    // Only the marked one is left: the old one is gone, the rename is missing.
    const because: UpdateReason[] = ['finish-replace', ...inPlace];
    return (
      survivor && { kind: 'update', name: desired.name, id: survivor.id, because, before: survivor, after }
    );
  }
  const common = {
    kind: 'replace',
    name: desired.name,
    id: before.id,
    before,
    after,
    retire,
    policies: [],
  } as const;
  if (survivor) {
    const lacks = inPlace.map((reason) => (reason === 'url-in-place' ? 'url-changed' : reason));
    const because: ReplaceReason[] = ['finish-replace', ...lacks];
    return { ...common, because, method: 'replace', survivor } satisfies Replace;
  }
  const because: ReplaceReason[] = live ? replaceReasons(live, desired, options) : ['url-changed'];
  return { ...common, because: [...because, 'finish-replace'], method: 'replace' } satisfies Replace;
}

function survivorOf({ desired, live, marked }: Match, options: EntryOptions): Live | undefined {
  const stays = live && replaceReasons(live, desired, options).length === 0 ? live : undefined;
  if (desired.id !== undefined) return stays;
  const fits = marked.find((webhook) => !urlDiffers(webhook, desired));
  if (fits ?? stays) return fits ?? stays;
  return live === undefined && options.strategy.url === 'in-place' ? marked[0] : undefined;
}

/** `false` as well where the url is in a variable that is not set here: it is not compared. */
function urlDiffers(live: Live, desired: DesiredWebhook): boolean {
  const wanted = desiredUrl(desired);
  return wanted !== undefined && !sameUrl(live.url, wanted);
}

/** Would a PUT of the url, answered with success, hand somebody a secret or need one? As far as can be known. */
function secretInvolved(live: Live, desired: DesiredWebhook, { hadSecret }: EntryOptions): boolean {
  const declared = desired.secret !== undefined && desired.secret.kind !== 'none';
  const { url } = desired;
  const inUrl = url.kind === 'env' || involvesSecret(url.url) || involvesSecret(live.url);
  return declared || hadSecret || inUrl || live.type !== 'generic';
}

function specOf({ name, url, secret }: DesiredWebhook): Spec {
  return { name, url, ...(secret && { secret }) };
}
