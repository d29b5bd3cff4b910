import type { Rate } from './quirks.js';

/**
 * Counts requests in windows of fixed length.
 * Headers as in https://developers.cloudflare.com/fundamentals/api/reference/limits/.
 */
export class RateWindow {
  #start = -Infinity;
  #used = 0;
  #blockedUntil = -Infinity;

  constructor(
    private readonly rate: Rate,
    private readonly now: () => number,
  ) {}

  /** Counts one request. Returns the seconds to wait, rounded up, if it exceeds the limit. */
  take(): number | undefined {
    const { limit, windowMs, block } = this.rate;
    const now = this.now();
    if (now >= this.#start + windowMs && now >= this.#blockedUntil) {
      this.#start = now;
      this.#used = 0;
    }
    this.#used += 1;
    if (this.#used <= limit) return undefined;
    if (now >= this.#blockedUntil)
      this.#blockedUntil = block === 'full' ? now + windowMs : this.#start + windowMs;
    return this.#secondsLeft(now);
  }

  headers(): Record<string, string> {
    const { limit, windowMs, headers } = this.rate;
    if (headers === false) return {};
    const left = Math.max(0, limit - this.#used);
    return {
      ratelimit: `"default";r=${left};t=${this.#secondsLeft(this.now())}`,
      'ratelimit-policy': `"default";q=${limit};w=${Math.ceil(windowMs / 1000)}`,
    };
  }

  #secondsLeft(now: number): number {
    const end = Math.max(this.#start + this.rate.windowMs, this.#blockedUntil);
    return Math.max(0, Math.ceil((end - now) / 1000));
  }
}
