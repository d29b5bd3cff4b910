import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { HttpsProxyAgent } from 'https-proxy-agent';
import { usageError } from '../core/errors.js';
import type { Environment } from '../core/ports.js';
import { isLoopback, originOf, parseUrl, percentDecoded } from '../core/urls.js';
import type { Redactor } from '../text/redactor.js';

/** The agents that carry the requests: kept-alive connections, direct or through a proxy. */
export type Agents = {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  /** The proxy in use, in a form that is safe to show. */
  readonly proxy?: string;
  /** Closes the connection to the proxy when its request is canceled before the proxy has responded. */
  readonly abandon?: (request: ClientRequest) => void;
};

/**
 * A connection that is idle for this long is closed. A server may have closed it earlier without our knowing,
 * and the outcome of a write on such a connection is unknown.
 */
const IDLE_MS = 4_000;

/**
 * Returns the agents for an address. A proxy is used only for `https:` addresses and never for this machine;
 * its library is loaded only if the environment sets a proxy. Throws `usage` if the proxy is not a valid URL.
 */
export async function agentsFor(
  base: URL,
  env: Environment,
  maxSockets: number,
  redactor: Redactor,
): Promise<Agents> {
  const options = { keepAlive: true, maxSockets, timeout: IDLE_MS };
  const proxy = base.protocol === 'https:' && !isLoopback(base) ? proxyFor(base, env) : '';
  if (proxy === '') return { http: new HttpAgent(options), https: new HttpsAgent(options) };
  const url = parseUrl(proxy);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw usageError(`The proxy ${originOf(proxy)} (HTTPS_PROXY) is not an http: or https: URL.`);
  }
  redactor.add(percentDecoded(url.password));
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  const tunnel = new HttpsProxyAgent(url, options);
  const abandon = makeAbandonable(tunnel);
  // got accepts any agent that can connect with https.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
  return { http: new HttpAgent(options), https: tunnel, proxy: url.origin, abandon };
}

/** The library waits for a proxy's response without limit, and misses that a request was canceled. */
function makeAbandonable(tunnel: HttpsProxyAgent<string>): (request: ClientRequest) => void {
  const opening = new WeakMap<ClientRequest, AbortController>();
  const connect = tunnel.connect.bind(tunnel);
  const { connectOpts } = tunnel;
  tunnel.connect = async (request, options) => {
    const controller = new AbortController();
    opening.set(request, controller);
    tunnel.connectOpts = { ...connectOpts, signal: controller.signal };
    try {
      return await connect(request, options);
    } finally {
      opening.delete(request);
    }
  };
  return (request) => opening.get(request)?.abort();
}

/**
 * Returns the proxy that the environment sets for an `https:` address, or an empty string. A name in
 * `NO_PROXY` also covers its subdomains, with or without a leading dot, as in curl and Go.
 */
export function proxyFor({ hostname, port }: URL, env: Environment): string {
  const named = (name: string): string => (env[name.toLowerCase()] ?? '') || (env[name] ?? '');
  const spares = (entry: string): boolean => {
    const [, name = '', only] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
    if (only !== undefined && only !== (port || '443')) return false;
    return entry === '*' || (name !== '' && (hostname === name || hostname.endsWith(`.${name}`)));
  };
  if (
    named('NO_PROXY')
      .toLowerCase()
      .split(/[\s,]+/)
      .some(spares)
  )
    return '';
  const proxy = named('HTTPS_PROXY') || named('ALL_PROXY');
  return proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`;
}
