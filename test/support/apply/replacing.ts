import { Progress } from '../../../src/apply/progress.js';
import type { DesiredAccount } from '../../../src/core/desired.js';
import type { Live } from '../../../src/core/live.js';
import type { Replace } from '../../../src/core/plan.js';
import { account, ACCOUNT, desired, live, URL_2 } from '../core/builders.js';
import { planOf } from '../core/planning.js';
import { scripted, type Scripted } from './scripted.js';
import type { World } from './world.js';

/** The webhook that gives way. */
export const old = live(1, 'Ops');

/** The replace that the plan of this entry is. */
export function replaceOf(
  more: Partial<DesiredAccount> = {},
  found: readonly Live[] = [old],
  entry = desired('Ops', URL_2),
  previous?: DesiredAccount,
): Replace {
  const { actions } = planOf(account([entry], more), found, previous ? { previous } : {});
  const [action] = actions;
  if (action?.kind !== 'replace') throw new Error('no replace');
  return action;
}

/** What a step of it needs to be played on an account in memory. */
export function on(world: World, more: Partial<Scripted['session']> = {}) {
  const scene = scripted({}, { reader: world, writer: world, settleMs: 0, ...more });
  return { ...scene, progress: new Progress(ACCOUNT, scene.session.emit) };
}
