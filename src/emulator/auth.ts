import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './responses.js';
import * as refusals from './refusals.js';

export type Access = { readonly byToken: boolean; readonly mayWrite: boolean };

/**
 * Who asks. Any bearer token, or e-mail address with key, may do anything; a token or key that starts with
 * `read-only` may only read, one that starts with `invalid` nothing. No or malformed credentials are 400/6003.
 */
export function authenticate(headers: IncomingHttpHeaders): Access | { readonly refusal: Answer } {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const token = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization)?.[1];
    return token === undefined ? { refusal: refusals.invalidHeaders(6111) } : grant(token, true);
  }
  const key = headers['x-auth-key'];
  const email = headers['x-auth-email'];
  if (key === undefined && email === undefined) return { refusal: refusals.invalidHeaders(6111) };
  if (typeof email !== 'string' || !email.includes('@')) return { refusal: refusals.invalidHeaders(6102) };
  if (typeof key !== 'string' || !/^[\w-]+$/.test(key)) return { refusal: refusals.invalidHeaders(6103) };
  return grant(key, false);
}

function grant(credential: string, byToken: boolean): Access | { readonly refusal: Answer } {
  if (credential.startsWith('invalid')) return { refusal: refusals.accessDenied() };
  return { byToken, mayWrite: !credential.startsWith('read-only') };
}
