import { BlockList, isIPv4 } from 'node:net';
import { type Destination, destinationOf } from '../../core/destinations.js';
import { looksLikeCredential, needsSecret, urlCredential, webhookUrl } from '../../core/urls.js';
import { looksRandom } from '../../text/looks-random.js';
import { templateIn } from '../../text/templates.js';
import { type Draft, type DraftWebhook, placeIn } from '../draft.js';
import type { LoadContext } from '../load-options.js';
import { strangeCharacter } from './check-names.js';
import { error, type Problem, type Place, warning } from '../problem.js';
import { showableEnv, excerptUrl } from '../yaml/excerpt.js';

/** Checks that literal URLs are valid, contain no credential, and can be reached by Cloudflare. */
export function* checkUrls(draft: Draft, rules: LoadContext): Generator<Problem> {
  for (const webhook of draft.webhooks) {
    if (webhook.url?.kind === 'literal') yield* checkUrl(webhook.url.url, webhook, rules);
  }
}

function* checkUrl(text: string, webhook: DraftWebhook, rules: LoadContext): Generator<Problem> {
  const place = placeIn(webhook, 'url');
  const template = templateIn(text);
  if (template) {
    // The variable of a placeholder for part of the URL is not the one for the whole URL.
    const name = /^[^:/]*$/.test(text) ? (template.variable ?? 'NAME') : 'NAME';
    const hint = `Placeholders are not expanded. Put the whole URL in a variable and write url: { env: ${name} }.`;
    yield error(place, 'url-placeholder', 'url: contains a placeholder', hint);
    return;
  }
  const parsed = webhookUrl(text);
  if (!parsed.ok) {
    yield error(place, 'bad-url', `url: ${parsed.error.replace(/^is /, '')}`, urlHint(text));
    return;
  }
  const url = parsed.value;
  const destination = destinationOf(url);
  const strange = strangeCharacter(/^[^/]*\/\/[^/?#]*/.exec(text)?.[0] ?? '');
  if (strange !== undefined) {
    const hint =
      'A host that looks the same without it is a different host. Type the URL again, unless this is intended.';
    yield warning(place, 'name-alike', `url: the host contains ${strange}`, hint);
  }
  yield* checkCredential(url, destination, place, rules);
  yield* checkReachable(url, destination, place);
  yield* checkRefusedSecret(destination, webhook);
  const { secret } = webhook;
  if (destination && (!secret || secret.kind === 'none') && needsSecret(text)) {
    const hint = destination.split
      ? `Write the rest of the ${destination.name} URL as secret: { env: NAME }, or the whole URL as url: { env: NAME }.`
      : 'Write its API key or token as secret: { env: NAME }.';
    yield warning(place, 'secret-needed', `url: ${destination.name} requires a secret`, hint);
  }
}

/** Common mistakes in a URL, and what to write instead. */
const INSTEAD: readonly (readonly [form: RegExp, hint: string])[] = [
  [/^(?:file:|\.{0,2}\/)/, 'To read it from a file, write url: { file: PATH }.'],
  [
    /^(?:op:\/\/|vault:|ref\+|arn:|projects\/|ENC\[|@Microsoft\.)/,
    'References of secret managers are not resolved. Put the whole URL in a variable and write url: { env: NAME }.',
  ],
  [/^<.*>$/, 'Remove the < and >.'],
  [/^[“”„‘’‚«»]/, 'YAML knows only straight quotes (" or \').'],
  [/^\[.*\]\(.*\)$/, 'This is a Markdown link. Write only the URL in it.'],
  [/\\/, 'Remove the backslashes. JSON can escape a slash, YAML does not need it.'],
  [/[\s\p{Cc}]/u, 'Remove it, or write a space inside the URL as %20.'],
  [/^https?:(?!\/\/[^/])/i, 'After the colon, write two slashes and the host: https://relay.example.com/cf'],
  [/^https?:\/\/[^?]*,https?:\/\//i, 'A webhook has one URL. Write an entry for each.'],
  [
    /^(?!https?:)[a-z][a-z\d+.-]*:\/\//i,
    'Use a URL that starts with https://, for example https://relay.example.com/cf',
  ],
  [/^https?:/i, 'Correct the host and the port, for example https://relay.example.com/cf'],
];

function urlHint(text: string): string {
  const variable = /^env[\s:=]+([A-Za-z_]\w*)$/.exec(text)?.[1];
  if (variable !== undefined)
    return `To read it from a variable, write url: { env: ${showableEnv(variable) ? variable : 'NAME'} }.`;
  const known = INSTEAD.find(([form]) => form.test(text));
  if (known) return known[1];
  // Without a scheme, it is not clear which parts of the path are safe to show.
  const host = /^[\w-]+(?:\.[\w-]+)+(?::\d+)?(?=[/?#]|$)/.exec(text)?.[0];
  const isShown = host !== undefined && !host.split('.').some(looksRandom);
  return `Include the scheme, for example ${isShown ? `https://${host}/…` : 'https://relay.example.com/cf'}`;
}

const ENV_HINT = 'Put the whole URL in a variable and write url: { env: NAME }.';

function* checkCredential(
  url: URL,
  destination: Destination | undefined,
  place: Place,
  rules: LoadContext,
): Generator<Problem> {
  const parts = destination && urlCredential(url);
  if (parts && !parts.destination.keepsCredential) {
    const { name, splitSecretKnown } = parts.destination;
    const whole = 'put the whole URL in a variable and write url: { env: NAME }.';
    const split = splitSecretKnown
      ? `Write the URL without the token (${excerptUrl(parts.url)}) and the token as secret: { env: NAME }, or ${whole}`
      : ENV_HINT;
    const make = rules.allowLiteralSecrets ? warning : error;
    const message = `url: contains a ${name} token`;
    const advice = `Anyone who can read this file can post there. ${split} If the token was committed, create a new one.`;
    yield make(place, 'url-token', message, advice);
  } else if (looksLikeCredential(url, destination)) {
    const what = destination?.keepsCredential
      ? `a URL of ${destination.name} is itself a credential`
      : `looks like a credential: ${excerptUrl(url.href)}`;
    const advice = `Anyone who has it can post there. ${ENV_HINT}`;
    yield warning(place, 'url-credential', `url: ${what}`, advice);
  }
}

/** Refuses a secret beside a URL, literal or from a reference, of a service that accepts none. */
export function* checkRefusedSecret(
  destination: Destination | undefined,
  webhook: DraftWebhook,
): Generator<Problem> {
  const { secret } = webhook;
  if (!destination?.refusesSecret || !secret || secret.kind === 'none') return;
  const message = `secret: not allowed with a ${destination.name} URL`;
  const hint = 'Cloudflare does not split such a URL: the whole URL is the credential. Remove the secret.';
  yield error(placeIn(webhook, 'secret'), 'slack-workflow-secret', message, hint);
}

/**
 * Warns of a URL, literal or from a reference, that Cloudflare cannot use, or not safely
 * (https://developers.cloudflare.com/notifications/get-started/configure-webhooks/).
 */
export function* checkReachable(
  url: URL,
  destination: Destination | undefined,
  place: Place,
): Generator<Problem> {
  if (destination?.retired !== undefined) {
    const [what, advice] = destination.retired;
    yield warning(place, 'retired-host', `url: ${what}`, advice);
  }
  if (url.protocol === 'http:') {
    const hint = 'Alerts and the secret are sent over the internet unencrypted. Use https.';
    yield warning(place, 'http-url', 'url: uses http instead of https', hint);
  }
  if (isPrivateHost(url)) {
    const hint = 'Cloudflare sends alerts from the internet, so the host must be publicly reachable.';
    yield warning(place, 'private-host', 'url: Cloudflare cannot reach a private host', hint);
  }
  // The port is empty if it is the scheme's default.
  const { port } = url;
  if (port !== '' && !['80', '443', destination?.port].includes(port)) {
    const hint = 'Cloudflare sends webhooks to ports 80 and 443 (Splunk: also 8088).';
    yield warning(place, 'port', `url: Cloudflare does not send to port ${port}`, hint);
  }
}

/** Networks that are not public (https://www.iana.org/assignments/iana-ipv4-special-registry/). */
const PRIVATE = new BlockList();
for (const network of [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.168.0.0/16', '::/127', 'fc00::/7', 'fe80::/10'],
]) {
  const [address = '', prefix] = network.split('/');
  // Not isIPv6, whose expression takes 3 ms to compile.
  PRIVATE.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
}

const PRIVATE_DOMAINS = ['.localhost', '.local', '.internal', '.home.arpa', '.lan'];

/**
 * Reports whether the host of this URL is reachable only from a private network (a private or loopback
 * address, `localhost`, `*.local`, a name without a dot). Does not resolve names.
 */
export function isPrivateHost(url: URL): boolean {
  const { hostname } = url;
  // The URL parser has already normalized addresses (https://url.spec.whatwg.org/#host-serializing).
  if (hostname.startsWith('[')) return PRIVATE.check(hostname.slice(1, -1), 'ipv6');
  if (isIPv4(hostname)) return PRIVATE.check(hostname, 'ipv4');
  const host = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  return !host.includes('.') || PRIVATE_DOMAINS.some((domain) => host.endsWith(domain));
}
