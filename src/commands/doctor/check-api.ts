import pLimit from 'p-limit';
import type { Run } from '../../cli/run.js';
import type { CloudflareClient } from '../../cloudflare/client.js';
import type { TokenStatus } from '../../cloudflare/wire.js';
import { attempt, HookwrightError, type Result } from '../../core/errors.js';
import type { AccountId } from '../../core/ids.js';
import type { Clock } from '../../core/ports.js';
import { type AccountName, CHECK_ACCOUNT, EMPTY_ACCOUNT } from '../../render/wording.js';
import { type Check, fine, problem, unknown } from './check-setup.js';

const MAX_SKEW_MS = 60_000;

/** Checks the token, and each account and its entitlement. Sends only GETs. */
export async function apiChecks(
  { io: { env, clock }, options }: Run,
  client: CloudflareClient,
  accounts: readonly AccountName[],
): Promise<readonly Check[]> {
  const token = env['CLOUDFLARE_API_TOKEN']
    ? await attempt(() => verify(client, accounts[0]?.accountId))
    : undefined;
  // Compared at once, because the other requests can take long; without a token, after the first of them.
  let compared = token && clockCheck(client.serverTime, clock);
  const compare = (): void => void (compared ??= clockCheck(client.serverTime, clock));
  const unreached = token && !token.ok && isUnreached(token.error) ? token.error : undefined;
  if (unreached) return [problem('reachable', unreached.code, unreached.message)];
  const each = await pLimit(options.parallelism).map(accounts, ({ accountId }) =>
    accountChecks(client, accountId, compare),
  );
  const found = each.length === 1 ? each.flat() : ofSeveral(accounts, each);
  const readable = found.some(({ check, status }) => check === 'read-webhooks' && status === 'ok');
  // The path of this request names no account.
  const misrouted = token && !token.ok && token.error.code === 'wrong-address' ? token.error : undefined;
  if (misrouted && !readable) return [problem('reachable', misrouted.code, misrouted.message)];
  const down = found.find(({ code }) => code === 'network' || code === 'timeout');
  if (down && !token) return [{ ...down, check: 'reachable' }];
  return [
    fine('reachable', 'The API responds.'),
    ...(token ? [tokenCheck(token, readable)] : []),
    ...(token && isDenied(token) && !readable ? found.flatMap(asConsequence) : found),
    ...(compared ? [compared] : []),
  ];
}

/** A token that is not accepted cannot read anything either. That is one problem, not three. */
function asConsequence(check: Check): readonly Check[] {
  if (check.code !== 'access-denied') return [check];
  if (check.check === 'read-policies') return [];
  const text = 'Webhooks and policies could not be read, because the token was not accepted.';
  return [{ ...unknown(check.check, text), account: check.account }];
}

/** Adds the account to each check. Reports only once that write permission is not checked. */
function ofSeveral(accounts: readonly AccountName[], each: readonly (readonly Check[])[]): readonly Check[] {
  const checks = each.flatMap((found, i) =>
    found.filter((check) => check !== WRITE).map((check) => ({ ...check, account: accounts[i] })),
  );
  return accounts.length === 0 ? [] : [...checks, WRITE];
}

/** Verifies the token as a user's token; if that fails, as the account's token. */
async function verify(client: CloudflareClient, accountId: AccountId | undefined): Promise<TokenStatus> {
  try {
    return await client.verifyToken();
  } catch (error) {
    if (accountId === undefined || (error instanceof HookwrightError && isUnreached(error))) throw error;
    // The first error explains best what is wrong with the token itself.
    return client.verifyToken(accountId).catch(() => {
      throw error;
    });
  }
}

/** The statuses of unusable tokens that are safe to show. Any other text could be anything. */
const INACTIVE: ReadonlySet<string> = new Set(['disabled', 'expired']);
const CREATE_TOKEN = 'Create a new one at https://dash.cloudflare.com/profile/api-tokens.';

function tokenCheck(token: Result<TokenStatus>, readable: boolean): Check {
  const check = 'token';
  if (token.ok) {
    const { status, expiresOn } = token.value;
    const until = /^[\d:.TZ+-]{8,40}$/.test(expiresOn ?? '') ? ` It expires on ${expiresOn ?? ''}.` : '';
    if (status === 'active') return fine(check, `The token is active.${until}`);
    const message = `The token is ${INACTIVE.has(status) ? status : 'not active'}.${until}`;
    return problem(check, 'access-denied', message, CREATE_TOKEN);
  }
  // Not every token can read its own status; one that can read webhooks is valid.
  if (readable) return fine(check, 'The token is accepted.');
  const { code, message } = token.error;
  // The message says what to check.
  return problem(check, code, message, CREATE_TOKEN);
}

async function accountChecks(
  client: CloudflareClient,
  accountId: AccountId,
  onResponse: () => void,
): Promise<readonly Check[]> {
  const [webhooks, policies, eligible] = await Promise.all([
    attempt(() => client.listWebhooks(accountId)).finally(onResponse),
    attempt(() => client.listPolicies(accountId)),
    attempt(() => client.eligible(accountId)),
  ]);
  if (!webhooks.ok && webhooks.error.code === 'wrong-address') {
    const message = `Account ${accountId} does not exist, or the token has no access to it.`;
    const hint =
      "Copy the account ID from the account's overview page in the dashboard, and check CLOUDFLARE_ACCOUNT_ID, --account, or account_id in the file.";
    return [problem('account', 'wrong-address', message, hint)];
  }
  return [
    readCheck('read-webhooks', 'webhooks', webhooks),
    isDenied(webhooks) && isDenied(policies)
      ? POLICIES_ALSO_DENIED
      : {
          ...readCheck('read-policies', 'notification policies', policies),
          ...(isEmpty(webhooks) && isEmpty(policies) && { hint: `${EMPTY_ACCOUNT} ${CHECK_ACCOUNT}` }),
        },
    WRITE,
    entitlementCheck(eligible),
  ];
}

const WRITE = unknown(
  'write',
  'Write permission cannot be checked without writing.',
  'apply requires the permission Account > Notifications > Edit; for plan, Read is enough.',
);

/** Does not repeat the reason that the webhook check gave. */
const POLICIES_ALSO_DENIED = problem(
  'read-policies',
  'access-denied',
  'The token cannot read notification policies either.',
);

function isEmpty(read: Result<readonly unknown[]>): boolean {
  return read.ok && read.value.length === 0;
}

function readCheck(check: string, what: string, read: Result<readonly unknown[]>): Check {
  if (!read.ok) return problem(check, read.error.code, read.error.message);
  return fine(check, `The token can read ${what} (${read.value.length} found).`);
}

/** https://developers.cloudflare.com/api/resources/alerting/subresources/destinations/subresources/eligible/ */
function entitlementCheck(eligible: Result<Awaited<ReturnType<CloudflareClient['eligible']>>>): Check {
  const check = 'entitlement';
  if (!eligible.ok) {
    const why = isDenied(eligible) ? ': the token is not allowed to check.' : `. ${eligible.error.message}`;
    return unknown(check, `It is not known whether the account can use webhooks${why}`);
  }
  const webhooks = eligible.value.filter(
    ({ mechanism, type }) => mechanism === 'webhooks' || type === 'webhooks',
  );
  if (webhooks.length === 0)
    return unknown(check, 'Cloudflare does not say whether the account can use webhooks.');
  if (webhooks.some((each) => each.eligible)) return fine(check, 'The account can use webhooks.');
  const message = "The account's plan does not include webhooks.";
  const hint =
    'Cloudflare includes webhooks in all plans since October 2026, so ask its support: https://developers.cloudflare.com/notifications/get-started/configure-webhooks/';
  return problem(check, 'check-failed', message, hint);
}

function clockCheck(serverTime: string | undefined, clock: Clock): Check {
  const check = 'clock';
  const server = Date.parse(serverTime ?? '');
  if (Number.isNaN(server))
    return unknown(check, 'The clock was not checked: the response did not include a time.');
  const skew = clock.now() - server;
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) <= MAX_SKEW_MS) return fine(check, "The clock agrees with Cloudflare's.");
  const message = `This machine's clock is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} Cloudflare's.`;
  const hint = 'Synchronize it, for example with NTP. TLS certificates and rate-limit waits depend on it.';
  return problem(check, 'check-failed', message, hint);
}

function isDenied(read: Result<unknown>): boolean {
  return !read.ok && read.error.code === 'access-denied';
}

function isUnreached({ code }: HookwrightError): boolean {
  return code === 'network' || code === 'timeout';
}
