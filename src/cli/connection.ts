import type { ApplyDeps } from '../apply/session.js';
import { DEFAULT_BASE_URL, NOT_A_URL } from '../cloudflare/address.js';
import { CloudflareClient, type ApiCredentials } from '../cloudflare/client.js';
import { type HookwrightError, usageError } from '../core/errors.js';
import { Secret } from '../core/secret.js';
import { parseUrl } from '../core/urls.js';
import { waitingText } from '../text/layout.js';
import type { Io } from './io.js';
import { type Run, VERSION } from './run.js';

/**
 * Returns the client for this run. Throws `usage` if the environment has no credentials; sends nothing. Without
 * `emit`, each wait for the rate limit is logged as a line.
 */
export function clientFor(
  run: Run,
  { emit, stop, kill }: Partial<Pick<ApplyDeps, 'emit' | 'stop' | 'kill'>> = {},
): CloudflareClient {
  const { io, options, out, redactor } = run;
  out.log('warn', addressWarning(run));
  return new CloudflareClient({
    baseUrl: apiUrlFor(run),
    credentials: credentialsFrom(io),
    timeoutMs: options.timeout * 1000,
    retries: options.retries,
    retryDelayMs: options.retryDelay,
    parallelism: options.parallelism,
    clock: io.clock,
    redactor,
    userAgent: `hookwright/${VERSION} (+node/${process.versions.node})`,
    env: io.env,
    random: Math.random,
    onWait: ({ milliseconds }) => {
      if (emit) emit({ type: 'waiting', reason: 'rate-limit', milliseconds });
      else out.log('info', waitingText(milliseconds));
    },
    onResume: () => emit?.({ type: 'waiting-ended' }),
    onRetry: retryNotice(run),
    ...(options.logLevel === 'debug' && { onDebug: (line: string) => out.log('debug', line) }),
    ...(stop && { stop }),
    ...(kill && { signal: kill }),
  });
}

/** Reports on a terminal, once and before the first write, that there is no response yet; the tries take seconds. */
function retryNotice(run: Run): (error: HookwrightError) => void {
  const { io, out } = run;
  let isDue = io.stderr.isTTY === true;
  return ({ code }) => {
    if (!isDue || out.mayHaveWritten || (code !== 'network' && code !== 'timeout')) return;
    isDue = false;
    out.log('info', `No response from ${new URL(apiUrlFor(run)).origin} yet. Trying again…`);
  };
}

/** Returns the API address. An empty variable counts as unset. Throws `usage` unless it is a URL with a host. */
export function apiUrlFor(run: Run): string {
  const { source, text } = givenAddress(run);
  if (parseUrl(text)?.host) return text;
  // A value with a password is not shown.
  const shown = text.includes('@') ? '' : ` ${JSON.stringify(run.redactor.redact(text))}`;
  throw usageError(`${source}${shown} ${NOT_A_URL}.`);
}

function givenAddress({ options, io }: Run): { readonly source: string; readonly text: string } {
  if (options.apiUrl !== undefined) return { source: '--api-url', text: options.apiUrl.trim() };
  const text = io.env['CLOUDFLARE_BASE_URL']?.trim() ?? '';
  return { source: 'CLOUDFLARE_BASE_URL', text: text === '' ? DEFAULT_BASE_URL : text };
}

/** Warns about an address without a path: every request would fail as if the account ID were wrong. */
function addressWarning(run: Run): string {
  const { pathname, href } = new URL(apiUrlFor(run));
  return pathname === '/' && !href.includes('@')
    ? `Warning: ${givenAddress(run).source} has no path; Cloudflare's API is at ${href}client/v4`
    : '';
}

/** Returns the credentials in the environment, if they are complete. An API token comes first. */
export function credentialsIn({ env }: Io): ApiCredentials | undefined {
  const { CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_API_KEY: key, CLOUDFLARE_EMAIL: email } = env;
  if (token) return { token: new Secret(token) };
  return key && email ? { key: new Secret(key), email } : undefined;
}

function credentialsFrom(io: Io): ApiCredentials {
  const credentials = credentialsIn(io);
  if (credentials) return credentials;
  const { env } = io;
  if (env['CLOUDFLARE_API_KEY'])
    throw usageError('CLOUDFLARE_API_KEY is set without CLOUDFLARE_EMAIL. Set both.');
  // Names that other tools, or earlier versions of them, read.
  const other = ['CF_API_TOKEN', 'CLOUDFLARE_TOKEN', 'CF_TOKEN'].find((name) => env[name]);
  if (other !== undefined)
    throw usageError(
      `No Cloudflare credentials: ${other} is set, but hookwright reads CLOUDFLARE_API_TOKEN. Set that variable.`,
    );
  throw usageError(
    'No Cloudflare credentials. Set CLOUDFLARE_API_TOKEN to a token with the permission Account > Notifications > Read for plan, ' +
      'Edit for apply (or CLOUDFLARE_API_KEY and CLOUDFLARE_EMAIL).\n' +
      'To try hookwright without an account: hookwright demo',
  );
}
