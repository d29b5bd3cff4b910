import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import ts from 'typescript';
import { blocksOf, ROOT } from '../docs/pages.js';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hookwright-library-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const [example] = blocksOf('docs/library.md', 'ts');
const LIBRARY = path.join(ROOT, 'src/index.ts');
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

test('the example of docs/library.md has correct types', async () => {
  const file = path.join(folder, 'example.mts');
  await writeFile(file, example?.text ?? '');
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    resolveJsonModule: true,
    noEmit: true,
    typeRoots: [path.join(ROOT, 'node_modules/@types')],
    types: ['node'],
    paths: { hookwright: [LIBRARY] },
  });
  const found = ts.getPreEmitDiagnostics(program);
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
}, 60_000);

test('it does what it says', async () => {
  const file = path.join(folder, 'example.mjs');
  await build({
    stdin: { contents: example?.text ?? '', loader: 'ts', resolveDir: ROOT },
    outfile: file,
    alias: { hookwright: LIBRARY },
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: REQUIRE },
    logLevel: 'error',
  });
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { cwd: folder });
  expect(stderr).toBe('');
  expect(stdout).toContain('Plan: 1 to add, 0 to change, 1 to destroy.');
  expect(stdout).toContain('create Relay: applied\ndelete Old relay: applied\n');
  expect(stdout.trimEnd()).toMatch(/No changes\. Your webhooks match the desired state\.$/);
}, 60_000);
