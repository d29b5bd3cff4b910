import type { ClientRequest } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Request } from 'got';
import type { AnswerHeaders } from './rate-limit-headers.js';

export type HttpAnswer = {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly text: string;
};

/** `mayHaveArrived: false`: nothing of the request can have reached Cloudflare. */
export type HttpFailure = {
  readonly kind: 'failure';
  readonly why: 'network' | 'timeout' | 'too-long' | 'interrupted';
  readonly mayHaveArrived: boolean;
  /** As Node names it: `ECONNREFUSED`. */
  readonly systemCode: string;
  /** The proxy that was to carry it, as it may be shown. */
  readonly proxy?: string;
  /** Of the library; may quote anything, so it must be redacted. */
  readonly detail: string;
};

export type HttpReply = HttpAnswer | HttpFailure;

/**
 * Reads what comes back for a request that got is sending. Never throws, and keeps nothing of got's errors,
 * which hold the headers, but their code and message.
 */
export async function receive(sending: Request, maxBytes: number, proxy?: string): Promise<HttpReply> {
  const seen: Seen = { mayHaveArrived: false, proxyStatus: 200 };
  sending.once('response', (response: { statusCode: number; headers: AnswerHeaders }) => {
    seen.answer = { status: response.statusCode, headers: response.headers };
  });
  sending.once('request', (request: ClientRequest) => {
    request.once('proxyConnect', (connect: { statusCode: number }) => {
      seen.proxyStatus = connect.statusCode;
    });
    onConnected(request, () => {
      seen.mayHaveArrived = true;
    });
  });
  // After the body was left unread an error may still come up, of which nobody needs to know.
  sending.on('error', () => undefined);
  const body = await readBody(sending, maxBytes);
  const viaProxy = proxy === undefined ? {} : { proxy };
  // https-proxy-agent plays a proxy's refusal as if it were the API's answer.
  if (seen.proxyStatus !== 200) {
    return { ...failure('network', `it responded with HTTP ${seen.proxyStatus}`), ...viaProxy };
  }
  if ('text' in body && seen.answer) return { kind: 'answer', ...seen.answer, text: body.text };
  const failed = 'text' in body ? failure('network', 'no response') : body;
  if (seen.mayHaveArrived) return { ...failed, mayHaveArrived: true };
  return { ...failed, ...viaProxy };
}

/** What is known of a request while it is under way. */
type Seen = {
  answer?: Pick<HttpAnswer, 'status' | 'headers'>;
  mayHaveArrived: boolean;
  proxyStatus: number;
};

async function readBody(
  sending: Request,
  maxBytes: number,
): Promise<{ readonly text: string } | HttpFailure> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of sending as AsyncIterable<Buffer>) {
      size += chunk.length;
      // Leaving the loop cuts the connection.
      if (size > maxBytes) return failure('too-long', `more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    const { name, code, message } = error as { name?: string; code?: string; message?: string };
    const why = name === 'TimeoutError' ? 'timeout' : name === 'AbortError' ? 'interrupted' : 'network';
    return failure(why, message ?? '', code);
  }
  return { text: Buffer.concat(chunks).toString('utf8') };
}

/**
 * Calls back once a connection is there that can carry the request. Before that nothing of it can have
 * arrived: of an `https:` connection only after the certificate has been found good.
 */
function onConnected(request: ClientRequest, connected: () => void): void {
  request.once('socket', (socket) => {
    const secure = socket instanceof TLSSocket;
    if (request.reusedSocket || (secure ? socket.authorized : !socket.connecting)) connected();
    else socket.once(secure ? 'secureConnect' : 'connect', connected);
  });
}

function failure(why: HttpFailure['why'], detail: string, systemCode = ''): HttpFailure {
  return { kind: 'failure', why, mayHaveArrived: false, systemCode, detail };
}
