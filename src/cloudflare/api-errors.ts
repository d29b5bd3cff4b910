import { HookwrightError, type ErrorCode } from '../core/errors.js';
import { DEFAULT_BASE_URL } from './address.js';
import type { Redactor } from '../text/redactor.js';
import { displayUrl } from '../core/urls.js';
import type { Envelope } from './envelope.js';
import { first } from './rate-limit-headers.js';
import type { HttpAnswer, HttpFailure, HttpRequest } from './transport.js';

/** A request and what it does, for messages: `list the webhooks of account 023e…`. */
export type ApiRequest = HttpRequest & { readonly description: string; readonly account: string };

const MAX_QUOTE_LENGTH = 300;

/** Node's error codes in plain words; other codes are shown as they are. */
const PLAIN: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'temporary DNS failure',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  EPROTO: 'TLS handshake failed; the server may use plain http',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for a different host',
};
const UNTRUSTED =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?))$/;

/** Builds every API error: what was requested, what came back, what to do. Untrusted text is redacted. */
export class ErrorFactory {
  constructor(
    private readonly redactor: Redactor,
    private readonly base: URL,
    private readonly timeoutMs: number,
  ) {}

  /** There was no response. `tries`: how often the request was sent. */
  ofFailure({ description }: ApiRequest, failure: HttpFailure, tries: number): HookwrightError {
    const { why, systemCode, mayHaveArrived } = failure;
    const detail = this.redactor.redact(failure.detail);
    const options = detail ? { cause: new Error(`${systemCode} ${detail}`.trim()) } : undefined;
    const error = (code: ErrorCode, text: string): HookwrightError =>
      new HookwrightError(code, text, options);
    const often = tries > 1 ? ` after ${tries} tries` : '';
    if (why === 'interrupted') {
      const state = mayHaveArrived ? 'was in progress' : 'had not been sent';
      return error('interrupted', `Interrupted: the request to ${description} ${state}.`);
    }
    if (why === 'too-long')
      return error('bad-answer', `Could not ${description}: the response was too long (${detail}).`);
    if (why === 'timeout' && mayHaveArrived) {
      const within = `${this.base.origin} did not respond within ${this.timeoutMs / 1000} s${often}`;
      return error('timeout', `Could not ${description}: ${within} (see --timeout).`);
    }
    const verb = mayHaveArrived ? 'get a response from' : 'reach';
    const proxy = failure.proxy === undefined ? '' : ` through the proxy ${failure.proxy} (see HTTPS_PROXY)`;
    const where = `${verb} ${this.base.origin}${proxy} to ${description}${often} (${reasonFor({ ...failure, detail })})`;
    return error('network', `Could not ${where}.${mayHaveArrived ? '' : unreachedHint(this.base)}`);
  }

  /** The request was not sent, because every response for too long said that the rate limit is exceeded. */
  ofGivenUp({ description }: ApiRequest): HookwrightError {
    const why = `${this.base.origin} has refused every request for 10 minutes because of the rate limit`;
    return new HookwrightError(
      'rate-limited',
      `Could not ${description}: ${why}.${HINTS['rate-limited'] ?? ''}`,
    );
  }

  /** The response is a refusal or not understood. `why` replaces what Cloudflare says. */
  ofAnswer(
    request: ApiRequest,
    answer: HttpAnswer,
    envelope: Envelope,
    code: ErrorCode,
    why?: string,
  ): HookwrightError {
    const codes = envelope.errors.flatMap((error) => (error.code === undefined ? [] : [String(error.code)]));
    // The status of a refusing destination is enough; next to it, Cloudflare's own would only confuse.
    const isDestination = code === 'destination-refused';
    const facts = [
      ...(isDestination ? [] : [`HTTP ${answer.status}`]),
      ...(codes.length > 0 ? [`code ${codes.slice(0, 5).join(', ')}`] : []),
      `cf-ray ${this.redactor.redact(first(answer.headers['cf-ray']) ?? 'none')}`,
    ];
    const reason = why ?? (isDestination ? this.#destinationSays(envelope) : this.#says(answer, envelope));
    return new HookwrightError(
      code,
      `Could not ${request.description}: ${reason} (${isDestination ? 'Cloudflare: ' : ''}${facts.join(', ')}).${this.#hintFor(code, request)}`,
    );
  }

  #says(answer: HttpAnswer, envelope: Envelope): string {
    if (answer.status < 200) return 'the server switched to another protocol, which was not requested';
    const location = first(answer.headers['location']);
    if (answer.status >= 300 && answer.status < 400) {
      const target = location === undefined ? '' : ` to ${this.redactor.redact(displayUrl(location))}`;
      return `the response is a redirect${target}, which was not followed because the token must be sent only to ${this.base.origin}`;
    }
    const messages = envelope.errors.flatMap(({ message }) => message || []).slice(0, 3);
    if (messages.length > 0) return `Cloudflare says ${messages.map((each) => this.#quote(each)).join(' ')}`;
    switch (envelope.form) {
      case 'html':
        return 'the response is HTML, not JSON';
      case 'empty':
        return 'the response is empty';
      case 'text':
        return 'the response is not JSON';
      case 'json':
        return "the response is JSON, but not in Cloudflare's format";
      case 'envelope':
        return envelope.success
          ? 'the response does not contain the requested data'
          : 'Cloudflare gave no reason';
    }
  }

  /**
   * `Webhook test failed with status code 400 Bad Request`: the status is the destination's
   * (https://developers.cloudflare.com/notifications/reference/common-errors/).
   */
  #destinationSays(envelope: Envelope): string {
    const message = envelope.errors.map((error) => error.message).join(' ');
    const status = /status code (\d{3})(?: ([A-Za-z -]{1,40}))?/.exec(message);
    const answer = status
      ? `responded with ${[status[1], this.redactor.redact(status[2] ?? '').trim()].filter(Boolean).join(' ')}`
      : 'did not accept it';
    return `Cloudflare sent a test message, and the destination ${answer}`;
  }

  /** Redacts before it truncates, because half a secret would not be recognized. */
  #quote(message: string): string {
    const text = this.redactor.redact(message.slice(0, 5000)).replace(/\s+/g, ' ').trim();
    return `"${text.length > MAX_QUOTE_LENGTH ? `${text.slice(0, MAX_QUOTE_LENGTH)}…` : text}"`;
  }

  #hintFor(code: ErrorCode, request: ApiRequest): string {
    if (code === 'wrong-address' && !hasApiPath(this.base)) return NO_API_PATH;
    if (code !== 'access-denied') return HINTS[code] ?? '';
    const permission = `Account > Notifications > ${request.method === 'GET' ? 'Read' : 'Edit'}`;
    return ` Check that the API token (CLOUDFLARE_API_TOKEN) is valid, has access to this account, and has the permission ${permission}.`;
  }
}

const UNREACHED =
  ' Check the address (--api-url, CLOUDFLARE_BASE_URL) and whether the network requires a proxy (HTTPS_PROXY).';

/** Names of the address that the emulator listens on, which is not encrypted. */
const EMULATOR_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost']);

/** Returns what to do if the address cannot be reached. */
function unreachedHint({ protocol, hostname, port }: URL): string {
  if (protocol !== 'http:' || !EMULATOR_HOSTS.has(hostname)) return UNREACHED;
  const command = `hookwright emulator --port ${port || '80'}`;
  return ` Check that the emulator runs there, or leave out --api-url and unset CLOUDFLARE_BASE_URL to use Cloudflare. To start the emulator, run: ${command}`;
}

function reasonFor({ why, systemCode, detail }: HttpFailure): string {
  if (why === 'timeout') return 'the connection timed out';
  if (UNTRUSTED.test(systemCode)) {
    return `its certificate is not trusted, ${systemCode}; set NODE_EXTRA_CA_CERTS to a file with additional certificate authorities`;
  }
  return PLAIN[systemCode] ?? `${systemCode} ${detail}`.trim();
}

/** Reports whether the path of the address is that of Cloudflare's API. */
function hasApiPath({ pathname }: URL): boolean {
  return pathname.replace(/\/$/, '').endsWith(new URL(DEFAULT_BASE_URL).pathname);
}

const NO_API_PATH =
  " The address of the API is probably wrong: Cloudflare's ends with /client/v4, and this one does not. Check --api-url and CLOUDFLARE_BASE_URL.";

const HINTS: Partial<Record<ErrorCode, string>> = {
  'wrong-address':
    ' The account ID is probably wrong. Check CLOUDFLARE_ACCOUNT_ID, account_id in the file, and the path of CLOUDFLARE_BASE_URL.',
  'destination-refused':
    ' The destination must respond with 2xx to a POST from the internet. Check its URL and secret. It can take minutes until a new endpoint is reachable; then run apply again.',
  'rate-limited': ' Try again in a few minutes.',
};
