import type { DesiredAccount } from '../../core/desired.js';
import { exitOfError, worstExit, type ExitCode } from '../../core/exit-codes.js';
import type { AccountId } from '../../core/ids.js';
import { jsonText } from '../../text/untrusted.js';
import { doctorDocument, renderDoctor, type Check } from './doctor-text.js';
import { connect } from '../../cli/connection.js';
import { defaultAccount } from '../../cli/desired-state.js';
import { apiChecks } from './check-api.js';
import {
  addressCheck,
  credentialsCheck,
  fileCheck,
  nodeCheck,
  problemOf,
  proxyCheck,
} from './check-setup.js';
import type { Run } from '../../cli/run.js';

/** Checks the token, its permissions, the account, its plan, the clock and the proxy. Sends only GETs. */
export async function doctor(run: Run): Promise<ExitCode> {
  const { io, options, out, style } = run;
  const file = await fileCheck(run);
  const account = accountCheck(run, file.accounts);
  const local = [
    nodeCheck(process.versions.node),
    credentialsCheck(run),
    addressCheck(run),
    await proxyCheck(run),
    account.check,
    file.check,
  ];
  const blocked = local.some(
    ({ check, status }) => status === 'problem' && ['credentials', 'api-url', 'proxy'].includes(check),
  );
  const checks = [...local, ...(blocked ? [] : await online(run, account.accountId))];
  const width = Math.min(io.stdout.columns ?? 80, 120);
  out.result(
    options.format === 'json' ? jsonText(doctorDocument(checks)) : renderDoctor(checks, { style, width }),
  );
  const problems = checks.filter(({ status }) => status === 'problem');
  if (problems.length > 0) {
    out.log('error', `Error: checks that failed: ${problems.map(({ check }) => check).join(', ')}.`);
  }
  return worstExit(problems.flatMap(({ code }) => (code ? [exitOfError(code)] : [])));
}

async function online(run: Run, accountId: AccountId | undefined): Promise<readonly Check[]> {
  // The user is waiting, and one retry is enough to ignore a transient failure.
  const client = connect({
    ...run,
    options: { ...run.options, retries: Math.min(1, run.options.retries) },
  });
  try {
    return await apiChecks(client, accountId, Boolean(run.io.env['CLOUDFLARE_API_TOKEN']), run.io.clock);
  } finally {
    client.close();
  }
}

/** Reports which account the other checks use: from the flag, the file (the first) or the environment. */
function accountCheck(
  run: Run,
  accounts: readonly DesiredAccount[],
): { readonly check: Check; readonly accountId?: AccountId } {
  const check = 'account-id';
  try {
    const named = defaultAccount(run);
    const accountId = run.options.account === undefined ? (accounts[0]?.accountId ?? named) : named;
    if (accountId === undefined) {
      const message = 'No account ID: CLOUDFLARE_ACCOUNT_ID is not set, and no file has an account_id.';
      const hint =
        'Set the variable, or add account_id to the file. Without it, permissions cannot be checked.';
      return { check: { check, status: 'problem', message, hint, code: 'usage' } };
    }
    const more = accounts.length > 1 ? ` (the first of ${accounts.length} in the file)` : '';
    return { accountId, check: { check, status: 'ok', message: `The account is ${accountId}${more}.` } };
  } catch (error) {
    return { check: problemOf(check, error) };
  }
}
