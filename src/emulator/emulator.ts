import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { HookwrightError } from '../core/errors.js';
import { DEFAULT_QUIRKS, type Quirks, TimestampSource } from './quirks.js';
import { DataFile, invalidData, type PolicySeed, readData, seed, type WebhookSeed } from './data-file.js';
import { BASE, exchange, type Interception, RateWindow, type ServerContext } from './serve-request.js';
import { Journal, type SeenRequest } from './journal.js';
import { State, type AccountView, type StateView } from './state.js';
import { longestLag, type DestinationStatus, type SentMessage, type EmulatorContext } from './context.js';

export type EmulatorOptions = {
  /** Read at the start if it exists; written atomically before the response to each write. */
  readonly dataFile?: string;
  /** The duration of each request in milliseconds: half before its effect, half after. */
  readonly latency?: number | ((request: SeenRequest) => number);
  /** Omitted quirks have their default. */
  readonly quirks?: Partial<Quirks>;
  readonly onRequest?: RequestHook;
  readonly destinationStatus?: DestinationStatus;
  /** Milliseconds since 1970, for timestamps, lags and the rate limit. */
  readonly now?: () => number;
  /** Returns 32 hexadecimal digits, different each time. */
  readonly newId?: () => string;
};

/** Called once for each request, after its effect and before its response is sent. */
export type RequestHook = (request: SeenRequest, view: StateView) => void;

/**
 * Cloudflare's alerting API on loopback: an HTTP server that behaves like the real API, including its oddities.
 */
export class Emulator {
  /** Called once for each complete request; can be changed between requests. */
  intercept: ((request: SeenRequest) => Interception | undefined) | undefined;
  /** Can be changed between requests. */
  onRequest: RequestHook | undefined;

  readonly #options: EmulatorOptions;
  readonly #context: EmulatorContext;
  readonly #journal = new Journal();
  readonly #serverContext: ServerContext;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #bugs: unknown[] = [];
  #loaded = false;
  #server: Server | undefined;
  #url: string | undefined;

  constructor(options: EmulatorOptions = {}) {
    this.#options = options;
    this.onRequest = options.onRequest;
    const { now = Date.now, latency = 0, dataFile, destinationStatus } = options;
    const quirks: Quirks = { ...DEFAULT_QUIRKS, ...options.quirks };
    const state = new State(now, longestLag(quirks));
    this.#context = {
      state,
      quirks,
      stamps: new TimestampSource(now, quirks['created-digits']),
      newId: options.newId ?? (() => randomBytes(16).toString('hex')),
      sent: [],
      ...(destinationStatus ? { destinationStatus } : {}),
      later: (milliseconds, task) => this.#later(milliseconds, task),
    };
    this.#serverContext = {
      context: this.#context,
      journal: this.#journal,
      ...(quirks.rate === 'off' ? {} : { rate: new RateWindow(quirks.rate, now) }),
      ...(dataFile === undefined ? {} : { file: new DataFile(dataFile, () => state.toData()) }),
      latency: typeof latency === 'number' ? () => latency : latency,
      intercept: (request) => this.intercept?.(request),
      onRequest: (request) => this.onRequest?.(request, state),
      onBug: (bug) => void this.#bugs.push(bug),
    };
  }

  /** The value for `CLOUDFLARE_BASE_URL`: `http://127.0.0.1:PORT/client/v4`. */
  get url(): string {
    if (this.#url === undefined) throw new Error('the emulator has not been started');
    return this.#url;
  }

  /** The test messages to new webhooks, in order. */
  get testMessages(): SentMessage[] {
    return this.#context.sent.filter(({ kind }) => kind === 'test');
  }

  /** The alerts sent by `POST policies/{id}/test`, in order. */
  get alerts(): SentMessage[] {
    return this.#context.sent.filter(({ kind }) => kind === 'alert');
  }

  /** Every request so far, in order of arrival. */
  get requests(): readonly SeenRequest[] {
    return this.#journal.requests;
  }

  /** The highest number of requests in flight at the same time. */
  get maxInFlight(): number {
    return this.#journal.maxInFlight;
  }

  get view(): StateView {
    return this.#context.state;
  }

  /** Returns an account as it is stored, including secrets. The lists are copies, the objects are not. */
  account(id: string): AccountView {
    return this.#context.state.account(id);
  }

  /** Adds webhooks and policies without a request, and returns them as stored. */
  seed(
    accountId: string,
    webhooks: readonly WebhookSeed[],
    policies: readonly PolicySeed[] = [],
  ): AccountView {
    return seed(this.#context, accountId, webhooks, policies);
  }

  /** Returns the requests other than GET. */
  writes(): SeenRequest[] {
    return this.requests.filter(({ method }) => method !== 'GET');
  }

  /**
   * Listens on loopback only; port 0 picks a free port.
   * @throws HookwrightError `invalid-file` for a malformed data file, `io` if it cannot be read or the port is
   * not available.
   */
  async start(port = 0): Promise<this> {
    const { dataFile } = this.#options;
    if (dataFile !== undefined && !this.#loaded) {
      const data = await readData(dataFile);
      for (const [id, { webhooks = [], policies = [] }] of Object.entries(data?.accounts ?? {})) {
        try {
          this.seed(id, webhooks, policies);
        } catch (error) {
          throw invalidData(
            dataFile,
            `accounts.${id}: ${error instanceof Error ? error.message : String(error)}`,
          );
        }
      }
      this.#loaded = true;
    }
    const server = createServer((request, response) => void exchange(this.#serverContext, request, response));
    // Longer than clients keep idle connections, so that no connection is closed during a request.
    server.keepAliveTimeout = 65_000;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening').catch((cause: unknown) => {
      const { code, message } = cause as NodeJS.ErrnoException;
      const reason = code === 'EADDRINUSE' ? 'the port is in use, perhaps by another emulator' : message;
      const why = `cannot listen on 127.0.0.1:${port}: ${reason}`;
      throw new HookwrightError('io', `${why}. Use --port 0 to pick a free port.`, { cause });
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no TCP address');
    this.#server = server;
    this.#url = `http://127.0.0.1:${address.port}${BASE}`;
    return this;
  }

  /** Closes every connection. @throws the first error inside the emulator or a hook, if there was one. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    if (server) {
      server.close().closeAllConnections();
      await once(server, 'close');
    }
    if (this.#bugs.length > 0) throw this.#bugs[0];
  }

  #later(milliseconds: number, task: () => void): void {
    if (milliseconds <= 0) return task();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
      this.#serverContext.file?.save().catch(this.#serverContext.onBug);
    }, milliseconds);
    this.#timers.add(timer);
  }
}
