import type { Spec } from '../core/desired.js';
import { attempt, type HookwrightError, success } from '../core/errors.js';
import { bareId, type WebhookId } from '../core/ids.js';
import type { Live } from '../core/live.js';
import { oldest } from '../core/order.js';
import type { ReplaceReason, UpdateReason } from '../core/plan.js';
import type { Credentials, WebhookBody, WriteOptions } from '../core/ports.js';
import { revealed, Secret } from '../core/secret.js';
import { matchesLiveUrl, secretForPut, urlCredential } from '../core/urls.js';
import { failure, isKilled, readUntil, refusal, type Session, type Step } from './session.js';

/** Reasons for a PUT that changes a secret, which no read can verify. */
export const UNVERIFIABLE_REASONS: ReadonlySet<UpdateReason | ReplaceReason> = new Set([
  'secret-rotated',
  'url-rotated',
]);

/** Returns the body of a POST, or of a PUT that changes the URL or its credential in place. */
export function wholeBody(name: string, { url, secret }: Credentials): WebhookBody {
  return { name, url, ...(secret && { secret }) };
}

/**
 * Returns the body of a PUT that does not change the URL: the live URL, and the secret again, because a PUT
 * without one may clear it. For a whole chat URL, the secret is the part that Cloudflare moved out of it.
 */
export function bodyKeepingUrl(after: Spec, credentials: Credentials, live: Live): WebhookBody {
  const whole = revealed(credentials.url);
  const credential = urlCredential(whole)?.credential;
  // A saved plan does not contain the value of a variable or file, which can be for another webhook by now.
  const url: Spec['url'] = matchesLiveUrl(whole, live) ? { kind: 'literal', url: whole } : after.url;
  switch (secretForPut({ ...after, url })) {
    case 'declared':
      return { name: after.name, url: live.url, ...(credentials.secret && { secret: credentials.secret }) };
    case 'in-url':
      return { name: after.name, url: live.url, ...(credential && { secret: new Secret(credential) }) };
    case 'none':
    case 'unknown':
      // If the split form is not documented, send the whole URL, which was accepted before.
      return { name: after.name, url: credential ? credentials.url : live.url };
  }
}

/** Reports whether the webhook reads back as it was sent, as far as it can be read. */
export function isAsSent(live: Live, body: WebhookBody): boolean {
  return live.name === body.name && matchesLiveUrl(revealed(body.url), live);
}

/** A new endpoint can take a minute to become reachable, so it gets more time than a busy server. */
const DESTINATION_PAUSE_FACTOR = 4;
const MAX_DESTINATION_PAUSE_MS = 30_000;

/**
 * Pauses before retrying a destination that refused its test message; with the defaults, 30 s in total.
 * `refusals`: how often it has refused before. Returns whether to retry.
 */
async function waitForDestination(
  { clock, retries, retryDelayMs, stop }: Session,
  { code }: HookwrightError,
  refusals: number,
): Promise<boolean> {
  if (code !== 'destination-refused' || refusals >= retries || stop.aborted) return false;
  await clock.sleep(
    Math.min(MAX_DESTINATION_PAUSE_MS, DESTINATION_PAUSE_FACTOR * retryDelayMs * 2 ** refusals),
    stop,
  );
  return !stop.aborted;
}

/**
 * Sends one PUT. After an unknown response, reads the webhook: if it is as sent, the PUT is done; if it is as
 * before, sends it once more. If both look the same (only the secret differs), the outcome is unknown.
 * `first`: options of the first PUT.
 */
export async function putOnce(
  session: Session,
  before: Live,
  body: WebhookBody,
  first: WriteOptions = {},
): Promise<Step<void>> {
  const { account, reader, writer } = session;
  const id: WebhookId = before.id;
  let unknown = 0;
  for (let refusals = 0; ;) {
    const answer = await writer.updateWebhook(account, id, body, unknown + refusals === 0 ? first : {});
    if (answer.status === 'done') return success(undefined);
    if (answer.status === 'refused') {
      // It is not documented whether a PUT sends a test message too; it very probably does.
      if (!(await waitForDestination(session, answer.error, refusals)))
        return refusal(answer.error, { wrote: unknown > 0 });
      refusals += 1;
      continue;
    }
    if (isKilled(session) || isAsSent(before, body)) return failure('unknown', answer.error, { wrote: true });
    const live = await attempt(() =>
      readUntil(
        session,
        () => reader.getWebhook(account, id),
        (webhook) => webhook === undefined || isAsSent(webhook, body),
      ),
    );
    if (!live.ok) return failure('unknown', answer.error, { wrote: true });
    if (!live.value)
      return failure('failed', { code: 'not-found', message: 'The webhook is gone.' }, { wrote: true });
    if (isAsSent(live.value, body)) return success(undefined);
    if (isKilled(session)) return failure('unknown', answer.error, { wrote: true });
    if (unknown > 0) return failure('failed', answer.error, { wrote: true });
    unknown += 1;
  }
}

/** The maximum number of POSTs whose response does not show whether the webhook exists. */
const MAX_UNKNOWN = 2;

/** `isOwn`: false if a response was lost: this webhook, or another one like it, may be of this run or of another. */
export type CreatedOnce = { readonly id: WebhookId; readonly isOwn: boolean };

/**
 * Creates one webhook, exactly once. POST has no idempotency key, so after an unknown response it lists the
 * account and adopts a new webhook with this name and URL, or sends the POST again if there is none. `first`:
 * options of the first POST.
 */
export async function createOnce(
  session: Session,
  body: WebhookBody,
  first: WriteOptions = {},
): Promise<Step<CreatedOnce>> {
  let unknown = 0;
  let refusals = 0;
  for (;;) {
    const options = unknown + refusals === 0 ? first : {};
    const answer = await session.writer.createWebhook(session.account, body, options);
    switch (answer.status) {
      case 'done':
        return success({ id: answer.value, isOwn: unknown === 0 });
      case 'refused':
        if (!(await waitForDestination(session, answer.error, refusals)))
          return refusal(answer.error, { wrote: unknown > 0 });
        refusals += 1;
        break;
      case 'unknown': {
        unknown += 1;
        if (isKilled(session)) return failure('unknown', answer.error, { wrote: true });
        const found = await attempt(() => findCreated(session, body));
        if (!found.ok) return failure('unknown', answer.error, { wrote: true });
        if (found.value) return success({ id: found.value.id, isOwn: false });
        // The signal ended the search early.
        if (isKilled(session)) return failure('unknown', answer.error, { wrote: true });
        if (unknown >= MAX_UNKNOWN) return failure('failed', answer.error, { wrote: true });
        break;
      }
    }
  }
}

/** Finds the webhook that a POST without a response created: new, with the same name and URL. */
async function findCreated(session: Session, body: WebhookBody): Promise<Live | undefined> {
  const url = revealed(body.url);
  const isNew = (webhook: Live): boolean =>
    webhook.name === body.name && !session.baseline.has(bareId(webhook.id)) && matchesLiveUrl(url, webhook);
  const list = await readUntil(
    session,
    () => session.reader.listWebhooks(session.account),
    (webhooks) => webhooks.some(isNew),
  );
  const [first, ...others] = list.filter(isNew);
  return first && oldest([first, ...others]);
}

/**
 * Deletes one webhook. Succeeds if the webhook no longer exists: the API returns an internal error (15000)
 * for a missing webhook (https://github.com/alchemy-run/distilled), so an unknown result is resolved by a
 * read. `first`: options of the first DELETE.
 */
export async function removeOnce(
  session: Session,
  id: WebhookId,
  first: WriteOptions = {},
): Promise<Step<void>> {
  const { account, reader, writer } = session;
  for (let unknown = 0; ; unknown += 1) {
    const answer = await writer.deleteWebhook(account, id, unknown === 0 ? first : {});
    if (answer.status === 'done') return success(undefined);
    if (answer.status === 'refused') return refusal(answer.error, { wrote: unknown > 0 });
    if (isKilled(session)) return failure('unknown', answer.error, { wrote: true });
    const live = await attempt(() =>
      readUntil(
        session,
        () => reader.getWebhook(account, id),
        (webhook) => webhook === undefined,
      ),
    );
    if (!live.ok) return failure('unknown', answer.error, { wrote: true });
    if (!live.value) return success(undefined);
    if (isKilled(session)) return failure('unknown', answer.error, { wrote: true });
    if (unknown > 0) return failure('failed', answer.error, { wrote: true });
  }
}
