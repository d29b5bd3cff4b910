// tsc writes a declaration for every file of the library. A program needs only those that index.d.ts leads
// to; the others refer to packages that are bundled and therefore not installed.
import { readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const types = join(import.meta.dirname, '../../dist/types');

const needed = [join(types, 'src/index.d.ts')];
for (const file of needed) {
  for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles) {
    const target = join(dirname(file), fileName.replace(/\.js$/, '.d.ts'));
    if (fileName.startsWith('.') && !needed.includes(target)) needed.push(target);
  }
}

/** Returns whether anything is left. */
function prune(folder) {
  const left = readdirSync(folder, { withFileTypes: true }).filter((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return prune(path);
    if (needed.includes(path)) return true;
    rmSync(path);
    return false;
  });
  if (left.length === 0) rmdirSync(folder);
  return left.length > 0;
}
prune(types);
