import { HookwrightError } from '../core/errors.js';
import type { WebhookId } from '../core/ids.js';
import type { WriteOptions } from '../core/ports.js';
import { done, failure, isKilled, refusal, type Session, type Step } from './session.js';
import { attempt, readUntil } from './settle.js';

/**
 * Deletes one webhook. Gone is success, whoever did it: the API answers an internal error (15000) for a webhook
 * that is not there (https://github.com/alchemy-run/distilled), so anything unclear is settled by a read.
 * `first`: how the first DELETE is sent.
 */
export async function removeOnce(
  session: Session,
  id: WebhookId,
  first: WriteOptions = {},
): Promise<Step<void>> {
  const { account, reader, writer } = session;
  for (let unknown = 0; ; unknown += 1) {
    const answer = await writer.deleteWebhook(account, id, unknown === 0 ? first : {});
    if (answer.status === 'done') return done(undefined);
    if (answer.status === 'refused') return refusal(answer.error, unknown > 0);
    if (isKilled(session)) return failure('unknown', answer.error, true);
    const live = await attempt(() =>
      readUntil(
        session,
        () => reader.getWebhook(account, id),
        (webhook) => webhook === undefined,
      ),
    );
    if (live instanceof HookwrightError) return failure('unknown', answer.error, true);
    if (!live) return done(undefined);
    if (isKilled(session)) return failure('unknown', answer.error, true);
    if (unknown > 0) return failure('failed', answer.error, true);
  }
}
