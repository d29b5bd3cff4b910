import path from 'node:path';
import type { DesiredSecret, DesiredUrl, Reference, Spec } from '../core/desired.js';
import { fieldChanges, type FieldValue } from '../core/field-changes.js';
import type { AccountId } from '../core/ids.js';
import type { PlannedLive } from '../core/live.js';
import type { ApplyEvent, ApplyResult } from '../core/outcome.js';
import {
  type ShownAccountPlan,
  type ShownAction,
  type ShownPlan,
  totalSummary,
  unreachable,
  reasonCode,
} from '../core/plan.js';
import { displayHost, hidesCredential, isReference, normalUrl } from '../core/urls.js';
import { jsonText } from '../text/untrusted.js';
import { checksumOf, digestOf, urlHash } from './digest.js';
import {
  type AccountDocument,
  type ActionDocument,
  type ApplyDocument,
  type Documented,
  FORMAT_VERSION,
  type LiveDocument,
  type PlanDocument,
  type ReferenceDocument,
  type SecretDocument,
  type SideDocument,
  type SpecDocument,
  type UrlDocument,
} from './plan-document.js';

/** `saved`: includes what apply needs: hashes of credential URLs, and file paths relative to `cwd`. */
type Forms = { readonly saved?: { readonly cwd: string } };
/** `hideUrls`: no live URL is written as text. */
type ActionForms = Forms & { readonly hideUrls: boolean };

/**
 * Returns the plan as plain data with the stable keys of `schemas/plan.schema.json`, without secrets,
 * credential URLs or their hashes.
 */
export function toPlanDocument(plan: ShownPlan): PlanDocument & { readonly digest: string } {
  const digest = digestOf(planDocument(plan, { saved: { cwd: '' } }));
  const { format_version, ...rest } = planDocument(plan, {});
  return { format_version, digest, ...rest };
}

function planDocument(plan: ShownPlan, forms: Forms): PlanDocument {
  const [failed] = plan.failures;
  return {
    format_version: FORMAT_VERSION,
    summary: totalSummary(plan.accounts),
    accounts: plan.accounts.map((account) => accountDocument(account, forms)),
    failures: plan.failures.map(documented),
    ...(failed && { error: failed.error }),
  };
}

/** Returns the plan with the outcome of each action. */
export function toApplyDocument(plan: ShownPlan, result: ApplyResult): ApplyDocument {
  return {
    ...toPlanDocument(plan),
    outcomes: result.outcomes.map(documented),
    discrepancies: result.discrepancies.map(documented),
    ...(result.interrupted && { interrupted: result.interrupted }),
  };
}

/** Returns something about an account with the account's ID under the key that documents have for it. */
function documented<T extends { readonly accountId: AccountId }>({ accountId, ...rest }: T): Documented<T> {
  return { account_id: accountId, ...rest };
}

function accountDocument(account: ShownAccountPlan, forms: Forms): AccountDocument {
  return {
    account_id: account.accountId,
    ...(account.label !== undefined && { label: account.label }),
    summary: account.summary,
    actions: account.actions.map((action) => actionDocument(action, forms)),
    guards: account.guards.map(({ code, message, names }) => ({ code, message, names })),
    notes: account.notes.map(({ code, message, names }) => ({ code, message, names })),
    overrides: account.overrides,
    ...(account.liveIds && { live_ids: account.liveIds }),
    ...(account.ignoredIds && { ignored_ids: account.ignoredIds }),
    ...(account.unlistedIds && { unlisted_ids: account.unlistedIds }),
  };
}

/** Returns one action as data. */
function actionDocument(action: ShownAction, given: Forms): ActionDocument {
  // The live URL can be the value of the variable; the output is the same with and without the variable.
  const hideUrls = action.resource === 'webhook' && 'after' in action && isReference(action.after.url);
  const forms = { ...given, hideUrls };
  return {
    kind: action.kind,
    resource: action.resource,
    name: action.name,
    ...(action.kind !== 'create' && { id: action.id }),
    reason: reasonCode(action),
    changes: fieldChanges(action).map(({ field, before, after }) => ({
      field,
      before: before ? valueDocument(before, forms) : null,
      after: after ? valueDocument(after, forms) : null,
    })),
    ...('policies' in action && { policies: action.policies }),
    ...sidesDocument(action, forms),
    ...(action.kind === 'replace' && {
      retire: action.retire.map((live) => liveDocument(live, forms)),
      ...(action.survivor && { survivor: liveDocument(action.survivor, forms) }),
    }),
  };
}

function sidesDocument(action: ShownAction, forms: ActionForms): Pick<ActionDocument, 'before' | 'after'> {
  if (action.resource === 'policy') {
    return { before: { webhooks: action.before }, after: { webhooks: action.after } };
  }
  return {
    ...('before' in action && { before: liveDocument(action.before, forms) }),
    ...('after' in action && { after: specDocument(action.after, forms) }),
  };
}

/** Returns the fields of a live webhook that a plan depends on, without those that change by themselves. */
function liveDocument(live: PlannedLive, forms: ActionForms): LiveDocument {
  return {
    id: live.id,
    name: live.name,
    url: liveUrlDocument(live.url, live.urlIsSecret === true || forms.hideUrls, forms),
    type: live.type,
    ...(live.createdAt !== undefined && { created_at: live.createdAt }),
  };
}

/** Returns the desired side of an action, with secrets as references. */
function specDocument(spec: Spec, forms: ActionForms): SpecDocument {
  return {
    name: spec.name,
    url: urlDocument(spec.url, forms),
    ...(spec.secret && { secret: secretDocument(spec.secret, forms) }),
  };
}

function valueDocument(value: FieldValue, forms: ActionForms): SideDocument {
  switch (value.kind) {
    case 'name':
      return value.name;
    case 'url':
      return urlDocument(value.url, forms);
    case 'live-url':
      return liveUrlDocument(value.url, value.isSecret, forms);
    case 'secret':
      return secretDocument(value.secret, forms);
    case 'unreadable':
      return { unknown: true };
    case 'webhooks':
      return value.targets.map(({ name, id }) => name || (id ?? ''));
    default:
      return unreachable(value);
  }
}

function urlDocument(url: DesiredUrl, forms: Forms): UrlDocument {
  if (isReference(url)) return referenceDocument(url, forms);
  return liveUrlDocument(url.kind === 'literal' ? url.url : url, false, forms);
}

/**
 * Returns a URL without a credential as text, any other as its host. The hash is only in a saved plan,
 * because it allows short URLs to be guessed.
 */
function liveUrlDocument(url: PlannedLive['url'], isSecret: boolean, { saved }: Forms): UrlDocument {
  if (typeof url === 'string' && !isSecret && !hidesCredential(url)) return normalUrl(url);
  const host = typeof url === 'string' ? displayHost(url) : url.host;
  return { host, ...(saved && { sha256: typeof url === 'string' ? urlHash(url) : url.sha256 }) };
}

function secretDocument(secret: DesiredSecret, forms: Forms): SecretDocument {
  switch (secret.kind) {
    case 'env':
    case 'file':
      return referenceDocument(secret, forms);
    case 'literal':
      return { literal: true };
    case 'none':
      return 'none';
    default:
      return unreachable(secret);
  }
}

function referenceDocument(reference: Reference, { saved }: Forms): ReferenceDocument {
  const version = reference.version === undefined ? {} : { version: reference.version };
  if (reference.kind === 'env') return { env: reference.env, ...version };
  // An absolute path, such as one in /run/secrets, is the same wherever the plan is applied.
  const isRelative = saved && !path.isAbsolute(reference.file);
  const where = isRelative && { path: portablePath(saved.cwd, reference.path) };
  return { file: reference.file, ...where, ...version };
}

/** Returns the path relative to a directory, with slashes on every system. */
function portablePath(cwd: string, absolute: string): string {
  return path.relative(cwd, absolute).split(path.sep).join('/') || '.';
}

/** Returns the text of a saved plan: with the desired-state `files`, paths relative to `cwd`, and a checksum. */
export function savedText(plan: ShownPlan, cwd: string, files: readonly string[] = []): string {
  return `${jsonText(savedDocument(plan, cwd, files))}\n`;
}

/** Returns {@link savedText} as data. */
export function savedDocument(plan: ShownPlan, cwd: string, files: readonly string[] = []): PlanDocument {
  const document = planDocument(plan, { saved: { cwd } });
  const named = files.map((file) => portablePath(cwd, path.resolve(cwd, file)));
  const whole = { ...document, digest: digestOf(document), ...(named.length > 0 && { files: named }) };
  return { ...whole, checksum: checksumOf(whole) };
}

const EVENT_VERSION = 1;

/** Returns an event as one line of NDJSON, as in `schemas/events.schema.json`. `time` is RFC 3339. */
export function renderEvent(event: ApplyEvent, time: string): string {
  return `${jsonText({ version: EVENT_VERSION, time, ...eventFields(event) }, 0)}\n`;
}

function eventFields(event: ApplyEvent): Readonly<Record<string, unknown>> {
  if (event.type === 'action-ended') return { type: event.type, ...documented(event.outcome) };
  if (!('accountId' in event)) return event;
  const { type, ...rest } = event;
  return { type, ...documented(rest) };
}
