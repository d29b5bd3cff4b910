import { setMaxListeners } from 'node:events';
import type { ClientRequest } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Got, Request } from 'got';
import type { Redactor } from '../core/redactor.js';
import type { Secret } from '../core/secret.js';
import { apiUrl } from './address.js';
import { type Agents, agentsFor, type Environment } from './proxy.js';
import { type AnswerHeaders, first } from './rate-limit-headers.js';

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

export type HttpAnswer = {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly text: string;
};

/** `mayHaveArrived: false`: nothing of the request can have reached Cloudflare. */
export type HttpFailure = {
  readonly kind: 'failure';
  readonly why: 'network' | 'timeout' | 'too-long' | 'interrupted';
  readonly mayHaveArrived: boolean;
  /** As Node names it: `ECONNREFUSED`. */
  readonly systemCode: string;
  /** The proxy that was to carry it, as it may be shown. */
  readonly proxy?: string;
  /** Of the library; may quote anything, so it must be redacted. */
  readonly detail: string;
};

export type HttpReply = HttpAnswer | HttpFailure;

/**
 * Reads what comes back for a request that got is sending. Never throws, and keeps nothing of got's errors,
 * which hold the headers, but their code and message.
 */
export async function receive(sending: Request, maxBytes: number, proxy?: string): Promise<HttpReply> {
  const seen: Seen = { mayHaveArrived: false, proxyStatus: 200 };
  sending.once('response', (response: { statusCode: number; headers: AnswerHeaders }) => {
    seen.answer = { status: response.statusCode, headers: response.headers };
  });
  sending.once('request', (request: ClientRequest) => {
    request.once('proxyConnect', (connect: { statusCode: number }) => {
      seen.proxyStatus = connect.statusCode;
    });
    onConnected(request, () => {
      seen.mayHaveArrived = true;
    });
  });
  // After the body was left unread an error may still come up, of which nobody needs to know.
  sending.on('error', () => undefined);
  const body = await readBody(sending, maxBytes);
  const viaProxy = proxy === undefined ? {} : { proxy };
  // https-proxy-agent plays a proxy's refusal as if it were the API's answer.
  if (seen.proxyStatus !== 200) {
    return { ...failure('network', `it responded with HTTP ${seen.proxyStatus}`), ...viaProxy };
  }
  if ('text' in body && seen.answer) return { kind: 'answer', ...seen.answer, text: body.text };
  const failed = 'text' in body ? failure('network', 'no response') : body;
  if (seen.mayHaveArrived) return { ...failed, mayHaveArrived: true };
  return { ...failed, ...viaProxy };
}

/** What is known of a request while it is under way. */
type Seen = {
  answer?: Pick<HttpAnswer, 'status' | 'headers'>;
  mayHaveArrived: boolean;
  proxyStatus: number;
};

async function readBody(
  sending: Request,
  maxBytes: number,
): Promise<{ readonly text: string } | HttpFailure> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of sending as AsyncIterable<Buffer>) {
      size += chunk.length;
      // Leaving the loop cuts the connection.
      if (size > maxBytes) return failure('too-long', `more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    const { name, code, message } = error as { name?: string; code?: string; message?: string };
    const why = name === 'TimeoutError' ? 'timeout' : name === 'AbortError' ? 'interrupted' : 'network';
    return failure(why, message ?? '', code);
  }
  return { text: Buffer.concat(chunks).toString('utf8') };
}

/**
 * Calls back once a connection is there that can carry the request. Before that nothing of it can have
 * arrived: of an `https:` connection only after the certificate has been found good.
 */
function onConnected(request: ClientRequest, connected: () => void): void {
  request.once('socket', (socket) => {
    const secure = socket instanceof TLSSocket;
    if (request.reusedSocket || (secure ? socket.authorized : !socket.connecting)) connected();
    else socket.once(secure ? 'secureConnect' : 'connect', connected);
  });
}

function failure(why: HttpFailure['why'], detail: string, systemCode = ''): HttpFailure {
  return { kind: 'failure', why, mayHaveArrived: false, systemCode, detail };
}
