import { HookwrightError, usageError } from '../core/errors.js';
import { isLoopback, originOf, parseUrl } from '../core/urls.js';

/** The address of the Cloudflare API, unless another is configured. */
export const DEFAULT_BASE_URL = 'https://api.cloudflare.com/client/v4';

/** What to say of an address that is not a URL, as the end of a sentence. */
export const NOT_A_URL = `is not a valid URL; it should look like ${DEFAULT_BASE_URL}`;

/**
 * Returns the address that the token is sent to, without a slash at its end. Throws `usage` unless it is
 * `https:`, or `http:` on this machine, and for a URL with a password, query or fragment.
 */
export function parseBaseUrl(text: string): URL {
  const url = parseUrl(text.trim());
  if (!url) throw refuse(text, NOT_A_URL);
  if (url.username || url.password) throw refuse(text, 'contains a username or password; remove it');
  if (url.search || url.hash || /[?#]/.test(text))
    throw refuse(text, 'contains a query or fragment; remove it');
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refuse(text, 'is neither https: nor http:');
  if (url.protocol === 'http:' && !isLoopback(url)) {
    throw refuse(
      text,
      'is plain http:, which would send the API token unencrypted; use https: (http: is for 127.0.0.1 only)',
    );
  }
  url.pathname = url.pathname.replace(/\/{1,64}$/, '');
  return url;
}

/** Returns the full URL of an API path. */
export function apiUrl(base: URL, path: string): string {
  return base.href.replace(/\/$/, '') + path;
}

/**
 * Returns one path segment. Throws for one of only dots, which would climb out of the path, encoded or not.
 */
export function segment(id: string): string {
  if (/^\.{0,2}$/.test(id)) throw new HookwrightError('wrong-address', `"${id}" is not a valid ID.`);
  return encodeURIComponent(id);
}

function refuse(text: string, why: string): HookwrightError {
  return usageError(`The API address ${originOf(text.trim())} ${why}.`);
}
