import type { ActionDocument } from './document.js';
import { bare, leftoverOf, credentialIn, sameUrl, usedBy, type State, type Webhook } from './forms.js';
import type { Played, Run } from './play.js';
import { isRotated, type Reading } from './reference.js';
import { secretIn } from './revisions.js';
import { routeFaults } from './endings.js';
import type { Entry } from './script.js';
import {
  actionsOf,
  listIn,
  entryName,
  isIgnored,
  rolesIn,
  routeActionOf,
  show,
  guardText,
  isMadeAsPlanned,
  replacedBy,
  type Context,
  type Role,
} from './trace.js';

export function judgeExit(context: Context, run: Run, readings: readonly Reading[]): void {
  const { code, stdout, stderr, exchanges, interrupted } = run;
  const effects = exchanges.filter(({ effect }) => effect);
  const sent = exchanges.filter(({ method }) => method !== 'GET');
  const said = `${stdout}\n${stderr}`;
  const listed = effects.map((each) => `${each.method} ${each.resource}`).join(', ');
  if ([1, 3, 5, 6, 7].includes(code ?? -1) && effects.length > 0) {
    context.report('untrue-exit', `exit ${code}, and it did ${listed}`, run);
  }
  if (/nothing was (?:written|changed)/i.test(said) && effects.length > 0) {
    context.report('untrue-exit', `it says that nothing was written, and it did ${listed}`, run);
  }
  if (code === 4 && sent.length === 0) context.report('untrue-exit', 'exit 4, and nothing was sent', run);
  if (stdout.includes('Apply complete!') && code !== 0)
    context.report('untrue-exit', `Apply complete! and exit ${code}`, run);
  if ([130, 143].includes(code ?? -1) && !interrupted)
    context.report('untrue-exit', `exit ${code} without a signal`, run);
  judgeCounts(context, run);
  const guards = run.document?.accounts.flatMap((account) => account.guards.map((guard) => guard.code)) ?? [];
  if (code === 6 && readings.length > 0) {
    const needless = guards.filter((guard) => !readings.some((reading) => reading.guards.has(guard)));
    // If one guard is right, no plan is applied, and the others do no harm.
    if (needless.length > 0 && needless.length === guards.length)
      context.report('needless-refusal', `${needless.join(', ')}: ${guardText(run)}`, run);
  }
}

/** Checks `Resources: 1 added, 2 changed, 0 destroyed` of a run without rivals. */
function judgeCounts(context: Context, run: Run): void {
  const counts = /(\d+) added, (\d+) changed, (\d+) destroyed/.exec(run.stdout);
  if (!counts) return;
  const done = (...methods: readonly string[]): number =>
    run.exchanges.filter((each) => each.effect && methods.includes(each.method)).length;
  const [added, changed, destroyed] = counts.slice(1).map(Number);
  const limits: [string, number, number][] = [
    ['added', added ?? 0, done('POST') + leftoversAdopted(run)],
    ['changed', changed ?? 0, done('PUT')],
    ['destroyed', destroyed ?? 0, done('DELETE')],
  ];
  for (const [what, claimed, most] of limits) {
    if (claimed > most && !hasRivals(context.played, run)) {
      context.report('untrue-exit', `it says "${counts[0]}", and ${most} were ${what}`, run);
    }
  }
}

export function judgeOutcomes(context: Context, run: Run, after: State): void {
  // A run that could not read the result back reports that.
  const isVerified = !run.interrupted && (run.document?.discrepancies ?? []).length === 0;
  const outcomes = isVerified ? (run.document?.outcomes ?? []) : [];
  // A route can be correct although a webhook that it uses is not.
  const isComplete = outcomes.every(({ status }) => status === 'applied');
  // What came while a saved plan waited can have changed what the file means.
  const faults = isComplete && !run.saved ? routeFaults(context, run, after) : [];
  for (const outcome of outcomes) {
    if (outcome.status !== 'applied') continue;
    const byId = after.webhooks.find(({ id }) => bare(id) === bare(outcome.id ?? ''));
    const what = `${outcome.kind} "${outcome.name}" is called applied`;
    if (outcome.kind === 'delete') {
      if (byId) context.report('untrue-outcome', `${what}, and ${show(byId)} is live`, run);
      continue;
    }
    if (outcome.resource === 'policy') {
      for (const { id, what: fault } of faults)
        if (id === outcome.id) context.report('untrue-outcome', `${what}, and ${fault}`, run);
      judgeRoute(context, run, outcome.id ?? '', after);
      continue;
    }
    const entry = run.file.entries.find(({ name }) => name === outcome.name);
    const named = after.webhooks.filter(({ name }) => name === outcome.name);
    // The outcome of a create that was done already has no ID.
    const likely = named.find(({ url }) => entry && sameUrl(url, entry.url)) ?? named[0];
    const there = byId ?? (outcome.wrote ? undefined : likely);
    if (!there)
      context.report('untrue-outcome', `${what} with id ${outcome.id ?? '?'}, which is not live`, run);
    else if (entry && (there.name !== entry.name || !sameUrl(there.url, entry.url))) {
      context.report('untrue-outcome', `${what}, and it is ${show(there)}`, run);
    }
  }
  if (run.code !== 0 || run.args[0] !== 'apply') return;
  for (const entry of run.file.entries) judgeRotation(context, run, entry, after);
}

/**
 * Checks that the run last saw the policies of a replaced webhook use the new one.
 * Another run can rename the new webhook between the last lists of webhooks and of policies.
 */
export function judgeReplaced(context: Context, run: Run, after: State): void {
  if (run.code !== 0 || run.args[0] !== 'apply') return;
  const lastSeen = (what: 'webhooks' | 'policies'): State =>
    run.exchanges.findLast(({ resource }) => resource === what)?.after ?? after;
  for (const action of actionsOf(run)) {
    const entry = run.file.entries.find(({ name }) => name === action.name);
    if (action.kind !== 'replace' || !entry) continue;
    const right = lastSeen('webhooks').webhooks.filter(
      (webhook) =>
        entryName(run, webhook) === entry.name &&
        sameUrl(webhook.url, entry.url) &&
        bare(webhook.id) !== bare(action.id ?? ''),
    );
    for (const { id, name } of action.policies ?? []) {
      const user = lastSeen('policies').policies.find((policy) => bare(policy.id) === bare(id));
      if (user && !right.some((webhook) => usedBy(user).includes(bare(webhook.id)))) {
        context.report(
          'untrue-outcome',
          `"${entry.name}" is called replaced, and policy "${name}" does not use the new one`,
          run,
        );
      }
    }
  }
}

/** Checks that after a successful rotation the entry, and webhooks that policies use, have the new value. */
function judgeRotation(context: Context, run: Run, entry: Entry, after: State): void {
  const value = secretIn(run.file, entry) ?? (entry.urlByVariable ? credentialIn(entry.url) : undefined);
  if (run.saved || !isRotated(run, entry) || run.file.strategy.secret !== 'replace' || value === undefined)
    return;
  if (run.document?.accounts.some(({ guards }) => guards.length > 0)) return;
  const named = after.webhooks.filter(({ name, id }) => name === entry.name && !isIgnored(run, id));
  const same = named.filter(({ url }) => sameUrl(url, entry.url));
  // A chat URL that is stored in an unusual form may not be split.
  const has = ({ secret, url }: Webhook): boolean => secret === value || url.includes(value);
  if (!same.some(has)) {
    context.report(
      'secret-misdelivered',
      `"${entry.name}" was rotated, and no webhook of that name has ${value}`,
      run,
    );
  }
  for (const webhook of same.filter((each) => !has(each))) {
    const users = after.policies.filter((policy) => usedBy(policy).includes(bare(webhook.id)));
    if (users.length > 0) {
      context.report(
        'secret-misdelivered',
        `"${entry.name}" was rotated, and "${users[0]?.name ?? ''}" uses ${show(webhook)} without the new value`,
        run,
      );
    }
  }
}

/** Checks that what a plan saw is unchanged, or was done by an earlier apply of that plan. */
export function judgeStale(context: Context, run: Run, seen: Run): void {
  const sent = run.exchanges.filter(({ effect }) => effect);
  const [first] = run.exchanges;
  const listed = listIn(seen);
  if (!first || !listed || (sent.length === 0 && run.code !== 0)) return;
  const now = first.before.webhooks;
  const then = new Map(listed.map((webhook) => [bare(webhook.id), webhook]));
  for (const action of run.saved?.plan.accounts.flatMap((account) => account.actions) ?? []) {
    const stale =
      action.resource === 'policy'
        ? policyStaleness(context, run, action, first.before)
        : staleness(context, run, action, then, now);
    if (stale !== undefined) {
      context.report(
        'stale-applied',
        `${action.kind} "${action.name}": ${stale}; exit ${run.code}, ${sent.length} writes`,
        run,
      );
    }
  }
}

/** A policy whose route is called applied must use what the plan says. */
function judgeRoute(context: Context, run: Run, id: string, state: State): void {
  const { roles, report } = context;
  const policy = state.policies.find((each) => bare(each.id) === bare(id));
  const action = routeActionOf(run, id);
  if (!policy || !action) return;
  const planned = rolesIn(roles, run, action.after);
  const now = new Set(usedBy(policy).map((each) => roleNow(context, run, each, state)));
  if (planned.size === now.size && [...now].every((role) => planned.has(role))) return;
  report(
    'untrue-outcome',
    `policy "${policy.name}" is called updated and does not use what was planned`,
    run,
  );
}

function roleNow({ roles }: Context, run: Run, id: string, state: State): Role {
  const webhook = state.webhooks.find((each) => bare(each.id) === id);
  const replaced = webhook && replacedBy(run, webhook, state);
  if (replaced !== undefined) return roles.of(replaced);
  return webhook && isMadeAsPlanned(run, webhook) ? roles.ofNew(webhook.name) : roles.of(id);
}

/** The policy must use what the plan saw, or what the plan changes it to. */
function policyStaleness(
  context: Context,
  run: Run,
  action: ActionDocument,
  state: State,
): string | undefined {
  const { roles } = context;
  const policy = state.policies.find(({ id }) => bare(id) === bare(action.id ?? ''));
  if (!policy) return 'the policy is gone';
  const now = new Set(usedBy(policy).map((id) => roleNow(context, run, id, state)));
  const isNow = (side: ActionDocument['before']): boolean => {
    const planned = rolesIn(roles, run, side);
    return planned.size === now.size && [...now].every((role) => planned.has(role));
  };
  return isNow(action.before) || isNow(action.after) ? undefined : `it sends to ${[...now].join(', ')}`;
}

function staleness(
  context: Context,
  { file }: Run,
  action: ActionDocument,
  then: ReadonlyMap<string, Webhook>,
  now: readonly Webhook[],
): string | undefined {
  const strangers = now.filter(({ id, name }) => name === action.name && !then.has(bare(id)));
  if (action.kind === 'create') {
    const other = strangers.find(({ id }) => context.roles.of(id) !== `new ${action.name}`);
    const entry = file.entries.find(({ name }) => name === action.name);
    return other && entry && !sameUrl(other.url, entry.url) ? `meanwhile there is ${show(other)}` : undefined;
  }
  const id = bare(action.id ?? '');
  const before = then.get(id);
  const after = now.find((webhook) => bare(webhook.id) === id);
  if (!before) return undefined;
  if (after) {
    const renamed = action.kind === 'update' && after.name === action.name;
    const moved = action.kind !== 'delete' && file.strategy.url === 'in-place';
    if (after.name !== before.name && !renamed) return `it was ${show(before)} and is ${show(after)}`;
    return sameUrl(after.url, before.url) || moved
      ? undefined
      : `it was ${show(before)} and is ${show(after)}`;
  }
  if (action.kind === 'delete') return undefined;
  const successor = now.find((webhook) => context.roles.of(webhook.id) === context.roles.of(id));
  return successor || (action.kind === 'replace' && strangers.length > 0)
    ? undefined
    : `${show(before)} is gone`;
}

/** Counts the actions that may continue with, or take back, a webhook that an earlier run created. */
function leftoversAdopted(run: Run): number {
  const live = run.exchanges[0]?.before.webhooks ?? [];
  const left = live.flatMap(({ id, name }) => {
    const leftover = leftoverOf(name);
    return leftover ? [bare(id), leftover.replaces ?? ''] : [];
  });
  const isAdopting = ({ kind, id = '' }: ActionDocument): boolean =>
    kind === 'replace' && (left.includes(bare(id)) || left.includes(bare(id).slice(0, 8)));
  return actionsOf(run).filter(isAdopting).length;
}

function hasRivals({ scenes }: Played, run: Run): boolean {
  return scenes.some(({ runs }) => runs.length > 1 && runs.includes(run));
}
