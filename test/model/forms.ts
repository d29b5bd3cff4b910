/** Knows names and URLs without importing anything from src/, so that it cannot share its mistakes. */

/** A webhook as a server stores it. */
export type Webhook = {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly secret?: string;
  readonly created_at?: string | null;
};

/** A policy as a server stores it. */
export type Policy = {
  readonly id: string;
  readonly name: string;
  readonly mechanisms: Readonly<Record<string, readonly { readonly id: string }[]>>;
  readonly [field: string]: unknown;
};

/** Everything in the account, secrets included. */
export type State = { readonly webhooks: readonly Webhook[]; readonly policies: readonly Policy[] };

export const bare = (id: string): string => id.replaceAll('-', '').toLowerCase();

/** Returns the IDs of the webhooks that a policy uses. */
export function usedBy({ mechanisms }: Policy): string[] {
  return (mechanisms['webhooks'] ?? []).map(({ id }) => bare(id));
}

const FEISHU = 'https://open.feishu.cn/';
const SPLIT_HOSTS: ReadonlySet<string> = new Set(['hooks.slack.com', 'discord.com', 'open.feishu.cn']);

/** Returns a URL as Cloudflare stores it: without the credential of a chat service. */
export function keptUrl(text: string): string {
  const url = new URL(text);
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const kept = keptSegments(url.hostname, segments);
  if (SPLIT_HOSTS.has(url.hostname)) url.pathname = `/${segments.slice(0, kept).join('/')}`;
  if (url.hostname === 'chat.googleapis.com') url.search = '';
  return url.href;
}

function keptSegments(host: string, segments: readonly string[]): number {
  if (host === 'hooks.slack.com' && segments[0] === 'services') return 3;
  if (host === 'discord.com' && segments[0] === 'api') return 3;
  if (host === 'open.feishu.cn') return segments.indexOf('hook') + 1;
  return segments.length;
}

/** Returns the part of a chat service's URL that Cloudflare moves into the secret. */
export function credentialIn(text: string): string | undefined {
  const { hostname, pathname, search } = new URL(text);
  if (hostname === 'chat.googleapis.com') return search === '' ? undefined : search.slice(1);
  const segments = pathname.split('/').filter((segment) => segment !== '');
  return segments[keptSegments(hostname, segments)];
}

/** It is not documented how much of a Feishu URL Cloudflare keeps, so the start of a URL equals the URL. */
export function sameUrl(a: string, b: string): boolean {
  const [x, y] = [keptUrl(a), keptUrl(b)];
  return x === y || (x.startsWith(FEISHU) && y.startsWith(FEISHU) && (x.startsWith(y) || y.startsWith(x)));
}

/** Services whose stored URL is the same for every webhook. */
export function isShared(text: string): boolean {
  return /\/\/(api\.datadoghq\.com|api\.opsgenie\.com|chat\.googleapis\.com|open\.feishu\.cn)\//.test(text);
}

/** Services that need a secret. */
export function needsSecret(text: string): boolean {
  if (SPLIT_HOSTS.has(new URL(text).hostname)) return credentialIn(text) === undefined;
  return /\/\/(api\.datadoghq\.com|api\.opsgenie\.com)\//.test(text);
}

/** The parts of the name of a webhook that an unfinished replacement created. */
export type Leftover = {
  /** The name of the entry; in the short form, perhaps only its start. */
  readonly base: string;
  readonly isShort: boolean;
  /** The first digits of the ID that it replaces. Absent in names of old versions. */
  readonly replaces?: string;
};

export function leftoverOf(name: string): Leftover | undefined {
  const named = /^(.+) \[(?:hookwright: replaces |hw:)([0-9a-f]{8})\]$/s.exec(name);
  const isShort = / \[hw:[0-9a-f]+\]$/.test(name);
  if (named?.[1] !== undefined && named[2] !== undefined)
    return { base: named[1], isShort, replaces: named[2] };
  const unnamed = /^(.+) \[(?:hookwright: new|hw:[0-9a-f]{6})\]$/s.exec(name);
  return unnamed?.[1] === undefined ? undefined : { base: unnamed[1], isShort };
}

/** Returns the part of a name that a short form keeps, so that it is not longer than the name. */
export function cutName(name: string): string {
  const room = Math.max(1, Buffer.byteLength(name) - ' [hw:01234567]'.length);
  const characters = Array.from(name);
  while (Buffer.byteLength(characters.join('')) > room) characters.pop();
  return characters.join('') || '~';
}

/** Returns the name of the entry that a webhook was created for. */
export const baseName = (name: string): string => leftoverOf(name)?.base ?? name;

export function matchesPattern(pattern: string, name: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(name);
}

/** Forms in which an API might store a name or a URL. It is not known which ones Cloudflare uses. */
export const REWRITES = {
  none: {},
  trim: { name: (text: string) => text.trim().replaceAll(/\s+/g, ' ') },
  cut: { name: (text: string) => text.slice(0, 24) },
  nfc: { name: (text: string) => text.normalize('NFC') },
  ascii: { name: (text: string) => text.replaceAll(/[^ -~]/g, '?') },
  escape: { name: (text: string) => text.replaceAll('&', '&amp;') },
  brackets: { name: (text: string) => text.replaceAll(/[[\]]/g, '') },
  slash: { url: (text: string) => text.replace(/\/$/, '') },
  fragment: { url: (text: string) => text.replace(/#.*$/, '') },
  query: { url: (text: string) => text.replace(/\?.*$/, '') },
  percent: { url: (text: string) => text.replaceAll(/%[0-9a-f]{2}/gi, (code) => code.toUpperCase()) },
  slashed: { url: (text: string) => (text.endsWith('/') ? text : `${text}/`) },
} as const satisfies Record<string, { name?: (text: string) => string; url?: (text: string) => string }>;

export type Rewrite = keyof typeof REWRITES;

/** Returns a name and a URL as they are stored. */
export function storedForm(
  rewrite: Rewrite,
  { name, url }: { name: string; url: string },
): { name: string; url: string } {
  const forms: { name?: (text: string) => string; url?: (text: string) => string } = REWRITES[rewrite];
  return { name: forms.name?.(name) ?? name, url: forms.url?.(url) ?? url };
}
