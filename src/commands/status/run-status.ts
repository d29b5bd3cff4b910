import pLimit from 'p-limit';
import { HookwrightError, type ErrorCode } from '../../core/errors.js';
import { EXIT, exitOfError, worstExit, type ExitCode } from '../../core/exit-codes.js';
import { accountStatus, isCutOff, type AccountStatus } from '../../core/health.js';
import type { AccountId } from '../../core/ids.js';
import type { Reader } from '../../core/ports.js';
import { forTerminal, jsonText } from '../../text/untrusted.js';
import { statusDocument } from './status-json.js';
import { renderStatus } from './status-text.js';
import { connect } from '../../cli/connection.js';
import { subjects, type Subject } from './status-accounts.js';
import type { Run } from '../../cli/run.js';

type Failure = { readonly accountId: AccountId; readonly code: ErrorCode; readonly message: string };

/** Shows how the live webhooks do. Two GETs per account. */
export async function status(run: Run): Promise<ExitCode> {
  const { io, options, out, style } = run;
  const found = await subjects(run);
  if ('exit' in found) return found.exit;
  const client = connect(run);
  try {
    const limit = pLimit(options.parallelism ?? 10);
    const results = await Promise.all(found.accounts.map((each) => limit(() => look(each, client))));
    const accounts = results.filter((result) => 'webhooks' in result);
    const failures = results.filter((result) => 'code' in result);
    if (options.format === 'json') {
      out.result(jsonText(statusDocument(accounts, failures)));
    } else {
      const width = Math.min(io.stdout.columns ?? 80, 120);
      if (accounts.length > 0) out.result(renderStatus(accounts, { style, width, now: io.clock.now() }));
      for (const { message } of failures) out.tell('error', `Error: ${forTerminal(message)}`);
    }
    const cut = accounts.some(({ webhooks }) => webhooks.some(isCutOff));
    const check = options.check && cut ? [EXIT.failed] : [];
    return worstExit([...failures.map(({ code }) => exitOfError(code)), ...check]);
  } finally {
    client.close();
  }
}

async function look({ accountId, desired }: Subject, reader: Reader): Promise<AccountStatus | Failure> {
  try {
    const [live, policies] = await Promise.all([
      reader.listWebhooks(accountId),
      reader.listPolicies(accountId),
    ]);
    return accountStatus(accountId, live, policies, desired);
  } catch (error) {
    if (!(error instanceof HookwrightError)) throw error;
    return { accountId, code: error.code, message: error.message };
  }
}
