import type { ApplyEvent, Outcome } from '../core/outcome.js';
import { unreachable } from '../core/plan.js';
import { forTerminal } from '../text/untrusted.js';
import { truncated, waitingText } from '../text/layout.js';
import { resourcePrefix } from './wording.js';
import type { Style } from '../text/style.js';

/** What the progress line of an apply shows. */
export type ProgressState = {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  /** `account/name` of the actions in progress, oldest first. */
  readonly inFlight: readonly { readonly key: string; readonly name: string }[];
  /** Milliseconds of the current wait, as announced. */
  readonly waiting?: number | undefined;
  readonly interrupted: boolean;
};

export const NO_PROGRESS: ProgressState = { total: 0, done: 0, failed: 0, inFlight: [], interrupted: false };

/** Returns the state after one more event. */
export function advance(state: ProgressState, event: ApplyEvent): ProgressState {
  switch (event.type) {
    case 'apply-started':
      return { ...state, total: event.total };
    case 'action-started': {
      const key = keyOf(event);
      const name = `${resourcePrefix(event)}${event.name}`;
      return { ...state, inFlight: [...state.inFlight, { key, name }] };
    }
    case 'action-ended': {
      const key = keyOf(event.outcome);
      const at = state.inFlight.findIndex((one) => one.key === key);
      const bad = event.outcome.status === 'failed' || event.outcome.status === 'unknown';
      return {
        ...state,
        done: state.done + (event.revised ? 0 : 1),
        failed: state.failed + (bad ? 1 : 0),
        inFlight: state.inFlight.filter((_, i) => i !== at),
      };
    }
    case 'waiting':
      return { ...state, waiting: event.milliseconds };
    case 'waiting-ended':
      return { ...state, waiting: undefined };
    case 'interrupted':
      return { ...state, interrupted: true };
    case 'action-step':
    case 'twin-withdrawn':
    case 'apply-ended':
      return state;
    default:
      return unreachable(event);
  }
}

function keyOf({ accountId, kind, resource, name }: Omit<Outcome, 'id' | 'status' | 'wrote'>): string {
  return `${accountId}/${kind}/${resource}/${name}`;
}

export type ProgressLineOptions = {
  readonly style: Style;
  /** Columns of the terminal, which the line never exceeds. */
  readonly width: number;
  /** Milliseconds of the wait that have passed. */
  readonly waited: number;
};

/** Renders the progress line, shorter than the width of the terminal so that it can be redrawn in place. */
export function progressLine(state: ProgressState, { style, width, waited }: ProgressLineOptions): string {
  const parts = [`${state.done}/${state.total} done`];
  if (state.failed > 0) parts.push(`${state.failed} failed`);
  if (state.interrupted) parts.push('stopping');
  if (state.waiting !== undefined) parts.push(waitingText(Math.max(0, state.waiting - waited)));
  if (state.inFlight.length > 0) {
    parts.push(
      `${state.inFlight.length} in flight: ${state.inFlight.map(({ name }) => forTerminal(name)).join(', ')}`,
    );
  }
  const line = truncated(parts.join(' · '), width - 1);
  return state.failed > 0 ? style.error(line) : line;
}
