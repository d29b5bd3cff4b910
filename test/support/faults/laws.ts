import type { Outcome } from '../../../src/core/outcome.js';
import type { Action } from '../../../src/core/plan.js';
import { DEFAULT_QUIRKS } from '../../../src/emulator/quirks.js';
import { storedForm } from '../../../src/emulator/stored-form.js';
import type { Emulator } from '../../../src/emulator/emulator.js';
import type { SeenRequest } from '../../../src/emulator/journal.js';
import type { StoredWebhook } from '../../../src/emulator/state.js';
import { ACCOUNT } from '../core/builders.js';
import { credentialsFrom, type Ran, type Wanted } from './run.js';

/** Returns how the emulator stores an entry's URL. Shares no code with the planner. */
function stored(wanted: Wanted, spec: Parameters<ReturnType<typeof credentialsFrom>>[0]): string {
  const { url, secret } = credentialsFrom(wanted.values ?? {})(spec);
  const whole = typeof url === 'string' ? url : url.reveal();
  return signature(storedForm(whole, secret?.reveal(), DEFAULT_QUIRKS), spec.secret);
}

/** An entry that does not declare a secret may have any or none. */
function signature(
  { url, secret }: Pick<StoredWebhook, 'url' | 'secret'>,
  declared: { readonly kind: string } | undefined,
): string {
  return declared ? `${url} ${secret ?? '(none)'}` : url;
}

/** Returns how the account differs from the desired state, secrets included. Empty if it does not. */
export function missing(emulator: Emulator, wanted: Wanted): string[] {
  const { webhooks } = emulator.account(ACCOUNT);
  const { desired } = wanted;
  const wrong = desired.webhooks.flatMap((entry) => {
    const named = webhooks.filter(({ name, id }) => (entry.id ? id === entry.id : name === entry.name));
    const expected = `${entry.name} ${stored(wanted, entry)}`;
    const found = named.map((webhook) => `${webhook.name} ${signature(webhook, entry.secret)}`);
    return found.length === 1 && found[0] === expected ? [] : [`${expected}: found ${found.join('; ')}`];
  });
  const left = webhooks.filter(
    ({ name }) => desired.absent.includes(name) || / \[(hookwright|hw):/.test(name),
  );
  return [...wrong, ...left.map(({ name }) => `"${name}" is still there`)];
}

/** Returns the false claims of an apply: about its exit code, its outcomes and its POSTs. */
export function lies(
  emulator: Emulator,
  wanted: Wanted,
  ran: Ran,
  requests: readonly SeenRequest[],
): string[] {
  const { actions, result, exit } = ran;
  const effects = requests.filter(({ effect }) => effect === true);
  const sent = requests.filter(({ method }) => method !== 'GET');
  const open = result.outcomes.filter(({ status }) => status !== 'applied');
  const found: string[] = [];
  if (result.outcomes.length !== actions.length) {
    found.push(`${actions.length} actions, ${result.outcomes.length} outcomes`);
  }
  if (exit === 0) found.push(...missing(emulator, wanted).map((what) => `exit 0, but ${what}`));
  const complete = ran.plan.failures.length === 0 && open.length === 0 && result.discrepancies.length === 0;
  if (exit !== 0 && complete && !result.interrupted) found.push(`exit ${exit}, but all was done`);
  if ([1, 3, 5, 6, 7].includes(exit) && effects.length > 0) {
    found.push(`exit ${exit}, but ${effects.map(({ method, path }) => `${method} ${path}`).join(', ')}`);
  }
  if (exit === 4 && sent.length === 0) found.push('exit 4, but nothing was sent');
  if (open.some(({ error }) => error === undefined)) found.push('an open outcome without a reason');
  for (const [index, action] of actions.entries()) {
    const outcome = result.outcomes[index];
    if (outcome?.status === 'applied' && !isSo(emulator, wanted, action, outcome)) {
      found.push(`${action.kind} "${action.name}" is called applied and is not`);
    }
  }
  for (const [name, count] of createsByName(requests)) {
    if (count > 1) found.push(`"${name}" was created ${count} times`);
  }
  return found;
}

function isSo(emulator: Emulator, wanted: Wanted, action: Action, outcome: Outcome): boolean {
  if (action.resource === 'policy') return true;
  const { webhooks } = emulator.account(ACCOUNT);
  if (action.kind === 'delete') return !webhooks.some(({ id }) => id === action.id);
  const there = webhooks.find(({ id }) => id === outcome.id);
  if (there?.name !== action.name) return false;
  if (signature(there, action.after.secret) !== stored(wanted, action.after)) return false;
  return action.kind !== 'replace' || !action.retire.some((old) => webhooks.some(({ id }) => id === old.id));
}

/** Counts the POSTs of each name that took effect. */
export function createsByName(requests: readonly SeenRequest[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { method, effect, body } of requests) {
    if (method !== 'POST' || effect !== true) continue;
    const name = String((body as { readonly name?: unknown }).name);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
