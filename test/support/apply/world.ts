import { HookwrightError, type ErrorCode } from '../../../src/core/errors.js';
import type { AccountId, PolicyId, WebhookId } from '../../../src/core/ids.js';
import type { Live, Policy } from '../../../src/core/live.js';
import type { Reader, WebhookBody, WriteAnswer, Writer } from '../../../src/core/ports.js';
import { revealed } from '../../../src/core/secret.js';
import { live, numberOf, policy } from '../core/builders.js';
import { DONE } from './scripted.js';

/** An in-memory account that carries out every request and records their order. */
export class World implements Reader, Writer {
  readonly calls: string[] = [];
  /** Called before each request. A returned value replaces the response. */
  on: (call: string) => HookwrightError | WriteAnswer<never> | undefined = () => undefined;
  #next = 11;

  constructor(
    public webhooks: readonly Live[],
    public policies: readonly Policy[] = [],
  ) {}

  get names(): string[] {
    return this.webhooks.map(({ id, name }) => `#${numberOf(id)} ${name}`);
  }

  listWebhooks(): Promise<readonly Live[]> {
    return this.#read('LIST', () => this.webhooks);
  }

  getWebhook(_account: AccountId, id: WebhookId): Promise<Live | undefined> {
    return this.#read(`GET #${numberOf(id)}`, () => this.webhooks.find((webhook) => webhook.id === id));
  }

  listPolicies(): Promise<readonly Policy[]> {
    return this.#read('LIST policies', () => this.policies);
  }

  getPolicy(_account: AccountId, id: PolicyId): Promise<Policy | undefined> {
    return this.#read('GET policy', () => this.policies.find((each) => each.id === id));
  }

  createWebhook(_account: AccountId, body: WebhookBody): Promise<WriteAnswer<WebhookId>> {
    return this.#write(`POST ${body.name}`, () => {
      const made = live(this.#next, body.name, revealed(body.url));
      this.#next += 1;
      this.webhooks = [...this.webhooks, made];
      return { status: 'done', value: made.id };
    });
  }

  updateWebhook(_account: AccountId, id: WebhookId, body: WebhookBody): Promise<WriteAnswer<void>> {
    const secret = body.secret ? ` with ${body.secret.reveal()}` : '';
    return this.#write(`PUT #${numberOf(id)} ${body.name}${secret}`, () => {
      this.webhooks = this.webhooks.map((webhook) =>
        webhook.id === id ? { ...webhook, name: body.name, url: revealed(body.url) } : webhook,
      );
      return DONE;
    });
  }

  deleteWebhook(_account: AccountId, id: WebhookId): Promise<WriteAnswer<void>> {
    return this.#write(`DELETE #${numberOf(id)}`, () => {
      this.webhooks = this.webhooks.filter((webhook) => webhook.id !== id);
      return DONE;
    });
  }

  updatePolicy(_account: AccountId, id: PolicyId, body: Policy['raw']): Promise<WriteAnswer<void>> {
    return this.#write('PUT policy', () => {
      const { webhooks } = body['mechanisms'] as { webhooks: { id: WebhookId }[] };
      const webhookIds = webhooks.map((use) => use.id);
      this.policies = this.policies.map((each) =>
        each.id === id ? { ...each, webhookIds, raw: { ...each.raw, ...body } } : each,
      );
      return DONE;
    });
  }

  #read<T>(call: string, give: () => T): Promise<T> {
    this.calls.push(call);
    const instead = this.on(call);
    return instead instanceof HookwrightError ? Promise.reject(instead) : Promise.resolve(give());
  }

  #write<T>(call: string, act: () => WriteAnswer<T>): Promise<WriteAnswer<T>> {
    this.calls.push(call);
    const instead = this.on(call);
    if (instead instanceof HookwrightError) return Promise.resolve({ status: 'unknown', error: instead });
    return Promise.resolve(instead ?? act());
  }
}

/** A policy that uses the webhooks with these numbers, as the API returns it. */
export function using(n: number, ...webhooks: readonly number[]): Policy {
  const plain = policy(n, webhooks);
  const mechanisms = { webhooks: plain.webhookIds.map((id) => ({ id })) };
  return { ...plain, raw: { id: plain.id, name: plain.name, mechanisms } };
}

export const error = (code: ErrorCode, message = 'no'): HookwrightError => new HookwrightError(code, message);
