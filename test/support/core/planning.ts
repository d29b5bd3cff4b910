import type { DesiredAccount } from '../../../src/core/desired.js';
import { diff, NO_OPTIONS, type DiffOptions } from '../../../src/core/diff.js';
import type { Live, Policy } from '../../../src/core/live.js';
import type { CheckedActions } from '../../../src/saved-plan/precondition.js';
import {
  unreachable,
  type AccountPlan,
  type ShownAction as Action,
  type GuardCode,
  type RouteTarget,
} from '../../../src/core/plan.js';
import { numberOf } from './builders.js';

/** Plans as `hookwright plan` does: again with policies if the first plan asks for them. */
export function planOf(
  desired: DesiredAccount,
  live: readonly Live[],
  options: Partial<DiffOptions> = {},
  policies: readonly Policy[] = [],
): AccountPlan {
  const input = { desired, live, options: { ...NO_OPTIONS, ...options } };
  const first = diff(input);
  return first.wantsPolicies ? diff({ ...input, policies }).plan : first.plan;
}

const number = ({ id }: { readonly id: string }): string => `#${numberOf(id)}`;

/** Returns the webhooks of a policy: `Ops#1 New Mine#2(unlisted)`. */
function routed(targets: readonly RouteTarget[]): string {
  return targets
    .map(({ name, id, kept }) => `${name}${id === undefined ? '' : number({ id })}${kept ? `(${kept})` : ''}`)
    .join(' ');
}

/** Returns an action as one line: `replace #1 Ops: url-changed; retires #1 #2; keeps #3`. */
function brief(action: Action): string {
  switch (action.kind) {
    case 'create':
      return `create ${action.name}`;
    case 'update':
      return action.resource === 'policy'
        ? `policy ${action.name}: ${routed(action.before)} → ${routed(action.after)}`
        : `update ${number(action)} ${action.name}: ${action.because.join(', ')}`;
    case 'replace': {
      const retires = action.retire.length > 1 ? `; retires ${action.retire.map(number).join(' ')}` : '';
      const keeps = action.survivor ? `; keeps ${number(action.survivor)}` : '';
      return `replace ${number(action)} ${action.name}: ${action.because.join(', ')}${retires}${keeps}`;
    }
    case 'delete':
      return `delete ${number(action)} ${action.name}: ${action.because}`;
    default:
      return unreachable(action);
  }
}

export const briefs = (actions: readonly Action[]): string[] => actions.map(brief);

export const guardCodes = ({ guards }: AccountPlan): GuardCode[] => guards.map(({ code }) => code);

export const setOf = (...names: string[]): ReadonlySet<string> => new Set(names);

/** Returns the result of checking each action: `ready: …`, `done: …`, `stale: … name "A" → "B"`. */
export function decisions({ ready, done, stale }: CheckedActions): string[] {
  return [
    ...briefs(ready).map((action) => `ready: ${action}`),
    ...done.map(
      ({ action, secretNotChecked }) =>
        `done: ${brief(action)}${secretNotChecked ? ' (secret not checked)' : ''}`,
    ),
    ...stale.map(
      ({ action, field, expected, found }) =>
        `stale: ${action.kind} ${action.name}: ${field} ${expected} → ${found ?? 'gone'}`,
    ),
  ];
}
