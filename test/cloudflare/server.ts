import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export type Seen = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** Sends the response to a request. */
export type Reply = (response: ServerResponse, request: Seen) => void;

/** Sends the next reply to each request, and then repeats the last one. */
export class ScriptedServer {
  readonly seen: Seen[] = [];
  readonly #replies: Reply[];
  readonly #server: Server;

  constructor(...replies: Reply[]) {
    this.#replies = replies;
    this.#server = createServer((request, response) => {
      void this.#take(request, response);
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.origin}/client/v4`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const seen = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    this.seen.push(seen);
    const reply = this.#replies.length > 1 ? this.#replies.shift() : this.#replies[0];
    reply?.(response, seen);
  }
}

export const RAY = '86610873f8d987a9-LOC';

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'cf-ray': RAY, ...headers });
    response.end(JSON.stringify(body));
  };
}

export function ok(result: unknown, extra: Record<string, unknown> = {}): Reply {
  return json(200, { success: true, errors: [], messages: [], result, ...extra });
}

export function refused(status: number, message: string, code?: number): Reply {
  const error = code === undefined ? { message } : { code, message };
  return json(status, { success: false, errors: [error], messages: [], result: null });
}

export function raw(status: number, body: string, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(status, { 'cf-ray': RAY, ...headers });
    response.end(body);
  };
}

/** The connection breaks before a response. */
export const cut: Reply = (response) => {
  response.socket?.destroy();
};

/** The connection breaks in the middle of a valid response. */
export const half: Reply = (response) => {
  const body = JSON.stringify({ success: true, errors: [], messages: [], result: [] });
  response.writeHead(200, { 'content-length': String(body.length) });
  response.write(body.slice(0, 10));
  setTimeout(() => response.socket?.destroy(), 5);
};

/** Sends no response. */
export const silence: Reply = () => undefined;

export const HTML = '<html><body><h1>502 Bad Gateway</h1></body></html>';
