import { failed, type Result, success } from '../core/errors.js';
import { parseUrl } from '../core/urls.js';
import { isSplit, storedForm, type StoredForm } from './stored-form.js';
import { arrived, deliver, describeFailure } from './deliver.js';
import * as refusals from './responses.js';
import { type Answer, ok } from './responses.js';
import { isRecord } from '../core/order.js';
import { type StoredPolicy, type StoredWebhook } from './state.js';
import { type Call, inOrder, webhookLag, writeId } from './context.js';

type Fields = {
  readonly name: string;
  readonly url: string;
  readonly secret?: string;
  readonly type?: string;
};
type Checked = Result<Fields, Answer>;

/** The list has no `result_info`, because this API has no pages. */
export function listWebhooks(call: Call): Answer {
  const seen = call.webhooks.list(webhookLag(call.quirks, 'list-lag'));
  return ok(inOrder(call, seen).map((webhook) => shown(call, webhook)));
}

export function getWebhook(call: Call): Answer {
  const webhook = call.webhooks.seen(call.id, webhookLag(call.quirks, 'get-lag'));
  return webhook ? ok(shown(call, webhook)) : refusals.webhookNotFound();
}

/** Creates a webhook; the response contains only its ID. */
export async function createWebhook(call: Call): Promise<Answer> {
  const { quirks } = call;
  if (quirks.eligible === 'no') return refusals.notEntitled();
  const checked = check(call);
  if (!checked.ok) return checked.error;
  const fields = checked.value;
  const form = storedForm(fields.url, fields.secret, quirks);
  if (quirks['split-secret'] === 'required' && isSplit(form.type) && form.secret === undefined) {
    return refusals.badRequest('secret is required');
  }
  const refusal = await test(call, fields.name, form, fields.url);
  if (refusal) return refusal;
  // Checked again, because another request can have taken the name while the destination was tested.
  if (nameTaken(call, fields.name)) return refusals.badRequest('a webhook with this name already exists');
  const id = call.newId();
  const blank = { created_at: call.stamps.next(), last_success: null, last_failure: null };
  call.webhooks.set({ id, name: fields.name, ...form, ...typeFromBody(call, fields), ...blank });
  return ok({ id: writeId(quirks, id) }, 201);
}

/** Renames a webhook. What happens to URL and secret is disputed: `put-url`, `put-secret`. */
export async function updateWebhook(call: Call): Promise<Answer> {
  const { webhooks, quirks } = call;
  const known = webhooks.get(call.id);
  if (!known) return refusals.invalidWebhookId();
  const checked = check(call);
  if (!checked.ok) return checked.error;
  const fields = checked.value;
  if (quirks['put-test'] === 'on') {
    const form = afterPut(call, known, fields);
    const refusal = await test(call, fields.name, form, form.url);
    if (refusal) return refusal;
  }
  // Read again, because it can have changed or been deleted while the destination was tested.
  const before = webhooks.get(call.id);
  if (!before) return refusals.invalidWebhookId();
  const form = afterPut(call, before, fields);
  webhooks.set({ ...before, ...form, ...typeFromBody(call, fields), name: fields.name });
  return ok({ id: writeId(quirks, call.id) });
}

/** Deletes a webhook and silently removes it from every policy, unless a quirk changes that. */
export function deleteWebhook(call: Call): Answer {
  const { quirks, webhooks, policies } = call;
  if (!webhooks.get(call.id)) {
    return quirks['delete-unknown'] === '404' ? refusals.webhookNotFound() : refusals.internalError();
  }
  const users = quirks['delete-policy'] === 'keep' ? [] : policies.values().filter((p) => uses(p, call.id));
  if (quirks['delete-policy'] === 'refuse' && users.length > 0) {
    return refusals.badRequest('webhook is in use by a notification policy');
  }
  for (const policy of users) policies.set(without(policy, call.id));
  webhooks.delete(call.id);
  if (quirks['delete-result'] === 'none') return ok();
  return ok(quirks['delete-result'] === 'null' ? null : { id: writeId(quirks, call.id) });
}

/** Returns a webhook as the API does, without its secret. */
function shown(call: Call, webhook: StoredWebhook): StoredWebhook {
  // JSON omits undefined values.
  return { ...webhook, secret: undefined, id: writeId(call.quirks, webhook.id) };
}

function check(call: Call): Checked {
  const { quirks } = call;
  const refused = (message: string): Checked => failed(refusals.badRequest(message));
  if (!isRecord(call.body)) return refused('invalid request body');
  const { name, url, secret, type } = call.body;
  if (typeof name !== 'string' || name === '') return refused('name is required');
  if (typeof url !== 'string' || url === '') return refused('url is required');
  const scheme = parseUrl(url)?.protocol;
  if (scheme !== 'https:' && scheme !== 'http:') return refused('invalid url');
  if (scheme === 'http:' && quirks['http-urls'] === 'refused') return refused('url must be https');
  if (secret !== undefined && secret !== null && typeof secret !== 'string') return refused('invalid secret');
  const limit = quirks['name-limit'];
  if (limit > 0 && Array.from(name).length > limit) return refused(`name is longer than ${limit} characters`);
  if (nameTaken(call, name)) return refused('a webhook with this name already exists');
  return success({ name, url, ...(secret ? { secret } : {}), ...(typeof type === 'string' ? { type } : {}) });
}

function nameTaken(call: Call, name: string): boolean {
  if (call.quirks['duplicate-names'] === 'allowed') return false;
  return call.webhooks.values().some((webhook) => webhook.name === name && webhook.id !== call.id);
}

function typeFromBody(call: Call, fields: Fields): { readonly type?: string } {
  const honored = call.quirks['type-from-body'] === 'honored' && fields.type !== undefined;
  return honored ? { type: fields.type } : {};
}

function afterPut({ quirks }: Call, before: StoredWebhook, fields: Fields): StoredForm {
  const moved = quirks['put-url'] === 'applied' ? storedForm(fields.url, fields.secret, quirks) : undefined;
  const sent = fields.secret ?? moved?.secret;
  const secrets = { kept: before.secret, applied: sent ?? before.secret, cleared: sent };
  const { url, type } = moved ?? before;
  return { url, type, secret: secrets[quirks['put-secret']] };
}

/** Sends the test message. Returns the refusal of the whole request if the destination does not accept it. */
async function test(call: Call, name: string, form: StoredForm, target: string): Promise<Answer | undefined> {
  const { url, secret } = form;
  const status = await deliver(call, { kind: 'test', name, url, secret }, target);
  if (arrived(status)) return undefined;
  return refusals.testFailed(describeFailure(status), call.quirks['test-refusal']);
}

function uses(policy: StoredPolicy, id: string): boolean {
  return policy.mechanisms['webhooks']?.some((webhook) => webhook.id === id) ?? false;
}

/** Removes a webhook from a policy, with the kind of mechanism if no entries are left. */
function without(policy: StoredPolicy, id: string): StoredPolicy {
  const { webhooks = [], ...others } = policy.mechanisms;
  const left = webhooks.filter((webhook) => webhook.id !== id);
  return { ...policy, mechanisms: left.length === 0 ? others : { ...others, webhooks: left } };
}
