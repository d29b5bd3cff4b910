import { FaultyEmulator, type FaultyOptions } from './faulty-emulator.js';
import type { PolicySeed, WebhookSeed } from '../../../src/emulator/data-file.js';
import { State, type StoredWebhook } from '../../../src/emulator/state.js';
import { ACCOUNT } from '../core/builders.js';
import { watchInvariants, type InvariantOptions, type Invariants } from '../invariants.js';
import { FastClock } from './fast-clock.js';
import type { How } from './run.js';

export type Scene = {
  readonly emulator: FaultyEmulator;
  readonly clock: FastClock;
  readonly invariants: Invariants;
  /** The options for `run`. */
  readonly how: How;
  /** Returns the webhook with this name. Throws if there are none or several. */
  readonly only: (name: string) => StoredWebhook;
  /** Returns the names of the webhooks that a policy uses, sorted. */
  readonly usedBy: (policy: string) => string[];
};

export type SceneOptions = FaultyOptions & {
  readonly webhooks?: readonly WebhookSeed[];
  readonly policies?: readonly PolicySeed[];
  readonly invariants?: InvariantOptions;
};

/** Runs `play` with an account on an emulator with the test's clock. Checks invariants at every request. */
export async function onScene<T>(options: SceneOptions, play: (scene: Scene) => Promise<T>): Promise<T> {
  const { webhooks = [], policies = [], invariants: watched, ...rest } = options;
  const clock = new FastClock();
  const emulator = new FaultyEmulator({ now: () => clock.now(), ...rest });
  emulator.seed(ACCOUNT, webhooks, policies);
  const invariants = watchInvariants(emulator.view, { destination: withoutMarker, ...watched });
  emulator.onRequest = invariants.hook;
  await emulator.start();
  const all = (): StoredWebhook[] => emulator.account(ACCOUNT).webhooks;
  try {
    return await play({
      emulator,
      clock,
      invariants,
      how: { clock },
      only: (name) => {
        const [found, ...more] = all().filter((webhook) => webhook.name === name);
        if (!found || more.length > 0) throw new Error(`${1 + more.length} webhooks "${name}"`);
        return found;
      },
      usedBy: (name) => {
        const policy = emulator.account(ACCOUNT).policies.find((each) => each.name === name);
        const ids = (policy?.mechanisms['webhooks'] ?? []).map(({ id }) => id);
        return ids.map((id) => all().find((webhook) => webhook.id === id)?.name ?? 'missing').sort();
      },
    });
  } finally {
    await emulator.stop();
  }
}

/** Returns the state, so that a test can change it without a request. */
export function stateOf({ view }: FaultyEmulator): State {
  if (view instanceof State) return view;
  throw new Error('the view is not the state');
}

function withoutMarker({ name }: StoredWebhook): string {
  return name.replace(/ \[hookwright: replaces [0-9a-f]{8}\]$/, '');
}
