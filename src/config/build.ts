import type {
  DesiredAccount,
  DesiredRoute,
  DesiredSecret,
  DesiredUrl,
  DesiredWebhook,
  Reference,
} from '../core/desired.js';
import { destinationOf } from '../core/destinations.js';
import type { AccountId } from '../core/ids.js';
import { Secret } from '../core/secret.js';
import { parseUrl } from '../core/urls.js';
import { checkReachable, checkRefusedSecret } from './checks/check-urls.js';
import { type Draft, type DraftRoute, type DraftSecret, type DraftWebhook, placeIn } from './draft.js';
import type { LoadContext } from './load-options.js';
import { error, type Problem } from './problem.js';
import { readValue } from './secrets/read-secret.js';

export type Built = { readonly webhooks: readonly DesiredWebhook[]; readonly problems: readonly Problem[] };

/** Returns the webhooks of a draft that have a name and a URL, after reading the referenced URLs. */
export async function buildWebhooks(draft: Draft, context: LoadContext): Promise<Built> {
  const problems: Problem[] = [];
  const webhooks: DesiredWebhook[] = [];
  for (const webhook of draft.webhooks) {
    const { name, url, id, previously, protect } = webhook;
    if (name === undefined || url === undefined) continue;
    const secret = buildSecret(webhook.secret);
    webhooks.push({
      name,
      url: url.kind === 'literal' ? url : await buildUrl(url, webhook, context, problems),
      ...(secret && { secret }),
      ...(id !== undefined && { id }),
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
  { file, source }: Pick<DesiredAccount, 'file' | 'source'>,
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
    file,
    source,
  };
}

function buildRoute({ name, id, webhooks }: DraftRoute): DesiredRoute[] {
  return name === undefined ? [] : [{ name, ...(id !== undefined && { id }), webhooks }];
}

async function buildUrl(
  reference: Reference,
  webhook: DraftWebhook,
  { env, allowsSecretFile, readFile }: LoadContext,
  problems: Problem[],
): Promise<DesiredUrl> {
  if (
    reference.kind === 'file' &&
    !(readFile && (await allowsSecretFile(reference.path, [webhook.part.folder])))
  )
    return reference;
  const reading = await readValue('url', reference, env, readFile ?? (() => Promise.resolve(undefined)));
  if (!reading.ok) {
    // Common in a plan, which needs no secrets.
    if (reading.error.isMissing) return reference;
    const place = placeIn(webhook, 'url', reference.kind);
    const hint = 'Correct the value where hookwright runs, or unset it: a plan does not need it.';
    problems.push(error(place, 'url-env-unusable', `url: ${reading.error.message}`, hint));
    return reference;
  }
  const value = parseUrl(reading.value.reveal());
  const destination = value && destinationOf(value);
  if (value) problems.push(...checkReachable(value, destination, placeIn(webhook, 'url', reference.kind)));
  problems.push(...checkRefusedSecret(destination, webhook));
  return { ...reference, value: reading.value };
}

function buildSecret(secret: DraftSecret | undefined): DesiredSecret | undefined {
  if (secret?.kind !== 'literal') return secret;
  return typeof secret.value === 'string' ? { kind: 'literal', value: new Secret(secret.value) } : undefined;
}
