import pLimit from 'p-limit';
import { clientFor } from '../../cli/connection.js';
import { widthOf } from '../../cli/io.js';
import { type TargetAccount, targetAccounts } from '../../cli/desired-state.js';
import type { Run } from '../../cli/run.js';
import { type ErrorCode, HookwrightError } from '../../core/errors.js';
import { EXIT, type ExitCode, exitOfError, worstExit } from '../../core/exit-codes.js';
import { bareId } from '../../core/ids.js';
import { withSecretUrls } from '../../core/plan-account.js';
import type { Reader } from '../../core/ports.js';
import { shownUrl } from '../../core/urls.js';
import { type AccountName, accountText } from '../../render/wording.js';
import { forTerminal, jsonText } from '../../text/untrusted.js';
import { accountStatus, type AccountStatus, healthCounts, lostAlerts } from './health.js';
import { renderStatus } from './status-text.js';

type Failure = AccountName & { readonly code: ErrorCode; readonly message: string };

/** Shows the health of the live webhooks. Sends two GETs per account. */
export async function status(run: Run): Promise<ExitCode> {
  const { io, options, out, style } = run;
  const found = await targetAccounts(run);
  if ('exit' in found) return found.exit;
  const client = clientFor(run);
  try {
    const results = await pLimit(options.parallelism).map(found.accounts, (each) => look(each, client));
    const accounts = results.filter((result) => 'webhooks' in result);
    const failures = results.filter((result) => 'code' in result);
    const lost = options.check ? [...new Set(accounts.flatMap(lostAlerts))] : [];
    if (options.format === 'json') {
      out.result(jsonText(statusDocument(accounts, failures, lost)));
    } else {
      const width = widthOf(io.stdout, 120);
      const shorten = io.stdout.isTTY === true;
      const now = io.clock.now();
      if (accounts.length > 0) out.result(renderStatus(accounts, { style, width, now, shorten }));
    }
    for (const failure of failures) {
      const name = failure.label === undefined ? '' : `${accountText(failure, forTerminal)}: `;
      out.log('error', `Error: ${name}${forTerminal(failure.message)}`);
    }
    for (const why of lost) out.log('error', `Error: ${why}`);
    const check = lost.length > 0 ? [EXIT.failed] : [];
    return worstExit([...failures.map(({ code }) => exitOfError(code)), ...check]);
  } finally {
    client.close();
  }
}

async function look({ accountId, desired }: TargetAccount, reader: Reader): Promise<AccountStatus | Failure> {
  try {
    const [listed, policies] = await Promise.all([
      reader.listWebhooks(accountId),
      reader.listPolicies(accountId),
    ]);
    return accountStatus(accountId, withSecretUrls(listed, desired), policies, desired);
  } catch (error) {
    if (!(error instanceof HookwrightError)) throw error;
    const { code, message } = error;
    return { accountId, ...(desired?.label !== undefined && { label: desired.label }), code, message };
  }
}

/** Returns the status as one JSON document with stable keys. URLs are safe to show. `lost`: what `--check` found. */
function statusDocument(
  accounts: readonly AccountStatus[],
  failures: readonly Failure[],
  lost: readonly string[],
): unknown {
  const found = lost.map((message) => ({ code: 'check-failed' as const, message }));
  const [error] = [...failures, ...found];
  return {
    accounts: accounts.map(({ accountId, label, webhooks, missing, dangling, silent, routed }) => ({
      account_id: accountId,
      ...(label !== undefined && { label }),
      summary: { webhooks: webhooks.length, ...healthCounts(webhooks) },
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
      policies_without_recipient: silent.map(({ id, name, enabled }) => ({ id, name, enabled })),
    })),
    ...(failures.length > 0 && {
      failures: failures.map(({ accountId, label, code, message }) => ({
        account_id: accountId,
        ...(label !== undefined && { label }),
        error: { code, message },
      })),
    }),
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}
