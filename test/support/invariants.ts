import type { RequestHook } from '../../src/emulator/emulator.js';
import type { SeenRequest } from '../../src/emulator/journal.js';
import type { AccountView, StateView, StoredPolicy, StoredWebhook } from '../../src/emulator/state.js';

export type InvariantOptions = {
  /** The secrets that each stored URL may have, by URL. Each of them may occur with no other URL. */
  readonly secrets?: ReadonlyMap<string, readonly string[]>;
  /** IDs (without dashes) of webhooks that must not change. */
  readonly untouched?: readonly string[];
  /** Names of policies that may lose a destination. */
  readonly mayLose?: readonly string[];
  /** Returns a key that is equal for webhooks that are the same destination to a policy. Default: the ID. */
  readonly destination?: (webhook: StoredWebhook) => string;
  /** Names that several webhooks may have at the end. */
  readonly mayRepeat?: readonly string[];
};

export type Invariants = {
  /** Pass it to the emulator as `onRequest`. */
  readonly hook: RequestHook;
  /** The violations so far, each with the request that caused it. */
  readonly violations: string[];
  /** Also checks what must be true at the end: each name is unique, and no replacement name is left. */
  readonly finish: () => readonly string[];
};

type Baseline = {
  readonly policies: ReadonlyMap<
    string,
    { readonly policy: string; readonly destinations: ReadonlySet<string> }
  >;
  readonly webhooks: ReadonlyMap<string, StoredWebhook>;
};

/**
 * Checks invariants after every request of an apply: no policy uses a missing webhook, loses a destination or
 * changes in anything but its webhook IDs; no secret is sent with a URL it is not meant for; untouched
 * webhooks do not change. Compares with the state when it is called, so seed first.
 */
export function watchInvariants(view: StateView, options: InvariantOptions = {}): Invariants {
  const violations: string[] = [];
  const baselines = new Map(view.accountIds().map((id) => [id, baselineOf(view.account(id), options)]));
  const report = (where: string, found: readonly string[]): void => {
    for (const message of found) violations.push(`${where}: ${message}`);
  };
  return {
    violations,
    hook: (request, now) => {
      const where = `after request ${request.n} (${request.method} ${request.path})`;
      report(where, writesTo(request, options));
      for (const [id, baseline] of baselines) {
        const account = now.account(id);
        report(where, [
          ...brokenPolicies(baseline, account, options),
          ...strayedSecrets(baseline, account, options),
          ...touched(baseline, account, options),
        ]);
      }
    },
    finish: () => {
      for (const id of baselines.keys()) report('at the end', leftOver(view.account(id), options));
      return violations;
    },
  };
}

function baselineOf(account: AccountView, options: InvariantOptions): Baseline {
  const policies = account.policies.map((policy) => {
    return [
      policy.id,
      { policy: rest(policy), destinations: destinations(policy, account, options) },
    ] as const;
  });
  const webhooks = account.webhooks.map((webhook) => [webhook.id, { ...webhook }] as const);
  return { policies: new Map(policies), webhooks: new Map(webhooks) };
}

function brokenPolicies(before: Baseline, now: AccountView, options: InvariantOptions): string[] {
  const there = new Set(now.webhooks.map(({ id }) => id));
  const found: string[] = [];
  for (const [id, { policy: restBefore, destinations: had }] of before.policies) {
    const policy = now.policies.find((candidate) => candidate.id === id);
    if (!policy) {
      found.push(`policy ${id} is gone`);
      continue;
    }
    const missing = idsOf(policy).filter((webhook) => !there.has(webhook));
    if (missing.length > 0) found.push(`policy "${policy.name}" points at missing ${missing.join(', ')}`);
    if (rest(policy) !== restBefore) {
      found.push(`policy "${policy.name}" changed: ${restBefore} became ${rest(policy)}`);
    }
    if (options.mayLose?.includes(policy.name)) continue;
    const has = destinations(policy, now, options);
    const lost = options.destination ? [...had].filter((key) => !has.has(key)) : [];
    if (has.size < had.size || lost.length > 0) {
      found.push(
        `policy "${policy.name}" lost a destination: had ${[...had].join(', ')}, has ${[...has].join(', ')}`,
      );
    }
  }
  return found;
}

function strayedSecrets(before: Baseline, now: AccountView, { secrets }: InvariantOptions): string[] {
  if (!secrets) return [];
  const known = new Set([...secrets.values()].flat());
  return now.webhooks
    .filter(({ id, url, secret }) => {
      if (secret === undefined) return false;
      const old = before.webhooks.get(id);
      if (old?.secret === secret && old.url === url) return false;
      const allowed = secrets.get(url);
      return allowed ? !allowed.includes(secret) : known.has(secret);
    })
    .map(({ name, url, secret }) => `webhook "${name}" at ${url} has secret "${secret}", not meant for it`);
}

function touched(before: Baseline, now: AccountView, { untouched = [] }: InvariantOptions): string[] {
  const current = new Map(now.webhooks.map((webhook) => [webhook.id, webhook]));
  return untouched
    .filter((id) => before.webhooks.has(id))
    .filter(
      (id) => JSON.stringify(sorted(before.webhooks.get(id))) !== JSON.stringify(sorted(current.get(id))),
    )
    .map((id) => `webhook ${id} was touched`);
}

function writesTo({ method, id }: SeenRequest, { untouched = [] }: InvariantOptions): string[] {
  const wrong = method !== 'GET' && id !== undefined && untouched.includes(id);
  return wrong ? [`a ${method} was sent to webhook ${id}`] : [];
}

function leftOver({ webhooks }: AccountView, { mayRepeat = [] }: InvariantOptions): string[] {
  const counts = new Map<string, number>();
  for (const { name } of webhooks) counts.set(name, (counts.get(name) ?? 0) + 1);
  const repeated = [...counts].filter(([name, count]) => count > 1 && !mayRepeat.includes(name));
  const marked = webhooks.filter(({ name }) => name.includes('[hookwright'));
  return [
    ...repeated.map(([name, count]) => `there are ${count} webhooks "${name}"`),
    ...marked.map(({ name }) => `"${name}" is an unfinished replace`),
  ];
}

function idsOf({ mechanisms }: StoredPolicy): string[] {
  return (mechanisms['webhooks'] ?? []).map(({ id }) => id);
}

/** Counts only webhooks that exist. */
function destinations(policy: StoredPolicy, account: AccountView, options: InvariantOptions): Set<string> {
  const ids = new Set(idsOf(policy));
  const used = account.webhooks.filter(({ id }) => ids.has(id));
  return new Set(used.map((webhook) => options.destination?.(webhook) ?? webhook.id));
}

/** Returns everything in a policy that an apply must not change, as canonical text. */
function rest(policy: StoredPolicy): string {
  const others = Object.entries(policy.mechanisms).filter(([kind]) => kind !== 'webhooks');
  const lists = others.map(([kind, list]) => [kind, list.map(({ id }) => id).sort()] as const);
  return JSON.stringify(sorted({ ...policy, modified: undefined, mechanisms: Object.fromEntries(lists) }));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, entry]) => [key, sorted(entry)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
