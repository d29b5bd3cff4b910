import type { Spec } from './desired.js';
import type { AccountId, PolicyId, WebhookId } from './ids.js';
import type { Live } from './live.js';

/** A policy that an action concerns. */
export type PolicyRef = {
  readonly id: PolicyId;
  readonly name: string;
  /** The action would leave the policy without any mechanism: its alerts would reach nobody. */
  readonly orphaned: boolean;
};

export type UpdateReason = 'renamed' | 'url-in-place' | 'secret-rotated' | 'url-rotated' | 'finish-replace';
export type ReplaceReason = 'url-changed' | 'secret-rotated' | 'url-rotated' | 'requested' | 'finish-replace';
/** `unlisted`: the file does not name it; `absent`: wanted gone; `removed`: it left the file since `--previous`. */
export type DeleteReason = 'unlisted' | 'absent' | 'removed';

export type Create = {
  readonly kind: 'create';
  readonly name: string;
  readonly because: 'new';
  readonly after: Spec;
};

/** One PUT on the live webhook; the id stays. */
export type Update = {
  readonly kind: 'update';
  readonly name: string;
  readonly id: WebhookId;
  readonly because: readonly UpdateReason[];
  readonly before: Live;
  readonly after: Spec;
};

/**
 * Create the new one, move the policies, delete the old ones, rename the new one.
 * `id` and `before` are those of the old webhook that bears the name (of an interrupted replace
 * that got as far as the delete: of the first left-over).
 */
export type Replace = {
  readonly kind: 'replace';
  readonly name: string;
  readonly id: WebhookId;
  readonly because: readonly ReplaceReason[];
  readonly before: Live;
  readonly after: Spec;
  /** `auto`: one PUT is tried first; only if the url did not move is the webhook replaced. */
  readonly method: 'replace' | 'auto';
  /** All that go, `before` first; never empty. */
  readonly retire: readonly Live[];
  /** A live webhook that already fits (left by an interrupted replace): it survives, nothing is created. */
  readonly survivor?: Live;
  readonly policies: readonly PolicyRef[];
};

export type Delete = {
  readonly kind: 'delete';
  readonly name: string;
  readonly id: WebhookId;
  readonly because: DeleteReason;
  readonly before: Live;
  readonly policies: readonly PolicyRef[];
};

/** One step of a plan. Plain data: no clock, no network, no secret value. */
export type Action = Create | Update | Replace | Delete;
export type ActionKind = Action['kind'];

export type GuardCode =
  | 'unlisted-undecided'
  | 'too-many-deletes'
  | 'in-use'
  | 'protected'
  | 'pinned'
  | 'ambiguous-name'
  | 'secret-missing';

/** A reason not to apply an account's plan. */
export type Guard = {
  readonly code: GuardCode;
  /** What is stopped and the ways on, in sentences. Names in it are exact: renderers neutralise them. */
  readonly message: string;
  /** The webhooks it concerns. */
  readonly names: readonly string[];
};

export type NoteCode =
  | 'not-compared'
  | 'not-deployed-before'
  | 'secret-may-clear'
  | 'secret-not-carried'
  | 'secret-unverifiable'
  | 'version-not-compared';

/** Something a reviewer should know that stops nothing. */
export type Note = { readonly code: NoteCode; readonly message: string; readonly names: readonly string[] };

export type Summary = {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
  readonly unchanged: number;
  readonly ignored: number;
  /** Unlisted live webhooks that stay. */
  readonly kept: number;
};

/** A decision taken by hand that let a guard pass. It is part of a saved plan. */
export type Override = {
  readonly flag: '--allow-delete' | '--allow-detach' | '--rotate' | '--replace';
  readonly name: string;
  /** Of the webhook that was meant: another may have the same name. */
  readonly id: WebhookId;
};

export type AccountPlan = {
  readonly accountId: AccountId;
  /** Creates, updates, replaces, deletes; each sorted by name, then id. */
  readonly actions: readonly Action[];
  readonly guards: readonly Guard[];
  readonly notes: readonly Note[];
  readonly overrides: readonly Override[];
  readonly summary: Summary;
  /** Live webhooks that the file ignores although they bear the name of an action; absent: none. */
  readonly ignoredIds?: readonly WebhookId[];
};

/** An account whose live state could not be read. */
export type AccountFailure = {
  readonly accountId: AccountId;
  readonly error: { readonly code: string; readonly message: string };
};

export type Plan = {
  /** Sorted by account id. */
  readonly accounts: readonly AccountPlan[];
  readonly failures: readonly AccountFailure[];
};

export const EMPTY_SUMMARY: Summary = {
  create: 0,
  update: 0,
  replace: 0,
  delete: 0,
  unchanged: 0,
  ignored: 0,
  kept: 0,
};

/** The sum over accounts. */
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

export function hasChanges({ accounts }: Plan): boolean {
  return accounts.some(({ actions }) => actions.length > 0);
}

/** Why, as a stable string for scripts: `url-changed+secret-rotated`. */
export function reasonCode(action: Action): string {
  return typeof action.because === 'string' ? action.because : action.because.join('+');
}
