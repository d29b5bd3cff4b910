import type { Spec } from './desired.js';
import { parseUrl } from './urls.js';
import { destinationOf } from './destinations.js';

/**
 * What a PUT has to send as `secret`, so that it erases none that is there:
 * the declared one; of a whole chat url the part that Cloudflare took out of it; nothing, as there is none;
 * or it is not known.
 */
export function secretForPut({ url, secret }: Spec): 'declared' | 'in-url' | 'none' | 'unknown' {
  if (secret) return secret.kind === 'none' ? 'none' : 'declared';
  const text = url.kind === 'literal' ? url.url : url.value?.reveal();
  const parsed = text === undefined ? undefined : parseUrl(text);
  const destination = parsed && destinationOf(parsed);
  return parsed && destination?.splitSecretKnown && destination.split?.(parsed) ? 'in-url' : 'unknown';
}
