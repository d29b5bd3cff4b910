import type { DesiredSecret, DesiredUrl, Reference } from './desired.js';
import type { PlannedLive } from './live.js';
import {
  unreachable,
  type Replace,
  type RouteTarget,
  type ShownAction,
  type UpdatePolicy,
  type UpdateWebhook,
  setsUrl,
} from './plan.js';
import { isReference, sameUrl, shownUrl } from './urls.js';

/** One side of a changed field. `unreadable`: Cloudflare never returns secrets. */
export type FieldValue =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'url'; readonly url: DesiredUrl }
  /** `isSecret`: it belongs to an entry whose URL is a reference. */
  | { readonly kind: 'live-url'; readonly url: PlannedLive['url']; readonly isSecret: boolean }
  | { readonly kind: 'secret'; readonly secret: DesiredSecret }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'webhooks'; readonly targets: readonly RouteTarget[] };

export type FieldChange = {
  readonly field: 'name' | 'url' | 'secret' | 'webhooks';
  /** Absent: the webhook does not exist before the change. */
  readonly before?: FieldValue;
  /** Absent: the webhook does not exist after the change. */
  readonly after?: FieldValue;
  readonly forcesReplacement?: boolean;
};

const nameOf = (name: string): FieldValue => ({ kind: 'name', name });
const liveUrl = ({ url, urlIsSecret }: PlannedLive, after?: DesiredUrl): FieldValue => ({
  kind: 'live-url',
  url,
  isSecret: urlIsSecret === true || (after !== undefined && isReference(after)),
});

/** Lists the fields that an action changes: name, url, secret or webhooks. */
export function fieldChanges(action: ShownAction): readonly FieldChange[] {
  switch (action.kind) {
    case 'create': {
      const { name, url, secret } = action.after;
      const fields: FieldChange[] = [
        { field: 'name', after: nameOf(name) },
        { field: 'url', after: { kind: 'url', url } },
      ];
      if (secret) fields.push({ field: 'secret', after: { kind: 'secret', secret } });
      return fields;
    }
    case 'update':
      return action.resource === 'policy' ? [routeChange(action)] : differences(action);
    case 'replace':
      return differences(action);
    case 'delete':
      return [
        { field: 'name', before: nameOf(action.before.name) },
        { field: 'url', before: liveUrl(action.before) },
      ];
    default:
      return unreachable(action);
  }
}

function routeChange({ before, after }: UpdatePolicy): FieldChange {
  const value = (targets: readonly RouteTarget[]): FieldValue => ({ kind: 'webhooks', targets });
  return { field: 'webhooks', before: value(before), after: value(after) };
}

function differences(action: UpdateWebhook<PlannedLive> | Replace<PlannedLive>): readonly FieldChange[] {
  const { before, after } = action;
  const because: readonly string[] = action.because;
  const forcesReplacement = action.kind === 'replace';
  const fields: FieldChange[] = [];
  if (before.name !== after.name)
    fields.push({ field: 'name', before: nameOf(before.name), after: nameOf(after.name) });
  if (urlChanges(because, before, after.url)) {
    const url: FieldValue = { kind: 'url', url: after.url };
    fields.push({ field: 'url', before: liveUrl(before, after.url), after: url, forcesReplacement });
  }
  if (because.includes('secret-rotated') && after.secret) {
    const secret: FieldValue = { kind: 'secret', secret: after.secret };
    fields.push({ field: 'secret', before: { kind: 'unreadable' }, after: secret, forcesReplacement });
  }
  return fields;
}

function urlChanges(because: readonly string[], before: PlannedLive, after: DesiredUrl): boolean {
  if (setsUrl(because)) return true;
  return after.kind === 'literal' && typeof before.url === 'string' && !sameUrl(before.url, after.url);
}

/** Returns what differs between two URLs that look the same because they are masked. */
export function unseenDifference({ before, after }: FieldChange): string | undefined {
  if (before?.kind !== 'live-url' || before.isSecret || after?.kind !== 'url') return undefined;
  if (valueText(before) !== valueText(after)) return undefined;
  return after.url.kind === 'hidden' ? 'hidden part differs' : 'credential differs';
}

/** Returns the value as text, masked but not escaped: each output format escapes it differently. */
export function valueText(value: FieldValue): string {
  switch (value.kind) {
    case 'name':
      return `"${value.name}"`;
    case 'url':
      return desiredUrlText(value.url);
    case 'live-url':
      return `"${shownUrl(value, value.isSecret)}"`;
    case 'secret':
      return secretText(value.secret);
    case 'unreadable':
      return '(not readable)';
    case 'webhooks':
      return `[${value.targets.map(targetText).join(', ')}]`;
    default:
      return unreachable(value);
  }
}

function desiredUrlText(url: DesiredUrl): string {
  if (isReference(url)) return referenceText(url);
  return `"${shownUrl({ url: url.kind === 'literal' ? url.url : url })}"`;
}

/** Returns the name of a policy's webhook, or its ID if no such webhook exists. */
function targetText({ name, id, kept }: RouteTarget): string {
  const text = id !== undefined && name === '' ? `${id} (does not exist)` : `"${name}"`;
  return kept ? `${text} (${kept})` : text;
}

/** Describes a secret by its reference: `(env OPS_SLACK_TOKEN, version 2)`. */
export function secretText(secret: DesiredSecret): string {
  switch (secret.kind) {
    case 'env':
    case 'file':
      return referenceText(secret);
    case 'literal':
      return '(literal, not shown)';
    case 'none':
      return 'none';
    default:
      return unreachable(secret);
  }
}

function referenceText(reference: Reference): string {
  const source = reference.kind === 'env' ? `env ${reference.env}` : `file ${reference.file}`;
  return reference.version === undefined ? `(${source})` : `(${source}, version ${reference.version})`;
}
