import type { DesiredAccount } from './desired.js';
import type { GuardInput } from './guards.js';
import type { Live, Policy } from './live.js';
import { match } from './match.js';

/** The live webhooks of entries that were in the file when last deployed and are not any more. */
export function removedSince(
  previous: DesiredAccount | undefined,
  desired: DesiredAccount,
  unlisted: readonly Live[],
  policies: readonly Policy[] | undefined,
): Set<Live> {
  if (!previous) return new Set();
  const still = new Set(desired.webhooks.flatMap(({ name, previously }) => [name, ...previously]));
  const stillPinned = new Set(desired.webhooks.flatMap(({ id }) => id ?? []));
  const gone = previous.webhooks.filter(({ name, id }) =>
    id === undefined ? !still.has(name) : !stillPinned.has(id),
  );
  return asTheyWere({ ...previous, webhooks: gone }, unlisted, policies);
}

/** What was protected when last deployed, unless its end was reviewed: by name, and found again by whatever it was. */
export function protectedBefore(
  previous: DesiredAccount | undefined,
  desired: DesiredAccount,
  unlisted: readonly Live[],
  policies: readonly Policy[] | undefined,
): Pick<GuardInput, 'wasProtected' | 'protectedLive'> {
  if (!previous) return { wasProtected: new Set(), protectedLive: new Set() };
  const absent = new Set(desired.absent);
  const webhooks = previous.webhooks.filter(({ protect, name }) => protect && !absent.has(name));
  return {
    wasProtected: new Set(webhooks.map(({ name }) => name)),
    protectedLive: asTheyWere({ ...previous, webhooks }, unlisted, policies),
  };
}

/** The live webhooks that these entries were, what interrupted replaces left of them included. */
function asTheyWere(
  previous: DesiredAccount,
  unlisted: readonly Live[],
  policies: readonly Policy[] | undefined,
): Set<Live> {
  const { matches } = match({ ...previous, unlisted: 'keep', ignore: [], absent: [] }, unlisted, policies);
  return new Set(matches.flatMap(({ live, marked }) => [...(live ? [live] : []), ...marked]));
}
