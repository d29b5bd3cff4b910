import { setMaxListeners } from 'node:events';
import { HookwrightError, usageError } from '../core/errors.js';
import type { AccountId, PolicyId, WebhookId } from '../core/ids.js';
import type { Reader, WriteAnswer, Writer } from '../core/ports.js';
import { Secret } from '../core/secret.js';
import type { Redactor } from '../text/redactor.js';
import { parseBaseUrl, segment } from './address.js';
import { type ApiRequest, ErrorFactory } from './api-errors.js';
import { decodePageInfo, type Page, readAllPages } from './envelope.js';
import { Exchange, type ExchangeOptions } from './exchange.js';
import { type Method, Transport, type TransportOptions } from './transport.js';
import {
  decodeCreatedId,
  decodeEligible,
  decodeList,
  decodePolicy,
  decodeTokenStatus,
  decodeWebhook,
  type Eligibility,
  encodeWebhook,
  type TokenStatus,
} from './wire.js';

/** A list of 40,000 webhooks is about 15 MB. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;
const MAX_RESPONSE_BYTES = 1024 * 1024;

export type ClientOptions = ExchangeOptions &
  Omit<TransportOptions, 'base' | 'authentication'> & {
    /** `https:`, or `http:` on loopback. */
    readonly baseUrl: string;
    readonly credentials: ApiCredentials;
  };

/**
 * Cloudflare's notification API (https://developers.cloudflare.com/api/resources/alerting/). The token is
 * sent only to the configured origin: redirects are not followed. Reads throw {@link HookwrightError}; writes
 * return it.
 */
export class CloudflareClient implements Reader, Writer {
  readonly #transport: Transport;
  readonly #exchange: Exchange;
  readonly #redactor: Redactor;
  readonly #retries: number;

  /** Throws `usage` for an invalid address or invalid credentials; sends nothing. */
  constructor(options: ClientOptions) {
    const base = parseBaseUrl(options.baseUrl);
    // Every request in flight or waiting adds a listener.
    for (const signal of [options.stop, options.signal]) if (signal) setMaxListeners(0, signal);
    this.#redactor = options.redactor;
    this.#retries = options.retries;
    this.#transport = new Transport({
      ...options,
      base,
      authentication: authentication(options.credentials, options.redactor),
    });
    const errors = new ErrorFactory(options.redactor, base, options.timeoutMs);
    this.#exchange = new Exchange(this.#transport, errors, options);
  }

  /** Closes idle connections. */
  close(): void {
    this.#transport.close();
  }

  readonly listWebhooks: Reader['listWebhooks'] = (account) =>
    this.#list(this.#request('GET', account, webhooks(), 'list the webhooks'), decodeWebhook);

  readonly listPolicies: Reader['listPolicies'] = (account) =>
    this.#list(this.#request('GET', account, policies(), 'list the notification policies'), decodePolicy);

  readonly getWebhook: Reader['getWebhook'] = (account, id) =>
    this.#exchange.find(this.#request('GET', account, webhooks(id), `read webhook ${id}`), decodeWebhook);

  readonly getPolicy: Reader['getPolicy'] = (account, id) =>
    this.#exchange.find(this.#request('GET', account, policies(id), `read policy ${id}`), decodePolicy);

  /** Cloudflare sends a live test message to the URL, and refuses unless the response is 2xx. */
  readonly createWebhook: Writer['createWebhook'] = (account, body, options) => {
    const json = encodeWebhook(body, this.#redactor);
    const request = this.#request('POST', account, webhooks(), 'create a webhook', json);
    return this.#exchange.write(request, decodeCreatedId, options);
  };

  readonly updateWebhook: Writer['updateWebhook'] = (account, id, body, options) => {
    const json = encodeWebhook(body, this.#redactor);
    const request = this.#request('PUT', account, webhooks(id), `update webhook ${id}`, json);
    return this.#exchange.write(request, nothing, options);
  };

  readonly deleteWebhook: Writer['deleteWebhook'] = (account, id, options) => {
    const request = this.#request('DELETE', account, webhooks(id), `delete webhook ${id}`);
    return this.#exchange.write(request, nothing, options);
  };

  readonly updatePolicy: Writer['updatePolicy'] = (account, id, body) => {
    const json = JSON.stringify(body);
    const request = this.#request('PUT', account, policies(id), `update policy ${id}`, json);
    return this.#exchange.write(request, nothing);
  };

  /** Sends a test alert to all destinations of a policy. */
  testPolicy(account: AccountId, id: PolicyId): Promise<WriteAnswer<void>> {
    const path = `${policies(id)}/test`;
    return this.#exchange.write(this.#request('POST', account, path, `test policy ${id}`, '{}'), nothing);
  }

  /** Returns which kinds of destination the account can use; throws if the account is not found. */
  eligible(account: AccountId): Promise<readonly Eligibility[]> {
    const request = this.#request('GET', account, '/destinations/eligible', 'list the eligible destinations');
    return this.#exchange.read(request, decodeEligible);
  }

  /**
   * Returns what Cloudflare reports about the token in use. `account`: for a token that belongs to an
   * account, not a user
   * (https://developers.cloudflare.com/fundamentals/api/get-started/account-owned-tokens/).
   */
  verifyToken(account?: AccountId): Promise<TokenStatus> {
    const owner = account === undefined ? '/user' : `/accounts/${segment(account)}`;
    const path = `${owner}/tokens/verify`;
    const request: ApiRequest = {
      method: 'GET',
      path,
      maxBytes: MAX_RESPONSE_BYTES,
      description: 'verify the API token',
      account: '',
    };
    return this.#exchange.read(request, decodeTokenStatus);
  }

  /** The time of the last response, as its `Date` header gives it. */
  get serverTime(): string | undefined {
    return this.#exchange.serverTime;
  }

  async #list<T extends { readonly id: string }>(
    request: ApiRequest,
    one: (raw: unknown) => T,
  ): Promise<readonly T[]> {
    const read = (page: ApiRequest): Promise<Page<T>> =>
      this.#exchange.read({ ...page, maxBytes: MAX_LIST_BYTES }, (result, resultInfo) => ({
        items: decodeList(result, one),
        info: decodePageInfo(resultInfo),
      }));
    for (let tries = 1; ; tries += 1) {
      const start = await read(request);
      const all = await readAllPages(start, (page) =>
        read({ ...request, path: `${request.path}?page=${page}` }),
      );
      if ('items' in all) return all.items;
      if (tries <= this.#retries) continue;
      throw new HookwrightError(
        'bad-answer',
        `Could not ${request.description}: ${all.inconsistent}. Run it again.`,
      );
    }
  }

  #request(method: Method, account: AccountId, path: string, description: string, body?: string): ApiRequest {
    return {
      method,
      path: `/accounts/${segment(account)}/alerting/v3${path}`,
      description: `${description} ${method === 'GET' || method === 'DELETE' ? 'of' : 'in'} account ${account}`,
      account,
      maxBytes: MAX_RESPONSE_BYTES,
      ...(body === undefined ? {} : { body }),
    };
  }
}

function webhooks(id?: WebhookId): string {
  return `/destinations/webhooks${id === undefined ? '' : `/${segment(id)}`}`;
}

function policies(id?: PolicyId): string {
  return `/policies${id === undefined ? '' : `/${segment(id)}`}`;
}

/** Ignores the result: PUT and DELETE can return an ID, null or nothing. */
const nothing = (): undefined => undefined;

/** An API token, or the older pair of global API key and email address. */
export type ApiCredentials = { readonly token: Secret } | { readonly key: Secret; readonly email: string };

/**
 * Returns the authentication headers, and adds the secret to the redactor. Throws `usage` for a value that
 * Node would refuse to send, such as a token with a trailing newline.
 */
export function authentication(
  credentials: ApiCredentials,
  redactor: Redactor,
): Record<string, Secret | string> {
  const secret = 'token' in credentials ? credentials.token : credentials.key;
  redactor.add(secret.reveal());
  if ('token' in credentials) {
    const scheme = /^bearer\s/i.test(secret.reveal()) ? ' Set only the token, without "Bearer".' : '';
    refuseUnsendable('The API token (CLOUDFLARE_API_TOKEN)', secret.reveal(), scheme);
    return { authorization: new Secret(`Bearer ${secret.reveal()}`) };
  }
  refuseUnsendable('The API key (CLOUDFLARE_API_KEY)', secret.reveal());
  refuseUnsendable('The email address (CLOUDFLARE_EMAIL)', credentials.email);
  return { 'x-auth-key': secret, 'x-auth-email': credentials.email };
}

/** Throws `usage` for text that a header cannot contain, or that is in quotes of a shell or an env file. */
function refuseUnsendable(what: string, text: string, hint = ''): void {
  const whys = [
    [/^$/, 'is empty'],
    [/^(["']).*\1$/s, 'is in quotes'],
    [/[\r\n]/, 'contains a newline'],
    [/\s/, 'contains a space'],
    [/[^\x21-\x7e]/, 'contains a character that cannot be sent'],
  ] as const;
  const why = whys.find(([pattern]) => pattern.test(text))?.[1];
  if (why !== undefined) throw usageError(`${what} ${why}.${hint}`);
}
