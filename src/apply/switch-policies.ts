import { attempt, type Result, success } from '../core/errors.js';
import { bareId, type PolicyId, type WebhookId } from '../core/ids.js';
import type { Policy } from '../core/live.js';
import { routeChanges } from '../core/routes.js';
import type { Action, RouteTarget, UpdatePolicy } from '../core/plan.js';
import {
  bodyOf,
  differingFields,
  edited,
  isSamePolicy,
  type PolicyEdit,
  type RawPolicy,
  type Swaps,
} from './policy-body.js';
import type { Progress } from './progress.js';
import type { StartedReplacement } from './replace.js';
import {
  type Failure,
  failure,
  interrupted,
  isKilled,
  readUntil,
  refusal,
  type Session,
  type Step,
} from './session.js';

/** The maximum number of rounds: policies may start to use an old webhook while others are switched. */
const MAX_ROUNDS = 3;

export type Switching = {
  readonly session: Session;
  readonly progress: Progress;
  /** Replacements whose new webhook is live. */
  readonly started: readonly StartedReplacement[];
  readonly routes: readonly UpdatePolicy[];
  /** Returns the current webhook of an entry, or `undefined` if it was not created. */
  readonly idOf: (name: string) => WebhookId | undefined;
  /** Reports whether an ID (without dashes) is live. Cloudflare refuses a policy that lists other IDs. */
  readonly isLive: (id: string) => boolean;
};

/** A policy as this apply left it, to be verified at the end. */
export type SwitchedPolicy = {
  readonly id: PolicyId;
  readonly wanted: RawPolicy;
  /** IDs, without dashes, that the policy must and must not use. */
  readonly uses: readonly string[];
  readonly usesNot: readonly string[];
  readonly actions: readonly Action[];
};

export type Switched = {
  /** Replacements whose old webhooks are no longer used by any policy. */
  readonly clear: readonly StartedReplacement[];
  readonly policies: readonly SwitchedPolicy[];
};

/**
 * Switches every policy that uses an old webhook to the new one, and carries out the routes. Sends one PUT
 * per policy for both, because two PUTs would overwrite each other's changes.
 */
export async function switchPolicies(switching: Switching): Promise<Switched> {
  return new PolicySwitch(switching).run();
}

type User = Pick<Policy, 'id' | 'name' | 'webhookIds'>;

class PolicySwitch {
  readonly #given: Switching;
  readonly #routes = new Map<string, UpdatePolicy>();
  readonly #switched = new Map<string, SwitchedPolicy>();
  #open: readonly StartedReplacement[];

  constructor(given: Switching) {
    this.#given = given;
    this.#open = given.started;
  }

  async run(): Promise<Switched> {
    for (const route of this.#given.routes) this.#begin(route);
    for (let round = 0; ; round += 1) {
      const users = await this.#users(round);
      if (users.length === 0) break;
      if (round >= MAX_ROUNDS) {
        const message =
          'Something keeps adding the old webhook to policies, so it was not deleted. Stop it, then run apply again.';
        this.#fail(this.#using(users), failure('failed', { code: 'in-use', message }));
        continue;
      }
      await Promise.all(users.map((user) => this.#switch(user)));
    }
    return { clear: this.#open, policies: [...this.#switched.values()] };
  }

  /** Starts a route, or skips it if one of its webhooks was not created. */
  #begin(route: UpdatePolicy): void {
    const { session, progress, idOf } = this.#given;
    if (session.stop.aborted) return progress.skipped(route, 'Interrupted before it started.', 'interrupted');
    const missing = routeChanges(route).added.find(
      ({ id, name }) => id === undefined && idOf(name) === undefined,
    );
    if (missing) {
      const message = `Not changed, because webhook ${JSON.stringify(missing.name)} was not created. Resolve that first, then run apply again.`;
      return progress.skipped(route, message);
    }
    progress.begin(route);
    this.#routes.set(bareId(route.id), route);
  }

  /** Returns the policies to check in this round: those with a route that is not yet sent, and users. */
  async #users(round: number): Promise<readonly User[]> {
    const { session } = this.#given;
    const swaps = swapsOf(this.#open);
    const routed: readonly User[] = [...this.#routes.values()].map((route) => ({ ...route, webhookIds: [] }));
    if (this.#open.length === 0) return routed;
    const listed = await attempt(() => session.limit(() => usersOf(session, swaps, { switched: round > 0 })));
    if (!listed.ok) {
      this.#fail(this.#open, refusal(listed.error));
      return routed;
    }
    const users = new Map<string, User>();
    for (const user of [...routed, ...(round === 0 ? this.#planned() : []), ...listed.value])
      users.set(bareId(user.id), user);
    return [...users.values()];
  }

  /** Returns the policies that used the old webhooks in the plan, because the list may lag behind. */
  #planned(): readonly User[] {
    return this.#open.flatMap(({ action }) =>
      action.policies.map(({ id, name }) => ({ id, name, webhookIds: action.retire.map((old) => old.id) })),
    );
  }

  async #switch(user: User): Promise<void> {
    const { session, progress, idOf } = this.#given;
    const route = this.#routes.get(bareId(user.id));
    this.#routes.delete(bareId(user.id));
    const { added, removed } = routeChanges(route ?? { before: [], after: [] });
    const swaps = swapsOf(this.#open);
    // Another apply may have switched the policy to the replacement of a webhook that the route removes.
    const idsOf = ({ id }: RouteTarget): readonly string[] =>
      id === undefined ? [] : [bareId(id), bareId(swaps.get(bareId(id)) ?? id)];
    const staying = new Set(route?.after.flatMap(idsOf));
    const edit: PolicyEdit = {
      swaps,
      remove: new Set(removed.flatMap(idsOf).filter((id) => !staying.has(id))),
      add: added.flatMap(({ id, name }) => id ?? idOf(name) ?? []),
    };
    const planned = this.#open.filter(({ action }) =>
      action.policies.some(({ id }) => bareId(id) === bareId(user.id)),
    );
    const required = [
      ...planned.map(({ survivor }) => survivor.id),
      ...edit.add.map((id) => edit.swaps.get(bareId(id)) ?? id),
    ];
    const step = await session.limit(() =>
      switchPolicy(session, user.id, edit, required, this.#given.isLive),
    );
    const replacements = this.#replacementsUsing(user);
    if (!step.ok) {
      if (step.wrote) for (const { action } of replacements) progress.markWritten(action);
      this.#fail(replacements, step);
      if (route) progress.failed(route, step);
      return;
    }
    const { wrote, wanted } = step.value;
    if (wrote) {
      for (const { action, survivor } of replacements) {
        progress.markWritten(action);
        // A route can remove the webhook from the policy instead.
        if (wanted && listsWebhook(wanted, survivor.id))
          progress.step(action, `switched policy ${JSON.stringify(user.name)} to the new webhook`);
      }
    }
    if (wanted) {
      const mine = replacements.map(({ action }) => action);
      this.#remember({
        id: user.id,
        wanted,
        uses: required.map(bareId),
        usesNot: [...edit.remove, ...swapsOf(replacements).keys()],
        actions: [...mine, ...(route ? [route] : [])],
      });
    }
    if (!route) return;
    if (wanted) return progress.applied(route, { wrote });
    const message = `Policy ${JSON.stringify(user.name)} no longer exists. Remove it from "policies", or create it in Cloudflare.`;
    progress.failed(route, failure('failed', { code: 'not-found', message }));
  }

  /** Adds what this round did to a policy to what earlier rounds did. */
  #remember(policy: SwitchedPolicy): void {
    const before = this.#switched.get(bareId(policy.id));
    this.#switched.set(bareId(policy.id), {
      ...policy,
      uses: [...(before?.uses ?? []), ...policy.uses],
      usesNot: [...(before?.usesNot ?? []), ...policy.usesNot],
      actions: [...new Set([...(before?.actions ?? []), ...policy.actions])],
    });
  }

  #replacementsUsing(user: User): readonly StartedReplacement[] {
    return this.#given.started.filter(
      (each) =>
        usesAny(user, swapsOf([each])) ||
        each.action.policies.some(({ id }) => bareId(id) === bareId(user.id)),
    );
  }

  #using(users: readonly User[]): readonly StartedReplacement[] {
    return this.#open.filter((each) => users.some((user) => usesAny(user, swapsOf([each]))));
  }

  #fail(each: readonly StartedReplacement[], error: Failure): void {
    const open = this.#open.filter((other) => each.includes(other));
    for (const { action, survivor } of open) this.#given.progress.failed(action, error, survivor.id);
    this.#open = this.#open.filter((other) => !open.includes(other));
  }
}

/** Returns the policies to switch. `switched`: they were switched before, so repeat a list that may lag. */
export async function usersOf(
  session: Session,
  swaps: Swaps,
  { switched }: { readonly switched: boolean },
): Promise<readonly Policy[]> {
  const read = async (): Promise<readonly Policy[]> => {
    const policies = await session.reader.listPolicies(session.account);
    return policies.filter((policy) => usesAny(policy, swaps));
  };
  return switched ? readUntil(session, read, (users) => users.length === 0) : read();
}

function swapsOf(started: readonly StartedReplacement[]): Map<string, WebhookId> {
  return new Map(
    started.flatMap(({ action, survivor }) =>
      action.retire.map(({ id }) => [bareId(id), survivor.id] as const),
    ),
  );
}

/** Reports whether the policy uses a webhook that is to be replaced. */
function usesAny({ webhookIds }: Pick<Policy, 'webhookIds'>, swaps: Swaps): boolean {
  return webhookIds.some((id) => swaps.has(bareId(id)));
}

/** `wanted`: the policy as it should be now. Absent: the policy no longer exists. */
export type SwitchedStep = { readonly wrote: boolean; readonly wanted?: RawPolicy };

/**
 * Edits one policy: reads it, sends all of it back, and reads it again. Only its webhook IDs may differ.
 * `required`: IDs that it must use afterwards. If someone else has removed the old webhook meanwhile, that is
 * a conflict.
 */
export async function switchPolicy(
  session: Session,
  id: PolicyId,
  edit: PolicyEdit,
  required: readonly WebhookId[] = [],
  isLive: (id: string) => boolean = () => true,
): Promise<Step<SwitchedStep>> {
  const { account, reader, writer } = session;
  for (let unknown = 0; ; unknown += 1) {
    const found = await attempt(() => reader.getPolicy(account, id));
    if (!found.ok) return failure('failed', found.error, { wrote: unknown > 0 });
    const before = found.value;
    if (!before) return success({ wrote: unknown > 0 });
    const wanted = edited(before.raw, edit);
    const lost = required.find((webhook) => !listsWebhook(wanted, webhook));
    if (lost !== undefined) return conflict(before, { wrote: unknown > 0 });
    if (isSamePolicy(before.raw, wanted)) return success({ wrote: unknown > 0, wanted });

    const response = await writer.updatePolicy(account, id, bodyOf(wanted));
    if (response.status === 'refused') {
      const again =
        response.error.code === 'not-found' && (await attempt(() => reader.getPolicy(account, id)));
      if (again && again.ok && !again.value) return success({ wrote: unknown > 0 });
      return refusal(withDeadIds(response.error, before, edit, isLive), { wrote: unknown > 0 });
    }
    if (isKilled(session)) {
      return failure('unknown', response.status === 'unknown' ? response.error : READ_CUT_SHORT, {
        wrote: true,
      });
    }
    const reread = await attempt(() =>
      readUntil(
        session,
        () => reader.getPolicy(account, id),
        (policy) => policy === undefined || isSamePolicy(policy.raw, wanted),
      ),
    );
    if (!reread.ok) return failure('unknown', reread.error, { wrote: true });
    const after = reread.value;
    if (!after) return success({ wrote: true });
    if (isSamePolicy(after.raw, wanted)) return success({ wrote: true, wanted });
    if (isKilled(session)) return failure('unknown', READ_CUT_SHORT, { wrote: true });
    const fields = differingFields(after.raw, wanted);
    if (!hasSameWebhooks(after, before)) return changed(after, fields);
    // It did not change. Repeat once after an unknown response; success without a change is a failure.
    if (response.status === 'unknown' && unknown === 0) continue;
    return response.status === 'unknown'
      ? failure('failed', response.error, { wrote: true })
      : notSwitched(before);
  }
}

const READ_CUT_SHORT = interrupted('Interrupted before the policy could be read back.');

function listsWebhook(policy: RawPolicy, id: WebhookId): boolean {
  const none: PolicyEdit = { swaps: new Map(), remove: new Set(), add: [id] };
  return isSamePolicy(policy, edited(policy, none));
}

/** Adds the IDs that do not exist to the error: Cloudflare refuses them, but does not say which they are. */
function withDeadIds(
  error: Failure['error'],
  { webhookIds }: Policy,
  { remove }: PolicyEdit,
  isLive: (id: string) => boolean,
): Failure['error'] {
  const dead = webhookIds.filter((id) => !isLive(bareId(id)) && !remove.has(bareId(id)));
  if (dead.length === 0) return error;
  const message =
    `${error.message} The policy also lists ${dead.length === 1 ? 'a webhook that does' : 'webhooks that do'} not exist: ${dead.join(', ')}. ` +
    'Remove it from the policy in Cloudflare, or list the policy under "policies", which takes it out.';
  return { code: error.code, message };
}

function conflict({ name }: Policy, written: Pick<Failure, 'wrote'>): Failure {
  const message = `Policy ${JSON.stringify(name)} was changed meanwhile and no longer uses the old webhook. Run plan to see its webhooks now.`;
  return failure('failed', { code: 'policy-changed', message }, written);
}

function hasSameWebhooks(a: Policy, b: Policy): boolean {
  const [x, y] = [new Set(a.webhookIds.map(bareId)), new Set(b.webhookIds.map(bareId))];
  return x.size === y.size && [...x].every((id) => y.has(id));
}

function notSwitched({ name }: Policy): Failure {
  const message = `Cloudflare reported success, but policy ${JSON.stringify(name)} still uses the old webhook.`;
  return failure('failed', { code: 'not-moved', message }, { wrote: true });
}

function changed({ name }: Policy, fields: readonly string[]): Failure {
  const message = `Policy ${JSON.stringify(name)} differs from what was sent (${fields.join(', ')}). Check it in the dashboard.`;
  return failure('failed', { code: 'policy-changed', message }, { wrote: true });
}

/** The account's policies as listed, and which of the switched ones are not in the expected state. */
type ListedPolicies = {
  readonly policies: readonly Policy[];
  readonly wrong: ReadonlyMap<SwitchedPolicy, Failure>;
};

/** Lists the policies until the switched ones are in the expected state, or time runs out. */
export async function verifyPolicies(
  session: Session,
  switched: readonly SwitchedPolicy[],
): Promise<Result<ListedPolicies>> {
  const read = async (): Promise<ListedPolicies> => {
    const policies = await session.reader.listPolicies(session.account);
    const byId = new Map(policies.map((policy) => [bareId(policy.id), policy]));
    const wrong = new Map<SwitchedPolicy, Failure>();
    for (const each of switched) {
      // The list may omit a policy. In that case, read it by ID.
      const policy = byId.get(bareId(each.id)) ?? (await session.reader.getPolicy(session.account, each.id));
      const mismatch = policy && routeMismatch(policy, each);
      if (mismatch) wrong.set(each, mismatch);
    }
    return { policies, wrong };
  };
  return attempt(() => session.limit(() => readUntil(session, read, ({ wrong }) => wrong.size === 0)));
}

function routeMismatch(policy: Policy, { wanted, uses, usesNot }: SwitchedPolicy): Failure | undefined {
  const ids = new Set(policy.webhookIds.map(bareId));
  if (uses.some((id) => !ids.has(id)) || usesNot.some((id) => ids.has(id) && !uses.includes(id))) {
    const message = `Policy ${JSON.stringify(policy.name)} does not have the planned webhooks at the end. Run apply again.`;
    return failure('failed', { code: 'policy-changed', message }, { wrote: true });
  }
  const fields = differingFields(policy.raw, wanted).filter((field) => field !== 'mechanisms');
  return fields.length > 0 ? changed(policy, fields) : undefined;
}
