import { HookwrightError } from '../core/errors.js';
import type { Redactor } from '../text/redactor.js';
import { Secret } from '../core/secret.js';

/** An API token, or the older pair of global key and e-mail address. */
export type Credentials = { readonly token: Secret } | { readonly key: Secret; readonly email: string };

/**
 * The headers that identify us; the redactor learns the secret.
 * Throws `usage` for what Node would refuse to send, such as a token with its newline still on.
 */
export function authentication(
  credentials: Credentials,
  redactor: Redactor,
): Record<string, Secret | string> {
  const secret = 'token' in credentials ? credentials.token : credentials.key;
  redactor.add(secret.reveal());
  // Quotes around it are left over from a shell or an env file.
  const sendable = (text: string): boolean => /^[\x21-\x7e]+$/.test(text) && !/^(["']).*\1$/.test(text);
  if ('token' in credentials) {
    if (sendable(secret.reveal())) return { authorization: new Secret(`Bearer ${secret.reveal()}`) };
    const scheme = /^bearer\s/i.test(secret.reveal()) ? ' Set only the token, without "Bearer".' : '';
    throw new HookwrightError('usage', `The API token (CLOUDFLARE_API_TOKEN) ${UNSENDABLE}${scheme}`);
  }
  if (sendable(secret.reveal()) && sendable(credentials.email)) {
    return { 'x-auth-key': secret, 'x-auth-email': credentials.email };
  }
  throw new HookwrightError(
    'usage',
    `The API key or email (CLOUDFLARE_API_KEY, CLOUDFLARE_EMAIL) ${UNSENDABLE}`,
  );
}

const UNSENDABLE =
  'is empty, in quotes, or contains a space, newline or other character that cannot be sent.';
