import { resolve } from 'node:path';
import type {
  DesiredAccount,
  DesiredRoute,
  DesiredSecret,
  DesiredUrl,
  DesiredWebhook,
  Reference,
} from '../core/desired.js';
import { destinationOf } from '../core/destinations.js';
import { type AccountId, bareId } from '../core/ids.js';
import { unreachable } from '../core/plan.js';
import type { Environment } from '../core/ports.js';
import { Secret } from '../core/secret.js';
import { parseUrl } from '../core/urls.js';
import type { Files } from './disk.js';
import type { Draft, DraftReference, DraftRoute, DraftSecret, DraftWebhook } from './draft.js';
import { atValue, error, type Problem, warning } from './problem.js';
import { isAllowedFile, type ReadFile, readUrl, type SecretRoots } from './secrets/read-secret.js';

export type Built = { readonly webhooks: readonly DesiredWebhook[]; readonly problems: readonly Problem[] };

/** What reads the URLs that a draft refers to. */
export type UrlSources = {
  readonly env: Environment;
  readonly roots: SecretRoots;
  readonly files: Files;
  /** Absent: files with URLs are not read. */
  readonly readFile?: ReadFile;
};

/** The webhooks of a draft that have a name and a url; referenced URLs are read. */
export async function buildWebhooks(draft: Draft, sources: UrlSources): Promise<Built> {
  const problems: Problem[] = [];
  const webhooks: DesiredWebhook[] = [];
  for (const webhook of draft.webhooks) {
    const { name, url, id, previously, protect } = webhook;
    if (name === undefined || url === undefined) continue;
    const secret = webhook.secret && buildSecret(webhook.secret, sources.roots.base);
    webhooks.push({
      name,
      url: url.kind === 'literal' ? url : await buildUrl(url, webhook, sources, problems),
      ...(secret && { secret }),
      ...(id !== undefined && { id: bareId(id) }),
      previously,
      protect,
    });
  }
  return { webhooks, problems };
}

/** The account that a draft describes; drafts for several accounts share their webhooks. */
export function buildAccount(
  accountId: AccountId,
  draft: Draft,
  webhooks: readonly DesiredWebhook[],
  source: string,
): DesiredAccount {
  const { unlisted, ignore, absent, strategy, routes } = draft;
  return {
    accountId,
    ...(unlisted && { unlisted }),
    ignore,
    absent,
    strategy,
    webhooks,
    ...(routes && { routes: routes.flatMap(buildRoute) }),
    source,
  };
}

function buildRoute({ name, id, webhooks }: DraftRoute): DesiredRoute[] {
  return name === undefined ? [] : [{ name, ...(id !== undefined && { id: bareId(id) }), webhooks }];
}

async function buildUrl(
  draft: DraftReference,
  webhook: DraftWebhook,
  sources: UrlSources,
  problems: Problem[],
): Promise<DesiredUrl> {
  const reference = buildReference(draft, sources.roots.base);
  const { env, roots, files, readFile } = sources;
  if (reference.kind === 'file' && !(readFile && (await isAllowedFile(reference.path, roots, files))))
    return reference;
  const reading = await readUrl(reference, env, readFile ?? (() => Promise.resolve(undefined)));
  if ('problem' in reading) {
    // Usual in a plan, which needs no secrets.
    if (reading.isMissing) return reference;
    const place = atValue('webhooks', webhook.index, 'url', reference.kind);
    const hint = 'The URL is not compared in this plan, and apply will be refused.';
    problems.push(warning(place, 'url-env-unusable', `url: ${reading.problem}`, hint));
    return reference;
  }
  const value = parseUrl(reading.secret.reveal());
  const takesNone = value && destinationOf(value)?.name === 'Slack workflow';
  if (takesNone && webhook.secret && webhook.secret.kind !== 'none') {
    const place = atValue('webhooks', webhook.index, 'secret');
    const hint = 'Cloudflare does not split such URLs: the URL is the credential. Remove the secret.';
    problems.push(
      error(place, 'slack-workflow-secret', 'secret: not allowed with a Slack workflow URL', hint),
    );
  }
  return { ...reference, value: reading.secret };
}

function buildReference(draft: DraftReference, base: string): Reference {
  return draft.kind === 'env' ? draft : { ...draft, path: resolve(base, draft.file) };
}

function buildSecret(secret: DraftSecret, base: string): DesiredSecret | undefined {
  switch (secret.kind) {
    case 'none':
      return secret;
    case 'env':
    case 'file':
      return buildReference(secret, base);
    case 'literal':
      return typeof secret.value === 'string'
        ? { kind: 'literal', value: new Secret(secret.value) }
        : undefined;
    default:
      return unreachable(secret);
  }
}

/** More than this is no list of webhooks: 40,000 of them are about 6 MB. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The text of a file, or what keeps it from being one. Lines and columns count from 1. */
export type Decoded =
  | { readonly text: string }
  | {
      readonly code: 'too-large' | 'encoding';
      readonly line: number;
      readonly column: number;
      readonly message: string;
      readonly hint: string;
    };

const ENCODING_HINT = 'Save the file as UTF-8.';

/** Bytes as UTF-8 text, without a byte order mark. */
export function decode(bytes: Uint8Array): Decoded {
  if (bytes.length > MAX_BYTES) {
    const message = `the file is ${Math.round(bytes.length / 1048576)} MB; the limit is 16 MB`;
    return bad('too-large', message, 'Split it into several files and pass their directory.');
  }
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16) return bad('encoding', 'the file is UTF-16, not UTF-8', ENCODING_HINT);
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    const place = placeOf(bytes, nul);
    return bad('encoding', 'the file contains a NUL byte, so it is not text', ENCODING_HINT, place);
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    const place = placeOf(bytes, firstInvalid(bytes));
    return bad('encoding', 'the file is not UTF-8: invalid bytes', ENCODING_HINT, place);
  }
}

function bad(
  code: 'too-large' | 'encoding',
  message: string,
  hint: string,
  place = { line: 1, column: 1 },
): Decoded {
  return { code, ...place, message, hint };
}

/** The offset of the first byte that is no UTF-8, found line by line: a line feed is never part of a character. */
function firstInvalid(bytes: Uint8Array): number {
  for (let start = 0; start < bytes.length;) {
    const end = (bytes.indexOf(0x0a, start) + 1 || bytes.length + 1) - 1;
    const line = bytes.subarray(start, end);
    const again = new TextEncoder().encode(new TextDecoder('utf-8', { ignoreBOM: true }).decode(line));
    const differs = line.findIndex((byte, i) => again[i] !== byte);
    if (differs >= 0) return start + differs;
    start = end + 1;
  }
  return 0;
}

function placeOf(bytes: Uint8Array, offset: number): { line: number; column: number } {
  const start = bytes.lastIndexOf(0x0a, offset) + 1;
  let line = 1;
  for (let i = 0; i < start; i += 1) if (bytes[i] === 0x0a) line += 1;
  return { line, column: new TextDecoder().decode(bytes.subarray(start, offset)).length + 1 };
}
