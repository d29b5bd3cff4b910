import type { Quirks, TimestampSource } from './quirks.js';
import type { Account, Lag, State } from './state.js';

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

/** A request to an endpoint, with the webhooks and policies of its account. */
export type Call = EmulatorContext &
  Account & {
    readonly n: number;
    readonly accountId: string;
    /** Without dashes; empty if the path has none. */
    readonly id: string;
    readonly body: unknown;
    /** Whether the credential is an API token; otherwise it is a key with an email address. */
    readonly byToken: boolean;
  };

/** Returns an ID as responses write it. */
export function writeId(quirks: Quirks, id: string): string {
  return quirks.ids === 'dashed' ? id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : id;
}

/** Returns how long changes of webhooks stay invisible in the list or in GET of one webhook. */
export function webhookLag(quirks: Quirks, read: 'list-lag' | 'get-lag'): Lag {
  return { create: quirks[read], update: quirks['put-lag'], delete: quirks[read] };
}

export function policyLag({ 'policy-lag': lag }: Quirks): Lag {
  return { create: lag, update: lag, delete: lag };
}

export function longestLag(quirks: Quirks): number {
  return Math.max(quirks['list-lag'], quirks['get-lag'], quirks['put-lag'], quirks['policy-lag']);
}

/** Orders a list as the API returns it. A shuffled order depends only on the request number. */
export function inOrder<T>({ quirks, n }: Call, list: T[]): T[] {
  if (quirks.order === 'stable') return list;
  let seed = n * 2654435761;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const shuffled: T[] = [];
  for (const item of list) shuffled.splice(random(shuffled.length + 1), 0, item);
  return shuffled;
}
