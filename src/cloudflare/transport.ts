import { setMaxListeners } from 'node:events';
import type { Got } from 'got';
import type { Redactor } from '../core/redactor.js';
import type { Secret } from '../core/secret.js';
import { apiUrl } from './address.js';
import { agentsFor, type Agents, type Environment } from './proxy.js';
import { first } from './rate-limit-headers.js';
import { receive, type HttpReply } from './receive.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One request on the wire; `body` is JSON text. */
export type HttpRequest = {
  readonly method: Method;
  /** Below the base url. */
  readonly path: string;
  readonly body?: string;
  /** A longer answer is refused. */
  readonly maxBytes: number;
};

export type TransportOptions = {
  readonly base: URL;
  readonly authentication: Readonly<Record<string, Secret | string>>;
  readonly userAgent: string;
  readonly timeoutMs: number;
  readonly parallelism: number;
  readonly env: Environment;
  readonly redactor: Redactor;
  /** A line for each answer: method, path, status, cf-ray, milliseconds. */
  readonly onDebug?: (line: string) => void;
  /** Ends a request under way. */
  readonly signal?: AbortSignal;
  readonly now: () => number;
};

type Loaded = { readonly stream: Got['stream']; readonly agents: Agents };

/** Sends one request to the one configured origin and reads its answer: no retry, no redirect, no judgement. */
export class Transport {
  readonly #options: TransportOptions;
  #loading: Promise<Loaded> | undefined;
  #agents: Agents | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    if (options.signal) setMaxListeners(0, options.signal);
  }

  /** Loads got, which a command that asks Cloudflare nothing should not pay for; safe to call early. */
  async load(): Promise<Loaded> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** Closes idle connections. */
  close(): void {
    this.#agents?.http.destroy();
    this.#agents?.https.destroy();
  }

  /** Gives the answer or says why there is none; throws only `usage` for an impossible proxy. */
  async send(request: HttpRequest): Promise<HttpReply> {
    const { stream, agents } = await this.load();
    const { base, timeoutMs, signal, onDebug, now } = this.#options;
    const startedAt = now();
    const sending = stream(apiUrl(base, request.path), {
      method: request.method,
      headers: this.#headers(request),
      ...(request.body === undefined ? {} : { body: request.body }),
      agent: { http: agents.http, https: agents.https },
      retry: { limit: 0 },
      followRedirect: false,
      throwHttpErrors: false,
      timeout: { request: timeoutMs },
      ...(signal ? { signal } : {}),
    });
    // got ends only what can have no body; a DELETE could.
    if (request.body === undefined && request.method !== 'GET') sending.end();
    const reply = await receive(sending, request.maxBytes, agents.proxy);
    if (onDebug) {
      const ray = reply.kind === 'answer' ? first(reply.headers['cf-ray']) : undefined;
      const result = reply.kind === 'answer' ? String(reply.status) : `${reply.why} ${reply.systemCode}`;
      const line = `${request.method} ${request.path} ${result} cf-ray=${ray ?? '-'} ${Math.round(now() - startedAt)} ms`;
      onDebug(this.#options.redactor.redact(line));
    }
    return reply;
  }

  async #load(): Promise<Loaded> {
    const { base, env, parallelism, redactor } = this.#options;
    const [{ got }, agents] = await Promise.all([import('got'), agentsFor(base, env, parallelism, redactor)]);
    this.#agents = agents;
    return { stream: got.stream, agents };
  }

  #headers(request: HttpRequest): Record<string, string> {
    const headers: Record<string, string> = {
      'user-agent': this.#options.userAgent,
      accept: 'application/json',
    };
    if (request.body !== undefined) headers['content-type'] = 'application/json';
    for (const [name, value] of Object.entries(this.#options.authentication)) {
      headers[name] = typeof value === 'string' ? value : value.reveal();
    }
    return headers;
  }
}
