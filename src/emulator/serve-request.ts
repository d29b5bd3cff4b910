import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HookwrightError } from '../core/errors.js';
import { authenticate } from './auth.js';
import type { DataFile } from './data-file.js';
import { refuse, type Answer } from './responses.js';
import { lookUp, sendAnswer, type Fault, type FaultName } from './faults.js';
import type { Entry, Journal } from './journal.js';
import type { RateWindow } from './rate.js';
import * as refusals from './refusals.js';
import { readBody, type ReadBody } from './request-body.js';
import { find, type Target } from './routes.js';
import type { World } from './context.js';

/** What every request shares. */
export type Site = {
  readonly world: World;
  readonly journal: Journal;
  readonly rate?: RateWindow;
  readonly file?: DataFile;
  readonly latency: (request: Entry) => number;
  readonly fault: (request: Entry) => Fault | undefined;
  readonly onRequest: (request: Entry) => void;
  /** Told of what must not happen: a hook that throws, a data file that cannot be written. */
  readonly onBug: (bug: unknown) => void;
};

type Admitted = Target & { readonly byToken: boolean };

export const BASE = '/client/v4';

/** One request from arrival to answer. Never throws. */
export async function exchange(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await take(site, request, response);
  } catch (bug) {
    site.onBug(bug);
    const message = bug instanceof HookwrightError ? bug.message : 'the emulator failed';
    if (!response.headersSent) sendAnswer({ response, headers: headersOf(site) }, refuse(500, message));
  }
}

async function take(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const whole = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const path = whole.startsWith(`${BASE}/`) ? whole.slice(BASE.length) : whole;
  const entry = site.journal.open(request, response, path, site.world.stamps.now());
  const body = await readBody(request);
  if (body.kind === 'gone') return;
  if (body.kind === 'json') entry.body = body.value;
  const admitted = path === whole ? { refusal: refusals.noRoute(whole) } : admit(entry, request, body);
  if ('accountId' in admitted && admitted.accountId !== '') entry.accountId = admitted.accountId;
  if ('id' in admitted && admitted.id !== '') entry.id = admitted.id;
  const fault = site.fault(entry);
  const { row, spec } = fault === undefined ? {} : lookUp(fault);
  if (spec) entry.fault = spec.name;
  const half = site.latency(entry) / 2;
  await pause(half);
  const answer = await act(site, entry, admitted, row?.effect ?? true);
  entry.status = answer.status;
  if (row && row.status !== 'same') entry.status = row.status === 'none' ? undefined : row.status;
  site.onRequest(entry);
  if (entry.effect) await site.file?.save();
  await pause(half);
  const wire = { response, answer, headers: headersOf(site) };
  if (row && spec) row.send({ ...wire, spec });
  else sendAnswer(wire, answer);
}

/** Headers of the wrong form come first, then the address, then what the credentials allow. */
function admit(
  { method, path }: Entry,
  request: IncomingMessage,
  body: ReadBody,
): Admitted | { readonly refusal: Answer } {
  const access = authenticate(request.headers);
  if ('refusal' in access) return access;
  const target = find(method, path);
  if ('refusal' in target) return target;
  if (method !== 'GET' && !access.mayWrite) return { refusal: refusals.accessDenied() };
  if (body.kind === 'too-large') return { refusal: refusals.tooLarge() };
  if (body.kind === 'malformed') return { refusal: refusals.badRequest('invalid request body') };
  return { ...target, byToken: access.byToken };
}

async function act(
  { world, rate }: Site,
  entry: Entry,
  admitted: Admitted | { readonly refusal: Answer },
  takesEffect: boolean,
): Promise<Answer> {
  const faulty: FaultName | undefined = entry.fault;
  const wait = faulty === undefined ? rate?.take() : undefined;
  if (wait !== undefined) return refusals.rateLimited(wait);
  if ('refusal' in admitted) return admitted.refusal;
  if (!takesEffect) return refusals.internalError();
  const { n, body } = entry;
  const { endpoint, accountId, id, byToken } = admitted;
  const answer = await endpoint({ world, n, accountId, id, body, byToken });
  if (entry.method !== 'GET' && answer.body.success) entry.effect = true;
  return answer;
}

/** Every answer of Cloudflare's bears a `cf-ray`, and since 2025 how much of the rate limit is left. */
function headersOf({ rate }: Site): Record<string, string> {
  return {
    'cf-ray': `${randomBytes(8).toString('hex')}-EMU`,
    'cache-control': 'no-store, no-cache, must-revalidate',
    ...rate?.headers(),
  };
}

async function pause(milliseconds: number): Promise<void> {
  if (milliseconds <= 0) return;
  await new Promise<void>((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
