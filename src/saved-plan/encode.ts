import { createHash } from 'node:crypto';
import path from 'node:path';
import type { DesiredSecret, DesiredUrl, Reference, Spec } from '../core/desired.js';
import { HookwrightError } from '../core/errors.js';
import { fieldChanges, type FieldValue } from '../core/field-changes.js';
import type { Live } from '../core/live.js';
import type { ApplyEvent, ApplyResult, Outcome } from '../core/outcome.js';
import {
  type AccountPlan,
  type Action,
  type Plan,
  totalSummary,
  unreachable,
  reasonCode,
} from '../core/plan.js';
import type { Redactor } from '../core/redactor.js';
import { hidesCredential, normalUrl, parseUrl } from '../core/urls.js';
import { jsonText } from '../text/untrusted.js';
import { hiddenParts } from './decode.js';
import { checksumOf, digestOf } from './digest.js';
import {
  type AccountDocument,
  type ActionDocument,
  type ApplyDocument,
  FORMAT_VERSION,
  type LiveDocument,
  type OutcomeDocument,
  type PlanDocument,
  type ReferenceDocument,
  type SecretDocument,
  type SideDocument,
  type SpecDocument,
  type UrlDocument,
} from './plan-document.js';

export type PlanDocumentOptions = {
  readonly digest?: string;
  /** How a saved plan names the path of a secret file; not given: only as it is written in the file. */
  readonly relative?: (path: string) => string;
  /** Lower-case hex. Handed in, since rendering uses no library. */
  readonly sha256: (text: string) => string;
};

type Forms = Pick<PlanDocumentOptions, 'sha256' | 'relative'>;
/** `hideUrls`: no url is written as text. */
type ActionForms = Forms & { readonly hideUrls: boolean };

/** The plan as plain data with the stable keys of `schemas/plan.schema.json`; no secret, no credential url. */
export function toPlanDocument(plan: Plan, { digest, ...forms }: PlanDocumentOptions): PlanDocument {
  const [failed] = plan.failures;
  return {
    format_version: FORMAT_VERSION,
    ...(digest !== undefined && { digest }),
    summary: totalSummary(plan.accounts),
    accounts: plan.accounts.map((account) => accountDocument(account, forms)),
    failures: plan.failures.map(({ accountId, label, error }) => ({
      account_id: accountId,
      ...(label !== undefined && { label }),
      error: { code: error.code, message: error.message },
    })),
    ...(failed && { error: { code: failed.error.code, message: failed.error.message } }),
  };
}

/** The plan with how each of its actions ended. */
export function toApplyDocument(
  plan: Plan,
  result: ApplyResult,
  options: PlanDocumentOptions,
): ApplyDocument {
  return {
    ...toPlanDocument(plan, options),
    outcomes: result.outcomes.map(outcomeDocument),
    discrepancies: result.discrepancies.map(({ accountId, message }) => ({ account_id: accountId, message })),
    ...(result.interrupted && { interrupted: result.interrupted }),
  };
}

function accountDocument(account: AccountPlan, forms: Forms): AccountDocument {
  return {
    account_id: account.accountId,
    ...(account.label !== undefined && { label: account.label }),
    summary: account.summary,
    actions: account.actions.map((action) => actionDocument(action, forms)),
    guards: account.guards.map(({ code, message, names }) => ({ code, message, names })),
    notes: account.notes.map(({ code, message, names }) => ({ code, message, names })),
    overrides: account.overrides.map(({ flag, name, id }) => ({ flag, name, id })),
    ...(account.liveIds && { live_ids: account.liveIds }),
    ...(account.ignoredIds && { ignored_ids: account.ignoredIds }),
  };
}

/** One action as data. */
export function actionDocument(action: Action, given: Forms): ActionDocument {
  // The live url may be the very value of the variable; the same is written whether that is available or not.
  const hideUrls = action.resource === 'webhook' && 'after' in action && action.after.url.kind !== 'literal';
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
    ...('policies' in action && {
      policies: action.policies.map(({ id, name, orphaned }) => ({ id, name, orphaned })),
    }),
    ...sidesDocument(action, forms),
    ...(action.kind === 'replace' && {
      retire: action.retire.map((live) => liveDocument(live, forms)),
      ...(action.survivor && { survivor: liveDocument(action.survivor, forms) }),
    }),
  };
}

function sidesDocument(action: Action, forms: ActionForms): Pick<ActionDocument, 'before' | 'after'> {
  if (action.resource === 'policy') {
    return { before: { webhooks: action.before }, after: { webhooks: action.after } };
  }
  return {
    ...('before' in action && { before: liveDocument(action.before, forms) }),
    ...('after' in action && { after: specDocument(action.after, forms) }),
  };
}

/** A live webhook as far as a plan depends on it; what changes by itself (last success) is left out. */
function liveDocument(live: Live, forms: ActionForms): LiveDocument {
  return {
    id: live.id,
    name: live.name,
    url: urlDocument({ kind: 'literal', url: live.url }, forms),
    type: live.type,
    ...(live.createdAt !== undefined && { created_at: live.createdAt }),
  };
}

/** The desired side of an action, secrets by reference. */
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

/** A url that hides nothing as text, any other by host and hash, an `env` url by reference. */
function urlDocument(url: DesiredUrl, forms: ActionForms): UrlDocument {
  if (url.kind !== 'literal') return referenceDocument(url, forms);
  const { sha256, hideUrls } = forms;
  const hidden = hiddenParts(url.url);
  if (hidden) return hidden;
  if (!hideUrls && !hidesCredential(url.url)) return normalUrl(url.url);
  return { host: parseUrl(url.url)?.host ?? '', sha256: sha256(normalUrl(url.url)) };
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

function referenceDocument(reference: Reference, { relative }: Forms): ReferenceDocument {
  const version = reference.version === undefined ? {} : { version: reference.version };
  if (reference.kind === 'env') return { env: reference.env, ...version };
  return { file: reference.file, ...(relative && { path: relative(reference.path) }), ...version };
}

/** How one action ended, as data. */
function outcomeDocument(outcome: Outcome): OutcomeDocument {
  const { accountId, kind, resource, name, id, status, wrote, already, note, error } = outcome;
  return {
    account_id: accountId,
    kind,
    resource,
    name,
    ...(id !== undefined && { id }),
    status,
    wrote,
    ...(already && { already }),
    ...(note !== undefined && { note }),
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}

/** Lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Returns the plan as a document with its digest. */
export function documentOf(plan: Plan): PlanDocument & { readonly digest: string } {
  const document = toPlanDocument(plan, { sha256 });
  return { ...document, digest: digestOf(document, sha256) };
}

/**
 * The plan as it is saved. Throws `invalid-plan-file` if a secret would be in what is carried out: masked it could not
 * be applied.
 */
export function savedText(plan: Plan, cwd: string, redactor: Redactor): string {
  const text = jsonText(savedDocument(plan, cwd, redactor));
  if (redactor.redact(text) === text) return `${text}\n`;
  throw new HookwrightError(
    'invalid-plan-file',
    'The plan cannot be saved: a name, URL or path contains the value of a secret (a variable that the file references, or the API token). ' +
      'Change the secret, or the text that contains it.',
  );
}

/** With where its secret files are, seen from `cwd`, messages redacted, and a checksum over all of it. */
export function savedDocument(plan: Plan, cwd: string, redactor: Redactor): PlanDocument {
  const document = toPlanDocument(plan, {
    sha256,
    relative: (file) => path.relative(cwd, file).split(path.sep).join('/'),
  });
  const told = <T extends { readonly message: string }>(each: T): T => ({
    ...each,
    message: redactor.redact(each.message),
  });
  const whole = {
    ...document,
    digest: digestOf(document, sha256),
    accounts: document.accounts.map((account) => ({
      ...account,
      guards: account.guards.map(told),
      notes: account.notes.map(told),
    })),
    failures: document.failures.map((failure) => ({ ...failure, error: told(failure.error) })),
    ...(document.error && { error: told(document.error) }),
  };
  return { ...whole, checksum: checksumOf(whole, sha256) };
}

const EVENT_VERSION = 1;

/**
 * An event as one line of NDJSON, its line feed included, as `schemas/events.schema.json` describes it.
 * `time` is RFC 3339.
 */
export function renderEvent(event: ApplyEvent, time: string): string {
  return `${jsonText({ version: EVENT_VERSION, time, ...eventFields(event) }, 0)}\n`;
}

function eventFields(event: ApplyEvent): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case 'action-started':
    case 'action-step':
    case 'twin-withdrawn': {
      const { type, accountId, ...rest } = event;
      return { type, account_id: accountId, ...rest };
    }
    case 'action-ended':
      return { type: event.type, ...outcomeDocument(event.outcome) };
    case 'apply-started':
    case 'waiting':
    case 'waiting-ended':
    case 'interrupted':
    case 'apply-ended':
      return event;
    default:
      return unreachable(event);
  }
}
