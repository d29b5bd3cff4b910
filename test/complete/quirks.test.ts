import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { QUIRKS } from '../../src/emulator/quirks.js';
import { readPage, ROOT } from '../docs/pages.js';

/** The code below a folder, without the table itself. */
function codeBelow(folder: string): string {
  const files = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && file !== 'quirks.ts')
    .map((file) => readFileSync(path.join(ROOT, folder, file), 'utf8'))
    .join('\n');
}

const EMULATOR = codeBelow('src/emulator');
const TESTS = codeBelow('test');

/** Every place that has to know a quirk, asked about every quirk. */
test.each(Object.entries(QUIRKS))(
  '%s: the emulator asks for it, a test sets it, docs/cloudflare.md names its values',
  (name, { values }) => {
    expect({
      asked: new RegExp(`quirks(\\['${name}'\\]|\\.${name}\\b)`).test(EMULATOR),
      set: new RegExp(`\\b${name}(['"]?: |=|['"], )`).test(TESTS),
      named: readPage('docs/cloudflare.md').includes(`\`${name}=${values}\``),
    }).toEqual({ asked: true, set: true, named: true });
  },
);
