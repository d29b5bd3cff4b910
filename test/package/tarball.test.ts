import { readdirSync, readFileSync, statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import type { Got } from 'got';
import { publint } from 'publint';
import ts from 'typescript';
import { blocksOf, ROOT } from '../docs/pages.js';
import { emptyFolder } from '../support/cli.js';
import { install, pack } from '../support/tarball.js';

const KILOBYTE = 1000;
const UNUSED_BY_GOT = ['http2-wrapper', 'cacheable-lookup', 'cacheable-request', 'form-data-encoder'];

let folder = '';
let tarball = '';
let files: readonly string[] = [];

const inPackage = (file: string): string => path.join(folder, 'app/node_modules/hookwright', file);
const textOf = (file: string): string => readFileSync(inPackage(file), 'utf8');

beforeAll(async () => {
  folder = await emptyFolder();
  tarball = await pack(folder);
  await install(tarball, path.join(folder, 'app'));
  files = readdirSync(inPackage('.'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(inPackage('.'), path.join(entry.parentPath, entry.name)))
    .sort();
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('installs as one package, without a script', () => {
  const modules = readdirSync(path.join(folder, 'app/node_modules'));
  expect(modules.filter((name) => !name.startsWith('.'))).toEqual(['hookwright']);
  const manifest = JSON.parse(textOf('package.json')) as Readonly<Record<string, unknown>>;
  expect(
    ['scripts', 'devDependencies', 'dependencies', 'overrides'].filter((key) => key in manifest),
  ).toEqual([]);
  expect(Object.keys(manifest)).toEqual(expect.arrayContaining(['homepage', 'bugs', 'author', 'license']));
});

test('contains what it should, and nothing else', () => {
  const declaration = /^dist\/types\/src\/[\w/-]+\.d\.ts$/;
  expect(files.filter((file) => !declaration.test(file))).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist/THIRD-PARTY-LICENSES.txt',
    'dist/command.cjs',
    'dist/hookwright.cjs',
    'dist/index.js',
    'package.json',
    'schemas/events.schema.json',
    'schemas/hookwright.schema.json',
    'schemas/plan.schema.json',
  ]);
  expect(files).toContain('dist/types/src/index.d.ts');
});

test('is small', () => {
  const unpacked = files.reduce((sum, file) => sum + statSync(inPackage(file)).size, 0);
  expect(statSync(tarball).size).toBeLessThan(512 * KILOBYTE);
  expect(unpacked).toBeLessThan(2000 * KILOBYTE);
});

test('has no source maps and no trace of the machine that it was built on', () => {
  const places = [ROOT, homedir(), path.join(folder, 'hookwright-pack'), 'hookwright-pack'];
  const local =
    /\b(?:home|Users)\/[a-z]\w*\/[a-z]|file:\/\/\/\w|\.\.\/[^"'\s]*node_modules\/|sourceMappingURL/;
  const found = files.filter((file) => {
    const text = textOf(file);
    return local.test(text) || places.some((place) => place.length > 1 && text.includes(`${place}/`));
  });
  expect(found).toEqual([]);
});

test("imports nothing but Node's own modules", async () => {
  const { metafile } = await build({
    absWorkingDir: inPackage('.'),
    entryPoints: ['dist/hookwright.cjs', 'dist/index.js'],
    outdir: 'unused',
    bundle: true,
    platform: 'node',
    packages: 'external',
    metafile: true,
    write: false,
  });
  const inputs = Object.values(metafile.inputs);
  const imported = [
    ...inputs.flatMap(({ imports }) => imports.filter(({ external }) => external).map((each) => each.path)),
    ...files
      .filter((file) => file.endsWith('.d.ts'))
      .flatMap((file) => ts.preProcessFile(textOf(file)).importedFiles)
      .map(({ fileName }) => fileName)
      .filter((name) => !name.startsWith('.')),
  ];
  expect(inputs).toHaveLength(3);
  // For proxies that require it, if the user has installed it.
  expect([...new Set(imported)].filter((name) => !isBuiltin(name))).toEqual(['kerberos']);
});

test('contains every declaration that another one imports', () => {
  const missing = files
    .filter((file) => file.endsWith('.d.ts'))
    .flatMap((file) =>
      ts
        .preProcessFile(textOf(file))
        .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => path.join(path.dirname(file), fileName.replace(/\.js$/, '.d.ts'))),
    )
    .filter((file) => !files.includes(file));
  expect(missing).toEqual([]);
});

test('has its own license and those of all bundled packages', async () => {
  expect(textOf('LICENSE')).toBe(readFileSync(path.join(ROOT, 'LICENSE'), 'utf8'));
  // Found independently of the build, which replaces some packages that got imports.
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/bin.ts', 'src/index.ts'],
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['ajv', 'debug', ...UNUSED_BY_GOT],
    loader: { '.md': 'text' },
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  const byGot = Object.entries(metafile.inputs).filter(([file]) => file.startsWith('node_modules/got/'));
  const paths = new Set(byGot.flatMap(([, { imports }]) => imports.map(({ path }) => path)));
  expect(UNUSED_BY_GOT.filter((name) => !paths.has(name))).toEqual([]);
  const folders = Object.keys(metafile.inputs).flatMap(
    (file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
  const licenses = textOf('dist/THIRD-PARTY-LICENSES.txt');
  const untold = [...new Set([...folders, 'node_modules/ajv'])].filter((each) => {
    const text = readFileSync(path.join(ROOT, each, 'package.json'), 'utf8');
    const { name, version, license } = JSON.parse(text) as Record<'name' | 'version' | 'license', string>;
    return !licenses.includes(`\n${name} ${version} (${license})\n\n`);
  });
  expect(folders.length).toBeGreaterThan(10);
  expect(untold).toEqual([]);
  expect(licenses.match(/permission notice|ISC License|Permission to use/gi)?.length).toBeGreaterThan(15);
}, 60_000);

test('got fails if it uses a package that is not bundled, and the build if got imports more from one', async () => {
  const bundle = (contents: string) =>
    build({
      stdin: { contents, resolveDir: ROOT },
      outfile: path.join(folder, 'got.mjs'),
      alias: Object.fromEntries(
        UNUSED_BY_GOT.map((name) => [name, path.join(ROOT, '.ci/build/unused-by-got.mjs')]),
      ),
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
    });
  await bundle(`export { got } from 'got'`);
  const { got } = (await import(path.join(folder, 'got.mjs'))) as { got: Got };
  const noPort = 'https://127.0.0.1:1';
  for (const options of [{ http2: true }, { dnsCache: true }, { cache: new Map() }]) {
    await expect(got(noPort, { ...options, retry: { limit: 0 } })).rejects.toThrow('does not bundle');
  }
  await expect(bundle(`import { H2Agent } from 'http2-wrapper'; H2Agent()`)).rejects.toThrow(
    'No matching export',
  );
});

test('publint finds nothing', async () => {
  const data = readFileSync(tarball);
  const copy = new Uint8Array(data).buffer;
  const { messages } = await publint({ pack: { tarball: copy }, strict: true });
  expect(messages).toEqual([]);
});

test('attw finds nothing for ES modules, the format of the library', async () => {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
  if (!result.types) throw new Error('no types');
  const problems = result.problems.filter(
    (problem) => !('resolutionKind' in problem) || !/^node10$|-cjs$/.test(problem.resolutionKind),
  );
  expect(problems).toEqual([]);
}, 60_000);

test.each([
  ['Node', ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext],
  ['a bundler', ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler],
])(
  'the example of docs/library.md has correct types with these declarations, resolved as %s does',
  async (_name, module, moduleResolution) => {
    const file = path.join(folder, 'app', 'example.mts');
    await writeFile(file, blocksOf('docs/library.md', 'ts')[0]?.text ?? '');
    const program = ts.createProgram([file], {
      target: ts.ScriptTarget.ES2023,
      module,
      moduleResolution,
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      // So that the declarations are checked too.
      skipLibCheck: false,
      typeRoots: [path.join(ROOT, 'node_modules/@types')],
      types: ['node'],
    });
    expect(program.getSourceFile(inPackage('dist/types/src/index.d.ts'))).toBeDefined();
    const found = ts.getPreEmitDiagnostics(program);
    expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  },
  120_000,
);
