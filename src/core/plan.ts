import type { Spec } from './desired.js';
import type { AccountId, PolicyId, WebhookId } from './ids.js';
import type { Live, PlannedLive } from './live.js';

/** A policy that uses a webhook that the plan deletes or replaces. */
export type PolicyRef = {
  readonly id: PolicyId;
  readonly name: string;
  /** Whether the action would leave the policy without any recipient, so that its alerts reach no one. */
  readonly orphaned: boolean;
};

/** `finish-replace`: gives a leftover its final name. */
export const UPDATE_REASONS = [
  'renamed',
  'url-in-place',
  'secret-rotated',
  'url-rotated',
  'finish-replace',
] as const;
/** `finish-replace`: continues an interrupted replacement; `taken-back`: the old webhook is wanted again. */
export const REPLACE_REASONS = [
  'url-changed',
  'secret-rotated',
  'url-rotated',
  'requested',
  'finish-replace',
  'taken-back',
] as const;
/** `unlisted`: not in the file; `absent`: must not exist; `removed`: left the file since `--previous`. */
export const DELETE_REASONS = ['unlisted', 'absent', 'removed'] as const;

export type UpdateReason = (typeof UPDATE_REASONS)[number];
export type ReplaceReason = (typeof REPLACE_REASONS)[number];
export type DeleteReason = (typeof DELETE_REASONS)[number];

export type Create = {
  readonly kind: 'create';
  readonly resource: 'webhook';
  readonly name: string;
  readonly because: 'new';
  readonly after: Spec;
};

/** One PUT on the live webhook, which keeps its ID. */
export type UpdateWebhook<W extends PlannedLive = Live> = {
  readonly kind: 'update';
  readonly resource: 'webhook';
  readonly name: string;
  readonly id: WebhookId;
  readonly because: readonly UpdateReason[];
  readonly before: W;
  readonly after: Spec;
};

/** A webhook that a policy sends to. */
export type RouteTarget = {
  readonly name: string;
  /** Absent: this plan creates the webhook. */
  readonly id?: WebhookId;
  /** Why it stays although the file does not list it for this policy. Absent: the file lists it. */
  readonly kept?: 'ignored' | 'unlisted';
};

/** One PUT on a policy that changes only which webhooks it sends to. */
export type UpdatePolicy = {
  readonly kind: 'update';
  readonly resource: 'policy';
  readonly name: string;
  readonly id: PolicyId;
  readonly because: 'routes';
  /** The webhooks that it sends to, sorted by name, then ID. IDs that are not live have an empty name. */
  readonly before: readonly RouteTarget[];
  readonly after: readonly RouteTarget[];
};

/**
 * Create the new webhook, switch the policies, delete the old webhooks, rename the new one. `id` and `before`
 * are those of the replaced webhook (if there are only leftovers, of the first one).
 */
export type Replace<W extends PlannedLive = Live> = {
  readonly kind: 'replace';
  readonly resource: 'webhook';
  readonly name: string;
  readonly id: WebhookId;
  readonly because: readonly ReplaceReason[];
  readonly before: W;
  readonly after: Spec;
  /** All webhooks to delete, `before` first; never empty. */
  readonly retire: readonly W[];
  /** A live webhook to keep instead of creating a new one. */
  readonly survivor?: W;
  readonly policies: readonly PolicyRef[];
};

export type Delete<W extends PlannedLive = Live> = {
  readonly kind: 'delete';
  readonly resource: 'webhook';
  readonly name: string;
  readonly id: WebhookId;
  readonly because: DeleteReason;
  readonly before: W;
  readonly policies: readonly PolicyRef[];
};

/** One action of a plan. Plain data: no clock, no network, no secret value. */
export type Action<W extends PlannedLive = Live> =
  Create | UpdateWebhook<W> | UpdatePolicy | Replace<W> | Delete<W>;
export type WebhookAction<W extends PlannedLive = Live> = Exclude<Action<W>, UpdatePolicy>;
/** An action as it is shown. In a saved plan, credential URLs are not known. */
export type ShownAction = Action<PlannedLive>;
export type ActionKind = Action['kind'];
export type Resource = Action['resource'];

export const GUARD_CODES = [
  'unlisted-undecided',
  'too-many-deletes',
  'in-use',
  'protected',
  'pinned',
  'ambiguous-name',
  'secret-needed',
  'secret-missing',
  'no-such-policy',
  'policy-silenced',
] as const;

export type GuardCode = (typeof GUARD_CODES)[number];

/** A reason not to apply an account's plan. */
export type Guard = {
  readonly code: GuardCode;
  /** What it blocks and how to proceed, in sentences. Names are exact; renderers escape them. */
  readonly message: string;
  /** Names of the webhooks or policies it concerns. */
  readonly names: readonly string[];
};

export const NOTE_CODES = [
  'not-compared',
  'not-deployed-before',
  'secret-may-clear',
  'secret-not-carried',
  'secret-unverifiable',
  'version-not-compared',
  'maybe-renamed',
  'secrets-not-compared',
  'reference-changed',
  'reference-new-host',
  'rotation-repeats',
  'no-policy',
  'near-limit',
  'route-left-file',
  'custom-alerts-not-seen',
] as const;

export type NoteCode = (typeof NOTE_CODES)[number];

/** Notes that may need action before the plan is approved. */
const WARNINGS: ReadonlySet<NoteCode> = new Set([
  'not-deployed-before',
  'secret-may-clear',
  'secret-not-carried',
  'version-not-compared',
  'maybe-renamed',
  'reference-new-host',
  'near-limit',
]);

/** Reports whether the note is a warning. Other notes need no action. */
export function isWarning({ code }: Pick<Note, 'code'>): boolean {
  return WARNINGS.has(code);
}

/** Something a reviewer should know that does not block the plan. */
export type Note = { readonly code: NoteCode; readonly message: string; readonly names: readonly string[] };

export type Summary = {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
  readonly unchanged: number;
  readonly ignored: number;
  /** The number of unlisted live webhooks that stay. */
  readonly kept: number;
};

/** A decision on the command line that changes the plan or lets a guard pass. Saved plans contain it. */
export type Override = {
  readonly flag: '--allow-delete' | '--allow-detach' | '--rotate' | '--replace';
  readonly name: string;
  /** The ID of the webhook, because another one can have the same name. */
  readonly id: WebhookId;
};

export type AccountPlan<W extends PlannedLive = Live> = {
  readonly accountId: AccountId;
  readonly label?: string;
  /**
   * Actions of webhooks (creates, updates, replacements, deletions), then of policies; each sorted by name,
   * then ID.
   */
  readonly actions: readonly Action<W>[];
  readonly guards: readonly Guard[];
  readonly notes: readonly Note[];
  readonly overrides: readonly Override[];
  readonly summary: Summary;
  /** The IDs that were live when the plan was made. Absent: no action depends on them. */
  readonly liveIds?: readonly WebhookId[];
  /** Live webhooks that the plan leaves alone although they have the name of an action. Absent: none. */
  readonly ignoredIds?: readonly WebhookId[];
  /** Unlisted webhooks that `--target` keeps from being deleted: a create can be one of them, renamed. Absent: none. */
  readonly unlistedIds?: readonly WebhookId[];
};

/** An account whose live state could not be read. */
export type AccountFailure = {
  readonly accountId: AccountId;
  readonly label?: string;
  readonly error: { readonly code: string; readonly message: string };
};

export type Plan<W extends PlannedLive = Live> = {
  /** Sorted by account ID. */
  readonly accounts: readonly AccountPlan<W>[];
  readonly failures: readonly AccountFailure[];
};

export type ShownPlan = Plan<PlannedLive>;
export type ShownAccountPlan = AccountPlan<PlannedLive>;

export const EMPTY_SUMMARY: Summary = {
  create: 0,
  update: 0,
  replace: 0,
  delete: 0,
  unchanged: 0,
  ignored: 0,
  kept: 0,
};

/** Counts actions, or their outcomes, of each kind. */
export function countKinds(actions: readonly { readonly kind: ActionKind }[]): Record<ActionKind, number> {
  const counts = { create: 0, update: 0, replace: 0, delete: 0 };
  for (const { kind } of actions) counts[kind] += 1;
  return counts;
}

/** Returns the sum over all accounts. */
export function totalSummary(accounts: readonly { readonly summary: Summary }[]): Summary {
  const total = { ...EMPTY_SUMMARY };
  for (const { summary } of accounts) {
    for (const key of Object.keys(total) as (keyof Summary)[]) total[key] += summary[key];
  }
  return total;
}

/** For the `default:` of a switch over a union: a forgotten case fails to compile. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** Reports whether an update or replacement sets the URL, for one of these reasons. */
export function setsUrl(because: readonly string[]): boolean {
  return ['url-in-place', 'url-changed', 'url-rotated'].some((reason) => because.includes(reason));
}

export function isWebhookAction(action: Action): action is WebhookAction {
  return action.resource === 'webhook';
}

/** Returns the desired webhooks that these actions send: those that they create, change or replace. */
export function specsOf(actions: readonly ShownAction[]): readonly Spec[] {
  return actions.flatMap((action) =>
    action.kind === 'delete' || action.resource === 'policy' ? [] : [action.after],
  );
}

export function hasChanges({ accounts }: ShownPlan): boolean {
  return accounts.some(({ actions }) => actions.length > 0);
}

/** Returns the reason as a stable string for scripts: `url-changed+secret-rotated`. */
export function reasonCode(action: ShownAction): string {
  return typeof action.because === 'string' ? action.because : action.because.join('+');
}
