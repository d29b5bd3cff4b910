import { failed, type Result, success } from '../core/errors.js';
import { arrived, deliver } from './deliver.js';
import { ok, type Answer } from './responses.js';
import * as refusals from './responses.js';
import { tidyMechanisms } from './data-file.js';
import { isRecord } from '../core/order.js';
import { type Mechanisms, type StoredPolicy } from './state.js';
import { inOrder, policyLag, writeId, type Call } from './context.js';

/** Alert types that require filters; the API checks this only on create. */
const NEEDS_FILTERS: readonly string[] = ['billing_usage_alert', 'health_check_status_notification'];

export function listPolicies(call: Call): Answer {
  const seen = call.policies.list(policyLag(call.quirks));
  return ok(inOrder(call, seen).map((policy) => shown(call, policy)));
}

export function getPolicy(call: Call): Answer {
  const policy = call.policies.seen(call.id, policyLag(call.quirks));
  return policy ? ok(shown(call, policy)) : refusals.policyNotFound();
}

export function createPolicy(call: Call): Answer {
  const { body } = call;
  if (!isRecord(body)) return refusals.badRequest('invalid request body');
  const checked = check(call, body);
  if (!checked.ok) return checked.error;
  const filters = isRecord(body['filters']) ? body['filters'] : {};
  if (NEEDS_FILTERS.includes(checked.value.alertType) && Object.keys(filters).length === 0) {
    return refusals.filtersRequired();
  }
  const id = call.newId();
  const stamp = call.stamps.next();
  const policy = { ...fromBody(body, checked.value), id, created: stamp, modified: stamp };
  call.policies.set(policy);
  return ok({ id: writeId(call.quirks, id) });
}

/** Replaces the policy with the body: fields that it omits are removed, unless `put-policy=merged`. */
export function updatePolicy(call: Call): Answer {
  const { policies, quirks, body } = call;
  const before = policies.get(call.id);
  if (!before) return refusals.policyNotFound();
  if (!isRecord(body)) return refusals.badRequest('invalid request body');
  const document = quirks['put-policy'] === 'merged' ? { ...before, ...body } : body;
  const checked = check(call, { ...document, alert_type: body['alert_type'] });
  if (!checked.ok) return checked.error;
  const { id, created } = before;
  policies.set({ ...fromBody(document, checked.value), id, created, modified: call.stamps.next() });
  return ok({ id: writeId(quirks, id) });
}

export function deletePolicy({ policies, quirks, id }: Call): Answer {
  if (!policies.get(id)) return refusals.policyNotFound();
  policies.delete(id);
  return ok({ id: writeId(quirks, id) });
}

/** Sends an alert to each webhook of the policy, and records its last success or failure. */
export async function testPolicy(call: Call): Promise<Answer> {
  const { policies, webhooks } = call;
  const policy = policies.get(call.id);
  if (!policy) return refusals.policyNotFound();
  for (const { id } of policy.mechanisms['webhooks'] ?? []) {
    const target = webhooks.get(id);
    if (!target) continue;
    const { name, url, secret } = target;
    const which = arrived(await deliver(call, { kind: 'alert', name, url, secret }))
      ? 'last_success'
      : 'last_failure';
    call.later(call.quirks['test-delay'], () => {
      const current = webhooks.get(id);
      if (current) webhooks.set({ ...current, [which]: call.stamps.next() });
    });
  }
  return ok();
}

function shown(call: Call, policy: StoredPolicy): StoredPolicy {
  const mechanisms = Object.entries(policy.mechanisms).map(([kind, list]) => {
    return [kind, inOrder(call, list)] as const;
  });
  return {
    ...policy,
    id: writeId(call.quirks, policy.id),
    mechanisms: Object.fromEntries(mechanisms),
  };
}

type Checked = { readonly alertType: string; readonly mechanisms: Mechanisms };

function check(call: Call, body: Record<string, unknown>): Result<Checked, Answer> {
  const alertType = body['alert_type'];
  if (typeof alertType !== 'string' || alertType === '') return failed(refusals.invalidAlertType());
  if (body['name'] !== undefined && typeof body['name'] !== 'string') {
    return failed(refusals.badRequest('invalid name'));
  }
  const read = readMechanisms(body['mechanisms']);
  if (!read) return failed(refusals.badRequest('invalid mechanisms'));
  const mechanisms = tidyMechanisms(read);
  if (Object.keys(mechanisms).length === 0) return failed(refusals.mechanismRequired());
  const known = (mechanisms['webhooks'] ?? []).every(({ id }) => call.webhooks.get(id) !== undefined);
  return known ? success({ alertType, mechanisms }) : failed(refusals.unknownWebhookInPolicy());
}

function readMechanisms(given: unknown): Mechanisms | undefined {
  if (given === undefined || given === null) return {};
  if (!isRecord(given)) return undefined;
  const read: Mechanisms = {};
  for (const [kind, list] of Object.entries(given)) {
    if (list === null) continue;
    if (!Array.isArray(list)) return undefined;
    const ids = list.map((entry: unknown) => (isRecord(entry) ? entry['id'] : undefined));
    if (!ids.every((id) => typeof id === 'string')) return undefined;
    read[kind] = ids.map((id) => ({ id }));
  }
  return read;
}

type Content = Omit<StoredPolicy, 'id' | 'created' | 'modified'>;

function fromBody(body: Record<string, unknown>, { alertType, mechanisms }: Checked): Content {
  const { name, description, enabled, filters, conditions, alert_interval: interval } = body;
  return {
    name: typeof name === 'string' ? name : '',
    description: typeof description === 'string' ? description : '',
    alert_type: alertType,
    ...(typeof interval === 'string' && interval !== '' ? { alert_interval: interval } : {}),
    enabled: typeof enabled === 'boolean' ? enabled : true,
    filters: isRecord(filters) ? filters : {},
    conditions: isRecord(conditions) ? conditions : {},
    mechanisms,
  };
}
