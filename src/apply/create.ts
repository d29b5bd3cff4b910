import { HookwrightError } from '../core/errors.js';
import { bareId, type WebhookId } from '../core/ids.js';
import type { Live } from '../core/live.js';
import { oldest } from '../core/order.js';
import type { WebhookBody, WriteOptions } from '../core/ports.js';
import { revealed } from '../core/secret.js';
import { sameUrl } from '../core/urls.js';
import { done, failure, isKilled, refusal, type Session, type Step } from './session.js';
import { attempt, readUntil } from './settle.js';

/** How many POSTs may get an answer that leaves it open whether the webhook exists. */
const MAX_UNKNOWN = 2;

/**
 * Creates one webhook, exactly once. POST has no idempotency key, so after an unknown answer the account is
 * listed: a new webhook of this name and url is taken as the one; only if there is none is it sent again.
 * `first`: how the first POST is sent.
 */
export async function createOnce(
  session: Session,
  body: WebhookBody,
  first: WriteOptions = {},
): Promise<Step<WebhookId>> {
  let unknown = 0;
  let refusals = 0;
  for (;;) {
    const options = unknown + refusals === 0 ? first : {};
    const answer = await session.writer.createWebhook(session.account, body, options);
    switch (answer.status) {
      case 'done':
        return done(answer.value);
      case 'refused': {
        // A destination may just not be reachable yet from the data centre that tried.
        const again = answer.error.code === 'destination-refused' && refusals < session.destinationRetries;
        if (again && !session.stop.aborted)
          await session.clock.sleep(session.retryDelayMs * 2 ** refusals, session.stop);
        if (!again || session.stop.aborted) return refusal(answer.error, unknown > 0);
        refusals += 1;
        break;
      }
      case 'unknown': {
        unknown += 1;
        if (isKilled(session)) return failure('unknown', answer.error, true);
        const found = await attempt(() => findCreated(session, body));
        if (found instanceof HookwrightError) return failure('unknown', answer.error, true);
        if (found) return done(found.id);
        // The signal cut the looking short.
        if (isKilled(session)) return failure('unknown', answer.error, true);
        if (unknown >= MAX_UNKNOWN) return failure('failed', answer.error, true);
        break;
      }
    }
  }
}

/** The webhook that a POST without an answer created: not there before, same name and url. */
async function findCreated(session: Session, body: WebhookBody): Promise<Live | undefined> {
  const url = revealed(body.url);
  const isNew = (webhook: Live): boolean =>
    webhook.name === body.name && !session.baseline.has(bareId(webhook.id)) && sameUrl(webhook.url, url);
  const list = await readUntil(
    session,
    () => session.reader.listWebhooks(session.account),
    (webhooks) => webhooks.some(isNew),
  );
  const [first, ...others] = list.filter(isNew);
  return first && oldest([first, ...others]);
}
