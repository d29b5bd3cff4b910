import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HookwrightError } from '../core/errors.js';
import type { Redactor } from '../core/redactor.js';
import { displayUrl, parseUrl } from '../core/urls.js';
import { isLoopback } from './address.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What carries the requests: kept-alive connections, straight or through a proxy. */
export type Agents = {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  /** The proxy in use, as it may be shown. */
  readonly proxy?: string;
};

/**
 * A connection unused for this long is closed. A server may have closed it by then without our knowing,
 * and a write that runs into that is an unknown answer.
 */
const IDLE_MS = 4_000;

/**
 * The agents for an address. A proxy serves `https:` addresses only and never this machine itself; the two
 * libraries for it are loaded only where the environment names a proxy.
 * `env` says whether one is named at all; which one, with `NO_PROXY` obeyed, proxy-from-env reads
 * from the process. Throws `usage` for a proxy that is no url.
 */
export async function agentsFor(
  base: URL,
  env: Environment,
  maxSockets: number,
  redactor: Redactor,
): Promise<Agents> {
  const options = { keepAlive: true, maxSockets, timeout: IDLE_MS };
  const proxy =
    base.protocol === 'https:' && !isLoopback(base) && namesProxy(env) ? await proxyFor(base) : '';
  if (proxy === '') return { http: new HttpAgent(options), https: new HttpsAgent(options) };
  const url = parseUrl(proxy);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new HookwrightError(
      'usage',
      `The proxy ${displayUrl(proxy)} (HTTPS_PROXY) is not an http: or https: URL.`,
    );
  }
  redactor.add(url.password);
  redactor.add(decoded(url.password));
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  const tunnel = new HttpsProxyAgent(url, options);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- got wants any agent that can do https
  return { http: new HttpAgent(options), https: tunnel, proxy: url.origin };
}

function namesProxy(env: Environment): boolean {
  return ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'].some((name) => env[name]);
}

async function proxyFor(base: URL): Promise<string> {
  const { getProxyForUrl } = await import('proxy-from-env');
  return getProxyForUrl(base.href);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
