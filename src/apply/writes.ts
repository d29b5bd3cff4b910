import type { Spec } from '../core/desired.js';
import { HookwrightError } from '../core/errors.js';
import type { WebhookId } from '../core/ids.js';
import type { Live } from '../core/live.js';
import type { ReplaceReason, UpdateReason } from '../core/plan.js';
import type { Credentials, WebhookBody, WriteOptions } from '../core/ports.js';
import { revealed, Secret } from '../core/secret.js';
import { sameUrl, urlCredential } from '../core/urls.js';
import { secretForPut } from '../core/wire-secret.js';
import { done, failure, isKilled, refusal, type Session, type Step } from './session.js';
import { attempt, readUntil } from './settle.js';

/** Reasons to send a PUT whose effect on a secret no read can show. */
export const BLIND: ReadonlySet<UpdateReason | ReplaceReason> = new Set(['secret-rotated', 'url-rotated']);

/** What POST sends. */
export function createBody(name: string, { url, secret }: Credentials): WebhookBody {
  return { name, url, ...(secret && { secret }) };
}

/**
 * What PUT sends to a webhook that stays where it is: the live url, and the secret again, since a PUT without
 * one may clear it. Of a whole chat url the secret is the part that Cloudflare took out.
 */
export function keepBody(after: Spec, credentials: Credentials, live: Live): WebhookBody {
  const whole = revealed(credentials.url);
  const credential = urlCredential(whole)?.credential;
  switch (secretForPut(after)) {
    case 'declared':
      return { name: after.name, url: live.url, ...(credentials.secret && { secret: credentials.secret }) };
    case 'in-url':
      return { name: after.name, url: live.url, ...(credential && { secret: new Secret(credential) }) };
    case 'unknown':
      // Where the split form is not published, the whole url is what was accepted before.
      return { name: after.name, url: credential ? credentials.url : live.url };
    case 'none':
      return { name: after.name, url: live.url };
  }
}

/** What PUT sends to move a webhook in place, or to give it another credential. */
export function moveBody(after: Spec, credentials: Credentials): WebhookBody {
  return createBody(after.name, credentials);
}

export function isAsSent(live: Live, body: WebhookBody): boolean {
  const url = revealed(body.url);
  return live.name === body.name && sameUrl(live.url, url);
}

/**
 * Sends one PUT. After an unknown answer the webhook is read: as sent, it is done; as before, it is sent once
 * more. Where the two look alike (only the secret differs) the read tells nothing, and the outcome is unknown.
 * `first`: how the first PUT is sent.
 */
export async function putOnce(
  session: Session,
  before: Live,
  body: WebhookBody,
  first: WriteOptions = {},
): Promise<Step<void>> {
  const { account, reader, writer } = session;
  const id: WebhookId = before.id;
  for (let unknown = 0; ; unknown += 1) {
    const answer = await writer.updateWebhook(account, id, body, unknown === 0 ? first : {});
    if (answer.status === 'done') return done(undefined);
    if (answer.status === 'refused') return refusal(answer.error, unknown > 0);
    if (isKilled(session) || isAsSent(before, body)) return failure('unknown', answer.error, true);
    const live = await attempt(() =>
      readUntil(
        session,
        () => reader.getWebhook(account, id),
        (webhook) => webhook === undefined || isAsSent(webhook, body),
      ),
    );
    if (live instanceof HookwrightError) return failure('unknown', answer.error, true);
    if (!live) return failure('failed', { code: 'not-found', message: 'The webhook is gone.' }, true);
    if (isAsSent(live, body)) return done(undefined);
    if (isKilled(session)) return failure('unknown', answer.error, true);
    if (unknown > 0) return failure('failed', answer.error, true);
  }
}
