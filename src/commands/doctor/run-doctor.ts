import { clientFor } from '../../cli/connection.js';
import { widthOf } from '../../cli/io.js';
import { defaultAccount, onlyAccount, warnUnusedAccount } from '../../cli/desired-state.js';
import type { Run } from '../../cli/run.js';
import { type ExitCode, exitOfError, worstExit } from '../../core/exit-codes.js';
import { groupBy } from '../../core/order.js';
import { type AccountName, accountText } from '../../render/wording.js';
import { count, nameList, wrap } from '../../text/layout.js';
import type { Style } from '../../text/style.js';
import { forTerminal, jsonText } from '../../text/untrusted.js';
import { apiChecks } from './check-api.js';
import {
  type Check,
  addressCheck,
  credentialsCheck,
  fileCheck,
  fine,
  problem,
  proxyCheck,
  tryCheck,
} from './check-setup.js';

/** Checks the token, its permissions, the accounts, their plans, the clock and the proxy. Sends only GETs. */
export async function doctor(run: Run): Promise<ExitCode> {
  const { io, options, out, style } = run;
  const file = await fileCheck(run);
  const account = await accountCheck(run, file);
  const local = [
    // An unsupported version was refused at the start.
    fine('node', `Node.js ${process.versions.node}.`),
    await credentialsCheck(run),
    await addressCheck(run),
    await proxyCheck(run),
    account.check,
    file.check,
  ];
  const blocked = local.some(
    ({ check, status }) => status === 'problem' && ['credentials', 'api-url', 'proxy'].includes(check),
  );
  const checks = [...local, ...(blocked ? [] : await online(run, account.accounts))];
  const width = widthOf(io.stdout, 120);
  out.result(
    options.format === 'json' ? jsonText(doctorDocument(checks)) : renderDoctor(checks, style, width),
  );
  const problems = checks.filter(({ status }) => status === 'problem');
  if (problems.length > 0) {
    const failed = new Set(problems.map(({ check }) => check));
    out.log('error', `Error: checks that failed: ${[...failed].join(', ')}.`);
  }
  return worstExit(problems.flatMap(({ code }) => (code ? [exitOfError(code)] : [])));
}

async function online(run: Run, accounts: readonly AccountName[]): Promise<readonly Check[]> {
  // The user is waiting, and one retry is enough to ignore a transient failure.
  const client = clientFor({
    ...run,
    options: { ...run.options, retries: Math.min(1, run.options.retries) },
  });
  try {
    return await apiChecks(run, client, accounts);
  } finally {
    client.close();
  }
}

/** Reports which accounts the other checks use: from the flag, the files, or the environment. */
async function accountCheck(
  run: Run,
  { accounts: described, check: file }: Awaited<ReturnType<typeof fileCheck>>,
): Promise<{ readonly check: Check; readonly accounts: readonly AccountName[] }> {
  let accounts: readonly AccountName[] = [];
  const check = await tryCheck('account-id', () => {
    const accountId = defaultAccount(run);
    warnUnusedAccount(run, described);
    const mine =
      run.options.file === undefined
        ? described.filter((each) => run.options.account === undefined || each.accountId === accountId)
        : onlyAccount(described, run);
    accounts = mine.length > 0 || !accountId ? mine : [{ accountId }];
    if (accounts.length === 0) {
      const [why, fix] =
        file.status === 'problem'
          ? ['an account_id in the file is not used because the file has errors', 'fix the file']
          : ['no file has an account_id', 'add account_id to the file'];
      const message = `No account ID: CLOUDFLARE_ACCOUNT_ID is not set, and ${why}.`;
      const hint = `Set the variable, or ${fix}. Without it, permissions cannot be checked.`;
      return problem('account-id', 'usage', message, hint);
    }
    const names = nameList(accounts, (account) => accountText(account, String));
    const are = accounts.length === 1 ? 'account is' : `${accounts.length} accounts are`;
    return fine('account-id', `The ${are} ${names}.`);
  });
  return { check, accounts };
}

const INDENT = ' '.repeat(9);

/** Renders one line for each check, followed by what to do if needed. */
function renderDoctor(checks: readonly Check[], style: Style, width: number): string {
  const paint = { ok: style.success, problem: style.error, unknown: style.dim };
  const lines = joined(checks).map(({ status, message, hint }) => {
    const word = status === 'unknown' ? '-' : status;
    const text = wrap(forTerminal(message), width, INDENT, word.padEnd(INDENT.length));
    const first = paint[status](text.slice(0, word.length)) + text.slice(word.length);
    return hint === undefined ? first : `${first}\n${wrap(forTerminal(hint), width, INDENT)}`;
  });
  const problems = checks.filter(({ status }) => status === 'problem').length;
  const closing =
    problems === 0
      ? style.success('No problems found.')
      : style.error(`${count(problems, 'problem')} found.`);
  return `${lines.join('\n')}\n\n${closing}\n`;
}

/** If there are several accounts, counts those without problems, and shows each repeated problem once. */
function joined(checks: readonly Check[]): readonly Check[] {
  const ofAccounts = checks.filter(({ account }) => account);
  const others = checks.filter(({ account }) => !account);
  if (ofAccounts.length === 0) return others;
  const byAccount = [...groupBy(ofAccounts, ({ account }) => account?.accountId).values()];
  const usable = byAccount.filter((each) => each.every(({ status }) => status === 'ok')).length;
  const remarks = groupBy(
    ofAccounts.filter(({ status }) => status !== 'ok'),
    ({ check, message, hint }) => JSON.stringify([check, message, hint]),
  );
  const lines = Array.from(remarks.values(), (same): Check => {
    const names = nameList(
      same.flatMap(({ account }) => account ?? []),
      (account) => accountText(account, String),
    );
    return { ...same[0], message: `${names}: ${same[0].message}` };
  });
  const message = `The token can read the webhooks and policies of ${usable} of ${byAccount.length} accounts, and they can use webhooks.`;
  const at = others.findIndex(({ check }) => check === 'write');
  return others.toSpliced(at, 0, ...(usable > 0 ? [fine('accounts', message)] : []), ...lines);
}

/** Returns the checks as one JSON document with stable keys. */
function doctorDocument(checks: readonly Check[]): unknown {
  const first = checks.find(({ status }) => status === 'problem');
  return {
    ok: first === undefined,
    checks: checks.map(({ check, status, message, hint, code, account }) => ({
      check,
      ...(account && { account_id: account.accountId }),
      ...(account?.label !== undefined && { label: account.label }),
      status,
      message,
      ...(hint !== undefined && { hint }),
      ...(code !== undefined && { code }),
    })),
    ...(first?.code && { error: { code: first.code, message: first.message } }),
  };
}
