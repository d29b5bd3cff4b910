import { bare, usedBy, type Policy, type State, type Webhook } from './forms.js';
import type { Exchange } from './gate.js';
import type { Run, Scene } from './play.js';
import { targetsOf, type Reading } from './reference.js';
import {
  actionsOf,
  inOrder,
  isMadeAsPlanned,
  nameOf,
  rolesIn,
  routeActionOf,
  type Context,
  type Role,
} from './trace.js';

/** `readings`: what the rules say about what a run read. */
export function judgePolicies(
  context: Context,
  { runs, before }: Scene,
  readings: (run: Run) => readonly Reading[],
): void {
  if (runs.length === 0) return;
  const had = new Map(
    before.policies.map((policy) => [
      policy.id,
      { roles: rolesOf(context, policy, before), rest: rest(policy), policy },
    ]),
  );
  for (const { run, exchange } of inOrder(runs)) {
    if (!exchange.effect) continue;
    const { after } = exchange;
    const live = new Set(after.webhooks.map(({ id }) => bare(id)));
    for (const [id, { roles, rest: restBefore, policy: earlier }] of had) {
      const policy = after.policies.find((each) => each.id === id);
      const step = `${exchange.method} ${exchange.id?.slice(0, 8) ?? ''} (request ${exchange.n})`;
      if (!policy) {
        context.report('policy-changed', `policy "${earlier.name}" is gone after ${step}`, run);
        had.delete(id);
        continue;
      }
      const now = rolesOf(context, policy, after);
      // There is no ETag: a change between a read and the next PUT is lost, and its maker must notice.
      const overtaken = isOvertaken(run, exchange, bare(id), runs);
      const routing = routingOf(context, run, policy, readings(run));
      const lost = [...roles].filter((role) => !now.has(role));
      // If two runs make the same webhook at once, one of them uses the other's.
      const looksNow = runs.length > 1 ? looksOf(policy, after) : new Set();
      const looksBefore = runs.length > 1 ? looksOf(earlier, before) : new Set();
      const isReplaced = (role: Role): boolean =>
        [...before.webhooks, ...exchange.before.webhooks].some(
          (each) => context.roles.of(each.id) === role && looksNow.has(lookOf(each)),
        );
      const unexpected = lost.filter(
        (role) => !routing?.mayLose(role) && !isDetached(context, role, runs) && !isReplaced(role),
      );
      if (unexpected.length > 0 && !overtaken) {
        const names = unexpected.map((role) => nameOf(role, before)).join(', ');
        context.report('alert-lost', `policy "${policy.name}" lost ${names} after ${step}`, run);
      }
      lost.forEach((role) => roles.delete(role));
      const gained = [...now].filter((role) => !roles.has(role));
      const isSuccessor = (role: Role): boolean =>
        after.webhooks.some(
          (each) =>
            context.roles.of(each.id) === role &&
            (looksBefore.has(lookOf(each)) || (routing !== undefined && isMadeAsPlanned(run, each))),
        );
      if (gained.some((role) => !routing?.mayGain(role) && !isSuccessor(role)) && !overtaken) {
        const names = gained.map((role) => nameOf(role, after)).join(', ');
        context.report('policy-changed', `policy "${policy.name}" got ${names} after ${step}`, run);
      }
      gained.forEach((role) => roles.add(role));
      if (rest(policy) !== restBefore) {
        context.report(
          'policy-changed',
          `policy "${policy.name}": ${restBefore} became ${rest(policy)} after ${step}`,
          run,
        );
        had.set(id, { roles, rest: rest(policy), policy: earlier });
      }
      const dangling = usedBy(policy).filter((each) => !live.has(each) && !usedBy(earlier).includes(each));
      if (dangling.length > 0)
        context.report(
          'policy-dangling',
          `policy "${policy.name}" has ${dangling.join(', ')} after ${step}`,
          run,
        );
    }
  }
}

/**
 * Reports whether another run changed the policy after this one had read it for this request. A PUT follows a
 * read of the policy, a DELETE a read of any policies.
 */
function isOvertaken(run: Run, { resource, order }: Exchange, policy: string, runs: readonly Run[]): boolean {
  const isEarlier = (each: Exchange): boolean => each.resource === 'policies' && each.order < order;
  const isRead = (each: Exchange): boolean =>
    each.method === 'GET' && (each.id === policy || (resource === 'webhooks' && each.id === undefined));
  const read = run.exchanges.findLast((each) => isEarlier(each) && isRead(each));
  const others = runs.filter((other) => other !== run).flatMap(({ exchanges }) => exchanges);
  const since = read?.order ?? order;
  return others.some((each) => isEarlier(each) && each.effect && each.id === policy && each.order > since);
}

type Routing = { readonly mayLose: (role: Role) => boolean; readonly mayGain: (role: Role) => boolean };

/** Returns how a run may change the webhooks of a policy: as its plan says, if the file says so too. */
function routingOf(
  { roles }: Context,
  run: Run,
  { id }: Policy,
  readings: readonly Reading[],
): Routing | undefined {
  const action = routeActionOf(run, id);
  if (!action) return undefined;
  const [planned, had] = [rolesIn(roles, run, action.after), rolesIn(roles, run, action.before)];
  const routes = readings.flatMap((reading) => reading.routes.filter(({ policy }) => policy.id === id));
  const removed = new Set(
    readings.flatMap((reading) => reading.removed.map((webhook) => roles.of(webhook.id))),
  );
  const targets = routes.map((route) => {
    const used = usedBy(route.policy);
    // A webhook that stays if it is used need not stay if its successor is used.
    const kept = [...route.kept, ...route.leaving].filter((webhook) => used.includes(bare(webhook.id)));
    const wanted = targetsOf({ ...route, kept, leaving: [] });
    return new Set(wanted.map((webhook) => roles.of(webhook.id)));
  });
  const fresh = new Set(routes.flatMap((route) => route.listed.map(({ entry }) => roles.ofNew(entry.name))));
  return {
    mayLose: (role) =>
      had.has(role) && !planned.has(role) && (removed.has(role) || targets.some((each) => !each.has(role))),
    mayGain: (role) => planned.has(role) && (fresh.has(role) || targets.some((each) => each.has(role))),
  };
}

const lookOf = ({ name, url }: Webhook): string => `${name} ${url}`;

function looksOf(policy: Policy, { webhooks }: State): ReadonlySet<string> {
  const used = new Set(usedBy(policy));
  return new Set(webhooks.filter(({ id }) => used.has(bare(id))).map(lookOf));
}

function rolesOf(context: Context, policy: Policy, { webhooks }: State): Set<Role> {
  const live = new Set(webhooks.map(({ id }) => bare(id)));
  return new Set(
    usedBy(policy)
      .filter((id) => live.has(id))
      .map((id) => context.roles.of(id)),
  );
}

/** Reports whether a plan with `--allow-detach` allowed this. */
function isDetached(context: Context, role: Role, runs: readonly Run[]): boolean {
  return runs.some((run) => {
    const allowed = (run.saved?.seen ?? run).flags.allow === 'deletes-and-detaches';
    return (
      allowed &&
      actionsOf(run).some(
        ({ kind, id }) => kind === 'delete' && id !== undefined && context.roles.of(id) === role,
      )
    );
  });
}

/** Returns everything in a policy except its webhooks and what the server sets. */
function rest({ mechanisms, ...fields }: Policy): string {
  const others = Object.entries(mechanisms)
    .filter(([kind, list]) => kind !== 'webhooks' && list.length > 0)
    .map(([kind, list]) => [kind, list.map(({ id }) => id).sort()] as const);
  const own = Object.entries(fields).filter(([key]) => !['conditions', 'created', 'modified'].includes(key));
  return JSON.stringify([
    own.sort(([a], [b]) => (a < b ? -1 : 1)),
    others.sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}
