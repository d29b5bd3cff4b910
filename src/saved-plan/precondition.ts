import type { Spec } from '../core/desired.js';
import { bareId } from '../core/ids.js';
import { baseNameIndex, isReplacementOf, parseLeftover } from '../core/leftovers.js';
import type { Live, Policy } from '../core/live.js';
import { compareAge } from '../core/order.js';
import {
  unreachable,
  type Action,
  type Create,
  type Delete,
  type Replace,
  type RouteTarget,
  type UpdatePolicy,
  type UpdateWebhook,
} from '../core/plan.js';
import { declaresSecret, hasCredentialUrl, matchesLiveUrl, sameUrl } from '../core/urls.js';

/** A field that is not as the plan saw it. `found` is absent: there is no such webhook or policy. */
export type StaleField = {
  readonly action: Action;
  readonly field: 'id' | 'name' | 'url' | 'policies' | 'webhooks';
  readonly expected: string;
  readonly found?: string;
};

/** An action whose effect is live already. */
export type DoneAction = { readonly action: Action; readonly secretNotChecked: boolean };

export type CheckedActions = {
  /** To be carried out; a replacement that had started continues with what it left. */
  readonly ready: readonly Action[];
  readonly done: readonly DoneAction[];
  readonly stale: readonly StaleField[];
};

export type PreconditionInput = {
  readonly actions: readonly Action[];
  readonly live: readonly Live[];
  /** Present if {@link needsPolicies}. */
  readonly policies?: readonly Policy[] | undefined;
  /** Ids, without dashes, that were live when the plan was made. */
  readonly wasLive: ReadonlySet<string>;
  readonly isIgnored: (webhook: Live) => boolean;
  /** The URL that an action sends, whether it is in the file or in a variable. */
  readonly urlOf: (spec: Spec) => string;
};

/** Does it take the policies to know whether these actions still hold? */
export function needsPolicies(actions: readonly Action[]): boolean {
  return actions.some((action) => action.kind === 'replace' || action.resource === 'policy');
}

/**
 * Compares each action with what is live now, before anything is written: everything that can be read, URLs from
 * variables included. Webhooks that the file ignores do not count.
 */
export function checkPreconditions(input: PreconditionInput): CheckedActions {
  const check = new Check(input);
  const checked = { ready: [] as Action[], done: [] as DoneAction[], stale: [] as StaleField[] };
  for (const action of input.actions) {
    const result = check.one(action);
    if ('stale' in result) checked.stale.push(...result.stale);
    else if ('done' in result) checked.done.push(result.done);
    else checked.ready.push(result.ready);
  }
  return checked;
}

type Result =
  { readonly ready: Action } | { readonly done: DoneAction } | { readonly stale: readonly StaleField[] };

const ready = (action: Action): Result => ({ ready: action });
const staleAt = (...stale: readonly StaleField[]): Result => ({ stale });

class Check {
  readonly #input: PreconditionInput;
  readonly #byId: ReadonlyMap<string, Live>;
  /** Webhooks that were not live when the plan was made; oldest first. */
  readonly #newcomers: readonly Live[];

  constructor(input: PreconditionInput) {
    this.#input = input;
    const live = input.live.filter((webhook) => !input.isIgnored(webhook));
    this.#byId = new Map(live.map((webhook) => [bareId(webhook.id), webhook]));
    this.#newcomers = live.filter(({ id }) => !input.wasLive.has(bareId(id))).sort(compareAge);
  }

  one(action: Action): Result {
    switch (action.kind) {
      case 'create':
        return this.#create(action);
      case 'update':
        return action.resource === 'policy' ? this.#updatePolicy(action) : this.#updateWebhook(action);
      case 'replace':
        return this.#replace(action);
      case 'delete':
        return this.#delete(action);
      default:
        return unreachable(action);
    }
  }

  #create(action: Create): Result {
    const named = [...this.#byId.values()].filter(({ name }) => name === action.name);
    const [first] = named;
    if (!first) return ready(action);
    const isDone = named.every(
      (webhook) => this.#isNewcomer(webhook) && this.#isAsPlanned(action.after, webhook),
    );
    if (isDone && named.length === 1) return done(action);
    return staleAt({
      action,
      field: 'name',
      expected: '(no webhook with this name)',
      found: `ID ${first.id}`,
    });
  }

  #updateWebhook(action: UpdateWebhook): Result {
    const found = this.#byId.get(bareId(action.id));
    const moves = action.because.includes('url-in-place') || action.because.includes('url-rotated');
    if (found?.name === action.name && isVisible(action) && (!moves || this.#hasUrl(action.after, found))) {
      return done(action);
    }
    const stale = this.#staleFields(action, action.before, moves ? action.after : undefined);
    return orReady([...stale, ...this.#rivals(action)], action);
  }

  #delete(action: Delete): Result {
    if (!this.#byId.has(bareId(action.id))) return { done: { action, secretNotChecked: false } };
    return orReady(this.#staleFields(action, action.before), action);
  }

  #replace(action: Replace): Result {
    const left = action.retire.filter(({ id }) => this.#byId.has(bareId(id)));
    const stale = left.flatMap((planned) => this.#staleFields(action, planned));
    if (stale.length > 0) return { stale };
    if (action.survivor) return this.#withSurvivor(action, action.survivor, left);
    const leftovers = this.#newcomers.filter(
      ({ name }) => isReplacementOf(action.name, name) && this.#replaces(action, name),
    );
    const [first] = left;
    if (!first) return this.#finished(action, leftovers);
    const [gone] = action.retire.filter((planned) => !left.includes(planned));
    if (gone && leftovers.length === 0) return staleAt({ action, field: 'id', expected: gone.id });
    if (leftovers.length === 0) return orReady(this.#rivals(action), action);
    const strayed = this.#strayed(action, [...action.retire, ...leftovers]);
    if (strayed.length > 0) return { stale: strayed };
    const [only, ...others] = leftovers;
    if (only && others.length === 0 && this.#hasUrl(action.after, only) && !involvesSecret(action.after)) {
      return ready({ ...action, id: first.id, before: first, retire: left, survivor: only });
    }
    return ready({ ...action, id: first.id, before: first, retire: [...left, ...leftovers] });
  }

  /** Webhooks with the name of the action that were not there when the plan was made: two would have it afterwards. */
  #rivals(action: UpdateWebhook | Replace): StaleField[] {
    const [rival] = this.#newcomers.filter(
      ({ id, name }) => name === action.name && bareId(id) !== bareId(action.id),
    );
    if (!rival) return [];
    return [
      { action, field: 'name', expected: '(no other webhook with this name)', found: `ID ${rival.id}` },
    ];
  }

  /** Does this leftover replace one of the webhooks that the plan retires? */
  #replaces({ retire }: Replace, name: string): boolean {
    const digits = parseLeftover(name)?.replaces ?? '';
    return retire.some(({ id }) => bareId(id).startsWith(digits));
  }

  /** The old webhooks are gone: it was finished, or only the rename is missing. */
  #finished(action: Replace, leftovers: readonly Live[]): Result {
    const gone: StaleField = { action, field: 'id', expected: action.id };
    const named = [...this.#byId.values()].filter(({ name }) => name === action.name);
    const [successor, ...others] = [...named, ...leftovers];
    if (!successor || others.length > 0) return staleAt(gone);
    if (!this.#isNewcomer(successor) || !this.#hasUrl(action.after, successor)) return staleAt(gone);
    const strayed = this.#strayed(action, [successor]);
    if (strayed.length > 0) return { stale: strayed };
    if (successor.name !== action.name) {
      const { name, after } = action;
      return ready({
        kind: 'update',
        resource: 'webhook',
        name,
        id: successor.id,
        because: ['finish-replace'],
        before: successor,
        after,
      });
    }
    // A secret cannot be read: only policies that were switched to it show that a replacement made it.
    if (involvesSecret(action.after) && action.policies.length === 0) return staleAt(gone);
    return done(action);
  }

  #withSurvivor(action: Replace, survivor: Live, left: readonly Live[]): Result {
    const found = this.#byId.get(bareId(survivor.id));
    const stale = this.#staleFields(action, survivor, action.after);
    if (stale.length > 0) return { stale };
    const [before] = left;
    if (before) return ready({ ...action, id: before.id, before, retire: left, survivor: found ?? survivor });
    const strayed = this.#strayed(action, [survivor]);
    if (strayed.length > 0) return { stale: strayed };
    const because = action.because.filter(
      (reason) => reason === 'secret-rotated' || reason === 'url-rotated',
    );
    if (found?.name === action.name && this.#hasUrl(action.after, found) && because.length === 0)
      return done(action);
    const { name, after } = action;
    return ready({
      kind: 'update',
      resource: 'webhook',
      name,
      id: survivor.id,
      because: ['finish-replace', ...because],
      before: found ?? survivor,
      after,
    });
  }

  /** Policies of the plan that use none of these webhooks: someone else changed them. */
  #strayed(action: Replace, webhooks: readonly Live[]): StaleField[] {
    const ids = new Set(webhooks.map(({ id }) => bareId(id)));
    return action.policies.flatMap((planned): StaleField[] => {
      const policy = this.#policy(planned.id);
      if (policy?.webhookIds.some((id) => ids.has(bareId(id)))) return [];
      const expected = `${JSON.stringify(planned.name)} uses the webhook`;
      return [{ action, field: 'policies', expected, ...(policy && { found: 'it does not' }) }];
    });
  }

  #updatePolicy(action: UpdatePolicy): Result {
    const policy = this.#policy(action.id);
    if (!policy) return staleAt({ action, field: 'id', expected: action.id });
    if (this.#sendsTo(policy, action.after)) return { done: { action, secretNotChecked: false } };
    if (this.#sendsTo(policy, action.before)) return ready(action);
    const namesOf = (targets: readonly RouteTarget[]): string =>
      targets.map(({ name, id }) => name || (id ?? '')).join(', ');
    const now = policy.webhookIds.map((id) => ({ id, name: this.#byId.get(bareId(id))?.name ?? '' }));
    return staleAt({ action, field: 'webhooks', expected: namesOf(action.before), found: namesOf(now) });
  }

  /** Does the policy use exactly these webhooks? One that was replaced meanwhile is known by its name. */
  #sendsTo({ webhookIds }: Policy, targets: readonly RouteTarget[]): boolean {
    const baseOf = baseNameIndex(targets.map(({ name }) => name));
    const open = [...targets];
    for (const id of new Set(webhookIds.map(bareId))) {
      const name = this.#byId.get(id)?.name;
      const at = open.findIndex((target) => {
        if (target.id !== undefined && bareId(target.id) === id) return true;
        const isGone = target.id === undefined || !this.#byId.has(bareId(target.id));
        return isGone && name !== undefined && baseOf(name) === target.name;
      });
      if (at < 0) return false;
      open.splice(at, 1);
    }
    return open.length === 0;
  }

  #policy(id: string): Policy | undefined {
    return this.#input.policies?.find((policy) => bareId(policy.id) === bareId(id));
  }

  #isNewcomer({ id }: Live): boolean {
    return !this.#input.wasLive.has(bareId(id));
  }

  #isAsPlanned(after: Spec, webhook: Live): boolean {
    return webhook.name === after.name && this.#hasUrl(after, webhook);
  }

  #hasUrl(after: Spec, webhook: Live): boolean {
    return matchesLiveUrl(this.#input.urlOf(after), webhook);
  }

  /** Returns what is not as planned. Where a PUT may have been sent, what it wanted is as good. */
  #staleFields(action: Action, planned: Live, wanted?: Spec): StaleField[] {
    const found = this.#byId.get(bareId(planned.id));
    if (!found) return [{ action, field: 'id', expected: planned.id }];
    const stale: StaleField[] = [];
    if (found.name !== planned.name && found.name !== wanted?.name) {
      stale.push({ action, field: 'name', expected: planned.name, found: found.name });
    }
    if (!sameUrl(planned.url, found.url) && !(wanted && this.#hasUrl(wanted, found))) {
      stale.push({ action, field: 'url', expected: planned.url, found: found.url });
    }
    return stale;
  }
}

function orReady(stale: readonly StaleField[], action: Action): Result {
  return stale.length > 0 ? { stale } : ready(action);
}

function done(action: Create | UpdateWebhook | Replace): Result {
  return { done: { action, secretNotChecked: involvesSecret(action.after) } };
}

function involvesSecret(after: Spec): boolean {
  return declaresSecret(after) || hasCredentialUrl(after);
}

/** It cannot be seen whether a secret was set in place: then it is set again, which does no harm. */
function isVisible({ because }: UpdateWebhook): boolean {
  return !because.some((reason) => reason.endsWith('-rotated'));
}
