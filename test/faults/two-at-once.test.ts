import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DesiredWebhook } from '../../src/core/desired.js';
import type { Emulator } from '../../src/emulator/emulator.js';
import type { Quirks } from '../../src/emulator/quirks.js';
import type { PolicySeed, WebhookSeed } from '../../src/emulator/data-file.js';
import { account, desired, envSecret } from '../support/core/builders.js';
import { missing } from '../support/faults/laws.js';
import { planOnly, run, type How, type Wanted } from '../support/faults/run.js';
import { onScene } from '../support/faults/scene.js';

const RUNS = Number(process.env['HOOKWRIGHT_SCHEDULES'] ?? 20);

type Duel = {
  readonly what: string;
  readonly webhooks: readonly WebhookSeed[];
  readonly policies: readonly PolicySeed[];
  readonly one: Wanted;
  readonly other: Wanted;
};

/** The strictest case: no apply would clean up a surplus webhook. */
const file = (...webhooks: readonly DesiredWebhook[]): Wanted => ({
  desired: account(webhooks, { unlisted: 'keep' }),
  values: { S: 'new' },
});

const url = (name: string, version: number): string => `https://${name.toLowerCase()}.example/v${version}`;
const at = (version: number, ...names: string[]): DesiredWebhook[] =>
  names.map((name) => desired(name, url(name, version)));

const rotated = (version: number): Wanted['desired'] =>
  account([desired('Key', url('Key', 1), { secret: envSecret(version, 'S') })], { unlisted: 'keep' });
const ROTATION: Wanted = { desired: rotated(2), previous: rotated(1), values: { S: 'new' } };

const LIVE = {
  webhooks: ['A', 'B'].map((name) => ({ name, url: url(name, 1) })),
  policies: [
    { name: 'Shared', uses: ['A', 'B'], email: ['ops@example.com'] },
    { name: 'Own', uses: ['A'] },
  ],
};

const DUELS: readonly Duel[] = [
  {
    what: 'both create the same webhook',
    webhooks: [],
    policies: [],
    one: file(...at(1, 'A', 'B', 'C')),
    other: file(...at(1, 'A', 'B', 'C')),
  },
  {
    what: 'both replace the same webhooks, which share a policy',
    ...LIVE,
    one: file(...at(2, 'A', 'B')),
    other: file(...at(2, 'A', 'B')),
  },
  {
    what: 'one creates, the other replaces',
    ...LIVE,
    one: file(...at(1, 'A', 'B'), ...at(1, 'C', 'D')),
    other: file(...at(2, 'A', 'B')),
  },
  {
    what: 'both rotate the same secret',
    webhooks: [{ name: 'Key', url: url('Key', 1), secret: 'old' }],
    policies: [{ name: 'Keys', uses: ['Key'] }],
    one: ROTATION,
    other: ROTATION,
  },
  {
    what: 'both create, rename and replace',
    webhooks: [...LIVE.webhooks, { name: 'Before', url: url('R', 1) }],
    policies: [...LIVE.policies, { name: 'Third', uses: ['Before'] }],
    one: file(...at(2, 'A', 'B'), ...at(1, 'C'), desired('R', url('R', 1), { previously: ['Before'] })),
    other: file(...at(2, 'A', 'B'), ...at(1, 'C'), desired('R', url('R', 1), { previously: ['Before'] })),
  },
];

type Interleaving = {
  /** How long requests take, in real milliseconds, repeated. */
  readonly latencies: readonly number[];
  /** The second apply starts after the first has sent this many requests. */
  readonly offset: number;
  readonly parallelism: number;
  readonly quirks: Partial<Quirks>;
};

const interleavings: fc.Arbitrary<Interleaving> = fc.record({
  latencies: fc.array(fc.nat({ max: 6 }), { minLength: 3, maxLength: 23 }),
  offset: fc.nat({ max: 14 }),
  parallelism: fc.constantFrom(1, 3),
  quirks: fc.record({
    order: fc.constantFrom('stable' as const, 'shuffled' as const),
    'created-digits': fc.constantFrom('varied' as const, '6' as const),
  }),
});

/** Runs both applies, then another one alone. Returns what went wrong. */
async function fight(
  duel: Duel,
  { latencies, offset, parallelism, quirks }: Interleaving,
): Promise<string[]> {
  const latency = ({ n }: { readonly n: number }): number => latencies[n % latencies.length] ?? 0;
  const destination = ({ name }: { readonly name: string }): string =>
    name.replace(/ \[hookwright: replaces [0-9a-f]{8}\]$/, '').replace('Before', 'R');
  const scene = { ...duel, quirks, latency, invariants: { destination } };
  return onScene(scene, async ({ emulator, clock, how, invariants }) => {
    const both = { ...how, parallelism };
    const first = run(emulator, duel.one, both);
    await requestsSeen(emulator, offset, first);
    const ended = await Promise.all([first, run(emulator, duel.other, both)]);
    const wrong = ended.flatMap(({ actions, result }) =>
      result.outcomes.length === actions.length ? [] : ['an action without an outcome'],
    );
    clock.pass(60_000);
    wrong.push(...(await converge(emulator, duel.other, how)));
    return [...wrong, ...invariants.finish()];
  });
}

async function requestsSeen(emulator: Emulator, count: number, work: Promise<unknown>): Promise<void> {
  const ended = work.then(
    () => true,
    () => true,
  );
  const tick = async (): Promise<false> => {
    await new Promise(setImmediate);
    return false;
  };
  while (emulator.requests.length < count && !(await Promise.race([ended, tick()])));
}

async function converge(emulator: Emulator, wanted: Wanted, how: How): Promise<string[]> {
  const deployed = { ...wanted, ...(wanted.previous && { previous: wanted.desired }) };
  const { exit } = await run(emulator, deployed, how);
  const { accounts } = await planOnly(emulator, deployed, how);
  return [
    ...(exit === 0 ? [] : [`the clean apply ends with ${exit}`]),
    ...(accounts.some(({ actions }) => actions.length > 0) ? ['something is left to plan'] : []),
    ...missing(emulator, deployed),
  ];
}

test.each(DUELS)(
  '$what',
  async (duel) => {
    const property = fc.asyncProperty(interleavings, async (interleaving) => {
      expect(await fight(duel, interleaving)).toEqual([]);
    });
    await fc.assert(property, { numRuns: RUNS });
  },
  30_000 + RUNS * 2_000,
);
