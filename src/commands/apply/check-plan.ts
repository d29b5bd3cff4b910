import type { CheckedPlan } from '../../cli/execute.js';
import type { SecretStore } from '../../config/secrets/secret-store.js';
import { HookwrightError } from '../../core/errors.js';
import { type AccountId, bareId, namesById } from '../../core/ids.js';
import type { Live, PlannedLive } from '../../core/live.js';
import { type Outcome, subjectOf } from '../../core/outcome.js';
import type { AccountPlan, Plan, ShownAccountPlan } from '../../core/plan.js';
import type { Reader } from '../../core/ports.js';
import { accountList } from '../../render/wording.js';
import { shellQuoted } from '../../text/layout.js';
import {
  checkPreconditions,
  type DoneAction,
  needsPolicies,
  type StaleField,
} from '../../saved-plan/precondition.js';

/** Reads every secret that an action needs, before the first write. Adds guards to an account that lacks one. */
export async function withSecretGuards<W extends PlannedLive>(
  plan: Plan<W>,
  secrets: SecretStore,
): Promise<Plan<W>> {
  const accounts: AccountPlan<W>[] = [];
  for (const account of plan.accounts) {
    const guards = await secrets.preflight(account);
    accounts.push({ ...account, guards: [...account.guards, ...guards] });
  }
  return { ...plan, accounts };
}

/** The approved plan of an account. */
export type ApprovedPlan = {
  readonly plan: ShownAccountPlan;
  /** IDs, without dashes, of the webhooks that were live when the plan was made. */
  readonly baseline: Pick<ReadonlySet<string>, 'has'>;
  /** By the file, if it is known. */
  readonly isIgnored?: (webhook: Live) => boolean;
};

/** `heading` and `next`: of the error if a plan is stale, and what to do then. */
type CheckOptions = {
  readonly reader: Reader;
  readonly secrets: SecretStore;
  readonly heading: string;
  readonly next: string;
};

/**
 * Lists the accounts and compares them with the approved plans. Throws `stale-plan`, naming what changed,
 * before anything is written. Leaves out the accounts that a guard refuses, but only after they were compared
 * too.
 */
export async function checkPlans(
  approved: readonly ApprovedPlan[],
  { reader, secrets, heading, next }: CheckOptions,
): Promise<CheckedPlan> {
  const isOnly = approved.length === 1;
  const allChecked = await Promise.all(
    approved.map(async ({ plan, baseline, isIgnored }) => {
      const live = await reader.listWebhooks(plan.accountId);
      const untouched = new Set(plan.ignoredIds?.map(bareId));
      const { ready, done, stale } = checkPreconditions({
        actions: plan.actions,
        live,
        policies: needsPolicies(plan.actions) ? await reader.listPolicies(plan.accountId) : undefined,
        wasLive: baseline,
        unlisted: new Set(plan.unlistedIds?.map(bareId)),
        isIgnored: (webhook) => untouched.has(bareId(webhook.id)) || isIgnored?.(webhook) === true,
        urlOf: (spec) => secrets.urlOf(spec),
      });
      const account = { plan: { ...plan, actions: ready }, baseline: namesById(live) };
      // Several accounts can have webhooks with the same name.
      const where = isOnly ? '' : `${accountList([plan])}, `;
      return {
        account,
        done: done.map((each) => alreadyDone(plan.accountId, each)),
        stale: stale.map((each) => `  ${where}${changeText(each)}`),
      };
    }),
  );
  const stale = allChecked.flatMap((each) => each.stale);
  if (stale.length > 0) {
    const message = [heading, ...stale, `Nothing was written. ${next}`].join('\n');
    throw new HookwrightError('stale-plan', message);
  }
  const checked = allChecked.filter(({ account }) => account.plan.guards.length === 0);
  return { accounts: checked.map(({ account }) => account), done: checked.flatMap(({ done }) => done) };
}

function alreadyDone(accountId: AccountId, { action, id, secretNotChecked }: DoneAction): Outcome {
  const unknown = ` Its secret was not checked, because Cloudflare never returns secrets; to make sure, run apply --replace ${shellQuoted(`${accountId}:${action.name}`)}`;
  return {
    ...subjectOf(accountId, action),
    id,
    status: 'applied',
    wrote: false,
    already: true,
    note: `Already done; nothing was sent.${secretNotChecked ? unknown : ''}`,
  };
}

/** Describes what changed since the plan was made. */
function changeText({ action, field, expected, found }: StaleField): string {
  const show = (text: string): string => JSON.stringify(text);
  const isPolicy = action.resource === 'policy';
  const name = `${isPolicy ? 'policy ' : ''}${show(action.name)} (${action.kind})`;
  if (field === 'value') {
    const is =
      found === undefined
        ? 'is not the URL of the webhook, which this plan keeps'
        : `is the URL of ${show(found)}, which this plan does not rename`;
    return `${name}: the URL in ${expected} ${is}; it must also be available where the plan is made`;
  }
  if (field === 'url' && action.kind === 'create')
    return `${name}: ${found} was created with this URL since the plan was made; it may be this webhook with another name`;
  if (field === 'id') return `${name}: the ${isPolicy ? 'policy' : 'webhook'} (ID ${expected}) was deleted`;
  if (field === 'policies')
    return `${name}: policy ${expected} when the plan was made, ${found === undefined ? 'and was deleted' : `now ${found}`}`;
  return `${name}: ${field} was ${show(expected)} when the plan was made, now it is ${show(found ?? '')}`;
}
