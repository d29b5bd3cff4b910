// `npm run mutate`, or `npm run mutate -- core/match apply` for some: does a test fail for each small change of what
// decides? One run of Stryker for each file, so that a mutant loads only the tests of its own file.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { TESTS_OF } from './tests-of.mjs';

/** The rooms that decide. */
const ROOMS = ['core', 'apply', 'saved-plan', 'cloudflare'];
const REPORT = 'reports/mutation.json';
const STATES = ['Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored'];
const roomOf = (unit) => unit.split('/')[0];

/** How many mutants of this file ended in each of the states. */
function mutate(unit) {
  const { status } = spawnSync('npx', ['stryker', 'run', '--mutate', `src/${unit}.ts`], {
    stdio: 'inherit',
    env: { ...process.env, LAW_RUNS: '60', MUTATE_TESTS: TESTS_OF.get(unit).join(' ') },
  });
  if (status !== 0) throw new Error(`Stryker ended with ${status} on ${unit}.`);
  const kept = `reports/mutation/${unit}.json`;
  mkdirSync(path.dirname(kept), { recursive: true });
  renameSync(REPORT, kept);
  const { files } = JSON.parse(readFileSync(kept, 'utf8'));
  const mutants = Object.values(files).flatMap((file) => file.mutants);
  return STATES.map((state) => mutants.filter((mutant) => mutant.status === state).length);
}

/** The score counts those that a test noticed among all that are valid. */
function row(all) {
  const counts = STATES.map((_, index) => all.reduce((sum, each) => sum + each[index], 0));
  const [killed, timeout, survived, uncovered] = counts;
  const score = (100 * (killed + timeout)) / (killed + timeout + survived + uncovered);
  return { score: score.toFixed(1), ...Object.fromEntries(STATES.map((state, i) => [state, counts[i]])) };
}

const asked = process.argv.slice(2).map((name) => name.replace(/^src\/|\.ts$|\/$/g, ''));
const wanted = asked.length === 0 ? ROOMS : asked;
const matches = (unit, name) => unit === name || unit.startsWith(`${name}/`);
const unknown = wanted.filter((name) => ![...TESTS_OF.keys()].some((unit) => matches(unit, name)));
if (unknown.length > 0) throw new Error(`No quick test in the same room imports ${unknown.join(', ')}.`);
const chosen = [...TESTS_OF.keys()].filter((unit) => wanted.some((name) => matches(unit, name)));

const counted = chosen.map((unit) => ({ unit, counts: mutate(unit) }));
const rowOf = (name, test) => [
  name,
  row(counted.filter(({ unit }) => test(unit)).map(({ counts }) => counts)),
];
const rooms = [...new Set(chosen.map(roomOf))];
console.table(
  Object.fromEntries([
    ...chosen.map((name) => rowOf(name, (unit) => unit === name)),
    ...rooms.map((name) => rowOf(`all of ${name}`, (unit) => roomOf(unit) === name)),
    rowOf('all', () => true),
  ]),
);
