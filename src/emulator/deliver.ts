import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { isLoopback } from '../core/urls.js';
import type { EmulatorContext, SentMessage } from './context.js';

/** The status of a destination's response; `undefined` if there was none. */
type Status = number | undefined;

const TEXT =
  'Hello World! This is a test message sent from https://cloudflare.com. ' +
  'If you can see this message, your webhook is configured properly.';
const PATIENCE_MS = 5000;

/**
 * Sends a message to a destination. With the quirk `destination-test=loopback`, messages to loopback
 * addresses are really sent; all others count as delivered.
 */
export async function deliver(
  context: EmulatorContext,
  message: Omit<SentMessage, 'status'>,
  sentTo = message.url,
): Promise<Status> {
  const ruled = context.destinationStatus?.(sentTo, message.name);
  const real =
    ruled === undefined && context.quirks['destination-test'] === 'loopback' && isLoopback(new URL(sentTo));
  const status = ruled ?? (real ? await post(sentTo, message.name, message.secret) : 200);
  context.sent.push({ ...message, status: status ?? 0 });
  return status;
}

/** Reports whether the response is 2xx, as Cloudflare requires; a redirect is a failure. */
export function arrived(status: Status): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

/** Returns the rest of the sentence that starts with `Webhook test failed`. */
export function describeFailure(status: Status): string {
  if (status === undefined) return ': no answer';
  return ` with status code ${status} ${http.STATUS_CODES[status] ?? ''}`.trimEnd();
}

/** `localhost` counts as loopback, whatever it resolves to. */
const lookup: LookupFunction = (_host, options, done) => {
  if (!options.all) return done(null, '127.0.0.1', 4);
  done(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
};

function post(text: string, name: string, secret: string | undefined): Promise<Status> {
  const url = new URL(text);
  const secure = url.protocol === 'https:';
  const headers = {
    'content-type': 'application/json',
    ...(secret === undefined ? {} : { 'cf-webhook-auth': secret }),
  };
  return new Promise((resolve) => {
    // A separate agent, because the global one can use a proxy.
    const agent = secure ? new https.Agent() : new http.Agent();
    const options = { method: 'POST', headers, agent, lookup, signal: AbortSignal.timeout(PATIENCE_MS) };
    const request = (secure ? https : http).request(url, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', () => resolve(undefined));
    request.end(JSON.stringify({ name, text: TEXT }));
  });
}
