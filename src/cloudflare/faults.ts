import { HookwrightError, type ErrorCode } from '../core/errors.js';
import type { Redactor } from '../core/redactor.js';
import { displayUrl } from '../core/urls.js';
import type { Envelope } from './envelope.js';
import { first } from './ratelimit-headers.js';
import type { HttpAnswer, HttpFailure } from './receive.js';
import type { HttpRequest } from './transport.js';

/** A request and, for people, what it asks: `list the webhooks of account 023e…`. */
export type Ask = HttpRequest & { readonly what: string; readonly account: string };

const LONGEST_QUOTE = 300;

/** What Node's error codes mean to people; the rest is shown as it is. */
const PLAIN: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'its name cannot be looked up at the moment',
  ETIMEDOUT: 'no connection in time',
  EHOSTUNREACH: 'no way to that host',
  ENETUNREACH: 'no way to that network',
  EPROTO: 'no TLS connection could be made; is it plain http?',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
};
const UNTRUSTED =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?))$/;

/** Words every failure: what was asked, what came back, what to do; with nothing secret in it. */
export class Faults {
  readonly #redactor: Redactor;
  readonly #origin: string;

  readonly #timeoutMs: number;

  constructor(redactor: Redactor, base: URL, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#redactor = redactor;
    this.#origin = base.origin;
  }

  /** No answer came. `tries`: how often it was sent. */
  ofFailure(ask: Ask, failure: HttpFailure, tries: number): HookwrightError {
    const { why, systemCode, detail, mayHaveArrived } = failure;
    const cause = detail ? new Error(this.#redactor.redact(`${systemCode} ${detail}`.trim())) : undefined;
    const often = tries > 1 ? ` after ${tries} tries` : '';
    if (why === 'interrupted') {
      const state = mayHaveArrived ? 'was under way' : 'had not been sent';
      return this.#error('interrupted', `Interrupted: the request to ${ask.what} ${state}.`, cause);
    }
    if (why === 'too-long') {
      return this.#error('bad-answer', `Could not ${ask.what}: the answer was too long (${detail}).`, cause);
    }
    if (why === 'timeout' && mayHaveArrived) {
      const within = `${this.#origin} did not answer within ${this.#timeoutMs / 1000} s${often}`;
      return this.#error('timeout', `Could not ${ask.what}: ${within} (see --timeout).`, cause);
    }
    const verb = mayHaveArrived ? 'get an answer from' : 'reach';
    const proxy = failure.proxy === undefined ? '' : ` through the proxy ${failure.proxy} (see HTTPS_PROXY)`;
    const where = `${verb} ${this.#origin}${proxy} to ${ask.what}${often} (${reasonFor(failure)})`;
    return this.#error('network', `Could not ${where}.${mayHaveArrived ? '' : UNREACHED}`, cause);
  }

  /** The answer says no, or nothing that can be understood. `why` in place of what Cloudflare says. */
  ofAnswer(ask: Ask, answer: HttpAnswer, envelope: Envelope, code: ErrorCode, why?: string): HookwrightError {
    const codes = envelope.errors.flatMap((error) => (error.code === undefined ? [] : [String(error.code)]));
    const facts = [
      `HTTP ${answer.status}`,
      ...(codes.length > 0 ? [`code ${codes.slice(0, 5).join(', ')}`] : []),
      `cf-ray ${first(answer.headers['cf-ray']) ?? 'none'}`,
    ];
    const reason =
      why ?? (code === 'destination-refused' ? destinationSays(envelope) : this.#says(answer, envelope));
    return this.#error(code, `Could not ${ask.what}: ${reason} (${facts.join(', ')}).${hintFor(code, ask)}`);
  }

  #says(answer: HttpAnswer, envelope: Envelope): string {
    const location = first(answer.headers['location']);
    if (answer.status >= 300 && answer.status < 400) {
      const target = location === undefined ? '' : ` to ${displayUrl(location)}`;
      return `the answer is a redirect${target}, which is not followed because the token is for ${this.#origin} only`;
    }
    const messages = envelope.errors.flatMap((error) => (error.message ? [this.#quote(error.message)] : []));
    if (messages.length > 0) return `Cloudflare says ${messages.slice(0, 3).join(' ')}`;
    switch (envelope.form) {
      case 'html':
        return 'the answer is HTML, not JSON';
      case 'empty':
        return 'the answer is empty';
      case 'text':
        return 'the answer is not JSON';
      case 'json':
        return 'the answer is JSON of another kind than Cloudflare gives';
      case 'envelope':
        return envelope.success ? 'the answer lacks what was asked for' : 'Cloudflare gave no reason';
    }
  }

  /** Redacted before it is cut, as half a secret would no longer be recognised. */
  #quote(message: string): string {
    const text = this.#redactor.redact(message.slice(0, 20_000)).replace(/\s+/g, ' ').trim();
    return `"${text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text}"`;
  }

  #error(code: ErrorCode, message: string, cause?: Error): HookwrightError {
    return new HookwrightError(code, this.#redactor.redact(message), cause ? { cause } : undefined);
  }
}

const UNREACHED =
  ' Is the address right (--api-url, CLOUDFLARE_BASE_URL), and does the network need a proxy (HTTPS_PROXY)?';

function reasonFor({ why, systemCode, detail }: HttpFailure): string {
  if (why === 'timeout') return 'no connection in time';
  if (UNTRUSTED.test(systemCode)) {
    return `its certificate is not trusted, ${systemCode}; NODE_EXTRA_CA_CERTS can name a file of further authorities`;
  }
  return PLAIN[systemCode] ?? `${systemCode} ${detail}`.trim();
}

/**
 * `Webhook test failed with status code 400 Bad Request`: the status is the destination's
 * (https://developers.cloudflare.com/notifications/reference/common-errors/).
 */
function destinationSays(envelope: Envelope): string {
  const message = envelope.errors.map((error) => error.message).join(' ');
  const status = /status code (\d{3})(?: ([A-Za-z -]{1,40}))?/.exec(message);
  const answer = status
    ? `answered ${[status[1], status[2]?.trim()].filter(Boolean).join(' ')}`
    : 'did not accept it';
  return `Cloudflare sent its test message and the destination ${answer}`;
}

function hintFor(code: ErrorCode, ask: Ask): string {
  if (code !== 'access-denied') return HINTS[code] ?? '';
  const permission = `Account > Notifications > ${ask.method === 'GET' ? 'Read' : 'Edit'}`;
  return ` Is the API token (CLOUDFLARE_API_TOKEN) right, is it for this account, and has it the permission ${permission}?`;
}

const HINTS: Partial<Record<ErrorCode, string>> = {
  'wrong-address':
    ' The account id is probably wrong: see CLOUDFLARE_ACCOUNT_ID or account_id in the file, or the path of CLOUDFLARE_BASE_URL.',
  'destination-refused':
    ' It must answer 2xx to a POST from the internet; see whether its url and secret are right.',
  'rate-limited': ' Try again in some minutes.',
};
