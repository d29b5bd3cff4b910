import { grouped } from './order.js';

/**
 * The services whose URLs hookwright knows, and where each URL contains its credential.
 *
 * Cloudflare moves the credential out of the URLs of Slack, Google Chat, Discord and Feishu, and keeps the
 * rest. Datadog, Opsgenie and Splunk need a separate secret
 * (https://developers.cloudflare.com/notifications/get-started/configure-webhooks/). The other URLs stay
 * whole and are credentials themselves: anyone who has one can post to it. To support another service, add a
 * row.
 */
export type Destination = {
  readonly name: string;
  /** The `type` that Cloudflare assigns; `generic` if it has none for the service. */
  readonly type: string;
  /** Domains that match, with their subdomains. Absent: it is self-hosted and recognized by its path. */
  readonly domains?: readonly string[];
  /** The paths that match; absent: all. */
  readonly path?: RegExp;
  /** Splits the URL in two. Returns `undefined` if it has no credential, so splitting is idempotent. */
  readonly split?: (url: URL) => { readonly url: string; readonly credential: string } | undefined;
  /** Whether the first label of the host is the credential. */
  readonly secretHost?: boolean;
  /** Whether Cloudflare leaves the credential in the URL, which makes the URL a credential. */
  readonly keepsCredential?: boolean;
  /** Whether several webhooks can have the same URL once the credential is removed. */
  readonly shared?: boolean;
  /** Whether to compare URLs without the query, because it is not documented what Cloudflare keeps of it. */
  readonly dropsQuery?: boolean;
  /** Whether the `secret` to send with the split URL is known, so that a PUT can include it. */
  readonly splitSecretKnown?: boolean;
  /** Whether alerts are rejected without a secret. */
  readonly needsSecret?: boolean;
  /** Whether Cloudflare rejects alerts with a secret. */
  readonly refusesSecret?: boolean;
  /** A port that Cloudflare sends to, besides 80 and 443. */
  readonly port?: string;
  /** The service has been or will be retired: what the author of the file should know, and do. */
  readonly retired?: readonly [what: string, advice: string];
};

/** Splits off the last part of a path that matches `pattern`: (the part to keep)/(the credential). */
function lastSegment(pattern: RegExp): NonNullable<Destination['split']> {
  return (url) => {
    const match = pattern.exec(url.pathname);
    if (!match?.[2]) return undefined;
    const rest = new URL(url);
    rest.pathname = url.pathname.replace(pattern, '$1');
    return { url: rest.href, credential: match[2] };
  };
}

/** A service whose URL is itself a credential. `pattern`: (the path to show)/(the path to hide). */
function secretUrl(name: string, domains: readonly string[] | undefined, pattern: RegExp): Destination {
  const split = lastSegment(pattern);
  const hosts = domains ? { domains } : { path: pattern };
  return { name, type: 'generic', ...hosts, split, keepsCredential: true };
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** Matches everything after the host. */
const WHOLE_PATH = /^()\/(.+)/;

export const DESTINATIONS: readonly Destination[] = [
  {
    name: 'Slack workflow',
    type: 'generic',
    domains: ['hooks.slack.com'],
    // Only /services/ URLs are split. A workflow URL stays whole and does not accept a secret
    // (https://github.com/cloudflare/terraform-provider-cloudflare/issues/3200).
    path: /^\/(triggers|workflows)\//,
    split: lastSegment(/^(\/(?:triggers|workflows)\/.+)\/([^/]+)\/?$/),
    keepsCredential: true,
    refusesSecret: true,
  },
  {
    name: 'Slack',
    type: 'slack',
    domains: ['hooks.slack.com'],
    path: /^\/services\//,
    split: lastSegment(/^(\/services\/[^/]+\/[^/]+)\/([^/]+)\/?$/),
    splitSecretKnown: true,
  },
  secretUrl('GovSlack', ['hooks.slack-gov.com'], /^(\/[^/]+\/[^/]+\/[^/]+)\/(.+)/),
  // With a suffix, Discord accepts another service's payload. Whether Cloudflare splits such URLs is not
  // documented.
  {
    ...secretUrl(
      'Discord with a suffix',
      ['discord.com', 'discordapp.com'],
      /^(\/api\/(?:v\d+\/)?webhooks\/[^/]+)\/([^/]+\/.+)$/,
    ),
    type: 'discord',
    path: /^\/api\/(v\d+\/)?webhooks\/[^/]+\/[^/]+\/(slack|github)/,
  },
  {
    name: 'Discord',
    type: 'discord',
    domains: ['discord.com', 'discordapp.com'],
    path: /^\/api\/(v\d+\/)?webhooks\//,
    split: lastSegment(/^(\/api\/(?:v\d+\/)?webhooks\/[^/]+)\/([^/]+)\/?$/),
    splitSecretKnown: true,
  },
  {
    name: 'Google Chat',
    type: 'gchat',
    domains: ['chat.googleapis.com'],
    shared: true,
    dropsQuery: true,
    split: (url) => {
      if (!url.searchParams.has('key') && !url.searchParams.has('token')) return undefined;
      const rest = new URL(url);
      rest.search = '';
      return { url: rest.href, credential: url.search };
    },
  },
  {
    name: 'Feishu',
    type: 'feishu',
    domains: ['feishu.cn', 'larksuite.com'],
    // A last segment `hook` is not a token. Otherwise splitting `hook/hook` would never stop.
    split: lastSegment(/^(\/(?:.+\/)?hook)\/(?!hook\/?$)([^/]+)\/?$/),
    splitSecretKnown: true,
    shared: true,
  },
  {
    ...secretUrl(
      'Microsoft Teams',
      ['webhook.office.com', 'outlook.office.com', 'outlook.office365.com'],
      /^(\/webhook[^/]*)\/(.+)/,
    ),
    path: /^\/webhook/,
    retired: [
      'Microsoft has retired Teams connectors, and requests return 403',
      'Create a workflow in Teams and use its URL.',
    ],
  },
  {
    name: 'Power Automate',
    type: 'generic',
    domains: ['logic.azure.com', 'api.powerplatform.com'],
    keepsCredential: true,
    split: (url) => {
      const credential = url.searchParams.get('sig');
      if (credential === null || credential === '') return undefined;
      const rest = new URL(url);
      rest.searchParams.delete('sig');
      return { url: rest.href, credential };
    },
  },
  {
    name: 'Datadog',
    type: 'datadog',
    domains: ['datadoghq.com', 'datadoghq.eu', 'ddog-gov.com'],
    needsSecret: true,
    shared: true,
  },
  {
    name: 'Opsgenie',
    type: 'opsgenie',
    domains: ['opsgenie.com'],
    needsSecret: true,
    shared: true,
    retired: ['Opsgenie shuts down on 2027-04-05', 'Plan the move to another service.'],
  },
  {
    name: 'Splunk',
    type: 'splunk',
    path: /^\/services\/collector/,
    needsSecret: true,
    port: '8088',
    shared: true,
  },
  secretUrl('Zapier', ['hooks.zapier.com'], /^(\/hooks\/[^/]+\/[^/]+)\/(.+)/),
  secretUrl('Make', ['make.com', 'make.celonis.com', 'integromat.com'], WHOLE_PATH),
  secretUrl('IFTTT', ['maker.ifttt.com'], /^(\/trigger\/[^/]+\/(?:json\/)?with\/key)\/(.+)/),
  secretUrl('Telegram', ['api.telegram.org'], WHOLE_PATH),
  secretUrl('PagerDuty', ['pagerduty.com'], /^(\/integration|\/x-ere)\/(.+)/),
  secretUrl('ntfy', ['ntfy.sh'], WHOLE_PATH),
  secretUrl('Better Stack', ['betterstack.com', 'betteruptime.com'], /^(\/api\/v\d+\/[^/]+)\/(.+)/),
  secretUrl('Squadcast', ['squadcast.com'], /^(\/v\d+\/incidents\/[^/]+)\/(.+)/),
  secretUrl('Webex', ['webexapis.com'], /^(\/v\d+\/webhooks\/incoming)\/(.+)/),
  secretUrl('Home Assistant', ['nabu.casa'], /^(\/api\/webhook|)\/(.+)/),
  secretUrl('n8n Cloud', ['n8n.cloud'], /^(\/webhook(?:-test)?)\/(.+)/),
  secretUrl('n8n', undefined, new RegExp(`^(/webhook(?:-test)?)/(${UUID})(?:/|$)`)),
  secretUrl('Mattermost', undefined, /^(\/(?:.+\/)?hooks)\/([a-z0-9]{26})\/?$/),
  secretUrl('Rocket.Chat', undefined, /^(\/(?:.+\/)?hooks)\/(\w{17,24}\/\w{20,})\/?$/),
  { name: 'AWS Lambda', type: 'generic', domains: ['on.aws'], secretHost: true, keepsCredential: true },
  {
    name: 'Pipedream',
    type: 'generic',
    domains: ['m.pipedream.net'],
    secretHost: true,
    keepsCredential: true,
  },
];

const SELF_HOSTED = DESTINATIONS.filter(({ domains }) => !domains);
const BY_DOMAIN = grouped(
  DESTINATIONS.flatMap((row) => (row.domains ?? []).map((domain) => [domain, row] as const)),
);

/** Returns the known service that a URL belongs to, if any. */
export function destinationOf(url: URL): Destination | undefined {
  const { hostname, pathname } = plainly(url);
  const fits = ({ path }: Destination): boolean => path === undefined || path.test(pathname);
  for (let domain = hostname; domain !== '';) {
    const found = BY_DOMAIN.get(domain)?.find(fits);
    if (found) return found;
    const dot = domain.indexOf('.');
    domain = dot < 0 ? '' : domain.slice(dot + 1);
  }
  return SELF_HOSTED.find(fits);
}

/** Normalizes a URL as many servers do: without a dot at the end of the host and without double slashes. */
export function plainly(url: URL): URL {
  if (!url.hostname.endsWith('.') && !url.pathname.includes('//')) return url;
  const plain = new URL(url);
  plain.hostname = plain.hostname.replace(/\.$/, '');
  plain.pathname = plain.pathname.replace(/\/{2,}/g, '/');
  return plain;
}
