import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { failed, HookwrightError, type Result, success } from '../core/errors.js';
import type { EmulatorContext } from './context.js';
import type { DataFile } from './data-file.js';
import { find, type MatchedRoute } from './endpoints.js';
import type { Entry, Journal } from './journal.js';
import type { Rate } from './quirks.js';
import * as refusals from './responses.js';
import { type Answer, refuse } from './responses.js';

/** What is needed to send a response. */
export type Wire = {
  readonly response: ServerResponse;
  readonly answer: Answer;
  readonly headers: Readonly<Record<string, string>>;
};

/** What is sent in place of the response, so that a test can make a request fail. */
export type Interception = {
  readonly name: string;
  /** Whether the request takes effect (if it is a write). */
  readonly effect: boolean;
  /** What the client gets: an HTTP status, the correct one (`same`), or no response. */
  readonly status: number | 'same' | 'none';
  readonly send: (wire: Wire) => void;
};

/** What all requests share. */
export type ServerContext = {
  readonly context: EmulatorContext;
  readonly journal: Journal;
  readonly rate?: RateWindow;
  readonly file?: DataFile;
  readonly latency: (request: Entry) => number;
  readonly intercept: (request: Entry) => Interception | undefined;
  readonly onRequest: (request: Entry) => void;
  /** Called with errors that should not happen: a hook that throws, a data file that cannot be written. */
  readonly onBug: (bug: unknown) => void;
};

type Admitted = MatchedRoute & { readonly byToken: boolean };

export const BASE = '/client/v4';

/** Handles one request from arrival to response. Never throws. */
export async function exchange(
  server: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const whole = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const path = whole.startsWith(`${BASE}/`) ? whole.slice(BASE.length) : whole;
    const entry = server.journal.open(request, response, path, server.context.stamps.now());
    const body = await readBody(request);
    if (!body) return;
    if (body.ok) entry.body = body.value;
    const admitted = admit(entry, request, body);
    if (admitted.ok && admitted.value.accountId !== '') entry.accountId = admitted.value.accountId;
    if (admitted.ok && admitted.value.id !== '') entry.id = admitted.value.id;
    const interception = server.intercept(entry);
    if (interception) entry.fault = interception.name;
    const half = server.latency(entry) / 2;
    await pause(half);
    const answer = await act(server, entry, admitted, interception?.effect ?? true);
    entry.status = answer.status;
    const { status = 'same', send = sendAnswer } = interception ?? {};
    if (status !== 'same') entry.status = status === 'none' ? undefined : status;
    server.onRequest(entry);
    if (entry.effect) await server.file?.save();
    await pause(half);
    send({ response, answer, headers: headersOf(server) });
  } catch (bug) {
    server.onBug(bug);
    const message = bug instanceof HookwrightError ? bug.message : 'the emulator failed';
    if (!response.headersSent) {
      sendAnswer({ response, answer: refuse(500, message), headers: headersOf(server) });
    }
  }
}

/** A web page that resolves its own host name to loopback sends that name; it must get no access. */
function isForThisMachine(host: string | undefined): boolean {
  return host === undefined || /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?::\d+)?$/i.test(host);
}

/** Sends a response unchanged. */
export function sendAnswer({ response, answer, headers }: Wire): void {
  const body = JSON.stringify(answer.body);
  const length = Buffer.byteLength(body);
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': length,
    ...headers,
    ...answer.headers,
  });
  response.end(body);
}

/** Refuses malformed headers first, then unknown addresses, then what the credentials do not allow. */
function admit(
  { method, path }: Entry,
  { headers, url = '' }: IncomingMessage,
  body: Result<unknown, Answer>,
): Result<Admitted, Answer> {
  if (!isForThisMachine(headers.host)) return failed(refusals.foreignHost());
  if (!url.startsWith(`${BASE}/`)) return failed(refusals.noRoute(path));
  const access = authenticate(headers);
  if (!access.ok) return access;
  const target = find(method, path);
  if (!target.ok) return target;
  if (method !== 'GET' && !access.value.mayWrite) return failed(refusals.accessDenied());
  if (!body.ok) return body;
  return success({ ...target.value, byToken: access.value.byToken });
}

async function act(
  { context, rate }: ServerContext,
  entry: Entry,
  admitted: Result<Admitted, Answer>,
  takesEffect: boolean,
): Promise<Answer> {
  const wait = entry.fault === undefined ? rate?.take() : undefined;
  if (wait !== undefined) return refusals.rateLimited(wait, Number(context.quirks['rate-status']));
  if (!admitted.ok) return admitted.error;
  if (!takesEffect) return refusals.internalError();
  const every = context.quirks['denied-every'];
  if (every > 0 && entry.n % every === 0) return refusals.accessDenied();
  const { n, body } = entry;
  const { endpoint, accountId, id, byToken } = admitted.value;
  const account = context.state.stores(accountId);
  const answer = await endpoint({ ...context, ...account, n, accountId, id, body, byToken });
  if (entry.method !== 'GET' && answer.body.success) entry.effect = true;
  return answer;
}

/** Every response of Cloudflare has a `cf-ray`, and since 2025 the remaining rate limit. */
function headersOf({ rate }: ServerContext): Record<string, string> {
  return {
    'cf-ray': `${randomBytes(8).toString('hex')}-EMU`,
    'cache-control': 'no-store, no-cache, must-revalidate',
    ...rate?.headers(),
  };
}

async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await setTimeout(milliseconds, undefined, { ref: false });
}

export type Access = { readonly byToken: boolean; readonly mayWrite: boolean };

/**
 * Checks the credentials. Any bearer token, or email address with key, allows everything. One that starts
 * with `read-only` allows only reads, one that starts with `invalid` nothing. Missing or malformed
 * credentials return 400 with code 6003.
 */
function authenticate(headers: IncomingHttpHeaders): Result<Access, Answer> {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const token = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization)?.[1];
    return token === undefined ? failed(refusals.invalidHeaders(6111)) : grant(token, { byToken: true });
  }
  const key = headers['x-auth-key'];
  const email = headers['x-auth-email'];
  if (key === undefined && email === undefined) return failed(refusals.invalidHeaders(6111));
  if (typeof email !== 'string' || !email.includes('@')) return failed(refusals.invalidHeaders(6102));
  if (typeof key !== 'string' || !/^[\w-]+$/.test(key)) return failed(refusals.invalidHeaders(6103));
  return grant(key, { byToken: false });
}

function grant(credential: string, { byToken }: Pick<Access, 'byToken'>): Result<Access, Answer> {
  if (credential.startsWith('invalid')) return failed(refusals.accessDenied());
  return success({ byToken, mayWrite: !credential.startsWith('read-only') });
}

/** More than any webhook or policy needs. */
const BODY_LIMIT = 1024 * 1024;

/** Reads a JSON body of at most 1 MiB and ignores the rest. `undefined`: the client closed the connection. */
async function readBody(request: IncomingMessage): Promise<Result<unknown, Answer> | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      length += bytes.length;
      if (length <= BODY_LIMIT) chunks.push(bytes);
    }
  } catch {
    return undefined;
  }
  if (length > BODY_LIMIT) return failed(refusals.tooLarge());
  if (length === 0) return success(undefined);
  try {
    return success(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  } catch {
    return failed(refusals.badRequest('invalid request body'));
  }
}

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
