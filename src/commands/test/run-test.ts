import { approve } from '../../cli/approval.js';
import { clientFor } from '../../cli/connection.js';
import { type TargetAccount, targetAccounts } from '../../cli/desired-state.js';
import { widthOf } from '../../cli/io.js';
import { refuseTwoMeanings, splitAccount } from '../../cli/names.js';
import type { Run } from '../../cli/run.js';
import { HookwrightError, usageError } from '../../core/errors.js';
import { EXIT, type ExitCode } from '../../core/exit-codes.js';
import { type AccountId, bareId, idReference, parseAccountId } from '../../core/ids.js';
import type { Live, Policy } from '../../core/live.js';
import { compareNames, compareTime, isRecord } from '../../core/order.js';
import { withSecretUrls } from '../../core/plan-account.js';
import { unreachable } from '../../core/plan.js';
import type { Reader } from '../../core/ports.js';
import { shownUrl } from '../../core/urls.js';
import { type AccountName, accountText } from '../../render/wording.js';
import { quote, shellQuoted, wrap } from '../../text/layout.js';
import { didYouMean } from '../../text/suggestions.js';
import { forTerminal, jsonText } from '../../text/untrusted.js';

/** Sends one test alert, after approval, through a policy that uses the webhook. Checks if it arrived. */
export async function test(run: Run): Promise<ExitCode> {
  const { io, options, out } = run;
  const [text = ''] = run.args;
  const target = await targetOf(run, text);
  if ('exit' in target) return target.exit;
  const { accountId, name, desired } = target;
  const account = desired ?? { accountId };
  const client = clientFor(run);
  try {
    const choose = async (): Promise<TestRecipients> => {
      const [listed, policies] = await Promise.all([
        client.listWebhooks(accountId),
        client.listPolicies(accountId),
      ]);
      const live = withSecretUrls(listed, desired);
      const isName = live.some((webhook) => webhook.name === text);
      refuseTwoMeanings(JSON.stringify(text), text, [account], isName ? accountId : undefined);
      const prefix = text.slice(0, text.length - name.length);
      return choosePolicy(chooseWebhook(name, live, { accountId, prefix }), policies, live);
    };
    const asked = await choose();
    const recipients = recipientsText(asked, account);
    const width = widthOf(io.stderr, 120);
    if (options.autoApprove) out.log('warn', wrap(othersText(asked), width));
    const approval = await approve(run, {
      text: `Do you want to send this test alert?\n${wrap(recipients, width, '  ')}`,
      otherwise: `${recipients} To send it, rerun with --auto-approve. No alert was sent.`,
    });
    if (approval === 'no') throw new HookwrightError('interrupted', 'Test canceled. No alert was sent.');
    // Much can change while someone reads the question, and another alert can arrive.
    const choice = options.autoApprove ? asked : await choose();
    if (recipientsText(choice, account) !== recipients) {
      const message =
        'The recipients changed since you were asked. No alert was sent. Run the command again.';
      throw new HookwrightError('check-failed', message);
    }
    const answer = await client.testPolicy(accountId, choice.policy.id);
    if (answer.status === 'refused') throw answer.error;
    if (answer.status === 'unknown') {
      // Do not send it again: the alert may be on its way.
      out.log('warn', `${forTerminal(answer.error.message)}\nChecking whether the alert arrived anyway.`);
    }
    const delivery = await watch(run, client, accountId, choice.webhook);
    const report = { ...choice, ...delivery };
    const result = delivery.status === 'failed' ? 'was not delivered' : 'has no known result';
    const message = delivery.status === 'delivered' ? undefined : `the test alert ${result}.`;
    out.result(
      options.format === 'json'
        ? jsonText({
            ...testDocument(account, report),
            ...(message !== undefined && { error: { code: 'check-failed', message } }),
          })
        : wrap(testText(report, options.settle), widthOf(io.stdout, 120)),
    );
    if (message === undefined) return EXIT.done;
    out.log('error', `Error: ${message}`);
    return EXIT.failed;
  } finally {
    client.close();
  }
}

/** Reads `NAME`, or `ACCOUNT:NAME` with an account ID or the label of an account of the files. */
async function targetOf(
  run: Run,
  text: string,
): Promise<(TargetAccount & { readonly name: string }) | { readonly exit: ExitCode }> {
  const id = parseAccountId(text.slice(0, text.indexOf(':')));
  const found = await targetAccounts(id ? { ...run, options: { ...run.options, account: id } } : run);
  if ('exit' in found) return found;
  const described = found.accounts.map(({ accountId, desired }) => desired ?? { accountId });
  const { account, name } = splitAccount(text, described);
  const [only, ...others] = account
    ? found.accounts.filter(({ accountId }) => accountId === account)
    : found.accounts;
  if (only && others.length === 0) return { ...only, name };
  const ids = described.map((each) => accountText(each, forTerminal)).join(', ');
  throw usageError(
    `There are several accounts: ${ids}. Pass --account ID, or name the webhook as ACCOUNT:NAME, with the ID or label of the account.`,
  );
}

/** The webhook to test, the policy that sends the alert, and everyone else who receives it. */
type TestRecipients = {
  readonly webhook: Live;
  readonly policy: Policy;
  /** Other webhooks of the policy. */
  readonly others: readonly Live[];
};

/**
 * Returns the live webhook with this name or ID. Throws `not-found`, or `usage` if there are several. `prefix`:
 * what names the account on the command line.
 */
function chooseWebhook(
  name: string,
  live: readonly Live[],
  { accountId, prefix }: { readonly accountId: AccountId; readonly prefix: string },
): Live {
  const named = live.filter((webhook) => webhook.name === name);
  const [found, ...others] =
    named.length > 0 ? named : live.filter(({ id }) => idReference(name) === bareId(id));
  if (found && others.length === 0) return found;
  const quoted = JSON.stringify(name);
  if (found) {
    const ways = named
      .map(({ id, ...rest }) => `  ${shellQuoted(`${prefix}id:${id}`)}  ${shownUrl(rest)}`)
      .join('\n');
    throw usageError(`${named.length} webhooks are named ${quoted}. Select one by its ID:\n${ways}`);
  }
  const near = didYouMean(
    name,
    live.map((webhook) => webhook.name),
  );
  const hint =
    near === undefined
      ? `To list the webhooks, run: hookwright status --account ${accountId}`
      : `Did you mean ${shellQuoted(prefix + near)}?`;
  throw new HookwrightError('not-found', `The account has no webhook ${quoted}. ${hint}`);
}

/** Returns the enabled policy that uses it and has the fewest other recipients. Throws `check-failed`. */
function choosePolicy(webhook: Live, policies: readonly Policy[], live: readonly Live[]): TestRecipients {
  const users = policies.filter(({ webhookIds }) =>
    webhookIds.some((id) => bareId(id) === bareId(webhook.id)),
  );
  const [policy] = users
    .filter(({ enabled }) => enabled)
    .sort((a, b) => reach(a) - reach(b) || compareNames(a, b));
  if (policy) {
    const ids = new Set(policy.webhookIds.map(bareId));
    ids.delete(bareId(webhook.id));
    return { webhook, policy, others: live.filter(({ id }) => ids.has(bareId(id))) };
  }
  const name = JSON.stringify(webhook.name);
  const disabled = users.map((user) => JSON.stringify(user.name)).join(', ');
  const way =
    'Cloudflare sends a test alert only through an enabled notification policy that uses the webhook.';
  throw new HookwrightError(
    'check-failed',
    users.length > 0
      ? `${way} ${name} is used only by disabled policies: ${disabled}. Enable one in the dashboard (Notifications) and try again.`
      : `${way} No policy uses ${name}. List it for a policy under "policies" in the file, then run apply.`,
  );
}

function reach({ webhookIds, otherMechanisms }: Policy): number {
  return webhookIds.length + otherMechanisms;
}

/** The result of the test. `unknown`: no last success or failure was recorded within the time limit. */
type Delivery = { readonly status: 'delivered' | 'failed' | 'unknown'; readonly webhook: Live };

const FIRST_PAUSE_MS = 500;
const MAX_POLL_PAUSE_MS = 5000;

/** Reads the webhook until its last success or failure differs from `before`, or the time limit passes. */
async function watch(
  { io: { clock }, options }: Run,
  reader: Reader,
  account: AccountId,
  before: Live,
): Promise<Delivery> {
  const end = clock.monotonic() + options.settle * 1000;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, MAX_POLL_PAUSE_MS)) {
    const now = await reader.getWebhook(account, before.id);
    if (!now) throw new HookwrightError('not-found', 'The webhook was deleted during the test.');
    const status = outcome(before, now);
    const left = end - clock.monotonic();
    if (status !== 'unknown' || left <= 0) return { status, webhook: now };
    await clock.sleep(Math.min(pause, left));
  }
}

/** If both changed, the later one counts. */
function outcome(before: Live, now: Live): Delivery['status'] {
  const success = moved(before.lastSuccess, now.lastSuccess);
  const failure = moved(before.lastFailure, now.lastFailure);
  if (success !== undefined && (failure === undefined || compareTime(failure, success) <= 0))
    return 'delivered';
  return failure === undefined ? 'unknown' : 'failed';
}

function moved(before: string | null | undefined, now: string | null | undefined): string | undefined {
  return now && now !== before ? now : undefined;
}

/** Lists everyone who receives the alert. */
function recipientsText({ webhook, policy, others }: TestRecipients, account: AccountName): string {
  const all = destinationTexts([webhook, ...others], policy);
  return `The alert goes through policy ${quote(policy.name)} of account ${accountText(account, forTerminal)} to ${all.join(', ')}.`;
}

function destinationTexts(webhooks: readonly Live[], policy: Policy): readonly string[] {
  const others = otherRecipients(policy).map(({ kind, id }) =>
    forTerminal(kind === 'email' ? id : `${kind} ${id}`),
  );
  return [...webhooks.map(({ name }) => quote(name)), ...others];
}

type Recipient = { readonly kind: string; readonly id: string };

/** Lists the email addresses, PagerDuty services and other recipients that are not webhooks. */
function otherRecipients({ raw }: Policy): readonly Recipient[] {
  const mechanisms = isRecord(raw['mechanisms']) ? raw['mechanisms'] : {};
  return Object.entries(mechanisms).flatMap(([kind, list]) =>
    kind === 'webhooks' || !Array.isArray(list)
      ? []
      : list.map((each: unknown) => {
          const id = isRecord(each) ? each['id'] : undefined;
          return { kind, id: typeof id === 'string' ? id : 'unknown' };
        }),
  );
}

/** Warns who else will receive the alert. Empty if there is no one else. */
function othersText({ policy, others }: TestRecipients): string {
  const parts = destinationTexts(others, policy);
  return parts.length === 0
    ? ''
    : `Warning: the test alert also goes to the other destinations of policy ${quote(policy.name)}: ${parts.join(', ')}.`;
}

/** Returns the result as one sentence. */
function testText({ webhook, policy, status }: TestRecipients & Delivery, seconds: number): string {
  const through = `the test alert of policy ${quote(policy.name)}`;
  switch (status) {
    case 'delivered':
      return `Delivered: ${quote(webhook.name)} accepted ${through} (last success ${webhook.lastSuccess ?? ''}).`;
    case 'failed':
      return `Failed: ${quote(webhook.name)} did not accept ${through} (last failure ${webhook.lastFailure ?? ''}). The destination must respond with 2xx to a POST from the internet.`;
    case 'unknown':
      return `Unknown: neither the last success nor the last failure of ${quote(webhook.name)} changed within ${seconds} s. Run "hookwright status" later to check.`;
    default:
      return unreachable(status);
  }
}

/** Returns the result as one JSON document with stable keys. */
function testDocument(
  { accountId, label }: AccountName,
  { webhook, policy, others, status }: TestRecipients & Delivery,
): object {
  return {
    account_id: accountId,
    ...(label !== undefined && { label }),
    webhook: { id: webhook.id, name: webhook.name },
    policy: { id: policy.id, name: policy.name },
    status,
    last_success: webhook.lastSuccess ?? null,
    last_failure: webhook.lastFailure ?? null,
    also_sent_to: {
      webhooks: others.map(({ id, name }) => ({ id, name })),
      other_destinations: policy.otherMechanisms,
      others: otherRecipients(policy),
    },
  };
}
