/**
 * The services whose urls Cloudflare treats in a way of its own, and where each keeps its credential.
 *
 * Cloudflare takes the credential out of the urls of Slack, Google Chat, Discord and Feishu and keeps the
 * rest; Datadog, Opsgenie and Splunk need a secret beside the url
 * (https://developers.cloudflare.com/notifications/get-started/configure-webhooks/).
 * To teach hookwright another service, add a row.
 */
export type Destination = {
  readonly name: string;
  /** The `type` that Cloudflare gives it; `generic` where it has none of its own. */
  readonly type: string;
  readonly matches: (url: URL) => boolean;
  /**
   * The url in two parts, or `undefined` if there is no credential in it (so taking it out is idempotent).
   */
  readonly split?: (url: URL) => { readonly url: string; readonly credential: string } | undefined;
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
};

const onDomain = (url: URL, domain: string): boolean =>
  url.hostname === domain || url.hostname.endsWith(`.${domain}`);

/** Takes the last path segment off, if the path has the shape of `pattern`. */
function lastSegment(pattern: RegExp): NonNullable<Destination['split']> {
  return (url) => {
    const match = pattern.exec(url.pathname);
    if (!match?.[1] || !match[2]) return undefined;
    const rest = new URL(url);
    rest.pathname = match[1];
    return { url: rest.href, credential: match[2] };
  };
}

export const DESTINATIONS: readonly Destination[] = [
  {
    name: 'Slack workflow',
    type: 'generic',
    // Only /services/ urls are split; a workflow url stays whole and takes no secret
    // (https://github.com/cloudflare/terraform-provider-cloudflare/issues/3200).
    matches: (url) => url.hostname === 'hooks.slack.com' && /^\/(triggers|workflows)\//.test(url.pathname),
    split: lastSegment(/^(\/(?:triggers|workflows)\/.+)\/([^/]+)\/?$/),
    keepsCredential: true,
  },
  {
    name: 'Slack',
    type: 'slack',
    matches: (url) => url.hostname === 'hooks.slack.com' && url.pathname.startsWith('/services/'),
    split: lastSegment(/^(\/services\/[^/]+\/[^/]+)\/([^/]+)\/?$/),
    splitSecretKnown: true,
  },
  {
    name: 'Discord',
    type: 'discord',
    matches: (url) =>
      (onDomain(url, 'discord.com') || onDomain(url, 'discordapp.com')) &&
      /^\/api\/(v\d+\/)?webhooks\//.test(url.pathname),
    split: lastSegment(/^(\/api\/(?:v\d+\/)?webhooks\/[^/]+)\/([^/]+)\/?$/),
    splitSecretKnown: true,
  },
  {
    name: 'Google Chat',
    type: 'gchat',
    matches: (url) => url.hostname === 'chat.googleapis.com',
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
    matches: (url) => onDomain(url, 'feishu.cn') || onDomain(url, 'larksuite.com'),
    // A last segment `hook` is no token: else it could be taken out of `hook/hook` again and again.
    split: lastSegment(/^(\/(?:.+\/)?hook)\/(?!hook\/?$)([^/]+)\/?$/),
    splitSecretKnown: true,
    shared: true,
  },
  {
    name: 'Microsoft Teams',
    type: 'generic',
    matches: (url) =>
      (onDomain(url, 'webhook.office.com') || onDomain(url, 'outlook.office.com')) &&
      url.pathname.startsWith('/webhook'),
    split: lastSegment(/^(\/webhook[^/]*)\/(.+)$/),
    keepsCredential: true,
  },
  {
    name: 'Datadog',
    type: 'datadog',
    matches: (url) => onDomain(url, 'datadoghq.com') || onDomain(url, 'datadoghq.eu'),
    needsSecret: true,
    shared: true,
  },
  {
    name: 'Opsgenie',
    type: 'opsgenie',
    matches: (url) => onDomain(url, 'opsgenie.com'),
    needsSecret: true,
    shared: true,
  },
  {
    name: 'Splunk',
    type: 'splunk',
    matches: (url) => url.pathname.startsWith('/services/collector'),
    needsSecret: true,
    shared: true,
  },
];

/** The service behind a url, if it is one that is treated in a way of its own. */
export function destinationOf(url: URL): Destination | undefined {
  return DESTINATIONS.find((destination) => destination.matches(url));
}
