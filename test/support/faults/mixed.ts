import type { DesiredAccount } from '../../../src/core/desired.js';
import { idDigits, parseLeftover } from '../../../src/core/leftovers.js';
import { FaultyEmulator, type FaultyOptions } from './faulty-emulator.js';
import type { StoredWebhook } from '../../../src/emulator/state.js';
import { account, ACCOUNT, desired, envSecret } from '../core/builders.js';
import { watchInvariants, type Invariants } from '../invariants.js';
import type { FastClock } from './fast-clock.js';
import type { Wanted } from './run.js';

const VALUES = { PAGER: 'pager-secret', AUDIT: 'audit-secret', TOKEN: 'token-new', ONE: 'one-secret' };

const V1 = 'https://audit.example/v1';
const V2 = 'https://audit.example/v2';
const TOKEN_URL = 'https://token.example/cf';

/** Two creates, a rename, two replacements with a shared policy, a rotation, and a deletion. */
function declared(tokenVersion: number): DesiredAccount {
  return account(
    [
      desired('New one', 'https://one.example/cf', { secret: envSecret(1, 'ONE') }),
      desired('New two', 'https://two.example/cf'),
      desired('Pager', 'https://pager.example/cf', {
        secret: envSecret(1, 'PAGER'),
        previously: ['Old pager'],
      }),
      desired('Audit', V2, { secret: envSecret(1, 'AUDIT') }),
      desired('Trail', 'https://trail.example/v2', { secret: { kind: 'none' } }),
      desired('Token', TOKEN_URL, { secret: envSecret(tokenVersion, 'TOKEN') }),
      desired('Steady', 'https://steady.example/cf'),
    ],
    { unlisted: 'keep', absent: ['Retired'], ignore: ['dash-*'] },
  );
}

/** The rotation is still to come. */
export const MIXED: Wanted = { desired: declared(2), previous: declared(1), values: VALUES };
/** The same file after `previous` has been moved to it. */
export const MIXED_DEPLOYED: Wanted = { desired: declared(2), previous: declared(2), values: VALUES };

/** Starts the account that {@link MIXED} is applied to. A rerun would not clean up anything unlisted. */
export async function mixedAccount(
  clock: FastClock,
  options: FaultyOptions = {},
): Promise<{ readonly emulator: FaultyEmulator; readonly invariants: Invariants }> {
  const emulator = new FaultyEmulator({ now: () => clock.now(), ...options });
  const { webhooks } = emulator.seed(
    ACCOUNT,
    [
      { name: 'Old pager', url: 'https://pager.example/cf', secret: 'pager-secret' },
      { name: 'Audit', url: V1, secret: 'audit-secret' },
      { name: 'Trail', url: 'https://trail.example/v1' },
      { name: 'Token', url: TOKEN_URL, secret: 'token-old' },
      { name: 'Steady', url: 'https://steady.example/cf', secret: 'unknown-to-us' },
      { name: 'Retired', url: 'https://retired.example/cf' },
      { name: 'Stranger', url: 'https://one.example/cf' },
      { name: 'dash-billing', url: 'https://two.example/cf' },
    ],
    [
      { name: 'Edge', uses: ['Old pager', 'Audit'], email: ['ops@example.com'] },
      { name: 'Origin', uses: ['Trail', 'Stranger', 'Audit'], filters: { zones: ['b', 'a'] } },
      { name: 'Keys', uses: ['Token'], pagerduty: ['f'.repeat(32)], alert_interval: '30m' },
      { name: 'Foreign', uses: ['dash-billing'], enabled: false },
    ],
  );
  const untouched = webhooks.filter(({ name }) => ['Steady', 'Stranger', 'dash-billing'].includes(name));
  const invariants = watchInvariants(emulator.view, {
    secrets: new Map([
      ['https://pager.example/cf', ['pager-secret']],
      [V2, ['audit-secret']],
      [TOKEN_URL, ['token-new']],
      ['https://one.example/cf', ['one-secret']],
    ]),
    untouched: untouched.map(({ id }) => id),
    destination: destinationsOf(webhooks),
  });
  emulator.onRequest = invariants.hook;
  await emulator.start();
  return { emulator, invariants };
}

/** Returns a key that stays the same during a replacement or rename, by the digits of the leftover. */
function destinationsOf(seeded: readonly StoredWebhook[]): (webhook: Pick<StoredWebhook, 'name'>) => string {
  const byDigits = new Map(seeded.map(({ id, name }) => [idDigits(id), name]));
  return ({ name }) => {
    const leftover = parseLeftover(name);
    const replaced = leftover && (byDigits.get(leftover.replaces) ?? leftover.name);
    return (replaced ?? name).replace(/^Old pager$/, 'Pager');
  };
}
