import type { ApplyEvent, Outcome } from '../core/outcome.js';
import { unreachable } from '../core/plan.js';
import { forTerminal } from '../text/untrusted.js';
import { truncated, waitingText } from '../text/layout.js';
import { resourcePrefix } from './wording.js';
import type { Style } from '../text/style.js';

/** What the progress line of an apply shows. */
export type ProgressState = {
  readonly total: number;
  /** Applied actions. One that turns out to have failed no longer counts. */
  readonly done: number;
  readonly failed: number;
  /** `account/name` of the actions that have started and not ended, oldest first. */
  readonly started: readonly { readonly key: string; readonly name: string }[];
  /** Milliseconds of the current wait, as announced. */
  readonly waiting?: number | undefined;
  readonly interrupted: boolean;
};

export const NO_PROGRESS: ProgressState = { total: 0, done: 0, failed: 0, started: [], interrupted: false };

/** Returns the state after one more event. */
export function advance(state: ProgressState, event: ApplyEvent): ProgressState {
  switch (event.type) {
    case 'apply-started':
      return { ...state, total: event.total };
    case 'action-started': {
      const key = keyOf(event);
      const name = `${resourcePrefix(event)}${event.name}`;
      return { ...state, started: [...state.started, { key, name }] };
    }
    case 'action-ended': {
      const key = keyOf(event.outcome);
      const at = state.started.findIndex((one) => one.key === key);
      const { status } = event.outcome;
      const bad = status === 'failed' || status === 'unknown';
      return {
        ...state,
        done: state.done + (status === 'applied' ? 1 : 0) - (event.revised ? 1 : 0),
        failed: state.failed + (bad ? 1 : 0),
        started: state.started.filter((_, i) => i !== at),
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

/** Renders the progress line, short enough to be redrawn in place even if the terminal shows `^C` after it. */
export function progressLine(state: ProgressState, { style, width, waited }: ProgressLineOptions): string {
  const parts = [`${state.done}/${state.total} done`];
  if (state.failed > 0) parts.push(`${state.failed} failed`);
  if (state.interrupted) parts.push('stopping');
  if (state.waiting !== undefined) parts.push(waitingText(Math.max(0, state.waiting - waited)));
  if (state.started.length > 0) {
    parts.push(
      `${state.started.length} in progress: ${state.started.map(({ name }) => forTerminal(name)).join(', ')}`,
    );
  }
  const line = truncated(parts.join(' · '), width - 1 - '^C'.length);
  return state.failed > 0 ? style.error(line) : line;
}
