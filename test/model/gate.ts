import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { bare, storedForm, type State } from './forms.js';
import type { Fault, SeededWebhook, Trouble, World } from './script.js';
import { ACCOUNT_PATH, TOKEN, type Server } from './servers.js';
import type { VirtualTime } from './time.js';

/** One request of a run, and what it changed. */
export type Exchange = {
  /** Its number among the requests of all runs. */
  readonly order: number;
  readonly run: string;
  /** Its number among the requests of its run. */
  readonly n: number;
  readonly method: string;
  readonly resource: 'webhooks' | 'policies' | 'other';
  readonly id?: string;
  /** As sent. */
  readonly body?: Readonly<Record<string, unknown>>;
  readonly fault?: Fault | 'dead';
  /** What the run received. Absent: no response, or an invalid one. */
  readonly status?: number;
  readonly result?: unknown;
  /** Whether it is a write that took effect. */
  readonly effect: boolean;
  /** The account before and after the request. */
  readonly before: State;
  readonly after: State;
};

/** The run that sends the requests. */
export type Caller = {
  readonly name: string;
  readonly baseUrl: string;
  readonly exchanges: Exchange[];
  /** Returns the number of requests so far. */
  readonly sent: () => number;
  /** Reports whether its process is dead. */
  readonly isDead: () => boolean;
};

type Answer = { readonly status: number; readonly body: string };
type Visitor = {
  readonly trouble: Trouble;
  readonly caller: Caller;
  readonly onSignal: () => void;
  readonly onCount: (count: number) => void;
  readonly latencies: readonly number[];
  count: number;
  dead: boolean;
};
type Seen = { readonly at: number; readonly webhooks: Answer };

const LIST = '/destinations/webhooks';
const DAY = 86_400_000;

/**
 * A proxy between runs and a server: knows which run sent what and what it changed, adds the script's forms
 * and delays, and makes requests fail. Servers do not need to support any of that, and all of them fail
 * alike.
 */
export class Gate {
  readonly #server: Server;
  readonly #time: VirtualTime;
  readonly #world: World;
  readonly #http: http.Server;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #visitors = new Map<string, Visitor>();
  readonly #createdAt = new Map<string, string>();
  readonly #lists: Seen[] = [];
  #refusals = 0;
  #order = 0;
  #state: State;
  #turn: Promise<unknown> = Promise.resolve();
  #port = 0;

  private constructor(server: Server, time: VirtualTime, world: World, seeded: readonly SeededWebhook[]) {
    this.#server = server;
    this.#time = time;
    this.#world = world;
    this.#state = server.state();
    for (const { id, age } of seeded) this.#createdAt.set(id, this.#stamp(time.now() - (age + 1) * DAY));
    this.#http = http.createServer((request, response) => void this.#take(request, response));
    this.#http.keepAliveTimeout = 65_000;
  }

  static async open(
    server: Server,
    time: VirtualTime,
    { world, webhooks }: { readonly world: World; readonly webhooks: readonly SeededWebhook[] },
  ): Promise<Gate> {
    const gate = new Gate(server, time, world, webhooks);
    await new Promise<void>((resolve) => void gate.#http.listen(0, '127.0.0.1', resolve));
    const address = gate.#http.address();
    if (address === null || typeof address === 'string') throw new Error('no TCP address');
    gate.#port = address.port;
    await gate.#remember();
    return gate;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
    });
    this.#agent.destroy();
  }

  /** Returns the server's state. */
  state(): State {
    return this.#state;
  }

  /** Returns when a webhook was created, according to the server. */
  createdAt(id: string): string {
    return this.#createdAt.get(bare(id)) ?? '';
  }

  /** Connects a run. Calls `onSignal` when the trouble requires SIGINT, and `onCount` with each request. */
  admit(
    name: string,
    trouble: Trouble,
    more: { onSignal?: () => void; onCount?: (count: number) => void; latencies?: readonly number[] } = {},
  ): Caller {
    const { onSignal = () => undefined, onCount = () => undefined, latencies = [] } = more;
    const caller: Caller = {
      name,
      baseUrl: `http://127.0.0.1:${this.#port}/${name}/client/v4`,
      exchanges: [],
      sent: () => visitor.count,
      isDead: () => visitor.dead,
    };
    const visitor: Visitor = { trouble, caller, onSignal, onCount, latencies, count: 0, dead: false };
    this.#visitors.set(name, visitor);
    return caller;
  }

  /** Makes a manual change directly on the server, without trouble. Returns the result. */
  async byHand(method: string, path: string, body?: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.#inTurn(async () => {
      const answer = await this.#forward(method, path, body && { ...body, ...this.#stored(body) });
      const { result } = parse(answer.body);
      if (method === 'POST') this.#noteCreated(result);
      this.#state = this.#server.state();
      await this.#remember();
      return result;
    });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    const [, name = '', path = ''] = /^\/([^/]+)\/client\/v4(\/.*)$/.exec(request.url ?? '') ?? [];
    const visitor = this.#visitors.get(name);
    if (!visitor) return void response.writeHead(404).end();
    const n = (visitor.count += 1);
    visitor.onCount(n);
    const latency = visitor.latencies[n % visitor.latencies.length] ?? 0;
    await this.#time.latency(latency / 2);
    const answer = await this.#time.during(() =>
      this.#inTurn(() => this.#handle(visitor, n, request.method ?? 'GET', path, text)),
    );
    await this.#time.latency(latency / 2);
    send(request, response, visitor.dead ? 'reset' : answer);
  }

  async #handle(
    visitor: Visitor,
    n: number,
    method: string,
    path: string,
    text: string,
  ): Promise<Answer | 'reset' | 'cut'> {
    const { trouble, caller } = visitor;
    const { end } = trouble;
    if (end?.how === 'kill-before' && n >= end.at) visitor.dead = true;
    const [, resource = '', id] =
      /^\/accounts\/[^/]+\/alerting\/v3\/(destinations\/webhooks|policies)(?:\/([^/?]+))?$/.exec(path) ?? [];
    const before = this.#state;
    const body = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>);
    const fault = visitor.dead ? 'dead' : trouble.faults.find(({ at }) => at === n)?.fault;
    const takesEffect = fault === undefined || !isBefore(fault);
    const answer = takesEffect ? await this.#answer(method, path, body) : internalError();
    const parsed = parse(answer.body);
    const effect = takesEffect && method !== 'GET' && parsed.success === true;
    if (effect) {
      if (method === 'POST' && resource !== 'policies') this.#noteCreated(parsed.result);
      this.#state = this.#server.state();
      await this.#remember();
    }
    if (end?.at === n) {
      if (end.how === 'kill-after') visitor.dead = true;
      if (end.how === 'signal' || end.how === 'signals') visitor.onSignal();
      if (end.how === 'signals') visitor.onSignal();
    }
    const seen = this.#faulty(fault, answer, this.#shown(method, path, answer));
    const understood = typeof seen === 'string' ? undefined : parse(seen.body);
    caller.exchanges.push({
      order: (this.#order += 1),
      run: caller.name,
      n,
      method,
      resource: resource === 'policies' ? 'policies' : resource === '' ? 'other' : 'webhooks',
      ...(id !== undefined && { id: bare(id) }),
      ...(body && { body }),
      ...(fault && { fault }),
      ...(typeof seen !== 'string' && !visitor.dead && { status: seen.status }),
      ...(understood?.success === true && !visitor.dead && { result: understood.result }),
      effect,
      before,
      after: this.#state,
    });
    return seen;
  }

  /** Returns the server's response, after the request has taken effect. */
  async #answer(method: string, path: string, body: Record<string, unknown> | undefined): Promise<Answer> {
    if (method === 'GET' && path.endsWith(LIST) && this.#world.listLag > 0) return this.#lateList();
    if (body && (method === 'POST' || method === 'PUT') && path.includes(LIST)) {
      const refusal = this.#refusal(method, body);
      if (refusal) return refusal;
      return this.#forward(method, path, { ...body, ...this.#stored(body) });
    }
    return this.#forward(method, path, body);
  }

  #stored({ name, url }: Readonly<Record<string, unknown>>): Record<string, unknown> {
    if (typeof name !== 'string' || typeof url !== 'string') return {};
    return storedForm(this.#world.rewrite, { name, url });
  }

  #refusal(method: string, { name, url }: Readonly<Record<string, unknown>>): Answer | undefined {
    const { nameLimit, refuses } = this.#world;
    if (nameLimit > 0 && typeof name === 'string' && name.length > nameLimit)
      return refused('name is too long');
    if (method === 'PUT' || !refuses || refuses.url !== url || this.#refusals >= refuses.times)
      return undefined;
    this.#refusals += 1;
    return refused('Webhook test failed with status code 404 Not Found');
  }

  /** Returns the list as it was before the lag. */
  #lateList(): Answer {
    const since = this.#time.now() - this.#world.listLag;
    const known = this.#lists.findLast(({ at }) => at <= since) ?? this.#lists[0];
    if (!known) throw new Error('no list');
    return known.webhooks;
  }

  async #remember(): Promise<void> {
    if (this.#world.listLag === 0) return;
    const webhooks = await this.#forward('GET', `${ACCOUNT_PATH}${LIST}`);
    this.#lists.push({ at: this.#time.now(), webhooks });
  }

  /** Returns the response as this world writes it. */
  #shown(method: string, path: string, answer: Answer): Answer {
    const parsed = parse(answer.body);
    if (parsed.success !== true) return answer;
    const { result } = parsed;
    const isWebhook = path.includes(LIST);
    const show = (each: unknown): unknown => {
      if (!isRecord(each) || typeof each['id'] !== 'string') return each;
      const id = isWebhook && this.#world.dashedIds ? dashed(each['id']) : each['id'];
      return {
        ...each,
        id,
        ...(isWebhook && method === 'GET' && { created_at: this.createdAt(each['id']) }),
      };
    };
    const list = Array.isArray(result) ? (result as unknown[]).map(show) : undefined;
    const ordered = list && this.#world.shuffled ? rotated(list, this.#order) : list;
    return { ...answer, body: JSON.stringify({ ...parsed, result: ordered ?? show(result) }) };
  }

  #faulty(fault: Fault | 'dead' | undefined, answer: Answer, shown: Answer): Answer | 'reset' | 'cut' {
    switch (fault) {
      case undefined:
      case 'list-twice': {
        const { result, ...rest } = parse(shown.body);
        if (fault === undefined || !Array.isArray(result)) return shown;
        const list: unknown[] = result;
        return { ...shown, body: JSON.stringify({ ...rest, result: [...list, ...list] }) };
      }
      case 'dead':
      case 'reset-before':
      case 'reset-after':
        return 'reset';
      case '500-before':
      case '500-after':
        return internalError();
      case '502-before':
      case '502-after':
        return { status: 502, body: '<html><body><h1>502 Bad Gateway</h1></body></html>' };
      case '408-after':
        return { status: 408, body: '<html><body>Request Timeout</body></html>' };
      case 'truncated':
        return 'cut';
      case 'garbage':
        return { status: 200, body: 'upstream says: OK' };
      case 'no-success':
        return { status: 200, body: JSON.stringify({ result: parse(shown.body).result ?? null }) };
      case 'null-result':
        return { ...shown, body: JSON.stringify({ ...parse(answer.body), result: null }) };
      case '429':
        return { status: 429, body: failed('Please wait and consider throttling your request speed', 971) };
      case '971-in-200':
        return { status: 200, body: failed('Please wait and consider throttling your request speed', 971) };
      case '403-before':
        return { status: 403, body: failed('Unable to authenticate request', 10001) };
      case 'redirect':
        return { status: 302, body: '' };
    }
  }

  #stamp(at: number): string {
    if (this.#world.createdAt === 'same') return '2026-01-01T00:00:00Z';
    const text = new Date(at).toISOString();
    return this.#world.createdAt === 'seconds' ? text.replace(/\.\d+Z$/, 'Z') : text;
  }

  #noteCreated(result: unknown): void {
    if (isRecord(result) && typeof result['id'] === 'string') {
      this.#createdAt.set(bare(result['id']), this.#stamp(this.#time.now()));
    }
  }

  /** Handles one request after the other: each sees the changes of the previous one and none of the next. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  #forward(method: string, path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    };
    return new Promise((resolve, reject) => {
      const request = http.request(
        `${this.#server.url}${path}`,
        { method, headers, agent: this.#agent },
        (response) => {
          bodyOf(response).then(
            (answer) => resolve({ status: response.statusCode ?? 0, body: answer }),
            reject,
          );
        },
      );
      request.on('error', reject);
      request.end(text);
    });
  }
}

function isBefore(fault: Fault | 'dead'): boolean {
  return fault.endsWith('-before') || ['dead', '429', '971-in-200', 'redirect'].includes(fault);
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer | 'reset' | 'cut'): void {
  if (answer === 'reset') return void request.socket.resetAndDestroy();
  if (answer === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 400 });
    return void response.write('{"success":true,"errors":[],"messa', () => response.socket?.end());
  }
  const { status, body } = answer;
  response.writeHead(status, {
    'content-type': body.startsWith('{') ? 'application/json' : 'text/html',
    'content-length': Buffer.byteLength(body),
    ...(status === 429 && { 'retry-after': '1' }),
    ...(status === 302 && { location: 'https://elsewhere.invalid/' }),
  });
  response.end(body);
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

type Envelope = { readonly success?: unknown; readonly result?: unknown };

function parse(text: string): Envelope {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function failed(message: string, code?: number): string {
  return JSON.stringify({
    success: false,
    errors: [{ ...(code !== undefined && { code }), message }],
    messages: [],
    result: null,
  });
}

const refused = (message: string): Answer => ({ status: 400, body: failed(message) });
const internalError = (): Answer => ({ status: 500, body: failed('internal error', 10013) });
const dashed = (id: string): string => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

function rotated<T>(list: readonly T[], by: number): T[] {
  const at = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(at), ...list.slice(0, at)].toReversed();
}
