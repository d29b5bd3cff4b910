import { apply as carryOut } from './apply/apply.js';
import { SecretStore } from './config/secrets/secret-store.js';
import { HookwrightError } from './core/errors.js';
import type { ApplyEvent } from './core/events.js';
import type { ApplyResult } from './core/outcome.js';
import type { Connection } from './connect.js';
import type { Planned } from './library.js';
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
  const files = filesIn();
  const secrets = new SecretStore(options.env, (path) => files.readFile(path));
  const actions = planned.accounts.flatMap((account) => account.actions);
  const missing = await secrets.preflight(
    actions.flatMap((action) => (action.kind === 'delete' ? [] : [action.after])),
  );
  const refusals = [...planned.accounts.flatMap(({ guards }) => guards), ...(missing ? [missing] : [])];
  if (refusals.length > 0)
    throw new HookwrightError('refused-by-guard', refusals.map(({ message }) => message).join('\n'));
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
      credentialsOf: (spec) => secrets.credentialsOf(spec),
      tell: options.onEvent ?? (() => undefined),
      stop: options.signal ?? new AbortController().signal,
      kill: new AbortController().signal,
    },
  );
}
