import type { IncomingMessage, ServerResponse } from 'node:http';

/** The number of requests to keep, so that a long-running emulator does not use up the memory. */
const LIMIT = 100_000;

export type Entry = { -readonly [Key in keyof SeenRequest]: SeenRequest[Key] };

/** The log of requests, and how many were in flight at the same time. */
export class Journal {
  readonly requests: SeenRequest[] = [];
  maxInFlight = 0;
  #count = 0;
  #inFlight = 0;

  /** Adds a request that has just arrived. The entry is completed later. */
  open(request: IncomingMessage, response: ServerResponse, path: string, at: number): Entry {
    this.#count += 1;
    this.#inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.#inFlight);
    response.once('close', () => (this.#inFlight -= 1));
    const { authorization, 'x-auth-key': key, 'user-agent': userAgent } = request.headers;
    const entry: Entry = {
      n: this.#count,
      at,
      method: request.method ?? 'GET',
      path,
      body: undefined,
      authorization: authorization !== undefined || key !== undefined,
      ...(userAgent === undefined ? {} : { userAgent }),
    };
    this.requests.push(entry);
    if (this.requests.length > LIMIT) this.requests.splice(0, LIMIT / 2);
    return entry;
  }
}

/** One entry of the request log, for tests. It contains bodies, including secrets. */
export type SeenRequest = {
  /** Counts from 1. */
  readonly n: number;
  /** When it arrived, in milliseconds of the emulator's clock. */
  readonly at: number;
  readonly method: string;
  /** Without the base path and the query. */
  readonly path: string;
  /** Only if the request reached an endpoint. */
  readonly accountId?: string;
  /** The ID of the object in the path, without dashes. */
  readonly id?: string;
  readonly body: unknown;
  /** Whether it had credentials. */
  readonly authorization: boolean;
  readonly userAgent?: string;
  /** The HTTP status that was sent; absent before the response, and if none is sent. */
  readonly status?: number;
  /** Whether it was a write that took effect. */
  readonly effect?: boolean;
  /** The name of the response that was sent in place of the correct one. */
  readonly fault?: string;
};
