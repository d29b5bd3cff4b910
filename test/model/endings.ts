import {
  bare,
  baseName,
  keptUrl,
  leftoverOf,
  sameUrl,
  storedForm,
  usedBy,
  type Rewrite,
  type State,
  type Webhook,
} from './forms.js';
import type { ActionDocument } from './document.js';
import type { Run, Scene } from './play.js';
import { hasName, read, targetsOf, type Found } from './reference.js';
import { secretIn } from './revisions.js';
import type { Entry } from './script.js';
import { DEAD_ID } from './servers.js';
import {
  actionsOf,
  allActionsOf,
  inOrder,
  isUnsure,
  newcomers,
  listIn,
  entryName,
  sentBy,
  isIgnored,
  countBy,
  show,
  nameOf,
  guardText,
  reasons,
  type Context,
} from './trace.js';

export function judgeEnd(context: Context, { runs, checks, before, after }: Scene): void {
  for (const check of checks) {
    // A saved plan is responsible only for what it says, not for changes in the meantime.
    const saved = runs.find((run) => run.saved);
    const mine = saved && new Set(allActionsOf(saved).map(keyOf));
    const mineToGo = new Set(saved ? actionsOf(saved).map(({ id }) => bare(id ?? '')) : []);
    const seen = new Set((saved?.saved && listIn(saved.saved.seen))?.map(({ id }) => bare(id)));
    const isMadeByHand = ({ id = '' }: ActionDocument): boolean =>
      before.webhooks.some((each) => bare(each.id) === bare(id)) &&
      !seen.has(bare(id)) &&
      !context.roles.replaces.has(bare(id));
    // Two revisions that route one policy differently at once leave it with both: no request could tell, and none is lost.
    const isShared = ({ resource, id = '' }: ActionDocument): boolean =>
      resource === 'policy' && runs.filter((run) => changesPolicy(run, bare(id))).length > 1;
    const open = allActionsOf(check).filter((action) => {
      if ((mine && isMadeByHand(action)) || isShared(action)) return false;
      if (!mine || action.kind !== 'delete') return mine?.has(keyOf(action)) ?? true;
      const id = bare(action.id ?? '');
      return mineToGo.has(id) || mineToGo.has(context.roles.replaces.get(id) ?? '-');
    });
    if (open.length === 0 && (mine || (runs.length > 1 && check.code === 2))) continue;
    // A list that lags does not show that a PUT with the same name and URL made the API rewrite the name.
    const { rewrite, listLag } = context.script.world;
    const isPut = ({ name }: ActionDocument): boolean =>
      runs.some((run) => actionsOf(run).some((each) => each.kind === 'update' && each.name === name));
    if (rewrite !== 'none' && listLag > 0 && open.every(isPut)) continue;
    const left = open.map(({ kind, name, reason }) => `${kind} "${name}" (${reason})`);
    // If two runs apply different revisions at once, only the last one can win.
    const isLast = checks.length === 1 || checks.every((each) => each.code !== 0);
    if (check.code !== 0 && isLast && !isInDoubt(check, after)) {
      context.report(
        'not-empty',
        `exit 0, and a plan ends with ${check.code}: ${left.join(', ')} ${guardText(check)}`,
        runs.at(-1),
      );
    }
  }
  if (runs.length === 0) return;
  if (runs.length > 1 && runs.every(({ code, died }) => code === 0 && !died))
    judgeRivals(context, runs, before, after);
  const grown = countBy(after.webhooks.map(({ id }) => context.roles.of(id)));
  const was = countBy(before.webhooks.map(({ id }) => context.roles.of(id)));
  for (const [role, count] of grown) {
    const limit = Math.max(1, was.get(role) ?? 0) + runs.length + runs.filter(isUnsure).length;
    if (count > limit)
      context.report('left-behind', `${nameOf(role, after)}: ${was.get(role) ?? 0} webhooks became ${count}`);
  }
}

/**
 * Identifies what an action brings about. A deletion is separate, because it does not bring about an entry.
 */
function changesPolicy({ exchanges }: Run, policy: string): boolean {
  return exchanges.some(({ resource, id, effect }) => effect && resource === 'policies' && id === policy);
}

const keyOf = ({ resource, kind, name, id }: ActionDocument): string =>
  kind === 'delete' ? `delete ${id ?? ''}` : `${resource ?? ''} ${name}`;

/** Reports whether the run may have deleted what a leftover replaces, so that its entry is unclear. */
function isInDoubt({ code, document, file }: Run, { webhooks }: State): boolean {
  const codes = document?.accounts.flatMap(({ guards }) => guards.map((guard) => guard.code)) ?? [];
  if (code !== 6 || !codes.includes('ambiguous-name')) return false;
  return webhooks.some(
    ({ name }) => leftoverOf(name) && file.entries.some((entry) => hasName(entry, baseName(name))),
  );
}

/** Checks two concurrent runs that both report success. */
function judgeRivals(context: Context, runs: readonly Run[], before: State, after: State): void {
  const posts = inOrder(runs).filter(({ exchange }) => exchange.method === 'POST' && exchange.effect);
  const made = posts.flatMap(({ run, exchange }) => {
    const entry = run.file.entries.find(({ name }) => name === entryName(run, sentBy(exchange)));
    return entry ? newcomers(exchange).map(({ id }) => ({ id, run, entry })) : [];
  });
  const left = made.filter(({ id }) => after.webhooks.some((webhook) => webhook.id === id));
  for (const { id, run, entry } of left) {
    // A revision that does not know the other's name creates another webhook, even without a race.
    const rival = left.find(
      (other) =>
        other.run !== run &&
        context.roles.of(other.id) === context.roles.of(id) &&
        hasName(entry, other.entry.name),
    );
    if (rival) {
      const role = nameOf(context.roles.of(id), before);
      context.report('left-behind', `both runs succeeded, and both their webhooks for ${role} are live`, run);
    }
  }
  for (const { run, exchange } of posts) {
    const mine = entryName(run, sentBy(exchange));
    const entry = run.file.entries.find(({ name }) => name === mine);
    const isSecret = entry && (secretIn(run.file, entry) !== undefined || entry.urlByVariable);
    const rival = posts.find(
      (other) =>
        other.run !== run &&
        sentBy(other.exchange).url === entry?.url &&
        entryName(other.run, sentBy(other.exchange)) === mine,
    );
    if (!isSecret || !rival || rival.exchange.order > exchange.order) continue;
    const known = new Set(listIn(run)?.map(({ id }) => bare(id)));
    const wasKnown = newcomers(rival.exchange).some(({ id }) => known.has(bare(id)));
    if (!wasKnown)
      context.report('unnoticed-rival', `both made "${mine}", and both say that all is done`, run);
  }
}

/** Checks the last clean applies. */
export function judgeLast(context: Context): void {
  const [first, second] = context.played.scenes.slice(-2);
  const [run] = first?.runs ?? [];
  const [again] = second?.runs ?? [];
  if (!first || !second || !run || !again) return;
  const { file } = run;
  if (run.code !== 0 && !hasExcuse(context, run)) {
    context.report('not-converged', `a clean apply ends with ${run.code}: ${reasons(run)}`, run);
  }
  const wrote = again.exchanges.filter(({ effect }) => effect);
  if (again.code === 0 && run.code === 0 && wrote.length > 0) {
    context.report(
      'not-converged',
      `a second clean apply does ${wrote.map(({ method }) => method).join(', ')}`,
      again,
    );
  }
  const more = second.after.webhooks.length - second.before.webhooks.length;
  // One more is allowed, which the next apply continues with.
  const counts = countBy(second.after.webhooks.map(({ id }) => context.roles.of(id)));
  if (run.code !== 0 && more > 0 && [...counts.values()].some((count) => count > 2))
    context.report('left-behind', `a second clean apply leaves ${more} more webhooks`, again);
  if (run.code !== 0) return;
  for (const { what } of routeFaults(context, run, second.after)) context.report('not-converged', what, run);
  const { webhooks } = second.after;
  for (const entry of file.entries) {
    const named = webhooks.filter(({ name, id }) => name === entry.name && !isIgnored(run, id));
    const right = named.filter(({ url }) => sameUrl(url, entry.url));
    if (right.length === 0) {
      context.report(
        'not-converged',
        `"${entry.name}" is not live with ${keptUrl(entry.url)}: ${named.map(show).join(', ')}`,
        run,
      );
    }
    const mine = webhooks.filter(
      ({ id, name }) =>
        right[0] &&
        context.roles.of(id) === context.roles.of(right[0].id) &&
        hasName(entry, baseName(name)) &&
        !isIgnored(run, id),
    );
    // If a run died, its webhook with a rewritten name cannot be recognized. It is also unknown that a
    // duplicate belongs to a run that died, or that could not delete it and said so. If an entry is pinned,
    // other webhooks with its name are not its own.
    const isUnknown =
      wasCutShort(context, 2) ||
      (hasExcuse(context, run) && wasCutShort(context, 1)) ||
      mine.some(({ id }) => isReported(context, id)) ||
      entry.pin !== undefined;
    if (mine.length > 1 && !isUnknown)
      context.report('not-converged', `"${entry.name}" has duplicates: ${mine.map(show).join(', ')}`, run);
  }
}

/** Reports whether a run said that it could not delete this webhook. */
function isReported({ played }: Context, id: string): boolean {
  const runs = played.scenes.flatMap((scene) => scene.runs);
  return runs.some((run) => bare(reasons(run)).includes(bare(id)));
}

/** Returns how the policies in the file differ from it. */
export function routeFaults(
  { played }: Context,
  { file, previous }: Run,
  state: State,
): { readonly id: string; readonly what: string }[] {
  const { policies } = state;
  const live = state.webhooks.map((each) => ({ ...each, created_at: played.createdAt(each.id) }));
  const known = { file, ...(previous && { previous }), live, policies };
  const { routes, found } = read({ ...known, renewed: new Set(), replaces: new Map() });
  // What is ambiguous now may have been known before.
  const doubtful = found.flatMap(({ candidates }) => candidates.map(({ id }) => bare(id)));
  return routes.flatMap((route) => {
    const { policy, listed, byId } = route;
    const used = usedBy(policy);
    const isUsed = ({ id }: Webhook): boolean => used.includes(bare(id));
    const isServed = (each: Found): boolean =>
      targetsOf({ listed: [each], byId: [], kept: [], leaving: [] }).some(isUsed);
    const lacking = listed.filter((each) => !isServed(each));
    const targets = new Set([...doubtful, ...targetsOf(route).map(({ id }) => bare(id))]);
    return [
      ...lacking.map(({ entry }) => `does not send to "${entry.name}"`),
      ...byId.filter((webhook) => !isUsed(webhook)).map((webhook) => `does not send to ${show(webhook)}`),
      ...used.filter((id) => !targets.has(id)).map((id) => `sends to ${nameOf(id, state)}`),
    ].map((what) => ({ id: policy.id, what: `policy "${policy.name}" ${what}` }));
  });
}

/** Reports whether a run with at least this many runs at once was killed or interrupted. */
function wasCutShort({ played }: Context, atOnce: number): boolean {
  return played.scenes.some(
    ({ runs }) => runs.length >= atOnce && runs.some(({ died, interrupted }) => died || interrupted),
  );
}

/** Reports whether the API makes the desired state impossible, which the run reports. */
function hasExcuse(context: Context, run: Run): boolean {
  const { rewrite, refuses, nameLimit, putUrl } = context.script.world;
  const { entries, strategy } = run.file;
  if (strategy.url === 'in-place' && putUrl === 'kept') return true;
  if (reasons(run).includes(DEAD_ID)) return true;
  return entries.some((entry) => {
    const isRefused = refuses?.url === entry.url && refuses.times > 1;
    const isTooLong = nameLimit > 0 && `${entry.name} [hw:01234567]`.length > nameLimit;
    return isRefused || isTooLong || isOtherwiseKept(rewrite, entry);
  });
}

/** Reports whether the name, the leftover's name or the URL is stored differently from how it is sent. */
function isOtherwiseKept(rewrite: Rewrite, { name, url }: Entry): boolean {
  return [name, `${name} [hookwright: replaces 01234567]`].some((sent) => {
    const stored = storedForm(rewrite, { name: sent, url });
    return stored.name !== sent || !sameUrl(stored.url, url);
  });
}
