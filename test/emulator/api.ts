import type { Emulator } from '../../src/emulator/emulator.js';
import { FaultyEmulator, type FaultyOptions } from '../support/faults/faulty-emulator.js';

export const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353';
export const WEBHOOKS = `/accounts/${ACCOUNT}/alerting/v3/destinations/webhooks`;
export const POLICIES = `/accounts/${ACCOUNT}/alerting/v3/policies`;
export const UNKNOWN = '0'.repeat(32);

export type Reply = { readonly status: number; readonly headers: Headers; readonly body: Body };
type Body = {
  success?: boolean;
  errors: { code?: number; message: string; error_chain?: { code: number }[] }[];
  messages: { code: number }[];
  // Tests read different fields of a result.
  result?: Record<string, unknown> & Record<string, unknown>[];
};

const emulators: FaultyEmulator[] = [];

/** Starts an emulator; {@link stopAll} stops it. */
export async function emulate(options: FaultyOptions = {}): Promise<FaultyEmulator> {
  const emulator = await new FaultyEmulator(options).start();
  emulators.push(emulator);
  return emulator;
}

export async function stopAll(): Promise<void> {
  await Promise.all(emulators.splice(0).map((emulator) => emulator.stop()));
}

export async function ask(
  emulator: Emulator,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: 'Bearer token' },
): Promise<Reply> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const init = {
    method,
    headers,
    redirect: 'manual' as const,
    ...(text === undefined ? {} : { body: text }),
  };
  const response = await fetch(emulator.url + path, init);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}

/** Creates a webhook and returns its ID. */
export async function create(
  emulator: Emulator,
  name: string,
  url: string,
  secret?: string,
): Promise<string> {
  const reply = await ask(emulator, 'POST', WEBHOOKS, { name, url, ...(secret ? { secret } : {}) });
  return String(reply.body.result?.['id']);
}
