import type { Quirks } from './quirks.js';

/**
 * How Cloudflare stores destination URLs. This table repeats the one that plans use but shares nothing with
 * it, so that a mistake in one of them fails a test.
 * https://developers.cloudflare.com/notifications/get-started/configure-webhooks/
 */
type Service = {
  readonly type: string;
  readonly is: (url: URL) => boolean;
  /** Removes the credential from the URL, in place, and returns it; `undefined` if it has none. */
  readonly take?: (url: URL, keepKey: boolean) => string | undefined;
};

const SERVICES: readonly Service[] = [
  {
    type: 'slack',
    // Workflow URLs (/triggers/…) are stored unchanged, as type generic:
    // https://github.com/cloudflare/terraform-provider-cloudflare/issues/3200
    is: (url) => url.hostname === 'hooks.slack.com' && segments(url)[0] === 'services',
    take: (url) => takeLast(url, 3),
  },
  {
    type: 'discord',
    is: (url) => /^(\w+\.)?discord(app)?\.com$/.test(url.hostname) && discordDepth(url) > 0,
    take: (url) => takeLast(url, discordDepth(url)),
  },
  { type: 'gchat', is: (url) => url.hostname === 'chat.googleapis.com', take: takeQuery },
  {
    type: 'feishu',
    is: (url) => url.hostname === 'feishu.cn' || url.hostname.endsWith('.feishu.cn'),
    take: (url) => takeLast(url, segments(url).indexOf('hook') + 1),
  },
  { type: 'datadog', is: (url) => /(^|\.)datadoghq\.(com|eu)$/.test(url.hostname) },
  { type: 'opsgenie', is: (url) => /(^|\.)opsgenie\.com$/.test(url.hostname) },
  { type: 'splunk', is: (url) => /^\/services\/collector(\/raw|\/event)?\/?$/.test(url.pathname) },
];

/** What Cloudflare stores of a URL and a secret. */
export type StoredForm = {
  readonly url: string;
  readonly type: string;
  readonly secret: string | undefined;
};

/** Returns the stored form of a URL; for chat services without the credential, which becomes the secret. */
export function storedForm(text: string, secret: string | undefined, quirks: Quirks): StoredForm {
  const url = new URL(text);
  const service = SERVICES.find((candidate) => candidate.is(url));
  const keepKey = quirks['gchat-query'] === 'key-kept';
  const credential = quirks['split-urls'] === 'on' ? service?.take?.(url, keepKey) : undefined;
  return {
    url: credential === undefined ? text : url.href,
    type: service?.type ?? 'generic',
    secret: secret ?? credential,
  };
}

/** Reports whether Cloudflare removes the credential from the URLs of this service. */
export function isSplit(type: string): boolean {
  return SERVICES.some((service) => service.type === type && service.take !== undefined);
}

function segments(url: URL): string[] {
  return url.pathname.split('/').filter((segment) => segment !== '');
}

/** Returns the number of segments before the token, in `/api/webhooks/…` or `/api/v10/webhooks/…`; else 0. */
function discordDepth(url: URL): number {
  const [api, second, third] = segments(url);
  if (api !== 'api') return 0;
  if (second === 'webhooks') return 3;
  return third === 'webhooks' && /^v\d+$/.test(second ?? '') ? 4 : 0;
}

function takeLast(url: URL, before: number): string | undefined {
  const parts = segments(url);
  if (before === 0 || parts.length !== before + 1) return undefined;
  const credential = parts.pop();
  url.pathname = `/${parts.join('/')}`;
  return credential;
}

function takeQuery(url: URL, keepKey: boolean): string | undefined {
  const token = url.searchParams.get('token');
  if (token === null) return undefined;
  const key = url.searchParams.get('key');
  const query = url.search.slice(1);
  url.search = keepKey && key !== null ? `key=${encodeURIComponent(key)}` : '';
  return keepKey ? token : query;
}
