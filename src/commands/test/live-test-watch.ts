import { HookwrightError } from '../../core/errors.js';
import { isNewer } from '../../core/health.js';
import type { AccountId } from '../../core/ids.js';
import type { Live } from '../../core/live.js';
import type { Clock, Reader } from '../../core/ports.js';

/** How the test ended. `unknown`: neither the last success nor the last failure changed within the time limit. */
export type Delivery = { readonly status: 'delivered' | 'failed' | 'unknown'; readonly webhook: Live };

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

export type Watch = {
  readonly account: AccountId;
  /** As it was before the test. */
  readonly before: Live;
  readonly patienceMs: number;
};

/** Reads the webhook until its last success or failure changes, or the time limit passes. */
export async function watch(
  { account, before, patienceMs }: Watch,
  reader: Pick<Reader, 'getWebhook'>,
  clock: Clock,
): Promise<Delivery> {
  const end = clock.now() + patienceMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const now = await reader.getWebhook(account, before.id);
    if (!now) throw new HookwrightError('not-found', 'The webhook was deleted during the test.');
    const status = outcome(before, now);
    const left = end - clock.now();
    if (status !== 'unknown' || left <= 0) return { status, webhook: now };
    await clock.sleep(Math.min(pause, left));
  }
}

/** If both changed, the newer one counts. */
function outcome(before: Live, now: Live): Delivery['status'] {
  const success = moved(before.lastSuccess, now.lastSuccess);
  const failure = moved(before.lastFailure, now.lastFailure);
  if (success !== undefined && (failure === undefined || !isNewer(failure, success))) return 'delivered';
  return failure === undefined ? 'unknown' : 'failed';
}

function moved(before: string | null | undefined, now: string | null | undefined): string | undefined {
  return now && now !== before ? now : undefined;
}
