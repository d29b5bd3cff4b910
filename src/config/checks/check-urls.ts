import type { BlockList } from 'node:net';
import { type Destination, destinationOf } from '../../core/destinations.js';
import { parseUrl } from '../../core/urls.js';
import { type Draft, type DraftWebhook, inWebhook } from '../draft.js';
import { error, type Problem, type Place, warning } from '../problem.js';
import { shownUrl } from '../yaml/excerpt.js';

/** What a url check may let pass. */
export type UrlRules = {
  /** A chat service's token in a url is then only warned of. */
  readonly allowLiteralSecrets: boolean;
};

/** Query parameters whose value is a credential. */
const CREDENTIAL_QUERY =
  /^(?:access_?token|api_?key|auth|code|key|pass(?:word|wd)?|secret|sig(?:nature)?|token)$/i;

/** The literal urls: are they urls, do they carry a credential, can Cloudflare reach them? */
export async function checkUrls(draft: Draft, rules: UrlRules): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const webhook of draft.webhooks) {
    if (webhook.url?.kind === 'literal') await checkUrl(webhook.url.url, webhook, rules, problems);
  }
  return problems;
}

async function checkUrl(
  text: string,
  webhook: DraftWebhook,
  rules: UrlRules,
  problems: Problem[],
): Promise<void> {
  const place = inWebhook(webhook, 'url');
  const url = parseUrl(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '') {
    const hint = 'Include the scheme, for example https://relay.example.com/cf';
    problems.push(error(place, 'bad-url', 'url: not an absolute http or https URL', hint));
    return;
  }
  if (text !== text.trim()) {
    problems.push(warning(place, 'url-space', 'url: starts or ends with a space', 'Remove it.'));
  }
  if (text.includes('${')) {
    const hint =
      'Placeholders are not expanded. Put the whole URL in a variable and write url: { env: NAME }.';
    const make = url.hostname.includes('{') ? error : warning;
    problems.push(make(place, 'url-placeholder', 'url: contains ${…}, which is not expanded', hint));
  }
  const destination = destinationOf(url);
  checkCredential(url, destination, place, rules, problems);
  if (destination) checkSecretBeside(destination, webhook, place, problems);
  await checkReachable(url, destination, place, problems);
}

const ENV_HINT = 'Put the whole URL in a variable and write url: { env: NAME }.';

function checkCredential(
  url: URL,
  destination: Destination | undefined,
  place: Place,
  rules: UrlRules,
  problems: Problem[],
): void {
  const parts = destination?.split?.(url);
  if (destination && parts && destination.keepsCredential) {
    const message = `url: a ${destination.name} URL is itself a credential`;
    problems.push(warning(place, 'url-credential', message, `Anyone who has it can post there. ${ENV_HINT}`));
  } else if (destination && parts) {
    const whole = 'put the whole URL in a variable and write url: { env: NAME }.';
    const split = destination.splitSecretKnown
      ? `Write the URL without the token (${shownUrl(parts.url)}) and the token as secret: { env: NAME }, or ${whole}`
      : ENV_HINT;
    const make = rules.allowLiteralSecrets ? warning : error;
    const message = `url: contains a ${destination.name} token`;
    const advice = `Anyone who can read this file can post there. ${split} If the token was committed, create a new one.`;
    problems.push(make(place, 'url-token', message, advice));
  } else if (url.username !== '' || url.password !== '') {
    const message = 'url: contains a username or password';
    problems.push(warning(place, 'url-credential', message, ENV_HINT));
  } else if (url.search !== '' && [...url.searchParams.keys()].some((key) => CREDENTIAL_QUERY.test(key))) {
    const message = 'url: a query parameter looks like a credential';
    problems.push(warning(place, 'url-credential', message, ENV_HINT));
  }
}

function checkSecretBeside(
  destination: Destination,
  webhook: DraftWebhook,
  place: Place,
  problems: Problem[],
): void {
  const { secret } = webhook;
  const hasSecret = secret !== undefined && secret.kind !== 'none';
  if (destination.name === 'Slack workflow' && hasSecret) {
    const at = inWebhook(webhook, 'secret');
    const message = 'secret: not allowed with a Slack workflow URL';
    const hint =
      'Cloudflare does not split /triggers/ and /workflows/ URLs: use the whole URL, preferably as url: { env: NAME }, and remove the secret.';
    problems.push(error(at, 'slack-workflow-secret', message, hint));
  }
  if (destination.needsSecret && !hasSecret) {
    const message = `url: ${destination.name} requires a secret`;
    const hint = 'Pass its API key or token as secret: { env: NAME }.';
    problems.push(warning(place, 'secret-needed', message, hint));
  }
}

/** https://developers.cloudflare.com/notifications/get-started/configure-webhooks/ */
async function checkReachable(
  url: URL,
  destination: Destination | undefined,
  place: Place,
  problems: Problem[],
): Promise<void> {
  if (url.protocol === 'http:') {
    const hint = 'Alerts and the secret are sent over the internet unencrypted. Use https.';
    problems.push(warning(place, 'http-url', 'url: uses http instead of https', hint));
  }
  if (await isPrivateHost(url)) {
    const hint = 'Cloudflare sends alerts from the internet, so the host must be publicly reachable.';
    problems.push(warning(place, 'private-host', 'url: Cloudflare cannot reach a private host', hint));
  }
  // `port` is empty for the default of the scheme.
  const splunk = url.port === '8088' && destination?.name === 'Splunk';
  if (url.port !== '' && url.port !== '80' && url.port !== '443' && !splunk) {
    const hint = 'Cloudflare sends webhooks to ports 80 and 443 (Splunk: also 8088).';
    problems.push(warning(place, 'port', `url: Cloudflare does not send to port ${url.port}`, hint));
  }
}

/** Networks that are not routed on the Internet (https://www.iana.org/assignments/iana-ipv4-special-registry/). */
const PRIVATE: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
];

let privateNetworks: BlockList | undefined;

/** node:net is loaded only where a url has an address for a name: that costs a start a millisecond. */
async function isPrivateAddress(address: string, family: 'ipv4' | 'ipv6'): Promise<boolean> {
  if (!privateNetworks) {
    const net = await import('node:net');
    privateNetworks = new net.BlockList();
    for (const [network, prefix, of] of PRIVATE) privateNetworks.addSubnet(network, prefix, of);
  }
  return privateNetworks.check(address, family);
}

const PRIVATE_DOMAINS = ['.localhost', '.local', '.internal', '.home.arpa', '.lan'];

/**
 * Can only one's own network reach the host of this url (a private or loopback address, `localhost`,
 * `*.local`, a name without a dot)? Names are not looked up.
 */
export async function isPrivateHost(url: URL): Promise<boolean> {
  const { hostname } = url;
  // A URL has told addresses from names already, and writes them in one way (https://url.spec.whatwg.org/#host-serializing).
  if (hostname.startsWith('[')) return isPrivateAddress(hostname.slice(1, -1), 'ipv6');
  if (/^\d+\.\d+\.\d+\.\d+$/.test(hostname)) return isPrivateAddress(hostname, 'ipv4');
  const host = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  return !host.includes('.') || PRIVATE_DOMAINS.some((domain) => host.endsWith(domain));
}
