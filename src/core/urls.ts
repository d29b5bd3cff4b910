import { looksRandom } from '../text/looks-random.js';
import { Redactor } from '../text/redactor.js';
import type { DesiredUrl, Spec } from './desired.js';
import type { Live, PlannedLive } from './live.js';
import { type Destination, destinationOf, DESTINATIONS, plainly } from './destinations.js';

/** The parsed url, or `undefined`. Never throws. */
export function parseUrl(text: string): URL | undefined {
  // Not URL.canParse: after some thousand calls Node 20 takes urls with letters like `ü` for invalid.
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
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
  const rest = new URL(destination.split(plainly(url))?.url ?? url.href);
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
  const parts = destination?.split?.(plainly(url));
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

const HIDDEN = '…';

/**
 * The url as it may be shown: userinfo, known services' tokens, random-looking parts of the host, the path and the
 * query, and parameters with a telling name become `…`. Equal to the normalised url where there is nothing to hide.
 * What this hides `import` puts into a variable, and `validate` warns of.
 */
export function displayUrl(text: string): string {
  const url = parseUrl(text);
  if (!url) return looksRandom(text) || /[@?]/.test(text) ? HIDDEN : text;
  if (!url.host) return `${url.protocol}${HIDDEN}`;
  const destination = destinationOf(url);
  const query = url.search.length > 1 ? `?${shownParameters(url.search.slice(1))}` : '';
  const fragment = url.hash.length > 1 ? `#${shownParameters(url.hash.slice(1))}` : '';
  const user = url.username || url.password ? `${HIDDEN}@` : '';
  return `${url.protocol}//${user}${shownHost(url, destination)}${shownPath(url, destination)}${query}${fragment}`;
}

/** Does the url hold anything that {@link displayUrl} hides? */
export function hidesCredential(text: string): boolean {
  return displayUrl(text).includes(HIDDEN);
}

/** The host and port of a url as they may be shown; `''` if it has none. */
export function displayHost(text: string): string {
  const url = parseUrl(text);
  return url ? shownHost(url, destinationOf(url)) : '';
}

/** The url that the entry asks for, or `undefined` where it is in a variable or file that cannot be read here. */
export function desiredUrl({ url }: Pick<Spec, 'url'>): string | undefined {
  if (url.kind === 'literal') return url.url;
  return url.kind === 'hidden' ? undefined : url.value?.reveal();
}

/** Does the entry have its url by reference, so that the url is a credential? */
export function isReference(url: DesiredUrl): url is Exclude<DesiredUrl, { kind: 'literal' | 'hidden' }> {
  return url.kind === 'env' || url.kind === 'file';
}

/** A url that is a credential, as far as it may be shown: scheme and host. */
export function originOf(text: string): string {
  const url = parseUrl(text);
  return url?.host ? `${url.protocol}//${displayHost(text)}` : HIDDEN;
}

/**
 * The url of a live webhook as it may be shown, in every format and message. `isSecret`: the entry that the webhook
 * belongs to has its url by reference, so that only scheme and host are shown.
 */
export function shownUrl(
  { url, urlIsSecret }: Pick<PlannedLive, 'url' | 'urlIsSecret'>,
  isSecret = false,
): string {
  if (typeof url !== 'string') return `${url.host}/${HIDDEN}`;
  return isSecret || urlIsSecret === true ? originOf(url) : displayUrl(url);
}

/** Redacts urls by {@link displayUrl}, where that hides anything. */
export function newRedactor(): Redactor {
  return new Redactor((url) => (hidesCredential(url) ? displayUrl(url) : url));
}

/** The last two labels say whose host it is, and are always shown. */
function shownHost({ host, hostname }: URL, destination: Destination | undefined): string {
  if (hostname.startsWith('[')) return host;
  const labels = host.split('.');
  const named = labels.length - (hostname.endsWith('.') ? 3 : 2);
  return labels
    .map((label, at) => {
      if (at >= named) return label;
      const isSecret = at === 0 && destination?.secretHost === true;
      return isSecret || (looksRandom(label) && !label.startsWith('xn--')) ? HIDDEN : label;
    })
    .join('.');
}

function shownPath(url: URL, destination: Destination | undefined): string {
  const parts = destination?.split?.(plainly(url));
  const split = parts && new URL(parts.url).pathname;
  const path =
    split === undefined || split === plainly(url).pathname
      ? url.pathname
      : `${split.replace(/\/$/, '')}/${HIDDEN}`;
  return path
    .split('/')
    .map((segment) => segment.split(';').map(shownPart).join(';'))
    .join('/');
}

/** A word of a path, then its parameters. */
function shownPart(part: string, at: number): string {
  if (at > 0) return shownParameter(part);
  return looksRandom(part) ? HIDDEN : part;
}

function shownParameters(text: string): string {
  return text.split('&').map(shownParameter).join('&');
}

function shownParameter(pair: string): string {
  const equals = pair.indexOf('=');
  if (equals < 0) return looksRandom(decoded(pair)) ? HIDDEN : pair;
  const name = pair.slice(0, equals);
  const value = pair.slice(equals + 1);
  const hidden = value !== '' && (isTelling(decoded(name)) || looksRandom(decoded(value)));
  return `${looksRandom(name) ? HIDDEN : name}=${hidden ? HIDDEN : value}`;
}

/** Does the name of a parameter say that its value is a credential? */
function isTelling(name: string): boolean {
  const words = name.replace(/([a-z])([A-Z])/g, '$1_$2');
  return (
    /token|secret|passw|signature|credential|authori[sz]ation|api_?-?key/i.test(words) ||
    /(?:^|[^a-z])(?:key|sig|auth|pwd|hmac|jwt)$|^(?:code|pass)$/i.test(words)
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What a PUT has to send as `secret`, so that it erases none that is there:
 * the declared one; of a whole chat url the part that Cloudflare took out of it, even under `secret: none`; nothing, as
 * there is none; or it is not known.
 */
export function secretForPut({ url, secret }: Spec): 'declared' | 'in-url' | 'none' | 'unknown' {
  if (secret && secret.kind !== 'none') return 'declared';
  const text = desiredUrl({ url });
  const parsed = text === undefined ? undefined : parseUrl(text);
  const destination = parsed && destinationOf(parsed);
  if (parsed && destination?.splitSecretKnown && destination.split?.(plainly(parsed))) return 'in-url';
  return secret ? 'none' : 'unknown';
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

/** Does the entry ask for anything that no read can show: a secret, or a URL with a credential? */
export function involvesSecret(entry: Pick<Spec, 'url' | 'secret'>): boolean {
  return declaresSecret(entry) || hasCredentialUrl(entry);
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
  if (!split || keepsCredential || split(plainly(url))) return false;
  const [withSegment, withKey] = [new URL(url), new URL(url)];
  withSegment.pathname = `${url.pathname.replace(/\/$/, '')}/x`;
  withKey.searchParams.set('key', 'x');
  return split(withSegment) !== undefined || split(withKey) !== undefined;
}
