import type { Quirks } from './quirks.js';

/** An error as the API writes it. Errors about webhooks often have no code. */
export type ErrorEntry = {
  readonly code?: number;
  readonly message: string;
  readonly error_chain?: readonly ErrorEntry[];
};

/** The envelope of every response of Cloudflare's API. */
type Envelope = {
  readonly success: boolean;
  readonly errors: readonly ErrorEntry[];
  readonly messages: readonly ErrorEntry[];
  /** Absent where the API returns no result. */
  readonly result?: unknown;
};

/** The response to a request. */
export type Answer = {
  readonly status: number;
  readonly body: Envelope;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Returns a success. Without a result, the response has no `result` key. */
export function ok(result?: unknown, status = 200, messages: readonly ErrorEntry[] = []): Answer {
  const body = { success: true, errors: [], messages };
  return { status, body: result === undefined ? body : { ...body, result } };
}

/** Returns a refusal with one error. */
export function refuse(status: number, message: string, code?: number): Answer {
  return refuseAll(status, [code === undefined ? { message } : { code, message }]);
}

/** Returns a refusal with several errors. */
function refuseAll(status: number, errors: readonly ErrorEntry[]): Answer {
  return { status, body: { success: false, errors, messages: [], result: null } };
}

/**
 * The observed errors of the API; those without a `code` have none in the real API either. Most are from the
 * tests of https://github.com/alchemy-run/alchemy and from threads of
 * https://github.com/cloudflare/terraform-provider-cloudflare.
 */
export const webhookNotFound = (): Answer => refuse(404, 'Webhook not found');
export const invalidWebhookId = (): Answer => refuse(400, 'invalid Webhook ID');
export const policyNotFound = (): Answer => refuse(404, 'Policy not found.');
export const internalError = (): Answer => refuse(500, 'internal server error', 15000);
export const badRequest = (message: string): Answer => refuse(400, message);
export const tooLarge = (): Answer => refuse(413, 'request body too large');
export const unknownWebhookInPolicy = (): Answer => refuse(400, 'webhook does not exist', 17000);
export const invalidAlertType = (): Answer => refuse(400, 'invalid alert type', 17004);
export const mechanismRequired = (): Answer => refuse(400, 'mechanism required', 17102);
export const filtersRequired = (): Answer =>
  refuse(400, 'Filters selection must be provided to create a policy', 17103);
export const notEntitled = (): Answer => refuse(400, 'account is not entitled to use webhooks', 17200);
export const accessDenied = (): Answer => refuse(403, 'Authentication error', 10000);

/**
 * The destination did not respond to the test message with 2xx. The error has two forms, both without a code;
 * one quotes the destination's status. It is not known when each form is used.
 */
export function testFailed(why: string, form: Quirks['test-refusal']): Answer {
  return form === '400'
    ? refuse(400, `Webhook test failed${why}`)
    : refuse(422, 'Webhook test request failed');
}

/** The credentials have the wrong form: 6111 for the token, 6102 and 6103 for email and key. */
export function invalidHeaders(code: 6102 | 6103 | 6111): Answer {
  const header = { 6102: 'X-Auth-Email', 6103: 'X-Auth-Key', 6111: 'Authorization' }[code];
  const error_chain = [{ code, message: `Invalid format for ${header} header` }];
  return refuseAll(400, [{ code: 6003, message: 'Invalid request headers', error_chain }]);
}

/** A malformed account ID. */
export function noSuchObject(path: string): Answer {
  return refuse(404, `Could not route to ${path}, perhaps your object identifier is invalid?`, 7003);
}

/** Not from the API: the emulator serves only programs on this machine. */
export function foreignHost(): Answer {
  return refuse(
    403,
    'The emulator serves this machine only: the Host header must be 127.0.0.1, localhost or [::1].',
  );
}

export function noRoute(path: string): Answer {
  return refuseAll(404, [
    { code: 7003, message: `Could not route to ${path}, perhaps your object identifier is invalid?` },
    { code: 7000, message: 'No route for that URI' },
  ]);
}

export function methodNotAllowed(method: string, allowed: readonly string[]): Answer {
  const answer = refuse(405, `Method ${method} not available for that URI.`, 7001);
  return { ...answer, headers: { allow: allowed.join(', ') } };
}

/** `retryAfter`: whole seconds; without it, the header is omitted. */
export function rateLimited(retryAfter?: number, status = 429): Answer {
  const answer = refuse(status, 'Please wait and consider throttling your request speed', 971);
  return retryAfter === undefined ? answer : { ...answer, headers: { 'retry-after': String(retryAfter) } };
}
