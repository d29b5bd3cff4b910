import type { DesiredAccount, DesiredWebhook } from './desired.js';
import { entryAction } from './entry.js';
import { guards } from './guards.js';
import { bareId } from './ids.js';
import type { Live, Policy } from './live.js';
import { match, type Matching } from './match.js';
import { notes } from './notes.js';
import { compareAge, compareText } from './order.js';
import type { AccountPlan, Action, ActionKind, Delete, DeleteReason, Override, Summary } from './plan.js';
import { withPolicies } from './policies.js';
import { lastDeployed, rotations } from './rotation.js';
import { isNamedBy, targeting } from './selection.js';

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
  const selected = selection(desired, live, options);
  const { previous } = options;

  const rotationOf = rotations(previous);
  const lastOf = lastDeployed(previous);
  const matches = matching.matches
    .filter(({ desired: webhook, live: found }) => selected(webhook, found))
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

  const leavers = leaving(desired, matching, { previous, policies, selected });
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
      wasProtected: new Set(previous?.webhooks.filter(({ protect }) => protect).map(({ name }) => name)),
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
  };
  const touchesPolicies = actions.some(({ kind }) => kind === 'delete' || kind === 'replace');
  return { plan, wantsPolicies: !policies && (matching.wantsPolicies || touchesPolicies) };
}

/** Is this desired or live webhook one that `--target` selects, under any of its names? */
function selection(
  desired: DesiredAccount,
  live: readonly Live[],
  { targets }: DiffOptions,
): (webhook: DesiredWebhook | undefined, live: Live | undefined) => boolean {
  if (targets.length === 0) return () => true;
  const names = new Set([...desired.webhooks, ...live].map(({ name }) => name));
  const isTarget = targeting(targets, names);
  return (webhook, found) =>
    [webhook?.name, found?.name].some((name) => name !== undefined && isTarget(name));
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
    Pick<DiffOptions, 'previous'> & { readonly selected: ReturnType<typeof selection> },
): Leaving {
  const { previous, policies, selected } = given;
  const mine = unlisted
    .filter((webhook) => selected(undefined, webhook))
    .sort((a, b) => compareText(a.name, b.name) || compareAge(a, b));
  const removed =
    desired.unlisted === 'delete' ? new Set<Live>() : removedSince(previous, desired, mine, policies);
  const because = (webhook: Live): DeleteReason | undefined =>
    removed.has(webhook) ? 'removed' : desired.unlisted === 'delete' ? 'unlisted' : undefined;
  const deletes = [
    ...absent.filter((webhook) => selected(undefined, webhook)).map((webhook) => deletion(webhook, 'absent')),
    ...mine.flatMap((webhook) => {
      const reason = because(webhook);
      return reason ? [deletion(webhook, reason)] : [];
    }),
  ];
  const staying = mine.filter((webhook) => because(webhook) === undefined);
  return { deletes, undecided: desired.unlisted === undefined ? staying : [], kept: staying.length };
}

/** The live webhooks of entries that were in the file when last deployed and are not any more. */
function removedSince(
  previous: DesiredAccount | undefined,
  desired: DesiredAccount,
  unlisted: readonly Live[],
  policies: readonly Policy[] | undefined,
): Set<Live> {
  if (!previous) return new Set();
  const still = new Set(desired.webhooks.flatMap(({ name, previously }) => [name, ...previously]));
  const stillPinned = new Set(desired.webhooks.flatMap(({ id }) => id ?? []));
  const gone = previous.webhooks.filter(({ name, id }) =>
    id === undefined ? !still.has(name) : !stillPinned.has(id),
  );
  const before = match(
    { ...previous, webhooks: gone, unlisted: 'keep', ignore: [], absent: [] },
    unlisted,
    policies,
  );
  return new Set(before.matches.flatMap(({ live, marked }) => [...(live ? [live] : []), ...marked]));
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
    return given.filter(([, used]) => used).map(([flag]) => ({ flag, name }));
  });
}
