import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { blocksOf, ROOT } from './pages.js';

const SRC = path.join(ROOT, 'src');
/** `src/core/plan.ts` is of `core`, `src/index.ts` of `index`. */
const layerOf = (file: string): string => file.split(path.sep)[0]?.replace(/\.ts$/, '') ?? '';

/** `cli --> core` for each pair of layers of which one imports the other. */
function imports(): readonly string[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const arrows = files.flatMap((file) =>
    ts
      .preProcessFile(readFileSync(path.join(SRC, file), 'utf8'))
      .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
      .map(({ fileName }) => path.join(path.dirname(file), fileName))
      .filter((target) => !target.startsWith('..'))
      .map((target) => `${layerOf(file)} --> ${layerOf(target.replace(/\.js$/, '.ts'))}`),
  );
  return [...new Set(arrows)].filter((arrow) => new Set(arrow.split(' --> ')).size === 2).sort();
}

test('the picture of the layers shows the imports of src, all and no others', () => {
  const [picture] = blocksOf('docs/architecture.md', 'mermaid');
  const drawn = [...(picture?.text ?? '').matchAll(/^ *(\S+) --> (.*)$/gm)].flatMap(
    ([, from = '', targets = '']) => targets.split(' & ').map((to) => `${from} --> ${to}`),
  );
  expect(drawn.sort()).toEqual(imports());
});
