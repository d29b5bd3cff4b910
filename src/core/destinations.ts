/**
 * The services whose urls are known, and where each keeps its credential.
 *
 * Cloudflare takes the credential out of the urls of Slack, Google Chat, Discord and Feishu and keeps the
 * rest; Datadog, Opsgenie and Splunk need a secret beside the url
 * (https://developers.cloudflare.com/notifications/get-started/configure-webhooks/). The urls of the others stay as
 * they are and are credentials themselves: anyone who has one can post there.
 * To teach hookwright another service, add a row.
 */
export type Destination = {
  readonly name: string;
  /** The `type` that Cloudflare gives it; `generic` where it has none of its own. */
  readonly type: string;
  /** Its hosts: each of these and all below them. Absent: people host it themselves, and the path tells. */
  readonly domains?: readonly string[];
  /** Which paths of these hosts; absent: all. */
  readonly path?: RegExp;
  /**
   * The url in two parts, or `undefined` if there is no credential in it (so taking it out is idempotent).
   */
  readonly split?: (url: URL) => { readonly url: string; readonly credential: string } | undefined;
  /** The first label of the host is the credential. */
  readonly secretHost?: boolean;
  /** Cloudflare leaves the credential in the url, which is therefore itself a credential. */
  readonly keepsCredential?: boolean;
  /** Without its credential the URL says where, not which: several webhooks can have the same. */
  readonly shared?: boolean;
  /** Nothing of the query counts when two urls are compared: what Cloudflare keeps of it is not published. */
  readonly dropsQuery?: boolean;
  /** What to send as `secret` beside the split url is known, so a PUT can carry it. */
  readonly splitSecretKnown?: boolean;
  /** Alerts cannot arrive without a secret. */
  readonly needsSecret?: boolean;
  /** The service has ended or will end: what the author of the file should know, and do. */
  readonly retired?: readonly [what: string, advice: string];
};

/** Takes the last part of the path off, if the path has the shape of `pattern`: what stays, a slash, what goes. */
function lastSegment(pattern: RegExp): NonNullable<Destination['split']> {
  return (url) => {
    const match = pattern.exec(url.pathname);
    if (!match?.[2]) return undefined;
    const rest = new URL(url);
    rest.pathname = url.pathname.replace(pattern, '$1');
    return { url: rest.href, credential: match[2] };
  };
}

/** A service whose url is itself a credential. `pattern`: what of its path may be shown, a slash, and the rest. */
function secretUrl(name: string, domains: readonly string[] | undefined, pattern: RegExp): Destination {
  const split = lastSegment(pattern);
  const hosts = domains ? { domains } : { path: pattern };
  return { name, type: 'generic', ...hosts, split, keepsCredential: true };
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** Everything after the host. */
const WHOLE_PATH = /^()\/(.+)$/;

export const DESTINATIONS: readonly Destination[] = [
  {
    name: 'Slack workflow',
    type: 'generic',
    domains: ['hooks.slack.com'],
    // Only /services/ urls are split; a workflow url stays whole and takes no secret
    // (https://github.com/cloudflare/terraform-provider-cloudflare/issues/3200).
    path: /^\/(triggers|workflows)\//,
    split: lastSegment(/^(\/(?:triggers|workflows)\/.+)\/([^/]+)\/?$/),
    keepsCredential: true,
  },
  {
    name: 'Slack',
    type: 'slack',
    domains: ['hooks.slack.com'],
    path: /^\/services\//,
    split: lastSegment(/^(\/services\/[^/]+\/[^/]+)\/([^/]+)\/?$/),
    splitSecretKnown: true,
  },
  secretUrl('GovSlack', ['hooks.slack-gov.com'], /^(\/[^/]+\/[^/]+\/[^/]+)\/(.+)$/),
  // With a suffix Discord takes another service's payload; whether Cloudflare takes its token out is not published.
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
    // A last segment `hook` is no token: else it could be taken out of `hook/hook` again and again.
    split: lastSegment(/^(\/(?:.+\/)?hook)\/(?!hook\/?$)([^/]+)\/?$/),
    splitSecretKnown: true,
    shared: true,
  },
  {
    ...secretUrl(
      'Microsoft Teams',
      ['webhook.office.com', 'outlook.office.com', 'outlook.office365.com'],
      /^(\/webhook[^/]*)\/(.+)$/,
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
  { name: 'Splunk', type: 'splunk', path: /^\/services\/collector/, needsSecret: true, shared: true },
  secretUrl('Zapier', ['hooks.zapier.com'], /^(\/hooks\/[^/]+\/[^/]+)\/(.+)$/),
  secretUrl('Make', ['make.com', 'make.celonis.com', 'integromat.com'], WHOLE_PATH),
  secretUrl('IFTTT', ['maker.ifttt.com'], /^(\/trigger\/[^/]+\/(?:json\/)?with\/key)\/(.+)$/),
  secretUrl('Telegram', ['api.telegram.org'], WHOLE_PATH),
  secretUrl('PagerDuty', ['pagerduty.com'], /^(\/integration|\/x-ere)\/(.+)$/),
  secretUrl('ntfy', ['ntfy.sh'], WHOLE_PATH),
  secretUrl('Better Stack', ['betterstack.com', 'betteruptime.com'], /^(\/api\/v\d+\/[^/]+)\/(.+)$/),
  secretUrl('Squadcast', ['squadcast.com'], /^(\/v\d+\/incidents\/[^/]+)\/(.+)$/),
  secretUrl('Webex', ['webexapis.com'], /^(\/v\d+\/webhooks\/incoming)\/(.+)$/),
  secretUrl('Home Assistant', ['nabu.casa'], /^(\/api\/webhook|)\/(.+)$/),
  secretUrl('n8n Cloud', ['n8n.cloud'], /^(\/webhook(?:-test)?)\/(.+)$/),
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

const BY_DOMAIN = new Map<string, Destination[]>();
const SELF_HOSTED: Destination[] = [];
for (const row of DESTINATIONS) {
  if (!row.domains) SELF_HOSTED.push(row);
  for (const domain of row.domains ?? []) {
    const rows = BY_DOMAIN.get(domain);
    if (rows) rows.push(row);
    else BY_DOMAIN.set(domain, [row]);
  }
}

/** The service behind a url, if it is one that is known. */
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

/** The url as a server takes it: a dot at the end of the host and a doubled slash make no difference to many. */
export function plainly(url: URL): URL {
  if (!url.hostname.endsWith('.') && !url.pathname.includes('//')) return url;
  const plain = new URL(url);
  plain.hostname = plain.hostname.replace(/\.$/, '');
  plain.pathname = plain.pathname.replace(/\/{2,}/g, '/');
  return plain;
}
