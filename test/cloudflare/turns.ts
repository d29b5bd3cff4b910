import { RateLimiter, type Turn } from '../../src/cloudflare/limiter.js';
import type { SimulatedClock } from './clocks.js';

/** A response that leaves `remaining` requests until `seconds` are over. */
export const answer = (remaining: number, seconds: number, limited = false): Parameters<Turn['end']>[0] => ({
  limited,
  headers: { ratelimit: `"default";r=${remaining};t=${seconds}` },
});

/** `waits`: the length of each reported wait, and `on` when it ends. */
export function limiterWith(clock: SimulatedClock): {
  readonly limiter: RateLimiter;
  readonly waits: (number | 'on')[];
} {
  const waits: (number | 'on')[] = [];
  const limiter = new RateLimiter({
    clock,
    retryDelayMs: 500,
    onWait: ({ milliseconds }) => waits.push(Math.round(milliseconds)),
    onResume: () => waits.push('on'),
  });
  return { limiter, waits };
}

export async function turnOf(limiter: RateLimiter, key = 'a'): Promise<Turn> {
  const turn = await limiter.acquire(key);
  if (typeof turn === 'string') throw new Error(`no turn: ${turn}`);
  return turn;
}
