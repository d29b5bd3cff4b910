import { bareId } from './ids.js';
import type { Live } from './live.js';
import { markerIndex } from './marker.js';
import { desiredUrl } from './match.js';
import { oldest } from './order.js';
import { unreachable, type Action, type Replace } from './plan.js';
import { sameUrl } from './urls.js';

/** A field of a live webhook that is not as the plan saw it. `found` is absent: there is no such webhook. */
export type Moved = {
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
  readonly stale: readonly Moved[];
};

/** Sameness of a url that a saved plan may know only by its hash. */
export type SameUrl = (planned: Live, found: Live) => boolean;

const BY_TEXT: SameUrl = (planned, found) => sameUrl(planned.url, found.url);

/** Holds each action against what is live now, before anything is written. */
export function checkPreconditions(
  actions: readonly Action[],
  live: readonly Live[],
  same: SameUrl = BY_TEXT,
): Checked {
  const byId = new Map(live.map((webhook) => [bareId(webhook.id), webhook]));
  const checked = { ready: [] as Action[], done: [] as Action[], stale: [] as Moved[] };
  for (const action of actions) {
    const result = checkOne(action, live, byId, same);
    if (result === 'done') checked.done.push(action);
    else if ('kind' in result) checked.ready.push(result);
    else checked.stale.push(result);
  }
  return checked;
}

function checkOne(
  action: Action,
  live: readonly Live[],
  byId: ReadonlyMap<string, Live>,
  same: SameUrl,
): Action | 'done' | Moved {
  switch (action.kind) {
    case 'create': {
      const named = live.filter(({ name }) => name === action.name);
      const [first] = named;
      if (!first) return action;
      if (named.some((webhook) => isAsWanted(action, webhook))) return 'done';
      return { action, field: 'name', expected: '(no webhook of this name)', found: `id ${first.id}` };
    }
    case 'update': {
      const found = byId.get(bareId(action.id));
      // Whether a secret was set in place cannot be seen: then it is set again, which does no harm.
      const visible = !action.because.some((reason) => reason.endsWith('-rotated'));
      if (found && visible && isAsWanted(action, found)) return 'done';
      return movedOf(action, action.before, found, same) ?? action;
    }
    case 'replace':
      return checkReplace(action, live, byId, same);
    case 'delete': {
      const found = byId.get(bareId(action.id));
      return found ? (movedOf(action, action.before, found, same) ?? action) : 'done';
    }
    default:
      return unreachable(action);
  }
}

function checkReplace(
  action: Replace,
  live: readonly Live[],
  byId: ReadonlyMap<string, Live>,
  same: SameUrl,
): Action | 'done' | Moved {
  const retire = action.retire.filter(({ id }) => byId.has(bareId(id)));
  for (const planned of retire) {
    const moved = movedOf(action, planned, byId.get(bareId(planned.id)), same);
    if (moved) return moved;
  }
  const old = new Set(action.retire.map(({ id }) => bareId(id)));
  const others = live.filter(({ id }) => !old.has(bareId(id)));
  const isMarked = markerIndex([action.name]);
  const planned = action.survivor && byId.get(bareId(action.survivor.id));
  const [begun, ...twins] = others.filter(
    ({ name, url }) => isMarked(name) !== undefined && urlWanted(action, url),
  );
  const survivor = planned ?? (begun && oldest([begun, ...twins]));
  const finished = others.some((webhook) => isAsWanted(action, webhook));
  const [before, ...rest] = retire;
  if (!before && finished) return 'done';
  if (!before && survivor) {
    return {
      kind: 'update',
      name: action.name,
      id: survivor.id,
      because: ['finish-replace'],
      before: survivor,
      after: action.after,
    };
  }
  if (!before) return { action, field: 'id', expected: action.id };
  const finishing = survivor ?? others.find((webhook) => isAsWanted(action, webhook));
  return {
    ...action,
    id: before.id,
    before,
    retire: [before, ...rest],
    ...(finishing && { survivor: finishing }),
  };
}

function movedOf(action: Action, planned: Live, found: Live | undefined, same: SameUrl): Moved | undefined {
  if (!found) return { action, field: 'id', expected: planned.id };
  if (found.name !== planned.name)
    return { action, field: 'name', expected: planned.name, found: found.name };
  if (!same(planned, found)) return { action, field: 'url', expected: planned.url, found: found.url };
  return undefined;
}

type Wanting = Exclude<Action, { kind: 'delete' }>;

function isAsWanted(action: Wanting, { name, url }: Live): boolean {
  return name === action.after.name && urlWanted(action, url);
}

function urlWanted({ after }: Wanting, url: string): boolean {
  const wanted = desiredUrl(after);
  return wanted === undefined || sameUrl(wanted, url);
}
