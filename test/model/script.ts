import type { Rewrite } from './forms.js';

/** One entry of the desired-state file. */
export type Entry = {
  readonly name: string;
  readonly url: string;
  /** Whether the URL is in a variable. */
  readonly urlByVariable: boolean;
  readonly urlVersion: number;
  /** The number of the variable; `undeclared`: the entry has no `secret`. */
  readonly secret: number | 'none' | 'undeclared';
  readonly version: number;
  readonly previously: readonly string[];
  readonly pin?: string;
  readonly protect: boolean;
};

/** An entry of `policies`. */
export type Route = {
  readonly policy: { readonly id: string; readonly name: string };
  /** Whether the file has the ID. */
  readonly byId: boolean;
  /** Names of entries. */
  readonly webhooks: readonly string[];
  /** IDs of live webhooks in the list. */
  readonly ids: readonly string[];
};

/** The desired-state file of the only account. */
export type DesiredFile = {
  readonly unlisted: 'keep' | 'delete';
  readonly ignore: readonly string[];
  readonly absent: readonly string[];
  readonly strategy: { readonly url: 'replace' | 'in-place'; readonly secret: 'replace' | 'in-place' };
  readonly entries: readonly Entry[];
  /** Absent: the file has no `policies`. */
  readonly routes?: readonly Route[];
};

export type SeededWebhook = {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly secret?: string;
  /** Age in days at the start. */
  readonly age: number;
};

export type SeededPolicy = {
  readonly name: string;
  /** Indices of webhooks, modulo their number. */
  readonly uses: readonly number[];
  readonly email: boolean;
  readonly pagerduty: boolean;
  readonly enabled: boolean;
  readonly filters: boolean;
  /** Whether it also contains the ID of a deleted webhook. */
  readonly dangling: boolean;
};

/** How the API behaves where that is unknown or can be delayed. */
export type World = {
  readonly rewrite: Rewrite;
  readonly putUrl: 'kept' | 'applied';
  readonly putSecret: 'kept' | 'applied' | 'cleared';
  /** How long until a write is visible in the list, in milliseconds. */
  readonly listLag: number;
  readonly createdAt: 'precise' | 'seconds' | 'same';
  readonly dashedIds: boolean;
  readonly shuffled: boolean;
  /** Longer names are refused; 0: no limit. */
  readonly nameLimit: number;
  /** A destination that refuses its test message this many times. */
  readonly refuses?: { readonly url: string; readonly times: number };
};

export const FAULTS = [
  'reset-before',
  'reset-after',
  '500-before',
  '500-after',
  '502-before',
  '502-after',
  '408-after',
  'truncated',
  'garbage',
  'no-success',
  'null-result',
  'list-twice',
  '429',
  '971-in-200',
  '403-before',
  'redirect',
] as const;
export type Fault = (typeof FAULTS)[number];

/** What happens to the requests of one run. Requests count from 1. */
export type Trouble = {
  readonly faults: readonly { readonly at: number; readonly fault: Fault }[];
  /** `kill`: the process dies at this request. `signal`: SIGINT arrives at it, twice for `signals`. */
  readonly end?: {
    readonly how: 'kill-before' | 'kill-after' | 'signal' | 'signals';
    readonly at: number;
  };
};

/** A change of the desired-state file. Entries and IDs are indices, modulo their number. */
export type Edit =
  | { readonly edit: 'url'; readonly entry: number; readonly url: string }
  | { readonly edit: 'rename'; readonly entry: number; readonly name: string; readonly previously: boolean }
  | { readonly edit: 'version'; readonly entry: number }
  | { readonly edit: 'url-version'; readonly entry: number }
  | { readonly edit: 'secret'; readonly entry: number; readonly secret: number | 'none' | 'undeclared' }
  | { readonly edit: 'remove'; readonly entry: number }
  | { readonly edit: 'add'; readonly entry: Entry }
  | { readonly edit: 'protect'; readonly entry: number }
  | { readonly edit: 'pin'; readonly entry: number; readonly live: number }
  | { readonly edit: 'unlisted' }
  | { readonly edit: 'ignore'; readonly pattern: string }
  | { readonly edit: 'ignore-id'; readonly live: number }
  | { readonly edit: 'absent'; readonly name: string }
  /** Sets which entries a policy sends to, and a live webhook by its ID. */
  | {
      readonly edit: 'route';
      readonly policy: number;
      readonly byId: boolean;
      readonly entries: readonly number[];
      readonly live?: number;
    }
  | { readonly edit: 'unroute'; readonly policy: number }
  /** Goes back to an earlier revision. */
  | { readonly edit: 'revert'; readonly back: number };

/** A change in the dashboard. */
export type HandEdit =
  | { readonly hand: 'rename'; readonly live: number; readonly name: string }
  | { readonly hand: 'delete'; readonly live: number }
  /** Deletes and recreates it, with the same or another URL; `used`: adds it to its policies again. */
  | { readonly hand: 'recreate'; readonly live: number; readonly url?: string; readonly used: boolean }
  | { readonly hand: 'add'; readonly name: string; readonly url: string; readonly policy?: number }
  | { readonly hand: 'use'; readonly live: number; readonly policy: number }
  /** Removes it from a policy, unless it is the last one. */
  | { readonly hand: 'unuse'; readonly live: number; readonly policy: number };

/** Flags on the command line. */
export type Flags = {
  /** An entry, by index. */
  readonly rotate?: number;
  readonly replace?: number;
  readonly allow: 'nothing' | 'deletes' | 'deletes-and-detaches';
  readonly parallelism: number;
};

export type Step =
  | {
      readonly step: 'apply';
      readonly edits: readonly Edit[];
      readonly flags: Flags;
      readonly trouble: Trouble;
    }
  | {
      readonly step: 'race';
      readonly edits: readonly Edit[];
      /** Edits between the first and the second run's revision. Empty: the same revision. */
      readonly moreEdits: readonly Edit[];
      readonly flags: Flags;
      readonly troubles: readonly [Trouble, Trouble];
      /** The second run starts after the first has sent this many requests. */
      readonly offset: number;
      /** How long requests take, in virtual milliseconds, repeated. */
      readonly latencies: readonly number[];
    }
  | {
      readonly step: 'saved';
      readonly edits: readonly Edit[];
      readonly flags: Flags;
      /** Changes between the plan and its apply. */
      readonly meanwhile: readonly HandEdit[];
      /** The troubles of successive applies of the plan. */
      readonly troubles: readonly Trouble[];
    }
  | { readonly step: 'hand'; readonly edits: readonly HandEdit[] };

/** Everything that happens in one run of the test. */
export type Script = {
  readonly world: World;
  readonly webhooks: readonly SeededWebhook[];
  readonly policies: readonly SeededPolicy[];
  readonly file: DesiredFile;
  /** Whether to pass `--previous`. */
  readonly previous: boolean;
  readonly steps: readonly Step[];
};

/** Returns the value of secret variable `n` for a version. */
export const secretValue = (n: number, version: number): string => `value-${n}-of-version-${version}`;

/** Removes mistakes that a valid file cannot have. */
export function tidy(file: DesiredFile): DesiredFile {
  const names = new Set<string>();
  const entries = file.entries.filter(({ name }) => !names.has(name) && names.add(name));
  const earlier = new Set<string>();
  const pins = new Set<string>();
  const tidied = entries.map(({ pin, ...entry }): Entry => {
    const previously = entry.previously.filter(
      (name) => !names.has(name) && !earlier.has(name) && earlier.add(name),
    );
    const pinned = pin !== undefined && !pins.has(pin);
    if (pinned) pins.add(pin);
    return { ...entry, previously, ...(pinned && { pin }) };
  });
  const declared = new Set([...names, ...earlier]);
  const ignore = [...new Set(file.ignore)].filter(
    (item) => !declared.has(item) && !pins.has(item.replace(/^id:/, '')),
  );
  const absent = [...new Set(file.absent)].filter((name) => !declared.has(name) && !ignore.includes(name));
  return {
    ...file,
    entries: tidied,
    ignore,
    absent,
    ...(file.routes && { routes: tidyRoutes(file.routes, names) }),
  };
}

/** Keeps each policy and each entry once. Policies with the same name differ in their IDs. */
function tidyRoutes(routes: readonly Route[], entries: ReadonlySet<string>): Route[] {
  const policies = new Set<string>();
  const names = new Set<string>();
  return routes.flatMap(({ policy, byId, webhooks, ids }) => {
    if (policies.has(policy.id)) return [];
    policies.add(policy.id);
    const isAlone = !names.has(policy.name);
    names.add(policy.name);
    const listed = [...new Set(webhooks)].filter((name) => entries.has(name));
    return [{ policy, byId: byId || !isAlone, webhooks: listed, ids: [...new Set(ids)] }];
  });
}

/** Returns the ID of a seeded policy. */
export const policyId = (n: number): string => (0xf1 + n).toString(16).repeat(16);
