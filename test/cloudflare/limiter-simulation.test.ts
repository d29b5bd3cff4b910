import { expect, test } from '@jest/globals';
import { RateLimiter } from '../../src/cloudflare/limiter.js';
import { SimulatedClock } from './clocks.js';
import { turnOf } from './turns.js';

type Load = {
  readonly requests: number;
  readonly parallelism: number;
  readonly latencyMs: number;
  readonly limit: number;
  readonly windowMs: number;
  /**
   * `first-request`: a window starts with the first request after the last one; `aligned`: at fixed times.
   */
  readonly windows: 'first-request' | 'aligned';
  /** Requests that another user of the token sends in each window. */
  readonly others?: number;
};

type Account = { readonly elapsedMs: number; readonly refused: number };

/** A fixed-window limit that reports whole seconds, rounded up, as Cloudflare does. */
class LimitedServer {
  refused = 0;
  readonly #clock: SimulatedClock;
  readonly #load: Load;
  #start = -Infinity;
  #used = 0;

  constructor(clock: SimulatedClock, load: Load) {
    this.#clock = clock;
    this.#load = load;
  }

  take(): { readonly status: number; readonly headers: Record<string, string> } {
    const { limit, windowMs, windows, others = 0 } = this.#load;
    const now = this.#clock.now();
    if (now - this.#start >= windowMs) {
      this.#start = windows === 'aligned' ? Math.floor((now + 700) / windowMs) * windowMs - 700 : now;
      this.#used = others;
    }
    this.#used += 1;
    const seconds = String(Math.ceil((this.#start + windowMs - now) / 1000));
    const headers = {
      ratelimit: `"default";r=${Math.max(0, limit - this.#used)};t=${seconds}`,
      'ratelimit-policy': `"default";q=${limit};w=${windowMs / 1000}`,
    };
    if (this.#used <= limit) return { status: 200, headers };
    this.refused += 1;
    return { status: 429, headers: { ...headers, 'retry-after': seconds } };
  }
}

async function run(load: Load): Promise<Account> {
  const clock = new SimulatedClock();
  const server = new LimitedServer(clock, load);
  const limiter = new RateLimiter({ clock, retryDelayMs: 500 });
  let left = load.requests;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      for (let status = 429; status === 429;) {
        const turn = await turnOf(limiter, 'account');
        await clock.sleep(load.latencyMs / 2);
        const answer = server.take();
        // Different delays, so that responses overtake each other.
        await clock.sleep((load.latencyMs / 2) * (1 + (left % 3) / 2));
        turn.end({ headers: answer.headers, limited: answer.status === 429 });
        status = answer.status;
      }
    }
  };
  await clock.run(Promise.all(Array.from({ length: load.parallelism }, worker)));
  return { elapsedMs: clock.now(), refused: server.refused };
}

function ideal({ requests, limit, windowMs, parallelism, latencyMs, others = 0 }: Load): number {
  const perWindow = limit - others;
  const waiting = Math.floor((requests - 1) / perWindow) * windowMs;
  const rest = ((requests - 1) % perWindow) + 1;
  return waiting + Math.ceil(rest / parallelism) * latencyMs;
}

const base: Load = {
  requests: 500,
  parallelism: 10,
  latencyMs: 20,
  limit: 60,
  windowMs: 3000,
  windows: 'first-request',
};

const loads: readonly (readonly [string, Partial<Load>])[] = [
  ['500 requests against 60 per 3 s', {}],
  ['almost no latency', { latencyMs: 1 }],
  ['latency 50 ms', { latencyMs: 50 }],
  ['latency 150 ms', { latencyMs: 150 }],
  ['windows at fixed times', { windows: 'aligned' }],
  ['windows at fixed times, latency 100 ms', { windows: 'aligned', latencyMs: 100 }],
  ['another client uses half of it', { others: 30 }],
  ['a small limit', { limit: 15, windowMs: 1000 }],
  ['5,000 against 1,200 per 300 s', { requests: 5000, limit: 1200, windowMs: 300_000, latencyMs: 60 }],
];

test.each(loads)('%s: close to the ideal time, almost no 429', async (_name, change) => {
  const load = { ...base, ...change };
  const { elapsedMs, refused } = await run(load);
  expect(elapsedMs).toBeLessThanOrEqual(ideal(load) * 1.3);
  expect(refused).toBeLessThanOrEqual(5);
});
