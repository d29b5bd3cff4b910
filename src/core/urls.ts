import type { Spec } from './desired.js';
import { type Destination, destinationOf, DESTINATIONS } from './destinations.js';
import type { Live } from './live.js';

/** The parsed url, or `undefined`. Never throws. */
export function parseUrl(text: string): URL | undefined {
  // Not URL.canParse: after some thousand calls Node 20 takes urls with letters like `ü` for invalid.
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** The url after WHATWG normalisation; text that is no url stays as it is. */
export function normalUrl(text: string): string {
  return parseUrl(text)?.href ?? text;
}

/**
 * The url in the form in which two are compared: normalised, and for a chat service with the credential
 * taken out, as Cloudflare does it. Idempotent.
 */
export function comparableUrl(text: string): string {
  const url = parseUrl(text);
  if (!url) return text;
  const destination = destinationOf(url);
  if (!destination?.split || destination.keepsCredential) return url.href;
  // Without slashes at the end first, or what they hide would be taken out the next time.
  url.pathname = url.pathname.replace(/\/+$/, '');
  const rest = new URL(destination.split(url)?.url ?? url.href);
  rest.pathname = rest.pathname.replace(/\/+$/, '');
  if (destination.dropsQuery) rest.search = '';
  return rest.href;
}

/** Are these the same destination, as far as Cloudflare lets it be seen? */
export function sameUrl(a: string, b: string): boolean {
  return a === b || comparableUrl(a) === comparableUrl(b);
}

export type UrlCredential = {
  readonly destination: Destination;
  /** The url without it. */
  readonly url: string;
  readonly credential: string;
};

/** The credential that a known service's url carries in itself. */
export function urlCredential(text: string): UrlCredential | undefined {
  const url = parseUrl(text);
  if (!url) return undefined;
  const destination = destinationOf(url);
  const parts = destination?.split?.(url);
  return destination && parts ? { destination, ...parts } : undefined;
}

const SHARED_TYPES: ReadonlySet<string> = new Set(
  DESTINATIONS.flatMap(({ type, shared }) => (shared ? [type] : [])),
);

/** Does the URL, as Cloudflare keeps it, tell one webhook from all others? `type`: that of the live webhook. */
export function identifies(text: string, type = 'generic'): boolean {
  const url = parseUrl(text);
  return url !== undefined && destinationOf(url)?.shared !== true && !SHARED_TYPES.has(type);
}

/** Does Cloudflare demand a secret for this url, or move one out of it? Then a secret is involved. */
export function involvesSecret(text: string): boolean {
  const url = parseUrl(text);
  if (!url) return false;
  return destinationOf(url) !== undefined || displayUrl(text) !== url.href;
}

const HIDDEN = '…';

/**
 * The url as it may be shown: userinfo, query values, fragments, known services' tokens and long random path segments
 * become `…`. Equal to the normalised url where there is nothing to hide.
 */
export function displayUrl(text: string): string {
  const url = parseUrl(text);
  if (!url) return looksRandom(text) || /[@?]/.test(text) ? HIDDEN : text;
  const authority = `${url.protocol}//${url.username || url.password ? `${HIDDEN}@` : ''}${url.host}`;
  if (!url.host) return `${url.protocol}${HIDDEN}`;
  const query = url.search && `?${url.search.slice(1).split('&').map(hideValue).join('&')}`;
  return `${authority}${displayPath(url)}${query}${url.hash ? `#${HIDDEN}` : ''}`;
}

/** Does the url hold anything that {@link displayUrl} hides? */
export function hidesCredential(text: string): boolean {
  // An empty query or fragment is not shown, and hides nothing.
  return displayUrl(text) !== normalUrl(text).replace(/\??#?$/, '');
}

function displayPath(url: URL): string {
  const parts = destinationOf(url)?.split?.(url);
  const split =
    parts && new URL(parts.url).pathname !== url.pathname ? new URL(parts.url).pathname : undefined;
  const path = split === undefined ? url.pathname : `${split}/${HIDDEN}`;
  return path
    .split('/')
    .map((segment) => (looksRandom(segment) ? HIDDEN : segment))
    .join('/');
}

function hideValue(pair: string): string {
  const equals = pair.indexOf('=');
  if (equals < 0) return pair === '' ? '' : HIDDEN;
  const key = pair.slice(0, equals);
  return `${looksRandom(key) ? HIDDEN : key}=${HIDDEN}`;
}

/**
 * Does this look like a token rather than a word? Long runs that mix letters with digits, or upper with
 * lower case in the way no word does. Ids that services publish (`T000`, `1234567890`) are shorter.
 */
export function looksRandom(segment: string): boolean {
  if (segment.length < 16) return false;
  return (
    segment.split(/[-_.~:%+]/).some(randomRun) ||
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(segment) ||
    manyMixedRuns(segment)
  );
}

function randomRun(run: string): boolean {
  if (run.length >= 12 && /\d/.test(run) && /[a-z]/.test(run) && /[A-Z]/.test(run)) return true;
  if (run.length >= 16 && /\d/.test(run) && /[a-z]/i.test(run)) return true;
  if (run.length >= 20 && /^\d+$/.test(run)) return true;
  if (run.length >= 32 && /^([a-z]+|[A-Z]+)$/.test(run)) return true;
  return run.length >= 16 && caseChanges(run) >= 5;
}

/** A token whose alphabet has `-` or `_` falls apart into short runs, most of them mixed. */
function manyMixedRuns(segment: string): boolean {
  const runs = segment.split(/[-_.~]/);
  const mixed = runs.filter((run) => (/\d/.test(run) && /[a-z]/i.test(run)) || caseChanges(run) >= 3);
  return segment.length >= 20 && mixed.reduce((sum, run) => sum + run.length, 0) * 2 > segment.length;
}

/** How often the case changes in a way that no `camelCaseWord` does. */
function caseChanges(run: string): number {
  if (/^[a-z]*([A-Z][a-z]{2,})*$/.test(run)) return 0;
  let changes = 0;
  for (let i = 1; i < run.length; i += 1) {
    if (/[a-z]/.test(run.charAt(i - 1)) !== /[a-z]/.test(run.charAt(i))) changes += 1;
  }
  return changes;
}

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

/** Types of which Cloudflare moves the credential out of the URL, so that the live URL is the first part of it. */
const SPLIT_TYPES: ReadonlySet<string> = new Set(
  DESTINATIONS.flatMap(({ type, split, keepsCredential }) => (split && !keepsCredential ? [type] : [])),
);

/**
 * Is this live webhook at the URL that is wanted? What Cloudflare keeps of a chat service's URL is decided by the live
 * `type` as well as by the URL's shape, because not every shape that it splits is published.
 */
export function matchesLiveUrl(wanted: string, live: Pick<Live, 'url' | 'type'>): boolean {
  if (sameUrl(wanted, live.url)) return true;
  const [given, kept] = [parseUrl(wanted), parseUrl(live.url)];
  if (!given || !kept || !SPLIT_TYPES.has(live.type) || given.host !== kept.host) return false;
  if (kept.search !== '' && kept.search !== given.search) return false;
  const [whole, part] = [segmentsOf(given), segmentsOf(kept)];
  return part.length > 0 && part.every((segment, index) => segment === whole[index]);
}

function segmentsOf({ pathname }: URL): readonly string[] {
  return pathname.split('/').filter((segment) => segment !== '');
}

/** Does the entry declare a secret, which no read can show? */
export function declaresSecret({ secret }: Pick<Spec, 'secret'>): boolean {
  return secret !== undefined && secret.kind !== 'none';
}

/** Is the URL of the entry itself a credential, or does it contain one that Cloudflare moves out of it? */
export function hasCredentialUrl({ url }: Pick<Spec, 'url'>): boolean {
  return url.kind !== 'literal' || urlCredential(url.url) !== undefined;
}

/**
 * Does the service behind this URL deliver nothing without a secret beside it? So is a chat URL without its credential.
 * One in a form that is not published can have it somewhere.
 */
export function needsSecret(text: string): boolean {
  const url = parseUrl(text);
  const destination = url && destinationOf(url);
  if (!destination) return false;
  const { split, keepsCredential } = destination;
  if (destination.needsSecret === true) return true;
  if (!split || keepsCredential || split(url)) return false;
  const [withSegment, withKey] = [new URL(url), new URL(url)];
  withSegment.pathname = `${url.pathname.replace(/\/$/, '')}/x`;
  withKey.searchParams.set('key', 'x');
  return split(withSegment) !== undefined || split(withKey) !== undefined;
}

/** Returns scheme and host of a URL, which is all that may be shown of one that can be a credential. */
export function originOf(text: string): string {
  const url = parseUrl(text);
  return url?.host ? `${url.protocol}//${url.host}` : HIDDEN;
}

/**
 * Why a text cannot be the URL of a webhook, as the end of a sentence (`… contains a space`), or `undefined`. It names
 * no part of the text. WHATWG parsing alone would repair backslashes, spaces and missing slashes, but what is sent is
 * the text as it is.
 */
export function urlProblem(text: string): string | undefined {
  if (/[\r\n]/.test(text)) return 'contains a newline';
  if (/\s/.test(text)) return 'contains a space';
  if (/\p{Cc}/u.test(text)) return 'contains a control character';
  if (text.includes('\\')) return 'contains a backslash';
  if (!/^https?:\/\/[^/?#]/i.test(text) || !parseUrl(text)) return 'is not an absolute http or https URL';
  return /^[^?]*,https?:\/\//i.test(text) ? 'contains a second URL' : undefined;
}
