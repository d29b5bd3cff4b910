import type { DesiredAccount } from './desired.js';
import { entryAction } from './entry.js';
import { guards } from './guards.js';
import { bareId } from './ids.js';
import type { Live, Policy } from './live.js';
import { namesInTime } from './leftovers.js';
import { match, type Matching } from './match.js';
import { notes } from './notes.js';
import { compareAge, compareText } from './order.js';
import type { AccountPlan, Action, ActionKind, Delete, DeleteReason, Override, Summary } from './plan.js';
import { withPolicies } from './policies.js';
import { protectedBefore, removedSince } from './previous.js';
import { lastDeployed, rotations } from './rotation.js';
import { ignoring, isNamedBy, targeting, targetsEntry } from './selection.js';

/** What was asked for on the command line, narrowed to one account. */
export type DiffOptions = {
  /** Names or patterns; empty: all. */
  readonly targets: readonly string[];
  readonly rotate: ReadonlySet<string>;
  readonly replace: ReadonlySet<string>;
  readonly allowDelete: ReadonlySet<string>;
  readonly allowDetach: ReadonlySet<string>;
  /** What was last deployed; absent: not known, so versions are not compared. */
  readonly previous?: DesiredAccount;
};

export const NO_OPTIONS: DiffOptions = {
  targets: [],
  rotate: new Set(),
  replace: new Set(),
  allowDelete: new Set(),
  allowDetach: new Set(),
};

export type DiffInput = {
  readonly desired: DesiredAccount;
  readonly live: readonly Live[];
  /** Absent: not asked for yet. If the result `wantsPolicies`, diff again with them. */
  readonly policies?: readonly Policy[];
  readonly options: DiffOptions;
};

export type DiffResult = { readonly plan: AccountPlan; readonly wantsPolicies: boolean };

/** The plan for one account. Pure: the same for any order of either list, on any machine, at any time. */
export function diff({ desired, live, policies, options }: DiffInput): DiffResult {
  const matching = match(desired, live, policies);
  const names = new Set([...desired.webhooks, ...live].map(({ name }) => name));
  const isTarget = targeting(options.targets, names);
  const { previous } = options;

  const rotationOf = rotations(previous);
  const lastOf = lastDeployed(previous);
  const matches = matching.matches
    .filter(({ desired: webhook }) => targetsEntry(isTarget, webhook))
    .sort(
      (a, b) =>
        compareText(a.desired.name, b.desired.name) || compareText(a.desired.id ?? '', b.desired.id ?? ''),
    );
  const changes: Action[] = [];
  let unchanged = 0;
  for (const found of matches) {
    const { desired: webhook } = found;
    const rotation = rotationOf(webhook);
    const rotate =
      options.rotate.has(webhook.name) ||
      (webhook.id !== undefined && options.rotate.has(`id:${webhook.id}`));
    const action = entryAction(found, {
      strategy: desired.strategy,
      rotation: { secret: rotation.secret || rotate, url: rotation.url },
      replaceRequested: options.replace.has(webhook.name),
      hadSecret: (lastOf(webhook)?.secret ?? NO_SECRET).kind !== 'none',
    });
    if (action) changes.push(action);
    else if (found.live) unchanged += 1;
  }

  const leavers = leaving(desired, matching, { previous, policies, isTarget });
  const actions = withPolicies([...changes, ...leavers.deletes], policies ?? []).sort(byKindNameId);
  const plan: AccountPlan = {
    accountId: desired.accountId,
    actions,
    guards: guards({
      desired,
      actions,
      matches,
      undecided: leavers.undecided,
      liveCount: live.length - matching.ignored,
      ...protectedBefore(previous, desired, matching.unlisted, policies),
      allowDelete: options.allowDelete,
      allowDetach: options.allowDetach,
    }),
    notes: notes({ matches, actions, hasPrevious: previous !== undefined }),
    overrides: overridesOf(actions, options),
    summary: {
      ...countKinds(actions),
      unchanged,
      ignored: matching.ignored,
      kept: leavers.kept,
    },
    ...namesakes(desired, live, actions),
  };
  const touchesPolicies = actions.some(({ kind }) => kind === 'delete' || kind === 'replace');
  return { plan, wantsPolicies: !policies && (matching.wantsPolicies || touchesPolicies) };
}

const NO_SECRET = { kind: 'none' } as const;

type Leaving = {
  readonly deletes: readonly Delete[];
  readonly undecided: readonly Live[];
  readonly kept: number;
};

/** What becomes of the live webhooks that no entry of the file is. */
function leaving(
  desired: DesiredAccount,
  { absent, unlisted }: Matching,
  given: Pick<DiffInput, 'policies'> &
    Pick<DiffOptions, 'previous'> & { readonly isTarget: (name: string) => boolean },
): Leaving {
  const { previous, policies, isTarget } = given;
  const mine = unlisted
    .filter(({ name }) => isTarget(name))
    .sort((a, b) => compareText(a.name, b.name) || compareAge(a, b));
  const removed =
    desired.unlisted === 'delete' ? new Set<Live>() : removedSince(previous, desired, mine, policies);
  const because = (webhook: Live): DeleteReason | undefined =>
    removed.has(webhook) ? 'removed' : desired.unlisted === 'delete' ? 'unlisted' : undefined;
  const deletes = [
    ...absent.filter(({ name }) => isTarget(name)).map((webhook) => deletion(webhook, 'absent')),
    ...mine.flatMap((webhook) => {
      const reason = because(webhook);
      return reason ? [deletion(webhook, reason)] : [];
    }),
  ];
  const staying = mine.filter((webhook) => because(webhook) === undefined);
  return { deletes, undecided: desired.unlisted === undefined ? staying : [], kept: staying.length };
}

function deletion(before: Live, because: DeleteReason): Delete {
  return { kind: 'delete', name: before.name, id: before.id, because, before, policies: [] };
}

const KIND_ORDER: Readonly<Record<ActionKind, number>> = { create: 0, update: 1, replace: 2, delete: 3 };

function byKindNameId(a: Action, b: Action): number {
  const idOf = (action: Action): string => (action.kind === 'create' ? '' : bareId(action.id));
  return (
    KIND_ORDER[a.kind] - KIND_ORDER[b.kind] || compareText(a.name, b.name) || compareText(idOf(a), idOf(b))
  );
}

function countKinds(actions: readonly Action[]): Pick<Summary, ActionKind> {
  const counts = { create: 0, update: 0, replace: 0, delete: 0 };
  for (const { kind } of actions) counts[kind] += 1;
  return counts;
}

function overridesOf(actions: readonly Action[], options: DiffOptions): Override[] {
  return actions.flatMap((action): Override[] => {
    const { kind, name } = action;
    if (kind === 'create') return [];
    const given: [Override['flag'], boolean][] = [
      ['--allow-delete', kind === 'delete' && isNamedBy(options.allowDelete, action.before)],
      ['--allow-detach', kind === 'delete' && isNamedBy(options.allowDetach, action.before)],
      ['--rotate', kind !== 'delete' && isNamedBy(options.rotate, { ...action.before, name })],
      ['--replace', kind === 'replace' && options.replace.has(name)],
    ];
    return given.filter(([, used]) => used).map(([flag]) => ({ flag, name, id: action.id }));
  });
}

/** A saved plan has no file beside it that says what is ignored. */
function namesakes(
  desired: DesiredAccount,
  live: readonly Live[],
  actions: readonly Action[],
): Pick<AccountPlan, 'ignoredIds'> {
  if (desired.ignore.length === 0 || actions.length === 0) return {};
  const names = new Set(actions.flatMap(({ name }) => namesInTime(name)));
  const isIgnored = ignoring(desired);
  const ids = live.filter((webhook) => names.has(webhook.name) && isIgnored(webhook)).map(({ id }) => id);
  return ids.length > 0 ? { ignoredIds: ids.sort(compareText) } : {};
}
