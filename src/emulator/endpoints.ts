import { failed, type Result, success } from '../core/errors.js';
import { bareId, isValidId } from '../core/ids.js';
import type { Call } from './context.js';
import * as policies from './policies.js';
import * as refusals from './responses.js';
import { type Answer, ok } from './responses.js';
import * as webhooks from './webhooks.js';

type Endpoint = (call: Call) => Answer | Promise<Answer>;
type Route = { readonly pattern: RegExp; readonly methods: Readonly<Record<string, Endpoint>> };

function route(path: string, methods: Route['methods']): Route {
  return { pattern: new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`), methods };
}

const ALERTING = '/accounts/:account/alerting/v3';

/** All routes. `:account` must be well formed, `:id` can be anything. */
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
  route(`${ALERTING}/destinations/eligible`, { GET: eligible }),
  route('/user/tokens/verify', { GET: verifyToken }),
  route('/accounts/:account/tokens/verify', { GET: verifyToken }),
  route('/accounts/:account', { GET: getAccount }),
  route('/accounts', { GET: listAccounts }),
];

export type MatchedRoute = { readonly endpoint: Endpoint; readonly accountId: string; readonly id: string };

/** Returns the endpoint of a request, or its refusal. `path` has no base and no query. */
export function find(method: string, path: string): Result<MatchedRoute, Answer> {
  for (const { pattern, methods } of ROUTES) {
    const parts = pattern.exec(path);
    if (!parts) continue;
    const { account: accountId = '', id = '' } = parts.groups ?? {};
    if (accountId !== '' && !isValidId(accountId)) return failed(refusals.noSuchObject(path));
    const endpoint = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!endpoint) return failed(refusals.methodNotAllowed(method, Object.keys(methods)));
    return success({ endpoint, accountId, id: bareId(id) });
  }
  return failed(refusals.noRoute(path));
}

/** The endpoints outside the alerting API that return what a token and an account can do. */
function verifyToken(call: Call): Answer {
  if (!call.byToken) return refusals.invalidHeaders(6111);
  const message = { code: 10000, message: 'This API Token is valid and active' };
  return ok({ id: 'ed17574386854bf78a67040be0a770b0', status: 'active' }, 200, [message]);
}

function getAccount(call: Call): Answer {
  return ok(describeAccount(call.accountId));
}

function listAccounts(call: Call): Answer {
  return ok(call.state.accountIds().map(describeAccount));
}

/** https://developers.cloudflare.com/api/resources/alerting/subresources/destinations/subresources/eligible/ */
function eligible({ quirks }: Call): Answer {
  const included = { email: true, pagerduty: false, webhooks: quirks.eligible === 'yes' };
  const mechanisms = Object.entries(included).map(([type, eligible]) => {
    const entry = { eligible, ready: true, type };
    return [type, quirks['eligible-shape'] === 'array' ? [entry] : entry];
  });
  return ok(Object.fromEntries(mechanisms));
}

function describeAccount(id: string): unknown {
  return {
    id,
    name: `Emulated account ${id.slice(0, 8)}`,
    type: 'standard',
    settings: { enforce_twofactor: false },
    created_on: '2024-01-01T00:00:00.12345Z',
  };
}
