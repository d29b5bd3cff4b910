import { shellWord } from '../text/layout.js';
import type { DesiredSecret, DesiredUrl, Reference, Spec } from '../core/desired.js';
import { HookwrightError } from '../core/errors.js';
import type { AccountId, PolicyId } from '../core/ids.js';
import type { HiddenUrl, PlannedLive } from '../core/live.js';
import {
  DELETE_REASONS,
  REPLACE_REASONS,
  type ShownAccountPlan,
  type ShownAction,
  type ShownPlan,
  unreachable,
  type RouteTarget,
  UPDATE_REASONS,
  type UpdatePolicy,
  type UpdateWebhook,
} from '../core/plan.js';
import { Secret } from '../core/secret.js';
import { validatePlan } from './compile-plan-schema.js';
import { checksumOf, digestOf } from './digest.js';
import {
  type AccountDocument,
  type ActionDocument,
  FORMAT_VERSION,
  type LiveDocument,
  type PlanDocument,
  type ReferenceDocument,
  type SecretDocument,
  type SpecDocument,
  type UrlDocument,
} from './plan-document.js';

/** Finds what a saved plan omits on purpose. */
export type Lookup = {
  /** Returns the literal URL with this hash in an entry of the file, if it is still there. */
  readonly literalUrl: (account: AccountId, name: string, sha256: string) => string | undefined;
  /** Returns the absolute path of a file with a secret or URL. */
  readonly secretPath: (path: string) => string;
  /** Replaces a literal secret of the file; without it, a plan with one is refused. */
  readonly literalSecret?: Secret;
};

/** Only for showing a plan: hidden parts stay hidden. */
export const NO_LOOKUP: Lookup = {
  literalUrl: () => undefined,
  secretPath: (path) => path,
  literalSecret: new Secret(''),
};

/** Returns the plan in a saved plan. */
export function planFromDocument(document: PlanDocument, lookup: Lookup): ShownPlan {
  return {
    accounts: document.accounts.map((account) => accountFrom(account, lookup)),
    failures: document.failures.map(({ account_id, ...rest }) => ({ accountId: account_id, ...rest })),
  };
}

function accountFrom(
  { account_id, actions, live_ids, ignored_ids, unlisted_ids, ...rest }: AccountDocument,
  lookup: Lookup,
): ShownAccountPlan {
  const source = { ...lookup, account: account_id };
  return {
    ...rest,
    accountId: account_id,
    actions: actions.map((action) => actionFrom(action, source)),
    ...(live_ids && { liveIds: live_ids }),
    ...(ignored_ids && { ignoredIds: ignored_ids }),
    ...(unlisted_ids && { unlistedIds: unlisted_ids }),
  };
}

/** What the actions of one account omit on purpose. */
type Source = Lookup & { readonly account: AccountId };

function actionFrom(document: ActionDocument, source: Source): ShownAction {
  const { kind, name, policies = [] } = document;
  if (document.resource === 'policy') return routeFrom(document);
  const resource = 'webhook';
  switch (kind) {
    case 'create':
      return { kind, resource, name, because: 'new', after: afterOf(document, source) };
    case 'update':
      return {
        kind,
        resource,
        name,
        because: reasons(document, UPDATE_REASONS),
        ...changeFrom(document, source),
      };
    case 'replace': {
      const survivor = document.survivor && liveFrom(document.survivor);
      return {
        kind,
        resource,
        name,
        because: reasons(document, REPLACE_REASONS),
        ...changeFrom(document, source),
        retire: need(document.retire, document).map(liveFrom),
        ...(survivor && { survivor }),
        policies,
      };
    }
    case 'delete': {
      const before = beforeOf(document);
      const because = oneReason(document, document.reason, DELETE_REASONS);
      return { kind, resource, name, id: before.id, because, before, policies };
    }
    default:
      return unreachable(kind);
  }
}

function routeFrom(document: ActionDocument): UpdatePolicy {
  const { name, id, before, after } = document;
  const targets = (side: ActionDocument['before'] | ActionDocument['after']): readonly RouteTarget[] =>
    need(side && 'webhooks' in side ? side.webhooks : undefined, document);
  return {
    kind: 'update',
    resource: 'policy',
    name,
    id: need(id, document) as PolicyId,
    because: 'routes',
    before: targets(before),
    after: targets(after),
  };
}

function beforeOf(document: ActionDocument): PlannedLive {
  const { before } = document;
  return liveFrom(need(before && !('webhooks' in before) ? before : undefined, document));
}

function afterOf(document: ActionDocument, source: Source): Spec {
  const { after } = document;
  return specFrom(need(after && !('webhooks' in after) ? after : undefined, document), source);
}

function changeFrom(
  document: ActionDocument,
  source: Source,
): Pick<UpdateWebhook<PlannedLive>, 'id' | 'before' | 'after'> {
  const before = beforeOf(document);
  return { id: before.id, before, after: afterOf(document, source) };
}

function liveFrom({ url, created_at, ...rest }: LiveDocument): PlannedLive {
  return {
    ...rest,
    url: isReferenceDocument(url) ? '' : hiddenOr(url),
    ...(created_at !== undefined && { createdAt: created_at }),
  };
}

function specFrom({ name, url, secret }: SpecDocument, source: Source): Spec {
  return { name, url: urlFrom(name, url, source), ...(secret && { secret: secretFrom(secret, source) }) };
}

function urlFrom(name: string, document: UrlDocument, source: Source): DesiredUrl {
  if (isReferenceDocument(document)) return referenceFrom(document, source);
  const url = hiddenOr(document);
  if (typeof url === 'string') return { kind: 'literal', url };
  const literal = source.literalUrl(source.account, name, url.sha256);
  return literal === undefined ? url : { kind: 'literal', url: literal };
}

function referenceFrom(reference: ReferenceDocument, { secretPath }: Source): Reference {
  if ('env' in reference) return { kind: 'env', ...reference };
  const { file, path } = reference;
  return { kind: 'file', ...reference, path: secretPath(path ?? file) };
}

function secretFrom(secret: SecretDocument, source: Source): DesiredSecret {
  if (secret === 'none') return { kind: 'none' };
  if ('env' in secret || 'file' in secret) return referenceFrom(secret, source);
  const { literalSecret } = source;
  if (literalSecret) return { kind: 'literal', value: literalSecret };
  throw new HookwrightError(
    'invalid-plan-file',
    'The plan uses a literal secret from the file. Saved plans never contain secrets, so this plan cannot be applied.',
  );
}
function isReferenceDocument(url: UrlDocument): url is ReferenceDocument {
  return typeof url === 'object' && !('host' in url);
}

function hiddenOr(url: Exclude<UrlDocument, ReferenceDocument>): string | HiddenUrl {
  if (typeof url === 'string') return url;
  if (url.sha256 !== undefined) return { kind: 'hidden', host: url.host, sha256: url.sha256 };
  throw new HookwrightError('invalid-plan-file', `The plan has no hash of a URL at ${url.host}.`);
}

function reasons<T extends string>(document: ActionDocument, known: readonly T[]): readonly T[] {
  return document.reason.split('+').map((reason) => oneReason(document, reason, known));
}

/** Throws `invalid-plan-file` for a reason that this kind of action does not have. */
function oneReason<T extends string>({ name }: ActionDocument, reason: string, known: readonly T[]): T {
  const found = known.find((each) => each === reason);
  if (found !== undefined) return found;
  const message = `${JSON.stringify(name)} has the unknown reason ${JSON.stringify(reason)}.`;
  throw new HookwrightError('invalid-plan-file', message);
}

function need<T>(value: T | undefined, { kind, name }: ActionDocument): T {
  if (value !== undefined) return value;
  throw new HookwrightError('invalid-plan-file', `The ${kind} of ${JSON.stringify(name)} is incomplete.`);
}

/**
 * Parses a saved plan. Throws `invalid-plan-file` if it is not a plan, has another version, or does not match
 * its digest because it was truncated or edited.
 */
export function parsePlanFile(
  name: string,
  bytes: Uint8Array | undefined,
): PlanDocument & { readonly digest: string } {
  const make = `hookwright plan --out ${shellWord(name)}`;
  const fail = (why: string, next = `To create a new plan, run: ${make}`): never => {
    throw new HookwrightError('invalid-plan-file', `${name} cannot be used: ${why} ${next}`);
  };
  if (!bytes) return fail('the file does not exist.');
  const next = /\.ya?ml$/.test(name)
    ? `To apply a desired-state file, run: hookwright apply -f ${shellWord(name)}`
    : undefined;
  const value = parse(bytes) ?? fail('it is not valid JSON; it may be truncated.', next);
  const version = typeof value === 'object' && 'format_version' in value ? value.format_version : undefined;
  if (version === undefined) return fail('it is not a plan: it has no "format_version".');
  if (version !== FORMAT_VERSION)
    return fail(
      `its "format_version" is ${JSON.stringify(version)}, but this version of hookwright reads ${FORMAT_VERSION}.`,
    );
  if (!('checksum' in value))
    return fail(
      'it is the output of "hookwright plan --format json" or a report, which leaves out what apply needs.',
      `To save a plan that apply accepts, run: ${make}`,
    );
  if (!validatePlan(value)) {
    const { instancePath = '', message = '' } = validatePlan.errors?.[0] ?? {};
    return fail(`it is not a saved plan (${`${instancePath} ${message}`.trim().replace('NOT', 'not')}).`);
  }
  // The schema has the same form.
  const document = value as unknown as PlanDocument;
  const { digest } = document;
  if (digest === undefined || digestOf(document) !== digest || checksumOf(document) !== document.checksum) {
    return fail(
      'its digest or checksum does not match: the file was modified, or was not written by "hookwright plan --out".',
    );
  }
  return { ...document, digest };
}

function parse(bytes: Uint8Array): object | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
