import { HookwrightError } from '../../core/errors.js';
import { bareId } from '../../core/ids.js';
import type { Live, Policy } from '../../core/live.js';
import { compareText } from '../../core/order.js';
import { didYouMean } from '../../text/suggestions.js';
import { displayUrl } from '../../core/urls.js';

/** The tested webhook, the policy that sends the alert, and who else gets it. */
export type Choice = {
  readonly webhook: Live;
  readonly policy: Policy;
  /** Other webhooks of the policy. */
  readonly others: readonly Live[];
};

/** Returns the live webhook with this name or ID. Throws `not-found`, or `usage` if there are several. */
export function chooseWebhook(name: string, live: readonly Live[]): Live {
  const named = live.filter((webhook) => webhook.name === name);
  const [found, ...others] = named.length > 0 ? named : live.filter(({ id }) => isId(name, id));
  if (found && others.length === 0) return found;
  const quoted = JSON.stringify(name);
  if (found) {
    const ways = named.map(({ id, url }) => `  "id:${id}"  ${displayUrl(url)}`).join('\n');
    throw new HookwrightError(
      'usage',
      `${named.length} webhooks are named ${quoted}. Select one by its ID:\n${ways}`,
    );
  }
  const near = didYouMean(
    name,
    live.map((webhook) => webhook.name),
  );
  const hint =
    near === undefined
      ? 'To list the webhooks, run: hookwright status'
      : `Did you mean ${JSON.stringify(near)}?`;
  throw new HookwrightError('not-found', `The account has no webhook ${quoted}. ${hint}`);
}

/** Returns the enabled policy that uses it and notifies the fewest others. Throws `check-failed` if there is none. */
export function choosePolicy(webhook: Live, policies: readonly Policy[], live: readonly Live[]): Choice {
  const users = policies.filter(({ webhookIds }) =>
    webhookIds.some((id) => bareId(id) === bareId(webhook.id)),
  );
  const [policy] = users
    .filter(({ enabled }) => enabled)
    .sort((a, b) => reach(a) - reach(b) || compareText(a.name, b.name) || compareText(a.id, b.id));
  if (policy) {
    const ids = new Set(policy.webhookIds.map(bareId));
    ids.delete(bareId(webhook.id));
    return { webhook, policy, others: live.filter(({ id }) => ids.has(bareId(id))) };
  }
  const name = JSON.stringify(webhook.name);
  const disabled = users.map((user) => JSON.stringify(user.name)).join(', ');
  const way =
    'Cloudflare sends a test alert only through an enabled notification policy that uses the webhook.';
  throw new HookwrightError(
    'check-failed',
    users.length > 0
      ? `${way} ${name} is used only by disabled policies: ${disabled}. Enable one in the dashboard (Notifications) and try again.`
      : `${way} No policy uses ${name}. Add it to one in the dashboard (Notifications) and try again.`,
  );
}

function isId(name: string, id: string): boolean {
  return name.startsWith('id:') && bareId(name.slice(3)) === bareId(id);
}

function reach({ webhookIds, otherMechanisms }: Policy): number {
  return webhookIds.length + otherMechanisms;
}
