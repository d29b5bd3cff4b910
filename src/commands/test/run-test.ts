import { HookwrightError } from '../../core/errors.js';
import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import type { AccountId } from '../../core/ids.js';
import { forTerminal, jsonText } from '../../text/untrusted.js';
import { othersText, testDocument, testText, type TestReport } from './test-text.js';
import { wrap } from '../../text/layout.js';
import { connect } from '../../cli/connection.js';
import { choosePolicy, chooseWebhook } from './live-test-choice.js';
import { parseNamed } from '../../cli/names.js';
import { watch } from './live-test-watch.js';
import { subjects } from '../status/status-accounts.js';
import type { Run } from '../../cli/run.js';

/** Sends a test alert once through a policy that uses the webhook, and checks whether it arrived. */
export async function test(run: Run): Promise<ExitCode> {
  const { io, options, out } = run;
  const { account, name } = parseNamed(run.argument ?? '');
  const accountId = account ?? (await onlySubject(run));
  if (typeof accountId === 'object') return accountId.exit;
  const client = connect(run);
  try {
    const [live, policies] = await Promise.all([
      client.listWebhooks(accountId),
      client.listPolicies(accountId),
    ]);
    const choice = choosePolicy(chooseWebhook(name, live), policies, live);
    const width = Math.min(io.stderr.columns ?? 80, 120);
    out.tell('warn', wrap(othersText(choice), width));
    const answer = await client.testPolicy(accountId, choice.policy.id);
    if (answer.status === 'refused') throw answer.error;
    if (answer.status === 'unknown') {
      // Not sent again: the alert may be on its way.
      out.tell('warn', `${forTerminal(answer.error.message)}\nChecking whether the alert arrived anyway.`);
    }
    const patience = options.settle ?? 30;
    const found = await watch(
      { account: accountId, before: choice.webhook, patienceMs: patience * 1000 },
      client,
      io.clock,
    );
    const report: TestReport = { accountId, ...choice, ...found, patience };
    const outWidth = Math.min(io.stdout.columns ?? 80, 120);
    out.result(options.format === 'json' ? jsonText(testDocument(report)) : wrap(testText(report), outWidth));
    return found.status === 'delivered' ? EXIT.done : EXIT.failed;
  } finally {
    client.close();
  }
}

async function onlySubject(run: Run): Promise<AccountId | { readonly exit: ExitCode }> {
  const found = await subjects(run);
  if ('exit' in found) return found;
  const [only, ...others] = found.accounts;
  if (only && others.length === 0) return only.accountId;
  const ids = found.accounts.map(({ accountId }) => accountId).join(', ');
  throw new HookwrightError(
    'usage',
    `There are several accounts: ${ids}. Pass --account ID, or name the webhook as ACCOUNT_ID:NAME.`,
  );
}
