import type { DesiredAccount } from '../../core/desired.js';
import { exitOfError, worstExit, type ExitCode } from '../../core/exit-codes.js';
import { accountText } from '../../render/wording.js';
import { nameList } from '../../text/layout.js';
import { jsonText } from '../../text/untrusted.js';
import { doctorDocument, renderDoctor, type Check } from './doctor-text.js';
import { connect } from '../../cli/connection.js';
import { defaultAccount } from '../../cli/desired-state.js';
import { apiChecks, type CheckedAccount } from './check-api.js';
import {
  addressCheck,
  credentialsCheck,
  fileCheck,
  nodeCheck,
  problemOf,
  proxyCheck,
} from './check-setup.js';
import type { Run } from '../../cli/run.js';

/** Checks the token, its permissions, the accounts, their plans, the clock and the proxy. Sends only GETs. */
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
  const checks = [...local, ...(blocked ? [] : await online(run, account.accounts))];
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

async function online(run: Run, accounts: readonly CheckedAccount[]): Promise<readonly Check[]> {
  // The user is waiting, and one retry is enough to ignore a transient failure.
  const client = connect({
    ...run,
    options: { ...run.options, retries: Math.min(1, run.options.retries) },
  });
  try {
    return await apiChecks(client, accounts, {
      byToken: Boolean(run.io.env['CLOUDFLARE_API_TOKEN']),
      clock: run.io.clock,
      parallelism: run.options.parallelism,
    });
  } finally {
    client.close();
  }
}

/** Reports which accounts the other checks use: from the flag, the files, or the environment. */
function accountCheck(
  run: Run,
  described: readonly DesiredAccount[],
): { readonly check: Check; readonly accounts: readonly CheckedAccount[] } {
  const check = 'account-id';
  try {
    const accountId = defaultAccount(run);
    const mine = described.filter(
      (each) => run.options.account === undefined || each.accountId === accountId,
    );
    const accounts: readonly CheckedAccount[] = mine.length > 0 || !accountId ? mine : [{ accountId }];
    if (accounts.length === 0) {
      const message = 'No account ID: CLOUDFLARE_ACCOUNT_ID is not set, and no file has an account_id.';
      const hint =
        'Set the variable, or add account_id to the file. Without it, permissions cannot be checked.';
      return { accounts, check: { check, status: 'problem', message, hint, code: 'usage' } };
    }
    const names = nameList(accounts, (account) => accountText(account, String));
    const are = accounts.length === 1 ? 'account is' : `${accounts.length} accounts are`;
    return { accounts, check: { check, status: 'ok', message: `The ${are} ${names}.` } };
  } catch (error) {
    return { accounts: [], check: problemOf(check, error) };
  }
}
