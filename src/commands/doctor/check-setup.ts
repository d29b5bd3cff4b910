import { DEFAULT_BASE_URL, parseBaseUrl } from '../../cloudflare/address.js';
import { authentication } from '../../cloudflare/client.js';
import { agentsFor } from '../../cloudflare/proxy.js';
import type { DesiredAccount } from '../../core/desired.js';
import { type ErrorCode, HookwrightError } from '../../core/errors.js';
import { diskFiles } from '../../config/disk.js';
import { DEFAULT_FILE, otherEnding } from '../../config/load.js';
import { defaultAccount, hasDefaultFile, readDesired } from '../../cli/desired-state.js';
import { apiUrlFor, credentialsIn } from '../../cli/connection.js';
import type { AccountName } from '../../render/wording.js';
import type { Run } from '../../cli/run.js';

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

const OLDEST_NODE = 20;

/** Checks that hookwright supports this version of Node.js. */
export function nodeCheck(version: string): Check {
  const check = 'node';
  if (Number.parseInt(version, 10) >= OLDEST_NODE)
    return { check, status: 'ok', message: `Node.js ${version}.` };
  const message = `Node.js ${version} is too old.`;
  return {
    check,
    status: 'problem',
    message,
    hint: `Install Node.js ${OLDEST_NODE} or later.`,
    code: 'usage',
  };
}

/** Checks that credentials are set and can be sent. */
export function credentialsCheck({ io, redactor }: Run): Check {
  const check = 'credentials';
  const credentials = credentialsIn(io);
  const hint =
    'Create a token at https://dash.cloudflare.com/profile/api-tokens with the permission Account > Notifications > ' +
    'Read (for plan) or Edit (for apply), and set CLOUDFLARE_API_TOKEN to it.';
  if (!credentials) {
    const half = io.env['CLOUDFLARE_API_KEY'] ? ' CLOUDFLARE_API_KEY also requires CLOUDFLARE_EMAIL.' : '';
    return {
      check,
      status: 'problem',
      message: `CLOUDFLARE_API_TOKEN is not set.${half}`,
      hint,
      code: 'usage',
    };
  }
  return tryRead(check, () => {
    authentication(credentials, redactor);
    const what =
      'token' in credentials
        ? 'CLOUDFLARE_API_TOKEN is set'
        : 'CLOUDFLARE_API_KEY and CLOUDFLARE_EMAIL are set';
    return { check, status: 'ok', message: `${what}.` };
  });
}

/** Checks that the API address is one that a token can be sent to. */
export function addressCheck(run: Run): Check {
  const check = 'api-url';
  return tryRead(check, () => {
    const url = parseBaseUrl(apiUrlFor(run));
    const own =
      url.href.replace(/\/$/, '') === DEFAULT_BASE_URL ? '' : ", which is not Cloudflare's own address";
    return { check, status: 'ok', message: `The API address is ${url.href}${own}.` };
  });
}

/** Reports which proxy requests use. */
export async function proxyCheck(run: Run): Promise<Check> {
  const { io, redactor } = run;
  const check = 'proxy';
  try {
    const base = parseBaseUrl(apiUrlFor(run));
    const { proxy, http, https } = await agentsFor(base, io.env, 1, redactor);
    http.destroy();
    https.destroy();
    const named = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'].find((name) => io.env[name]);
    if (proxy !== undefined)
      return { check, status: 'ok', message: `Requests go through the proxy ${proxy}.` };
    const why =
      named === undefined ? '' : ` although ${named} is set (NO_PROXY, or an address on this machine)`;
    return { check, status: 'ok', message: `No proxy is used${why}.` };
  } catch (error) {
    return problemOf(check, error);
  }
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
    return { check: { check, status: 'unknown', message, hint }, accounts: [] };
  }
  const { accounts, counts, diagnostics } = await readDesired(run, { needAccountId: namesAccount(run) });
  const faults = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (faults > 0) {
    const message = `The desired state has ${faults === 1 ? '1 error' : `${faults} errors`}.`;
    const hint = 'Run "hookwright validate" to see each error with its line and a fix.';
    return { check: { check, status: 'problem', message, hint, code: 'invalid-file' }, accounts: [] };
  }
  const size = counts.webhooks === 1 ? '1 webhook' : `${counts.webhooks} webhooks`;
  return { check: { check, status: 'ok', message: `The desired state is valid (${size}).` }, accounts };
}

/** Reports whether there is a valid account for documents without one. Another check reports errors in it. */
function namesAccount(run: Run): boolean {
  try {
    return defaultAccount(run) !== undefined;
  } catch {
    return false;
  }
}

/** Returns the error as a problem. Rethrows anything that is not a {@link HookwrightError}. */
export function problemOf(check: string, error: unknown): Check {
  if (!(error instanceof HookwrightError)) throw error;
  return { check, status: 'problem', message: error.message, code: error.code };
}

function tryRead(check: string, look: () => Check): Check {
  try {
    return look();
  } catch (error) {
    return problemOf(check, error);
  }
}
