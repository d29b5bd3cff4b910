import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Got, Request } from 'got';
import type { Clock, Environment } from '../core/ports.js';
import type { Redactor } from '../text/redactor.js';
import type { Secret } from '../core/secret.js';
import { apiUrl } from './address.js';
import { type Agents, agentsFor } from './proxy.js';
import { type AnswerHeaders, first } from './rate-limit-headers.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One request on the wire; `body` is JSON text. */
export type HttpRequest = {
  readonly method: Method;
  /** Below the base URL. */
  readonly path: string;
  readonly body?: string;
  /** A longer response is an error. */
  readonly maxBytes: number;
};

export type TransportOptions = {
  readonly base: URL;
  readonly authentication: Readonly<Record<string, Secret | string>>;
  /** `hookwright/1.2.3 (+node/20.1.0)` */
  readonly userAgent: string;
  /** For one request, from its start to the end of its response: name lookup, proxy, TLS. */
  readonly timeoutMs: number;
  /** The maximum number of connections at a time. */
  readonly parallelism: number;
  /** The process environment, to find a proxy. */
  readonly env: Environment;
  /** Receives the credentials and every secret that is sent. */
  readonly redactor: Redactor;
  readonly clock: Clock;
  /** Receives a redacted line for each response: method, path, status, cf-ray, milliseconds. */
  readonly onDebug?: (line: string) => void;
  /** Ends a request in progress. */
  readonly signal?: AbortSignal;
};

type Loaded = { readonly stream: Got['stream']; readonly agents: Agents };

/** Sends one request to the configured origin and reads its response, without retries or redirects. */
export class Transport {
  #loading: Promise<Loaded> | undefined;
  #agents: Agents | undefined;

  constructor(private readonly options: TransportOptions) {}

  /** Closes idle connections. */
  close(): void {
    this.#agents?.http.destroy();
    this.#agents?.https.destroy();
  }

  /** Returns the response, or why there is none. Throws `usage` only for an invalid proxy. */
  async send(request: HttpRequest): Promise<HttpReply> {
    const { stream, agents } = await (this.#loading ??= this.#load());
    const { base, onDebug, clock, redactor } = this.options;
    const startedAt = clock.monotonic();
    const sending = stream(apiUrl(base, request.path), {
      method: request.method,
      headers: this.#headers(request),
      ...(request.body === undefined ? {} : { body: request.body }),
      agent: { http: agents.http, https: agents.https },
      retry: { limit: 0 },
      followRedirect: false,
      throwHttpErrors: false,
    });
    // got ends only requests that cannot have a body; a DELETE can.
    if (request.body === undefined && request.method !== 'GET') sending.end();
    const reply = await receive(sending, agents, request, this.options);
    if (onDebug) {
      const ray = reply.kind === 'answer' ? first(reply.headers['cf-ray']) : undefined;
      const result = reply.kind === 'answer' ? String(reply.status) : `${reply.why} ${reply.systemCode}`;
      const line = `${request.method} ${request.path} ${result} cf-ray=${redactor.redact(ray ?? '-')} ${Math.round(clock.monotonic() - startedAt)} ms`;
      onDebug(line);
    }
    return reply;
  }

  /** Loads got, which costs time that a command without requests should not spend. */
  async #load(): Promise<Loaded> {
    const { base, env, parallelism, redactor } = this.options;
    const [{ got }, agents] = await Promise.all([import('got'), agentsFor(base, env, parallelism, redactor)]);
    this.#agents = agents;
    return { stream: got.stream, agents };
  }

  #headers(request: HttpRequest): Record<string, string> {
    const headers: Record<string, string> = {
      'user-agent': this.options.userAgent,
      accept: 'application/json',
    };
    if (request.body !== undefined) headers['content-type'] = 'application/json';
    for (const [name, value] of Object.entries(this.options.authentication)) {
      headers[name] = typeof value === 'string' ? value : value.reveal();
    }
    return headers;
  }
}

export type HttpAnswer = {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly text: string;
};

/** `mayHaveArrived: false`: no part of the request can have reached Cloudflare. */
export type HttpFailure = {
  readonly kind: 'failure';
  readonly why: 'network' | 'timeout' | 'too-long' | 'interrupted';
  readonly mayHaveArrived: boolean;
  /** The code from Node: `ECONNREFUSED`. */
  readonly systemCode: string;
  /** The proxy that was used, in a form that is safe to show. */
  readonly proxy?: string;
  /** The message of the library. It can quote anything, so it must be redacted. */
  readonly detail: string;
};

export type HttpReply = HttpAnswer | HttpFailure;

/**
 * Reads the response to a request that got is sending. It always ends within the timeout and never throws. Of
 * got's errors, which contain the headers, it keeps only code and message.
 */
async function receive(
  sending: Request,
  agents: Agents,
  { maxBytes }: HttpRequest,
  { timeoutMs, signal }: TransportOptions,
): Promise<HttpReply> {
  const seen: Seen = { mayHaveArrived: false, proxyStatus: 200 };
  sending.once('response', (response: Response) => {
    seen.answer = { status: response.statusCode, headers: response.headers };
  });
  sending.once('request', (request: ClientRequest) => {
    seen.request = request;
    // got removes its listeners when it is done, and an error without a listener ends the process.
    request.on('error', ignore);
    request.once('proxyConnect', (connect: { statusCode: number }) => {
      seen.proxyStatus = connect.statusCode;
    });
    request.once('proxy', ({ socket }: { socket: Socket }) => socket.on('error', ignore));
    onConnected(request, () => {
      seen.mayHaveArrived = true;
    });
  });
  sending.on('error', ignore);
  const { reached, cancel } = cutShort(sending, timeoutMs, signal);
  const body = await Promise.race([readBody(sending, maxBytes), reached]);
  cancel();
  if (!('text' in body)) {
    sending.destroy();
    if (seen.request) agents.abandon?.(seen.request);
  }
  const viaProxy = agents.proxy === undefined ? {} : { proxy: agents.proxy };
  // https-proxy-agent presents a proxy's refusal as if it were the API's response.
  if (seen.proxyStatus !== 200) {
    const status = Number.isInteger(seen.proxyStatus)
      ? `HTTP ${seen.proxyStatus}`
      : 'something that is not HTTP';
    return { ...httpFailure('network', `it responded with ${status}`), ...viaProxy };
  }
  if ('upgrade' in body) return { kind: 'answer', ...body.upgrade, text: '' };
  if ('text' in body && seen.answer) return { kind: 'answer', ...seen.answer, text: body.text };
  const failed = 'text' in body ? httpFailure('network', 'no response') : body;
  if (seen.mayHaveArrived) return { ...failed, mayHaveArrived: true };
  return { ...failed, ...viaProxy };
}

type Response = { readonly statusCode: number; readonly headers: AnswerHeaders };

/** What is known about a request in flight. */
type Seen = {
  answer?: Pick<HttpAnswer, 'status' | 'headers'>;
  request?: ClientRequest;
  mayHaveArrived: boolean;
  proxyStatus: number;
};

type Body = { readonly text: string } | HttpFailure;
type Upgrade = { readonly upgrade: Pick<HttpAnswer, 'status' | 'headers'> };

/** Ends a request before its response is read: timeout, signal, or the server switches protocols. */
function cutShort(
  sending: Request,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): { readonly reached: Promise<HttpFailure | Upgrade>; readonly cancel: () => void } {
  let cancel = ignore;
  const reached = new Promise<HttpFailure | Upgrade>((resolve) => {
    // The timer keeps the process alive, so that there is a result even if nothing else happens.
    const timer = setTimeout(() => resolve(httpFailure('timeout', '')), timeoutMs);
    const interrupt = (): void => resolve(httpFailure('interrupted', ''));
    signal?.addEventListener('abort', interrupt);
    if (signal?.aborted) interrupt();
    sending.once('upgrade', (response: Response, socket: Socket) => {
      // Node no longer handles this connection.
      socket.on('error', ignore).destroy();
      resolve({ upgrade: { status: response.statusCode, headers: response.headers } });
    });
    cancel = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupt);
    };
  });
  return { reached, cancel };
}

async function readBody(sending: Request, maxBytes: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of sending as AsyncIterable<Buffer>) {
      size += chunk.length;
      // Leaving the loop closes the connection.
      if (size > maxBytes) return httpFailure('too-long', `more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    // got's own codes add no information.
    return httpFailure('network', message ?? '', code?.startsWith('ERR_GOT') ? '' : code);
  }
  return { text: Buffer.concat(chunks).toString('utf8') };
}

/**
 * Calls back once a connection is ready to carry the request. Before that, nothing of it can have arrived; an
 * `https:` connection is ready only after its certificate has been verified.
 */
function onConnected(request: ClientRequest, connected: () => void): void {
  request.once('socket', (socket) => {
    const secure = socket instanceof TLSSocket;
    if (request.reusedSocket || (secure ? socket.authorized : !socket.connecting)) connected();
    else socket.once(secure ? 'secureConnect' : 'connect', connected);
  });
}

export function httpFailure(why: HttpFailure['why'], detail: string, systemCode = ''): HttpFailure {
  return { kind: 'failure', why, mayHaveArrived: false, systemCode, detail };
}

function ignore(): void {
  // The error is already handled elsewhere, or does not matter.
}
