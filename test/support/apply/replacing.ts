import { Progress } from '../../../src/apply/progress.js';
import type { DesiredAccount } from '../../../src/core/desired.js';
import type { Live } from '../../../src/core/live.js';
import type { Replace } from '../../../src/core/plan.js';
import { account, ACCOUNT, desired, live, URL_2 } from '../core/builders.js';
import { planOf } from '../core/planning.js';
import { scripted, type Scripted } from './scripted.js';
import type { World } from './world.js';

/** The webhook to replace. */
export const old = live(1, 'Ops');

/** Returns the replacement that the plan of this entry contains. */
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

/** What a step of a replacement needs to run on an in-memory account. */
export function on(world: World, more: Partial<Scripted['session']> = {}) {
  const scene = scripted({}, { reader: world, writer: world, settleMs: 0, ...more });
  return { ...scene, progress: new Progress(ACCOUNT, scene.session.emit) };
}
