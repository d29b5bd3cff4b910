import type { Live, Policy } from '../../core/live.js';
import { unreachable } from '../../core/plan.js';
import { count, nameList, quote } from '../../text/layout.js';

export type TestReport = {
  readonly accountId: string;
  readonly webhook: Live;
  readonly policy: Policy;
  readonly others: readonly Live[];
  readonly status: 'delivered' | 'failed' | 'unknown';
  /** How long the test waited, in seconds. */
  readonly testTimeout: number;
};

/** Warns, before the alert is sent, who else gets it. Empty if no one else does. */
export function othersText({ policy, others }: Pick<TestReport, 'policy' | 'others'>): string {
  const { otherMechanisms } = policy;
  const parts = [
    ...(others.length > 0
      ? [
          nameList(
            others.map(({ name }) => name),
            quote,
          ),
        ]
      : []),
    ...(otherMechanisms > 0 ? [count(otherMechanisms, 'email or PagerDuty destination')] : []),
  ];
  return parts.length === 0
    ? ''
    : `Warning: the test alert also goes to the other destinations of policy ${quote(policy.name)}: ${parts.join(' and ')}.`;
}

/** The outcome in one sentence. */
export function testText({ webhook, policy, status, testTimeout }: TestReport): string {
  const through = `the test alert of policy ${quote(policy.name)}`;
  switch (status) {
    case 'delivered':
      return `Delivered: ${quote(webhook.name)} accepted ${through} (last success ${webhook.lastSuccess ?? ''}).`;
    case 'failed':
      return `Failed: ${quote(webhook.name)} did not accept ${through} (last failure ${webhook.lastFailure ?? ''}). The destination must respond with 2xx to a POST from the internet.`;
    case 'unknown':
      return `Unknown: neither the last success nor the last failure of ${quote(webhook.name)} changed within ${testTimeout} s. Run "hookwright status" later to check.`;
    default:
      return unreachable(status);
  }
}

/** The outcome as one JSON document with stable keys. */
export function testDocument({ accountId, webhook, policy, others, status }: TestReport): unknown {
  return {
    account_id: accountId,
    webhook: { id: webhook.id, name: webhook.name },
    policy: { id: policy.id, name: policy.name },
    status,
    last_success: webhook.lastSuccess ?? null,
    last_failure: webhook.lastFailure ?? null,
    also_sent_to: {
      webhooks: others.map(({ id, name }) => ({ id, name })),
      other_destinations: policy.otherMechanisms,
    },
  };
}
