import type { Answer } from './responses.js';
import * as policies from './policies.js';
import * as refusals from './refusals.js';
import * as surroundings from './surroundings.js';
import { plainId } from './stored.js';
import * as webhooks from './webhooks.js';
import type { Call } from './context.js';

type Endpoint = (call: Call) => Answer | Promise<Answer>;
type Route = { readonly path: readonly string[]; readonly methods: Readonly<Record<string, Endpoint>> };

function route(path: string, methods: Route['methods']): Route {
  return { path: path.split('/').slice(1), methods };
}

const ALERTING = '/accounts/:account/alerting/v3';

/** All that is served. `:account` must be well formed, `:id` may be anything. */
const ROUTES: readonly Route[] = [
  route(`${ALERTING}/destinations/webhooks`, { GET: webhooks.listWebhooks, POST: webhooks.createWebhook }),
  route(`${ALERTING}/destinations/webhooks/:id`, {
    GET: webhooks.getWebhook,
    PUT: webhooks.updateWebhook,
    DELETE: webhooks.deleteWebhook,
  }),
  route(`${ALERTING}/policies`, { GET: policies.listPolicies, POST: policies.createPolicy }),
  route(`${ALERTING}/policies/:id`, {
    GET: policies.getPolicy,
    PUT: policies.updatePolicy,
    DELETE: policies.deletePolicy,
  }),
  route(`${ALERTING}/policies/:id/test`, { POST: policies.testPolicy }),
  route(`${ALERTING}/destinations/eligible`, { GET: surroundings.eligible }),
  route(`${ALERTING}/available_alerts`, { GET: surroundings.availableAlerts }),
  route('/user/tokens/verify', { GET: surroundings.verifyToken }),
  route('/accounts/:account/tokens/verify', { GET: surroundings.verifyToken }),
  route('/accounts/:account', { GET: surroundings.getAccount }),
  route('/accounts', { GET: surroundings.listAccounts }),
];

export type Target = { readonly endpoint: Endpoint; readonly accountId: string; readonly id: string };

/** Where a request goes, or what it is refused with. `path` has no base and no query. */
export function find(method: string, path: string): Target | { readonly refusal: Answer } {
  const parts = path.split('/').slice(1);
  const found = ROUTES.find((candidate) => fits(candidate, parts));
  if (!found) return { refusal: refusals.noRoute(path) };
  const accountId = part(found, parts, ':account');
  if (accountId !== '' && !/^[0-9a-f]{32}$/.test(accountId)) return { refusal: refusals.noSuchObject(path) };
  const endpoint = Object.hasOwn(found.methods, method) ? found.methods[method] : undefined;
  if (!endpoint) return { refusal: refusals.methodNotAllowed(method, Object.keys(found.methods)) };
  return { endpoint, accountId, id: plainId(part(found, parts, ':id')) };
}

function fits({ path }: Route, parts: readonly string[]): boolean {
  return (
    path.length === parts.length &&
    path.every((segment, i) => (segment.startsWith(':') ? parts[i] !== '' : segment === parts[i]))
  );
}

function part({ path }: Route, parts: readonly string[], name: string): string {
  return parts[path.indexOf(name)] ?? '';
}
