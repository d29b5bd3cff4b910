import type { DesiredAccount } from '../core/desired.js';
import { HookwrightError } from '../core/errors.js';
import { sha256 } from '../saved-plan/digest.js';
import type { Io } from './io.js';

/** `index` counts from 1. */
type Shard = { readonly index: number; readonly total: number };

/**
 * The accounts of this run's share. An account's share hangs on its id alone, so it stays where it is when
 * others come or go, and each is in exactly one.
 */
export function shardOf(
  accounts: readonly DesiredAccount[],
  shard: string,
  env: Io['env'],
): readonly DesiredAccount[] {
  const { index, total } = parseShard(shard, env);
  return accounts.filter(({ accountId }) => shardIndexOf(accountId, total) === index);
}

/** From 1 to `total`. */
function shardIndexOf(accountId: string, total: number): number {
  return (Number.parseInt(sha256(accountId).slice(0, 12), 16) % total) + 1;
}

/**
 * `2/5`, or `auto`: GitLab's CI_NODE_INDEX and CI_NODE_TOTAL (from 1), or the JOB_COMPLETION_INDEX (from 0) of a
 * Kubernetes Indexed Job, whose manifest has to repeat its number of completions as JOB_COMPLETIONS
 * (https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode), or `auto/5`.
 */
function parseShard(text: string, env: Io['env']): Shard {
  const [first = '', second, ...rest] = text.split('/');
  const shard = first === 'auto' ? fromEnvironment(second, env) : shardFrom(first, second);
  if (shard && rest.length === 0) return shard;
  const found =
    first === 'auto'
      ? ' For auto, set CI_NODE_INDEX and CI_NODE_TOTAL, or JOB_COMPLETION_INDEX and JOB_COMPLETIONS.'
      : '';
  throw new HookwrightError(
    'usage',
    `--shard must be I/N with 1 ≤ I ≤ N, or auto, not ${JSON.stringify(text)}.${found}`,
  );
}

function fromEnvironment(total: string | undefined, env: Io['env']): Shard | undefined {
  if (env['CI_NODE_INDEX'] !== undefined)
    return shardFrom(env['CI_NODE_INDEX'], total ?? env['CI_NODE_TOTAL']);
  const index = env['JOB_COMPLETION_INDEX'];
  if (index === undefined || !/^\d+$/.test(index)) return undefined;
  return shardFrom(String(Number(index) + 1), total ?? env['JOB_COMPLETIONS']);
}

function shardFrom(first: string, second: string | undefined): Shard | undefined {
  const [index, total] = [first, second ?? ''].map((text) => (/^\d{1,6}$/.test(text) ? Number(text) : NaN));
  if (index === undefined || total === undefined) return undefined;
  return index >= 1 && index <= total ? { index, total } : undefined;
}
