import equal from 'fast-deep-equal';
import { HookwrightError } from '../core/errors.js';
import { bareId, type PolicyId, type WebhookId } from '../core/ids.js';
import type { Policy } from '../core/live.js';
import { done, failure, type Session, type Step } from './session.js';
import { attempt, readUntil } from './settle.js';

/** Which webhook id gives way to which; the keys without dashes. */
export type Swaps = ReadonlyMap<string, WebhookId>;

/** Does the policy use a webhook that is to give way? */
export function usesAny(policy: Policy, swaps: Swaps): boolean {
  return policy.webhookIds.some((id) => swaps.has(bareId(id)));
}

/**
 * Moves one policy to the new webhooks, all swaps in one PUT: two PUTs of one policy would lose each other's
 * change. Read, swap, send back all of it, read again: nothing but its webhook ids may be different.
 */
export async function repoint(
  session: Session,
  id: PolicyId,
  swaps: Swaps,
): Promise<Step<Policy | undefined>> {
  const { account, reader, writer } = session;
  for (let unknown = 0; ; unknown += 1) {
    const before = await attempt(() => reader.getPolicy(account, id));
    if (before instanceof HookwrightError) return failure('failed', before, unknown > 0);
    // Somebody deleted it, or moved it already: there is nothing to do.
    if (!before || !usesAny(before, swaps)) return done(before);
    const wanted = swapped(before, swaps);

    const answer = await writer.updatePolicy(account, id, bodyOf(wanted));
    if (answer.status === 'refused') return failure('failed', answer.error, unknown > 0);
    if (session.kill.aborted)
      return failure('unknown', answer.status === 'unknown' ? answer.error : KILLED, true);
    const after = await attempt(() =>
      readUntil(
        session,
        () => reader.getPolicy(account, id),
        (policy) => policy === undefined || !usesAny(policy, swaps),
      ),
    );
    if (after instanceof HookwrightError) return failure('unknown', after, true);
    if (!after || isSamePolicy(after.raw, wanted)) return done(after);
    if (!usesAny(after, swaps)) return failure('failed', changed(before, after, wanted), true);
    // It did not move. An unknown answer is tried once more; a success that changed nothing is a failure.
    if (answer.status === 'done' || unknown > 0) return failure('failed', notMoved(before), true);
  }
}

const KILLED = { code: 'interrupted', message: 'Interrupted before the policy could be read back.' } as const;

function notMoved({ name }: Policy): { code: 'not-moved'; message: string } {
  return {
    code: 'not-moved',
    message: `Policy ${JSON.stringify(name)} still uses the old webhook after the update.`,
  };
}

function changed({ name }: Policy, after: Policy, wanted: Raw): { code: 'policy-changed'; message: string } {
  const [is, was] = [comparable(after.raw), comparable(wanted)];
  const fields = [...new Set([...Object.keys(is), ...Object.keys(was)])].filter(
    (key) => !equal(is[key], was[key]),
  );
  const message = `Policy ${JSON.stringify(name)} reads back otherwise than it was sent (${fields.sort().join(', ')}). Check it by hand.`;
  return { code: 'policy-changed', message };
}

type Raw = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The policy as it shall be: each id that gives way replaced where it stands, none twice. */
function swapped({ raw }: Policy, swaps: Swaps): Raw {
  const mechanisms = isRecord(raw['mechanisms']) ? raw['mechanisms'] : {};
  const entries = Array.isArray(mechanisms['webhooks']) ? mechanisms['webhooks'].filter(isRecord) : [];
  const seen = new Set<string>();
  const webhooks = entries.flatMap((entry) => {
    const old = String(entry['id']);
    const id = swaps.get(bareId(old)) ?? old;
    if (seen.has(bareId(id))) return [];
    seen.add(bareId(id));
    return [{ ...entry, id }];
  });
  return { ...raw, mechanisms: { ...mechanisms, webhooks } };
}

/** All that GET returned but what the server sets itself. */
function bodyOf(raw: Raw): Raw {
  return Object.fromEntries(
    Object.entries(raw).filter(([key]) => !['id', 'created', 'modified'].includes(key)),
  );
}

function isSamePolicy(after: Raw, wanted: Raw): boolean {
  return equal(comparable(after), comparable(wanted));
}

/**
 * A policy in the form in which two are compared: the API reorders lists and leaves out empty mechanisms
 * (https://github.com/cloudflare/terraform-provider-cloudflare/pull/6316, …/issues/7342).
 */
function comparable(raw: Raw): Raw {
  const mechanisms = isRecord(raw['mechanisms']) ? raw['mechanisms'] : {};
  const used = Object.entries(mechanisms).filter(([, list]) => !Array.isArray(list) || list.length > 0);
  const byKind = used.map(
    ([kind, list]) => [kind, kind === 'webhooks' ? webhookIds(list) : sorted(list)] as const,
  );
  const rest = Object.entries(bodyOf(raw)).filter(([key]) => key !== 'mechanisms');
  return {
    ...Object.fromEntries(rest.map(([key, value]) => [key, sorted(value)])),
    mechanisms: Object.fromEntries(byKind),
  };
}

function webhookIds(list: unknown): unknown {
  return Array.isArray(list)
    ? list.map((entry) => (isRecord(entry) ? bareId(String(entry['id'])) : entry)).sort()
    : list;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (isRecord(value))
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key, sorted(value[key])]),
    );
  return value;
}
