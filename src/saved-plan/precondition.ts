import type { Spec } from '../core/desired.js';
import { bareId, bareIds, type PolicyId, type WebhookId } from '../core/ids.js';
import { isReplacementOf, isReservedName, parseLeftover } from '../core/leftovers.js';
import type { Live, PlannedLive, Policy } from '../core/live.js';
import { compareAge } from '../core/order.js';
import {
  unreachable,
  type Action,
  type Create,
  type Delete,
  type Replace,
  type RouteTarget,
  type ShownAction,
  type UpdatePolicy,
  type UpdateReason,
  type UpdateWebhook,
} from '../core/plan.js';
import {
  declaresSecret,
  displayHost,
  identifies,
  involvesSecret,
  isReference,
  matchesLiveUrl,
  sameUrl,
  shownUrl,
} from '../core/urls.js';
import { urlHash } from './digest.js';

/** A field that differs from the plan, safe to show. Without `found`, there is no such webhook or policy. */
export type StaleField = {
  readonly action: ShownAction;
  /**
   * `value`: what a reference contains now, which was not known when the plan was made. `found` is then the
   * webhook that the entry refers to.
   */
  readonly field: 'id' | 'name' | 'url' | 'value' | 'policies' | 'webhooks';
  readonly expected: string;
  readonly found?: string;
};

/** An action whose effect is already live. */
export type DoneAction = {
  readonly action: ShownAction;
  /** ID of the webhook that the action would have created or changed; for others, of what it acts on. */
  readonly id: WebhookId | PolicyId;
  readonly secretNotChecked: boolean;
};

export type CheckedActions = {
  /** To be carried out; an interrupted replacement continues from its leftovers. */
  readonly ready: readonly Action[];
  readonly done: readonly DoneAction[];
  readonly stale: readonly StaleField[];
};

export type PreconditionInput = {
  readonly actions: readonly ShownAction[];
  readonly live: readonly Live[];
  /** Present if {@link needsPolicies}. */
  readonly policies?: readonly Policy[] | undefined;
  /** IDs, without dashes, of the webhooks that were live when the plan was made. */
  readonly wasLive: Pick<ReadonlySet<string>, 'has'>;
  readonly isIgnored: (webhook: Live) => boolean;
  /** IDs, without dashes, of the unlisted webhooks that `--target` keeps from being deleted. */
  readonly unlisted: ReadonlySet<string>;
  /** The URL that an action sends, whether it is in the file or in a variable. Absent: it cannot be compared. */
  readonly urlOf: (spec: Spec) => string | undefined;
};

/** Reports whether the policies are needed to check these actions. */
export function needsPolicies(actions: readonly ShownAction[]): boolean {
  return actions.some((action) => action.kind === 'replace' || action.resource === 'policy');
}

/**
 * Compares each action with the live state before anything is written. It checks everything that can be read,
 * including URLs from variables. Webhooks that the file ignores do not count.
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

type Checked =
  { readonly ready: Action } | { readonly done: DoneAction } | { readonly stale: readonly StaleField[] };

const ready = (action: Action): Checked => ({ ready: action });
const staleAt = (...stale: readonly StaleField[]): Checked => ({ stale });

class Check {
  readonly #input: PreconditionInput;
  readonly #byId: ReadonlyMap<string, Live>;
  /** IDs, without dashes, of all live webhooks, including ignored ones. */
  readonly #liveIds: ReadonlySet<string>;
  /** Webhooks that were not live when the plan was made; oldest first. */
  readonly #newcomers: readonly Live[];
  /** IDs, without dashes, of the webhooks that the plan changes or deletes. */
  readonly #planned: ReadonlySet<string>;
  /** How the plan replaces webhooks, by ID without dashes. */
  readonly #replaced: ReadonlyMap<string, Replace<PlannedLive>>;

  constructor(input: PreconditionInput) {
    this.#input = input;
    const live = input.live.filter((webhook) => !input.isIgnored(webhook));
    this.#liveIds = bareIds(input.live);
    this.#byId = new Map(live.map((webhook) => [bareId(webhook.id), webhook]));
    this.#newcomers = live.filter(({ id }) => !input.wasLive.has(bareId(id))).sort(compareAge);
    this.#planned = bareIds(input.actions.flatMap(webhooksOf));
    this.#replaced = new Map(
      input.actions.flatMap((action) =>
        action.kind === 'replace' ? action.retire.map(({ id }) => [bareId(id), action] as const) : [],
      ),
    );
  }

  one(action: ShownAction): Checked {
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

  #create(action: Create): Checked {
    // A webhook that the plan renames or deletes can still have this name.
    const [first, ...others] = [...this.#byId.values()]
      .filter(({ id, name }) => name === action.name && !this.#planned.has(bareId(id)))
      .sort(compareAge);
    if (!first) return orReady(this.#underOtherName(action), action);
    const isDone = others.length === 0 && this.#isNewcomer(first) && this.#hasUrl(action.after, first);
    if (isDone) return done(action, first);
    return staleAt({
      action,
      field: 'name',
      expected: '(no webhook with this name)',
      found: `ID ${first.id}`,
    });
  }

  /** Returns the webhook that already has the URL of this create, under another name. */
  #underOtherName(action: Create): StaleField[] {
    const former = this.#formerOf(action);
    if (former) return [{ action, field: 'value', expected: sourceOf(action.after), found: former.name }];
    const other = this.#unknownWithUrl(action);
    if (!other) return [];
    const found = `${JSON.stringify(other.name)} (ID ${bareId(other.id)})`;
    return [{ action, field: 'url', expected: '(no webhook with this URL)', found }];
  }

  /** The values that the PUT would set are accepted like the old ones: it may have been sent already. */
  #updateWebhook(action: UpdateWebhook<PlannedLive>): Checked {
    const moves = isMove(action.because);
    const stale = this.#staleFields(action, action.before, {
      name: action.name,
      ...(moves && { after: action.after }),
    });
    const found = this.#byId.get(bareId(action.id));
    if (stale.length > 0 || !found) return { stale };
    const elsewhere = moves ? [] : this.#elsewhere(action, found);
    if (elsewhere.length > 0) return { stale: elsewhere };
    const isDone =
      found.name === action.name && isVisible(action) && (!moves || this.#hasUrl(action.after, found));
    return isDone ? done(action, found) : orReady(this.#rivals(action), { ...action, before: found });
  }

  #delete(action: Delete<PlannedLive>): Checked {
    const found = this.#byId.get(bareId(action.id));
    if (!found) return { done: { action, id: action.id, secretNotChecked: false } };
    return orReady(this.#staleFields(action, action.before), { ...action, before: found });
  }

  #replace(action: Replace<PlannedLive>): Checked {
    const left = action.retire.flatMap(({ id }) => this.#byId.get(bareId(id)) ?? []);
    // An apply of this plan that failed can have deleted a leftover, which the plan deletes anyway.
    const gone = action.retire.find(({ id, name }) => !this.#byId.has(bareId(id)) && !isReservedName(name));
    const stale = action.retire.flatMap((planned) =>
      this.#byId.has(bareId(planned.id)) ? this.#staleFields(action, planned) : [],
    );
    if (stale.length > 0) return { stale };
    if (action.survivor) return this.#withSurvivor(action, action.survivor, left);
    const leftovers = this.#newcomers.filter(
      ({ name }) => isReplacementOf(action.name, name) && this.#replaces(action, name),
    );
    const [first] = left;
    if (!first) return this.#finished(action, leftovers);
    const { kind, resource, name, because, after, policies } = action;
    const now = { kind, resource, name, because, after, policies, id: first.id, before: first, retire: left };
    if (gone && leftovers.length === 0) return staleAt({ action, field: 'id', expected: gone.id });
    if (leftovers.length === 0)
      return orReady([...this.#rivals(action), ...this.#strayed(action, action.retire)], now);
    const strayed = this.#strayed(action, [...action.retire, ...leftovers]);
    if (strayed.length > 0) return { stale: strayed };
    const [only, ...others] = leftovers;
    if (only && others.length === 0 && this.#hasUrl(action.after, only) && !involvesSecret(action.after)) {
      return ready({ ...now, survivor: only });
    }
    return ready({ ...now, retire: [...left, ...leftovers] });
  }

  /** Returns new webhooks with the name of the action, because two webhooks would then have this name. */
  #rivals(action: UpdateWebhook<PlannedLive> | Replace<PlannedLive>): StaleField[] {
    const [rival] = this.#newcomers.filter(
      ({ id, name }) => name === action.name && bareId(id) !== bareId(action.id),
    );
    if (!rival) return [];
    return [
      { action, field: 'name', expected: '(no other webhook with this name)', found: `ID ${rival.id}` },
    ];
  }

  /** Reports whether this leftover replaces one of the webhooks that the plan retires. */
  #replaces({ retire }: Replace<PlannedLive>, name: string): boolean {
    const digits = parseLeftover(name)?.replaces ?? '';
    return retire.some(({ id }) => bareId(id).startsWith(digits));
  }

  /** The old webhooks are gone: the replacement is complete, or only the rename is missing. */
  #finished(action: Replace<PlannedLive>, leftovers: readonly Live[]): Checked {
    const gone: StaleField = { action, field: 'id', expected: action.id };
    const named = this.#newcomers.filter(({ name }) => name === action.name);
    const [successor, ...others] = [...named, ...leftovers];
    if (!successor || others.length > 0 || !this.#hasUrl(action.after, successor)) return staleAt(gone);
    const strayed = this.#strayed(action, [successor]);
    if (strayed.length > 0) return { stale: strayed };
    if (successor.name !== action.name) return ready(finishing(action, successor));
    // A secret cannot be read: only policies that use the webhook show that a replacement created it.
    if (involvesSecret(action.after) && action.policies.length === 0) return staleAt(gone);
    return done(action, successor);
  }

  #withSurvivor(action: Replace<PlannedLive>, planned: PlannedLive, left: readonly Live[]): Checked {
    const stale = this.#staleFields(action, planned, { name: action.name, after: action.after });
    const survivor = this.#byId.get(bareId(planned.id));
    if (stale.length > 0 || !survivor) return { stale };
    const [before] = left;
    const unfit = [
      ...(isMove(action.because) ? [] : this.#elsewhere(action, survivor)),
      ...this.#strayed(action, [...left, survivor]),
    ];
    if (unfit.length > 0) return { stale: unfit };
    if (before) return ready({ ...action, id: before.id, before, retire: left, survivor });
    const lacks = action.because.flatMap((reason): UpdateReason[] => {
      if (reason === 'url-changed') return this.#hasUrl(action.after, survivor) ? [] : ['url-in-place'];
      return reason === 'secret-rotated' || reason === 'url-rotated' ? [reason] : [];
    });
    if (survivor.name === action.name && lacks.length === 0) return done(action, survivor);
    return ready(finishing(action, survivor, lacks));
  }

  /** Returns policies of the plan that use none of these webhooks, because someone else changed them. */
  #strayed(action: Replace<PlannedLive>, webhooks: readonly Pick<Live, 'id'>[]): StaleField[] {
    const ids = new Set(webhooks.map(({ id }) => bareId(id)));
    return action.policies.flatMap((planned): StaleField[] => {
      const policy = this.#policy(planned.id);
      if (policy?.webhookIds.some((id) => ids.has(bareId(id)))) return [];
      const expected = `${JSON.stringify(planned.name)} used the webhook`;
      return [{ action, field: 'policies', expected, ...(policy && { found: 'it does not' }) }];
    });
  }

  #updatePolicy(action: UpdatePolicy): Checked {
    const policy = this.#policy(action.id);
    if (!policy) return staleAt({ action, field: 'id', expected: action.id });
    for (const { id, name, kept } of action.after) {
      const bare = bareId(id ?? '');
      // What the plan itself changes has a precondition of its own.
      if (id === undefined || this.#planned.has(bare)) continue;
      const isLive = this.#liveIds.has(bare);
      const found = isLive ? (this.#byId.get(bare)?.name ?? name) : `(${name} no longer exists)`;
      if (found !== name && !(isLive && kept))
        return staleAt({ action, field: 'webhooks', expected: name, found });
    }
    if (this.#sendsTo(policy, action.after))
      return { done: { action, id: action.id, secretNotChecked: false } };
    if (this.#sendsTo(policy, action.before)) {
      const current = (target: RouteTarget): RouteTarget => this.#current(target, policy);
      return ready({ ...action, before: action.before.map(current), after: action.after.map(current) });
    }
    const now = policy.webhookIds.map((id) => ({ id, name: this.#byId.get(bareId(id))?.name ?? '' }));
    const show = shownTargets(action.before) === shownTargets(now) ? shownIds : shownTargets;
    return staleAt({ action, field: 'webhooks', expected: show(action.before), found: show(now) });
  }

  /**
   * Returns the target with the ID of the webhook that takes its place now: an earlier apply of the plan can
   * have created or replaced it, and have switched the policy or not.
   */
  #current(target: RouteTarget, { webhookIds }: Policy): RouteTarget {
    const planned = target.id === undefined ? '' : bareId(target.id);
    if (webhookIds.some((id) => bareId(id) === planned)) return target;
    const isSuccessor = (id: WebhookId): boolean => this.#isSuccessor(bareId(id), target);
    const lives = this.#liveIds.has(planned) ? [] : [...this.#byId.values()].map(({ id }) => id);
    const id = webhookIds.find(isSuccessor) ?? lives.find(isSuccessor);
    return id === undefined ? target : { ...target, id };
  }

  /** Reports whether the policy uses exactly these webhooks. One webhook can be what became of several. */
  #sendsTo({ webhookIds }: Policy, targets: readonly RouteTarget[]): boolean {
    const ids = [...new Set(webhookIds.map(bareId))];
    const is = (id: string, target: RouteTarget): boolean =>
      id === bareId(target.id ?? '') || this.#isSuccessor(id, target);
    return (
      ids.every((id) => targets.some((target) => is(id, target))) &&
      targets.every((target) => ids.some((id) => is(id, target)))
    );
  }

  /** Reports whether this webhook is a planned target, its replacement, or created by the plan. */
  #isSuccessor(id: string, target: RouteTarget): boolean {
    const name = this.#byId.get(id)?.name;
    const isNew = !this.#input.wasLive.has(id);
    if (name === undefined || (target.id !== undefined && target.name === '')) return false;
    if (target.id === undefined) return isNew && (name === target.name || isReplacementOf(target.name, name));
    // Only a webhook that this plan creates or replaces can have a new ID.
    const planned = bareId(target.id);
    const action = this.#replaced.get(planned);
    if (!action) return false;
    if (action.survivor && bareId(action.survivor.id) === id) return true;
    const isGone = !this.#liveIds.has(planned);
    // One that was live before is a different one, even with this name.
    if (isGone && isNew && name === action.name) return true;
    return isReplacementOf(action.name, name) && (isGone || this.#replaces(action, name));
  }

  #policy(id: string): Policy | undefined {
    return this.#input.policies?.find((policy) => bareId(policy.id) === bareId(id));
  }

  #isNewcomer({ id }: Live): boolean {
    return !this.#input.wasLive.has(bareId(id));
  }

  /**
   * Returns the action if it would leave a webhook at its URL, and its reference leads elsewhere: the secret in
   * the file is for that other URL.
   */
  #elsewhere(action: UpdateWebhook<PlannedLive> | Replace<PlannedLive>, webhook: Live): StaleField[] {
    if (!isReference(action.after.url) || this.#hasUrl(action.after, webhook)) return [];
    return [{ action, field: 'value', expected: sourceOf(action.after) }];
  }

  /**
   * Returns the unlisted webhook that this entry renames, by the rule for equal URLs, if the plan deletes it or
   * leaves it alone because the entry's URL was not known.
   */
  #formerOf(created: Create): Live | undefined {
    const url = this.#input.urlOf(created.after);
    if (!isReference(created.after.url) || declaresSecret(created.after) || url === undefined)
      return undefined;
    const { actions, urlOf } = this.#input;
    const alike = actions.filter(
      (action) => action.kind === 'create' && sameUrl(url, urlOf(action.after) ?? ''),
    );
    const deleted = actions.flatMap((action) =>
      action.kind === 'delete' && action.because === 'unlisted' && !isReservedName(action.name)
        ? bareId(action.id)
        : [],
    );
    const former = [...deleted, ...this.#input.unlisted].flatMap((id) => {
      const found = this.#byId.get(id);
      return found && sameUrl(url, found.url) && identifies(found.url, found.type) ? found : [];
    });
    return alike.length === 1 && former.length === 1 ? former[0] : undefined;
  }

  /**
   * Returns a webhook with the URL of this create and a name that this plan does not give. It was not live when
   * the plan was made, so an earlier apply of the plan can have created it, and someone renamed it.
   */
  #unknownWithUrl({ after }: Create): Live | undefined {
    if (this.#input.urlOf(after) === undefined) return undefined;
    const given = this.#input.actions.filter(
      ({ kind, resource }) => kind !== 'delete' && resource === 'webhook',
    );
    return this.#newcomers.find(
      (webhook) =>
        identifies(webhook.url, webhook.type) &&
        this.#hasUrl(after, webhook) &&
        !given.some(({ name }) => name === webhook.name || isReplacementOf(name, webhook.name)),
    );
  }

  #hasUrl(after: Spec, webhook: Live): boolean {
    const url = this.#input.urlOf(after);
    return url === undefined || matchesLiveUrl(url, webhook);
  }

  /** Returns the fields that differ from the plan. `wanted`: values that are accepted as well. */
  #staleFields(
    action: ShownAction,
    planned: PlannedLive,
    wanted: { readonly name?: string; readonly after?: Spec } = {},
  ): StaleField[] {
    const found = this.#byId.get(bareId(planned.id));
    if (!found) return [{ action, field: 'id', expected: planned.id }];
    const stale: StaleField[] = [];
    if (found.name !== planned.name && found.name !== wanted.name) {
      stale.push({ action, field: 'name', expected: planned.name, found: found.name });
    }
    if (!isSameUrl(planned.url, found.url) && !(wanted.after && this.#hasUrl(wanted.after, found))) {
      stale.push({ action, field: 'url', ...shownUrls(action, planned, found) });
    }
    return stale;
  }
}

/**
 * Reports whether an update or replacement gives the webhook that stays another URL, not only another
 * credential.
 */
function isMove(because: readonly string[]): boolean {
  return because.includes('url-in-place') || because.includes('url-changed');
}

/** Names the variable or file of an entry's URL. */
function sourceOf({ url }: Spec): string {
  if (url.kind === 'env') return `the environment variable ${url.env}`;
  return `the file ${url.kind === 'file' ? url.file : ''}`;
}

function isSameUrl(planned: PlannedLive['url'], found: string): boolean {
  return typeof planned === 'string' ? sameUrl(planned, found) : urlHash(found) === planned.sha256;
}

function shownUrls(
  action: ShownAction,
  planned: PlannedLive,
  found: Live,
): { expected: string; found: string } {
  const hasReference = action.resource === 'webhook' && 'after' in action && isReference(action.after.url);
  const isSecret = hasReference || planned.urlIsSecret === true || typeof planned.url !== 'string';
  const expected = shownUrl(planned, isSecret);
  const shown = shownUrl(found, isSecret);
  const hidden = typeof planned.url === 'string' ? undefined : planned.url.host;
  // Only the hidden part differs.
  const looksSame = shown === expected || displayHost(found.url) === hidden;
  return { expected, found: looksSame ? `${shown} (another URL)` : shown };
}

/** Returns the webhooks that an action changes or deletes. */
function webhooksOf(action: ShownAction): readonly PlannedLive[] {
  if (action.kind === 'create' || action.resource === 'policy') return [];
  if (action.kind !== 'replace') return [action.before];
  return [...action.retire, ...(action.survivor ? [action.survivor] : [])];
}

const shownIds = (targets: readonly RouteTarget[]): string =>
  targets.map(({ id = '' }) => `ID ${id}`).join(', ');

const shownTargets = (targets: readonly RouteTarget[]): string =>
  targets.map(({ name, id }) => name || (id ?? '')).join(', ');

/** Returns the last step of a replacement whose old webhooks are all gone. */
function finishing(
  { name, after }: Replace<PlannedLive>,
  before: Live,
  lacks: readonly UpdateReason[] = [],
): UpdateWebhook {
  const because: readonly UpdateReason[] = ['finish-replace', ...lacks];
  return { kind: 'update', resource: 'webhook', name, id: before.id, because, before, after };
}

function orReady(stale: readonly StaleField[], action: Action): Checked {
  return stale.length > 0 ? { stale } : ready(action);
}

function done(action: Create | UpdateWebhook<PlannedLive> | Replace<PlannedLive>, { id }: Live): Checked {
  return { done: { action, id, secretNotChecked: involvesSecret(action.after) } };
}

/** Whether a secret was set in place cannot be read, so it is set again, which does no harm. */
function isVisible({ because }: UpdateWebhook<PlannedLive>): boolean {
  return !because.some((reason) => reason.endsWith('-rotated'));
}
