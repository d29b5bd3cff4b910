import fc from 'fast-check';
import type { Rewrite } from './forms.js';
import {
  FAULTS,
  policyId,
  secretValue,
  tidy,
  type DesiredFile,
  type Edit,
  type Entry,
  type Flags,
  type HandEdit,
  type Route,
  type Script,
  type SeededPolicy,
  type SeededWebhook,
  type Step,
  type Trouble,
  type World,
} from './script.js';

const NAMES = ['Ops', 'Ops chat', 'Relay', 'Pager'] as const;
const ODD_NAMES = [
  ' Ops  hall',
  'Relay & sons',
  'Cafe\u0301 alerts',
  'Operations of the night shift',
  'Größe',
] as const;
const URLS = [
  'https://a.example/1',
  'https://a.example/2',
  'https://b.example/1',
  'https://b.example/2',
] as const;
const ODD_URLS = [
  'https://a.example/1/',
  'https://a.example/1?x=1',
  'https://a.example/1#top',
  'https://a.example/%c3%a9',
] as const;
/** Cloudflare stores these unchanged. The last two are the same for every webhook. */
const SPLIT_URLS = [
  'https://hooks.slack.com/services/T0/B0',
  'https://api.datadoghq.com/api/v1/events',
  'https://api.opsgenie.com/v2/alerts',
] as const;
/** These contain a credential, so they are never in the file itself. */
const WHOLE_URLS = [
  'https://hooks.slack.com/services/T0/B0/slacktoken1',
  'https://hooks.slack.com/services/T0/B1/slacktoken2',
  'https://open.feishu.cn/open-apis/bot/v2/hook/feishutoken1',
] as const;

const isWhole = (url: string): boolean => WHOLE_URLS.some((whole) => whole === url);

/** Returns a readable ID: `a1a1…`. */
const seededId = (n: number): string => (0xa1 + n).toString(16).repeat(16);

const weighted = <T>(...choices: readonly (readonly [number, fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));

type Pools = { readonly names: fc.Arbitrary<string>; readonly urls: fc.Arbitrary<string> };

function poolsOf(odd: boolean): Pools {
  const plainNames = fc.constantFrom<string>(...NAMES);
  const plainUrls = fc.constantFrom<string>(...URLS);
  return {
    names: odd ? weighted([2, plainNames], [2, fc.constantFrom<string>(...ODD_NAMES)]) : plainNames,
    urls: weighted(
      [6, plainUrls],
      [odd ? 6 : 0, fc.constantFrom<string>(...ODD_URLS)],
      [1, fc.constantFrom<string>(...SPLIT_URLS)],
      [1, fc.constantFrom<string>(...WHOLE_URLS)],
    ),
  };
}

const secrets: fc.Arbitrary<Entry['secret']> = weighted(
  [3, fc.constant<Entry['secret']>('undeclared')],
  [1, fc.constant<Entry['secret']>('none')],
  [4, fc.nat(1)],
);

function entryOf({ names, urls }: Pools): fc.Arbitrary<Entry> {
  return fc
    .record({
      name: names,
      url: urls,
      urlByVariable: weighted([3, fc.constant(false)], [1, fc.constant(true)]),
      secret: secrets,
      previously: fc.array(names, { maxLength: 1 }),
      protect: weighted([40, fc.constant(false)], [1, fc.constant(true)]),
    })
    .map(({ url, urlByVariable, ...rest }) => ({
      ...rest,
      url,
      urlByVariable: urlByVariable || isWhole(url),
      urlVersion: 1,
      version: 1,
    }));
}

const index = fc.nat(5);

/** The policy, and the entries that it sends to; rarely also the ID of a live webhook. */
const routes = fc
  .record({
    policy: fc.nat(2),
    byId: weighted([3, fc.constant(true)], [1, fc.constant(false)]),
    entries: weighted([8, fc.array(index, { minLength: 1, maxLength: 3 })], [1, fc.constant<number[]>([])]),
    live: weighted<number | undefined>([8, fc.constant(undefined)], [1, index]),
  })
  .map(({ live, ...rest }) => ({ ...rest, ...(live !== undefined && { live }) }));

function editOf(pools: Pools): fc.Arbitrary<Edit> {
  const { names, urls } = pools;
  const edit = <E extends Edit['edit']>(name: E) => fc.constant(name);
  return weighted<Edit>(
    [8, fc.record({ edit: edit('url'), entry: index, url: urls })],
    [
      6,
      fc.record({
        edit: edit('rename'),
        entry: index,
        name: names,
        previously: weighted([3, fc.constant(true)], [1, fc.constant(false)]),
      }),
    ],
    [6, fc.record({ edit: edit('version'), entry: index })],
    [2, fc.record({ edit: edit('url-version'), entry: index })],
    [1, fc.record({ edit: edit('secret'), entry: index, secret: secrets })],
    [3, fc.record({ edit: edit('remove'), entry: index })],
    [4, fc.record({ edit: edit('add'), entry: entryOf(pools) })],
    [1, fc.record({ edit: edit('protect'), entry: index })],
    [1, fc.record({ edit: edit('pin'), entry: index, live: index })],
    [2, fc.record({ edit: edit('unlisted') })],
    [1, fc.record({ edit: edit('ignore'), pattern: fc.constantFrom('Ops*', 'Relay', '*chat', 'Pager*') })],
    [1, fc.record({ edit: edit('ignore-id'), live: index })],
    [1, fc.record({ edit: edit('absent'), name: names })],
    [6, routes.map((route) => ({ edit: 'route' as const, ...route }))],
    [1, fc.record({ edit: edit('unroute'), policy: fc.nat(2) })],
    [4, fc.record({ edit: edit('revert'), back: fc.integer({ min: 1, max: 2 }) })],
  );
}

function handEditOf({ names, urls }: Pools): fc.Arbitrary<HandEdit> {
  const hand = <H extends HandEdit['hand']>(name: H) => fc.constant(name);
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  return weighted<HandEdit>(
    [2, fc.record({ hand: hand('rename'), live: index, name: names })],
    [2, fc.record({ hand: hand('delete'), live: index })],
    [
      3,
      fc
        .record({ hand: hand('recreate'), live: index, url: maybe(urls), used: fc.boolean() })
        .map(({ url, ...rest }) => ({ ...rest, ...(url !== undefined && { url }) })),
    ],
    [
      3,
      fc
        .record({ hand: hand('add'), name: names, url: urls, policy: maybe(index) })
        .map(({ policy, ...rest }) => ({ ...rest, ...(policy !== undefined && { policy }) })),
    ],
    [2, fc.record({ hand: hand('use'), live: index, policy: index })],
    [1, fc.record({ hand: hand('unuse'), live: index, policy: index })],
  );
}

const faults = fc.array(
  fc.record({ at: fc.integer({ min: 1, max: 30 }), fault: fc.constantFrom(...FAULTS) }),
  {
    minLength: 1,
    maxLength: 3,
  },
);

const ends: fc.Arbitrary<NonNullable<Trouble['end']>> = fc.record({
  how: fc.constantFrom('kill-before', 'kill-after', 'signal', 'signals'),
  at: fc.integer({ min: 1, max: 20 }),
});

const CALM: Trouble = { faults: [] };
const troubles: fc.Arbitrary<Trouble> = weighted<Trouble>(
  [3, fc.constant(CALM)],
  [2, fc.record({ faults })],
  [4, ends.map((end) => ({ faults: [], end }))],
  [1, fc.record({ faults, end: ends })],
);

const flags: fc.Arbitrary<Flags> = fc
  .record({
    rotate: fc.option(index, { nil: undefined, freq: 3 }),
    replace: fc.option(index, { nil: undefined, freq: 8 }),
    allow: weighted(
      [3, fc.constant<Flags['allow']>('nothing')],
      [3, fc.constant<Flags['allow']>('deletes')],
      [1, fc.constant<Flags['allow']>('deletes-and-detaches')],
    ),
    parallelism: fc.constantFrom(1, 3, 10),
  })
  .map(({ rotate, replace, ...rest }) => ({
    ...rest,
    ...(rotate !== undefined && { rotate }),
    ...(replace !== undefined && { replace }),
  }));

function stepOf(pools: Pools): fc.Arbitrary<Step> {
  const edits = fc.array(editOf(pools), { maxLength: 3 });
  const hands = fc.array(handEditOf(pools), { maxLength: 2 });
  const step = <S extends Step['step']>(name: S) => fc.constant(name);
  return weighted<Step>(
    [6, fc.record({ step: step('apply'), edits, flags, trouble: troubles })],
    [
      2,
      fc.record({
        step: step('race'),
        edits,
        moreEdits: weighted(
          [2, fc.constant<readonly Edit[]>([])],
          [1, fc.array(editOf(pools), { minLength: 1, maxLength: 1 })],
        ),
        flags,
        troubles: fc.tuple(
          weighted([3, fc.constant(CALM)], [1, troubles]),
          weighted([3, fc.constant(CALM)], [1, troubles]),
        ),
        offset: fc.nat(12),
        latencies: fc.array(fc.nat(300), { minLength: 3, maxLength: 15 }),
      }),
    ],
    [
      2,
      fc.record({
        step: step('saved'),
        edits,
        flags,
        meanwhile: weighted([1, fc.constant<readonly HandEdit[]>([])], [1, hands]),
        troubles: fc.array(troubles, { minLength: 1, maxLength: 2 }),
      }),
    ],
    [1, fc.record({ step: step('hand'), edits: hands })],
  );
}

/** A live webhook that is not an entry's own, described by the entry that it resembles. */
type LookAlike = {
  readonly like: 'twin' | 'name' | 'url' | 'previous' | 'leftover' | 'stranger';
  readonly entry: number;
  readonly name: string;
  readonly url: string;
  readonly secret: boolean;
  /** `leftover`: which webhook it replaces, which may not be live; and the form of its name. */
  readonly replaces: number | 'gone';
  readonly form: 'long' | 'short';
  readonly age: number;
};

function lookAlikeOf({ names, urls }: Pools): fc.Arbitrary<LookAlike> {
  return fc.record({
    like: weighted<LookAlike['like']>(
      [2, fc.constant('twin')],
      [3, fc.constant('name')],
      [2, fc.constant('url')],
      [2, fc.constant('previous')],
      [2, fc.constant('leftover')],
      [2, fc.constant('stranger')],
    ),
    entry: index,
    name: names,
    url: urls,
    secret: fc.boolean(),
    replaces: weighted<number | 'gone'>([2, index], [1, fc.constant('gone')]),
    form: fc.constantFrom('long', 'short'),
    age: fc.nat(4),
  });
}

const worlds: fc.Arbitrary<World> = fc
  .record({
    rewrite: weighted<Rewrite>(
      [10, fc.constant('none')],
      [
        3,
        fc.constantFrom<Rewrite>(
          'trim',
          'cut',
          'nfc',
          'ascii',
          'escape',
          'brackets',
          'slash',
          'fragment',
          'query',
          'percent',
          'slashed',
        ),
      ],
    ),
    putUrl: weighted<World['putUrl']>([4, fc.constant('kept')], [1, fc.constant('applied')]),
    putSecret: weighted<World['putSecret']>(
      [3, fc.constant('kept')],
      [1, fc.constant('applied')],
      [1, fc.constant('cleared')],
    ),
    listLag: weighted([4, fc.constant(0)], [1, fc.constantFrom(500, 6000)]),
    createdAt: weighted<World['createdAt']>(
      [3, fc.constant('precise')],
      [1, fc.constant('seconds')],
      [1, fc.constant('same')],
    ),
    dashedIds: weighted([5, fc.constant(false)], [1, fc.constant(true)]),
    shuffled: fc.boolean(),
    nameLimit: weighted([8, fc.constant(0)], [1, fc.constantFrom(30)]),
    refuses: fc.option(
      fc.record({ url: fc.constantFrom<string>(...URLS), times: fc.constantFrom(1, 2, 1000) }),
      {
        nil: undefined,
        freq: 8,
      },
    ),
  })
  .map(({ refuses, ...rest }) => ({ ...rest, ...(refuses && { refuses }) }));

const policy: fc.Arbitrary<SeededPolicy> = fc.record({
  // A policy and a webhook can have the same name.
  name: fc.constantFrom('Origin errors', 'Billing', 'Ops'),
  uses: fc.array(fc.nat(7), { minLength: 1, maxLength: 3 }),
  email: fc.boolean(),
  pagerduty: fc.boolean(),
  enabled: fc.boolean(),
  filters: fc.boolean(),
  dangling: weighted([15, fc.constant(false)], [1, fc.constant(true)]),
});
/** Sometimes, several have the same name. */
const policies: fc.Arbitrary<SeededPolicy[]> = weighted(
  [3, fc.uniqueArray(policy, { selector: ({ name }) => name, maxLength: 3 })],
  [1, fc.array(policy, { maxLength: 3 })],
);

/** Generates scripts. */
export const scripts: fc.Arbitrary<Script> = worlds.chain((world) => {
  const pools = poolsOf(world.rewrite !== 'none');
  return fc
    .record({
      entries: fc.uniqueArray(entryOf(pools), { selector: ({ name }) => name, minLength: 1, maxLength: 3 }),
      unlisted: weighted<DesiredFile['unlisted']>([3, fc.constant('keep')], [2, fc.constant('delete')]),
      ignore: weighted<readonly string[]>(
        [6, fc.constant([])],
        [1, fc.constantFrom(['Ops*'], ['*chat'], ['Pager'])],
      ),
      absent: weighted<readonly string[]>(
        [8, fc.constant([])],
        [1, fc.constantFrom(['Pager'], ['Ops chat'])],
      ),
      inPlace: fc.record({
        url: weighted([8, fc.constant(false)], [1, fc.constant(true)]),
        secret: weighted([8, fc.constant(false)], [1, fc.constant(true)]),
      }),
      /** How each entry is live: as in the file, with a previous name, with another URL, or not at all. */
      live: fc.array(
        fc.record({
          how: weighted(
            [8, fc.constant('same' as const)],
            [2, fc.constant('earlier' as const)],
            [1, fc.constant('moved' as const)],
            [3, fc.constant('missing' as const)],
          ),
          url: pools.urls,
          age: fc.nat(4),
        }),
        { minLength: 3, maxLength: 3 },
      ),
      lookAlikes: fc.array(lookAlikeOf(pools), { maxLength: 3 }),
      policies,
      routes: weighted([1, fc.constant(undefined)], [1, fc.array(routes, { maxLength: 3 })]),
      previous: fc.boolean(),
      steps: fc.array(stepOf(pools), { minLength: 1, maxLength: 4 }),
    })
    .map(
      ({ entries, unlisted, ignore, absent, inPlace, live, lookAlikes, routes: routed, ...rest }): Script => {
        const strategy = {
          url: inPlace.url ? ('in-place' as const) : ('replace' as const),
          secret: inPlace.secret ? ('in-place' as const) : ('replace' as const),
        };
        const unrouted = tidy({ unlisted, ignore, absent, strategy, entries });
        const file = routed
          ? tidy({ ...unrouted, routes: routed.flatMap((route) => routeOf(route, unrouted, rest.policies)) })
          : unrouted;
        const webhooks = seeds(file, live, lookAlikes);
        // If unlisted webhooks are deleted, most policies that use one would make a guard refuse.
        const used = unlisted === 'delete' ? Math.max(1, file.entries.length) : Math.max(1, webhooks.length);
        const using = rest.policies.map((policy) => ({ ...policy, uses: policy.uses.map((n) => n % used) }));
        return { world, file, webhooks, ...rest, policies: using };
      },
    );
});

function routeOf(
  { policy: n, byId, entries }: { policy: number; byId: boolean; entries: readonly number[] },
  file: DesiredFile,
  seeded: readonly SeededPolicy[],
): Route[] {
  if (seeded.length === 0) return [];
  const at = n % seeded.length;
  const policy = { id: policyId(at), name: seeded[at]?.name ?? '' };
  const webhooks = entries.flatMap((entry) => file.entries[entry % file.entries.length]?.name ?? []);
  return [{ policy, byId, webhooks, ids: [] }];
}

type LiveEntry = {
  readonly how: 'same' | 'earlier' | 'moved' | 'missing';
  readonly url: string;
  readonly age: number;
};

function seeds(
  file: DesiredFile,
  live: readonly LiveEntry[],
  lookAlikes: readonly LookAlike[],
): SeededWebhook[] {
  const secretOf = ({ secret, version }: Entry): { secret?: string } =>
    typeof secret === 'number' ? { secret: secretValue(secret, version) } : {};
  const ours = file.entries.flatMap((entry, n) => {
    const { how, url, age } = live[n] ?? { how: 'missing', url: '', age: 0 };
    if (how === 'missing') return [];
    const name = how === 'earlier' ? (entry.previously[0] ?? entry.name) : entry.name;
    return [{ name, url: how === 'moved' ? url : entry.url, age, ...secretOf(entry) }];
  });
  const number = ours.length + lookAlikes.length;
  const others = lookAlikes.map((other) => {
    const entry = file.entries[other.entry % file.entries.length];
    const { age } = other;
    const foreign = {
      name: other.name,
      url: other.url,
      age,
      ...(other.secret && { secret: 'their-secret' }),
    };
    if (!entry) return foreign;
    switch (other.like) {
      case 'twin':
        return { name: entry.name, url: entry.url, age, ...(other.secret && { secret: 'leaked-secret' }) };
      case 'name':
        return { ...foreign, name: entry.name };
      case 'url':
        return { ...foreign, url: entry.url };
      case 'previous':
        return { ...foreign, name: entry.previously[0] ?? entry.name };
      case 'leftover': {
        const digits = other.replaces === 'gone' ? '0dead000' : seededId(other.replaces % number).slice(0, 8);
        const mark = other.form === 'long' ? `[hookwright: replaces ${digits}]` : `[hw:${digits}]`;
        return { ...foreign, name: `${other.secret ? entry.name : other.name} ${mark}` };
      }
      case 'stranger':
        return foreign;
    }
  });
  return [...ours, ...others].map((webhook, n) => ({ id: seededId(n), ...webhook }));
}
