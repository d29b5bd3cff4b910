import { bareId } from '../../core/ids.js';
import { isFailingInUse, type AccountStatus, type Health } from './health.js';
import { shownUrl } from '../../core/urls.js';

/** The status as one JSON document with stable keys. Urls are as they may be shown. */
export function statusDocument(
  accounts: readonly AccountStatus[],
  failures: readonly { readonly accountId: string; readonly code: string; readonly message: string }[],
): unknown {
  return {
    accounts: accounts.map(({ accountId, webhooks, missing, dangling, routed }) => ({
      account_id: accountId,
      summary: {
        webhooks: webhooks.length,
        ...counts(webhooks.map(({ health }) => health)),
        failing_in_use: webhooks.filter(isFailingInUse).length,
      },
      webhooks: webhooks.map(({ live, health, relation, policies }) => ({
        id: live.id,
        name: live.name,
        type: live.type,
        url: shownUrl(live),
        managed: relation === undefined ? null : relation === 'managed' || relation === 'unfinished',
        standing: relation ?? null,
        health,
        last_success: live.lastSuccess ?? null,
        last_failure: live.lastFailure ?? null,
        created_at: live.createdAt ?? null,
        policies: policies.map(({ id, name, enabled }) => ({
          id,
          name,
          enabled,
          managed: routed ? routed.has(bareId(id)) : null,
        })),
      })),
      missing: missing ?? null,
      dangling_policies: dangling.map(({ id, name }) => ({ id, name })),
    })),
    ...(failures.length > 0 && {
      failures: failures.map(({ accountId, code, message }) => ({
        account_id: accountId,
        error: { code, message },
      })),
    }),
  };
}

function counts(all: readonly Health[]): Record<string, number> {
  const of = (health: Health): number => all.filter((each) => each === health).length;
  return { failing: of('failing'), healthy: of('healthy'), never_used: of('never-used') };
}
