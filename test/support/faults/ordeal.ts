import type { InjectionRule } from './faulty-emulator.js';
import { isReservedName } from '../../../src/core/leftovers.js';
import type { SeenRequest } from '../../../src/emulator/journal.js';
import type { Quirks } from '../../../src/emulator/quirks.js';
import { FastClock } from './fast-clock.js';
import { createsByName, lies, missing } from './laws.js';
import { MIXED, MIXED_DEPLOYED, mixedAccount } from './mixed.js';
import { planOnly, run } from './run.js';

/** What an apply of the mixed account has to survive. */
export type Ordeal = {
  readonly fault?: InjectionRule;
  readonly parallelism: number;
  readonly quirks?: Partial<Quirks>;
  /** The timeout of a request that hangs, in real milliseconds. */
  readonly timeoutMs?: number;
  /** The first signal comes after this request has taken effect. */
  readonly stopAt?: number;
  /** The second signal comes after this request has taken effect. */
  readonly killAt?: number;
};

/** Longer than any lag in a test. */
const AFTER_ALL_LAGS_MS = 60_000;

/** Runs an apply under the ordeal, then a clean one. Returns the broken laws as sentences. */
export async function goThrough(ordeal: Ordeal): Promise<string[]> {
  const { parallelism, timeoutMs = 3000, fault, quirks = {} } = ordeal;
  const clock = new FastClock();
  const [stop, kill] = [new AbortController(), new AbortController()];
  const { emulator, invariants } = await mixedAccount(clock, { quirks });
  emulator.fault = fault;
  emulator.onRequest = (request, view) => {
    invariants.hook(request, view);
    if (request.n === ordeal.stopAt || request.n === ordeal.killAt) stop.abort();
    if (request.n === ordeal.killAt) kill.abort();
  };
  const how = { clock, parallelism };
  try {
    const signals = { stop: stop.signal, kill: kill.signal };
    const first = await run(emulator, MIXED, { ...how, ...signals, timeoutMs });
    const wrong = lies(emulator, MIXED, first, emulator.requests);
    // The previous state changes only if the apply succeeded.
    const again = first.exit === 0 ? MIXED_DEPLOYED : MIXED;
    emulator.fault = undefined;
    emulator.onRequest = invariants.hook;
    clock.pass(AFTER_ALL_LAGS_MS);
    const second = await run(emulator, again, how);
    if (second.exit !== 0) wrong.push(`the clean apply ends with ${second.exit}: ${reasons(second)}`);
    wrong.push(...missing(emulator, MIXED).map((what) => `after the clean apply: ${what}`));
    wrong.push(...repeated(emulator.requests));
    clock.pass(AFTER_ALL_LAGS_MS);
    const left = await planOnly(emulator, MIXED_DEPLOYED, how);
    if (left.accounts.some(({ actions }) => actions.length > 0)) wrong.push('something is left to plan');
    return [...wrong, ...invariants.finish()];
  } finally {
    await emulator.stop();
  }
}

/**
 * Lists what was created too often. The second apply may create a leftover with a secret again, because the
 * secret cannot be read.
 */
function repeated(requests: readonly SeenRequest[]): string[] {
  const limitOf = (name: string): number =>
    isReservedName(name) && requests.some((request) => isCreateWithSecret(request, name)) ? 2 : 1;
  return [...createsByName(requests)]
    .filter(([name, count]) => count > limitOf(name))
    .map(([name, count]) => `"${name}" was created ${count} times in all`);
}

function isCreateWithSecret({ method, body }: SeenRequest, name: string): boolean {
  if (method !== 'POST') return false;
  const sent = body as { readonly name?: unknown; readonly secret?: unknown };
  return sent.name === name && sent.secret !== undefined;
}

function reasons({ result, plan }: Awaited<ReturnType<typeof run>>): string {
  const open = result.outcomes.filter(({ status }) => status !== 'applied');
  return [
    ...open.map(({ name, status, error }) => `${name} ${status} ${error?.message ?? ''}`),
    ...result.discrepancies.map(({ message }) => message),
    ...plan.failures.map(({ error }) => error.message),
  ].join('; ');
}

/** Returns how many requests the apply sends if nothing fails. */
export async function requestsOfCleanApply(parallelism: number): Promise<number> {
  const clock = new FastClock();
  const { emulator } = await mixedAccount(clock);
  try {
    await run(emulator, MIXED, { clock, parallelism });
    return emulator.requests.length;
  } finally {
    await emulator.stop();
  }
}
