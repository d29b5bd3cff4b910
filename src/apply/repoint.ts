import { HookwrightError } from '../core/errors.js';
import { bareId, type PolicyId } from '../core/ids.js';
import type { Policy } from '../core/live.js';
import { bodyOf, differingFields, isSamePolicy, swapped, type RawPolicy, type Swaps } from './policy-body.js';
import {
  done,
  failure,
  interrupted,
  isKilled,
  refusal,
  type Failure,
  type Session,
  type Step,
} from './session.js';
import { attempt, readUntil } from './settle.js';

/** Does the policy use a webhook that is to give way? */
export function usesAny({ webhookIds }: Pick<Policy, 'webhookIds'>, swaps: Swaps): boolean {
  return webhookIds.some((id) => swaps.has(bareId(id)));
}

/**
 * Moves one policy to the new webhooks, all swaps in one PUT: two PUTs of one policy would lose each other's
 * change. Read, swap, send back all of it, read again: nothing but its webhook ids may be different.
 * `moved`: it was this that moved it, and not somebody else before.
 */
export async function repoint(
  session: Session,
  id: PolicyId,
  swaps: Swaps,
): Promise<Step<{ readonly moved: boolean }>> {
  const { account, reader, writer } = session;
  for (let unknown = 0; ; unknown += 1) {
    const before = await attempt(() => reader.getPolicy(account, id));
    if (before instanceof HookwrightError) return failure('failed', before, unknown > 0);
    // Somebody deleted it, or moved it already: there is nothing to do.
    if (!before || !usesAny(before, swaps)) return done({ moved: unknown > 0 });
    const wanted = swapped(before.raw, swaps);

    const answer = await writer.updatePolicy(account, id, bodyOf(wanted));
    if (answer.status === 'refused') {
      const gone = answer.error.code === 'not-found' && (await attempt(() => reader.getPolicy(account, id)));
      return gone === undefined ? done({ moved: false }) : refusal(answer.error, unknown > 0);
    }
    if (isKilled(session)) {
      return failure('unknown', answer.status === 'unknown' ? answer.error : READ_CUT_SHORT, true);
    }
    const after = await attempt(() =>
      readUntil(
        session,
        () => reader.getPolicy(account, id),
        (policy) => policy === undefined || !usesAny(policy, swaps),
      ),
    );
    if (after instanceof HookwrightError) return failure('unknown', after, true);
    if (!after || isSamePolicy(after.raw, wanted)) return done({ moved: true });
    if (!usesAny(after, swaps)) return changed(after, wanted);
    if (isKilled(session)) return failure('unknown', READ_CUT_SHORT, true);
    // It did not move. An unknown answer is tried once more; a success that changed nothing is a failure.
    if (answer.status === 'done' || unknown > 0) return notMoved(before);
  }
}

const READ_CUT_SHORT = interrupted('Interrupted before the policy could be read back.');

function notMoved({ name }: Policy): Failure {
  const message = `Policy ${JSON.stringify(name)} still uses the old webhook after the update.`;
  return failure('failed', { code: 'not-moved', message }, true);
}

function changed({ name, raw }: Policy, wanted: RawPolicy): Failure {
  const fields = differingFields(raw, wanted).join(', ');
  const message = `Policy ${JSON.stringify(name)} differs from what was sent (${fields}). Check it in the dashboard.`;
  return failure('failed', { code: 'policy-changed', message }, true);
}
