import type { DesiredAccount } from './desired.js';
import type { GuardInput } from './guards.js';
import type { Live, Policy } from './live.js';
import { match } from './match.js';

/** Finds the live webhooks of entries that were in the file when it was last deployed and no longer are. */
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
  return findPreviousLive({ ...previous, webhooks: gone }, unlisted, policies);
}

/** Finds what was protected when last deployed, by name and by its live webhook, unless its deletion was reviewed. */
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
    protectedLive: findPreviousLive({ ...previous, webhooks }, unlisted, policies),
  };
}

/** Finds the live webhooks of these entries, what interrupted replacements left of them included. */
function findPreviousLive(
  previous: DesiredAccount,
  unlisted: readonly Live[],
  policies: readonly Policy[] | undefined,
): Set<Live> {
  const { matches } = match({ ...previous, unlisted: 'keep', ignore: [], absent: [] }, unlisted, {
    policies,
  });
  return new Set(matches.flatMap(({ live, leftovers }) => [...(live ? [live] : []), ...leftovers]));
}
