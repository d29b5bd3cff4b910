import { Changes } from '../../../src/apply/changes.js';
import { Progress } from '../../../src/apply/progress.js';
import type { DesiredAccount } from '../../../src/core/desired.js';
import { namesById } from '../../../src/core/ids.js';
import type { Live } from '../../../src/core/live.js';
import type { Delete, WebhookAction } from '../../../src/core/plan.js';
import { Secret } from '../../../src/core/secret.js';
import { desiredUrl } from '../../../src/core/urls.js';
import { ACCOUNT } from '../core/builders.js';
import { planOf } from '../core/planning.js';
import { scripted, type Scripted } from './scripted.js';
import { World } from './world.js';

/** Changes to an in-memory account. */
type Scene = Scripted & {
  readonly world: World;
  readonly changes: Changes;
  readonly progress: Progress;
  readonly actions: readonly Exclude<WebhookAction, Delete>[];
  readonly ended: () => string[];
};

/** Prepares the actions that make the account match the file, without starting them. */
export function given(file: DesiredAccount, found: readonly Live[], previous?: DesiredAccount): Scene {
  const { actions } = planOf(file, found, previous ? { previous } : {});
  const world = new World(found);
  const scene = scripted(
    {},
    {
      reader: world,
      writer: world,
      settleMs: 0,
      baseline: namesById(found),
      credentialsOf: ({ url, secret }) => ({
        url: desiredUrl({ url }) ?? '',
        ...(secret && secret.kind !== 'none' && { secret: new Secret('hunter2') }),
      }),
    },
  );
  const progress = new Progress(ACCOUNT, scene.session.emit);
  return {
    ...scene,
    world,
    progress,
    changes: new Changes(scene.session, progress),
    actions: actions
      .filter((action) => action.resource === 'webhook')
      .filter((action) => action.kind !== 'delete'),
    ended: () =>
      progress
        .outcomes(actions)
        .map(({ name, status, error: why, note }) =>
          [name, status, why?.code, note && 'noted'].filter(Boolean).join(' '),
        ),
  };
}

/** Runs the actions one after the other. */
export async function run(scene: Scene): Promise<Scene> {
  for (const action of scene.actions) await scene.changes.run(action);
  return scene;
}
