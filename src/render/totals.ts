import { type Guard, type ShownPlan as Plan, type Summary, totalSummary } from '../core/plan.js';
import { jsonText } from '../text/untrusted.js';

/** Terraform's three numbers: a replacement counts as one add and one destroy. */
export type Totals = { readonly add: number; readonly change: number; readonly destroy: number };

function totals(summary: Summary): Totals {
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

/** Returns what to say of a plan without changes, guards and failures. An empty shard has no account. */
export function noChangesText({ accounts }: Plan): string {
  return accounts.length === 0
    ? 'No account was compared.'
    : 'No changes. Your webhooks match the desired state.';
}

/** What the plan does besides changing webhooks. */
export type SideEffects = {
  /** Cloudflare sends a live test message when a webhook is created, and very probably with each PUT. */
  readonly testMessages: number;
  /** It is not certain whether a PUT sends one too. */
  readonly atMost: boolean;
  /** Names of policies, once for each policy, in plan order. */
  readonly repointed: readonly string[];
  readonly detached: readonly string[];
  readonly orphaned: readonly string[];
};

/**
 * Counts the live test messages and collects the policies that a plan changes. Cloudflare tests each webhook
 * when it is created (https://developers.cloudflare.com/notifications/get-started/configure-webhooks/).
 */
function sideEffects(plan: Plan): SideEffects {
  const repointed = new Map<string, string>();
  const detached = new Map<string, string>();
  const orphaned = new Map<string, string>();
  let testMessages = 0;
  let atMost = false;
  for (const account of plan.accounts) {
    for (const action of account.actions) {
      if (action.kind === 'create') testMessages += 1;
      if (action.kind === 'update' && action.resource === 'webhook') {
        testMessages += 1;
        atMost = true;
      }
      if (action.kind === 'replace') {
        // One when it is created, and one when it is renamed.
        testMessages += action.survivor ? 1 : 2;
        atMost = true;
      }
      if (action.kind !== 'replace' && action.kind !== 'delete') continue;
      for (const policy of action.policies) {
        const key = `${account.accountId}/${policy.id}`;
        (action.kind === 'replace' ? repointed : detached).set(key, policy.name);
        if (policy.orphaned) orphaned.set(key, policy.name);
      }
    }
  }
  return {
    testMessages,
    atMost,
    repointed: [...repointed.values()],
    detached: [...detached.values()],
    orphaned: [...orphaned.values()],
  };
}

/** Returns the side effects as sentences; `show` makes names safe for the format. */
export function sideEffectLines(plan: Plan, show: (names: readonly string[]) => string): readonly string[] {
  const { testMessages, atMost, repointed, detached, orphaned } = sideEffects(plan);
  const lines: string[] = [];
  if (testMessages > 0) {
    const messages = testMessages === 1 ? '1 live test message' : `${testMessages} live test messages`;
    lines.push(`Cloudflare will send ${atMost ? 'up to ' : ''}${messages}.`);
  }
  if (repointed.length > 0) lines.push(`Policies switched to a new webhook: ${show(repointed)}.`);
  if (detached.length > 0) lines.push(`Policies that lose a webhook: ${show(detached)}.`);
  if (orphaned.length > 0) {
    lines.push(`Policies left without a destination, so their alerts reach no one: ${show(orphaned)}.`);
  }
  return lines;
}

/** Counts the actions, guards and failures in all accounts. */
export function planCounts(plan: Plan): {
  readonly summary: Summary;
  readonly actions: number;
  readonly guards: number;
} {
  return {
    summary: totalSummary(plan.accounts),
    actions: plan.accounts.reduce((sum, account) => sum + account.actions.length, 0),
    guards: plan.accounts.reduce((sum, account) => sum + account.guards.length, 0),
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
