import fc from 'fast-check';
import type {
  DesiredAccount,
  DesiredRoute,
  DesiredSecret,
  DesiredUrl,
  DesiredWebhook,
} from '../../../src/core/desired.js';
import type { DiffOptions } from '../../../src/core/diff.js';
import type { Live, Policy } from '../../../src/core/live.js';
import { replacementName, shortReplacementName } from '../../../src/core/leftovers.js';
import { account, dashedId, desired, envSecret, envUrl, id, policy } from './builders.js';

// Only a few names and URLs, so that they often coincide.
const NAMES = ['A', 'B', 'C', 'dash-1', 'Old A', 'Old B'] as const;
const URLS = [
  'https://relay.example.com/1',
  'https://relay.example.com/2',
  'HTTPS://relay.example.com:443/2',
  'https://hooks.slack.com/services/T0/B0/token',
  'https://hooks.slack.com/services/T0/B0',
  'https://hooks.slack.com/triggers/T0/1/token',
] as const;
const TIMES = ['2025-03-12T17:31:52.88075Z', '2025-03-12T17:31:52.8Z', '2025-03-12T17:31:52Z', null] as const;

const anyName = fc.constantFrom(...NAMES);
const anyUrl = fc.constantFrom(...URLS);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const names = fc.array(anyName, { maxLength: 3 });

/** The webhook that it replaces is live, was deleted, or never existed. */
const replaced = fc.integer({ min: 1, max: 10 }).map(id);
const liveName: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: anyName },
  { weight: 1, arbitrary: fc.tuple(anyName, replaced).map(([name, old]) => replacementName(name, old)) },
  { weight: 1, arbitrary: fc.tuple(anyName, replaced).map(([name, old]) => shortReplacementName(name, old)) },
);

const lives: fc.Arbitrary<Live[]> = fc
  .array(
    fc.record({ name: liveName, url: anyUrl, createdAt: fc.constantFrom(...TIMES), dashed: fc.boolean() }),
    {
      maxLength: 8,
    },
  )
  .map((list) =>
    list.map(({ dashed, ...rest }, n) => ({
      ...rest,
      id: dashed ? dashedId(n + 1) : id(n + 1),
      type: 'generic',
    })),
  );

const anySecret: fc.Arbitrary<DesiredSecret> = fc.oneof(
  fc.constant<DesiredSecret>({ kind: 'none' }),
  fc.nat(2).map((version) => envSecret(version)),
);

const wantedUrl: fc.Arbitrary<DesiredUrl> = fc.oneof(
  anyUrl.map((url): DesiredUrl => ({ kind: 'literal', url })),
  fc.tuple(anyUrl, fc.nat(2)).map(([url, version]) => envUrl(url, version)),
);

type Draft = {
  readonly name: string;
  readonly url: DesiredUrl;
  readonly secret: DesiredSecret | undefined;
  readonly previously: string | undefined;
  readonly pin: number | undefined;
};

/** Keeps what the file's own checks accept: each pin and each (current or previous) name only once. */
function valid(drafts: readonly Draft[]): DesiredWebhook[] {
  const used = new Set(drafts.map(({ name }) => name));
  const pins = new Set<number>();
  return drafts.map(({ name, url, secret, previously, pin }) => {
    const earlier = previously !== undefined && !used.has(previously) ? [previously] : [];
    earlier.forEach((each) => used.add(each));
    const pinned = pin !== undefined && !pins.has(pin);
    if (pinned) pins.add(pin);
    return desired(name, url, {
      previously: earlier,
      ...(secret && { secret }),
      ...(pinned && { id: id(pin) }),
    });
  });
}

const entries: fc.Arbitrary<DesiredWebhook[]> = fc
  .uniqueArray(
    fc.record({
      name: anyName,
      url: wantedUrl,
      secret: maybe(anySecret),
      previously: maybe(anyName),
      pin: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined, freq: 8 }),
    }),
    { selector: ({ name }) => name, maxLength: 5 },
  )
  .map(valid);

export type Scene = {
  readonly desired: DesiredAccount;
  readonly live: readonly Live[];
  readonly policies: readonly Policy[];
  readonly options: Partial<DiffOptions>;
};

/** Routes of some policies to some of these entries, by name or ID. */
const anyRoutes: fc.Arbitrary<(webhooks: readonly DesiredWebhook[]) => DesiredRoute[]> = fc
  .uniqueArray(
    fc.record({
      policy: fc.integer({ min: 0, max: 3 }),
      picks: fc.array(fc.nat(4), { maxLength: 3 }),
      byId: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined, freq: 3 }),
    }),
    { selector: ({ policy: n }) => n, maxLength: 3 },
  )
  .map((drafts) => (webhooks) => {
    return drafts.map(({ policy: n, picks, byId }) => {
      const listed = new Set(picks.flatMap((at) => webhooks[at]?.name ?? []));
      const more = byId === undefined ? [] : [`id:${dashedId(byId)}`];
      return { name: `Policy ${n}`, webhooks: [...listed, ...more] };
    });
  });

const anyAccount: fc.Arbitrary<DesiredAccount> = fc
  .record({
    webhooks: entries,
    unlisted: fc.constantFrom('delete', 'keep', undefined),
    ignore: fc.subarray(['dash-*', 'C', `id:${dashedId(3)}`, 'Old ?', '?']),
    absent: names,
    url: fc.constantFrom('replace', 'in-place'),
    secret: fc.constantFrom('replace', 'in-place'),
    routes: maybe(anyRoutes),
  })
  .map(({ webhooks, unlisted, ignore, absent, url, secret, routes }) => {
    const own = new Set(webhooks.flatMap(({ name, previously }) => [name, ...previously]));
    return account(webhooks, {
      unlisted,
      ignore: ignore.filter((each) => !own.has(each)),
      absent: absent.filter((each) => !own.has(each)),
      strategy: { url, secret },
      ...(routes && { routes: routes(webhooks) }),
    });
  });

/** A file, a possible account, and options. */
export const scenes: fc.Arbitrary<Scene> = fc
  .record({
    desired: anyAccount,
    live: lives,
    uses: fc.array(fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 3 }), { maxLength: 4 }),
    previous: maybe(entries),
    rotate: names,
    replace: names,
    targets: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: names },
      { weight: 1, arbitrary: fc.constant(['policy:*']) },
    ),
  })
  .map(({ desired: wanted, live, uses, previous, rotate, replace, targets }) => ({
    desired: wanted,
    live,
    policies: uses.map((used, n) =>
      policy(
        n,
        used.filter((each) => each <= live.length),
        { otherMechanisms: n === 0 ? 0 : 1 },
      ),
    ),
    options: {
      targets,
      rotate: new Set(rotate),
      replace: new Set(replace),
      ...(previous && { previous: account(previous) }),
    },
  }));

/** Returns the list in any order. */
export const shuffled = <T>(list: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });
