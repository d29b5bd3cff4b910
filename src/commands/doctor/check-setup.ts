import { DEFAULT_BASE_URL, parseBaseUrl } from '../../cloudflare/address.js';
import { authentication } from '../../cloudflare/client.js';
import { agentsFor } from '../../cloudflare/proxy.js';
import type { DesiredAccount } from '../../core/desired.js';
import { attempt, type ErrorCode } from '../../core/errors.js';
import { diskFiles } from '../../config/disk.js';
import { DEFAULT_FILE, otherEnding } from '../../config/load.js';
import { flagsFor, defaultAccount, hasDefaultFile, readDesired } from '../../cli/desired-state.js';
import { apiUrlFor, credentialsIn } from '../../cli/connection.js';
import type { AccountName } from '../../render/wording.js';
import type { Run } from '../../cli/run.js';
import { count } from '../../text/layout.js';

/** One check. `unknown`: it could not be checked, which is not a problem. */
export type Check = {
  /** Stable, kebab-case: `read-webhooks`. */
  readonly check: string;
  readonly status: 'ok' | 'problem' | 'unknown';
  /** The result, as a sentence. */
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
  /** The account, if several are checked. */
  readonly account?: AccountName | undefined;
  /** For a problem: determines the exit code. */
  readonly code?: ErrorCode;
};

export function fine(check: string, message: string): Check {
  return { check, status: 'ok', message };
}

export function unknown(check: string, message: string, hint?: string): Check {
  return { check, status: 'unknown', message, ...(hint !== undefined && { hint }) };
}

export function problem(check: string, code: ErrorCode, message: string, hint?: string): Check {
  return { check, status: 'problem', message, ...(hint !== undefined && { hint }), code };
}

/** Returns the result of a check, or the error that it throws as a problem. */
export async function tryCheck(check: string, look: () => Check | Promise<Check>): Promise<Check> {
  const result = await attempt(async () => look());
  return result.ok ? result.value : problem(check, result.error.code, result.error.message);
}

/** Checks that credentials are set and can be sent. */
export async function credentialsCheck({ io, redactor }: Run): Promise<Check> {
  const check = 'credentials';
  const credentials = credentialsIn(io);
  const hint =
    'Create a token at https://dash.cloudflare.com/profile/api-tokens with the permission Account > Notifications > ' +
    'Read (for plan) or Edit (for apply), and set CLOUDFLARE_API_TOKEN to it.';
  if (!credentials) {
    const half = io.env['CLOUDFLARE_API_KEY'] ? ' CLOUDFLARE_API_KEY also requires CLOUDFLARE_EMAIL.' : '';
    return problem(check, 'usage', `CLOUDFLARE_API_TOKEN is not set.${half}`, hint);
  }
  return tryCheck(check, () => {
    authentication(credentials, redactor);
    const isToken = 'token' in credentials;
    const what = isToken ? 'CLOUDFLARE_API_TOKEN is' : 'CLOUDFLARE_API_KEY and CLOUDFLARE_EMAIL are';
    return fine(check, `${what} set.`);
  });
}

/** Checks that the API address is one that a token can be sent to. */
export async function addressCheck(run: Run): Promise<Check> {
  return tryCheck('api-url', () => {
    const { href } = parseBaseUrl(apiUrlFor(run));
    const own = href.replace(/\/$/, '') === DEFAULT_BASE_URL ? '' : ", which is not Cloudflare's own address";
    return fine('api-url', `The API address is ${href}${own}.`);
  });
}

/** Reports which proxy requests use. */
export async function proxyCheck(run: Run): Promise<Check> {
  const { io, redactor } = run;
  return tryCheck('proxy', async () => {
    const base = parseBaseUrl(apiUrlFor(run));
    const { proxy, http, https } = await agentsFor(base, io.env, 1, redactor);
    http.destroy();
    https.destroy();
    const named = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'].find((name) => io.env[name]);
    if (proxy !== undefined) return fine('proxy', `Requests go through the proxy ${proxy}.`);
    const why =
      named === undefined ? '' : ` although ${named} is set (NO_PROXY, or an address on this machine)`;
    return fine('proxy', `No proxy is used${why}.`);
  });
}

/** Checks the desired-state files, and returns the accounts that they describe. */
export async function fileCheck(
  run: Run,
): Promise<{ readonly check: Check; readonly accounts: readonly DesiredAccount[] }> {
  const check = 'file';
  if (run.options.file === undefined && !(await hasDefaultFile(run))) {
    const message = `${DEFAULT_FILE} was not found in this directory.`;
    const other = await otherEnding(DEFAULT_FILE, diskFiles(run.io));
    const hint =
      other === undefined
        ? `To write one from the live webhooks, run: hookwright import -f ${DEFAULT_FILE}`
        : `There is ${other}: rename it, or pass it with -f.`;
    return { check: unknown(check, message, hint), accounts: [] };
  }
  const { accounts, counts, diagnostics } = await readDesired(run, { needAccountId: namesAccount(run) });
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) {
    const message = `The desired state has ${count(errors, 'error')}.`;
    const command = `hookwright validate ${flagsFor(run.options.file ?? [])}`.trim();
    const hint = `To see each error with its line and a fix, run: ${command}`;
    return { check: problem(check, 'invalid-file', message, hint), accounts: [] };
  }
  const size = count(counts.webhooks, 'webhook');
  return { check: fine(check, `The desired state is valid (${size}).`), accounts };
}

/** Reports whether there is a valid account for documents without one. Another check reports errors in it. */
function namesAccount(run: Run): boolean {
  try {
    return defaultAccount(run) !== undefined;
  } catch {
    return false;
  }
}
