// Which tests have to notice a mutant of a source file: those of its room that import it, directly or through one more
// file of src. Every mutant loads all of them, so slow ones, and those that start a server, are left out.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SLOW } from '../../jest.config.mjs';

const MAX_STEPS = 1;

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true })
    .map((file) => path.posix.join(folder, file.replaceAll('\\', '/')))
    .filter((file) => file.endsWith('.ts'));

/** By file: what it imports, packages by name, but for types. */
const IMPORTS = new Map(
  [...filesBelow('src'), ...filesBelow('test')].map((file) => {
    const statements = readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (?!type\b)[^;]*?from '([^']+)';/gm,
    );
    const targets = [...statements].map(([, name]) =>
      name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name).replace(/\.js$/, '.ts') : name,
    );
    return [file, targets];
  }),
);

/** Every file that a test reaches, with the fewest steps from one file of src to another on the way. */
function stepsFrom(test) {
  const steps = new Map([[test, 0]]);
  for (const [file, count] of steps) {
    const next = file.startsWith('src/') ? count + 1 : count;
    for (const target of IMPORTS.get(file) ?? []) {
      if ((steps.get(target) ?? Infinity) <= next) continue;
      // Taken out first, so that it is visited again.
      steps.delete(target);
      steps.set(target, next);
    }
  }
  return steps;
}

const TESTS = [...IMPORTS.keys()]
  .filter((file) => file.endsWith('.test.ts') && !SLOW.some((start) => file.startsWith(start)))
  .map((test) => ({ test, room: test.split('/')[1], steps: stepsFrom(test) }))
  .filter(({ steps }) => steps.get('node:http') !== 0 && !steps.has('src/emulator/emulator.ts'));

/** The source files with tests of their own, as `core/match`, and those tests. */
export const TESTS_OF = new Map(
  filesBelow('src').flatMap((file) => {
    const room = file.split('/')[1];
    const tests = TESTS.filter((each) => each.room === room && each.steps.get(file) <= MAX_STEPS);
    return tests.length === 0
      ? []
      : [[file.slice('src/'.length, -'.ts'.length), tests.map(({ test }) => test)]];
  }),
);
