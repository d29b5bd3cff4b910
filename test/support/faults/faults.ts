import * as refusals from '../../../src/emulator/responses.js';
import type { Answer } from '../../../src/emulator/responses.js';
import { type Interception, sendAnswer, type Wire } from '../../../src/emulator/serve-request.js';

/** A fault with its details. A string is short for `{ name }`. */
export type FaultSpec = {
  readonly name: FaultName;
  /** `429`: in seconds; default 1. */
  readonly retryAfter?: number;
  /** `redirect-302`, `redirect-307`: the target. */
  readonly location?: string;
  /** `slow`: how long the whole response takes; default 300 ms. */
  readonly milliseconds?: number;
  /** `huge-body`: its size if the client does not close the connection; default 128 MiB. */
  readonly bytes?: number;
};
export type Fault = FaultName | FaultSpec;

/** The input of a fault. `answer`: the response without the fault. */
type FaultyWire = Wire & { readonly spec: FaultSpec };

type FaultRow = Omit<Interception, 'send'> & {
  readonly about: string;
  readonly send: (wire: FaultyWire) => void;
};

/** All ways in which a response can fail. */
export const FAULTS = [
  row('reset-before', false, 'none', 'connection reset, nothing happened', reset),
  row('reset-after', true, 'none', 'connection reset after the effect', reset),
  row('hang-before', false, 'none', 'no response, nothing happened', hang),
  row('hang-after', true, 'none', 'no response, after the effect', hang),
  row('cut-after', true, 'same', 'half a body, then the connection closes', cut),
  row('500-before', false, 500, 'JSON error 500, nothing happened', json500),
  row('500-after', true, 500, 'JSON error 500 after the effect', json500),
  row('502-html-before', false, 502, 'HTML page, nothing happened', html(502, 'Bad gateway')),
  row('502-html-after', true, 502, 'HTML page after the effect', html(502, 'Bad gateway')),
  row(
    '520-html-before',
    false,
    520,
    'HTML page, nothing happened',
    html(520, 'Web server is returning an unknown error'),
  ),
  row(
    '520-html-after',
    true,
    520,
    'HTML page after the effect',
    html(520, 'Web server is returning an unknown error'),
  ),
  row('408-after', true, 408, 'request timeout after the effect', html(408, 'Request Timeout')),
  row('429', false, 429, 'rate limited, with retry-after', (wire) =>
    instead(wire, refusals.rateLimited(wire.spec.retryAfter ?? 1)),
  ),
  row('429-bare', false, 429, 'rate limited, without retry-after', (wire) =>
    instead(wire, refusals.rateLimited()),
  ),
  row('garbage', true, 200, '200 with text that is not JSON, after the effect', text('upstream says: OK')),
  row(
    'garbage-before',
    false,
    200,
    '200 with text that is not JSON, nothing happened',
    text('upstream says: OK'),
  ),
  row('empty', true, 200, '200 without a body, after the effect', text('')),
  row('no-success', true, 200, '200 with a result but no `success`, after the effect', (wire) =>
    sendText(wire, 200, 'application/json', JSON.stringify({ result: wire.answer.body.result ?? null })),
  ),
  row('success-false-200', false, 200, '200 with `success: false`, nothing happened', (wire) =>
    instead(wire, { ...refusals.internalError(), status: 200 }),
  ),
  row('null-result', true, 'same', 'the correct response with `result: null`', (wire) =>
    instead(wire, { ...wire.answer, body: { ...wire.answer.body, result: null } }),
  ),
  row('403', false, 403, 'access denied', (wire) => instead(wire, refusals.accessDenied())),
  row('redirect-302', false, 302, 'redirect to another origin', redirect(302)),
  row('redirect-307', false, 307, 'redirect that keeps method and body', redirect(307)),
  row('huge-body', true, 200, 'a response without end', huge),
  row('slow', true, 'same', 'the correct response in small pieces', slow),
] as const satisfies readonly FaultRow[];

export type FaultName = (typeof FAULTS)[number]['name'];

/** Returns what the emulator sends for a fault. */
export function interceptionOf(fault: Fault): Interception {
  const spec = typeof fault === 'string' ? { name: fault } : fault;
  const row = FAULTS.find((candidate) => candidate.name === spec.name);
  if (!row) throw new Error(`unknown fault "${spec.name}"`);
  return { ...row, send: (wire) => row.send({ ...wire, spec }) };
}

/** Returns a rule for the option `fault` that causes this fault only at the n-th request, counted from 1. */
export function faultAt(n: number, fault: Fault): (request: { readonly n: number }) => Fault | undefined {
  return (request) => (request.n === n ? fault : undefined);
}

function instead(wire: Wire, answer: Answer): void {
  sendAnswer({ ...wire, answer });
}

function row<const Name extends string>(
  name: Name,
  effect: boolean,
  status: FaultRow['status'],
  about: string,
  send: FaultRow['send'],
) {
  return { name, effect, status, about, send } as const;
}

function sendText(
  { response, headers }: Pick<Wire, 'response' | 'headers'>,
  status: number,
  type: string,
  body: string,
): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'content-type': type, 'content-length': length, ...headers });
  response.end(body);
}

function text(body: string): FaultRow['send'] {
  return (wire) => sendText(wire, 200, 'text/plain', body);
}

function html(status: number, title: string): FaultRow['send'] {
  const page =
    `<!DOCTYPE html>\n<html lang="en-US"><head><title>api.cloudflare.com | ${status}: ${title}</title></head>` +
    `<body><h1>${title} <span>Error code ${status}</span></h1></body></html>\n`;
  return (wire) => sendText(wire, status, 'text/html; charset=UTF-8', page);
}

function json500(wire: Wire): void {
  instead(wire, refusals.internalError());
}

function redirect(status: number): FaultRow['send'] {
  return (wire) => {
    const headers = {
      ...wire.headers,
      location: wire.spec.location ?? 'https://elsewhere.invalid/client/v4',
    };
    sendText({ ...wire, headers }, status, 'text/html', '');
  };
}

function reset({ response }: Wire): void {
  response.socket?.resetAndDestroy();
}

function hang(): void {
  // The connection stays open until the client gives up or the emulator stops.
}

function cut({ response, answer, headers }: Wire): void {
  const body = Buffer.from(JSON.stringify(answer.body));
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...headers,
  });
  // Ends the connection without a reset, so that what was written arrives.
  response.write(body.subarray(0, body.length >> 1), () => response.socket?.end());
}

function huge({ response, headers, spec }: FaultyWire): void {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  let left = spec.bytes ?? 128 * 1024 * 1024;
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.write('{"success":true,"errors":[],"messages":[],"result":[');
  const pour = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length;
      if (!response.write(chunk)) return void response.once('drain', pour);
    }
    response.end(']}');
  };
  pour();
}

function slow({ response, answer, headers, spec }: FaultyWire): void {
  const body = JSON.stringify(answer.body);
  const pieces = 10;
  const size = Math.ceil(body.length / pieces);
  response.writeHead(answer.status, { 'content-type': 'application/json', ...headers });
  let sent = 0;
  const timer = setInterval(
    () => {
      if (response.destroyed) return clearInterval(timer);
      response.write(body.slice(sent * size, (sent + 1) * size));
      sent += 1;
      if (sent < pieces) return;
      clearInterval(timer);
      response.end();
    },
    (spec.milliseconds ?? 300) / pieces,
  );
}
