import type { DesiredAccount } from '../../../src/core/desired.js';
import { diff, NO_OPTIONS, type DiffOptions } from '../../../src/core/diff.js';
import type { Live, Policy } from '../../../src/core/live.js';
import type { Checked } from '../../../src/saved-plan/precondition.js';
import { unreachable, type AccountPlan, type Action, type GuardCode } from '../../../src/core/plan.js';

/** The plan as `hookwright plan` makes it: again with policies if the first one asks for them. */
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

const number = ({ id }: { readonly id: string }): string => `#${Number.parseInt(id.replaceAll('-', ''), 16)}`;

/** An action in a line: `replace #1 Ops: url-changed; retires #1 #2; keeps #3`. */
function brief(action: Action): string {
  switch (action.kind) {
    case 'create':
      return `create ${action.name}`;
    case 'update':
      return `update ${number(action)} ${action.name}: ${action.because.join(', ')}`;
    case 'replace': {
      const retires = action.retire.length > 1 ? `; retires ${action.retire.map(number).join(' ')}` : '';
      const keeps = action.survivor ? `; keeps ${number(action.survivor)}` : '';
      const auto = action.method === 'auto' ? '; auto' : '';
      return `replace ${number(action)} ${action.name}: ${action.because.join(', ')}${retires}${keeps}${auto}`;
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

/** What became of each action: `ready: …`, `done: …`, `stale: … name "A" → "B"`. */
export function told({ ready, done, stale }: Checked): string[] {
  return [
    ...briefs(ready).map((action) => `ready: ${action}`),
    ...briefs(done).map((action) => `done: ${action}`),
    ...stale.map(
      ({ action, field, expected, found }) =>
        `stale: ${action.kind} ${action.name}: ${field} ${expected} → ${found ?? 'gone'}`,
    ),
  ];
}
