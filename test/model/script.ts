import type { Rewrite } from './forms.js';

/** One entry of the desired-state file. */
export type Entry = {
  readonly name: string;
  readonly url: string;
  /** Is the url in a variable? */
  readonly urlByVariable: boolean;
  readonly urlVersion: number;
  /** The number of the variable; `undeclared`: the entry has no `secret`. */
  readonly secret: number | 'none' | 'undeclared';
  readonly version: number;
  readonly previously: readonly string[];
  readonly pin?: string;
  readonly protect: boolean;
};

/** What the file says of a policy. */
export type Route = {
  readonly policy: { readonly id: string; readonly name: string };
  /** Does the file give the id? */
  readonly byId: boolean;
  /** Names of entries. */
  readonly webhooks: readonly string[];
  /** Ids of live webhooks, given as such. */
  readonly ids: readonly string[];
};

/** The desired-state file of the one account. */
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
  /** Days before the beginning. */
  readonly age: number;
};

export type SeededPolicy = {
  readonly name: string;
  /** Indices into the webhooks, modulo their number. */
  readonly uses: readonly number[];
  readonly email: boolean;
  readonly pagerduty: boolean;
  readonly enabled: boolean;
  readonly filters: boolean;
  /** Also holds the id of a webhook that is gone. */
  readonly dangling: boolean;
};

/** How the API behaves where that is not known, or may be late. */
export type World = {
  readonly rewrite: Rewrite;
  readonly putUrl: 'kept' | 'applied';
  readonly putSecret: 'kept' | 'applied' | 'cleared';
  /** Milliseconds after which a write shows in the list. */
  readonly listLag: number;
  readonly createdAt: 'precise' | 'seconds' | 'same';
  readonly dashedIds: boolean;
  readonly shuffled: boolean;
  /** Longer names are refused; 0: none are. */
  readonly nameLimit: number;
  /** The destination that refuses its test message so many times. */
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
  /** `kill`: the process is dead from this request on. `signal`: SIGINT comes then, twice for `signals`. */
  readonly end?: {
    readonly how: 'kill-before' | 'kill-after' | 'signal' | 'signals';
    readonly at: number;
  };
};

/** A change of the desired-state file. Entries and ids are indices, modulo how many there are. */
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
  /** What a policy sends to, from now on: entries, and a live webhook by its id. */
  | {
      readonly edit: 'route';
      readonly policy: number;
      readonly byId: boolean;
      readonly entries: readonly number[];
      readonly live?: number;
    }
  | { readonly edit: 'unroute'; readonly policy: number }
  /** Back to an earlier revision. */
  | { readonly edit: 'revert'; readonly back: number };

/** What someone does in the dashboard. */
export type HandEdit =
  | { readonly hand: 'rename'; readonly live: number; readonly name: string }
  | { readonly hand: 'delete'; readonly live: number }
  /** Deleted and created again with another url or the same; `used`: put back into its policies. */
  | { readonly hand: 'recreate'; readonly live: number; readonly url?: string; readonly used: boolean }
  | { readonly hand: 'add'; readonly name: string; readonly url: string; readonly policy?: number }
  | { readonly hand: 'use'; readonly live: number; readonly policy: number }
  /** Taken out of a policy, unless it is the last. */
  | { readonly hand: 'unuse'; readonly live: number; readonly policy: number };

/** What is asked for on the command line. */
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
      /** The second run is of this later revision; none: of the same. */
      readonly moreEdits: readonly Edit[];
      readonly flags: Flags;
      readonly troubles: readonly [Trouble, Trouble];
      /** The second run starts when the first has sent so many requests. */
      readonly offset: number;
      /** Virtual milliseconds that requests take, over and over. */
      readonly latencies: readonly number[];
    }
  | {
      readonly step: 'saved';
      readonly edits: readonly Edit[];
      readonly flags: Flags;
      /** Between the plan and its apply. */
      readonly meanwhile: readonly HandEdit[];
      /** One apply of the plan after the other. */
      readonly troubles: readonly Trouble[];
    }
  | { readonly step: 'hand'; readonly edits: readonly HandEdit[] };

/** All of one run of the test. */
export type Script = {
  readonly world: World;
  readonly webhooks: readonly SeededWebhook[];
  readonly policies: readonly SeededPolicy[];
  readonly file: DesiredFile;
  /** Is `--previous` given? */
  readonly previous: boolean;
  readonly steps: readonly Step[];
};

/** The value of secret variable `n` under a version. */
export const secretValue = (n: number, version: number): string => `value-${n}-of-version-${version}`;

/** A mistake that a file could not have is left out. */
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

/** Each policy once, each entry once; policies with one name are told apart by their ids. */
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

/** The id of a seeded policy. */
export const policyId = (n: number): string => (0xf1 + n).toString(16).repeat(16);
