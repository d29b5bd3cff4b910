import { HookwrightError } from '../core/errors.js';
import { bareId, type PolicyId, type WebhookId } from '../core/ids.js';
import type { Policy } from '../core/live.js';
import { bodyOf, differingFields, isSamePolicy, type RawPolicy, swapped, type Swaps } from './policy-body.js';
import type { Progress } from './progress.js';
import type { StartedReplacement } from './replace.js';
import {
  tryRead,
  done,
  failure,
  type Failure,
  interrupted,
  isKilled,
  readUntil,
  refusal,
  type Session,
  type Step,
} from './session.js';

/** Policies may be put on the old webhook while they are being moved: so often is looked again. */
const MAX_ROUNDS = 3;

/** Moves every policy off the old webhooks, and gives the replaces for which that is seen to be so. */
export async function movePolicies(
  session: Session,
  progress: Progress,
  begun: readonly StartedReplacement[],
): Promise<readonly StartedReplacement[]> {
  let open = begun;
  const fail = (each: readonly StartedReplacement[], error: Failure): void => {
    for (const { action, survivor } of each) progress.failed(action, error, survivor.id);
    open = open.filter((other) => !each.includes(other));
  };
  for (let round = 0; open.length > 0; round += 1) {
    const swaps = swapsOf(open);
    const listed = await tryRead(() => session.limit(() => usersOf(session, swaps, round > 0)));
    if (listed instanceof HookwrightError) {
      fail(open, refusal(listed, false));
      break;
    }
    const users: readonly User[] = round === 0 ? [...listed, ...planned(open, listed)] : listed;
    if (users.length === 0) break;
    if (round >= MAX_ROUNDS) {
      const message = 'Something keeps adding the old webhook to policies, so it was not deleted.';
      fail(replacementsUsing(open, users), failure('failed', { code: 'in-use', message }, false));
      continue;
    }
    const move = async (policy: User): Promise<Step<{ readonly moved: boolean }>> =>
      session.limit(() => repoint(session, policy.id, swaps));
    const steps = await Promise.all(users.map(async (policy) => ({ policy, step: await move(policy) })));
    for (const { policy, step } of steps) {
      const mine = replacementsUsing(begun, [policy]);
      if (!step.ok) {
        if (step.wrote) for (const { action } of mine) progress.markWritten(action);
        fail(replacementsUsing(open, [policy]), step);
      } else if (step.value.moved) {
        for (const { action } of mine) {
          progress.markWritten(action);
          progress.step(action, `switched policy ${JSON.stringify(policy.name)} to the new webhook`);
        }
      }
    }
  }
  return open;
}

type User = Pick<Policy, 'id' | 'name' | 'webhookIds'>;

/** Those that used the old webhooks when the plan was made, and are not in this list: it may lag, so each is read. */
function planned(begun: readonly StartedReplacement[], listed: readonly Policy[]): readonly User[] {
  const known = new Set(listed.map(({ id }) => bareId(id)));
  const users = new Map<string, User>();
  for (const { action } of begun) {
    for (const { id, name } of action.policies) {
      if (known.has(bareId(id))) continue;
      const others = users.get(bareId(id))?.webhookIds ?? [];
      users.set(bareId(id), { id, name, webhookIds: [...others, ...action.retire.map((old) => old.id)] });
    }
  }
  return [...users.values()];
}

/** `moved`: they were moved, so that a list in which they are not may lag. */
export async function usersOf(session: Session, swaps: Swaps, moved: boolean): Promise<readonly Policy[]> {
  const read = async (): Promise<readonly Policy[]> => {
    const policies = await session.reader.listPolicies(session.account);
    return policies.filter((policy) => usesAny(policy, swaps));
  };
  return moved ? readUntil(session, read, (users) => users.length === 0) : read();
}

function swapsOf(begun: readonly StartedReplacement[]): Map<string, WebhookId> {
  return new Map(
    begun.flatMap(({ action, survivor }) =>
      action.retire.map(({ id }) => [bareId(id), survivor.id] as const),
    ),
  );
}

function replacementsUsing(
  begun: readonly StartedReplacement[],
  policies: readonly Pick<Policy, 'webhookIds'>[],
): StartedReplacement[] {
  return begun.filter((each) => policies.some((policy) => usesAny(policy, swapsOf([each]))));
}

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
    const before = await tryRead(() => reader.getPolicy(account, id));
    if (before instanceof HookwrightError) return failure('failed', before, unknown > 0);
    // Somebody deleted it, or moved it already: there is nothing to do.
    if (!before || !usesAny(before, swaps)) return done({ moved: unknown > 0 });
    const wanted = swapped(before.raw, swaps);

    const answer = await writer.updatePolicy(account, id, bodyOf(wanted));
    if (answer.status === 'refused') {
      const gone = answer.error.code === 'not-found' && (await tryRead(() => reader.getPolicy(account, id)));
      return gone === undefined ? done({ moved: false }) : refusal(answer.error, unknown > 0);
    }
    if (isKilled(session)) {
      return failure('unknown', answer.status === 'unknown' ? answer.error : READ_CUT_SHORT, true);
    }
    const after = await tryRead(() =>
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
