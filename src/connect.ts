import manifest from '../package.json' with { type: 'json' };
import { DEFAULT_BASE_URL } from './cloudflare/address.js';
import { CloudflareClient } from './cloudflare/client.js';
import { RateLimiter } from './cloudflare/limiter.js';
import type { Reader, Writer } from './core/ports.js';
import { Redactor } from './core/redactor.js';
import { Secret } from './core/secret.js';
import { clock, PARALLELISM, type Environment } from './surroundings.js';

export type ConnectOptions = {
  readonly token: string;
  /** Default: Cloudflare's. `https:`, or `http:` on loopback. */
  readonly baseUrl?: string;
  /** Of one request; default 30,000. */
  readonly timeoutMs?: number;
  /** How often a read is tried again; default 4. */
  readonly retries?: number;
  /** The first pause before that; default 500. */
  readonly retryDelayMs?: number;
  /** For a proxy, usually `process.env`; default: none. */
  readonly env?: Environment;
};

/** A connection to an API. Reads throw {@link HookwrightError}, writes answer how they ended. */
export interface Connection extends Reader, Writer {
  /** Closes idle connections. */
  close(): void;
}

/** Sends nothing yet. Throws `usage` for an address or a token that cannot be used. */
export function connect(options: ConnectOptions): Connection {
  const { retryDelayMs = 500 } = options;
  return new CloudflareClient({
    baseUrl: options.baseUrl ?? DEFAULT_BASE_URL,
    credentials: { token: new Secret(options.token) },
    timeoutMs: options.timeoutMs ?? 30_000,
    retries: options.retries ?? 4,
    retryDelayMs,
    parallelism: PARALLELISM,
    clock,
    limiter: new RateLimiter({ clock, backoffMs: retryDelayMs }),
    redactor: new Redactor(),
    userAgent: `hookwright/${manifest.version} (library)`,
    env: options.env ?? {},
    random: Math.random,
  });
}
