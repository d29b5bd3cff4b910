import pLimit from 'p-limit';
import { connect } from '../../cli/connection.js';
import { widthOf } from '../../cli/io.js';
import { defaultAccount, onlyAccount, readDesired, reportDiagnostics } from '../../cli/desired-state.js';
import type { Run } from '../../cli/run.js';
import { diskFiles } from '../../config/disk.js';
import { DEFAULT_FILE } from '../../config/load.js';
import type { DesiredAccount } from '../../core/desired.js';
import { type ErrorCode, HookwrightError } from '../../core/errors.js';
import { EXIT, type ExitCode, exitOfError, worstExit } from '../../core/exit-codes.js';
import { type AccountId, bareId } from '../../core/ids.js';
import { withSecretUrls } from '../../core/plan-account.js';
import type { Reader } from '../../core/ports.js';
import { shownUrl } from '../../core/urls.js';
import { forTerminal, jsonText } from '../../text/untrusted.js';
import { accountStatus, type AccountStatus, type Health, isFailingInUse, lostAlerts } from './health.js';
import { renderStatus } from './status-text.js';

type Failure = { readonly accountId: AccountId; readonly code: ErrorCode; readonly message: string };

/** Shows the health of the live webhooks. Sends two GETs per account. */
export async function status(run: Run): Promise<ExitCode> {
  const { io, options, out, style } = run;
  const found = await targetAccounts(run);
  if ('exit' in found) return found.exit;
  const client = connect(run);
  try {
    const limit = pLimit(options.parallelism);
    const results = await Promise.all(found.accounts.map((each) => limit(() => look(each, client))));
    const accounts = results.filter((result) => 'webhooks' in result);
    const failures = results.filter((result) => 'code' in result);
    if (options.format === 'json') {
      out.result(jsonText(statusDocument(accounts, failures)));
    } else {
      const width = widthOf(io.stdout, 120);
      if (accounts.length > 0) out.result(renderStatus(accounts, { style, width, now: io.clock.now() }));
    }
    for (const { message } of failures) out.log('error', `Error: ${forTerminal(message)}`);
    const lost = options.check ? [...new Set(accounts.flatMap(lostAlerts))] : [];
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
    return { accountId, code: error.code, message: error.message };
  }
}

/** A target account; `desired` is set if a file describes it. */
export type TargetAccount = { readonly accountId: AccountId; readonly desired?: DesiredAccount };

/**
 * Returns the target accounts of a command that needs no file: those of the files passed with `-f`, or of the
 * default file if it exists and is valid; otherwise `--account` or the environment. Throws `usage`.
 */
export async function targetAccounts(
  run: Run,
): Promise<{ readonly accounts: readonly TargetAccount[] } | { readonly exit: ExitCode }> {
  const named = run.options.file !== undefined;
  if (named || (await hasDefaultFile(run))) {
    const { accounts, diagnostics } = await readDesired(run, { needAccountId: true });
    const faults = diagnostics.filter(({ severity }) => severity === 'error');
    if (named) {
      const exit = reportDiagnostics(run, faults);
      if (exit !== undefined) return { exit };
      return { accounts: onlyAccount(accounts, run).map(subject) };
    }
    const wanted = run.options.account === undefined ? undefined : defaultAccount(run);
    const mine = accounts.filter(({ accountId }) => wanted === undefined || accountId === wanted);
    if (faults.length === 0 && mine.length > 0) return { accounts: mine.map(subject) };
    if (faults.length > 0) {
      run.out.log(
        'warn',
        `Warning: ${DEFAULT_FILE} has errors and is not used. To see them, run: hookwright validate`,
      );
    }
  }
  const accountId = defaultAccount(run);
  if (accountId) return { accounts: [{ accountId }] };
  throw new HookwrightError(
    'usage',
    `No account given. Pass --account ID, set CLOUDFLARE_ACCOUNT_ID, or pass a file with -f (this directory has no usable ${DEFAULT_FILE}).`,
  );
}

/** Reports whether the default desired-state file exists. */
export async function hasDefaultFile({ io }: Pick<Run, 'io'>): Promise<boolean> {
  const bytes = await diskFiles(io)
    .readFile(DEFAULT_FILE)
    .catch(() => undefined);
  return bytes !== undefined;
}

function subject(desired: DesiredAccount): TargetAccount {
  return { accountId: desired.accountId, desired };
}

/** Returns the status as one JSON document with stable keys. URLs are safe to show. */
export function statusDocument(
  accounts: readonly AccountStatus[],
  failures: readonly { readonly accountId: string; readonly code: string; readonly message: string }[],
): unknown {
  return {
    accounts: accounts.map(({ accountId, label, webhooks, missing, dangling, silent, routed }) => ({
      account_id: accountId,
      ...(label !== undefined && { label }),
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
      policies_without_recipient: silent.map(({ id, name, enabled }) => ({ id, name, enabled })),
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
