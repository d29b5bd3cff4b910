import {
  type ActionKind,
  type Guard,
  type NoteCode,
  type ShownPlan as Plan,
  type Summary,
  totalSummary,
} from '../core/plan.js';
import { count } from '../text/layout.js';
import { jsonText } from '../text/untrusted.js';

/** Returns Terraform's three numbers: a replacement counts as one add and one destroy. */
export function totals(
  summary: Readonly<Record<ActionKind, number>>,
): Readonly<Record<'add' | 'change' | 'destroy', number>> {
  return {
    add: summary.create + summary.replace,
    change: summary.update,
    destroy: summary.delete + summary.replace,
  };
}

/** Returns `1 to add, 2 to change, 0 to destroy`. */
export function totalsText(summary: Summary): string {
  const { add, change, destroy } = totals(summary);
  return `${add} to add, ${change} to change, ${destroy} to destroy`;
}

/** Returns `5 unchanged, 2 ignored, 1 unlisted and kept`; empty if there is nothing to count. */
export function unchangedText(plan: Plan): string {
  const summary = totalSummary(plan.accounts);
  const parts = [];
  if (summary.unchanged) parts.push(`${summary.unchanged} unchanged`);
  if (summary.ignored) parts.push(`${summary.ignored} ignored`);
  // Undecided webhooks are not kept: the plan is refused because of them.
  const undecided = plan.accounts.some(({ guards }) => guards.some(isUndecided));
  if (summary.kept) parts.push(`${summary.kept} unlisted${undecided ? '' : ' and kept'}`);
  return parts.join(', ');
}

const isUndecided = ({ code }: Guard): boolean => code === 'unlisted-undecided';

/** Returns `2 accounts without changes`; empty if there are none, or if the plan has only one account. */
export function quietAccountsText({ accounts, failures }: Plan): string {
  const quiet = accounts.filter(({ actions, guards }) => actions.length + guards.length === 0).length;
  const several = accounts.length + failures.length > 1;
  return several && quiet > 0 ? `${count(quiet, 'account')} without changes` : '';
}

/** Notes on what a comparison could have found, and did not, because something was not set or passed. */
const INCOMPLETE: ReadonlySet<NoteCode> = new Set(['not-compared', 'version-not-compared']);

/** Returns what to say of a plan without changes, guards and failures. An empty shard has no account. */
export function noChangesText({ accounts }: Plan): string {
  if (accounts.length === 0) return 'No account was compared.';
  const isPartial = accounts.some(({ notes }) => notes.some(({ code }) => INCOMPLETE.has(code)));
  return `No changes. Your webhooks match the desired state.${isPartial ? ' Not everything was compared.' : ''}`;
}

/**
 * Returns what a plan does besides changing webhooks, as sentences: the live test messages, and the policies
 * that it changes, each once. `show` makes names safe for the format. Cloudflare tests each webhook when it is
 * created (https://developers.cloudflare.com/notifications/get-started/configure-webhooks/), and very probably
 * with each PUT.
 */
export function sideEffectLines(plan: Plan, show: (names: readonly string[]) => string): readonly string[] {
  const switched = new Map<string, string>();
  const detached = new Map<string, string>();
  const orphaned = new Map<string, string>();
  let messages = 0;
  let hasPut = false;
  for (const { accountId, actions } of plan.accounts) {
    for (const action of actions) {
      if (action.resource === 'policy') continue;
      if (action.kind === 'create') messages += 1;
      if (action.kind === 'update') messages += 1;
      // One when it is created, and one when it is renamed.
      if (action.kind === 'replace') messages += action.survivor ? 1 : 2;
      if (action.kind === 'update' || action.kind === 'replace') hasPut = true;
      if (action.kind !== 'replace' && action.kind !== 'delete') continue;
      for (const { id, name, orphaned: isOrphaned } of action.policies) {
        const key = `${accountId}/${id}`;
        (action.kind === 'replace' ? switched : detached).set(key, name);
        if (isOrphaned) orphaned.set(key, name);
      }
    }
  }
  const policies = [
    ['Policies switched to a new webhook', switched],
    ['Policies that lose a webhook', detached],
    ['Policies left without a recipient, so their alerts reach no one', orphaned],
  ] as const;
  const sent = count(messages, 'live test message');
  return [
    ...(messages > 0 ? [`Cloudflare will send ${hasPut ? 'up to ' : ''}${sent}.`] : []),
    ...policies.flatMap(([what, names]) =>
      names.size > 0 ? [`${what}: ${show([...names.values()])}.`] : [],
    ),
  ];
}

export type PlanCounts = ReturnType<typeof planCounts>;

/** Counts over all accounts. `isEmpty`: there is nothing to apply, and nothing is wrong. */
export function planCounts({ accounts, failures }: Plan) {
  const actions = accounts.reduce((sum, account) => sum + account.actions.length, 0);
  const guards = accounts.reduce((sum, account) => sum + account.guards.length, 0);
  return {
    summary: totalSummary(accounts),
    actions,
    guards,
    isEmpty: actions + guards + failures.length === 0,
  };
}

/**
 * Renders the counts that GitLab shows in a merge request, for `artifacts:reports:terraform`
 * (https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsterraform). A replacement counts as one
 * create and one delete, as in Terraform's own report.
 */
export function renderGitlab(plan: Plan): string {
  const { add, change, destroy } = totals(totalSummary(plan.accounts));
  return `${jsonText({ create: add, update: change, delete: destroy }, 0)}\n`;
}
