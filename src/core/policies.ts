import { bareId } from './ids.js';
import type { Live, Policy } from './live.js';
import { compareText } from './order.js';
import type { Action, PolicyRef } from './plan.js';

/** Adds to each replace and delete the policies that use what goes. */
export function withPolicies(actions: readonly Action[], policies: readonly Policy[]): Action[] {
  const users = new Map<string, Policy[]>();
  for (const policy of policies) {
    for (const id of new Set(policy.webhookIds.map(bareId)))
      users.set(id, [...(users.get(id) ?? []), policy]);
  }
  const deleted = new Set(actions.flatMap((action) => (action.kind === 'delete' ? [bareId(action.id)] : [])));
  const usersOf = (webhooks: readonly Live[]): Policy[] => [
    ...new Set(webhooks.flatMap((webhook) => users.get(bareId(webhook.id)) ?? [])),
  ];
  return actions.map((action) => {
    if (action.kind === 'replace') return { ...action, policies: refs(usersOf(action.retire), () => false) };
    if (action.kind === 'delete') {
      return { ...action, policies: refs(usersOf([action.before]), (policy) => isOrphaned(policy, deleted)) };
    }
    return action;
  });
}

function refs(policies: readonly Policy[], orphaned: (policy: Policy) => boolean): PolicyRef[] {
  return policies
    .map((policy) => ({ id: policy.id, name: policy.name, orphaned: orphaned(policy) }))
    .sort((a, b) => compareText(a.name, b.name) || compareText(bareId(a.id), bareId(b.id)));
}

function isOrphaned(policy: Policy, deleted: ReadonlySet<string>): boolean {
  return policy.otherMechanisms === 0 && policy.webhookIds.every((id) => deleted.has(bareId(id)));
}
