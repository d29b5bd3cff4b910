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
import {
  type Draft,
  type DraftReference,
  type DraftRoute,
  type DraftSecret,
  type DraftWebhook,
  inWebhook,
} from './draft.js';
import { error, type Problem } from './problem.js';
import { isAllowedFile, type ReadFile, readUrl } from './secrets/read-secret.js';

export type Built = { readonly webhooks: readonly DesiredWebhook[]; readonly problems: readonly Problem[] };

/** Where the URLs that a draft refers to are read from. */
export type UrlSources = {
  readonly env: Environment;
  /** From `--secret-dir`, absolute. */
  readonly allowed: readonly string[];
  readonly files: Files;
  /** Absent: URL files are not read. */
  readonly readFile?: ReadFile;
};

/** Returns the webhooks of a draft that have a name and a URL, after reading the referenced URLs. */
export async function buildWebhooks(draft: Draft, sources: UrlSources): Promise<Built> {
  const problems: Problem[] = [];
  const webhooks: DesiredWebhook[] = [];
  for (const webhook of draft.webhooks) {
    const { name, url, id, previously, protect } = webhook;
    if (name === undefined || url === undefined) continue;
    const secret = webhook.secret && buildSecret(webhook.secret, webhook.part.folder);
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

/** Returns the account that a draft describes. Accounts of the same document share their webhooks. */
export function buildAccount(
  accountId: AccountId,
  draft: Draft,
  webhooks: readonly DesiredWebhook[],
  source: string,
): DesiredAccount {
  const { label, unlisted, strategy, routes } = draft;
  return {
    accountId,
    ...(label !== undefined && { label }),
    ...(unlisted && { unlisted }),
    ignore: draft.ignore.map(({ text }) => text),
    absent: draft.absent.map(({ text }) => text),
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
  const base = webhook.part.folder;
  const reference = buildReference(draft, base);
  const { env, allowed, files, readFile } = sources;
  const roots = { base, allowed };
  if (reference.kind === 'file' && !(readFile && (await isAllowedFile(reference.path, roots, files))))
    return reference;
  const reading = await readUrl(reference, env, readFile ?? (() => Promise.resolve(undefined)));
  if (!reading.ok) {
    // Common in a plan, which needs no secrets.
    if (reading.error.isMissing) return reference;
    const place = inWebhook(webhook, 'url', reference.kind);
    const hint = 'Correct the value where hookwright runs, or unset it: a plan does not need it.';
    problems.push(error(place, 'url-env-unusable', `url: ${reading.error.message}`, hint));
    return reference;
  }
  const value = parseUrl(reading.value.reveal());
  const takesNone = value && destinationOf(value)?.name === 'Slack workflow';
  if (takesNone && webhook.secret && webhook.secret.kind !== 'none') {
    const place = inWebhook(webhook, 'secret');
    const hint = 'Cloudflare does not split such URLs: the URL is the credential. Remove the secret.';
    problems.push(
      error(place, 'slack-workflow-secret', 'secret: not allowed with a Slack workflow URL', hint),
    );
  }
  return { ...reference, value: reading.value };
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
