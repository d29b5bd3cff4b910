import { looksRandom, MIN_RANDOM_LENGTH } from '../text/looks-random.js';
import { Redactor } from '../text/redactor.js';
import type { DesiredUrl, Spec } from './desired.js';
import { failed, type Result, success } from './errors.js';
import type { Live, PlannedLive } from './live.js';
import { type Destination, destinationOf, DESTINATIONS, plainly } from './destinations.js';

/** Parses a URL, if it is not parsed yet. Returns `undefined` if it is not valid. Never throws. */
export function parseUrl(text: string | URL): URL | undefined {
  if (typeof text !== 'string') return text;
  // Not URL.canParse: after several thousand calls, Node 20 rejects valid URLs with letters such as `ü`.
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/**
 * Parses the URL of a webhook, or returns why the text is none, as the end of a sentence (`contains a
 * space`). Never quotes the text. WHATWG parsing would repair backslashes, spaces and missing slashes, but
 * the text is sent as it is.
 */
export function webhookUrl(text: string): Result<URL, string> {
  if (/[\r\n]/.test(text)) return failed('contains a newline');
  if (/\s/.test(text)) return failed('contains a space');
  if (/\p{Cc}/u.test(text)) return failed('contains a control character');
  if (text.includes('\\')) return failed('contains a backslash');
  const url = /^https?:\/\/[^/?#]/i.test(text) && parseUrl(text);
  if (!url) return failed('is not an absolute http or https URL');
  return /^[^?]*,https?:\/\//i.test(text) ? failed('contains a second URL') : success(url);
}

/** Returns why a text cannot be the URL of a webhook, or `undefined`. */
export function urlProblem(text: string): string | undefined {
  const url = webhookUrl(text);
  return url.ok ? undefined : url.error;
}

/** Returns the URL after WHATWG normalization. Text that is not a URL stays the same. */
export function normalUrl(text: string): string {
  return parseUrl(text)?.href ?? text;
}

/**
 * Returns the form in which URLs are compared: normalized and, for a chat service, without the credential, as
 * Cloudflare stores it. Idempotent.
 */
export function comparableUrl(text: string): string {
  const url = parseUrl(text);
  if (!url) return text;
  const destination = destinationOf(url);
  if (!destination?.split || destination.keepsCredential) return url.href;
  // Remove trailing slashes first. Otherwise they would hide a part that the next call removes.
  url.pathname = url.pathname.replace(/\/+$/, '');
  const rest = new URL(destination.split(plainly(url))?.url ?? url.href);
  rest.pathname = rest.pathname.replace(/\/+$/, '');
  if (destination.dropsQuery) rest.search = '';
  return rest.href;
}

/** Reports whether both are the same destination, as far as Cloudflare shows it. */
export function sameUrl(a: string, b: string): boolean {
  return a === b || (comparableUrl(a) === comparableUrl(b) && !differInCredential(a, b));
}

/** Reports whether both URLs have their credential, and not the same one. */
function differInCredential(a: string, b: string): boolean {
  const [x, y] = [urlCredential(a)?.credential, urlCredential(b)?.credential];
  if (x === undefined || y === undefined || x === y) return false;
  // A masked credential does not show which one it is.
  if (/[*]{3}/.test(x + y)) return false;
  if (!x.startsWith('?')) return true;
  const given = new URLSearchParams(y);
  return [...new URLSearchParams(x)].some(([name, value]) => given.has(name) && given.get(name) !== value);
}

export type UrlCredential = {
  readonly destination: Destination;
  /** The URL without the credential. */
  readonly url: string;
  readonly credential: string;
};

/** Returns the credential that the URL of a known service contains. */
export function urlCredential(text: string | URL): UrlCredential | undefined {
  const url = parseUrl(text);
  if (!url) return undefined;
  const destination = destinationOf(url);
  const parts = destination?.split?.(plainly(url));
  return destination && parts ? { destination, ...parts } : undefined;
}

const SHARED_TYPES: ReadonlySet<string> = new Set(
  DESTINATIONS.flatMap(({ type, shared }) => (shared ? [type] : [])),
);

/** Reports whether the URL, as Cloudflare stores it, identifies a webhook. `type`: the webhook's type. */
export function identifies(text: string | URL, type = 'generic'): boolean {
  const url = parseUrl(text);
  return url !== undefined && destinationOf(url)?.shared !== true && !SHARED_TYPES.has(type);
}

const HIDDEN = '…';

/**
 * Returns the URL as it is safe to show, with `…` for userinfo, tokens of known services, random-looking
 * parts of the host, path and query, and values of parameters that are named like a credential. Returns the
 * normalized URL if there is nothing to hide. `import` puts a URL with hidden parts into a variable;
 * `validate` warns of it.
 */
export function displayUrl(text: string | URL): string {
  const url = parseUrl(text);
  if (!url) {
    const plain = String(text);
    return looksRandom(plain) || /[@?]/.test(plain) ? HIDDEN : plain;
  }
  if (!url.host) return `${url.protocol}${HIDDEN}`;
  return shownParts(url, destinationOf(url));
}

/** Returns {@link displayUrl} of a URL of this service. */
function shownParts(url: URL, destination: Destination | undefined): string {
  const query = url.search.length > 1 ? `?${shownParameters(url.search.slice(1))}` : '';
  const fragment = url.hash.length > 1 ? `#${shownParameters(url.hash.slice(1))}` : '';
  const user = url.username || url.password ? `${HIDDEN}@` : '';
  return `${url.protocol}//${user}${shownHost(url, destination)}${shownPath(url, destination)}${query}${fragment}`;
}

/** Reports whether {@link displayUrl} hides anything in the URL. */
export function hidesCredential(text: string | URL): boolean {
  return displayUrl(text).includes(HIDDEN);
}

/** Reports whether {@link displayUrl} hides anything in a URL of this service. */
export function looksLikeCredential(url: URL, destination: Destination | undefined): boolean {
  return shownParts(url, destination).includes(HIDDEN);
}

/** Returns the parts of the URL that {@link displayUrl} hides; empty if it is not a URL. */
export function hiddenParts(text: string): readonly string[] {
  const url = parseUrl(text);
  if (!url) return [];
  // Removes the sign of an empty query or fragment, which is not shown.
  if (url.search === '') url.search = '';
  if (url.hash === '') url.hash = '';
  const { href } = url;
  let from = 0;
  return displayUrl(url)
    .split(HIDDEN)
    .flatMap((shown, at, { length }) => {
      const to = at === length - 1 ? href.length - shown.length : href.indexOf(shown, from);
      const part = href.slice(from, to);
      from = to + shown.length;
      return at === 0 ? [] : part;
    });
}

/** Returns the host and port of a URL as they are safe to show; `''` if it has none. */
export function displayHost(text: string): string {
  const url = parseUrl(text);
  return url ? shownHost(url, destinationOf(url)) : '';
}

/** Returns the desired URL, or `undefined` if it is in a variable or file that cannot be read here. */
export function desiredUrl({ url }: Pick<Spec, 'url'>): string | undefined {
  if (url.kind === 'literal') return url.url;
  return url.kind === 'hidden' ? undefined : url.value?.reveal();
}

/** Reports whether the entry's URL is a reference, which makes the URL a credential. */
export function isReference(url: DesiredUrl): url is Exclude<DesiredUrl, { kind: 'literal' | 'hidden' }> {
  return url.kind === 'env' || url.kind === 'file';
}

/** Reports whether the address never leaves the machine. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Returns only the scheme and host of a credential URL, which are safe to show. */
export function originOf(text: string): string {
  const url = parseUrl(text);
  return url?.host ? `${url.protocol}//${displayHost(text)}` : HIDDEN;
}

/**
 * Returns the URL of a live webhook as it is safe to show in every format and message. `isSecret`: the
 * webhook belongs to an entry whose URL is a reference, so only scheme and host are shown.
 */
export function shownUrl(
  { url, urlIsSecret }: Pick<PlannedLive, 'url' | 'urlIsSecret'>,
  isSecret = false,
): string {
  if (typeof url !== 'string') return `${url.host}/${HIDDEN}`;
  return isSecret || urlIsSecret === true ? originOf(url) : displayUrl(url);
}

/** Returns a redactor that uses {@link displayUrl} for URLs that have something to hide. */
export function newRedactor(): Redactor {
  return new Redactor((url) => (hidesCredential(url) ? displayUrl(url) : url));
}

/** Always shows the last 2 labels, which identify the owner of the host. */
function shownHost({ host, hostname }: URL, destination: Destination | undefined): string {
  if (hostname.startsWith('[')) return host;
  if (host.length < MIN_RANDOM_LENGTH && destination?.secretHost !== true) return host;
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

/** A segment with parameters, or one that is long enough to look random. */
const MAY_HIDE = new RegExp(`;|[^/]{${MIN_RANDOM_LENGTH}}`);

function shownPath(url: URL, destination: Destination | undefined): string {
  const parts = destination?.split?.(plainly(url));
  const split = parts && new URL(parts.url).pathname;
  const path =
    split === undefined || split === plainly(url).pathname
      ? url.pathname
      : `${split.replace(/\/$/, '')}/${HIDDEN}`;
  if (!MAY_HIDE.test(path)) return path;
  return path
    .split('/')
    .map((segment) => segment.split(';').map(shownPart).join(';'))
    .join('/');
}

/** Masks a part of a path segment: first a word, then its parameters. */
function shownPart(part: string, at: number): string {
  if (at > 0) return shownParameter(part);
  return looksRandom(part) ? HIDDEN : part;
}

function shownParameters(text: string): string {
  return text.split('&').map(shownParameter).join('&');
}

function shownParameter(pair: string): string {
  const equals = pair.indexOf('=');
  if (equals < 0) return looksRandom(percentDecoded(pair)) ? HIDDEN : pair;
  const name = pair.slice(0, equals);
  const value = pair.slice(equals + 1);
  const hidden = value !== '' && (isTelling(percentDecoded(name)) || looksRandom(percentDecoded(value)));
  return `${looksRandom(name) ? HIDDEN : name}=${hidden ? HIDDEN : value}`;
}

/** Reports whether a parameter's name suggests that its value is a credential. */
function isTelling(name: string): boolean {
  const words = name.replace(/([a-z])([A-Z])/g, '$1_$2');
  return (
    /token|secret|passw|signature|credential|authori[sz]ation|api_?-?key/i.test(words) ||
    /(?:^|[^a-z])(?:key|sig|auth|pwd|hmac|jwt)$|^(?:code|pass)$/i.test(words)
  );
}

/** Decodes percent-encoding; a text with invalid encoding stays as it is. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Returns what a PUT must send as `secret` to keep an existing one: the declared secret; the part of a chat
 * URL that Cloudflare moves out of it, even with `secret: none`; nothing; or it is not known.
 */
export function secretForPut({ url, secret }: Spec): 'declared' | 'in-url' | 'none' | 'unknown' {
  if (secret && secret.kind !== 'none') return 'declared';
  const text = desiredUrl({ url });
  if (text !== undefined && urlCredential(text)?.destination.splitSecretKnown) return 'in-url';
  return secret ? 'none' : 'unknown';
}

/** Types whose credential Cloudflare moves out of the URL, so that the live URL is the first part of it. */
const SPLIT_TYPES: ReadonlySet<string> = new Set(
  DESTINATIONS.flatMap(({ type, split, keepsCredential }) => (split && !keepsCredential ? [type] : [])),
);

/**
 * Reports whether the live webhook has the desired URL. For a chat service, it considers the live `type` as
 * well as the URL's format, because not all formats that Cloudflare splits are documented.
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

/** Reports whether the entry declares a secret, which cannot be read back. */
export function declaresSecret({ secret }: Pick<Spec, 'secret'>): boolean {
  return secret !== undefined && secret.kind !== 'none';
}

/** Reports whether the entry's URL is a credential or contains one that Cloudflare moves out of it. */
export function hasCredentialUrl({ url }: Pick<Spec, 'url'>): boolean {
  return url.kind !== 'literal' || urlCredential(url.url) !== undefined;
}

/** Reports whether the entry contains what cannot be read back: a secret, or a URL with a credential. */
export function involvesSecret(entry: Pick<Spec, 'url' | 'secret'>): boolean {
  return declaresSecret(entry) || hasCredentialUrl(entry);
}

/**
 * Reports whether alerts to this URL fail without a separate secret. That includes a chat URL without its
 * credential. A URL in an undocumented format may contain a credential elsewhere.
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
