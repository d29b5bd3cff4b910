import type { DesiredSecret, DesiredUrl, Reference, Spec } from '../core/desired.js';
import { HookwrightError } from '../core/errors.js';
import { type AccountId, bareId, type PolicyId, type WebhookId } from '../core/ids.js';
import type { Live } from '../core/live.js';
import {
  type AccountPlan,
  type Action,
  type Plan,
  unreachable,
  type RouteTarget,
  type UpdatePolicy,
} from '../core/plan.js';
import { Secret } from '../core/secret.js';
import { normalUrl } from '../core/urls.js';
import { validatePlan } from './compile-plan-schema.js';
import { checksumOf, digestOf, type Sha256 } from './digest.js';
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

/** What a saved plan leaves out on purpose, found again. */
export type Lookup = {
  /** Live webhooks by account, to know a credential url by its hash. */
  readonly live: (account: AccountId) => readonly Live[];
  /** The literal url of an entry of the file that has this hash, if it is still there. */
  readonly literalUrl: (account: AccountId, name: string, sha256: string) => string | undefined;
  /** The absolute path of a secret file. */
  readonly secretPath: (path: string) => string;
  readonly sha256: (text: string) => string;
  /** Stands for a secret that was written into the file; absent: a plan with one is refused. */
  readonly literalSecret?: Secret;
};

/** For showing only: hidden parts stay hidden. */
export const NO_LOOKUP: Lookup = {
  live: () => [],
  literalUrl: () => undefined,
  secretPath: (path) => path,
  // Never asked: there is no live url to compare.
  sha256: String,
  literalSecret: new Secret(''),
};

/** A saved plan as a plan again. */
export function planFromDocument(document: PlanDocument, lookup: Lookup): Plan {
  return {
    accounts: document.accounts.map((account) => accountFrom(account, lookup)),
    failures: document.failures.map(({ account_id, label, error }) => ({
      accountId: account_id as AccountId,
      ...(label !== undefined && { label }),
      error,
    })),
  };
}

function accountFrom(
  { account_id, label, actions, guards, notes, overrides, summary, live_ids, ignored_ids }: AccountDocument,
  lookup: Lookup,
): AccountPlan {
  const reader = new AccountReader(account_id as AccountId, lookup);
  return {
    accountId: account_id as AccountId,
    ...(label !== undefined && { label }),
    actions: actions.map((action) => reader.action(action)),
    guards,
    notes,
    overrides: overrides.map((override) => ({ ...override, id: override.id as WebhookId })),
    summary,
    ...(live_ids && { liveIds: live_ids.map((id) => id as WebhookId) }),
    ...(ignored_ids && { ignoredIds: ignored_ids.map((id) => id as WebhookId) }),
  };
}

class AccountReader {
  readonly #account: AccountId;
  readonly #lookup: Lookup;
  #byId: ReadonlyMap<string, Live> | undefined;

  constructor(account: AccountId, lookup: Lookup) {
    this.#account = account;
    this.#lookup = lookup;
  }

  action(document: ActionDocument): Action {
    const { kind, name } = document;
    if (document.resource === 'policy') return this.#policyAction(document);
    const resource = 'webhook';
    const policies = (document.policies ?? []).map(({ id, name: policy, orphaned }) => ({
      id: id as PolicyId,
      name: policy,
      orphaned,
    }));
    const because = document.reason.split('+') as never;
    switch (kind) {
      case 'create':
        return { kind, resource, name, because: 'new', after: this.#after(document) };
      case 'update':
        return { kind, resource, name, because, ...this.#change(document) };
      case 'replace': {
        const survivor = document.survivor && this.#live(document.survivor);
        return {
          kind,
          resource,
          name,
          because,
          ...this.#change(document),
          retire: need(document.retire, document).map((live) => this.#live(live)),
          ...(survivor && { survivor }),
          policies,
        };
      }
      case 'delete': {
        const before = this.#before(document);
        return { kind, resource, name, id: before.id, because: document.reason as never, before, policies };
      }
      default:
        return unreachable(kind);
    }
  }

  #policyAction(document: ActionDocument): UpdatePolicy {
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

  #before(document: ActionDocument): Live {
    const { before } = document;
    return this.#live(need(before && !('webhooks' in before) ? before : undefined, document));
  }

  #after(document: ActionDocument): Spec {
    const { after } = document;
    return this.#spec(need(after && !('webhooks' in after) ? after : undefined, document));
  }

  #change(document: ActionDocument): { readonly id: WebhookId; readonly before: Live; readonly after: Spec } {
    const before = this.#before(document);
    return { id: before.id, before, after: this.#after(document) };
  }

  #live({ id, name, url, type, created_at }: LiveDocument): Live {
    return {
      id: id as WebhookId,
      name,
      url: this.#liveUrl(id, url),
      type,
      ...(created_at !== undefined && { createdAt: created_at }),
    };
  }

  /** A hidden url is the one that is live under this id, if it still has the hash. */
  #liveUrl(id: string, url: UrlDocument): string {
    if (typeof url === 'string') return url;
    if (!('sha256' in url)) return '';
    this.#byId ??= new Map(this.#lookup.live(this.#account).map((live) => [bareId(live.id), live]));
    const live = this.#byId.get(bareId(id));
    const same = live && this.#lookup.sha256(normalUrl(live.url)) === url.sha256;
    return same ? live.url : hiddenUrl(url);
  }

  #spec({ name, url, secret }: SpecDocument): Spec {
    return { name, url: this.#url(name, url), ...(secret && { secret: this.#secret(secret) }) };
  }

  #url(name: string, url: UrlDocument): DesiredUrl {
    if (typeof url === 'string') return { kind: 'literal', url };
    if (!('sha256' in url)) return this.#reference(url);
    return {
      kind: 'literal',
      url: this.#lookup.literalUrl(this.#account, name, url.sha256) ?? hiddenUrl(url),
    };
  }

  #reference(reference: ReferenceDocument): Reference {
    if ('env' in reference) return { kind: 'env', ...reference };
    const { file, path } = reference;
    return { kind: 'file', ...reference, path: this.#lookup.secretPath(path ?? file) };
  }

  #secret(secret: SecretDocument): DesiredSecret {
    if (secret === 'none') return { kind: 'none' };
    if ('env' in secret || 'file' in secret) return this.#reference(secret);
    const { literalSecret } = this.#lookup;
    if (literalSecret) return { kind: 'literal', value: literalSecret };
    throw new HookwrightError(
      'invalid-plan-file',
      'The plan uses a literal secret from the file. Saved plans never contain secrets, so this plan cannot be applied.',
    );
  }
}

/** Stands for a url that is not available: it shows the host, and no two hashes look alike to a comparison. */
function hiddenUrl({ host, sha256 }: { readonly host: string; readonly sha256: string }): string {
  return `https://${host}/#${sha256}`;
}

/** Is this what {@link planFromDocument} put in the place of a url that is not available? Then what is known of it. */
export function hiddenParts(url: string): { readonly host: string; readonly sha256: string } | undefined {
  const [, host, sha256] = /^https:\/\/([^/]*)\/#([0-9a-f]{64})$/.exec(url) ?? [];
  return host !== undefined && sha256 !== undefined ? { host, sha256 } : undefined;
}

function need<T>(value: T | undefined, { kind, name }: ActionDocument): T {
  if (value !== undefined) return value;
  throw new HookwrightError('invalid-plan-file', `The ${kind} of ${JSON.stringify(name)} is incomplete.`);
}

/**
 * Reads a saved plan. Throws `invalid-plan-file` for what is no plan, is of another version, or does not fit its
 * own digest: cut, edited or put together by hand.
 */
export function parsePlanFile(
  name: string,
  bytes: Uint8Array | undefined,
  sha256: Sha256,
): PlanDocument & { readonly digest: string } {
  const fail = (why: string, next = 'To create a new plan, run: hookwright plan --out FILE'): never => {
    throw new HookwrightError('invalid-plan-file', `${name} cannot be used: ${why} ${next}`);
  };
  if (!bytes) return fail('the file does not exist.');
  const next = /\.ya?ml$/.test(name)
    ? 'To apply a desired-state file, run: hookwright apply -f FILE'
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
      'To save a plan that apply accepts, run: hookwright plan --out FILE',
    );
  if (!validatePlan(value)) {
    const error = validatePlan.errors?.[0];
    return fail(`it is not a saved plan (${error?.instancePath ?? ''} ${error?.message ?? ''}).`);
  }
  // The schema says so: this is where the file enters.
  const document = value as unknown as PlanDocument;
  const { digest } = document;
  if (
    digest === undefined ||
    digestOf(document, sha256) !== digest ||
    checksumOf(document, sha256) !== document.checksum
  ) {
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
