import { randomBytes } from 'node:crypto';
import { Redactor } from '../../src/text/redactor.js';
import { Api, isRecord, pause, type Reply } from './api.js';
import type { LiveTarget } from './target.js';

const WEBHOOKS = '/destinations/webhooks';

/** A disputed fact and what was observed. */
export type Fact = { readonly id: string; readonly question: string; readonly observed: string };

/** Webhooks and policies of this run only. All of them have its prefix and are removed at the end. */
export class Workbench {
  readonly api: Api;
  readonly prefix = `hookwright-live-${randomBytes(5).toString('hex')}`;
  readonly facts: Fact[] = [];
  readonly #redactor = new Redactor();
  readonly #created = new Set<string>();
  #count = 0;

  constructor(readonly target: LiveTarget) {
    this.api = new Api(target);
    for (const secret of [target.token, ...Object.values(target.services)]) this.#redactor.add(secret);
  }

  /** Records an observation. If it fails, the others continue. */
  async note(id: string, question: string, look: () => Promise<string> | string): Promise<void> {
    let observed: string;
    try {
      observed = await look();
    } catch (error) {
      observed = `not observed: ${error instanceof Error ? error.message : String(error)}`;
    }
    this.facts.push({ id, question, observed: this.#redactor.redact(observed) });
  }

  /** Returns a new name with the prefix of this run. */
  name(more = ''): string {
    this.#count += 1;
    return `${this.prefix}-${this.#count}${more}`;
  }

  /** Returns another URL that the destination accepts. */
  otherUrl(): string {
    this.#count += 1;
    const url = new URL(this.target.destination);
    url.searchParams.set('hookwright', String(this.#count));
    return url.href;
  }

  async post(body: Readonly<Record<string, unknown>>): Promise<Reply> {
    const common = { name: this.name(), url: this.target.destination };
    const reply = await this.api.send('POST', WEBHOOKS, { ...common, ...body });
    const { id } = reply.result;
    if (reply.ok && typeof id === 'string') this.#created.add(id);
    return reply;
  }

  /** Creates a webhook and returns its ID. Throws the API's error if it refuses. */
  async create(body: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const reply = await this.post(body);
    const { id } = reply.result;
    if (reply.ok && typeof id === 'string') return id;
    throw new Error(`a webhook could not be created: ${refusal(reply)}`);
  }

  get(id: string): Promise<Reply> {
    return this.api.send('GET', `${WEBHOOKS}/${id}`);
  }

  put(id: string, body: Readonly<Record<string, unknown>>): Promise<Reply> {
    return this.api.send('PUT', `${WEBHOOKS}/${id}`, body);
  }

  async delete(id: string): Promise<Reply> {
    const reply = await this.api.send('DELETE', `${WEBHOOKS}/${id}`);
    if (reply.ok) this.#created.delete(id);
    return reply;
  }

  list(): Promise<Reply> {
    return this.api.send('GET', WEBHOOKS);
  }

  /** Reads until the webhook fits, or until a change should be visible. Returns the last one read. */
  async readUntil(id: string, fits: (webhook: Reply['result']) => boolean): Promise<Reply['result']> {
    const end = Date.now() + this.target.settleMs;
    for (;;) {
      const { result } = await this.get(id);
      if (fits(result) || Date.now() >= end) return result;
      await pause(Math.min(500, Math.max(10, this.target.settleMs / 10)));
    }
  }

  /** Removes what was created and everything with the prefix. Throws an Error that names what is left. */
  async clear(): Promise<void> {
    const { settleMs } = this.target;
    for (const id of this.#created) await this.delete(id).catch(() => undefined);
    const end = Date.now() + Math.max(10_000, settleMs * 3);
    // A list may lag behind, so it must be empty twice.
    for (let empty = 0; empty < 2;) {
      const left = [...(await this.#mine('/policies')), ...(await this.#mine(WEBHOOKS))];
      empty = left.length === 0 ? empty + 1 : 0;
      for (const path of left) await this.api.send('DELETE', path).catch(() => undefined);
      if (left.length > 0 && Date.now() >= end) {
        throw new Error(`not removed: ${left.join(', ')} (all of this run are called ${this.prefix}…)`);
      }
      if (empty < 2) await pause(settleMs);
    }
  }

  async #mine(path: string): Promise<readonly string[]> {
    const reply = await this.api.send('GET', path);
    if (!reply.ok) throw new Error(`cannot look for what is left of ${this.prefix}: ${refusal(reply)}`);
    return reply.list
      .filter(({ name }) => typeof name === 'string' && name.trimStart().startsWith(this.prefix))
      .map(({ id }) => `${path}/${String(id)}`);
  }
}

/** Describes a refusal: `400, no code, "Webhook test failed…"`; `200` if there was none. */
export function refusal({ status, body, ok }: Reply): string {
  if (ok) return String(status);
  const errors = Array.isArray(body['errors']) ? body['errors'].filter(isRecord) : [];
  const said = errors.map(({ code, message }) => {
    const text =
      typeof message === 'string'
        ? `"${message
            .replace(/\s+/g, ' ')
            .replace(/route to \S+/, 'route to …')
            .slice(0, 80)}"`
        : 'no message';
    return `${code === undefined ? 'no code' : `code ${JSON.stringify(code)}`}, ${text}`;
  });
  return [status, ...(said.length > 0 ? said : ['no error in the body'])].join(', ');
}
