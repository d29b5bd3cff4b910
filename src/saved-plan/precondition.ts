import { bareId } from '../core/ids.js';
import type { Live } from '../core/live.js';
import { markedName, shortMarkedName } from '../core/leftovers.js';
import { desiredUrl } from '../core/match.js';
import { compareAge } from '../core/order.js';
import { unreachable, type Action, type Replace, type Update, type UpdateReason } from '../core/plan.js';
import { sameUrl } from '../core/urls.js';

/** A field of a live webhook that is not as the plan saw it. `found` is absent: there is no such webhook. */
export type StaleField = {
  readonly action: Action;
  readonly field: 'id' | 'name' | 'url';
  readonly expected: string;
  readonly found?: string;
};

export type Checked = {
  /** To be carried out; a replace that had begun goes on with what it left. */
  readonly ready: readonly Action[];
  /** Their effect is live already: an earlier apply of this plan got so far. */
  readonly done: readonly Action[];
  readonly stale: readonly StaleField[];
};

/** What is live now, as a plan made earlier sees it. */
type LiveIndex = {
  readonly byId: ReadonlyMap<string, Live>;
  /** Webhooks of these names that the plan does not know; oldest first. */
  readonly unknownWithNames: (...names: string[]) => readonly Live[];
};

/**
 * Holds each action against what is live now, before anything is written. Webhooks that the file ignores take
 * nobody's name: an entry may share one with a webhook that is ignored by its id.
 */
export function checkPreconditions(
  actions: readonly Action[],
  live: readonly Live[],
  isIgnored: (webhook: Live) => boolean = () => false,
): Checked {
  const now = indexLive(
    actions,
    live.filter((webhook) => !isIgnored(webhook)),
  );
  const checked = { ready: [] as Action[], done: [] as Action[], stale: [] as StaleField[] };
  for (const action of actions) {
    const result = checkOne(action, now);
    if (result === 'done') checked.done.push(action);
    else if ('kind' in result) checked.ready.push(result);
    else checked.stale.push(...result);
  }
  return checked;
}

function indexLive(actions: readonly Action[], live: readonly Live[]): LiveIndex {
  const known = new Set(actions.flatMap(knownTo).map(({ id }) => bareId(id)));
  const byId = new Map(live.map((webhook) => [bareId(webhook.id), webhook]));
  const byName = new Map<string, Live[]>();
  for (const [id, webhook] of byId) {
    if (known.has(id)) continue;
    const group = byName.get(webhook.name);
    if (group) group.push(webhook);
    else byName.set(webhook.name, [webhook]);
  }
  const unknownWithNames = (...names: string[]): Live[] =>
    names.flatMap((name) => byName.get(name) ?? []).sort(compareAge);
  return { byId, unknownWithNames };
}

function knownTo(action: Action): readonly Live[] {
  if (action.kind === 'create') return [];
  if (action.kind !== 'replace') return [action.before];
  return action.survivor ? [...action.retire, action.survivor] : action.retire;
}

function checkOne(action: Action, now: LiveIndex): Action | 'done' | readonly StaleField[] {
  switch (action.kind) {
    case 'create': {
      const named = now.unknownWithNames(action.name);
      const [first] = named;
      if (!first) return action;
      if (named.some((webhook) => isAsWanted(action, webhook))) return 'done';
      return [{ action, field: 'name', expected: '(no webhook with this name)', found: `ID ${first.id}` }];
    }
    case 'update': {
      const found = now.byId.get(bareId(action.id));
      if (found && isAsWanted(action, found) && isVisible(action)) return 'done';
      return orReady(staleFields(action, action.before, now, action), action);
    }
    case 'replace':
      return checkReplace(action, now);
    case 'delete':
      if (!now.byId.has(bareId(action.id))) return 'done';
      return orReady(staleFields(action, action.before, now), action);
    default:
      return unreachable(action);
  }
}

function orReady(moved: readonly StaleField[], action: Action): Action | readonly StaleField[] {
  return moved.length > 0 ? moved : action;
}

/** Whether a secret was set in place cannot be seen: then it is set again, which does no harm. */
function isVisible({ because }: Update | Replace): boolean {
  return !because.some((reason) => reason.endsWith('-rotated'));
}

function checkReplace(action: Replace, now: LiveIndex): Action | 'done' | readonly StaleField[] {
  const [target] = action.retire;
  const inPlace = action.method === 'auto' && target && now.byId.get(bareId(target.id));
  if (inPlace && isAsWanted(action, inPlace)) return 'done';

  const left = action.retire.filter(({ id }) => now.byId.has(bareId(id)));
  const gone = action.retire.find((planned) => !left.includes(planned));
  const wants = action.method === 'auto' ? action : undefined;
  const moved = left.flatMap((planned) => staleFields(action, planned, now, wants));
  if (action.survivor) moved.push(...staleFields(action, action.survivor, now, action));
  if (moved.length > 0) return moved;

  const survivor = survivorNow(action, now, gone !== undefined);
  const [before] = left;
  if (survivor && !before) return finish(action, survivor);
  if (survivor && before) return { ...action, id: before.id, before, retire: left, survivor };
  return gone ? [{ action, field: 'id', expected: gone.id }] : action;
}

/** The webhook that takes the place: the planned one, or what an earlier apply of the plan created. */
function survivorNow(action: Replace, now: LiveIndex, begunToDelete: boolean): Live | undefined {
  if (action.survivor) return now.byId.get(bareId(action.survivor.id));
  // The name is given last. Before something was deleted, one that bears it is a twin, not the new one.
  const named = begunToDelete ? now.unknownWithNames(action.name) : [];
  const marked = now.unknownWithNames(markedName(action.name), shortMarkedName(action.name));
  return [...named, ...marked].find((webhook) => urlWanted(action, webhook.url));
}

/** All old ones are gone: what is left is the name, and what a survivor was to get in place. */
function finish(action: Replace, survivor: Live): Update | 'done' {
  const settled = !action.survivor || isVisible(action);
  if (isAsWanted(action, survivor) && settled) return 'done';
  const { name, after } = action;
  const rotated = action.because.filter((reason) => reason === 'secret-rotated' || reason === 'url-rotated');
  const moves: UpdateReason[] = urlWanted(action, survivor.url) ? [] : ['url-in-place'];
  const because: UpdateReason[] = ['finish-replace', ...moves, ...(action.survivor ? rotated : [])];
  return { kind: 'update', name, id: survivor.id, because, before: survivor, after };
}

/** What is not as planned. Where a PUT may have gone through in part, what it `wants` is as good. */
function staleFields(action: Action, planned: Live, now: LiveIndex, wants?: Wanting): StaleField[] {
  const found = now.byId.get(bareId(planned.id));
  if (!found) return [{ action, field: 'id', expected: planned.id }];
  const moved: StaleField[] = [];
  if (found.name !== planned.name && found.name !== wants?.after.name)
    moved.push({ action, field: 'name', expected: planned.name, found: found.name });
  const urlGiven =
    wants !== undefined && desiredUrl(wants.after) !== undefined && urlWanted(wants, found.url);
  if (!sameUrl(planned.url, found.url) && !urlGiven)
    moved.push({ action, field: 'url', expected: planned.url, found: found.url });
  return moved;
}

type Wanting = Exclude<Action, { kind: 'delete' }>;

function isAsWanted(action: Wanting, { name, url }: Live): boolean {
  return name === action.after.name && urlWanted(action, url);
}

function urlWanted({ after }: Wanting, url: string): boolean {
  const wanted = desiredUrl(after);
  return wanted === undefined || sameUrl(wanted, url);
}
