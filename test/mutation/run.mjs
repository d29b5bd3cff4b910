// `npm run mutate`, or `npm run mutate -- core apply/twins` for some: does a test fail for each small change of what
// decides? One run of Stryker for each file, so that a mutant loads only the tests of its own file.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { UNITS } from './units.mjs';

const REPORT = 'reports/mutation.json';
const STATES = ['Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored'];
const groupOf = (unit) => path.dirname(unit);

// A test that is not there would notice nothing, and nobody that.
const lost = Object.entries(UNITS).flatMap(([unit, tests]) =>
  [`src/${unit}.ts`, ...tests.map((test) => `test/${test}.test.ts`)].filter((file) => !existsSync(file)),
);
if (lost.length > 0)
  throw new Error(`test/mutation/units.mjs names files that are not there: ${lost.join(', ')}`);

/** How many mutants of this file ended in each of the states. */
function mutate(unit) {
  const { status } = spawnSync('npx', ['stryker', 'run', '--mutate', `src/${unit}.ts`], {
    stdio: 'inherit',
    env: { ...process.env, MUTATE_TESTS: UNITS[unit].join(' ') },
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

const asked = process.argv.slice(2);
const unknown = asked.filter(
  (name) => !(name in UNITS) && !Object.keys(UNITS).some((unit) => groupOf(unit) === name),
);
if (unknown.length > 0)
  throw new Error(`No such unit or group: ${unknown.join(', ')}. See test/mutation/units.mjs.`);
const chosen = Object.keys(UNITS).filter(
  (unit) => asked.length === 0 || asked.includes(unit) || asked.includes(groupOf(unit)),
);

const counted = chosen.map((unit) => ({ unit, counts: mutate(unit) }));
const rowOf = (name, test) => [
  name,
  row(counted.filter(({ unit }) => test(unit)).map(({ counts }) => counts)),
];
const groups = [...new Set(chosen.map(groupOf))];
console.table(
  Object.fromEntries([
    ...chosen.map((name) => rowOf(name, (unit) => unit === name)),
    ...groups.map((name) => rowOf(`all of ${name}`, (unit) => groupOf(unit) === name)),
    rowOf('all', () => true),
  ]),
);
