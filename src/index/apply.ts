import { apply as carryOut } from '../apply/apply.js';
import { readSecret, readUrl } from '../config/read-secret.js';
import type { Spec } from '../core/desired.js';
import { HookwrightError } from '../core/errors.js';
import type { ApplyEvent } from '../core/events.js';
import type { ApplyResult } from '../core/outcome.js';
import type { Plan } from '../core/plan.js';
import type { Secret } from '../core/secret.js';
import type { Connection } from './connect.js';
import type { Planned } from './plan.js';
import { clock, filesIn, PARALLELISM, type Environment } from './surroundings.js';

export type ApplyOptions = {
  /** Where secrets and urls are looked up, usually `process.env`. */
  readonly env: Environment;
  /** How many actions are under way at once; default 10. */
  readonly parallelism?: number;
  /** How long a read that disproves a write is repeated; default 10,000. */
  readonly settleMs?: number;
  readonly onEvent?: (event: ApplyEvent) => void;
  /** When it aborts, nothing new is begun. */
  readonly signal?: AbortSignal;
};

/**
 * Carries a plan out and lists the accounts again. Every action ends with an outcome. Throws `refused-by-guard`, before anything is
 * sent, if a guard stops an account or a secret is missing.
 */
export async function apply(
  planned: Planned,
  connection: Connection,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const refusals = planned.accounts.flatMap(({ guards }) => guards.map(({ message }) => message));
  const credentials = await credentialsFor(planned, options.env, refusals);
  if (refusals.length > 0) throw new HookwrightError('refused-by-guard', refusals.join('\n'));
  return carryOut(
    planned.accounts.map((account) => ({
      plan: account,
      baseline: planned.seen.get(account.accountId) ?? new Set(),
    })),
    {
      parallelism: options.parallelism ?? PARALLELISM,
      settleMs: options.settleMs ?? 10_000,
      retryDelayMs: 500,
      retries: 4,
    },
    {
      reader: connection,
      writer: connection,
      clock,
      credentialsOf: (spec) => found(credentials.get(spec)),
      tell: options.onEvent ?? (() => undefined),
      stop: options.signal ?? new AbortController().signal,
      kill: new AbortController().signal,
    },
  );
}

type Credentials = { readonly url: string | Secret; readonly secret?: Secret };

/** The values that the actions need, each read once; what is missing is told to `refusals`. */
async function credentialsFor(
  { accounts }: Plan,
  env: Environment,
  refusals: string[],
): Promise<ReadonlyMap<Spec, Credentials>> {
  const values = new Map<Spec, Credentials>();
  const files = filesIn();
  for (const action of accounts.flatMap(({ actions }) => actions)) {
    if (action.kind === 'delete') continue;
    const { name, url, secret } = action.after;
    const readings = [
      url.kind === 'literal' ? { secret: url.url } : readUrl(url.env, env),
      secret && secret.kind !== 'none'
        ? await readSecret(secret, env, (path) => files.readFile(path))
        : { secret: undefined },
    ] as const;
    for (const reading of readings)
      if ('problem' in reading) refusals.push(`${JSON.stringify(name)}: ${reading.problem}.`);
    const [first, second] = readings;
    if ('problem' in first || 'problem' in second) continue;
    values.set(action.after, { url: first.secret, ...(second.secret && { secret: second.secret }) });
  }
  return values;
}

function found(credentials: Credentials | undefined): Credentials {
  if (credentials) return credentials;
  throw new HookwrightError('internal', 'A secret was asked for that was not read.');
}
