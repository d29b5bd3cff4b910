import type { DesiredAccount } from '../core/desired.js';
import { usageError } from '../core/errors.js';
import { sha256 } from '../saved-plan/digest.js';
import type { Io } from './io.js';
import type { Run } from './run.js';

/** `index` counts from 1. */
type Shard = { readonly index: number; readonly total: number };

/**
 * Returns the accounts of this run's shard. The shard of an account depends only on its ID, so it does not
 * change when other accounts come or go, and every account is in exactly one shard.
 */
export function shardOf(
  accounts: readonly DesiredAccount[],
  shard: string,
  { io, out }: Run,
): readonly DesiredAccount[] {
  const { index, total } = parseShard(shard, io.env);
  const indexOf = (id: string): number => (Number.parseInt(sha256(id).slice(0, 12), 16) % total) + 1;
  const mine = accounts.filter(({ accountId }) => indexOf(accountId) === index);
  if (mine.length === 0) {
    const others =
      accounts.length === 1 ? 'does not contain the account' : `has none of the ${accounts.length} accounts`;
    out.log('info', `Shard ${index}/${total} ${others}; nothing was compared.`);
  }
  return mine;
}

/**
 * Parses `2/5`, `auto` or `auto/5`. `auto` reads GitLab's CI_NODE_INDEX and CI_NODE_TOTAL (from 1), or the
 * JOB_COMPLETION_INDEX (from 0) of a Kubernetes Indexed Job, whose manifest must repeat its number of
 * completions as JOB_COMPLETIONS
 * (https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode).
 */
function parseShard(text: string, env: Io['env']): Shard {
  const shown = /^auto(\/|$)/.test(text) ? fromEnvironment(text, env) : text;
  const [, first, second] = /^(\d{1,6})\/(\d{1,6})$/.exec(shown) ?? [];
  const [index, total] = [Number(first), Number(second)];
  if (index >= 1 && index <= total) return { index, total };
  const range = 'I/N with 1 ≤ I ≤ N';
  throw usageError(
    shown === text
      ? `--shard must be ${range}, auto, or auto/N, not ${JSON.stringify(text)}.`
      : `--shard ${text}: the shard must be ${range}, but the variables of the CI job give ${JSON.stringify(shown)}.`,
  );
}

/** Returns `auto` as I/N. Throws `usage` if the variables are not set. */
function fromEnvironment(text: string, env: Io['env']): string {
  const isJob = !env['CI_NODE_INDEX'] && Boolean(env['JOB_COMPLETION_INDEX']);
  const [index, total] = isJob
    ? ['JOB_COMPLETION_INDEX', 'JOB_COMPLETIONS']
    : ['CI_NODE_INDEX', 'CI_NODE_TOTAL'];
  const rest = text.slice('auto'.length) || `/${env[total] ?? ''}`;
  const missing = [index, ...(rest === '/' ? [total] : [])].filter((name) => !env[name]);
  if (missing.length > 0)
    throw usageError(
      `--shard ${text}: ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set. ` +
        'GitLab sets CI_NODE_INDEX and CI_NODE_TOTAL; an Indexed Job of Kubernetes needs JOB_COMPLETION_INDEX and JOB_COMPLETIONS.',
    );
  const given = env[index] ?? '';
  return (isJob && /^\d+$/.test(given) ? String(Number(given) + 1) : given) + rest;
}
