import type { Quirks, TimestampSource } from './quirks.js';
import type { SplitRules } from './stored-form.js';
import { dashedId, type Lag, type State } from './state.js';

/** A message to a destination: the test message of a new webhook, or an alert sent through a policy. */
export type SentMessage = {
  readonly kind: 'test' | 'alert';
  readonly name: string;
  /** As stored: for chat services, without the credential. */
  readonly url: string;
  readonly secret?: string;
  /** The response of the destination. */
  readonly status: number;
};

/** Returns the status that a destination responds with; `undefined` for the default. */
export type DestinationStatus = (url: string, name: string) => number | undefined;

/** Everything that the endpoints use. */
export type EmulatorContext = {
  readonly state: State;
  readonly quirks: Quirks;
  readonly stamps: TimestampSource;
  readonly newId: () => string;
  readonly sent: SentMessage[];
  readonly destinationStatus?: DestinationStatus;
  /** Runs a task later; canceled when the emulator stops. */
  readonly later: (milliseconds: number, task: () => void) => void;
};

/** A request to an endpoint. */
export type Call = {
  readonly context: EmulatorContext;
  readonly n: number;
  readonly accountId: string;
  /** Without dashes; empty if the path has none. */
  readonly id: string;
  readonly body: unknown;
  /** Whether the credential is an API token; otherwise it is a key with an email address. */
  readonly byToken: boolean;
};

export function splitRules(quirks: Quirks): SplitRules {
  return { split: quirks['split-urls'] === 'on', keepGchatKey: quirks['gchat-query'] === 'key-kept' };
}

/** Returns an ID as responses write it. */
export function writeId(quirks: Quirks, id: string): string {
  return quirks.ids === 'dashed' ? dashedId(id) : id;
}

export function listLag(quirks: Quirks): Lag {
  return { create: quirks['list-lag'], update: quirks['put-lag'], delete: quirks['list-lag'] };
}

export function getLag(quirks: Quirks): Lag {
  return { create: quirks['get-lag'], update: quirks['put-lag'], delete: quirks['get-lag'] };
}

export function policyLag(quirks: Quirks): Lag {
  const lag = quirks['policy-lag'];
  return { create: lag, update: lag, delete: lag };
}

export function longestLag(quirks: Quirks): number {
  return Math.max(quirks['list-lag'], quirks['get-lag'], quirks['put-lag'], quirks['policy-lag']);
}

/** Orders a list as the API returns it. A shuffled order depends only on the request number. */
export function inOrder<T>(call: Call, list: T[]): T[] {
  if (call.context.quirks.order === 'stable') return list;
  let seed = call.n * 2654435761;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const shuffled = [...list];
  for (let i = shuffled.length - 1; i > 0; i -= 1) {
    const j = random(i + 1);
    const [a, b] = [shuffled[i], shuffled[j]];
    if (a === undefined || b === undefined) continue;
    shuffled[i] = b;
    shuffled[j] = a;
  }
  return shuffled;
}
