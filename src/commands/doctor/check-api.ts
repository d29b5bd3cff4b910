import pLimit from 'p-limit';
import type { CloudflareClient } from '../../cloudflare/client.js';
import type { TokenStatus } from '../../cloudflare/wire.js';
import { attempt, HookwrightError, type Result } from '../../core/errors.js';
import type { AccountId } from '../../core/ids.js';
import type { Clock } from '../../core/ports.js';
import type { AccountName } from '../../render/wording.js';
import { type Check, problemOf } from './check-setup.js';

const MOST_SKEW_MS = 60_000;

/** An account to check, with its label. */
export type CheckedAccount = AccountName & { readonly accountId: AccountId };

type ApiOptions = { readonly byToken: boolean; readonly clock: Clock; readonly parallelism: number };

/** Checks the token, and each account and its entitlement. Sends only GETs. */
export async function apiChecks(
  client: CloudflareClient,
  accounts: readonly CheckedAccount[],
  { byToken, clock, parallelism }: ApiOptions,
): Promise<readonly Check[]> {
  const token = byToken ? await attempt(() => verify(client, accounts[0]?.accountId)) : undefined;
  const unreached = token && !token.ok && isUnreached(token.error) ? token.error : undefined;
  if (unreached) return [problemOf('reachable', unreached)];
  const limit = pLimit(parallelism);
  const each = await Promise.all(
    accounts.map((account) => limit(() => accountChecks(client, account.accountId))),
  );
  const found = each.length === 1 ? each.flat() : ofSeveral(accounts, each);
  const readable = found.some(({ check, status }) => check === 'read-webhooks' && status === 'ok');
  const down = found.find(({ code }) => code === 'network' || code === 'timeout');
  if (down && !token) return [{ ...down, check: 'reachable' }];
  return [
    { check: 'reachable', status: 'ok', message: 'The API responds.' },
    ...(token ? [tokenCheck(token, readable)] : []),
    ...found,
    ...(token ? [clockCheck(token, clock)] : []),
  ];
}

/** Adds the account to each check. Reports only once that write permission is not checked. */
function ofSeveral(
  accounts: readonly CheckedAccount[],
  each: readonly (readonly Check[])[],
): readonly Check[] {
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

function tokenCheck(token: Result<TokenStatus>, readable: boolean): Check {
  const check = 'token';
  if (token.ok) {
    const { status, expiresOn } = token.value;
    const until = /^[\d:.TZ+-]{8,40}$/.test(expiresOn ?? '') ? ` It expires on ${expiresOn ?? ''}.` : '';
    if (status === 'active') return { check, status: 'ok', message: `The token is active.${until}` };
    const hint = 'Create a new one at https://dash.cloudflare.com/profile/api-tokens.';
    return {
      check,
      status: 'problem',
      message: `The token is ${INACTIVE.has(status) ? status : 'not active'}.${until}`,
      hint,
      code: 'access-denied',
    };
  }
  // Not every token can read its own status; one that can read webhooks is valid.
  if (readable) return { check, status: 'ok', message: 'The token is accepted.' };
  const { code, message } = token.error;
  const hint =
    'Check that it was copied completely and has not been revoked. Create a new one at https://dash.cloudflare.com/profile/api-tokens.';
  return { check, status: 'problem', message, hint, code };
}

async function accountChecks(client: CloudflareClient, accountId: AccountId): Promise<readonly Check[]> {
  const [webhooks, policies, eligible] = await Promise.all([
    attempt(() => client.listWebhooks(accountId)),
    attempt(() => client.listPolicies(accountId)),
    attempt(() => client.eligible(accountId)),
  ]);
  if (!webhooks.ok && webhooks.error.code === 'wrong-address') {
    const message = `Account ${accountId} does not exist, or the token has no access to it.`;
    const hint =
      "Copy the account ID from the account's overview page in the dashboard, and check CLOUDFLARE_ACCOUNT_ID, --account, or account_id in the file.";
    return [{ check: 'account', status: 'problem', message, hint, code: 'wrong-address' }];
  }
  return [
    readCheck('read-webhooks', 'webhooks', webhooks),
    isDenied(webhooks) && isDenied(policies)
      ? POLICIES_ALSO_DENIED
      : readCheck('read-policies', 'notification policies', policies),
    WRITE,
    entitlementCheck(eligible),
  ];
}

const WRITE: Check = {
  check: 'write',
  status: 'unknown',
  message: 'Write permission cannot be checked without writing.',
  hint: 'apply requires the permission Account > Notifications > Edit; for plan, Read is enough.',
};

/** Does not repeat the reason that the webhook check gave. */
const POLICIES_ALSO_DENIED: Check = {
  check: 'read-policies',
  status: 'problem',
  message: 'The token cannot read notification policies either.',
  code: 'access-denied',
};

function readCheck(check: string, what: string, read: Result<readonly unknown[]>): Check {
  if (!read.ok) return problemOf(check, read.error);
  return { check, status: 'ok', message: `The token can read ${what} (${read.value.length} found).` };
}

/** https://developers.cloudflare.com/api/resources/alerting/subresources/destinations/subresources/eligible/ */
function entitlementCheck(eligible: Result<Awaited<ReturnType<CloudflareClient['eligible']>>>): Check {
  const check = 'entitlement';
  if (!eligible.ok) {
    const unknown = 'It is not known whether the account can use webhooks';
    const why = isDenied(eligible) ? ': the token is not allowed to check.' : `. ${eligible.error.message}`;
    return { check, status: 'unknown', message: `${unknown}${why}` };
  }
  const webhooks = eligible.value.filter(
    ({ mechanism, type }) => mechanism === 'webhooks' || type === 'webhooks',
  );
  if (webhooks.length === 0) {
    return {
      check,
      status: 'unknown',
      message: 'Cloudflare does not say whether the account can use webhooks.',
    };
  }
  if (webhooks.some((each) => each.eligible))
    return { check, status: 'ok', message: 'The account can use webhooks.' };
  const message = "The account's plan does not include webhooks.";
  const hint =
    'Cloudflare includes webhooks in all plans since October 2026, so ask its support: https://developers.cloudflare.com/notifications/get-started/configure-webhooks/';
  return { check, status: 'problem', message, hint, code: 'check-failed' };
}

function clockCheck(token: Result<TokenStatus>, clock: Clock): Check {
  const check = 'clock';
  const text = token.ok ? token.value.serverTime : undefined;
  const server = Date.parse(text ?? '');
  if (Number.isNaN(server))
    return {
      check,
      status: 'unknown',
      message: 'The clock was not checked: the response did not include a time.',
    };
  const skew = clock.now() - server;
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) <= MOST_SKEW_MS)
    return { check, status: 'ok', message: "The clock agrees with Cloudflare's." };
  const message = `This machine's clock is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} Cloudflare's.`;
  return {
    check,
    status: 'problem',
    message,
    hint: 'Synchronize it, for example with NTP. TLS certificates and rate-limit waits depend on it.',
    code: 'check-failed',
  };
}

function isDenied(read: Result<unknown>): boolean {
  return !read.ok && read.error.code === 'access-denied';
}

function isUnreached({ code }: HookwrightError): boolean {
  return code === 'network' || code === 'timeout';
}
