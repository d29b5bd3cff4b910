import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { broken, type Violation } from './laws.js';
import { play, type Played, type Scene } from './play.js';
import { scripts } from './generate.js';
import type { Script } from './script.js';
import { foreignServer, startEmulator, type StartServer } from './servers.js';
import { tell } from './tell.js';

const { env } = process;
const RUNS = Number(env['HOOKWRIGHT_MODEL_RUNS'] ?? 200);
const SEED = Number(env['HOOKWRIGHT_MODEL_SEED'] ?? 1);
const SERVER = env['HOOKWRIGHT_MODEL_SERVER'];
/** A directory for failures, with one file for each seed. */
const FOLDER = env['HOOKWRIGHT_MODEL_OUT'];
const SHRINK = env['HOOKWRIGHT_MODEL_SHRINK'] !== 'no';

const SHRINK_MS = 20_000;
const ONE = { numRuns: 1, unbiased: true } as const;

type Failed = { readonly script: Script; readonly played: Played; readonly violations: readonly Violation[] };

async function tried(
  script: Script,
  start: StartServer,
  counts = new Map<string, number>(),
): Promise<Failed | undefined> {
  const played = await play(script, start);
  for (const what of played.scenes.flatMap(eventsOf)) counts.set(what, (counts.get(what) ?? 0) + 1);
  const violations = broken(script, played);
  return violations.length > 0 ? { script, played, violations } : undefined;
}

/** Returns the script of a seed. */
function scriptOf(seed: number): Script {
  let script: Script | undefined;
  const property = fc.property(scripts, (generated) => void (script = generated));
  fc.check(property, { seed, ...ONE });
  if (!script) throw new Error('no script');
  return script;
}

/** Returns the broken laws, each with what broke it: an apply, a race, an apply of a saved plan. */
function kindsOf({ played, violations }: Failed): Set<string> {
  return new Set(
    violations.map(({ law, scene }) => {
      const runs = played.scenes[scene]?.runs ?? [];
      const what = runs.length > 1 ? 'a race' : runs.some(({ saved }) => saved) ? 'a saved plan' : 'a run';
      return `${law}, in ${what}`;
    }),
  );
}

/** Returns the smallest script that fails in the same way, as fast-check finds it from a seed. */
async function smallest(seed: number, kind: string, start: StartServer): Promise<Failed | undefined> {
  let last: Failed | undefined;
  const property = fc.asyncProperty(scripts, async (script) => {
    const failed = await tried(script, start);
    if (!failed || !kindsOf(failed).has(kind)) return;
    last = failed;
    throw new Error(kind);
  });
  await fc.check(property, { seed, ...ONE, interruptAfterTimeLimit: SHRINK_MS });
  return last;
}

/** Lists what happened, to show whether the runs cover what they should. */
function eventsOf({ runs }: Scene): string[] {
  return runs.flatMap(({ args, code, died, interrupted, exchanges, document }) => {
    const end = died ? 'died' : interrupted ? 'interrupted' : `exit ${code ?? '?'}`;
    const outcomes =
      document?.outcomes?.map(({ kind, resource, status }) =>
        resource === 'policy' ? `route ${status}` : `${kind} ${status}`,
      ) ?? [];
    const effects = exchanges
      .filter(({ effect }) => effect)
      .map(({ method, resource }) => `${method} ${resource}`);
    const guards =
      document?.accounts.flatMap((account) => account.guards.map(({ code: guard }) => `guard ${guard}`)) ??
      [];
    return [
      `${args[0] ?? ''} ${end}`,
      ...guards,
      ...outcomes,
      ...effects,
      ...(runs.length > 1 ? ['raced'] : []),
    ];
  });
}

type Kind = { readonly seeds: number[]; text: string };

test(
  `${RUNS} runs from seed ${SEED} on`,
  async () => {
    const start = SERVER === undefined ? startEmulator : await foreignServer(SERVER);
    const kinds = new Map<string, Kind>();
    const counts = new Map<string, number>();
    for (let seed = SEED; seed < SEED + RUNS; seed += 1) {
      const failed = await tried(scriptOf(seed), start, counts);
      if (failed) await note(failed, seed, kinds, start);
    }
    const texts = [...kinds].map(
      ([law, { seeds, text }]) =>
        `${law}: ${seeds.length} of ${RUNS} runs, seeds ${seeds.join(' ')}\n${text}`,
    );
    const totals = [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, count]) => `${what}: ${count}`);
    process.stdout.write(`${RUNS} runs from seed ${SEED} on: ${totals.join(', ')}\n`);
    if (FOLDER !== undefined) await writeFile(path.join(FOLDER, 'summary.txt'), texts.join('\n\n'));
    expect(texts).toEqual([]);
  },
  60_000 + RUNS * 5_000,
);

/** Records a failure. Shrinks the first script of each kind. */
async function note(
  failed: Failed,
  seed: number,
  kinds: Map<string, Kind>,
  start: StartServer,
): Promise<void> {
  if (FOLDER !== undefined) await writeFile(path.join(FOLDER, `${seed}.txt`), textOf(failed));
  for (const name of kindsOf(failed)) {
    const kind = kinds.get(name);
    if (kind) {
      kind.seeds.push(seed);
      continue;
    }
    const small = SHRINK ? await smallest(seed, name, start) : undefined;
    kinds.set(name, { seeds: [seed], text: textOf(small ?? failed) });
  }
}

const textOf = ({ script, played, violations }: Failed): string => tell(script, played, violations);
